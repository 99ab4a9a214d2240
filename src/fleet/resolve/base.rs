//! Base images, each after the one it builds on.

use super::Ground;
use super::external::DEFAULT_IMAGE;
use super::field::Findings;
use crate::declare::FleetDecl;
use crate::declare::schema::BaseDecl;
use crate::diagnostic::code;
use crate::fleet::lock::Locked;
use crate::fleet::model::{Image, Origin, Parent, Role, Section, Sourced};
use crate::fleet::names::{Fingerprint, IndexUrl, ServiceName, TemplateName, Version};

pub(super) fn resolve(findings: &mut Findings<'_>, ground: &Ground<'_>) -> Vec<Image> {
    let mut images: Vec<Image> = Vec::new();
    for position in build_order(findings, ground.decl) {
        if let Some(image) = base(findings, ground, &images, position) {
            images.push(image);
        }
    }
    images
}

/// The positions of all bases, each after its parent; those on a circle are reported and left out.
fn build_order(findings: &mut Findings<'_>, decl: &FleetDecl) -> Vec<usize> {
    let parent = |position: usize| {
        let (_, base) = decl.bases.get_index(position)?;
        decl.bases.get_index_of(base.from.as_deref()?)
    };
    let mut order = Vec::new();
    let mut placed = vec![false; decl.bases.len()];
    for start in 0..decl.bases.len() {
        let mut chain = Vec::new();
        let mut next = Some(start);
        while let Some(position) = next.filter(|position| placed.get(*position) == Some(&false)) {
            if chain.contains(&position) {
                let names: Vec<&str> =
                    chain.iter().filter_map(|at| decl.bases.get_index(*at)).map(|(name, _)| name.as_str()).collect();
                let circle = format!("these bases build on each other in a circle: {}", names.join(" → "));
                findings.at_value(&code::BASE_CYCLE, Origin::field(Section::Bases(position), "from"), circle);
                mark(&mut placed, &chain);
                chain.clear();
                break;
            }
            chain.push(position);
            next = parent(position);
        }
        mark(&mut placed, &chain);
        order.extend(chain.into_iter().rev());
    }
    order
}

fn mark(placed: &mut [bool], chain: &[usize]) {
    for (position, place) in placed.iter_mut().enumerate() {
        *place |= chain.contains(&position);
    }
}

fn base(findings: &mut Findings<'_>, ground: &Ground<'_>, bases: &[Image], position: usize) -> Option<Image> {
    let (name, decl) = ground.decl.bases.get_index(position)?;
    let section = Section::Bases(position);
    let python = ground.python.cloned();
    let parent = parent(findings, ground, bases, section, decl);
    let version = version(findings, section, name, decl);
    let fingerprint = decl.fingerprint.as_deref().map(|text| {
        findings.value(Origin::field(section, "fingerprint"), text, &code::INVALID_VALUE, Fingerprint::parse)
    });
    let name = findings.key(section, name, ServiceName::parse);
    let template = template(findings, section, decl, parent.as_ref());
    let image = Image {
        folder: name
            .as_ref()
            .map(|name| ground.layout.bases.of_image(name.as_str(), &name.module()))
            .unwrap_or_default(),
        name: name?,
        section,
        role: Role::Base(version?),
        fingerprint: fingerprint.flatten(),
        template: template?,
        python: python?,
        apt: findings.apt(section, "apt", &decl.apt),
        apt_build: findings.apt(section, "apt_build", &decl.apt_build),
        sets: findings.sets(Origin::field(section, "requirements"), &decl.requirements, ground.sets),
        pip: findings.requirements(Origin::field(section, "pip"), &decl.pip),
        index_urls: inherited_indexes(findings.index_urls(section, &decl.index_urls), bases, parent.as_ref()),
        locked: Locked::No,
        secrets: findings.secrets(section, &decl.secrets),
        env: findings.env(section, "env", &decl.env),
        args: findings.env(section, "args", &decl.args),
        hooks: findings.hooks(section, &decl.hooks),
        parent: parent?,
    };
    super::service::check_apt(findings, bases, &image);
    findings.duplicate_secrets(&image.secrets);
    Some(image)
}

/// The indexes of an image: its own, or those of the base it builds on.
pub(super) fn inherited_indexes(
    own: Vec<Sourced<IndexUrl>>,
    bases: &[Image],
    parent: Option<&Parent>,
) -> Vec<Sourced<IndexUrl>> {
    match parent {
        Some(Parent::Base(base)) if own.is_empty() => {
            bases.get(base.value).map(|base| base.index_urls.clone()).unwrap_or_default()
        }
        _ => own,
    }
}

fn version(findings: &mut Findings<'_>, section: Section, name: &str, decl: &BaseDecl) -> Option<Sourced<Version>> {
    let origin = Origin::field(section, "version");
    let Some(text) = decl.version.as_deref() else {
        findings.at_value(&code::MISSING_FIELD, origin, format!("the base `{name}` needs a `version`, such as v1.0.0"));
        return None;
    };
    let code = if text == "latest" { &code::FLOATING_TAG } else { &code::INVALID_REFERENCE };
    findings.value(origin, text, code, Version::parse)
}

fn template(
    findings: &mut Findings<'_>,
    section: Section,
    decl: &BaseDecl,
    parent: Option<&Parent>,
) -> Option<Sourced<TemplateName>> {
    let standard = if matches!(parent, Some(Parent::Base(_))) { "on-base" } else { "python-slim" };
    let text = decl.template.as_deref().unwrap_or(standard);
    findings.template("base", Origin::field(section, "template"), text)
}

fn parent(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    bases: &[Image],
    section: Section,
    decl: &BaseDecl,
) -> Option<Parent> {
    let from = decl.from.as_deref().unwrap_or(DEFAULT_IMAGE);
    let origin = Origin::field(section, "from");
    if let Some(value) = bases.iter().position(|base| base.name.as_str() == from) {
        return Some(Parent::Base(Sourced { value, origin }));
    }
    if ground.decl.bases.contains_key(from) {
        return None;
    }
    if ground.externals.names().all(|known| known != from) {
        let known = ground.externals.names().chain(ground.decl.bases.keys().map(String::as_str));
        findings.unknown(&code::UNKNOWN_IMAGE, origin, "base or external image", from, known);
    }
    ground.externals.get(from, ground.python?).map(Parent::External)
}
