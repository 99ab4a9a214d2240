//! Temporary files: their names, their life, and the removal of those whose writer died.
//!
//! A temporary file is locked (flock(2)) for as long as its writer lives; the kernel drops the lock
//! with the process, however that ends. So [`Workspace::reap_stale_temps`] removes exactly those
//! that it can lock: there is no age to guess and no process id that means something else in the
//! next container, and concurrent runs leave each other's files alone. Where a file system knows no
//! locks, leftovers stay for people to remove.

use std::fs::{File, TryLockError};
use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write as _};
use std::os::fd::{AsFd, BorrowedFd};
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, fchmod, openat, statat, unlinkat};
use rustix::io::Errno;

use super::beneath::{Reached, Want};
use super::folder::Folder;
use super::{Error, Workspace, beneath};

/// A temporary file is called `.dockwright-` + 16 hexadecimal digits + `.tmp`.
const PREFIX: &str = ".dockwright-";
const SUFFIX: &str = ".tmp";
const DIGITS: usize = 16;

/// How often another name is tried.
const ATTEMPTS: u32 = 32;

/// Read and write for the owner, read for the others; the process's umask is taken off on top.
const NEW_FILE: Mode = Mode::RUSR
    .union(Mode::WUSR)
    .union(Mode::RGRP)
    .union(Mode::ROTH);

/// The part of a replaced file's mode that is kept: neither executable, nor set-user-id, nor
/// sticky.
const KEPT: Mode = NEW_FILE.union(Mode::WGRP).union(Mode::WOTH);

const REAP: &str = "remove the stale temporary file";

/// Whether a file name is one that only a temporary file of ours has.
pub(super) fn is_temp_name(name: &str) -> bool {
    name.strip_prefix(PREFIX)
        .and_then(|rest| rest.strip_suffix(SUFFIX))
        .is_some_and(|digits| {
            digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        })
}

/// A name that no other process is using; `RandomState` is seeded by the operating system.
fn new_name() -> String {
    let random = RandomState::new().hash_one(0_u8);
    format!("{PREFIX}{random:0DIGITS$x}{SUFFIX}")
}

/// A temporary file in its target's folder, removed when dropped unless it was renamed into place.
#[derive(Debug)]
pub(super) struct Temp {
    folder: Rc<Folder>,
    name: String,
    file: File,
    renamed: bool,
}

impl Temp {
    /// An empty, locked file in `folder`.
    pub(super) fn create(folder: &Rc<Folder>) -> rustix::io::Result<Self> {
        let flags =
            OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        for _ in 0..ATTEMPTS {
            let name = new_name();
            let file = match openat(folder.handle(), name.as_str(), flags, NEW_FILE) {
                Err(Errno::EXIST) => continue,
                handle => File::from(handle?),
            };
            let folder = Rc::clone(folder);
            let renamed = false;
            let temp = Self {
                folder,
                name,
                file,
                renamed,
            };
            if temp.is_ours()? {
                return Ok(temp);
            }
        }
        Err(Errno::EXIST)
    }

    /// Locks the file; false when a concurrent reaper took it between its creation and the lock.
    fn is_ours(&self) -> rustix::io::Result<bool> {
        if let Err(TryLockError::WouldBlock) = self.file.try_lock() {
            return Ok(false);
        }
        let flags = AtFlags::SYMLINK_NOFOLLOW;
        match statat(self.folder.handle(), self.name.as_str(), flags) {
            Err(Errno::NOENT) => Ok(false),
            stat => stat.map(|_| true),
        }
    }

    /// Writes the content, with the mode that the regular file `target` beside it has.
    pub(super) fn fill(&self, target: &str, bytes: &[u8]) -> io::Result<()> {
        match statat(self.folder.handle(), target, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(stat) if FileType::from_raw_mode(stat.st_mode) == FileType::RegularFile => {
                self.set_mode(Mode::from_raw_mode(stat.st_mode) & KEPT)?;
            }
            Ok(_) | Err(Errno::NOENT) => {}
            Err(errno) => return Err(errno.into()),
        }
        (&self.file).write_all(bytes)
    }

