//! What a resolver answers becomes a lock.

use std::collections::{BTreeMap, BTreeSet};

use super::question::Question;
use crate::fleet::lock::{Inputs, Lock, Pin, format_lock, locks_below, parse_lock};
use crate::fleet::{Fleet, Image};
use crate::lock::judge::unmet;
use crate::values::requirement::Requirement;

/// One package and version of an answer, as far as it is for the platforms.
#[derive(Default)]
struct Merged {
    /// The architectures that it is for; none where it has a marker of its own.
    machines: BTreeSet<String>,
    hashes: BTreeSet<String>,
    via: BTreeSet<String>,
}

/// The lock that an answer stands for: markers said by architecture alone, and without what the
/// bases below have.
///
/// # Errors
/// What the answer lacks, such as hashes, for a lock that `check` would refuse.
pub(crate) fn lock_of(fleet: &Fleet, image: &Image, answer: Vec<Pin>) -> Result<Lock, String> {
    let question = Question::of(fleet, image, true);
    let machines = &question.machines;
    let mut merged: BTreeMap<(String, Requirement), Merged> = BTreeMap::new();
    for pin in answer {
        let holds = |machine: &&String| {
            pin.requirement.holds_on(&image.python.value, machine) != Some(false)
        };
        let held: Vec<&String> = machines.iter().filter(holds).collect();
        if held.is_empty() || has_below(fleet, image, &pin, held.len() == machines.len()) {
            continue;
        }
        // What is decided in the build alone, such as by the patch version of Python, keeps its
        // marker.
        let is_decided = held.iter().all(|machine| {
            pin.requirement
                .holds_on(&image.python.value, machine)
                .is_some()
        });
        let marker = pin.requirement.marker().filter(|_| !is_decided);
        let bare = pin
            .requirement
            .with_marker(marker)
            .map_err(|invalid| invalid.to_string())?;
        let entry = merged
            .entry((bare.normalized_name().to_owned(), bare))
            .or_default();
        if is_decided {
            entry.machines.extend(held.into_iter().cloned());
        }
        entry.hashes.extend(pin.hashes);
        entry.via.extend(pin.via);
    }
    let pins = merged
        .into_iter()
        .map(|((_, bare), merged)| merged.pin(&bare, machines.len()));
    let inputs = Inputs::of(fleet, image);
    let lock = Lock::new(inputs.digest(), inputs, pins.collect::<Result<_, _>>()?);
    if let Some(pin) = lock.pins.iter().find(|pin| pin.hashes.is_empty()) {
        return Err(format!("`{}` has no hash", pin.requirement));
    }
    let read =
        parse_lock(format_lock(&lock).as_bytes()).map_err(|fault| fault.message.to_owned())?;
    match unmet(fleet, image, &lock) {
        Some(fault) => Err(fault),
        None if read.pins != lock.pins => Err("it does not fit the lock format".to_owned()),
        None => Ok(lock),
    }
}

impl Merged {
    fn pin(self, bare: &Requirement, of_all: usize) -> Result<Pin, String> {
        let some: Vec<String> = self
            .machines
            .iter()
            .map(|name| format!("platform_machine == \"{name}\""))
            .collect();
        let marker = some.join(" or ");
        let is_for_some = !self.machines.is_empty() && self.machines.len() < of_all;
        let requirement = if is_for_some {
            bare.with_marker(Some(&marker))
        } else {
            Ok(bare.clone())
        };
        Ok(Pin {
            requirement: requirement.map_err(|invalid| invalid.to_string())?,
            hashes: self.hashes.into_iter().collect(),
            via: self.via.into_iter().collect(),
        })
    }
}

/// Whether a base below pins a package to the same, wherever it is needed.
fn has_below(fleet: &Fleet, image: &Image, pin: &Pin, everywhere: bool) -> bool {
    let is_same = |below: &Pin| {
        below.requirement.normalized_name() == pin.requirement.normalized_name()
            && below.version() == pin.version()
            && below.requirement.url() == pin.requirement.url()
            && (below.requirement.marker().is_none() || !everywhere)
    };
    locks_below(fleet, image).any(|lock| lock.pins.iter().any(is_same))
}
