//! Other fleets with the same root: a file that one of them sealed is theirs.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use camino::Utf8Path;

use super::inputs::Inputs;
use crate::declare::parse;
use crate::drift::DiskEntry;
use crate::render::seal;

/// How many bytes of files that seals name are read in all: a seal can be forged to name anything,
/// and each name costs a parse.
const READ_BYTES: u64 = 8 * 1024 * 1024;

/// The files of the root that seals name, each looked into once.
pub(super) struct Neighbours<'a> {
    inputs: &'a dyn Inputs,
    /// The declaration at hand, which is no neighbour.
    own: &'a str,
    asked: Mutex<Asked>,
}

struct Asked {
    /// Whether each file declares a fleet.
    files: BTreeMap<String, bool>,
    room: u64,
}

impl<'a> Neighbours<'a> {
    pub(super) fn new(inputs: &'a dyn Inputs, own: &'a str) -> Self {
        Self {
            inputs,
            own,
            asked: Mutex::new(Asked {
                files: BTreeMap::new(),
                room: READ_BYTES,
            }),
        }
    }

    /// The other declarations that the seals of these entries name, as far as they are there and
    /// are some.
    pub(super) fn of<'e>(&self, entries: impl Iterator<Item = &'e DiskEntry>) -> BTreeSet<String> {
        let sealed = entries.filter_map(|entry| match entry {
            DiskEntry::File { bytes, .. } => seal::read(bytes),
            _ => None,
        });
        sealed
            .map(|seal| seal.declaration)
            .filter(|file| self.holds(file))
            .collect()
    }

    fn holds(&self, file: &str) -> bool {
        // A declaration lies in the root itself, so that no other way of writing its name needs a
        // look.
        if file == self.own || file.contains('/') {
            return false;
        }
        let mut asked = self
            .asked
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(known) = asked.files.get(file) {
            return *known;
        }
        let bytes = self
            .inputs
            .text(Utf8Path::new(file), asked.room)
            .ok()
            .flatten();
        let is_one = bytes.is_some_and(|bytes| {
            asked.room = asked.room.saturating_sub(bytes.len() as u64);
            is_declaration(file, &bytes)
        });
        asked.files.insert(file.to_owned(), is_one);
        is_one
    }
}

/// Whether a file declares a fleet. Any other file that a seal names would be a place to hide from
/// both fleets' checks; YAML that cannot be read at the moment may be a declaration, and its files
/// are left to it.
fn is_declaration(file: &str, bytes: &[u8]) -> bool {
    let is_yaml = matches!(Utf8Path::new(file).extension(), Some("yaml" | "yml"));
    parse(file, bytes).map_or(is_yaml, |parsed| {
        parsed.decl.registry.is_some()
            && (parsed.decl.services.is_some() || !parsed.decl.include.is_empty())
    })
}
