//! Listing trees of folders.

use std::cmp::Ordering;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{AtFlags, Dir, DirEntry, FileType, statat};
use rustix::io::Errno;

use super::beneath::{Obstacle, Reached, Want};
use super::temp::is_temp_name;
use super::{Error, Workspace, beneath, is_git};

/// Bounds on a listing of inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListCaps {
    /// How many folders deep, not counting the listed one.
    pub(crate) depth: usize,
    /// How many entries, folders included.
    pub(crate) entries: usize,
}

impl Workspace {
    /// Everything below `folder` that is not a folder, at most `max_depth` folders deeper (0: only
    /// its own entries), sorted by bytes. Links are listed, not followed; if `folder` is itself a
    /// link or a file, it is the one entry. A folder that does not exist is empty.
    ///
    /// Left out are git's own folders, our temporary files, and names that are not UTF-8, which
    /// nothing of ours can have.
    ///
    /// # Errors
    /// [`Error::InvalidPath`], or [`Error::Io`] when a folder cannot be listed.
    pub(crate) fn scan(
        &self,
        folder: &Utf8Path,
        max_depth: usize,
    ) -> Result<Vec<Utf8PathBuf>, Error> {
        const ACTION: &str = "scan";
        let folder = beneath(ACTION, folder)?;
        let caps = ListCaps {
            depth: max_depth,
            entries: usize::MAX,
        };
        let walked = match Walked::new((self, ACTION), &folder, caps, is_not_temp)? {
            Ok(walked) => walked,
            Err(Obstacle::Absent) => return Ok(Vec::new()),
            Err(Obstacle::Symlink { at, .. } | Obstacle::NotFolder { at }) => return Ok(vec![at]),
            Err(Obstacle::Folder | Obstacle::Special) => return Ok(vec![folder]),
        };
        Ok(walked.sorted())
    }

    /// Everything below a folder of inputs that is not a folder, sorted by bytes; `None` when it
    /// does not exist. Links are listed, not followed: [`Workspace::read_text`] refuses them one by
    /// one. Git's own folders are left out, and so are names that are not UTF-8, which no
    /// declaration can name.
    ///
    /// # Errors
    /// [`Error::TooMany`] over one of `caps`, [`Error::Symlink`] or [`Error::NotFolder`] for
    /// `folder` itself, [`Error::InvalidPath`], or [`Error::Io`].
    pub(crate) fn list_folder(
        &self,
        folder: &Utf8Path,
        caps: ListCaps,
    ) -> Result<Option<Vec<Utf8PathBuf>>, Error> {
        const ACTION: &str = "list";
        let folder = beneath(ACTION, folder)?;
        let too_many = |cap, unit| Error::TooMany {
            path: folder.clone(),
            cap,
            unit,
        };
        match Walked::new((self, ACTION), &folder, caps, |_| true)? {
            Err(Obstacle::Absent) => Ok(None),
            Err(obstacle) => Err(Error::refused(ACTION, &folder, obstacle)),
            Ok(walked) if walked.over_entries => Err(too_many(caps.entries, "entries")),
            Ok(walked) if walked.over_depth => Err(too_many(caps.depth, "levels of folders")),
            Ok(walked) => Ok(Some(walked.sorted())),
        }
    }

    /// The entries of one folder, sorted by bytes; `None` when it does not exist. Left out is what
    /// [`Workspace::scan`] leaves out.
    ///
    /// # Errors
    /// [`Error::Symlink`] or [`Error::NotFolder`] for `folder` itself, [`Error::InvalidPath`], or
    /// [`Error::Io`].
    pub(crate) fn list_entries(&self, folder: &Utf8Path) -> Result<Option<Entries>, Error> {
        const ACTION: &str = "list";
        let folder = beneath(ACTION, folder)?;
        let (mut walked, mut folders) = (Walked::wanting(is_not_temp), Vec::new());
        match walked.list(self, ACTION, &folder, usize::MAX, &mut folders)? {
            Ok(_) => {}
            Err(Obstacle::Absent) => return Ok(None),
            Err(obstacle) => return Err(Error::refused(ACTION, &folder, obstacle)),
        }
        folders.sort_unstable_by(by_bytes);
        Ok(Some(Entries {
            files: walked.sorted(),
            folders,
        }))
    }

    /// Our temporary files below `folder`, at most `max_depth` folders deeper, sorted by bytes.
    pub(super) fn find_temps(
        &self,
        action: &'static str,
        folder: &Utf8Path,
        max_depth: usize,
    ) -> Result<Vec<Utf8PathBuf>, Error> {
        let caps = ListCaps {
            depth: max_depth,
            entries: usize::MAX,
        };
        let walked = Walked::new((self, action), folder, caps, is_temp_name)?;
        Ok(walked.map_or_else(|_| Vec::new(), Walked::sorted))
    }
}

