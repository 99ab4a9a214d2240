//! In which way a file differs.

/// In which way a file differs from what its declaration stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum DriftKind {
    /// Declared, but not there, or empty or filled with NUL bytes, as a power cut leaves a file
    /// that was being written.
    Missing,
    /// Untouched since it was generated, but the declaration or a template has moved on.
    Stale,
    /// Someone changed the generated file.
    HandEdited {
        /// Whether the declaration or a template has moved on as well.
        moved_on: bool,
    },
    /// The content is right, but lines end in CR LF.
    LineEnds,
    /// The content is right, but the file is executable.
    Executable,
    /// Generated from this declaration, untouched, and nothing declares it any more.
    Orphaned,
    /// Generated once, changed by hand, and nothing declares it any more.
    EditedOrphan,
    /// A person's file in a place of ours.
    Unmanaged,
    /// A symbolic link in place of a file.
    Symlink,
    /// A folder, a device or a file too large to be ours in place of a file.
    NotAFile,
}

impl DriftKind {
    /// Every kind once.
    #[must_use]
    pub(crate) fn all() -> [Self; 10] {
        [
            Self::Missing,
            Self::Stale,
            Self::HandEdited { moved_on: false },
            Self::LineEnds,
            Self::Executable,
            Self::Orphaned,
            Self::EditedOrphan,
            Self::Unmanaged,
            Self::Symlink,
            Self::NotAFile,
        ]
    }

    /// The kebab-case word for machines and people.
    #[must_use]
    pub(crate) fn word(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::HandEdited { .. } => "hand-edited",
            Self::LineEnds => "line-ends",
            Self::Executable => "executable",
            Self::Orphaned => "orphaned",
            Self::EditedOrphan => "edited-orphan",
            Self::Unmanaged => "unmanaged",
            Self::Symlink => "symlink",
            Self::NotAFile => "not-a-file",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_its_word() {
        assert_eq!(
            DriftKind::all().map(|kind| kind.word()),
            [
                "missing",
                "stale",
                "hand-edited",
                "line-ends",
                "executable",
                "orphaned",
                "edited-orphan",
                "unmanaged",
                "symlink",
                "not-a-file"
            ]
        );
    }
}
