//! Opening below a folder handle without ever following a symlink.
//!
//! On Linux one `openat2` with `RESOLVE_NO_SYMLINKS` and `RESOLVE_BENEATH` opens a whole path
//! (openat2(2), Linux 5.6). Where that call is missing or filtered out by a sandbox, and on every
//! other Unix, the path is opened folder by folder with `O_NOFOLLOW`. Both give the same answers;
//! the tests run both.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::thread;
use std::time::Duration;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{AtFlags, FileType, Mode, OFlags, openat, readlinkat, statat};
use rustix::io::{Errno, retry_on_intr};

use crate::drift::disk_state::DiskEntry;

/// How often a path that changes under us is looked at again before its error is final.
const ATTEMPTS: u32 = 32;

/// What a caller wants to open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// Something to read. A folder opens too, so the caller must look at the handle's type.
    File,
    /// A folder, to list, to change or to sync.
    Folder,
}

impl Want {
    /// `O_NONBLOCK` keeps a pipe without a writer from blocking; `O_NOCTTY` keeps a terminal from
    /// becoming ours.
    fn flags(self) -> OFlags {
        let flags =
            OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
        match self {
            Self::File => flags,
            Self::Folder => flags | OFlags::DIRECTORY,
        }
    }
}

/// The outcome of an attempt to open a path.
#[derive(Debug)]
pub(super) enum Reached {
    /// It is open.
    Open(OwnedFd),
    /// Nothing is there, or something that is not followed or not opened.
    Stopped(Obstacle),
}

/// What stands where a path leads, or on the way there. Paths are relative to the base handle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Obstacle {
    /// Nothing.
    Absent,
    /// A folder where a file is wanted.
    Folder,
    /// A device, pipe or socket.
    Special,
    /// A symlink, at the path itself or on the way.
    Symlink {
        /// Where it stands.
        at: Utf8PathBuf,
        /// What is written in it.
        target: String,
    },
    /// Not a folder, where one is needed.
    NotFolder {
        /// Where it stands.
        at: Utf8PathBuf,
    },
}

impl Obstacle {
    /// The same fact as an entry of `path`.
    pub(super) fn into_entry(self, path: &Utf8Path) -> DiskEntry {
        match self {
            Self::Absent => DiskEntry::Absent,
            Self::Folder => DiskEntry::Folder,
            Self::Special => DiskEntry::Other,
            Self::Symlink { at, target } if at == path => DiskEntry::Symlink { target },
            Self::Symlink { at, target } => DiskEntry::BehindSymlink {
                folder: at.into_string(),
                target,
            },
            Self::NotFolder { at } => DiskEntry::BehindFile {
                file: at.into_string(),
            },
        }
    }
}

/// How a path is resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    /// By the kernel in one call.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    Kernel,
    /// Folder by folder.
    Stepwise,
}

impl Lookup {
    /// The fastest way that works for `root`.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    pub(super) fn probe(root: BorrowedFd<'_>) -> Self {
        match Self::Kernel.open_once(root, Utf8Path::new(""), Want::Folder) {
            Ok(_) => Self::Kernel,
            Err(_) => Self::Stepwise,
        }
    }

    /// The fastest way that works for `root`.
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(super) fn probe(_root: BorrowedFd<'_>) -> Self {
        Self::Stepwise
    }

    /// Opens `path` below `base`, or says what is in the way. The path must consist of plain names;
    /// an empty one is `base`.
    ///
    /// # Errors
    /// Whatever the system answers when nothing is in the way: no permission, a failing disk, too
    /// many open files.
    pub(super) fn open(
        self,
        base: BorrowedFd<'_>,
        path: &Utf8Path,
        want: Want,
    ) -> rustix::io::Result<Reached> {
        let mut attempt = 1;
        loop {
            let errno = match retry_on_intr(|| self.open_once(base, path, want)) {
                Ok(handle) => return Ok(Reached::Open(handle)),
                Err(Errno::NOENT) => return Ok(Reached::Stopped(Obstacle::Absent)),
                Err(errno) => errno,
            };
            if let Some(obstacle) = explain(base, path, want)? {
                return Ok(Reached::Stopped(obstacle));
            }
            if attempt == ATTEMPTS || !may_be_outdated(errno) {
                return Err(errno);
            }
            // Out of step with whoever keeps changing the path.
            thread::sleep(Duration::from_micros(u64::from(attempt * attempt)));
            attempt += 1;
        }
    }

    fn open_once(
        self,
        base: BorrowedFd<'_>,
        path: &Utf8Path,
        want: Want,
    ) -> rustix::io::Result<OwnedFd> {
        match self {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            Self::Kernel => rustix::fs::openat2(
                base,
                or_dot(path.as_str()),
                want.flags(),
                Mode::empty(),
                rustix::fs::ResolveFlags::BENEATH | rustix::fs::ResolveFlags::NO_SYMLINKS,
            ),
            Self::Stepwise => open_stepwise(base, path, want),
        }
    }
}