    /// File systems without modes refuse to set one, and have none to keep.
    fn set_mode(&self, mode: Mode) -> rustix::io::Result<()> {
        match fchmod(&self.file, mode) {
            Err(Errno::PERM | Errno::NOTSUP) => Ok(()),
            result => result,
        }
    }

    /// Starts to bring the content to the disk and does not wait. (On Linux, advising that clean
    /// pages can be dropped starts the write-back of dirty ones, see `posix_fadvise(2)`;
    /// `sync_file_range` would say it outright but is not to be had without unsafe code.)
    pub(super) fn start_writing(&self) {
        #[cfg(any(target_os = "linux", target_os = "android"))]
        // Only advice: without it the sync takes longer.
        let _ = rustix::fs::fadvise(&self.file, 0, None, rustix::fs::Advice::DontNeed);
    }

    /// Makes the content durable.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.file.sync_all()
    }

    /// The folder that the file is in.
    pub(super) fn folder(&self) -> &Rc<Folder> {
        &self.folder
    }

    /// Gives the file its final name. Without `replace` this fails with `EEXIST` when something has
    /// that name, where the system can tell (Linux, macOS).
    pub(super) fn rename(mut self, target: &str, replace: bool) -> rustix::io::Result<()> {
        let folder = self.folder.handle();
        let exclusive = if replace {
            Err(Errno::NOSYS)
        } else {
            rename_exclusive(folder, &self.name, target)
        };
        match exclusive {
            Err(Errno::NOSYS | Errno::INVAL | Errno::NOTSUP) => {
                rustix::fs::renameat(folder, self.name.as_str(), folder, target)?;
            }
            result => result?,
        }
        self.renamed = true;
        Ok(())
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if !self.renamed {
            // Should this fail too, the next run reaps the file.
            let _ = unlinkat(self.folder.handle(), self.name.as_str(), AtFlags::empty());
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_vendor = "apple"))]
fn rename_exclusive(folder: BorrowedFd<'_>, from: &str, to: &str) -> rustix::io::Result<()> {
    let flags = rustix::fs::RenameFlags::NOREPLACE;
    rustix::fs::renameat_with(folder, from, folder, to, flags)
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_vendor = "apple")))]
fn rename_exclusive(_folder: BorrowedFd<'_>, _from: &str, _to: &str) -> rustix::io::Result<()> {
    Err(Errno::NOSYS)
}

impl Workspace {
    /// Removes the temporary files below `folder`, at most `max_depth` folders deeper, whose
    /// writers are dead; gives their paths. One whose writer lives is left alone, and so is one
    /// that cannot be opened.
    ///
    /// # Errors
    /// [`Error::InvalidPath`], or [`Error::Io`] when a folder cannot be listed or a file not
    /// removed.
    pub fn reap_stale_temps(
        &self,
        folder: &Utf8Path,
        max_depth: usize,
    ) -> Result<Vec<Utf8PathBuf>, Error> {
        let folder = beneath(REAP, folder)?;
        let mut reaped = Vec::new();
        for path in self.find_temps(REAP, &folder, max_depth)? {
            if self.reap(&path)? {
                reaped.push(path);
            }
        }
        Ok(reaped)
    }

