//! Writing and removing, so that at every moment each file is wholly old or wholly new.
//!
//! A write goes to a temporary file in the target's folder and is renamed over the target after a
//! last look that the target is still what the plan was made from. With [`Durability::Synced`] the
//! content is synced before the rename and the folder after it. [`Workspace::write_all`] does each
//! of these steps for a whole batch before the next, and syncs each folder once.

use std::os::fd::{AsFd, OwnedFd};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{AtFlags, unlinkat};
use rustix::io::Errno;

use super::beneath::{Lookup, Obstacle, Reached, Want};
use super::disk::{FILE_CAP_BYTES, read_entry};
use super::folder::{Folder, sync_folder};
use super::folders::Folders;
use super::temp::Temp;
use super::{Error, Workspace, beneath, is_git};
use crate::artifact::ArtifactPath;
use crate::drift::disk_state::DiskEntry;

/// How many writes share one round of syncs. Each holds up to two handles; Linux allows a process
/// 1,024 by default, macOS 256.
pub(crate) const WRITE_BATCH: usize = if cfg!(target_os = "linux") { 256 } else { 64 };

const WRITE: &str = "write";
const REMOVE: &str = "remove";

/// What a finished write survives. Either way, a process that is killed leaves each file wholly old
/// or wholly new.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// A power cut: content and name are on the disk. For what a person wrote or cannot get back.
    Synced,
    /// The end of the process. The system writes the content back on its own; after a power cut a
    /// file can be empty, filled with NUL bytes or absent, which the comparison takes for missing.
    /// For what `generate` can write again.
    WrittenBack,
}

/// One file to be written.
#[derive(Clone, Copy, Debug)]
pub struct Write<'a> {
    /// Where; missing parent folders are created.
    pub path: &'a ArtifactPath,
    /// The whole new content.
    pub bytes: &'a [u8],
    /// What the plan was made from. Anything else on disk, save the very content to be written,
    /// stops the write.
    pub expected: &'a DiskEntry,
}

impl Workspace {
    /// Writes one file durably: [`Workspace::write_all`] of a single [`Write`].
    ///
    /// # Errors
    /// As there.
    pub fn write(
        &self,
        path: &ArtifactPath,
        bytes: &[u8],
        expected: &DiskEntry,
    ) -> Result<(), Error> {
        let write = Write {
            path,
            bytes,
            expected,
        };
        self.write_all(&[write], Durability::Synced)
            .into_iter()
            .collect()
    }

