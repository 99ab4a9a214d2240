//! What makes a difference go away: decided once, for the plan of `generate`, for the commands that
//! reports name, and for all of their formats.

use super::kind::DriftKind;
use super::shown::Drift;

/// What makes a difference go away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fix {
    /// `generate` writes the file.
    Create,
    /// `generate` writes the file over what it generated before.
    Update,
    /// `generate` deletes the file.
    Delete,
    /// `generate --overwrite` writes over what somebody made.
    Overwrite,
    /// `generate --overwrite` deletes what somebody changed, where its image or folder is named; a
    /// person can delete it too.
    DeleteEdited,
    /// A person moves or deletes it: it was never generated from here.
    Remove,
    /// A person moves it out of the way, since it is not a file; what is declared there is written
    /// then.
    MoveAway,
}

impl Fix {
    /// The fix of a kind of difference, in a file that is declared or one that is not.
    #[must_use]
    pub(crate) fn of(kind: &DriftKind, is_declared: bool) -> Self {
        match kind {
            DriftKind::Missing => Self::Create,
            DriftKind::Stale | DriftKind::LineEnds | DriftKind::Executable => Self::Update,
            DriftKind::Orphaned => Self::Delete,
            DriftKind::EditedOrphan => Self::DeleteEdited,
            DriftKind::HandEdited { .. } => Self::Overwrite,
            DriftKind::Unmanaged | DriftKind::Symlink if is_declared => Self::Overwrite,
            DriftKind::Unmanaged | DriftKind::Symlink => Self::Remove,
            DriftKind::NotAFile => Self::MoveAway,
        }
    }

    /// Whether a plain `generate` does it.
    #[must_use]
    pub(crate) fn is_automatic(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Delete)
    }
}

impl Drift {
    /// What makes it go away.
    #[must_use]
    pub(crate) fn fix(&self) -> Fix {
        Fix::of(&self.kind, self.expected.is_some())
    }
}
