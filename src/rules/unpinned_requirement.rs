//! Requirements that mean another version tomorrow.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::values::requirement::Requirement;
use pep440_rs::Operator;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "unpinned-requirement",
        optional: true,
        summary: "a requirement leaves the version open",
        explanation: "Two builds of one commit can contain different versions. Off by default, \
                      because a fleet that pins elsewhere would get a warning for every \
                      requirement; turn it on in `policy.rules`. A version with `==` or `===` and \
                      no wildcard, or a URL, is a pin.",
        example: "policy: { rules: { unpinned-requirement: warn } }\nrequirements: { base: \
         [\"fastapi>=0.110\"] }\n",
        fixed: "policy: { rules: { unpinned-requirement: warn } }\nrequirements: { base: \
         [\"fastapi==0.110.1\"] }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (at, image) in ground.images() {
        for entry in ground
            .entries(at)
            .filter(|entry| !is_pinned(entry.requirement))
        {
            let name = ground.name(entry.package);
            judge.value(Some(image), name, entry.origin, || {
                let message = format!("`{}` leaves the version open", entry.requirement);
                (
                    message,
                    format!("name one version: {}==…", entry.requirement.name()),
                )
            });
        }
    }
}

fn is_pinned(requirement: &Requirement) -> bool {
    let is_exact = |operator: &Operator| matches!(operator, Operator::Equal | Operator::ExactEqual);
    let pins = |specifiers: pep440_rs::VersionSpecifiers| {
        specifiers.iter().any(|one| is_exact(one.operator()))
    };
    requirement.url().is_some() || requirement.specifiers().is_some_and(pins)
}
