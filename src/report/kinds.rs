//! In which way files differ, in words.

use super::{Page, page};
use crate::drift::{Drift, DriftKind, Fix};

/// What is told of a file in place of its content, where that is not shown.
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
    } else {
        "`dockwright generate` leaves it alone, so that nobody's work is lost. `dockwright check` \
         prints the command that fixes it."
    };
    let code = if label(&kind) == kind.word() {
        Page::default()
    } else {
        page!(" ({} in JSON)", kind.word())
    };
    Some(page!(
        "{}{}: {}\n\nA generated file that does not match services.yaml. {}\n",
        label(&kind),
        code,
        reason(&kind),
        remedy
    ))
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
        DriftKind::Missing => "declared, but absent or empty",
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
        DriftKind::Unmanaged => "not generated from here, but where generated files belong",
        DriftKind::Symlink => "in place of a file; it is never followed",
        DriftKind::NotAFile => {
            "a folder, a device or something too large where a generated file belongs"
        }
    }
}