fn open_stepwise(base: BorrowedFd<'_>, path: &Utf8Path, want: Want) -> rustix::io::Result<OwnedFd> {
    let mut held: Option<OwnedFd> = None;
    for folder in path.parent().into_iter().flat_map(Utf8Path::components) {
        let here = held.as_ref().map_or(base, AsFd::as_fd);
        let next = openat(here, folder.as_str(), Want::Folder.flags(), Mode::empty())?;
        held = Some(next);
    }
    let here = held.as_ref().map_or(base, AsFd::as_fd);
    let name = or_dot(path.file_name().unwrap_or_default());
    openat(here, name, want.flags(), Mode::empty())
}

fn or_dot(path: &str) -> &str {
    if path.is_empty() { "." } else { path }
}

/// Whether an open can fail so because what stood in the way is gone by the time it is explained.
/// The number for a refused symlink differs between the systems: `ELOOP`, `ENOTDIR` or `EMLINK`.
fn may_be_outdated(errno: Errno) -> bool {
    matches!(
        errno,
        Errno::LOOP | Errno::NOTDIR | Errno::NXIO | Errno::MLINK
    )
}

/// The first thing on the way to `path` that keeps it from being opened; `None` when nothing does,
/// so that the error of the open was a real one or the path has changed since.
fn explain(
    base: BorrowedFd<'_>,
    path: &Utf8Path,
    want: Want,
) -> rustix::io::Result<Option<Obstacle>> {
    let mut held: Option<OwnedFd> = None;
    let mut at = Utf8PathBuf::new();
    for part in path.components() {
        at.push(part);
        let last = at.as_str().len() == path.as_str().len();
        let here = held.as_ref().map_or(base, AsFd::as_fd);
        let kind = match statat(here, part.as_str(), AtFlags::SYMLINK_NOFOLLOW) {
            Err(Errno::NOENT) => return Ok(Some(Obstacle::Absent)),
            stat => FileType::from_raw_mode(stat?.st_mode),
        };
        match kind {
            FileType::Symlink => return read_link(here, part.as_str(), at),
            FileType::Directory if last => {
                return Ok((want == Want::File).then_some(Obstacle::Folder));
            }
            FileType::Directory => {
                match openat(here, part.as_str(), Want::Folder.flags(), Mode::empty()) {
                    Ok(folder) => held = Some(folder),
                    Err(Errno::NOENT) => return Ok(Some(Obstacle::Absent)),
                    Err(errno) if may_be_outdated(errno) => return Ok(None),
                    Err(errno) => return Err(errno),
                }
            }
            FileType::RegularFile if last && want == Want::File => return Ok(None),
            _ if last && want == Want::File => return Ok(Some(Obstacle::Special)),
            _ => return Ok(Some(Obstacle::NotFolder { at })),
        }
    }
    Ok(None)
}

/// The link `name` in `here` as an obstacle; `None` when it is no link any more.
fn read_link(
    here: BorrowedFd<'_>,
    name: &str,
    at: Utf8PathBuf,
) -> rustix::io::Result<Option<Obstacle>> {
    match readlinkat(here, name, Vec::new()) {
        Ok(target) => Ok(Some(Obstacle::Symlink {
            at,
            target: target.to_string_lossy().into_owned(),
        })),
        Err(Errno::INVAL | Errno::NOENT) => Ok(None),
        Err(errno) => Err(errno),
    }
}

