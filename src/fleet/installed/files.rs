//! The files as they were read.

use std::collections::{BTreeMap, BTreeSet};

use super::poetry_lock::PoetryLock;
use super::pyproject::PyProject;
use super::requirement_file::RequirementFile;
use super::uv_lock::UvLock;
use crate::fleet::install::{Form, in_folder, manifest_beside};
use crate::fleet::known::KnownRequirements;
use crate::fleet::model::Fleet;

/// The largest requirement file or pyproject.toml that is read, in bytes.
const FILE_LIMIT: u64 = 4 * 1024 * 1024;
/// The largest lock that is read, in bytes.
const LOCK_LIMIT: u64 = 32 * 1024 * 1024;
/// How many files are read.
const FILES_LIMIT: usize = 100_000;

/// A file or folder to look for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Wanted {
    /// Its path below the root.
    pub(crate) path: String,
    /// How it is looked for.
    pub(crate) look: Look,
}

/// How a file is looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Look {
    /// Whether the file is there.
    File,
    /// Whether the folder is there.
    Folder,
    /// What the file says, which is at most as long as this, in bytes.
    Text(u64),
}

impl Wanted {
    fn of(form: Form, path: &str) -> Self {
        let look = match form {
            Form::Wheel => Look::File,
            Form::Project => Look::Folder,
            Form::Requirements | Form::Manifest => Look::Text(FILE_LIMIT),
            Form::UvLock | Form::PoetryLock => Look::Text(LOCK_LIMIT),
        };
        Self {
            path: path.to_owned(),
            look,
        }
    }
}

/// What the images of a fleet install from the repository.
#[must_use]
pub(crate) fn wanted(fleet: &Fleet) -> BTreeSet<Wanted> {
    let installed = fleet.images.iter().flat_map(|image| &image.install);
    let wanted = installed.map(|one| Wanted::of(one.form, one.path.value.as_str()));
    wanted.collect()
}

/// The files of the repository that images install and those that they lead to, by their paths
/// below the root, as they were read.
#[derive(Debug, Default)]
pub(crate) struct Files {
    found: BTreeMap<String, Found>,
    known: KnownRequirements,
}

/// What stands at a path.
#[derive(Debug)]
pub(super) enum Found {
    Nothing,
    There,
    Requirements { text: String, file: RequirementFile },
    Manifest { text: String, project: PyProject },
    Uv(UvLock),
    Poetry(PoetryLock),
    Broken(String),
}

impl Files {
    /// Whether nothing more is to be looked for at a path.
    #[must_use]
    pub(crate) fn is_done(&self, path: &str) -> bool {
        self.found.contains_key(path) || self.found.len() >= FILES_LIMIT
    }

    /// Takes in whether a file or folder is there; gives what it leads to.
    pub(crate) fn add_place(&mut self, wanted: &Wanted, is_there: bool) -> Vec<Wanted> {
        let found = if is_there {
            Found::There
        } else {
            Found::Nothing
        };
        self.found.insert(wanted.path.clone(), found);
        if wanted.look == Look::Folder && is_there {
            let manifest = in_folder(&wanted.path, "pyproject.toml");
            return vec![Wanted::of(Form::Manifest, &manifest)];
        }
        Vec::new()
    }

    /// Takes in the bytes of a file, or that there is none; gives what it leads to.
    pub(crate) fn add_text(&mut self, path: &str, bytes: Option<Vec<u8>>) -> Vec<Wanted> {
        let mut further = Vec::new();
        let found = match bytes {
            None => Found::Nothing,
            Some(bytes) => self.read(path, text(bytes), &mut further),
        };
        self.found.insert(path.to_owned(), found);
        further
    }

    fn read(&mut self, path: &str, text: String, further: &mut Vec<Wanted>) -> Found {
        let broken = |reason: String| Found::Broken(reason);
        match Form::of(path) {
            Some(Form::UvLock) => {
                further.push(Wanted::of(Form::Manifest, &manifest_beside(path)));
                UvLock::read(&text).map_or_else(broken, |lock| {
                    let folders = lock.folders(path).into_iter();
                    let manifests = folders.map(|folder| in_folder(&folder, "pyproject.toml"));
                    further.extend(manifests.map(|path| Wanted::of(Form::Manifest, &path)));
                    Found::Uv(lock)
                })
            }
            Some(Form::PoetryLock) => {
                further.push(Wanted::of(Form::Manifest, &manifest_beside(path)));
                PoetryLock::read(&text).map_or_else(broken, |lock| {
                    let folders = lock.folders(path).into_iter();
                    further.extend(folders.map(|folder| Wanted::of(Form::Project, &folder)));
                    Found::Poetry(lock)
                })
            }
            Some(Form::Manifest) => PyProject::read(&text)
                .map_or_else(broken, |project| Found::Manifest { text, project }),
            _ => {
                let file = RequirementFile::read(path, &text, &mut self.known);
                let named = file.files.iter();
                further.extend(named.map(|named| Wanted::of(Form::Requirements, &named.path)));
                Found::Requirements { text, file }
            }
        }
    }

    /// The texts of what was read and has places in it, by path.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found.iter().filter_map(|(path, found)| match found {
            Found::Requirements { text, .. } | Found::Manifest { text, .. } => {
                Some((path.as_str(), text.as_str()))
            }
            _ => None,
        })
    }

    /// Whether something that is named is missing.
    #[must_use]
    pub(crate) fn lacks_any(&self) -> bool {
        let is_missing = |found: &Found| matches!(found, Found::Nothing);
        self.found.values().any(is_missing)
    }

    /// Whether any of it is there.
    #[must_use]
    pub(crate) fn has_any(&self) -> bool {
        let is_there = |found: &Found| !matches!(found, Found::Nothing);
        self.found.values().any(is_there)
    }

    pub(super) fn get(&self, path: &str) -> Option<&Found> {
        self.found.get(path)
    }

    pub(super) fn requirements(&self, path: &str) -> Option<(&str, &RequirementFile)> {
        match self.found.get(path)? {
            Found::Requirements { text, file } => Some((text, file)),
            _ => None,
        }
    }

    pub(super) fn manifest(&self, path: &str) -> Option<(&str, &PyProject)> {
        match self.found.get(path)? {
            Found::Manifest { text, project } => Some((text, project)),
            _ => None,
        }
    }

    pub(super) fn is_missing(&self, path: &str) -> bool {
        matches!(self.found.get(path), None | Some(Found::Nothing))
    }

    /// What could not be read, with the reason.
    pub(super) fn broken(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found.iter().filter_map(|(path, found)| match found {
            Found::Broken(reason) => Some((path.as_str(), reason.as_str())),
            _ => None,
        })
    }
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes)
        .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}
