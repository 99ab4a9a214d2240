//! Reading files: inputs, and the state of generated files.

use std::os::fd::{AsFd, BorrowedFd};

use camino::Utf8Path;
use rustix::buffer::spare_capacity;
use rustix::fs::{FileType, Mode, fstat};
use rustix::io::{read, retry_on_intr};

use super::beneath::{Lookup, Obstacle, Reached, Want};
use super::{Error, Workspace, beneath};
use crate::artifact::ArtifactPath;
use crate::drift::disk_state::DiskEntry;

/// The most bytes of one generated file that are read; a longer one is [`DiskEntry::TooLarge`]. The
/// bake file of 10,000 services takes some 5 MiB.
pub(crate) const FILE_CAP_BYTES: u64 = 32 << 20;

/// The most bytes that [`Workspace::read_declared`] holds at once. Files past it are
/// [`DiskEntry::TooLarge`], so that a tree of many large files cannot exhaust the memory of a CI
/// runner: they differ from anything rendered either way.
pub(crate) const STATE_CAP_BYTES: u64 = 256 << 20;

/// The executable bits of all three classes.
const EXECUTABLE: Mode = Mode::XUSR.union(Mode::XGRP).union(Mode::XOTH);

impl Workspace {
    /// The bytes of the input file `path`, at most `cap_bytes` of them; `None` when there is no
    /// such file.
    ///
    /// # Errors
    /// [`Error::InvalidPath`], [`Error::Symlink`], [`Error::NotFolder`] (a file where a folder
    /// should lead on), [`Error::NotRegular`], [`Error::TooLarge`], or [`Error::Io`]. A pipe never
    /// blocks.
    pub(crate) fn read_text(
        &self,
        path: &Utf8Path,
        cap_bytes: u64,
    ) -> Result<Option<Vec<u8>>, Error> {
        const ACTION: &str = "read";
        let path = beneath(ACTION, path)?;
        let handle = match self.reach(ACTION, &path, Want::File)? {
            Reached::Open(handle) => handle,
            Reached::Stopped(Obstacle::Absent) => return Ok(None),
            Reached::Stopped(obstacle) => return Err(Error::refused(ACTION, &path, obstacle)),
        };
        match read_handle(handle.as_fd(), cap_bytes)
            .map_err(|errno| Error::io(ACTION, &path, errno))?
        {
            Content::Whole { bytes, .. } => Ok(Some(bytes)),
            Content::TooLarge { .. } => Err(Error::TooLarge { path, cap_bytes }),
            Content::Folder => Err(Error::refused(ACTION, &path, Obstacle::Folder)),
            Content::Special => Err(Error::refused(ACTION, &path, Obstacle::Special)),
        }
    }

    /// What stands at each of `paths`, in their order.
    ///
    /// # Errors
    /// [`Error::Io`] when that cannot be told, for instance for want of permission: the file is
    /// then neither missing nor different.
    pub fn read_declared(
        &self,
        paths: &[ArtifactPath],
    ) -> Result<Vec<(ArtifactPath, DiskEntry)>, Error> {
        self.read_capped(paths, FILE_CAP_BYTES, STATE_CAP_BYTES)
    }

    /// Reads files of at most `file_cap` bytes each and `budget` bytes together.
    fn read_capped(
        &self,
        paths: &[ArtifactPath],
        file_cap: u64,
        mut budget: u64,
    ) -> Result<Vec<(ArtifactPath, DiskEntry)>, Error> {
        const ACTION: &str = "read";
        let mut entries = Vec::with_capacity(paths.len());
        for artifact in paths {
            // An artifact's path has plain names alone.
            let path = artifact.as_path();
            let cap_bytes = file_cap.min(budget);
            let entry = read_entry(self.lookup, self.root(), path, cap_bytes)
                .map_err(|errno| Error::io(ACTION, path, errno))?;
            if let DiskEntry::File { bytes, .. } = &entry {
                budget = budget.saturating_sub(bytes.len() as u64);
            }
            entries.push((artifact.clone(), entry));
        }
        Ok(entries)
    }
}

/// What stands at `path` below `base`.
pub(super) fn read_entry(
    lookup: Lookup,
    base: BorrowedFd<'_>,
    path: &Utf8Path,
    cap_bytes: u64,
) -> rustix::io::Result<DiskEntry> {
    let handle = match lookup.open(base, path, Want::File)? {
        Reached::Open(handle) => handle,
        Reached::Stopped(obstacle) => return Ok(obstacle.into_entry(path)),
    };
    Ok(match read_handle(handle.as_fd(), cap_bytes)? {
        Content::Whole { bytes, executable } => DiskEntry::File { bytes, executable },
        Content::TooLarge { len } => DiskEntry::TooLarge { len },
        Content::Folder => DiskEntry::Folder,
        Content::Special => DiskEntry::Other,
    })
}

