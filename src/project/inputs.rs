//! Everything that is read of a fleet's folder, and within which bounds.

use camino::{Utf8Path, Utf8PathBuf};

use crate::artifact::ArtifactPath;
use crate::drift::DiskEntry;
use crate::workspace::{Entries, Error, ListCaps, Workspace};

/// The longest services.yaml or included file that is read into memory, in bytes: a little more
/// than the parser takes, so that it can say so itself.
pub(super) const DECLARATION_BYTES: u64 = 33 * 1024 * 1024;
/// How many templates a fleet may have of its own, and how deep they may nest.
pub(super) const TEMPLATE_CAPS: ListCaps = ListCaps {
    depth: 8,
    entries: 1_000,
};
/// How many bytes the templates of a fleet may have in all.
pub(super) const TEMPLATES_BYTES: usize = 8 * 1024 * 1024;
/// How many locks there may be, and how deep their folders may nest.
pub(super) const LOCK_CAPS: ListCaps = ListCaps {
    depth: 8,
    entries: 100_000,
};
/// How deep generated folders are searched for files that nothing declares.
pub(super) const SCAN_DEPTH: usize = 16;

/// What stands below the root of a fleet: the disk, or a map in memory.
///
/// Paths are relative to the root; links are never followed.
pub trait Inputs: Sync {
    /// The bytes of a file that a declaration is made of; `None` where there is none.
    ///
    /// # Errors
    /// It is longer than `limit` bytes, is no regular file, or cannot be read.
    fn text(&self, path: &Utf8Path, limit: u64) -> Result<Option<Vec<u8>>, Error>;

    /// Every file below a folder, sorted; `None` where there is no such folder.
    ///
    /// # Errors
    /// It holds more than `caps`, or cannot be listed.
    fn list(&self, folder: &Utf8Path, caps: ListCaps) -> Result<Option<Vec<Utf8PathBuf>>, Error>;

    /// What stands right in a folder; `None` where there is no such folder.
    ///
    /// # Errors
    /// It cannot be listed.
    fn entries(&self, folder: &Utf8Path) -> Result<Option<Entries>, Error>;

    /// Every file below a folder of generated files, at most `depth` folders deeper, sorted.
    ///
    /// # Errors
    /// It cannot be listed.
    fn scan(&self, folder: &Utf8Path, depth: usize) -> Result<Vec<Utf8PathBuf>, Error>;

    /// What stands at the paths of generated files.
    ///
    /// # Errors
    /// One of them cannot be read, which is neither a difference nor a missing file.
    fn state(&self, paths: &[ArtifactPath]) -> Result<Vec<(ArtifactPath, DiskEntry)>, Error>;
}

impl Inputs for Workspace {
    fn text(&self, path: &Utf8Path, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        self.read_text(path, limit)
    }

    fn list(&self, folder: &Utf8Path, caps: ListCaps) -> Result<Option<Vec<Utf8PathBuf>>, Error> {
        self.list_folder(folder, caps)
    }

    fn entries(&self, folder: &Utf8Path) -> Result<Option<Entries>, Error> {
        self.list_entries(folder)
    }

    fn scan(&self, folder: &Utf8Path, depth: usize) -> Result<Vec<Utf8PathBuf>, Error> {
        Workspace::scan(self, folder, depth)
    }

    fn state(&self, paths: &[ArtifactPath]) -> Result<Vec<(ArtifactPath, DiskEntry)>, Error> {
        self.read_declared(paths)
    }
}
