//! The files of a work tree against what git knows of them.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd as _, BorrowedFd, OwnedFd};
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::rc::Rc;

use rustix::fs::{
    AtFlags, CWD, Dir, FileType, Mode, OFlags, Stat, fstat, openat, readlinkat, statat,
};
use rustix::io::Errno;

use super::content::{Blobs, Conversion, is_same};
use super::entry::Entry;
use super::error::Error;
use super::known::{Known, SUBMODULE, Tracked};
use super::oid::{Oid, blob_oid};
use super::plumbing::{Plumbing, TreeEntry};
use super::repository::{Repository, TEXT_LIMIT_BYTES};
use super::rules::{Level, Rules};
use super::stat::{is_fresh, stat_data};

const SYMLINK: u32 = 0o120_000;
const EXECUTABLE: u32 = 0o100_755;
const REGULAR: u32 = 0o100_644;

const FOLDER_FLAGS: OFlags = OFlags::RDONLY
    .union(OFlags::DIRECTORY)
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC);
const FILE_FLAGS: OFlags = OFlags::RDONLY
    .union(OFlags::NOFOLLOW)
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY);

/// Repositories within the work tree.
pub(super) trait Nested {
    /// Whether a folder is the top of a repository.
    ///
    /// # Errors
    /// What cannot be read.
    fn has_repository(&self, folder: &Path) -> Result<bool, Error>;

    /// Whether a submodule is not what the revision has: its own commit differs, or any file that
    /// is not ignored in it differs from that commit, new files included. One that is not checked
    /// out is as the index has it.
    ///
    /// # Errors
    /// What cannot be read.
    fn differs(&self, folder: &Path, staged: Oid, then: Oid) -> Result<bool, Error>;
}

/// The paths below a folder that differ from a commit, counted from the top.
pub(super) fn compare_with(
    repository: &Repository,
    plumbing: &Plumbing,
    submodules: &dyn Nested,
    commit: Oid,
    below: &[u8],
) -> Result<BTreeSet<Vec<u8>>, Error> {
    let tracked = Tracked::read(repository, plumbing, commit, below)?;
    Comparison::new(repository, submodules, tracked)?.changed(below)
}

/// A comparison of a work tree. Paths count from its top.
pub(super) struct Comparison<'a> {
    pub(super) repository: &'a Repository,
    pub(super) submodules: &'a dyn Nested,
    tracked: Tracked,
    rules: Rules,
    changed: BTreeSet<Vec<u8>>,
}

/// A folder that is still to be looked at.
struct Waiting {
    path: Vec<u8>,
    /// The rules of the folder above it.
    above: Option<Rc<Level>>,
    is_ignored: bool,
}

/// An open folder.
struct Folder {
    path: Vec<u8>,
    handle: OwnedFd,
    level: Rc<Level>,
    is_ignored: bool,
}

impl Folder {
    fn path_of(&self, name: &[u8]) -> Vec<u8> {
        if self.path.is_empty() {
            name.to_vec()
        } else {
            [self.path.as_slice(), b"/", name].concat()
        }
    }
}

impl<'a> Comparison<'a> {
    pub(super) fn new(
        repository: &'a Repository,
        submodules: &'a dyn Nested,
        tracked: Tracked,
    ) -> Result<Self, Error> {
        let rules = Rules::read(repository)?;
        Ok(Self {
            repository,
            submodules,
            tracked,
            rules,
            changed: BTreeSet::new(),
        })
    }

