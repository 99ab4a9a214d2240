//! The folders that a batch of writes goes to: each opened once, created where missing, synced
//! once.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use rustix::fs::{Mode, mkdirat};
use rustix::io::Errno;

use super::beneath::{Obstacle, Reached, Want};
use super::folder::Folder;
use super::temp::Temp;
use super::{Error, Workspace};

const ACTION: &str = "write";

/// How often a folder that a concurrent run removes is created again.
const ATTEMPTS: u32 = 32;

/// The folders of one batch, each opened once.
pub(super) struct Folders<'w> {
    workspace: &'w Workspace,
    open: BTreeMap<Utf8PathBuf, Rc<Folder>>,
}

impl<'w> Folders<'w> {
    pub(super) fn new(workspace: &'w Workspace) -> Self {
        let open = BTreeMap::new();
        Self { workspace, open }
    }

    /// A temporary file in `folder`, for a write to `path`. Missing folders are created first, as
    /// often as a concurrent run removes them again.
    pub(super) fn create_temp(
        &mut self,
        path: &Utf8Path,
        folder: &Utf8Path,
    ) -> Result<Temp, Error> {
        for _ in 0..ATTEMPTS {
            if let Some(opened) = self.open_or_create(path, folder)? {
                match Temp::create(&opened) {
                    Err(Errno::NOENT) => {}
                    temp => return temp.map_err(|errno| Error::io(ACTION, path, errno)),
                }
            }
            self.forget(folder);
        }
        Err(Error::io(ACTION, path, Errno::NOENT))
    }

    /// The folder at `folder`, for a write to `path`; `None` when a concurrent run pruned it
    /// between two of our steps.
    fn open_or_create(
        &mut self,
        path: &Utf8Path,
        folder: &Utf8Path,
    ) -> Result<Option<Rc<Folder>>, Error> {
        if let Some(open) = self.open.get(folder) {
            return Ok(Some(Rc::clone(open)));
        }
        let (handle, created_in) = match self.workspace.reach(ACTION, folder, Want::Folder)? {
            Reached::Open(handle) => (handle, None),
            Reached::Stopped(Obstacle::Absent) => match self.create(path, folder)? {
                Some((handle, above)) => (handle, Some(above)),
                None => return Ok(None),
            },
            Reached::Stopped(obstacle) => return Err(Error::refused(ACTION, path, obstacle)),
        };
        let opened = Rc::new(Folder::new(folder, handle, created_in));
        self.open.insert(folder.to_owned(), Rc::clone(&opened));
        Ok(Some(opened))
    }

    /// Creates one folder in its parent, which is created first where needed.
    fn create(
        &mut self,
        path: &Utf8Path,
        folder: &Utf8Path,
    ) -> Result<Option<(OwnedFd, Rc<Folder>)>, Error> {
        let (Some(parent), Some(name)) = (folder.parent(), folder.file_name()) else {
            return Ok(None);
        };
        let Some(above) = self.open_or_create(path, parent)? else {
            return Ok(None);
        };
        let all = Mode::RWXU | Mode::RWXG | Mode::RWXO;
        match mkdirat(above.handle(), name, all) {
            Ok(()) | Err(Errno::EXIST) => {}
            Err(Errno::NOENT) => return Ok(None),
            Err(errno) => return Err(Error::io("create the folder", folder, errno)),
        }
        match self.workspace.reach(ACTION, folder, Want::Folder)? {
            Reached::Open(handle) => Ok(Some((handle, above))),
            Reached::Stopped(Obstacle::Absent) => Ok(None),
            Reached::Stopped(obstacle) => Err(Error::refused(ACTION, path, obstacle)),
        }
    }

    /// Drops the handles of a folder that was removed, and of those above it.
    fn forget(&mut self, folder: &Utf8Path) {
        self.open.retain(|open, _| !folder.starts_with(open));
    }
}

#[cfg(test)]
#[cfg(any(target_os = "linux", target_vendor = "apple"))]
mod tests {
    use std::fs;
    use std::slice;
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread::{self, ScopedJoinHandle};

