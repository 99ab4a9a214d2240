//! A root with an outside beside it, for the tests of this module.

use std::fs;
use std::os::unix::fs::symlink;

use camino::{Utf8Path, Utf8PathBuf};
use tempfile::TempDir;

use super::Workspace;
use super::beneath::Lookup;
use crate::artifact::ArtifactPath;
use crate::drift::disk_state::DiskEntry;

/// What stands outside and must never be read.
pub(super) const SECRET: &str = "secret";

/// A folder that holds `root` and `outside`; gone when dropped.
pub(super) struct Fixture {
    folder: TempDir,
}

impl Fixture {
    /// An empty root, and an outside with a file `secret` and a folder `folder` with a file
    /// `Dockerfile`.
    pub(super) fn new() -> Self {
        let fixture = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        fs::create_dir(fixture.root()).unwrap();
        fs::create_dir_all(fixture.outside().join("folder")).unwrap();
        fs::write(fixture.outside().join("secret"), SECRET).unwrap();
        fs::write(fixture.outside().join("folder/Dockerfile"), SECRET).unwrap();
        fixture
    }

    pub(super) fn root(&self) -> Utf8PathBuf {
        Utf8Path::from_path(self.folder.path())
            .unwrap()
            .join("root")
    }

    pub(super) fn outside(&self) -> Utf8PathBuf {
        self.root().with_file_name("outside")
    }

    /// The root, opened once for each way of resolving paths that this system has.
    pub(super) fn workspaces(&self) -> Vec<Workspace> {
        let best = Workspace::open(&self.root()).unwrap();
        let mut stepwise = Workspace::open(&self.root()).unwrap();
        stepwise.lookup = Lookup::Stepwise;
        if best.lookup == Lookup::Stepwise {
            vec![stepwise]
        } else {
            vec![best, stepwise]
        }
    }

    pub(super) fn workspace(&self) -> Workspace {
        Workspace::open(&self.root()).unwrap()
    }

    /// Writes a file below the root, with its folders.
    pub(super) fn put(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Makes a link below the root, with its folders.
    pub(super) fn link(&self, path: &str, target: impl AsRef<str>) {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(target.as_ref(), path).unwrap();
    }

    /// The content of a file below the root.
    pub(super) fn content(&self, path: &str) -> String {
        fs::read_to_string(self.root().join(path)).unwrap()
    }

    /// Asserts that the outside is as it was made.
    pub(super) fn assert_outside_untouched(&self) {
        let names = |folder: Utf8PathBuf| {
            let entries = folder.read_dir_utf8().unwrap();
            let mut names: Vec<_> = entries
                .map(|entry| entry.unwrap().file_name().to_owned())
                .collect();
            names.sort();
            names
        };
        assert_eq!(names(self.outside()), ["folder", "secret"]);
        assert_eq!(names(self.outside().join("folder")), ["Dockerfile"]);
        for file in ["secret", "folder/Dockerfile"] {
            assert_eq!(
                fs::read_to_string(self.outside().join(file)).unwrap(),
                SECRET
            );
        }
    }
}

/// `text` as an artifact path.
pub(super) fn artifact(text: &str) -> ArtifactPath {
    ArtifactPath::parse(text).unwrap()
}

/// A regular file that is not executable.
pub(super) fn file(content: &str) -> DiskEntry {
    DiskEntry::File {
        bytes: content.as_bytes().to_vec(),
        executable: false,
    }
}
