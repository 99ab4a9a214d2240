//! Version specifiers that no version satisfies together.

use std::collections::BTreeMap;

use super::ground::{COMPARED, Entry, Ground, PackageId};
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::{Code, Severity};
use crate::fleet::Image;
use crate::fleet::model::Parent;
use crate::values::requirement::{Requirement, are_compatible};

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "dep-conflicts-with-base",
        severity: Severity::Error,
        summary: "two requirements of one image have no version in common",
        explanation: "The base, the sets and the service's own list share one environment. If no \
         version satisfies all specifiers (PEP 440), pip fails in the build, or the image \
         contains two versions and one shadows the other.",
        example: "requirements: { base: [\"fastapi>=0.110\"] }\nservices: { svc-a: { kind: \
         on-base, port: 8000, pip: [\"fastapi<0.100\"] } }\n",
        fixed: "requirements: { base: [\"fastapi>=0.110\"] }\nservices: { svc-a: { kind: on-base, \
          port: 8000 } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let mut known = Known::default();
    for (at, image) in ground.images() {
        let has_twice = ground.has_twice(at);
        if !has_twice && matches!(image.parent, Parent::External(_)) {
            continue;
        }
        let mut seen: BTreeMap<PackageId, Vec<Entry<'_>>> = BTreeMap::new();
        for entry in ground.entries(at).filter(is_narrowed) {
            let below = ground
                .below(image, entry.package)
                .map(|found| (found.entry, Some(found.base)));
            let beside = seen
                .get(&entry.package)
                .into_iter()
                .flatten()
                .map(|beside| (*beside, None));
            if let Some((other, base)) = below
                .chain(beside)
                .find(|(other, _)| known.conflict(image, entry.requirement, other.requirement))
            {
                let name = ground.name(entry.package);
                // What a set brings into the wrong image is fixed where the image names the set.
                let origin = match (entry.via, base) {
                    (Some((_, named)), Some(_)) => named,
                    _ => entry.origin,
                };
                judge.value(Some(image), name, origin, || {
                    statement(image, name, &entry, &other, base)
                });
            }
            if has_twice {
                let beside = seen.entry(entry.package).or_default();
                if beside.len() < COMPARED {
                    beside.push(entry);
                }
            }
        }
    }
}

fn is_narrowed(entry: &Entry<'_>) -> bool {
    entry.requirement.has_specifiers() || entry.requirement.url().is_some()
}

fn statement(
    image: &Image,
    name: &str,
    entry: &Entry<'_>,
    other: &Entry<'_>,
    base: Option<&Image>,
) -> (String, String) {
    let holder = match (base, other.via) {
        (Some(base), _) => base.name.to_string(),
        (None, Some((set, _))) => format!("the set `{}`", set.name),
        (None, None) => format!("{} itself", image.name),
    };
    let message = format!(
        "{} requires `{}`, but {holder} requires `{}`: no version satisfies both",
        image.name, entry.requirement, other.requirement
    );
    (
        message,
        format!("give both the same version of `{name}`, or delete one"),
    )
}

/// Whether requirements disagree, as far as they were compared: the services of a kind have the
/// same ones.
#[derive(Default)]
struct Known<'a>(BTreeMap<(&'a Requirement, &'a Requirement), bool>);

impl<'a> Known<'a> {
    fn conflict(&mut self, image: &Image, left: &'a Requirement, right: &'a Requirement) -> bool {
        let disagree = *self
            .0
            .entry((left, right))
            .or_insert_with(|| disagree(left, right));
        disagree
            && (left.marker() == right.marker()
                || (left.holds_in(&image.python.value) == Some(true)
                    && right.holds_in(&image.python.value) == Some(true)))
    }
}

fn disagree(left: &Requirement, right: &Requirement) -> bool {
    match (
        left.specifiers(),
        right.specifiers(),
        left.url(),
        right.url(),
    ) {
        (Some(left), Some(right), _, _) => !are_compatible(&left, &right),
        (_, _, Some(left), Some(right)) => left != right,
        _ => false,
    }
}