/// What stands in a folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Entries {
    /// The paths of what is not a folder.
    pub(crate) files: Vec<Utf8PathBuf>,
    /// The paths of folders.
    pub(crate) folders: Vec<Utf8PathBuf>,
}

/// What a walk over a tree of folders found.
struct Walked {
    /// Of which names it keeps the paths.
    wanted: fn(&str) -> bool,
    paths: Vec<Utf8PathBuf>,
    over_depth: bool,
    over_entries: bool,
}

impl Walked {
    fn wanting(wanted: fn(&str) -> bool) -> Self {
        Self {
            wanted,
            paths: Vec::new(),
            over_depth: false,
            over_entries: false,
        }
    }

    /// Walks `folder`, or says what stands there instead of a folder. Stops at the entry cap.
    fn new(
        (workspace, action): (&Workspace, &'static str),
        folder: &Utf8Path,
        caps: ListCaps,
        wanted: fn(&str) -> bool,
    ) -> Result<Result<Self, Obstacle>, Error> {
        let mut walked = Self::wanting(wanted);
        let mut seen = 0;
        let mut waiting = vec![(folder.to_owned(), 0)];
        while let Some((path, depth)) = waiting.pop() {
            let mut folders = Vec::new();
            let room = caps.entries.saturating_sub(seen);
            match walked.list(workspace, action, &path, room, &mut folders)? {
                Ok(count) => seen += count,
                Err(obstacle) if depth == 0 => return Ok(Err(obstacle)),
                Err(Obstacle::Absent) => {}
                // It was a folder when its parent was listed; list what it has become.
                Err(_) if path.file_name().is_some_and(wanted) => walked.paths.push(path),
                Err(_) => {}
            }
            if walked.over_entries {
                break;
            }
            // The last one is taken first: what is found is all but in order then.
            folders.sort_unstable_by(|left, right| by_bytes(right, left));
            if depth < caps.depth {
                waiting.extend(folders.into_iter().map(|path| (path, depth + 1)));
            } else if !folders.is_empty() {
                walked.over_depth = true;
            }
        }
        Ok(Ok(walked))
    }

    /// Adds the entries of one folder, at most `room`, and gives their number; those that are
    /// folders go to `folders`.
    fn list(
        &mut self,
        workspace: &Workspace,
        action: &'static str,
        path: &Utf8Path,
        room: usize,
        folders: &mut Vec<Utf8PathBuf>,
    ) -> Result<Result<usize, Obstacle>, Error> {
        let failed = |errno| Error::io(action, path, errno);
        let handle = match workspace.reach(action, path, Want::Folder)? {
            Reached::Open(handle) => handle,
            Reached::Stopped(obstacle) => return Ok(Err(obstacle)),
        };
        let mut listing = Dir::new(handle).map_err(failed)?;
        let (mut count, first) = (0, self.paths.len());
        while let Some(entry) = listing.read() {
            let entry = match entry {
                // A folder that is removed while it is listed.
                Err(Errno::NOENT) => break,
                entry => entry.map_err(failed)?,
            };
            let Some(name) = listed_name(&entry) else {
                continue;
            };
            if count == room {
                self.over_entries = true;
                break;
            }
            count += 1;
            match kind_of(&listing, &entry).map_err(failed)? {
                FileType::Directory => folders.push(child(path, name)),
                _ if (self.wanted)(name) => self.paths.push(child(path, name)),
                _ => {}
            }
        }
        self.paths[first..].sort_unstable_by(by_bytes);
        Ok(Ok(count))
    }

    fn sorted(mut self) -> Vec<Utf8PathBuf> {
        self.paths.sort_by(by_bytes);
        self.paths
    }
}

fn is_not_temp(name: &str) -> bool {
    !is_temp_name(name)
}

/// As [`Utf8Path::join`], with one allocation.
fn child(folder: &Utf8Path, name: &str) -> Utf8PathBuf {
    let slash = if folder.as_str().is_empty() { "" } else { "/" };
    [folder.as_str(), slash, name].concat().into()
}

fn by_bytes(left: &Utf8PathBuf, right: &Utf8PathBuf) -> Ordering {
    left.as_str().cmp(right.as_str())
}

/// The entry's name, unless it is one that listings leave out.
fn listed_name(entry: &DirEntry) -> Option<&str> {
    let name = entry.file_name().to_str().ok()?;
    (name != "." && name != ".." && !is_git(name)).then_some(name)
}

/// The entry's type; some file systems do not tell it in the listing.
fn kind_of(listing: &Dir, entry: &DirEntry) -> rustix::io::Result<FileType> {
    match entry.file_type() {
        FileType::Unknown => {
            let flags = AtFlags::SYMLINK_NOFOLLOW;
            match statat(listing.fd()?, entry.file_name(), flags) {
                // Gone already: whoever opens it will find it absent.
                Err(Errno::NOENT) => Ok(FileType::RegularFile),
                stat => Ok(FileType::from_raw_mode(stat?.st_mode)),
            }
        }
        known => Ok(known),
    }
}

#[cfg(test)]
mod tests {
    use camino::Utf8Path;

