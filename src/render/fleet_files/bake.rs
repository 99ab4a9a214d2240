//! The bake file: one target an image, in one graph, so that one `docker buildx bake` builds bases
//! and services without a push between.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde::Serialize;

use super::encode::{hcl, hcl_list, hcl_part};
use super::origin::{entry, output};
use crate::fleet::kept::KeptDockerfile;
use crate::fleet::{Fleet, Image, Origin, Role, Sourced};
use crate::render::context::dockerfile_path;
use crate::render::links::Use;
use crate::render::pen::{Pen, Printed};
use crate::values::Platform;

/// What the template of the bake file may print: HCL expressions.
#[derive(Debug, Serialize)]
pub(super) struct BakeContext<'a> {
    registry: Printed<'a>,
    owner: Printed<'a>,
    /// A list; absent where the builder's own platform is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    platforms: Option<Printed<'a>>,
    /// A list; absent where no attestation is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    attest: Option<Printed<'a>>,
    /// Present where caches are declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<Printed<'static>>,
    /// Present where times can be set from outside.
    #[serde(skip_serializing_if = "Option::is_none")]
    reproducible: Option<Printed<'a>>,
    groups: Vec<GroupContext<'a>>,
    targets: Vec<TargetContext<'a>>,
}

#[derive(Debug, Serialize)]
struct GroupContext<'a> {
    name: Printed<'a>,
    targets: Vec<Printed<'a>>,
}

#[derive(Debug, Serialize)]
struct TargetContext<'a> {
    name: Printed<'a>,
    dockerfile: Printed<'a>,
    /// The build context; absent where it is the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Printed<'a>>,
    /// The stage of a kept Dockerfile; absent where that is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<Printed<'a>>,
    /// The build arguments of a kept Dockerfile, with the variables; absent on others.
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<Printed<'a>>,
    tags: Printed<'a>,
    annotations: Printed<'a>,
    /// A list; absent where it is built for what the fleet is built for.
    #[serde(skip_serializing_if = "Option::is_none")]
    platforms: Option<Printed<'a>>,
    /// The base below, and those that files are taken from.
    contexts: Vec<LinkContext<'a>>,
    /// Present where the Dockerfile writes references with REGISTRY and OWNER.
    #[serde(skip_serializing_if = "Option::is_none")]
    variables: Option<Printed<'static>>,
    /// The reference of the layer cache.
    cache: Printed<'a>,
}

#[derive(Debug, Serialize)]
struct LinkContext<'a> {
    /// The reference as the Dockerfile has it.
    reference: Printed<'a>,
    target: Printed<'a>,
}

impl<'a> BakeContext<'a> {
    pub(super) fn of(pen: &Pen, fleet: &'a Fleet, uses: &[Vec<Use>]) -> Self {
        let bake = fleet.outputs.bake.as_ref();
        Self {
            registry: pen.write(hcl(fleet.registry.value.as_str()), [fleet.registry.origin]),
            owner: pen.write(hcl(fleet.owner.value.as_str()), [fleet.owner.origin]),
            platforms: platforms(pen, &fleet.platforms),
            attest: attestations(pen, fleet),
            cache: bake
                .is_some_and(|bake| bake.cache)
                .then_some(Printed::fixed("declared")),
            reproducible: bake
                .is_some_and(|bake| bake.reproducible)
                .then(|| pen.write("declared", [output("outputs.bake.reproducible")])),
            groups: groups(pen, fleet),
            targets: fleet
                .numbered()
                .map(|(id, image)| TargetContext::of(pen, fleet, image, &uses[id]))
                .collect(),
        }
    }
}

/// Platforms as a list; nothing where there is none.
fn platforms<'a>(pen: &Pen, platforms: &[Sourced<Platform>]) -> Option<Printed<'a>> {
    let list = hcl_list(platforms.iter().map(|one| hcl(one.value.as_str())));
    let origins = platforms.iter().map(|one| one.origin);
    (!platforms.is_empty()).then(|| pen.write(list, origins))
}

/// The attestations of every image, as a list; nothing where none is declared. A provenance tells
/// when it was made, and builders attach one unasked: not where digests have to be equal.
fn attestations<'a>(pen: &Pen, fleet: &Fleet) -> Option<Printed<'a>> {
    let bake = fleet.outputs.bake.as_ref()?;
    let declared = [
        (bake.sbom, "type=sbom", "outputs.bake.sbom"),
        (
            bake.provenance,
            "type=provenance,mode=max",
            "outputs.bake.provenance",
        ),
        (
            bake.reproducible && !bake.provenance,
            "type=provenance,disabled=true",
            "outputs.bake.reproducible",
        ),
    ];
    let asked = || declared.into_iter().filter(|(is_asked, ..)| *is_asked);
    let list = hcl_list(asked().map(|(_, attestation, _)| hcl(attestation)));
    (asked().count() > 0).then(|| pen.write(list, asked().map(|(.., field)| output(field))))
}