    use camino::Utf8Path;
    use rustix::fs::{CWD, RenameFlags, renameat_with};

    use super::Folders;
    use crate::drift::disk_state::DiskEntry;
    use crate::workspace::fixture::{Fixture, SECRET, artifact};
    use crate::workspace::{Durability, Error, Workspace};

    const SWAPS: u32 = 2_000;

    /// What the racing side came across.
    #[derive(Default)]
    struct Seen {
        done: u32,
        refused: u32,
    }

    impl Seen {
        fn count<T>(&mut self, result: Result<T, Error>) {
            match result {
                Ok(_) => self.done += 1,
                Err(Error::Symlink { .. } | Error::ChangedMeanwhile { .. }) => self.refused += 1,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// One round of everything that the workspace does, at a path whose folder may be a link at any
    /// moment.
    fn work(workspace: &Workspace, seen: &mut Seen) {
        let path = artifact("generated/svc/Dockerfile");
        let stop = Utf8Path::new("generated");
        seen.count(workspace.write(&path, b"ours", &DiskEntry::Absent));
        for _ in 0..20 {
            let read = workspace.read_text(path.as_path(), 99);
            assert_ne!(read.as_ref().ok(), Some(&Some(SECRET.as_bytes().to_vec())));
            seen.count(read);
            for found in workspace.scan(stop, 9).unwrap() {
                assert_ne!(found, "generated/svc/secret");
            }
            workspace.reap_stale_temps(stop, 9).unwrap();
        }
        let (_, entry) = workspace
            .read_declared(slice::from_ref(&path))
            .unwrap()
            .remove(0);
        if let DiskEntry::File { bytes, .. } = &entry {
            assert_eq!(bytes, b"ours");
            seen.count(workspace.write(&path, b"ours", &entry));
            seen.count(workspace.remove(&path, &entry, stop, Durability::WrittenBack));
        }
    }

    /// Swaps two names back and forth until the other side is through.
    fn swap_until(
        worker: &ScopedJoinHandle<'_, ()>,
        folder: &Utf8Path,
        link: &Utf8Path,
        swaps: &AtomicU32,
    ) {
        while !worker.is_finished() {
            let flags = RenameFlags::EXCHANGE;
            renameat_with(CWD, folder.as_str(), CWD, link.as_str(), flags).unwrap();
            swaps.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn a_folder_removed_behind_our_back_is_created_again() {
        let fixture = Fixture::new();
        let workspace = fixture.workspace();
        let mut folders = Folders::new(&workspace);
        let mut create = |folder: &str| {
            let folder = Utf8Path::new(folder);
            folders
                .create_temp(&folder.join("Dockerfile"), folder)
                .map(drop)
        };
        for folder in ["g/a", "g/a", "g/a/b", "g/c"] {
            create(folder).unwrap();
            fs::remove_dir_all(fixture.root().join("g")).unwrap();
        }
    }

    #[test]
    fn a_folder_swapped_for_a_link_never_leads_outside() {
        let fixture = Fixture::new();
        fixture.put("generated/svc/keeps-it-from-being-pruned", "x");
        fixture.link("generated/link", "../../outside");
        let folder = fixture.root().join("generated/svc");
        let link = fixture.root().join("generated/link");
        for workspace in fixture.workspaces() {
            let swaps = AtomicU32::new(0);
            thread::scope(|scope| {
                let worker = scope.spawn(|| {
                    let mut seen = Seen::default();
                    // Both outcomes must have come up, or there was no race.
                    while swaps.load(Ordering::Relaxed) < SWAPS
                        || seen.done == 0
                        || seen.refused == 0
                    {
                        work(&workspace, &mut seen);
                    }
                });
                swap_until(&worker, &folder, &link, &swaps);
            });
            assert!(swaps.into_inner() >= SWAPS);
            fixture.assert_outside_untouched();
        }
        let beside = fs::read_dir(fixture.root()).unwrap().count();
        assert_eq!(beside, 1, "all that was written is below the one folder");
    }
}
