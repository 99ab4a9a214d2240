//! The only module with effects on files: everything else in the crate is a function of values.
//!
//! A [`Workspace`] is an open handle on the root folder. Every path is relative to it, is checked
//! to consist of plain names, and is resolved from the handle without following *any* symlink below
//! the root, whether it points inside or outside: a link at or on the way to an input or output is
//! reported instead. Since the kernel resolves from handles, swapping a folder for a link in the
//! middle of a run changes the answer but never leads outside.
//!
//! Built on `rustix` rather than on `cap-std`: the latter follows links that stay inside its root,
//! so that refusing them too would take a chain of opens for each file, and it has no rename that
//! refuses to replace. The price is Unix only (Windows users have WSL).
//!
//! What it does not promise: if another process *moves* a folder out of the root between our
//! opening and our using it, the handle still names that folder. And between the last look at a
//! target and the rename over it there are a few microseconds in which a save by somebody else is
//! lost, since no system offers a rename that compares contents first. (A file that was absent is
//! created with a rename that cannot replace, so there the window is closed.)
//!
//! `beneath` opens, `disk` reads, `walk` lists, `lock` keeps other runs out, `atomic` writes and
//! removes, with `folders` and `temp` for the places and the temporary files that a write goes
//! through.

#![expect(
    clippy::disallowed_types,
    reason = "the one module with effects on files"
)]
#![cfg_attr(
    test,
    expect(
        clippy::disallowed_methods,
        reason = "the tests look at the disk behind the module's back"
    )
)]

mod atomic;
mod beneath;
mod clock;
mod disk;
mod enter;
#[cfg(test)]
mod fixture;
mod folder;
mod folders;
pub mod git;
mod lock;
pub(crate) mod memory;
mod named;
pub(crate) mod program;
pub(crate) mod scratch;
mod temp;
mod walk;

use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};
use rustix::fs::{Mode, OFlags};

pub(crate) use atomic::WRITE_BATCH;
pub use atomic::{Durability, Write};
pub(crate) use clock::{processor_time, today};
pub(crate) use disk::FILE_CAP_BYTES;
pub(crate) use enter::enter;
pub(crate) use named::{Named, open_named, read_named, write_named};
pub(crate) use walk::{Entries, ListCaps};

use beneath::{Lookup, Obstacle, Reached, Want};

/// Why the disk could not be read or written. Paths are relative to the root, save that of an
/// unusable root itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refused or failed.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// On what.
        path: Utf8PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// The path does not name a place below the root that we may touch, whatever is on disk.
    #[error("cannot {action} {path:?}: {reason}")]
    InvalidPath {
        /// What was tried, as a verb.
        action: &'static str,
        /// The path as given.
        path: Utf8PathBuf,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The path is, or leads through, a symlink.
    #[error("cannot {action} {path}: {at} is a symlink to {target}, and symlinks are not followed")]
    Symlink {
        /// What was tried, as a verb.
        action: &'static str,
        /// The path as asked for.
        path: Utf8PathBuf,
        /// The link: the path itself or a folder on the way.
        at: Utf8PathBuf,
        /// What is written in the link.
        target: String,
    },
    /// The path needs a folder where something else is.
    #[error("cannot {action} {path}: {at} is not a folder")]
    NotFolder {
        /// What was tried, as a verb.
        action: &'static str,
        /// The path as asked for.
        path: Utf8PathBuf,
        /// What is not a folder: the path itself or a part of it.
        at: Utf8PathBuf,
    },
    /// The path holds something that is neither a regular file nor a link.
    #[error("cannot {action} {path}: it is {found}, not a regular file")]
    NotRegular {
        /// What was tried, as a verb.
        action: &'static str,
        /// The path.
        path: Utf8PathBuf,
        /// What is there.
        found: &'static str,
    },
    /// An input is over its size cap.
    #[error("cannot read {path}: it is longer than {cap_bytes} bytes")]
    TooLarge {
        /// The input.
        path: Utf8PathBuf,
        /// The cap in bytes.
        cap_bytes: u64,
    },
    /// A file that we would replace is none that we wrote.
    #[error("{0} exists and is not a report of dockwright; delete it, or choose another name")]
    Foreign(Utf8PathBuf),
    /// A folder of inputs is over one of its caps.
    #[error("cannot list {path}: it holds more than {cap} {unit}")]
    TooMany {
        /// The folder.
        path: Utf8PathBuf,
        /// The cap.
        cap: usize,
        /// What is counted.
        unit: &'static str,
    },
    /// Another run keeps the declaration to itself.
    #[error(
        "another dockwright has been changing this folder for {seconds} seconds; try again when \
         it is done"
    )]
    Busy {
        /// How long it was waited for.
        seconds: u64,
    },
    /// The file is no longer what the plan was made from. It was left as it is.
    #[error("cannot {action} {path}: another program changed it at the same time")]
    ChangedMeanwhile {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file.
        path: Utf8PathBuf,
    },
}

