//! Packages that have an index of their own and do not come from it.

use super::ground::{Entry, Ground};
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::Image;
use crate::fleet::model::Section;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "unrouted-package",
        summary: "`indexes` has an index for a package, but only a requirement file lists the package",
        explanation: "dockwright takes a package from its index under `indexes` only if \
         services.yaml lists the package, under `pip` or in a set. A requirement file cannot \
         choose the index, because editing it does not change the Dockerfile. List the package \
         under `pip` too: its version still comes from the requirement file.",
        example: "indexes: { cpu: { url: https://pip.example/whl/cpu, packages: [torch] } }\n\
         services: { svc-a: { kind: web, port: 8000, install: requirements.txt } }\n",
        fixed: "indexes: { cpu: { url: https://pip.example/whl/cpu, packages: [torch] } }\n\
         services: { svc-a: { kind: web, port: 8000, install: requirements.txt, pip: [torch] } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (at, image) in ground.images() {
        if image.indexes.is_empty() || image.locked.is_wanted() {
            continue;
        }
        let entries: Vec<Entry<'_>> = ground.entries(at).collect();
        for entry in entries.iter().filter(|entry| is_of_a_file(entry)) {
            let name = ground.name(entry.package);
            let is_named = entries
                .iter()
                .any(|other| other.package == entry.package && !is_of_a_file(other));
            let Some(index) = image.index_of(name) else {
                continue;
            };
            if is_named || ground.below(image, entry.package).next().is_some() {
                continue;
            }
            let index = index.name.as_str();
            judge.value(Some(image), name, entry.origin, || {
                statement(image, name, index)
            });
        }
    }
}

/// Whether a requirement file has it, and not services.yaml.
fn is_of_a_file(entry: &Entry<'_>) -> bool {
    matches!(entry.origin.section, Section::Files(_))
}

fn statement(image: &Image, name: &str, index: &str) -> (String, String) {
    let message = format!(
        "`{name}` does not come from the index `{index}` in {}: services.yaml does not name it",
        image.name
    );
    (message, format!("add `pip: [{name}]` to {}", image.name))
}