impl<'a> TargetContext<'a> {
    fn of(pen: &Pen, fleet: &'a Fleet, image: &'a Image, uses: &[Use]) -> Self {
        let title = format!("org.opencontainers.image.title={}", image.name);
        let version = image
            .version()
            .map(|version| hcl(&format!("org.opencontainers.image.version={version}")));
        let is_linked = fleet.base_of(image).is_some() || uses.iter().any(|used| used.by_variables);
        let tags = match image.version() {
            Some(version) => hcl_list([reference(image, &hcl_part(version))]),
            None => format!(
                "TAG == \"\" ? [] : {}",
                hcl_list([reference(image, "${TAG}")])
            ),
        };
        let kept = image.kept.as_deref();
        let name = hcl_part(image.name.as_str());
        let cache = format!("\"type=registry,ref=${{REGISTRY}}/${{OWNER}}/{name}:buildcache\"");
        Self {
            name: pen.write(hcl(&image.target()), [entry(image)]),
            dockerfile: dockerfile(pen, image),
            context: context(pen, image),
            stage: kept.and_then(|kept| stage(pen, kept)),
            arguments: kept.and_then(|_| arguments(pen, image, is_linked)),
            tags: pen.write(tags, named_and_versioned(image)),
            annotations: pen.write(
                hcl_list(std::iter::once(hcl(&title)).chain(version)),
                named_and_versioned(image),
            ),
            platforms: platforms(pen, &image.platforms),
            contexts: contexts(pen, fleet, image, uses),
            variables: (is_linked && kept.is_none()).then_some(Printed::fixed("written")),
            cache: pen.write(cache, [output("outputs.bake.cache"), entry(image)]),
        }
    }
}

/// The Dockerfile from the build context on.
fn dockerfile<'a>(pen: &Pen, image: &Image) -> Printed<'a> {
    match &image.kept {
        Some(kept) => pen.write(hcl(&kept.path_from_context()), [kept.path.origin]),
        None => pen.write(hcl(&dockerfile_path(image)), [entry(image)]),
    }
}

/// The build context of a kept Dockerfile, unless that is the root.
fn context<'a>(pen: &Pen, image: &Image) -> Option<Printed<'a>> {
    let kept = image.kept.as_ref()?;
    (!kept.context.is_empty()).then(|| pen.write(hcl(&kept.context), [kept.path.origin]))
}

fn stage<'a>(pen: &Pen, kept: &KeptDockerfile) -> Option<Printed<'a>> {
    let target = kept.target.as_ref()?;
    Some(pen.write(hcl(target.value.as_str()), [target.origin]))
}

/// The build arguments of a kept Dockerfile: a generated one has them as defaults.
fn arguments<'a>(pen: &Pen, image: &Image, is_linked: bool) -> Option<Printed<'a>> {
    let variables = ["REGISTRY = REGISTRY", "OWNER = OWNER"].map(str::to_owned);
    let variables = variables.into_iter().filter(|_| is_linked);
    let declared = image.args.iter();
    let declared = declared.map(|(key, value)| format!("{key} = {}", hcl(value.value.as_str())));
    let all: Vec<String> = variables.chain(declared).collect();
    let origins = image.args.iter().map(|(_, value)| value.origin);
    let text = format!("{{ {} }}", all.join(", "));
    (!all.is_empty()).then(|| pen.write(text, origins.chain([entry(image)])))
}

/// What decides the reference of an image: the version of a base, and the name.
fn named_and_versioned(image: &Image) -> impl Iterator<Item = Origin> {
    let version = if let Role::Base(version) = &image.role {
        Some(version.origin)
    } else {
        None
    };
    version.into_iter().chain(std::iter::once(entry(image)))
}

/// What the Dockerfile names, linked to the targets that build it.
fn contexts<'a>(
    pen: &Pen,
    fleet: &'a Fleet,
    image: &'a Image,
    uses: &[Use],
) -> Vec<LinkContext<'a>> {
    let link = |base: &Image, by_variables: bool| {
        let written = match fleet.reference(base) {
            Some(reference) if !by_variables => hcl(&reference),
            None => hcl(&fleet.repository(base)),
            _ => reference(base, &hcl_part(base.version().unwrap_or_default())),
        };
        LinkContext {
            reference: pen.write(written, named_and_versioned(base)),
            target: pen.write(
                hcl(&format!("target:{}", base.target())),
                [entry(base), entry(image)],
            ),
        }
    };
    let below = fleet.base_of(image).map(|base| link(base, true));
    let taken = uses
        .iter()
        .map(|used| link(fleet.image(used.base), used.by_variables));
    below.into_iter().chain(taken).collect()
}

/// The reference of an image through the variables of the bake file.
fn reference(image: &Image, tag: &str) -> String {
    format!(
        "\"${{REGISTRY}}/${{OWNER}}/{}:{tag}\"",
        hcl_part(image.name.as_str())
    )
}

/// The groups: bases, each kind, all, and the default that bake takes without a name.
fn groups<'a>(pen: &Pen, fleet: &'a Fleet) -> Vec<GroupContext<'a>> {
    let mut taken: BTreeSet<String> = fleet.images.iter().map(Image::target).collect();
    let mut kinds: IndexMap<&str, Vec<&Image>> = IndexMap::new();
    for image in &fleet.images {
        if let Some(kind) = image.service().and_then(|service| service.kind.as_ref()) {
            kinds.entry(kind.as_str()).or_default().push(image);
        }
    }
    let target = |image: &&'a Image| pen.write(hcl(&image.target()), [entry(image)]);
    let group = |name: &str, targets| GroupContext {
        name: pen.write(hcl(name), []),
        targets,
    };
    let all = free_name("all", &mut taken);
    let default = free_name("default", &mut taken);
    let images: Vec<&Image> = fleet.images.iter().collect();
    let mut groups = vec![group(&default, vec![pen.write(hcl(&all), [])])];
    groups.push(group(&all, images.iter().map(target).collect()));
    let bases = images.iter().filter(|image| image.version().is_some());
    groups.push(group(
        &free_name("bases", &mut taken),
        bases.map(target).collect(),
    ));
    for (kind, images) in kinds {
        groups.push(group(
            &free_name(kind, &mut taken),
            images.iter().map(target).collect(),
        ));
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