#[cfg(test)]
mod tests {
    use super::{Obstacle, Reached, Want};
    use crate::workspace::fixture::Fixture;
    use camino::Utf8Path;
    use std::os::unix::net::UnixListener;

    fn obstacles(fixture: &Fixture, path: &str, want: Want) -> Vec<Option<Obstacle>> {
        let reached = fixture.workspaces().into_iter().map(|workspace| {
            match workspace.reach("open", Utf8Path::new(path), want).unwrap() {
                Reached::Open(_) => None,
                Reached::Stopped(obstacle) => Some(obstacle),
            }
        });
        reached.collect()
    }

    fn assert_stopped(fixture: &Fixture, path: &str, want: Want, obstacle: &Obstacle) {
        for stopped in obstacles(fixture, path, want) {
            assert_eq!(stopped.as_ref(), Some(obstacle), "{path} {want:?}");
        }
    }

    #[test]
    fn no_link_is_followed_wherever_it_points_and_stands() {
        let fixture = Fixture::new();
        fixture.put("inside/Dockerfile", "x");
        let outside = fixture.outside();
        let targets = [
            "inside",
            "inside/Dockerfile",
            "../outside/folder",
            "missing",
            "/nowhere/at/all",
            ".",
            "..",
            outside.as_str(),
        ];
        for (number, target) in targets.into_iter().enumerate() {
            let at = format!("link{number}");
            fixture.link(&at, target);
            let obstacle = Obstacle::Symlink {
                at: at.as_str().into(),
                target: target.to_owned(),
            };
            for path in [at.clone(), format!("{at}/Dockerfile"), format!("{at}/a/b")] {
                assert_stopped(&fixture, &path, Want::File, &obstacle);
                assert_stopped(&fixture, &path, Want::Folder, &obstacle);
            }
        }
    }

    #[test]
    fn links_in_a_circle_are_named_not_chased() {
        let fixture = Fixture::new();
        fixture.link("self", "self");
        fixture.link("a/one", "two");
        fixture.link("a/two", "one");
        for (at, target) in [("self", "self"), ("a/one", "two"), ("a/two", "one")] {
            let obstacle = Obstacle::Symlink {
                at: at.into(),
                target: target.to_owned(),
            };
            assert_stopped(&fixture, at, Want::File, &obstacle);
            assert_stopped(&fixture, &format!("{at}/x"), Want::File, &obstacle);
        }
    }

    #[test]
    fn what_is_no_file_and_no_folder_is_told_apart() {
        let fixture = Fixture::new();
        fixture.put("file", "x");
        fixture.put("folder/file", "x");
        let _socket = UnixListener::bind(fixture.root().join("socket")).unwrap();
        let not_folder = |at: &str| Obstacle::NotFolder { at: at.into() };
        assert_stopped(&fixture, "missing", Want::File, &Obstacle::Absent);
        assert_stopped(&fixture, "missing/too", Want::Folder, &Obstacle::Absent);
        assert_stopped(&fixture, "file/x", Want::File, &not_folder("file"));
        assert_stopped(
            &fixture,
            "folder/file/x/y",
            Want::File,
            &not_folder("folder/file"),
        );
        assert_stopped(&fixture, "file", Want::Folder, &not_folder("file"));
        assert_stopped(&fixture, "socket", Want::File, &Obstacle::Special);
        assert_stopped(&fixture, "socket/x", Want::File, &not_folder("socket"));
        for path in ["", "folder"] {
            assert!(
                obstacles(&fixture, path, Want::Folder)
                    .iter()
                    .all(Option::is_none),
                "{path}"
            );
        }
    }

    #[test]
    fn a_name_too_long_is_an_error_not_an_absence() {
        let fixture = Fixture::new();
        let name = "n".repeat(300);
        for workspace in fixture.workspaces() {
            let error = workspace
                .reach("open", Utf8Path::new(&name), Want::File)
                .unwrap_err();
            assert!(error.to_string().contains(&name), "{error}");
        }
    }
}