enum Content {
    Whole { bytes: Vec<u8>, executable: bool },
    TooLarge { len: u64 },
    Folder,
    Special,
}

fn read_handle(handle: BorrowedFd<'_>, cap_bytes: u64) -> rustix::io::Result<Content> {
    let stat = fstat(handle)?;
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => {}
        FileType::Directory => return Ok(Content::Folder),
        _ => return Ok(Content::Special),
    }
    let len = u64::try_from(stat.st_size).unwrap_or(0);
    if len > cap_bytes {
        return Ok(Content::TooLarge { len });
    }
    let bytes = read_to_cap(handle, len, cap_bytes)?;
    if bytes.len() as u64 > cap_bytes {
        let len = bytes.len() as u64;
        return Ok(Content::TooLarge { len });
    }
    let executable = Mode::from_raw_mode(stat.st_mode).intersects(EXECUTABLE);
    Ok(Content::Whole { bytes, executable })
}

/// Reads to the end, or to just past the cap for a file that grows while it is read. The room for
/// one byte more than `len` lets the end show without another allocation.
fn read_to_cap(handle: BorrowedFd<'_>, len: u64, cap_bytes: u64) -> rustix::io::Result<Vec<u8>> {
    const STEP: usize = 64 << 10;
    let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0).saturating_add(1));
    while bytes.len() as u64 <= cap_bytes {
        if bytes.len() == bytes.capacity() {
            bytes.reserve(STEP);
        }
        // A read that could have brought more than the length and did not has reached the end: that
        // spares a call for every file.
        if retry_on_intr(|| read(handle, spare_capacity(&mut bytes)))? == 0
            || bytes.len() as u64 == len
        {
            break;
        }
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::net::UnixListener;

    use camino::Utf8Path;

    use super::FILE_CAP_BYTES;
    use crate::drift::disk_state::DiskEntry;
    use crate::workspace::fixture::{Fixture, artifact, file};
    use crate::workspace::{Error, Workspace};

    fn entry(workspace: &Workspace, path: &str) -> DiskEntry {
        let paths = [artifact(path)];
        let mut entries = workspace.read_declared(&paths).unwrap();
        entries.pop().unwrap().1
    }

    #[test]
    fn an_input_is_read_whole_or_refused() {
        let fixture = Fixture::new();
        fixture.put("a/services.yaml", "bases: {}\n");
        fixture.link("link.yaml", "../outside/secret");
        fixture.link("folder", "../outside/folder");
        for workspace in fixture.workspaces() {
            let read = |path: &str, cap| workspace.read_text(Utf8Path::new(path), cap);
            assert_eq!(
                read("./a/services.yaml", 10).unwrap().unwrap(),
                b"bases: {}\n"
            );
            assert_eq!(read("b/services.yaml", 10).unwrap(), None);
            assert!(matches!(
                read("a/services.yaml", 9),
                Err(Error::TooLarge { cap_bytes: 9, .. })
            ));
            assert!(matches!(read("a", 9), Err(Error::NotRegular { .. })));
            assert!(matches!(
                read("a/services.yaml/x", 9),
                Err(Error::NotFolder { .. })
            ));
            for path in ["link.yaml", "folder/Dockerfile"] {
                assert!(
                    matches!(read(path, 99), Err(Error::Symlink { .. })),
                    "{path}"
                );
            }
            for path in ["../outside/secret", "/etc/passwd"] {
                assert!(
                    matches!(read(path, 99), Err(Error::InvalidPath { .. })),
                    "{path}"
                );
            }
        }
    }

    #[test]
    fn a_refusal_names_the_link_and_its_target() {
        let fixture = Fixture::new();
        fixture.link("folder", "../outside/folder");
        let path = Utf8Path::new("folder/Dockerfile");
        let error = fixture.workspace().read_text(path, 99).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot read folder/Dockerfile: folder is a symlink to ../outside/folder, \
             and symlinks are not followed"
        );
    }

    #[test]
    fn every_kind_of_entry_is_told_apart() {
        let fixture = Fixture::new();
        fixture.put("svc/Dockerfile", "FROM a\n");
        fixture.put("svc/run", "x");
        fs::set_permissions(
            fixture.root().join("svc/run"),
            PermissionsExt::from_mode(0o744),
        )
        .unwrap();
        fixture.link("svc/link", "../../outside/secret");
        fixture.link("away", "../outside/folder");
        let _socket = UnixListener::bind(fixture.root().join("socket")).unwrap();
        for workspace in fixture.workspaces() {
            assert_eq!(entry(&workspace, "svc/Dockerfile"), file("FROM a\n"));
            let run = entry(&workspace, "svc/run");
            assert!(
                matches!(
                    run,
                    DiskEntry::File {
                        executable: true,
                        ..
                    }
                ),
                "{run:?}"
            );
            let target = "../../outside/secret".to_owned();
            assert_eq!(entry(&workspace, "svc/link"), DiskEntry::Symlink { target });
            let behind = DiskEntry::BehindSymlink {
                folder: "away".to_owned(),
                target: "../outside/folder".to_owned(),
            };
            assert_eq!(entry(&workspace, "away/Dockerfile"), behind);
            let behind = DiskEntry::BehindFile {
                file: "svc/run".to_owned(),
            };
            assert_eq!(entry(&workspace, "svc/run/Dockerfile"), behind);
            assert_eq!(entry(&workspace, "svc"), DiskEntry::Folder);
            assert_eq!(entry(&workspace, "socket"), DiskEntry::Other);
            assert_eq!(entry(&workspace, "no/where"), DiskEntry::Absent);
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_without_a_writer_does_not_block() {
        use rustix::fs::{CWD, Mode, mkfifoat};
        let fixture = Fixture::new();
        let pipe = fixture.root().join("pipe");
        mkfifoat(CWD, pipe.as_str(), Mode::RUSR | Mode::WUSR).unwrap();
        for workspace in fixture.workspaces() {
            assert_eq!(entry(&workspace, "pipe"), DiskEntry::Other);
            let read = workspace.read_text(Utf8Path::new("pipe"), 9);
            assert!(matches!(read, Err(Error::NotRegular { .. })), "{read:?}");
        }
    }

    /// A process's own memory is a regular file to stat(2), and its first page cannot be read.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_read_error_is_neither_drift_nor_missing() {
        let workspace = Workspace::open(Utf8Path::new("/proc/self")).unwrap();
        let declared = workspace.read_declared(&[artifact("mem")]);
        let input = workspace.read_text(Utf8Path::new("mem"), 9);
        assert!(
            matches!(&declared, Err(Error::Io { path, .. }) if path == "mem"),
            "{declared:?}"
        );
        assert!(
            matches!(&input, Err(Error::Io { path, .. }) if path == "mem"),
            "{input:?}"
        );
    }

    #[test]
    fn a_file_over_the_cap_is_not_read() {
        let fixture = Fixture::new();
        for (name, len) in [("at", FILE_CAP_BYTES), ("over", 1 << 40)] {
            let sparse = File::create(fixture.root().join(name)).unwrap();
            sparse.set_len(len).unwrap();
        }
        let workspace = fixture.workspace();
        let at = entry(&workspace, "at");
        assert!(
            matches!(at, DiskEntry::File { bytes, .. } if bytes.len() as u64 == FILE_CAP_BYTES)
        );
        let over = DiskEntry::TooLarge { len: 1 << 40 };
        assert_eq!(entry(&workspace, "over"), over);
    }

    /// A process's status is a regular file that is empty to stat(2), like any file that grows
    /// while it is read.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_file_that_is_longer_than_it_says_is_read_to_the_cap_only() {
        let workspace = Workspace::open(Utf8Path::new("/proc/self")).unwrap();
        let read = |cap| workspace.read_text(Utf8Path::new("status"), cap);
        assert!(matches!(read(9), Err(Error::TooLarge { .. })));
        let whole = read(1 << 20).unwrap().unwrap();
        assert!(whole.starts_with(b"Name:") && whole.ends_with(b"\n"));
        let entries = workspace.read_capped(&[artifact("status")], 9, 99).unwrap();
        assert!(
            matches!(entries[0].1, DiskEntry::TooLarge { .. }),
            "{entries:?}"
        );
    }

    #[test]
    fn files_past_the_shared_budget_are_not_held() {
        let fixture = Fixture::new();
        let paths = ["a", "b", "c", "d"].map(artifact);
        for (path, content) in paths.iter().zip(["1234", "12345", "123", "1"]) {
            fixture.put(path.as_str(), content);
        }
        let entries = fixture.workspace().read_capped(&paths, 5, 8).unwrap();
        let entries: Vec<_> = entries.into_iter().map(|(_, entry)| entry).collect();
        let over = DiskEntry::TooLarge { len: 5 };
        assert_eq!(entries, [file("1234"), over, file("123"), file("1")]);
    }
}
