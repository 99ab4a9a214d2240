//! From the texts of locks to locks in the fleet, and everything that is wrong with them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::judge::stale;
use crate::diagnostic::{Diagnostic, Location, Spot, bounded, code};
use crate::fleet::ImageId;
use crate::fleet::lock::Locked;
use crate::fleet::lock::{Inputs, below, parse_lock};
use crate::fleet::model::{Fleet, Image};

/// The bytes of lock files, by the image's name.
pub(crate) type LockTexts = BTreeMap<String, Vec<u8>>;

/// How many pins all locks may have, and from how many bytes a pin on more: those of real packages
/// have many hashes, and what a pin takes in memory is little beside them.
const PINS_LIMIT: usize = 300_000;
const BYTES_OF_PIN: usize = 1024;

/// How many images a message or a command line names.
const NAMED: usize = 4;

/// Takes the locks into the fleet, and says which are missing, broken or stale.
pub(crate) fn attach(fleet: &mut Fleet, texts: &LockTexts) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    // Pins and bytes.
    let mut read = (0, 0);
    for id in fleet.ids() {
        let image = fleet.image(id);
        let (Some(path), Some(bytes)) = (fleet.lock_path(image), texts.get(image.name.as_str()))
        else {
            continue;
        };
        match parse_lock(bytes) {
            Ok(lock) => {
                read = (read.0 + lock.pins.len(), read.1 + bytes.len());
                if read.0 > PINS_LIMIT.max(read.1 / BYTES_OF_PIN) {
                    let message = format!(
                        "the locks up to here have {} pins; at most {PINS_LIMIT} are read",
                        read.0
                    );
                    let location = Location {
                        file: path,
                        spot: Spot::File,
                    };
                    found.push(Diagnostic::new(&code::BROKEN_LOCK, location, message));
                    return found;
                }
                fleet.images[id].locked = Locked::By(Arc::new(lock));
            }
            Err(fault) => {
                let spot = Spot::Bytes {
                    start: fault.start,
                    end: fault.end,
                };
                let help = format!("to rewrite it: `dockwright lock --image {}`", image.name);
                found.push(
                    Diagnostic::new(
                        &code::BROKEN_LOCK,
                        Location { file: path, spot },
                        fault.message,
                    )
                    .with_help(help),
                );
            }
        }
    }
    found.extend(missing(fleet, texts));
    found.extend(stale_locks(fleet));
    found
}

fn missing(fleet: &Fleet, texts: &LockTexts) -> Option<Diagnostic> {
    let folder = fleet.locks.as_ref()?;
    let has_none = |image: &&Image| {
        matches!(image.locked, Locked::Missing) && !texts.contains_key(image.name.as_str())
    };
    let names: Vec<&str> = fleet
        .images
        .iter()
        .filter(has_none)
        .map(|image| image.name.as_str())
        .collect();
    let (word, verb) = if names.len() == 1 {
        ("a lock", "is")
    } else {
        ("locks", "are")
    };
    let message = format!(
        "{word} of {} {verb} missing from {}",
        shown(&names),
        folder.value
    );
    let found = Diagnostic::new(&code::MISSING_LOCK, fleet.value_at(folder.origin), message);
    (!names.is_empty()).then(|| found.with_help(command(&names)))
}

/// What moved, each with all locks that were resolved before.
fn stale_locks(fleet: &Fleet) -> Vec<Diagnostic> {
    // By base, the digest of what it and those below pin.
    let mut below_bases: BTreeMap<ImageId, Option<String>> = BTreeMap::new();
    let mut by_reason: BTreeMap<(Location, String), Vec<&str>> = BTreeMap::new();
    for image in &fleet.images {
        let Some(lock) = image.locked.lock() else {
            continue;
        };
        let below = image.base().and_then(|base| {
            let known = below_bases.entry(base);
            known.or_insert_with(|| below(fleet, image)).as_deref()
        });
        for (origin, reason) in stale(fleet, image, (lock, Inputs::above(fleet, image, below))) {
            let location = if origin.field.is_empty() {
                fleet.key_at(origin)
            } else {
                fleet.value_at(origin)
            };
            by_reason
                .entry((location, reason))
                .or_default()
                .push(image.name.as_str());
        }
    }
    let said = by_reason
        .into_iter()
        .map(|((location, reason), mut names)| {
            names.dedup();
            let message = match names.len() {
                1 => format!("the lock of {} was {reason}", shown(&names)),
                _ => format!("the locks of {} were {reason}", shown(&names)),
            };
            Diagnostic::new(&code::STALE_LOCK, location, message).with_help(command(&names))
        });
    bounded(said.collect())
}

fn shown(names: &[&str]) -> String {
    let first: Vec<&str> = names.iter().take(NAMED).copied().collect();
    match names.len().saturating_sub(NAMED) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

fn command(names: &[&str]) -> String {
    if names.len() > NAMED {
        "`dockwright lock`".to_owned()
    } else {
        format!("`dockwright lock --image {}`", names.join(" "))
    }
}

/// Says of files in the folder of locks that no image has them. `paths` are below the root.
#[must_use]
pub(crate) fn unused<'a>(
    fleet: &Fleet,
    paths: impl IntoIterator<Item = &'a str>,
) -> Vec<Diagnostic> {
    let wanted: BTreeSet<String> = fleet
        .images
        .iter()
        .filter_map(|image| fleet.lock_path(image))
        .collect();
    let strays = paths.into_iter().filter(|path| {
        camino::Utf8Path::new(path).extension() == Some("txt") && !wanted.contains(*path)
    });
    let said = strays.map(|path| {
        let location = Location {
            file: path.to_owned(),
            spot: Spot::File,
        };
        let message = "no image uses this lock file".to_owned();
        Diagnostic::new(&code::UNUSED_LOCK, location, message).with_help("delete it")
    });
    bounded(said.collect())
}
