//! External images by the tag `latest`.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::{Code, Severity};
use crate::fleet::model::Parent;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "floating-image",
        severity: Severity::Error,
        summary: "an external image has the tag `latest`",
        explanation: "`latest` moves to new content, so two builds of one commit can differ. Name \
                      a version, or pin the content: `dockwright pin` writes the digest.",
        example: "images: { python-slim: { reference: python, tag: latest } }\n",
        fixed: "images: { python-slim: { reference: python, tag: 3.12-slim } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image) in ground.images() {
        let Parent::External(external) = &image.parent else {
            continue;
        };
        let reference = &external.reference;
        let floats = reference.digest().is_none()
            && reference.tag().is_some_and(|tag| tag.as_str() == "latest");
        if floats {
            judge.value(Some(image), &external.name, external.origin, || {
                let message = format!("the content of {reference} changes");
                (message, "name a version, or pin the digest".to_owned())
            });
        }
    }
}
