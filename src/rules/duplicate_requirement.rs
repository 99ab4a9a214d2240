//! The same package twice in one list.

use std::collections::BTreeMap;

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::joined::Joined;
use crate::fleet::model::Sourced;
use crate::fleet::{Image, Origin};
use crate::values::AptPackage;
use crate::values::requirement::Requirement;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "duplicate-requirement",
        summary: "a package appears twice in one list",
        explanation: "One of the two entries does nothing, and a later edit may change only one. \
                      Entries whose markers exclude each other are not duplicates. The lists of a \
                      kind and its services are joined, so they count as one.",
        example: "services: { svc-a: { kind: web, port: 8000, pip: [PyYAML, pyyaml] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, pip: [PyYAML] } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for set in &ground.fleet.sets {
        requirements(judge, None, set.requirements.iter());
    }
    for (at, image) in ground.images() {
        if ground.has_twice(at) {
            requirements(judge, Some(image), image.pip.iter());
        }
        packages(judge, image, &image.apt);
        packages(judge, image, &image.apt_build);
    }
}

fn requirements<'a>(
    judge: &mut Judge<'_>,
    image: Option<&Image>,
    list: impl Iterator<Item = &'a Sourced<Requirement>>,
) {
    let mut seen: BTreeMap<&str, Vec<&Requirement>> = BTreeMap::new();
    for Sourced { value, origin } in list {
        let before = seen.entry(value.normalized_name()).or_default();
        if let Some(first) = before.iter().find(|first| first.marker() == value.marker()) {
            report(
                judge,
                image,
                value.normalized_name(),
                *origin,
                first.as_str(),
            );
        }
        before.push(value);
    }
}

fn packages(judge: &mut Judge<'_>, image: &Image, list: &Joined<Sourced<AptPackage>>) {
    if list.len() < 2 {
        return;
    }
    let mut seen: BTreeMap<(&str, Option<&str>), &str> = BTreeMap::new();
    for Sourced { value, origin } in list {
        if let Some(first) = seen.insert((value.name(), value.architecture()), value.as_str()) {
            report(judge, Some(image), value.name(), *origin, first);
        }
    }
}

fn report(judge: &mut Judge<'_>, image: Option<&Image>, name: &str, origin: Origin, first: &str) {
    judge.value(image, name, origin, || {
        (
            format!("`{name}` is already in this list, as `{first}`"),
            "delete one of the two".to_owned(),
        )
    });
}
