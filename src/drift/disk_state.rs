//! What is on disk, as plain values: the third input of the comparison, beside what was rendered
//! and what was sealed.
//!
//! The workspace fills these types; everything downstream is a pure function of them. A read
//! *error* has no variant on purpose: not knowing what a file holds is neither drift nor a missing
//! file, so it never reaches the comparison.

use std::collections::BTreeMap;
use std::collections::btree_map;

use crate::artifact::ArtifactPath;

/// What stands at one path. No symlink was followed to find out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DiskEntry {
    /// Nothing; perhaps not even the parent folder.
    Absent,
    /// A regular file, read whole.
    File {
        /// The whole content.
        bytes: Vec<u8>,
        /// Whether any of the three executable bits is set. File systems without modes (FAT, shared
        /// folders of a virtual machine) report it for every file, so it must not count as drift by
        /// itself.
        executable: bool,
    },
    /// A regular file over the size cap, left unread.
    TooLarge {
        /// Its length in bytes when it was looked at.
        len: u64,
    },
    /// A symbolic link at the path itself.
    Symlink {
        /// Where it points, as written in the link; bytes that are not UTF-8 are replaced by
        /// U+FFFD.
        target: String,
    },
    /// A folder.
    Folder,
    /// A device, pipe or socket.
    Other,
    /// A folder on the way to the path is a symbolic link, so nothing behind it was looked at.
    BehindSymlink {
        /// The link, relative to the root.
        folder: String,
        /// Where it points, as written in the link; bytes that are not UTF-8 are replaced by
        /// U+FFFD.
        target: String,
    },
    /// Something on the way to the path is neither a folder nor a link.
    BehindFile {
        /// It, relative to the root.
        file: String,
    },
}

impl DiskEntry {
    /// The content of a file that was read.
    #[must_use]
    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        if let Self::File { bytes, .. } = self {
            Some(bytes)
        } else {
            None
        }
    }
}

/// The entries of every path that a comparison needs: the declared ones, and the strays that a scan
/// found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct DiskState {
    entries: BTreeMap<ArtifactPath, DiskEntry>,
}

impl DiskState {
    /// The entry at `path`; a path that was never looked at is [`DiskEntry::Absent`].
    #[must_use]
    pub(crate) fn get(&self, path: &ArtifactPath) -> &DiskEntry {
        self.entries.get(path).unwrap_or(&DiskEntry::Absent)
    }

    /// Every entry, in path order.
    pub(crate) fn iter(&self) -> btree_map::Iter<'_, ArtifactPath, DiskEntry> {
        self.entries.iter()
    }
}

impl FromIterator<(ArtifactPath, DiskEntry)> for DiskState {
    /// Collects entries; of two for one path the later wins.
    fn from_iter<I: IntoIterator<Item = (ArtifactPath, DiskEntry)>>(entries: I) -> Self {
        Self {
            entries: entries.into_iter().collect(),
        }
    }
}

impl Extend<(ArtifactPath, DiskEntry)> for DiskState {
    fn extend<I: IntoIterator<Item = (ArtifactPath, DiskEntry)>>(&mut self, entries: I) {
        self.entries.extend(entries);
    }
}

impl<'a> IntoIterator for &'a DiskState {
    type Item = (&'a ArtifactPath, &'a DiskEntry);
    type IntoIter = btree_map::Iter<'a, ArtifactPath, DiskEntry>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::{DiskEntry, DiskState};
    use crate::artifact::ArtifactPath;

    #[test]
    fn a_path_never_looked_at_is_absent() {
        let known = ArtifactPath::parse("a/Dockerfile").unwrap();
        let unknown = ArtifactPath::parse("b/Dockerfile").unwrap();
        let state: DiskState = [(known.clone(), DiskEntry::Folder)].into_iter().collect();
        assert_eq!(state.get(&known), &DiskEntry::Folder);
        assert_eq!(state.get(&unknown), &DiskEntry::Absent);
        assert_eq!(state.iter().count(), 1);
    }

    #[test]
    fn entries_that_are_added_are_seen_and_of_two_the_later_wins() {
        let path = ArtifactPath::parse("a/Dockerfile").unwrap();
        let mut state: DiskState = [(path.clone(), DiskEntry::Folder)].into_iter().collect();
        state.extend([(path.clone(), DiskEntry::Other)]);
        assert_eq!(
            (&state).into_iter().collect::<Vec<_>>(),
            [(&path, &DiskEntry::Other)]
        );
    }
}
