//! Packages that must come from one index, but would come from two.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::ground::{Ground, Installed, below};
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::{Code, Severity};
use crate::fleet::Image;
use crate::fleet::model::PackageIndex;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "index-mismatch",
        severity: Severity::Error,
        summary: "a service and its base install related packages from different indexes",
        explanation: "The builds of torch, torchvision and torchaudio belong together: \
         torchvision from the default index installs next to a CPU torch, but fails on import. A \
         service inherits its base's indexes. If it declares its own, they must include the \
         base's indexes for the packages that the base has and for related packages.",
        example: "requirements: { base: [torch] }\nbases: { base-runtime: { index_urls: \
         [\"https://pip.example/whl/cpu\"] } }\nservices: { svc-a: { kind: on-base, port: 8000, \
         pip: [torchvision], index_urls: [\"https://pip.example/simple\"] } }\n",
        fixed: "requirements: { base: [torch] }\nbases: { base-runtime: { index_urls: \
         [\"https://pip.example/whl/cpu\"] } }\nservices: { svc-a: { kind: on-base, port: 8000, \
         pip: [torchvision] } }\n",
        ..PLAIN
    },
    check,
};

/// Packages whose builds belong together, by normalised name.
const FAMILIES: [&[&str]; 3] = [
    &[
        "torch",
        "torchaudio",
        "torchtext",
        "torchvision",
        "triton",
        "xformers",
        "vllm",
        "fairscale",
        "torch-scatter",
    ],
    &["jax", "jaxlib"],
    &["paddlepaddle", "paddleocr"],
];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let families =
        ground.classified(|name| FAMILIES.iter().position(|family| family.contains(&name)));
    let family = |package: usize| families[package];
    let of_bases = ground.marked_below(&families);
    for (at, image) in ground.images() {
        let may_differ =
            |base: &&Image| !base.indexes.is_empty() || leaves_out(image, base).is_some();
        let Some(base) = ground.fleet.base_of(image).filter(may_differ) else {
            continue;
        };
        for entry in ground.entries(at) {
            let is_relative =
                |found: &&Installed<'_>| family(found.entry.package) == family(entry.package);
            let of_family = below(&of_bases, image)
                .iter()
                .filter(|_| family(entry.package).is_some())
                .find(is_relative);
            let same = ground.below(image, entry.package).next();
            let found = same
                .into_iter()
                .chain(of_family.copied())
                .min_by_key(|found| found.entry.package);
            let Some(found) = found else { continue };
            let (name, other) = (ground.name(entry.package), ground.name(found.entry.package));
            let Some((source, help)) = other_source((image, name), (base, found.base, other))
            else {
                continue;
            };
            let origin = entry.via.map_or(entry.origin, |(_, named)| named);
            judge.value(Some(image), name, origin, || {
                let message = format!(
                    "`{name}` would not come from {source}, the source of `{other}` in {}",
                    found.base.name
                );
                (message, help)
            });
        }
    }
}

/// Where the other package comes from and this one does not, and what to do.
fn other_source<'a>(
    (image, name): (&Image, &str),
    (base, found, other): (&'a Image, &'a Image, &str),
) -> Option<(&'a str, String)> {
    let url = |index: &'a PackageIndex| index.url.value.as_str();
    match (image.index_of(name), found.index_of(other)) {
        (Some(own), Some(theirs)) if own.url.value == theirs.url.value => None,
        (_, Some(theirs)) => {
            let help = format!("add {name} to the packages of the index `{}`", theirs.name);
            Some((url(theirs), help))
        }
        (Some(_), None) => None,
        (None, None) => {
            let help = format!(
                "leave `index_urls` out of {} to inherit those of {}",
                image.name, base.name
            );
            Some((leaves_out(image, base)?, help))
        }
    }
}

/// An index of the base that the image does not have.
fn leaves_out<'a>(image: &Image, base: &'a Image) -> Option<&'a str> {
    if Arc::ptr_eq(&image.index_urls, &base.index_urls) {
        return None;
    }
    let own: BTreeSet<&str> = image
        .index_urls
        .iter()
        .map(|own| own.value.as_str())
        .collect();
    base.index_urls
        .iter()
        .map(|url| url.value.as_str())
        .find(|url| !own.contains(url))
}
