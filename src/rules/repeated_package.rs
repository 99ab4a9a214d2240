//! Packages that several services list, each for itself.

use std::collections::BTreeMap;

use super::ground::{Ground, PackageId};
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::{Code, Severity};
use crate::fleet::model::Section;
use crate::fleet::{Image, ImageId, Origin};

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "repeated-package",
        severity: Severity::Hint,
        summary: "several services list a package separately",
        explanation: "Each service image stores its own copy of a package that it lists. A \
         package in a shared base is stored, pushed and pulled once, for all services on the \
         base, whether they need it or not. Without a shared base, a requirement set avoids the \
         repetition in services.yaml, but not the copies. This is a hint: nothing is wrong. \
         dockwright names the ten most repeated packages for each base, and for all services \
         without a base.",
        example: "services: { svc-a: { kind: on-base, port: 8000, pip: [jinja2] }, svc-b: { kind: \
         on-base, port: 8000, pip: [jinja2] } }\n",
        fixed: "requirements: { base: [fastapi, jinja2] }\nservices: { svc-a: { kind: on-base, \
         port: 8000, pip: [] }, svc-b: { kind: on-base, port: 8000 } }\n",
        ..PLAIN
    },
    check,
};

/// Services that could share a layer: those on one base, or all that start from external images.
#[derive(Default)]
struct Group<'a> {
    services: Vec<&'a Image>,
    pip: BTreeMap<PackageId, Vec<(&'a Image, Origin)>>,
    apt: BTreeMap<&'a str, Vec<(&'a Image, Origin)>>,
}

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let mut groups: BTreeMap<Option<ImageId>, Group<'_>> = BTreeMap::new();
    for (at, image, _) in ground.services() {
        let group = groups.entry(image.base()).or_default();
        group.services.push(image);
        // What a kind lists is written once already.
        let is_own = |origin: Origin| matches!(origin.section, Section::Services(_));
        for entry in ground.own(at).filter(|entry| is_own(entry.origin)) {
            add(
                group.pip.entry(entry.package).or_default(),
                image,
                entry.origin,
            );
        }
        for package in image.apt.iter().filter(|package| is_own(package.origin)) {
            add(
                group.apt.entry(package.value.name()).or_default(),
                image,
                package.origin,
            );
        }
    }
    for (base, group) in &groups {
        let base = base.map(|base| ground.fleet.image(base));
        let pip = group
            .pip
            .iter()
            .map(|(package, places)| (ground.name(*package), places.as_slice()));
        let apt = group
            .apt
            .iter()
            .map(|(name, places)| (*name, places.as_slice()));
        let mut repeated: Vec<Repeated<'_>> = pip
            .chain(apt)
            .filter(|(_, places)| places.len() > 1)
            .collect();
        repeated.sort_by(|left, right| {
            right
                .1
                .len()
                .cmp(&left.1.len())
                .then_with(|| left.0.cmp(right.0))
        });
        for (name, places) in repeated.into_iter().take(SHOWN) {
            report(judge, base, group, name, places);
        }
    }
}

/// How many packages of a group are named: the most repeated. A large fleet would hear of nothing
/// else.
const SHOWN: usize = 10;

/// A package, and the services that list it with the places.
type Repeated<'a> = (&'a str, &'a [(&'a Image, Origin)]);

/// Adds a service once, however often it lists the package.
fn add<'a>(places: &mut Vec<(&'a Image, Origin)>, image: &'a Image, origin: Origin) {
    if places
        .last()
        .is_none_or(|(last, _)| last.section != image.section)
    {
        places.push((image, origin));
    }
}

fn report(
    judge: &mut Judge<'_>,
    base: Option<&Image>,
    group: &Group<'_>,
    name: &str,
    places: &[(&Image, Origin)],
) {
    let [(image, origin), _, ..] = places else {
        return;
    };
    judge.value(Some(image), name, *origin, || {
        statement(base, group, name, places.len())
    });
}

fn statement(
    base: Option<&Image>,
    group: &Group<'_>,
    name: &str,
    count: usize,
) -> (String, String) {
    let all = group.services.len();
    let Some(base) = base else {
        let message = format!("`{name}` is in {count} of {all} services that have no base");
        let help = "a requirement set avoids the repetition; only a shared base stores it once";
        return (message, help.to_owned());
    };
    let message = format!("`{name}` is in {count} of {all} services on {}", base.name);
    let cost = match all - count {
        0 => String::new(),
        1 => ", but 1 more image would have it".to_owned(),
        more => format!(", but {more} more images would have it"),
    };
    (
        message,
        format!(
            "moved to {}, 1 copy is stored instead of {count}{cost}",
            base.name
        ),
    )
}