    fn reap(&self, path: &Utf8Path) -> Result<bool, Error> {
        let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
            return Ok(false);
        };
        let Reached::Open(folder) = self.reach(REAP, folder, Want::Folder)? else {
            return Ok(false);
        };
        let opened = self
            .lookup
            .open(folder.as_fd(), Utf8Path::new(name), Want::File);
        let Ok(Reached::Open(temp)) = opened else {
            return Ok(false);
        };
        let temp = File::from(temp);
        if temp.try_lock().is_err() {
            return Ok(false);
        }
        match unlinkat(&folder, name, AtFlags::empty()) {
            Ok(()) => Ok(true),
            // Its writer has just renamed it into place, or it is a folder (which POSIX answers
            // with EPERM, Linux with EISDIR).
            Err(Errno::NOENT | Errno::ISDIR | Errno::PERM) => Ok(false),
            Err(errno) => Err(Error::io(REAP, path, errno)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};

    use camino::Utf8Path;

    use rustix::io::Errno;

    use super::{is_temp_name, new_name};
    use crate::workspace::fixture::Fixture;
    use crate::workspace::folders::Folders;

    #[test]
    fn only_our_own_names_are_temporary() {
        assert!(is_temp_name(&new_name()));
        assert_ne!(new_name(), new_name());
        for other in [
            ".dockwright-0123.tmp",
            ".dockwright-0123456789abcdeg.tmp",
            ".dockwright-0123456789abcdef",
            "dockwright-0123456789abcdef.tmp",
            ".dockwright.tmp",
        ] {
            assert!(!is_temp_name(other), "{other}");
        }
    }

    #[test]
    fn only_the_files_of_dead_writers_are_reaped() {
        let fixture = Fixture::new();
        for workspace in fixture.workspaces() {
            let dead = [
                "g/.dockwright-0000000000000001.tmp",
                "g/a/.dockwright-0000000000000002.tmp",
            ];
            let live = "g/a/.dockwright-0000000000000003.tmp";
            let deep = "g/a/b/.dockwright-0000000000000004.tmp";
            let named_alike = "g/.dockwright-notes.tmp";
            for path in dead.iter().chain(&[live, deep, named_alike]) {
                fixture.put(path, "x");
            }
            let writer = File::open(fixture.root().join(live)).unwrap();
            writer.lock().unwrap();
            assert_eq!(
                workspace.reap_stale_temps(Utf8Path::new("g"), 1).unwrap(),
                dead
            );
            for path in [live, deep, named_alike] {
                assert_eq!(fixture.content(path), "x");
            }
            drop(writer);
            assert_eq!(
                workspace.reap_stale_temps(Utf8Path::new("g"), 1).unwrap(),
                [live]
            );
        }
    }

    #[cfg(any(target_os = "linux", target_vendor = "apple"))]
    #[test]
    fn a_file_that_appears_at_the_last_moment_is_not_replaced() {
        let fixture = Fixture::new();
        let workspace = fixture.workspace();
        let mut folders = Folders::new(&workspace);
        let mut create = || {
            let temp = folders.create_temp(Utf8Path::new("g/Dockerfile"), Utf8Path::new("g"));
            let temp = temp.unwrap();
            temp.fill("Dockerfile", b"ours").unwrap();
            temp
        };
        let (exclusive, replacing) = (create(), create());
        fixture.put("g/Dockerfile", "by hand");
        let renamed = exclusive.rename("Dockerfile", false);
        assert_eq!(renamed, Err(Errno::EXIST));
        assert_eq!(fixture.content("g/Dockerfile"), "by hand");
        replacing.rename("Dockerfile", true).unwrap();
        assert_eq!(fixture.content("g/Dockerfile"), "ours");
        assert_eq!(fs::read_dir(fixture.root().join("g")).unwrap().count(), 1);
    }

    #[test]
    fn a_link_or_folder_with_a_temporary_name_is_harmless() {
        let fixture = Fixture::new();
        fixture.link("g/.dockwright-0000000000000001.tmp", "../../outside/secret");
        fs::create_dir(fixture.root().join("g/.dockwright-0000000000000002.tmp")).unwrap();
        fixture.link("away", "../outside");
        for workspace in fixture.workspaces() {
            for folder in ["g", "away", "missing"] {
                let reaped = workspace
                    .reap_stale_temps(Utf8Path::new(folder), 9)
                    .unwrap();
                assert!(reaped.is_empty(), "{reaped:?}");
            }
        }
        fixture.assert_outside_untouched();
    }
}
