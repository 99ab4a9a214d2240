//! What `absorb` did: the lines of the declaration that changed, and what was written.

use super::style::{BOLD, DIM, GREEN, YELLOW, paint};
use super::text::{part_note, result, step_list};
use super::{Findings, Outcome, Page, add, counted, declaration_changes, page};
use crate::artifact::ArtifactPath;
use crate::edit::absorb::{Absorbed, Judged};

/// How many files are named.
const NAMED: usize = 20;

/// An absorbed edit.
pub(crate) struct AbsorbView<'a> {
    /// The comparison afterwards.
    pub(crate) findings: &'a Findings<'a>,
    /// What was absorbed.
    pub(crate) absorbed: &'a Absorbed,
    /// What that comes to.
    pub(crate) judged: &'a Judged,
    /// What happened to each file.
    pub(crate) outcome: &'a Outcome<'a>,
}

/// What `absorb` prints.
#[must_use]
pub(crate) fn absorb_text(view: &AbsorbView<'_>) -> Page {
    let mut page = Page::default();
    for (path, is_exact) in &view.judged.files {
        let how = if *is_exact {
            "rendered byte for byte as edited"
        } else {
            "the image is the same; the lines are written as the template has them"
        };
        add!(page, "{} {}: {}\n", paint(GREEN, "absorbed"), path, how);
    }
    page.push(&changed(view.absorbed));
    add!(page, "\n");
    page.push(&step_list(view.outcome));
    add!(page, "\n");
    if view.outcome.dry_run {
        add!(page, "dry run: nothing was written\n");
    } else {
        page.push(&result(view.findings));
        page.push(&part_note(view.findings));
    }
    page
}

/// The lines of the declaration that change.
fn changed(absorbed: &Absorbed) -> Page {
    declaration_changes(&absorbed.file, (&absorbed.before, absorbed.text()))
}

/// What is reported where other files would change, too.
#[must_use]
pub(crate) fn followers_text(absorbed: &Absorbed, followers: &[ArtifactPath]) -> Page {
    let mut page = changed(absorbed);
    let count = counted(followers.len(), "other file", "other files");
    add!(
        page,
        "\n{}\n",
        paint(YELLOW, &page!("{} would change, too:", count))
    );
    for path in followers.iter().take(NAMED) {
        add!(page, "  {}\n", path);
    }
    if followers.len() > NAMED {
        add!(page, "  … {} more\n", followers.len() - NAMED);
    }
    add!(
        page,
        "\nnothing was written; {} allows it\n{}\n",
        paint(BOLD, "--everywhere"),
        paint(DIM, "to change one image alone, declare the value there")
    );
    page
}