    /// The paths below a folder that changed. The folder ends in a slash, or is empty.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn changed(mut self, below: &[u8]) -> Result<BTreeSet<Vec<u8>>, Error> {
        let top = openat(CWD, &self.repository.top, FOLDER_FLAGS, Mode::empty())
            .map_err(|errno| Error::unreadable(&self.repository.top, errno))?;
        let mut waiting: Vec<Waiting> = self.first(top.as_fd(), below)?.into_iter().collect();
        while let Some(next) = waiting.pop() {
            if let Some(folder) = self.open(top.as_fd(), next)? {
                self.look_into(&folder, &mut waiting)?;
            }
        }
        for (path, known) in std::mem::take(&mut self.tracked.paths) {
            if !known.is_seen && is_missed(&known) {
                self.changed.insert(path);
            }
        }
        Ok(self.changed)
    }

    /// The folder to begin with, under the rules of the folders above.
    fn first(&self, top: BorrowedFd<'_>, below: &[u8]) -> Result<Option<Waiting>, Error> {
        let mut next = Waiting {
            path: Vec::new(),
            above: None,
            is_ignored: false,
        };
        for name in below
            .split(|byte| *byte == b'/')
            .filter(|name| !name.is_empty())
        {
            let Some(folder) = self.open(top, next)? else {
                return Ok(None);
            };
            let path = folder.path_of(name);
            let is_ignored = folder.is_ignored || self.rules.ignores(&folder.level, &path, true);
            next = Waiting {
                path,
                above: Some(folder.level),
                is_ignored,
            };
        }
        Ok(Some(next))
    }

    /// Opens a folder without following a link; `None` where it is gone.
    fn open(&self, top: BorrowedFd<'_>, next: Waiting) -> Result<Option<Folder>, Error> {
        let mut handle = None;
        let names = next
            .path
            .split(|byte| *byte == b'/')
            .filter(|name| !name.is_empty());
        for name in std::iter::once(b".".as_slice()).chain(names) {
            let here = handle.as_ref().map_or(top, OwnedFd::as_fd);
            handle = match openat(here, OsStr::from_bytes(name), FOLDER_FLAGS, Mode::empty()) {
                Ok(opened) => Some(opened),
                Err(Errno::NOENT | Errno::NOTDIR | Errno::LOOP) => return Ok(None),
                Err(errno) => return Err(self.unreadable(&next.path, errno)),
            };
        }
        let Some(handle) = handle else {
            return Ok(None);
        };
        let Waiting {
            path,
            above,
            is_ignored,
        } = next;
        let prefix = if path.is_empty() {
            Vec::new()
        } else {
            [path.as_slice(), b"/"].concat()
        };
        let read = |name: &[u8]| self.rules_of(handle.as_fd(), name, &[&prefix, name].concat());
        let (ignore, attributes) = (read(b".gitignore")?, read(b".gitattributes")?);
        let name = [prefix.as_slice(), b".gitattributes"].concat();
        let is_unknown = attributes.is_none()
            && self
                .tracked
                .paths
                .get(&name)
                .is_some_and(|known| known.staged.is_some());
        let level = Level::new(
            above,
            &path,
            ignore.as_deref(),
            attributes.as_deref(),
            is_unknown,
        );
        Ok(Some(Folder {
            path,
            handle,
            level,
            is_ignored,
        }))
    }

    /// The content of a file of rules in a folder. As for git, one that is a link has no effect.
    fn rules_of(
        &self,
        folder: BorrowedFd<'_>,
        name: &[u8],
        path: &[u8],
    ) -> Result<Option<Vec<u8>>, Error> {
        let handle = match openat(folder, OsStr::from_bytes(name), FILE_FLAGS, Mode::empty()) {
            Ok(handle) => handle,
            Err(Errno::NOENT | Errno::LOOP | Errno::MLINK | Errno::NXIO) => return Ok(None),
            Err(errno) => return Err(self.unreadable(path, errno)),
        };
        if !kind(&fstat(&handle).map_err(|errno| self.unreadable(path, errno))?).is_file() {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let read = File::from(handle)
            .take(TEXT_LIMIT_BYTES + 1)
            .read_to_end(&mut bytes);
        read.map_err(|error| self.unreadable(path, error))?;
        if bytes.len() as u64 > TEXT_LIMIT_BYTES {
            let reason = format!("it is longer than {TEXT_LIMIT_BYTES} bytes");
            return Err(Error::invalid(Path::new(OsStr::from_bytes(path)), reason));
        }
        Ok(Some(bytes))
    }

    /// Compares what is in a folder and notes the folders in it.
    fn look_into(&mut self, folder: &Folder, waiting: &mut Vec<Waiting>) -> Result<(), Error> {
        let listed =
            Dir::read_from(&folder.handle).map_err(|errno| self.unreadable(&folder.path, errno))?;
        for entry in listed {
            let entry = entry.map_err(|errno| self.unreadable(&folder.path, errno))?;
            let name = entry.file_name().to_bytes();
            if matches!(name, b"." | b"..") || self.is_git(name) {
                continue;
            }
            let path = folder.path_of(name);
            let stat = match statat(
                &folder.handle,
                OsStr::from_bytes(name),
                AtFlags::SYMLINK_NOFOLLOW,
            ) {
                Ok(stat) => stat,
                Err(Errno::NOENT) => continue,
                Err(errno) => return Err(self.unreadable(&path, errno)),
            };
            let found = Found {
                folder,
                name,
                path,
                stat,
            };
            let known = self.tracked.paths.get_mut(&found.path);
            let known = known.map(std::mem::take).map(|known| Known {
                is_seen: true,
                ..known
            });
            let is_submodule = known.as_ref().is_some_and(Known::is_staged_submodule);
            let is_folder = kind(&found.stat).is_dir();
            match &known {
                Some(known) if self.differs(&found, known)? => {
                    self.changed.insert(found.path.clone());
                }
                Some(_) => {}
                None if is_folder => {}
                None => self.look_at_untracked(&found),
            }
            if let (Some(known), Some(place)) = (known, self.tracked.paths.get_mut(&found.path)) {
                *place = known;
            }
            if is_folder && !is_submodule {
                waiting.extend(self.look_at_folder(found)?);
            }
        }
        Ok(())
    }

    fn is_git(&self, name: &[u8]) -> bool {
        name == b".git"
            || (self.repository.settings.file_system.ignores_case
                && name.eq_ignore_ascii_case(b".git"))
    }

    /// A file that git does not know counts unless it is ignored. Pipes, sockets and devices do
    /// not: git cannot keep them.
    fn look_at_untracked(&mut self, found: &Found<'_>) {
        let is_file = matches!(kind(&found.stat), FileType::RegularFile | FileType::Symlink);
        let folder = found.folder;
        if is_file && !folder.is_ignored && !self.rules.ignores(&folder.level, &found.path, false) {
            self.changed.insert(found.path.clone());
        }
    }

    /// A folder is looked into where git knows something in it or something new in it would count.
    /// Another repository in it counts as a whole.
    fn look_at_folder(&mut self, found: Found<'_>) -> Result<Option<Waiting>, Error> {
        let folder = found.folder;
        let is_ignored = folder.is_ignored || self.rules.ignores(&folder.level, &found.path, true);
        if !self.tracked.has_in(&found.path) {
            if is_ignored {
                return Ok(None);
            }
            if self
                .submodules
                .has_repository(&self.repository.top.join(OsStr::from_bytes(&found.path)))?
            {
                self.changed.insert(found.path);
                return Ok(None);
            }
        }
        Ok(Some(Waiting {
            path: found.path,
            above: Some(Rc::clone(&folder.level)),
            is_ignored,
        }))
    }

    /// Whether what is on disk is not what the revision has.
    fn differs(&self, found: &Found<'_>, known: &Known) -> Result<bool, Error> {
        let (Some(then), Some(staged)) = (known.then, &known.staged) else {
            return Ok(true);
        };
        if known.is_unmerged {
            return Ok(true);
        }
        let Some(mode) = self.mode(&found.stat, staged) else {
            return Ok(true);
        };
        let is_known = mode == staged.mode && !staged.intent_to_add && mode != SUBMODULE;
        if is_known && is_fresh(stat_data(&found.stat), staged.stat, self.tracked.index_time) {
            return Ok((staged.mode, staged.oid) != (then.mode, then.oid));
        }
        if mode != then.mode {
            return Ok(true);
        }
        match mode {
            SUBMODULE => {
                let folder = self.repository.top.join(OsStr::from_bytes(&found.path));
                self.submodules.differs(&folder, staged.oid, then.oid)
            }
            SYMLINK if kind(&found.stat) == FileType::Symlink => {
                let target = readlinkat(
                    &found.folder.handle,
                    OsStr::from_bytes(found.name),
                    Vec::new(),
                )
                .map_err(|errno| self.unreadable(&found.path, errno))?;
                Ok(blob_oid(self.repository.settings.format, target.to_bytes()) != then.oid)
            }
            mode => self.content_differs(found, staged, TreeEntry { mode, ..then }),
        }
    }

    /// The mode that git would give to what is on disk; `None` for what it cannot keep.
    fn mode(&self, stat: &Stat, staged: &Entry) -> Option<u32> {
        let keeps = &self.repository.settings.file_system;
        match kind(stat) {
            FileType::Symlink => Some(SYMLINK),
            FileType::Directory => (staged.mode == SUBMODULE).then_some(SUBMODULE),
            FileType::RegularFile if staged.mode == SYMLINK && !keeps.symlinks => Some(SYMLINK),
            FileType::RegularFile if !keeps.modes => Some(if staged.mode == EXECUTABLE {
                EXECUTABLE
            } else {
                REGULAR
            }),
            FileType::RegularFile if Mode::from_raw_mode(stat.st_mode).contains(Mode::XUSR) => {
                Some(EXECUTABLE)
            }
            FileType::RegularFile => Some(REGULAR),
            _ => None,
        }
    }

    fn content_differs(
        &self,
        found: &Found<'_>,
        staged: &Entry,
        then: TreeEntry,
    ) -> Result<bool, Error> {
        let fails = |errno| self.unreadable(&found.path, errno);
        let handle = match openat(
            &found.folder.handle,
            OsStr::from_bytes(found.name),
            FILE_FLAGS,
            Mode::empty(),
        ) {
            Ok(handle) => handle,
            // It is no longer the file that was there a moment ago.
            Err(Errno::NOENT | Errno::LOOP | Errno::MLINK | Errno::NXIO) => return Ok(true),
            Err(errno) => return Err(fails(errno)),
        };
        let stat = fstat(&handle).map_err(fails)?;
        let Ok(len) = u64::try_from(stat.st_size) else {
            return Ok(true);
        };
        if !kind(&stat).is_file() {
            return Ok(true);
        }
        let blobs = Blobs {
            format: self.repository.settings.format,
            then: then.oid,
            staged: staged.oid,
        };
        let conversion = || {
            let is_link = then.mode == SYMLINK;
            Ok(if is_link {
                Conversion::NONE
            } else {
                self.rules.conversion(&found.folder.level, &found.path)
            })
        };
        is_same::<std::io::Error>(&mut File::from(handle), len, blobs, conversion)
            .map(|same| !same)
            .map_err(|error| self.unreadable(&found.path, error))
    }

    fn unreadable(&self, path: &[u8], source: impl Into<std::io::Error>) -> Error {
        Error::unreadable(&self.repository.top.join(OsStr::from_bytes(path)), source)
    }
}

/// What is on disk at a path.
struct Found<'a> {
    folder: &'a Folder,
    name: &'a [u8],
    path: Vec<u8>,
    stat: Stat,
}

impl Known {
    fn is_staged_submodule(&self) -> bool {
        self.staged
            .as_ref()
            .is_some_and(|staged| staged.mode == SUBMODULE)
    }
}

fn kind(stat: &Stat) -> FileType {
    FileType::from_raw_mode(stat.st_mode)
}

/// Whether a path that is not on disk changed. What a sparse checkout leaves out is as the index
/// has it.
fn is_missed(known: &Known) -> bool {
    match (known.then, &known.staged) {
        _ if known.is_unmerged => true,
        (Some(then), Some(staged)) if staged.skip_worktree => {
            (then.mode, then.oid) != (staged.mode, staged.oid)
        }
        (None, Some(staged)) => staged.skip_worktree,
        (Some(_), _) => true,
        (None, None) => false,
    }
}
