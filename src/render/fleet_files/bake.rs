//! The bake file: one target an image, in one graph, so that one `docker buildx bake` builds bases and services without a push between.

use std::collections::BTreeSet;

use serde::Serialize;

use super::context::dockerfile_path;
use super::encode::{hcl, hcl_list, hcl_part};
use crate::fleet::{Fleet, Image};
use crate::render::links::Use;

/// What the template of the bake file may print: HCL expressions.
#[derive(Debug, Serialize)]
pub(super) struct BakeContext {
    registry: String,
    owner: String,
    /// A list; absent where the builder's own platform is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    platforms: Option<String>,
    /// A list; absent where no attestation is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    attest: Option<String>,
    /// Present where caches are declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<&'static str>,
    groups: Vec<GroupContext>,
    targets: Vec<TargetContext>,
}

#[derive(Debug, Serialize)]
struct GroupContext {
    name: String,
    targets: Vec<String>,
}

#[derive(Debug, Serialize)]
struct TargetContext {
    name: String,
    dockerfile: String,
    tags: String,
    annotations: String,
    /// The base below, and those that files are taken from.
    contexts: Vec<LinkContext>,
    /// Present where the Dockerfile writes references with REGISTRY and OWNER.
    #[serde(skip_serializing_if = "Option::is_none")]
    variables: Option<&'static str>,
    /// The reference of the layer cache.
    cache: String,
}

#[derive(Debug, Serialize)]
struct LinkContext {
    /// The reference as the Dockerfile has it.
    reference: String,
    target: String,
}

impl BakeContext {
    pub(super) fn of(fleet: &Fleet, uses: &[Vec<Use>]) -> Self {
        let output = fleet.outputs.bake.as_ref();
        let attestations = [
            output.is_some_and(|bake| bake.sbom).then_some("type=sbom"),
            output.is_some_and(|bake| bake.provenance).then_some("type=provenance,mode=max"),
        ];
        let attest = hcl_list(attestations.into_iter().flatten().map(hcl));
        let platforms = hcl_list(fleet.platforms.iter().map(|platform| hcl(platform.value.as_str())));
        Self {
            registry: hcl(fleet.registry.value.as_str()),
            owner: hcl(fleet.owner.value.as_str()),
            platforms: (!fleet.platforms.is_empty()).then_some(platforms),
            attest: (attest != "[]").then_some(attest),
            cache: output.is_some_and(|bake| bake.cache).then_some("declared"),
            groups: groups(fleet),
            targets: fleet
                .images
                .iter()
                .enumerate()
                .map(|(at, image)| TargetContext::of(fleet, image, uses.get(at).map(Vec::as_slice).unwrap_or_default()))
                .collect(),
        }
    }
}

impl TargetContext {
    fn of(fleet: &Fleet, image: &Image, uses: &[Use]) -> Self {
        let title = format!("org.opencontainers.image.title={}", image.name);
        let version = image.version().map(|version| hcl(&format!("org.opencontainers.image.version={version}")));
        Self {
            name: hcl(&image.target()),
            dockerfile: hcl(&dockerfile_path(image)),
            tags: match image.version() {
                Some(version) => hcl_list([reference(image, &hcl_part(version))]),
                None => format!("TAG == \"\" ? [] : {}", hcl_list([reference(image, "${TAG}")])),
            },
            annotations: hcl_list(std::iter::once(hcl(&title)).chain(version)),
            contexts: contexts(fleet, image, uses),
            variables: (fleet.base_of(image).is_some() || uses.iter().any(|used| used.by_variables))
                .then_some("written"),
            cache: format!(
                "\"type=registry,ref=${{REGISTRY}}/${{OWNER}}/{}:buildcache\"",
                hcl_part(image.name.as_str())
            ),
        }
    }
}

/// What the Dockerfile names, linked to the targets that build it.
fn contexts(fleet: &Fleet, image: &Image, uses: &[Use]) -> Vec<LinkContext> {
    let link = |base: &Image, by_variables: bool| LinkContext {
        reference: if by_variables {
            reference(base, &hcl_part(base.version().unwrap_or_default()))
        } else {
            hcl(&fleet.reference(base).unwrap_or_default())
        },
        target: hcl(&format!("target:{}", base.target())),
    };
    let below = fleet.base_of(image).map(|base| link(base, true));
    let taken = uses.iter().filter_map(|used| Some(link(fleet.images.get(used.base)?, used.by_variables)));
    below.into_iter().chain(taken).collect()
}

/// The reference of an image through the variables of the bake file.
fn reference(image: &Image, tag: &str) -> String {
    format!("\"${{REGISTRY}}/${{OWNER}}/{}:{tag}\"", hcl_part(image.name.as_str()))
}

/// The groups: bases, each kind, all, and the default that bake takes without a name.
fn groups(fleet: &Fleet) -> Vec<GroupContext> {
    let mut taken: BTreeSet<String> = fleet.images.iter().map(Image::target).collect();
    let mut kinds: Vec<&str> = Vec::new();
    for kind in fleet.images.iter().filter_map(|image| image.service()?.kind.as_ref()) {
        if !kinds.contains(&kind.as_str()) {
            kinds.push(kind.as_str());
        }
    }
    let of_kind = |image: &Image, kind: &str| {
        image.service().and_then(|service| service.kind.as_ref()).is_some_and(|own| own.as_str() == kind)
    };
    let all = free_name("all", &mut taken);
    let mut groups = vec![GroupContext { name: hcl(&free_name("default", &mut taken)), targets: vec![hcl(&all)] }];
    let mut group = |name: String, takes: &dyn Fn(&Image) -> bool| {
        let targets = fleet.images.iter().filter(|image| takes(image)).map(|image| hcl(&image.target())).collect();
        groups.push(GroupContext { name: hcl(&name), targets });
    };
    group(all, &|_| true);
    group(free_name("bases", &mut taken), &|image| image.version().is_some());
    for kind in kinds {
        group(free_name(kind, &mut taken), &|image| of_kind(image, kind));
    }
    groups
}

/// A group may not have the name of a target or of another group.
fn free_name(wanted: &str, taken: &mut BTreeSet<String>) -> String {
    let mut name = wanted.to_owned();
    while !taken.insert(name.clone()) {
        name = format!("group-{name}");
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_steps_aside_for_a_target() {
        let mut taken = BTreeSet::from(["all".to_owned()]);
        assert_eq!(free_name("all", &mut taken), "group-all");
        assert_eq!(free_name("ml", &mut taken), "ml");
        assert_eq!(free_name("ml", &mut taken), "group-ml");
    }
}