    /// Writes files, each wholly or not at all, and gives a result for each, in order. A target
    /// that already holds the new content, because a concurrent run wrote it, is a success.
    ///
    /// A new file is readable by all and writable by its owner, less the umask; a replaced one
    /// keeps its mode, less the executable bits; a replaced symlink becomes a regular file and its
    /// target is left alone.
    ///
    /// # Errors
    /// [`Error::ChangedMeanwhile`] when the target is not as expected; [`Error::Symlink`],
    /// [`Error::NotFolder`] and [`Error::NotRegular`] for what is never replaced;
    /// [`Error::InvalidPath`]; [`Error::Io`]. After an error the old content stands, unless only
    /// the sync of the folder failed.
    #[must_use]
    pub fn write_all(
        &self,
        writes: &[Write<'_>],
        durability: Durability,
    ) -> Vec<Result<(), Error>> {
        let mut results = Vec::with_capacity(writes.len());
        for batch in writes.chunks(WRITE_BATCH) {
            results.extend(match durability {
                Durability::Synced => self.write_batch_synced(batch),
                Durability::WrittenBack => self.write_batch(batch),
            });
        }
        results
    }

    /// One file after the other: there is nothing that the next one would have to wait for.
    fn write_batch(&self, batch: &[Write<'_>]) -> Vec<Result<(), Error>> {
        let mut folders = Folders::new(self);
        let mut write = |write: &Write<'_>| {
            let staged = Staged::new(&mut folders, write)?;
            staged.rename(self.lookup).map(drop)
        };
        batch.iter().map(&mut write).collect()
    }

    fn write_batch_synced(&self, batch: &[Write<'_>]) -> Vec<Result<(), Error>> {
        let mut folders = Folders::new(self);
        let staged: Vec<_> = batch
            .iter()
            .map(|write| Staged::new(&mut folders, write))
            .collect();
        // All contents are on their way to the disk before the first sync waits for one: its
        // journal commit then covers the others too.
        staged
            .iter()
            .flatten()
            .for_each(|staged| staged.temp.start_writing());
        let synced: Vec<_> = staged
            .into_iter()
            .map(|staged| staged.and_then(Staged::sync))
            .collect();
        let renamed: Vec<_> = synced
            .into_iter()
            .map(|staged| staged.and_then(|staged| staged.rename(self.lookup)))
            .collect();
        renamed
            .into_iter()
            .map(|folder| folder.and_then(|folder| folder.sync_once()))
            .collect()
    }

    /// Removes the file or link at `path`, and then the parent folders that are empty, up to but
    /// without `stop`. A file that is already gone is a success.
    ///
    /// # Errors
    /// [`Error::ChangedMeanwhile`] when it is not `expected`; [`Error::NotRegular`],
    /// [`Error::Symlink`] and [`Error::NotFolder`] for what is never removed;
    /// [`Error::InvalidPath`]; [`Error::Io`].
    pub fn remove(
        &self,
        path: &ArtifactPath,
        expected: &DiskEntry,
        stop: &Utf8Path,
        durability: Durability,
    ) -> Result<(), Error> {
        let stop = beneath(REMOVE, stop)?;
        let (folder, name) = target(REMOVE, path)?;
        let path = path.as_path();
        let failed = |errno| Error::io(REMOVE, path, errno);
        check_replaceable(REMOVE, path, expected)?;
        let handle = match self.reach(REMOVE, &folder, Want::Folder)? {
            Reached::Open(handle) => handle,
            Reached::Stopped(Obstacle::Absent) => return Ok(()),
            Reached::Stopped(obstacle) => return Err(Error::refused(REMOVE, path, obstacle)),
        };
        let found =
            read_entry(self.lookup, handle.as_fd(), &name, FILE_CAP_BYTES).map_err(failed)?;
        if found != DiskEntry::Absent {
            if found != *expected {
                return Err(changed(REMOVE, path));
            }
            unlink(&handle, name.as_str()).map_err(failed)?;
        }
        let (survivor, handle) = self.prune(folder, handle, &stop)?;
        if durability == Durability::WrittenBack {
            return Ok(());
        }
        sync_folder(&handle).map_err(|errno| Error::io("sync the folder", &survivor, errno))
    }

    /// Removes `folder` and its parents as long as they are empty and below `stop`; gives the first
    /// that stays.
    fn prune(
        &self,
        mut folder: Utf8PathBuf,
        mut handle: OwnedFd,
        stop: &Utf8Path,
    ) -> Result<(Utf8PathBuf, OwnedFd), Error> {
        const ACTION: &str = "remove the empty folder";
        while folder != stop && folder.starts_with(stop) {
            let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
                break;
            };
            let Reached::Open(above) = self.reach(ACTION, parent, Want::Folder)? else {
                break;
            };
            match unlinkat(&above, name, AtFlags::REMOVEDIR) {
                Ok(()) | Err(Errno::NOENT) => {}
                // Not empty, a mount point, or a folder no longer.
                Err(Errno::NOTEMPTY | Errno::EXIST | Errno::BUSY | Errno::NOTDIR) => break,
                Err(errno) => return Err(Error::io(ACTION, &folder, errno)),
            }
            folder = parent.to_owned();
            handle = above;
        }
        Ok((folder, handle))
    }
}

/// The parent folder and the name of a file that may be changed.
fn target(action: &'static str, path: &ArtifactPath) -> Result<(Utf8PathBuf, Utf8PathBuf), Error> {
    let invalid = |reason| Error::InvalidPath {
        action,
        path: path.as_path().to_owned(),
        reason,
    };
    let path = beneath(action, path.as_path())?;
    if path.components().any(|part| is_git(part.as_str())) {
        return Err(invalid("it leads into git's own folder"));
    }
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) => Ok((folder.to_owned(), Utf8PathBuf::from(name))),
        _ => Err(invalid("it names no file")),
    }
}

