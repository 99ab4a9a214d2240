//! One file that differs, and what of it may be printed.
//!
//! A declaration can name any path of the repository as one of its generated files, so a pull
//! request could have the content of any file printed as the "before" of a diff. Only what carries
//! a seal of its own path is shown; everything else is told by path, size and kind. This file alone
//! decides that: the content of a [`Drift`] cannot be printed in another way.

use super::disk_state::DiskEntry;
use super::kind::DriftKind;
use crate::artifact::ArtifactPath;
use crate::render::seal;

/// One file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// Where.
    pub path: ArtifactPath,
    /// In which way.
    pub kind: DriftKind,
    /// What it should hold; absent where nothing declares it.
    pub expected: Option<String>,
    /// What is there.
    actual: DiskEntry,
}

/// What of a file on disk may be printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown<'a> {
    /// Nothing is there.
    Absent,
    /// The content of a generated file.
    File {
        /// All of it.
        bytes: &'a [u8],
        /// Whether it is executable.
        executable: bool,
    },
    /// The target of a symbolic link, as written in it.
    Link(&'a str),
    /// A file of so many bytes whose content is not shown.
    Withheld(u64),
    /// Neither a file nor a link, or nothing that can be reached.
    Other,
}

impl Drift {
    /// A difference between what is expected at a path and what is there.
    #[must_use]
    pub(crate) fn new(
        path: ArtifactPath,
        kind: DriftKind,
        expected: Option<String>,
        actual: DiskEntry,
    ) -> Self {
        Self {
            path,
            kind,
            expected,
            actual,
        }
    }

    /// What is there, for comparing and writing. What is printed goes through [`Drift::shown`].
    #[must_use]
    pub(crate) fn on_disk(&self) -> &DiskEntry {
        &self.actual
    }

    /// Whether nothing but the header is missing there.
    #[must_use]
    pub(crate) fn lacks_header(&self) -> bool {
        match (&self.actual, &self.expected) {
            (DiskEntry::File { bytes, .. }, Some(expected)) => {
                bytes.as_slice() == seal::body(expected).as_bytes()
            }
            _ => false,
        }
    }

    /// What of it may be printed.
    #[must_use]
    pub(crate) fn shown(&self) -> Shown<'_> {
        match &self.actual {
            DiskEntry::Absent => Shown::Absent,
            DiskEntry::File { bytes, executable } if self.is_generated(bytes) => Shown::File {
                bytes,
                executable: *executable,
            },
            DiskEntry::File { bytes, .. } => Shown::Withheld(bytes.len() as u64),
            DiskEntry::TooLarge { len } => Shown::Withheld(*len),
            DiskEntry::Symlink { target } => Shown::Link(target),
            DiskEntry::Folder
            | DiskEntry::Other
            | DiskEntry::BehindSymlink { .. }
            | DiskEntry::BehindFile { .. } => Shown::Other,
        }
    }

    /// The content, where it may be printed.
    #[must_use]
    pub(crate) fn shown_bytes(&self) -> Option<&[u8]> {
        if let Shown::File { bytes, .. } = self.shown() {
            Some(bytes)
        } else {
            None
        }
    }

    /// The size of a file whose content is not shown.
    #[must_use]
    pub(crate) fn withheld(&self) -> Option<u64> {
        if let Shown::Withheld(len) = self.shown() {
            Some(len)
        } else {
            None
        }
    }

    /// What stands at the path, or on the way to it, by its own path.
    #[must_use]
    pub(crate) fn obstacle(&self) -> &str {
        match &self.actual {
            DiskEntry::BehindSymlink { folder, .. } => folder,
            DiskEntry::BehindFile { file } => file,
            _ => self.path.as_str(),
        }
    }

    /// Whether content is that of a generated file: as it should be but for line ends or mode,
    /// empty, or sealed for this path. A file of another fleet is unmanaged here, whatever it
    /// carries.
    fn is_generated(&self, bytes: &[u8]) -> bool {
        match self.kind {
            DriftKind::LineEnds | DriftKind::Executable => true,
            // What a power cut left: it tells its length and nothing else.
            DriftKind::Missing => {
                bytes.iter().all(|byte| *byte == 0)
                    || seal::is_sealed_for(bytes, self.path.as_str())
            }
            DriftKind::Unmanaged => false,
            _ => seal::is_sealed_for(bytes, self.path.as_str()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: &str = "g/a/Dockerfile";

    fn drift(kind: DriftKind, actual: DiskEntry) -> Drift {
        Drift::new(
            ArtifactPath::parse(HERE).unwrap(),
            kind,
            Some("x\n".to_owned()),
            actual,
        )
    }

    fn file(content: &str) -> DiskEntry {
        DiskEntry::File {
            bytes: content.as_bytes().to_vec(),
            executable: false,
        }
    }

    fn sealed(path: &str) -> String {
        seal::seal(
            "services.yaml",
            &ArtifactPath::parse(path).unwrap(),
            "x.j2",
            "FROM a\n",
        )
    }

    #[test]
    fn only_what_is_sealed_for_its_own_path_is_shown() {
        let here = sealed(HERE);
        for kind in DriftKind::all() {
            let is_equal = matches!(kind, DriftKind::LineEnds | DriftKind::Executable);
            let is_foreign = kind == DriftKind::Unmanaged;
            for (content, shows) in [
                (here.clone(), !is_foreign),
                (here.clone() + "RUN x\n", !is_foreign),
                (sealed("g/b"), is_equal),
            ] {
                let drift = drift(kind.clone(), file(&content));
                assert_eq!(
                    drift.shown_bytes(),
                    shows.then_some(content.as_bytes()),
                    "{kind:?}: {content}"
                );
                assert_eq!(
                    drift.withheld(),
                    (!shows).then_some(content.len() as u64),
                    "{kind:?}: {content}"
                );
            }
        }
    }

    #[test]
    fn what_is_no_file_has_no_content() {
        let link = DiskEntry::Symlink {
            target: "away".to_owned(),
        };
        assert_eq!(drift(DriftKind::Symlink, link).shown(), Shown::Link("away"));
        assert_eq!(
            drift(DriftKind::Missing, DiskEntry::Absent).shown(),
            Shown::Absent
        );
        assert_eq!(
            drift(DriftKind::NotAFile, DiskEntry::TooLarge { len: 9 }).shown(),
            Shown::Withheld(9)
        );
        let behind = drift(
            DriftKind::NotAFile,
            DiskEntry::BehindFile {
                file: "g/a".to_owned(),
            },
        );
        assert_eq!((behind.shown(), behind.obstacle()), (Shown::Other, "g/a"));
        let folder = drift(DriftKind::NotAFile, DiskEntry::Folder);
        assert_eq!((folder.shown(), folder.obstacle()), (Shown::Other, HERE));
    }
}
