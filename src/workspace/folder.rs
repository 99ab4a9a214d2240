//! An open folder that takes writes.

use std::cell::OnceCell;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::io::Errno;

use super::Error;

/// Makes the names in a folder durable. Some file systems cannot sync a folder and need not.
pub(super) fn sync_folder(folder: &OwnedFd) -> rustix::io::Result<()> {
    match rustix::io::retry_on_intr(|| rustix::fs::fsync(folder)) {
        Err(Errno::INVAL | Errno::NOTSUP) => Ok(()),
        result => result,
    }
}

/// An open folder that takes writes.
#[derive(Debug)]
pub(super) struct Folder {
    path: Utf8PathBuf,
    handle: OwnedFd,
    /// The folder that holds the new name, when we created this one.
    created_in: Option<Rc<Folder>>,
    synced: OnceCell<rustix::io::Result<()>>,
}

impl Folder {
    pub(super) fn new(path: &Utf8Path, handle: OwnedFd, created_in: Option<Rc<Self>>) -> Self {
        Self {
            path: path.to_owned(),
            handle,
            created_in,
            synced: OnceCell::new(),
        }
    }

    /// The handle to work below.
    pub(super) fn handle(&self) -> BorrowedFd<'_> {
        self.handle.as_fd()
    }

    /// Syncs the folder, and the one above when the folder is new, at the first call; later ones
    /// repeat its result.
    pub(super) fn sync_once(&self) -> Result<(), Error> {
        let synced = self.synced.get_or_init(|| sync_folder(&self.handle));
        synced.map_err(|errno| Error::io("sync the folder", &self.path, errno))?;
        self.created_in
            .as_ref()
            .map_or(Ok(()), |above| above.sync_once())
    }
}
