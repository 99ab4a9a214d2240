//! In which way files differ, in words.

use super::{Page, page};
use crate::drift::{Drift, DriftKind, Fix};

/// What is shown of a file in place of its content, where that is not shown.
pub(super) fn withheld_note(drift: &Drift) -> Option<String> {
    let counted = |bytes| {
        format!(
            "{} {}, not shown",
            grouped(bytes),
            if bytes == 1 { "byte" } else { "bytes" }
        )
    };
    drift.withheld().map(counted)
}

/// A number with a comma before each group of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let is_group = |at: usize| at > 0 && (digits.len() - at).is_multiple_of(3);
    let parts = digits.chars().enumerate().map(|(at, digit)| {
        if is_group(at) {
            format!(",{digit}")
        } else {
            digit.into()
        }
    });
    parts.collect()
}

/// What `dockwright explain` says about a kind of difference, by its code or by what reports call
/// it.
#[must_use]
pub(crate) fn drift_kind_text(word: &str) -> Option<Page> {
    let kind = DriftKind::all()
        .into_iter()
        .find(|kind| kind.word() == word || label(kind) == word)?;
    let remedy = if Fix::of(&kind, true).is_automatic() {
        "`dockwright generate` fixes it."
    } else if !matches!(kind, DriftKind::HandEdited { .. }) {
        "`dockwright generate` does not touch it. `dockwright check` prints the command that fixes \
         it."
    } else {
        "`dockwright generate` does not touch it, so that no work is lost. To keep an edit, run \
         `dockwright absorb FILE`; to discard it, `dockwright generate --overwrite FILE`."
    };
    let code = if label(&kind) == kind.word() {
        Page::default()
    } else {
        page!(" ({} in JSON)", kind.word())
    };
    Some(page!(
        "{}{}: {}\n\n{}\n{}\n",
        label(&kind),
        code,
        reason(&kind),
        Page::paragraph(sentence(&kind)),
        Page::paragraph(remedy)
    ))
}

/// What happened to a file of a kind, for `dockwright explain`.
fn sentence(kind: &DriftKind) -> &'static str {
    match kind {
        DriftKind::Missing => "services.yaml declares the file, but nobody generated it.",
        DriftKind::Stale => {
            "The file has the content that dockwright once generated. It would generate another \
             content today."
        }
        DriftKind::HandEdited { .. } => {
            "Somebody changed the file after dockwright wrote it: its content does not match the \
             digest in its header."
        }
        DriftKind::LineEnds | DriftKind::Executable => {
            "The lines of the file are as dockwright writes them."
        }
        DriftKind::Orphaned => {
            "dockwright generated the file for an image that was renamed or removed."
        }
        DriftKind::EditedOrphan => {
            "dockwright generated the file for an image that was renamed or removed, and somebody \
             changed it since."
        }
        DriftKind::Unmanaged => {
            "dockwright did not write the file: it has no header of a generated file."
        }
        DriftKind::Symlink | DriftKind::NotAFile => "A generated file has to be an ordinary file.",
    }
}

/// What reports for people call a kind.
pub(super) fn label(kind: &DriftKind) -> &'static str {
    match kind {
        DriftKind::Stale => "out of date",
        DriftKind::HandEdited { .. } => "edited by hand",
        DriftKind::LineEnds => "line ends",
        DriftKind::EditedOrphan => "edited orphan",
        DriftKind::Symlink => "symbolic link",
        DriftKind::NotAFile => "not a file",
        DriftKind::Missing | DriftKind::Executable | DriftKind::Orphaned | DriftKind::Unmanaged => {
            kind.word()
        }
    }
}

/// The same in a sentence.
pub(super) fn reason(kind: &DriftKind) -> &'static str {
    match kind {
        DriftKind::Missing => "declared, but missing or empty",
        DriftKind::Stale => {
            "services.yaml, a template or dockwright changed since it was generated"
        }
        DriftKind::HandEdited { moved_on: false } => "services.yaml and the template are unchanged",
        DriftKind::HandEdited { moved_on: true } => "services.yaml or a template changed as well",
        DriftKind::LineEnds => {
            "lines end in CR LF; `.gitattributes` can keep LF: generated/** text eol=lf"
        }
        DriftKind::Executable => "the content is right, but the file is executable",
        DriftKind::Orphaned => "generated, but services.yaml no longer declares it",
        DriftKind::EditedOrphan => "edited by hand, and services.yaml no longer declares it",
        DriftKind::Unmanaged => "somebody's own file, in the folder of generated files",
        DriftKind::Symlink => "in place of a file; dockwright does not follow it",
        DriftKind::NotAFile => {
            "a folder, a device or something too large where a generated file belongs"
        }
    }
}
