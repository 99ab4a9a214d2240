//! More than one index, and nothing that says which one a package comes from.

use super::gpu_wheels_by_default::is_for_processor;
use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::Sourced;
use crate::values::IndexUrl;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "dependency-confusion",
        summary: "an extra package index can replace a package with one of its name",
        explanation: "pip installs the highest version from any index and trusts all indexes \
         equally. Anyone who publishes your private package's name on a public index, with a \
         higher version, gets their code into your image. Name one index, such as a mirror that \
         serves both, or lock the image (`locks`): its hashes reject files that you did not \
         review.",
        example: "services: { svc-a: { kind: web, port: 8000, index_urls: \
         [\"https://pip.example/simple\", \"https://private.example/simple\"] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, index_urls: \
         [\"https://private.example/all\"] } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (at, image) in ground.images() {
        // What `gpu-wheels-by-default` asks for holds the packages of PyTorch alone.
        let is_open = |url: &&Sourced<IndexUrl>| !is_for_processor(url.value.as_str());
        let mut open = image.index_urls.iter().filter(is_open);
        let (Some(first), Some(extra)) = (open.next(), open.next()) else {
            continue;
        };
        // A lock was reviewed with its hashes: what another index has under the same name does not
        // fit them.
        if ground.entries(at).next().is_none() || image.locked.lock().is_some() {
            continue;
        }
        judge.value(Some(image), extra.value.as_str(), extra.origin, || {
            let message = format!(
                "in {}, pip searches both {} and {} for every package and installs the highest \
                 version it finds",
                image.name, first.value, extra.value
            );
            (
                message,
                "name one index that serves both, such as a mirror, or lock the image".to_owned(),
            )
        });
    }
}
