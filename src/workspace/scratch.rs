//! A folder outside of the root for what another program reads and writes; gone when it is dropped.

use std::io;

use camino::Utf8Path;
use tempfile::TempDir;

/// A private folder for temporary files.
#[derive(Debug)]
pub(crate) struct Scratch(TempDir);

impl Scratch {
    /// Makes one where the system keeps temporary files, for our user alone.
    ///
    /// # Errors
    /// The system's reason.
    pub(crate) fn new() -> io::Result<Self> {
        tempfile::Builder::new()
            .prefix("dockwright-")
            .tempdir()
            .map(Self)
    }

    /// Its path.
    ///
    /// # Errors
    /// A path that is not UTF-8.
    pub(crate) fn path(&self) -> io::Result<&Utf8Path> {
        Utf8Path::from_path(self.0.path())
            .ok_or_else(|| io::Error::from(io::ErrorKind::InvalidFilename))
    }

    /// Writes a file in it.
    ///
    /// # Errors
    /// The system's reason.
    #[expect(
        clippy::disallowed_methods,
        reason = "the folder is our own, and outside of the root"
    )]
    pub(crate) fn write(&self, name: &str, text: &str) -> io::Result<()> {
        std::fs::write(self.0.path().join(name), text)
    }

    /// Reads a file in it.
    ///
    /// # Errors
    /// The system's reason.
    #[expect(
        clippy::disallowed_methods,
        reason = "the folder is our own, and outside of the root"
    )]
    pub(crate) fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.path().join(name))
    }
}