impl Error {
    fn io(action: &'static str, path: &Utf8Path, source: impl Into<io::Error>) -> Self {
        Self::Io {
            action,
            path: path.to_owned(),
            source: source.into(),
        }
    }

    /// The refusal that `obstacle` means for an `action` on `path`.
    fn refused(action: &'static str, path: &Utf8Path, obstacle: Obstacle) -> Self {
        let path = path.to_owned();
        match obstacle {
            Obstacle::Symlink { at, target } => Self::Symlink {
                action,
                path,
                at,
                target,
            },
            Obstacle::NotFolder { at } => Self::NotFolder { action, path, at },
            Obstacle::Folder => Self::NotRegular {
                action,
                path,
                found: "a folder",
            },
            Obstacle::Special => Self::NotRegular {
                action,
                path,
                found: "a device, pipe or socket",
            },
            Obstacle::Absent => Self::io(action, &path, io::ErrorKind::NotFound),
        }
    }
}

/// The root folder of a fleet: the one that holds its services.yaml. A copy shares the handle.
#[derive(Debug, Clone)]
pub struct Workspace {
    root: Arc<OwnedFd>,
    lookup: Lookup,
}

impl Workspace {
    /// Opens the folder `root`. This one path is taken as the user gave it, links included; an
    /// empty one is the current folder.
    ///
    /// # Errors
    /// [`Error::Io`] when it is not a folder that can be opened.
    pub fn open(root: &Utf8Path) -> Result<Self, Error> {
        let path = if root.as_str().is_empty() {
            "."
        } else {
            root.as_str()
        };
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(path, flags, Mode::empty())
            .map_err(|errno| Error::io("open the root folder", Utf8Path::new(path), errno))?;
        let lookup = Lookup::probe(root.as_fd());
        Ok(Self {
            root: root.into(),
            lookup,
        })
    }

    fn root(&self) -> BorrowedFd<'_> {
        self.root.as_fd()
    }

    /// Opens `path` below the root.
    fn reach(&self, action: &'static str, path: &Utf8Path, want: Want) -> Result<Reached, Error> {
        self.lookup
            .open(self.root(), path, want)
            .map_err(|errno| Error::io(action, path, errno))
    }
}

/// The absolute paths of a folder: with links in it followed, and as given. Nothing is opened by
/// them.
#[must_use]
pub(crate) fn absolute_spellings(folder: &Utf8Path) -> Vec<String> {
    let path = if folder.as_str().is_empty() {
        Utf8Path::new(".")
    } else {
        folder
    };
    let spellings = [path.as_std_path().canonicalize(), std::path::absolute(path)];
    spellings
        .into_iter()
        .flatten()
        .filter_map(|path| path.to_str().map(str::to_owned))
        .collect()
}

/// `path` with only its names left: no `.`, no doubled or final slash. Empty means the root.
fn beneath(action: &'static str, path: &Utf8Path) -> Result<Utf8PathBuf, Error> {
    let is_plain = |name: &str| !matches!(name, "" | "." | "..") && !name.contains('\0');
    if path.as_str().split('/').all(is_plain) {
        return Ok(path.to_owned());
    }
    let invalid = |reason| Error::InvalidPath {
        action,
        path: path.to_owned(),
        reason,
    };
    let mut names = Utf8PathBuf::new();
    for component in path.components() {
        match component {
            Utf8Component::Normal(name) if name.contains('\0') => {
                return Err(invalid("it contains a NUL byte"));
            }
            Utf8Component::Normal(name) => names.push(name),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => return Err(invalid("it contains ..")),
            Utf8Component::RootDir | Utf8Component::Prefix(_) => {
                return Err(invalid("it is absolute"));
            }
        }
    }
    Ok(names)
}

/// Whether `name` is git's own folder. Without regard to case, since some file systems have none.
fn is_git(name: &str) -> bool {
    name.eq_ignore_ascii_case(".git")
}

#[cfg(test)]
mod tests {
    use super::{Error, Workspace, beneath};
    use camino::Utf8Path;

    #[test]
    fn only_plain_names_lead_below_the_root() {
        for bad in ["/etc", "..", "a/../b", "a\0b"] {
            let refused = beneath("read", Utf8Path::new(bad));
            assert!(
                matches!(refused, Err(Error::InvalidPath { .. })),
                "{bad:?}: {refused:?}"
            );
        }
        assert_eq!(
            beneath("read", Utf8Path::new("./a//b/./c/")).unwrap(),
            "a/b/c"
        );
        assert_eq!(beneath("read", Utf8Path::new(".")).unwrap(), "");
    }

    #[test]
    fn a_root_that_is_no_folder_is_an_error_with_its_path() {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap().join("missing");
        let message = Workspace::open(&root).unwrap_err().to_string();
        assert!(message.contains("open the root folder"), "{message}");
        assert!(message.contains(root.as_str()), "{message}");
    }
}
