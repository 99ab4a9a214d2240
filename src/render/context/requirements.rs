//! What the files of requirements may print: those of an image, and of a set by itself.

use serde::Serialize;

use super::path::entry;
use crate::fleet::lock::{Locked, Pin};
use crate::fleet::model::{InstalledFile, RequirementSet};
use crate::fleet::{Fleet, Image, Origin, Sourced};
use crate::render::pen::{Pen, Printed};
use crate::values::requirement::Requirement;

/// Whether an image installs anything of its own.
pub(in crate::render) fn has_requirements(image: &Image) -> bool {
    match &image.locked {
        Locked::By(lock) => !lock.pins.is_empty(),
        Locked::No | Locked::Missing => !image.pip.is_empty() || !image.sets.is_empty(),
    }
}

/// The files of the repository that an image installs as they are: a lock holds what they ask for.
pub(super) fn installed_files(image: &Image) -> &[InstalledFile] {
    if image.locked.is_wanted() {
        &[]
    } else {
        &image.install
    }
}

/// What the template of a requirements file may print.
#[derive(Debug, Serialize)]
pub(in crate::render) struct RequirementsContext<'a> {
    index_urls: Vec<Printed<'a>>,
    /// Whether pip is to install nothing without a hash.
    locked: bool,
    groups: Vec<GroupContext<'a>>,
    /// What a lock says, in place of groups.
    pins: Vec<PinContext<'a>>,
}

#[derive(Debug, Serialize)]
struct PinContext<'a> {
    requirement: Printed<'a>,
    hashes: Vec<Printed<'a>>,
}

impl<'a> PinContext<'a> {
    /// A package of a lock, with the place that asks for it; nothing asks for what only follows.
    fn of(pen: &Pen, fleet: &Fleet, image: &Image, pin: &'a Pin) -> Self {
        let asked = |one: &&Sourced<Requirement>| {
            one.value.normalized_name() == pin.requirement.normalized_name()
        };
        // Only a trace asks where, and a look at every requirement for every pin would take long.
        let origins = std::iter::once_with(|| fleet.requirements_of(image).find(asked)).flatten();
        let requirement = pen.write(pin.requirement.as_str(), origins.map(|one| one.origin));
        let hashes = pin
            .hashes
            .iter()
            .map(|hash| pen.write(format!("sha256:{hash}"), []))
            .collect();
        Self {
            requirement,
            hashes,
        }
    }
}

#[derive(Debug, Serialize)]
struct GroupContext<'a> {
    title: Printed<'a>,
    requirements: Vec<Printed<'a>>,
}

impl<'a> GroupContext<'a> {
    fn of(
        pen: &Pen,
        title: (String, Origin),
        requirements: impl IntoIterator<Item = &'a Sourced<Requirement>>,
    ) -> Self {
        let lines = requirements
            .into_iter()
            .map(|one| pen.write(one.value.as_str(), [one.origin]));
        Self {
            title: pen.write(title.0, [title.1]),
            requirements: lines.collect(),
        }
    }

    /// A set that an image names: its lines are there because of both.
    fn of_named_set(pen: &Pen, set: &'a RequirementSet, named: Origin) -> Self {
        let lines = set
            .requirements
            .iter()
            .map(|one| pen.write(one.value.as_str(), [one.origin, named]));
        Self {
            title: pen.write(format!("the set {}", set.name), [named]),
            requirements: lines.collect(),
        }
    }
}

impl<'a> RequirementsContext<'a> {
    pub(in crate::render) fn of_image(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Self {
        let mut groups = Vec::new();
        if image.locked.lock().is_none() {
            for named in &image.sets {
                let set = fleet.set(named.value);
                groups.push(GroupContext::of_named_set(pen, set, named.origin));
            }
            if !image.pip.is_empty() {
                groups.push(GroupContext::of(
                    pen,
                    (format!("{} alone", image.name), entry(image)),
                    &image.pip,
                ));
            }
        }
        let pins = image.locked.lock().into_iter().flat_map(|lock| &lock.pins);
        Self {
            index_urls: image
                .index_urls
                .iter()
                .map(|url| pen.write(url.value.as_str(), [url.origin]))
                .collect(),
            locked: image.locked.is_wanted(),
            groups,
            pins: pins
                .map(|pin| PinContext::of(pen, fleet, image, pin))
                .collect(),
        }
    }

    pub(in crate::render) fn of_set(pen: &Pen, set: &'a RequirementSet) -> Self {
        let use_note = if set.development {
            ", for development: in no image"
        } else {
            ""
        };
        let title = (format!("the set {}{use_note}", set.name), set.entry);
        Self {
            index_urls: Vec::new(),
            locked: false,
            pins: Vec::new(),
            groups: vec![GroupContext::of(pen, title, &set.requirements)],
        }
    }
}
