//! The files as they were read.

use std::collections::{BTreeMap, BTreeSet};

use super::requirement_file::RequirementFile;
use crate::fleet::model::Fleet;
use crate::values::requirement::Requirement;

/// The largest requirement file that is read, in bytes.
pub(crate) const FILE_LIMIT: u64 = 4 * 1024 * 1024;
/// How many files are read.
const FILES_LIMIT: usize = 100_000;

/// The files that the images of a fleet install.
#[must_use]
pub(crate) fn named(fleet: &Fleet) -> BTreeSet<&str> {
    let files = fleet.images.iter().flat_map(|image| &image.install);
    files.map(|file| file.path.value.as_str()).collect()
}

/// The files of the repository that images install and those that they lead to, by their paths
/// below the root, as they were read.
#[derive(Debug, Default)]
pub(crate) struct Files {
    found: BTreeMap<String, Found>,
    known: BTreeSet<Requirement>,
}

/// What stands at the path of a file.
#[derive(Debug)]
enum Found {
    Nothing,
    Wheel,
    Requirements { text: String, file: RequirementFile },
}

impl Files {
    /// Whether nothing more is to be read of a path.
    #[must_use]
    pub(crate) fn is_done(&self, path: &str) -> bool {
        self.found.contains_key(path) || self.found.len() >= FILES_LIMIT
    }

    /// Takes in whether a wheel is there.
    pub(crate) fn add_wheel(&mut self, path: &str, is_there: bool) {
        let found = if is_there {
            Found::Wheel
        } else {
            Found::Nothing
        };
        self.found.insert(path.to_owned(), found);
    }

    /// Takes in the bytes of a requirement file, or that there is none; gives the files that it
    /// leads to.
    pub(crate) fn add(&mut self, path: &str, bytes: Option<Vec<u8>>) -> Vec<String> {
        let Some(bytes) = bytes else {
            self.found.insert(path.to_owned(), Found::Nothing);
            return Vec::new();
        };
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        let file = RequirementFile::read(path, &text, &mut self.known);
        let further = file.files.iter().map(|named| named.path.clone()).collect();
        let found = Found::Requirements { text, file };
        self.found.insert(path.to_owned(), found);
        further
    }

    /// The texts of what was read, by path.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.found.iter().filter_map(|(path, found)| match found {
            Found::Requirements { text, .. } => Some((path.as_str(), text.as_str())),
            Found::Nothing | Found::Wheel => None,
        })
    }

    /// Whether a file is missing.
    #[must_use]
    pub(crate) fn lacks_any(&self) -> bool {
        let is_missing = |found: &Found| matches!(found, Found::Nothing);
        self.found.values().any(is_missing)
    }

    /// Whether any file is there.
    #[must_use]
    pub(crate) fn has_any(&self) -> bool {
        let is_there = |found: &Found| !matches!(found, Found::Nothing);
        self.found.values().any(is_there)
    }

    pub(super) fn requirements(&self, path: &str) -> Option<(&str, &RequirementFile)> {
        match self.found.get(path)? {
            Found::Requirements { text, file } => Some((text, file)),
            Found::Nothing | Found::Wheel => None,
        }
    }

    pub(super) fn is_missing(&self, path: &str) -> bool {
        !matches!(
            self.found.get(path),
            Some(Found::Wheel | Found::Requirements { .. })
        )
    }
}
