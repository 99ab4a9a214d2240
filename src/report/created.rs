//! What `new` and `init` wrote, and what to type next.

use super::bump::declaration_changes;
use super::style::{BOLD, GREEN, paint};
use super::text::{leftovers, result, step_list};
use super::{Findings, Outcome, Page, add, page, shell_word};
use crate::edit::Scaffold;

/// What `new` prints.
#[must_use]
pub(crate) fn new_text(
    after: &Findings<'_>,
    texts: (&str, &str),
    scaffold: &Scaffold,
    outcome: &Outcome<'_>,
) -> Page {
    if after.fleet.is_none() {
        return Page::default();
    }
    let mut page = declaration_changes(&scaffold.file, texts);
    add!(page, "\n");
    let word = if outcome.dry_run {
        "would create"
    } else {
        "created"
    };
    for (path, _) in &scaffold.files {
        add!(
            page,
            "{} {}\n",
            paint(GREEN, &page!("{}", word).padded(12)),
            path
        );
    }
    page.push(&step_list(outcome));
    if outcome.dry_run {
        add!(page, "\ndry run: nothing was written\n");
        return page;
    }
    page.push(&leftovers(after, outcome));
    page.push(&result(after));
    if let Some((app, port)) = &scaffold.runs {
        let run = Page::command_line(&format!(
            "python -m uvicorn {} --port {port}",
            shell_word(app)
        ));
        add!(
            page,
            "\nto run it here, with its requirements installed:\n  {}\n",
            paint(BOLD, &run)
        );
    }
    page
}

/// What `init` and `eject` print: the files they wrote, then sentences.
#[must_use]
pub(crate) fn written_text(paths: &[&str], next: &Page) -> Page {
    listed("created     ", paths, next)
}

/// Files that were there and have another text now, and what comes next.
pub(crate) fn changed_text(paths: &[&str], next: &Page) -> Page {
    listed("changed     ", paths, next)
}

fn listed(verb: &'static str, paths: &[&str], next: &Page) -> Page {
    let lines = paths
        .iter()
        .map(|path| page!("{} {}\n", paint(GREEN, verb), path));
    page!("{}{}", Page::joined(lines, ""), next)
}
