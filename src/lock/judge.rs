//! Whether a lock still belongs to its declaration, and if not, what moved.

use std::collections::{BTreeMap, BTreeSet};

use crate::fleet::lock::{Input, Inputs, Lock, locks_below};
use crate::fleet::model::{Fleet, Image, Origin, Sourced};
use crate::values::requirement::Requirement;

/// What is said of a lock whose inputs are the same.
const CHANGED: &str = "changed by hand: ";

/// Whether an image has a lock that belongs to its declaration.
#[must_use]
pub(crate) fn is_fresh(fleet: &Fleet, image: &Image) -> bool {
    image
        .locked
        .lock()
        .is_some_and(|lock| stale(fleet, image, (lock, Inputs::of(fleet, image))).is_empty())
}

/// What moved since a lock was resolved: where, and the rest of a sentence about the lock.
pub(super) fn stale(
    fleet: &Fleet,
    image: &Image,
    (lock, now): (&Lock, Inputs),
) -> Vec<(Origin, String)> {
    if now.digest() == lock.digest {
        return unfit(fleet, image, lock);
    }
    let entry = Origin::field(image.section, "");
    let mut moved: Vec<(Origin, String)> = Vec::new();
    for key in ["python", "source-builds", "below"] {
        let (new, old) = (now.values(key).next(), lock.inputs.values(key).next());
        if new.map(|new| &new.value) != old.map(|old| &old.value) {
            moved.push((
                new.and_then(|new| new.origin).unwrap_or(entry),
                single(image, fleet, key, new, old),
            ));
        }
    }
    moved.extend(lists(&now, &lock.inputs, entry));
    moved.extend(requirements(&now, &lock.inputs, entry));
    if moved.is_empty() {
        moved.push((
            entry,
            "changed: the digest in the header does not match its inputs".to_owned(),
        ));
    }
    moved
}

/// Platforms, indexes and constraints that are new or gone, or stand in another order.
fn lists(now: &Inputs, recorded: &Inputs, entry: Origin) -> Vec<(Origin, String)> {
    let mut moved = Vec::new();
    for (key, what) in [
        ("platform", "the platform "),
        ("index", "the index "),
        ("source-build", "the source of "),
        ("constraint", "the constraint "),
    ] {
        let (new, old): (Vec<&Input>, Vec<&Input>) =
            (now.values(key).collect(), recorded.values(key).collect());
        let only = |left: &[&Input], right: &[&Input]| -> Vec<Input> {
            let known: BTreeSet<&str> = right.iter().map(|other| other.value.as_str()).collect();
            left.iter()
                .filter(|one| !known.contains(one.value.as_str()))
                .map(|one| (*one).clone())
                .collect()
        };
        let (added, gone) = (only(&new, &old), only(&old, &new));
        let without = added.iter().map(|one| {
            (
                one.origin,
                format!("resolved without {what}`{}`", one.value),
            )
        });
        let with = gone.iter().map(|one| {
            (
                None,
                format!("resolved with {what}`{}`, which was removed", one.value),
            )
        });
        let told: Vec<_> = without
            .chain(with)
            .map(|(at, why)| (at.unwrap_or(entry), why))
            .collect();
        if told.is_empty()
            && new
                .iter()
                .map(|one| &one.value)
                .ne(old.iter().map(|one| &one.value))
        {
            let at = new.first().and_then(|one| one.origin).unwrap_or(entry);
            moved.push((
                at,
                "resolved with its indexes in a different order".to_owned(),
            ));
        }
        moved.extend(told);
    }
    moved
}

fn single(
    image: &Image,
    fleet: &Fleet,
    key: &str,
    new: Option<&Input>,
    old: Option<&Input>,
) -> String {
    match key {
        "python" => {
            let before = old.map_or_else(
                || "another Python version".to_owned(),
                |old| format!("Python {}", old.value),
            );
            format!("resolved for {before}, not {}", image.python.value)
        }
        "source-builds" if new.is_some() => {
            "resolved for wheels only, but builds from source are now allowed".to_owned()
        }
        "source-builds" => {
            "resolved with builds from source, which are no longer allowed".to_owned()
        }
        _ => {
            let base = fleet
                .base_of(image)
                .map_or("no base", |base| base.name.as_str());
            format!("resolved before the packages of {base} changed")
        }
    }
}

/// Requirements that are new, changed or gone.
fn requirements(now: &Inputs, recorded: &Inputs, entry: Origin) -> Vec<(Origin, String)> {
    let name = |input: &Input| {
        Requirement::parse(&input.value)
            .map(|one| one.normalized_name().to_owned())
            .ok()
    };
    let texts = |inputs: &'_ Inputs| -> BTreeSet<String> {
        inputs
            .values("requirement")
            .map(|one| one.value.clone())
            .collect()
    };
    let (now_texts, recorded_texts) = (texts(now), texts(recorded));
    let gone: Vec<&Input> = recorded
        .values("requirement")
        .filter(|one| !now_texts.contains(&one.value))
        .collect();
    let new: Vec<&Input> = now
        .values("requirement")
        .filter(|one| !recorded_texts.contains(&one.value))
        .collect();
    // Of several with one name the first.
    let by_name = |list: &[&Input]| -> BTreeMap<Option<String>, String> {
        list.iter()
            .rev()
            .map(|one| (name(one), one.value.clone()))
            .collect()
    };
    let (gone_by_name, new_by_name) = (by_name(&gone), by_name(&new));
    let added = new.iter().map(|one| {
        let why = match gone_by_name.get(&name(one)) {
            Some(before) => format!("resolved for `{before}`, not for `{}`", one.value),
            None => format!("resolved without `{}`", one.value),
        };
        (one.origin.unwrap_or(entry), why)
    });
    let left = gone
        .iter()
        .filter(|one| !new_by_name.contains_key(&name(one)));
    let left = left.map(|one| {
        (
            entry,
            format!(
                "resolved with `{}`, which nothing requires any more",
                one.value
            ),
        )
    });
    added.chain(left).collect()
}

/// The first requirement of an image that a lock and those of the bases below do not meet, in
/// words.
#[must_use]
pub(crate) fn unmet(fleet: &Fleet, image: &Image, lock: &Lock) -> Option<String> {
    unfit(fleet, image, lock)
        .into_iter()
        .next()
        .map(|(_, why)| why.trim_start_matches(CHANGED).to_owned())
}

/// Requirements that the pins do not meet: somebody changed the lock alone.
fn unfit(fleet: &Fleet, image: &Image, lock: &Lock) -> Vec<(Origin, String)> {
    let locks: Vec<&Lock> = std::iter::once(lock)
        .chain(locks_below(fleet, image))
        .collect();
    let asked = fleet
        .requirements_of(image)
        .filter(|one| one.value.holds_in(&image.python.value) == Some(true));
    let told = |one: &Sourced<Requirement>| {
        let mut pins = locks
            .iter()
            .flat_map(|lock| lock.pins_of(one.value.normalized_name()))
            .peekable();
        if pins.peek().is_none() {
            return Some((
                one.origin,
                format!("{CHANGED}it has no `{}`", one.value.normalized_name()),
            ));
        }
        let wrong = pins.find(|pin| match (one.value.specifiers(), pin.version()) {
            (Some(specifiers), Some(version)) => !specifiers.contains(&version),
            _ => false,
        })?;
        let why = format!(
            "{CHANGED}it has `{}`, but `{}` is required",
            wrong.requirement, one.value
        );
        Some((one.origin, why))
    };
    asked.filter_map(told).collect()
}
