//! What a service lists although its base or its own sets install it.

use std::collections::BTreeMap;

use super::ground::{Entry, Ground, Installed, PackageId};
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::model::Parent;
use crate::fleet::{Image, Origin};
use crate::values::requirement::{Requirement, are_compatible};

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "dep-already-in-base",
        summary: "a base or a set already installs a requirement",
        explanation: "pip skips a package that the base has, so the entry does nothing until the \
                      two versions differ. Then the image contains the package twice: in the \
                      base's layer and in its own. Names are compared as in PEP 503. Extras that \
                      the base lacks and markers that may not hold do not count as repetition. If \
                      the bases require a package more than 8 times, the first 8 count.",
        example: "services: { svc-a: { kind: on-base, port: 8000, pip: [FastAPI] } }\n",
        fixed: "services: { svc-a: { kind: on-base, port: 8000, pip: [] } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (at, image) in ground.images() {
        let has_twice = ground.has_twice(at);
        if !has_twice && matches!(image.parent, Parent::External(_)) {
            continue;
        }
        let below = |entry: &Entry<'_>| {
            let mut found = ground.below(image, entry.package);
            found.find(|found| repeats(image, entry, found.entry.requirement))
        };
        let mut of_sets: BTreeMap<Origin, Vec<(Entry<'_>, Installed<'_>)>> = BTreeMap::new();
        let mut by_set: BTreeMap<PackageId, Entry<'_>> = BTreeMap::new();
        for entry in ground.entries(at) {
            let found = below(&entry);
            match entry.via {
                None => own_entry(
                    ground,
                    judge,
                    image,
                    entry,
                    found,
                    by_set.get(&entry.package),
                ),
                Some((_, named)) => {
                    of_sets
                        .entry(named)
                        .or_default()
                        .extend(found.map(|found| (entry, found)));
                    if has_twice {
                        by_set.insert(entry.package, entry);
                    }
                }
            }
        }
        for (named, found) in of_sets {
            set_entries(ground, judge, image, named, &found);
        }
    }
}

/// What a set brings that the base has: one finding where that is the whole set, otherwise one a
/// package.
fn set_entries(
    ground: &Ground<'_>,
    judge: &mut Judge<'_>,
    image: &Image,
    named: Origin,
    found: &[(Entry<'_>, Installed<'_>)],
) {
    let Some((
        Entry {
            via: Some((set, _)),
            ..
        },
        first,
    )) = found.first()
    else {
        return;
    };
    let (set_name, image_name) = (set.name.as_str(), image.name.as_str());
    if found.len() > 1 && found.len() == set.requirements.len() {
        judge.value(Some(image), set_name, named, || {
            let message = format!(
                "{} already installs everything in the set `{set_name}`",
                first.base.name
            );
            (
                message,
                format!("remove `{set_name}` from the sets of {image_name}"),
            )
        });
        return;
    }
    for (entry, installed) in found {
        let name = ground.name(entry.package);
        judge.value(Some(image), name, named, || {
            let help = format!(
                "remove `{name}` from the set, or `{set_name}` from the sets of {image_name}"
            );
            (
                format!(
                    "the set `{set_name}` contains `{name}`, which {} already installs",
                    installed.base.name
                ),
                help,
            )
        });
    }
}

fn own_entry(
    ground: &Ground<'_>,
    judge: &mut Judge<'_>,
    image: &Image,
    entry: Entry<'_>,
    below: Option<Installed<'_>>,
    by_set: Option<&Entry<'_>>,
) {
    let by_set = by_set.filter(|found| repeats(image, &entry, found.requirement));
    let (holder, where_to, found) = match (below, by_set) {
        (Some(installed), _) => (
            installed.base.name.to_string(),
            installed.base.name.to_string(),
            installed.entry,
        ),
        (None, Some(found)) => {
            let set = found.via.map_or("", |(set, _)| set.name.as_str());
            (
                format!("the set `{set}`"),
                format!("the set `{set}`"),
                *found,
            )
        }
        (None, None) => return,
    };
    let name = ground.name(entry.package);
    judge.value(Some(image), name, entry.origin, || {
        let is_stricter = entry.requirement.has_specifiers()
            && entry.requirement.specifiers() != found.requirement.specifiers();
        let help = if is_stricter {
            format!(
                "delete it here, and write `{}` in the list of {where_to}",
                entry.requirement
            )
        } else {
            "delete it here".to_owned()
        };
        (format!("`{name}` is already installed by {holder}"), help)
    });
}

/// Whether a requirement asks for nothing that the other does not bring; what contradicts it is
/// another rule's.
fn repeats(image: &Image, entry: &Entry<'_>, other: &Requirement) -> bool {
    let own = entry.requirement;
    let is_there =
        other.marker() == own.marker() || other.holds_in(&image.python.value) == Some(true);
    let has_extras = own
        .extras()
        .iter()
        .all(|extra| other.extras().contains(extra));
    let agrees = match (own.specifiers(), other.specifiers()) {
        (Some(own), Some(other)) => are_compatible(&own, &other),
        _ => true,
    };
    is_there && has_extras && agrees && (own.url().is_none() || own.url() == other.url())
}