/// Refuses what no plan may overwrite or remove, whatever is on disk by now.
fn check_replaceable(
    action: &'static str,
    path: &Utf8Path,
    expected: &DiskEntry,
) -> Result<(), Error> {
    let obstacle = match expected {
        DiskEntry::Absent
        | DiskEntry::File { .. }
        | DiskEntry::TooLarge { .. }
        | DiskEntry::Symlink { .. } => {
            return Ok(());
        }
        DiskEntry::Folder => Obstacle::Folder,
        DiskEntry::Other => Obstacle::Special,
        DiskEntry::BehindSymlink { folder, target } => Obstacle::Symlink {
            at: folder.into(),
            target: target.clone(),
        },
        DiskEntry::BehindFile { file } => Obstacle::NotFolder { at: file.into() },
    };
    Err(Error::refused(action, path, obstacle))
}

fn changed(action: &'static str, path: &Utf8Path) -> Error {
    Error::ChangedMeanwhile {
        action,
        path: path.to_owned(),
    }
}

/// Removes a name; one that is gone already is a success.
fn unlink(folder: &OwnedFd, name: &str) -> rustix::io::Result<()> {
    match unlinkat(folder, name, AtFlags::empty()) {
        Err(Errno::NOENT) => Ok(()),
        result => result,
    }
}

/// A finished file beside its target.
struct Staged<'a> {
    write: Write<'a>,
    name: Utf8PathBuf,
    temp: Temp,
}

impl<'a> Staged<'a> {
    fn new(folders: &mut Folders<'_>, write: &Write<'a>) -> Result<Self, Error> {
        let path = write.path.as_path();
        let (folder, name) = target(WRITE, write.path)?;
        check_replaceable(WRITE, path, write.expected)?;
        let temp = folders.create_temp(path, &folder)?;
        temp.fill(name.as_str(), write.bytes)
            .map_err(|source| Error::io(WRITE, path, source))?;
        let write = *write;
        Ok(Self { write, name, temp })
    }

    fn sync(self) -> Result<Self, Error> {
        match self.temp.sync() {
            Ok(()) => Ok(self),
            Err(source) => Err(Error::io(WRITE, self.write.path.as_path(), source)),
        }
    }

    /// Puts the file in place of its target, if that is still as expected; gives the folder to
    /// sync.
    fn rename(self, lookup: Lookup) -> Result<Rc<Folder>, Error> {
        let path = self.write.path.as_path();
        let failed = |errno| Error::io(WRITE, path, errno);
        let folder = Rc::clone(self.temp.folder());
        let look = || read_entry(lookup, folder.handle(), &self.name, FILE_CAP_BYTES);
        let mut found = look().map_err(failed)?;
        if found == *self.write.expected {
            let replace = found != DiskEntry::Absent;
            match self.temp.rename(self.name.as_str(), replace) {
                Ok(()) => return Ok(folder),
                Err(Errno::EXIST) if !replace => found = look().map_err(failed)?,
                Err(errno) => return Err(failed(errno)),
            }
        }
        match found {
            // A concurrent run came first.
            DiskEntry::File { bytes, .. } if bytes == self.write.bytes => Ok(folder),
            _ => Err(changed(WRITE, path)),
        }
    }
}

#[cfg(test)]
mod tests;