    use super::ListCaps;
    use crate::workspace::Error;
    use crate::workspace::fixture::Fixture;

    #[test]
    fn a_scan_lists_what_is_no_folder_and_follows_nothing() {
        let fixture = Fixture::new();
        for path in [
            "g/b/Dockerfile",
            "g/a/x",
            "g/a-b",
            "g/.git/config",
            "g/a/.GIT/HEAD",
            "h/x",
        ] {
            fixture.put(path, "x");
        }
        fixture.put("g/.dockwright-0123456789abcdef.tmp", "x");
        fixture.link("g/away", "../../outside");
        fixture.link("g/loop", "loop");
        fixture.link("h/g", "../g");
        for workspace in fixture.workspaces() {
            let scan = |folder: &str, depth| workspace.scan(Utf8Path::new(folder), depth).unwrap();
            let all = ["g/a-b", "g/a/x", "g/away", "g/b/Dockerfile", "g/loop"];
            assert_eq!(scan("g", usize::MAX), all);
            assert_eq!(scan("./g/", 0), ["g/a-b", "g/away", "g/loop"]);
            assert_eq!(scan("missing", 9), Vec::<String>::new());
            assert_eq!(scan("h/g", 9), ["h/g"]);
            assert_eq!(scan("h/g/a", 9), ["h/g"]);
            assert_eq!(scan("g/a-b", 9), ["g/a-b"]);
            assert_eq!(scan("", 1).len(), 5);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn names_that_are_not_utf_8_are_left_out() {
        use std::os::unix::ffi::OsStrExt as _;
        let fixture = Fixture::new();
        fixture.put("g/a", "x");
        let odd = std::ffi::OsStr::from_bytes(b"g/\xff");
        std::fs::write(fixture.root().as_std_path().join(odd), "x").unwrap();
        let found = fixture.workspace().scan(Utf8Path::new("g"), 9).unwrap();
        assert_eq!(found, ["g/a"]);
    }

    #[test]
    fn a_folder_is_listed_by_itself_and_nothing_is_followed() {
        let fixture = Fixture::new();
        for path in ["d/b/x", "d/a/x", "d/c", "d/.git/config"] {
            fixture.put(path, "x");
        }
        fixture.link("d/away", "../../outside");
        for workspace in fixture.workspaces() {
            let list = |folder: &str| workspace.list_entries(Utf8Path::new(folder));
            let found = list("d").unwrap().unwrap();
            assert_eq!(
                (found.files, found.folders),
                (
                    vec!["d/away".into(), "d/c".into()],
                    vec!["d/a".into(), "d/b".into()]
                )
            );
            assert_eq!(list("missing").unwrap(), None);
            assert!(matches!(list("d/away"), Err(Error::Symlink { .. })));
            assert!(matches!(list("d/c"), Err(Error::NotFolder { .. })));
        }
    }

    #[test]
    fn a_folder_of_inputs_is_listed_within_its_caps() {
        let fixture = Fixture::new();
        for path in ["t/service/a.j2", "t/b.j2"] {
            fixture.put(path, "x");
        }
        fixture.link("t/c.j2", "../../outside/secret");
        fixture.link("away", "../outside");
        for workspace in fixture.workspaces() {
            let list = |folder: &str, depth, entries| {
                workspace.list_folder(Utf8Path::new(folder), ListCaps { depth, entries })
            };
            let all = ["t/b.j2", "t/c.j2", "t/service/a.j2"];
            assert_eq!(list("t", 1, 4).unwrap().unwrap(), all);
            assert!(matches!(
                list("t", 0, 4),
                Err(Error::TooMany { cap: 0, .. })
            ));
            assert!(matches!(
                list("t", 1, 3),
                Err(Error::TooMany { cap: 3, .. })
            ));
            assert_eq!(list("missing", 1, 4).unwrap(), None);
            assert!(matches!(list("away", 1, 4), Err(Error::Symlink { .. })));
            assert!(matches!(list("t/b.j2", 1, 4), Err(Error::NotFolder { .. })));
        }
    }
}
