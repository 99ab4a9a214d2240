//! External images without a digest.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::model::Parent;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "unpinned-base",
        optional: true,
        summary: "an external image has no digest",
        explanation: "Publishers can move a tag to new content, so two builds of one commit can \
                      differ. Off by default; turn it on in `policy.rules`. `dockwright pin` gets \
                      the digests from the registries and writes them.",
        example: "policy: { rules: { unpinned-base: warn } }\n",
        fixed: "policy: { rules: { unpinned-base: warn } }\nimages: { python-slim: { reference: \
         python, tag: 3.12-slim, digest: \
         \"sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\" } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image) in ground.images() {
        let Parent::External(external) = &image.parent else {
            continue;
        };
        if external.reference.digest().is_some() {
            continue;
        }
        judge.value(Some(image), &external.name, external.origin, || {
            let help = format!(
                "`dockwright pin {}` asks the registry for it",
                external.name
            );
            (
                format!(
                    "{} has no digest, so its content can change",
                    external.reference
                ),
                help,
            )
        });
    }
}
