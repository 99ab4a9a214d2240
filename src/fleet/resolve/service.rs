//! Services: their kind's defaults under their own fields.

use std::sync::{Arc, OnceLock};

use super::Ground;
use super::base::indexes;
use super::contents::{self, Contents};
use super::external::DEFAULT_IMAGE;
use super::field::{Findings, NAMED};
use super::installer::ImageTools;
use super::kept::kept;
use super::kind::{self, Kinds};
use super::layers::{Entry, Layers};
use super::requirement_files::{self, install};
use super::role::DeclaredRole;
use super::running::{port, running};
use super::sets::SplitSets;
use super::sources::Sources;
use crate::declare::schema::ServiceDecl;
use crate::declare::{Nullable, Text};
use crate::diagnostic::code;
use crate::fleet::SetId;
use crate::fleet::joined::Joined;
use crate::fleet::layout::Pattern;
use crate::fleet::lock::Locked;
use crate::fleet::model::{Hook, Image, Origin, Parent, Role, Secret, Section, Sourced, Variable};
use crate::fleet::placeholder::Values;
use crate::parallel::{map_parts, threads};
use crate::values::requirement::Requirement;
use crate::values::{
    AptPackage, IndexUrl, PackageName, Port, PythonVersion, ServiceName, TemplateName,
};

/// The built-in templates that build on a base of the fleet.
const ON_BASE: [&str; 2] = ["ml-on-base", "runtime-on-base"];
/// The template of a service with a base that names no other.
const DEFAULT_ON_BASE: &str = ON_BASE[1];
/// The built-in templates that start from an external image.
const FROM_EXTERNAL: [&str; 1] = ["multi-stage-slim"];

/// From how many services on more than one thread pays for its start.
const PARALLEL_FROM: usize = 512;

/// The images of all services, in parts: a large fleet's are moved together once.
pub(super) fn resolve(findings: &mut Findings<'_>, ground: &Ground<'_>) -> Vec<Vec<Image>> {
    let kinds = Kinds::of(findings, ground);
    let services = ground
        .decl
        .services
        .iter()
        .flatten()
        .map(|(name, decl)| (name, &**decl));
    let services: Vec<(usize, (&String, &ServiceDecl))> = services.enumerate().collect();
    let of_part = |part: &[(usize, (&String, &ServiceDecl))]| {
        let mut findings = findings.beside();
        let mut images = Vec::with_capacity(part.len());
        images.extend(part.iter().filter_map(|(at, (name, decl))| {
            service(&mut findings, (ground, &kinds), *at, name, decl)
        }));
        (images, findings)
    };
    // Large parts, since each reads the same requirements for itself once.
    let share = services
        .len()
        .div_ceil(threads(services.len(), PARALLEL_FROM));
    let mut parts = Vec::new();
    for (images, found) in map_parts(&services, (PARALLEL_FROM, share), of_part) {
        parts.push(images);
        findings.append(found);
    }
    parts
}

/// The image of a service; none where it runs another one's, which is read once all are known.
fn service(
    findings: &mut Findings<'_>,
    (ground, kinds): (&Ground<'_>, &Kinds),
    position: usize,
    name: &str,
    decl: &ServiceDecl,
) -> Option<Image> {
    if decl.image_of.is_some() {
        return None;
    }
    let entry = Entry {
        section: Section::Services(position.into()),
        decl,
    };
    let name = findings.key(entry.section, name, ServiceName::parse);
    let path = |pattern: &Pattern| {
        name.as_ref()
            .map(|name| pattern.of_image(name.as_str(), &name.module()))
            .unwrap_or_default()
    };
    let (folder, standard) = (path(&ground.layout.services), path(&ground.layout.source));
    if let Some(dockerfile) = decl.dockerfile.as_deref() {
        super::layers::kind(findings, ground, entry.section, decl);
        return kept(findings, ground, (entry, name, folder), dockerfile);
    }
    generated(findings, (ground, kinds), (entry, name), (folder, standard))
}

/// The template of a service, its Python and what it builds on, as far as they are valid.
type Below = (
    Option<Sourced<TemplateName>>,
    Option<Sourced<PythonVersion>>,
    Option<Parent>,
);

fn below(findings: &mut Findings<'_>, ground: &Ground<'_>, layers: &Layers<'_>) -> Below {
    let template = template(findings, layers);
    let python = python(findings, ground, layers);
    let (on, with) = (template.as_ref(), python.as_ref());
    let parent = parent(findings, ground, layers, on, with);
    (template, python, parent)
}

/// Debian packages.
type Packages = Joined<Sourced<AptPackage>>;

/// A service whose Dockerfile is generated into a folder; `standard` is where the layout has its
/// sources.
fn generated(
    findings: &mut Findings<'_>,
    (ground, kinds): (&Ground<'_>, &Kinds),
    (entry, name): (Entry<'_>, Option<ServiceName>),
    (folder, standard): (String, String),
) -> Option<Image> {
    let Entry { section, decl } = entry;
    let layers = Layers::of(findings, ground, kinds, entry);
    let (template, python, parent) = below(findings, ground, &layers);
    let role = DeclaredRole::of(&layers);
    let port = port(findings, &layers, role);
    let values = values(name.as_ref(), port.as_ref(), python.as_ref());
    let sets = SplitSets::of(ground.sets, sets(findings, ground, &layers));
    let below = (ground.bases.images.as_slice(), parent.as_ref());
    let sources = Sources::of(findings, &layers, (standard, below), &values);
    let values = sources.values(values);
    let service = running(findings, ground, &layers, (port, role), (&sources, &values));
    let secrets = secrets(findings, &layers);
    let on = (parent.as_ref(), &secrets);
    let contents = Contents::of(findings, ground, &layers, on, &values);
    let installer = layers.pick("installer", |decl| &decl.installer);
    let files = install(findings, &layers, &values, sets.files);
    let below = (ground.bases, parent.as_ref());
    let tools = ImageTools::of(findings, ground, (installer, &files), below);
    let (apt, apt_build) = debian_packages(findings, &layers);
    let image = Image {
        folder,
        section,
        fingerprint: None,
        kept: None,
        apt,
        apt_build,
        source_builds: source_builds(findings, &layers),
        sets: sets.lists,
        pip: pip(findings, &layers),
        install: files,
        index_urls: index_urls(findings, ground, &layers, parent.as_ref()),
        workdir: sources.workdir.clone(),
        uv: tools.uv,
        poetry: tools.poetry,
        locked: Locked::No,
        has_pins: OnceLock::new(),
        secrets,
        env: env(findings, &layers, &values),
        apk: contents.apk,
        apk_build: contents.apk_build,
        builder: contents.builder,
        copies: contents.copies,
        dirs: contents.dirs,
        indexes: contents.indexes,
        labels: contents.labels,
        platforms: contents.platforms,
        steps: contents.steps,
        account: contents.account?,
        args: args(findings, &layers),
        hooks: hooks(findings, &layers, &values),
        name: name?,
        role: Role::Service(Box::new(service?)),
        template: template?,
        python: python?,
        parent: parent?,
    };
    check(findings, ground, decl, &image);
    Some(image)
}

/// `apt` and `apt_build`, inherited ones first.
fn debian_packages(findings: &mut Findings<'_>, layers: &Layers<'_>) -> (Packages, Packages) {
    let Entry { section, decl } = layers.own;
    let inherited = layers.inherited;
    let mut joined = |field, own: &Nullable<Vec<Text>>, inherited| {
        let found = findings.apt(section, field, own);
        Joined::new(kind::kept(inherited, own), found)
    };
    (
        joined("apt", &decl.apt, &inherited.apt),
        joined("apt_build", &decl.apt_build, &inherited.apt_build),
    )
}

fn pip(findings: &mut Findings<'_>, layers: &Layers<'_>) -> Joined<Sourced<Requirement>> {
    let Entry { section, decl } = layers.own;
    let own = findings.requirements(Origin::field(section, "pip"), &decl.pip);
    Joined::new(kind::kept(&layers.inherited.pip, &decl.pip), own)
}

fn secrets(findings: &mut Findings<'_>, layers: &Layers<'_>) -> Joined<Secret> {
    let Entry { section, decl } = layers.own;
    let own = findings.secrets(section, &decl.secrets);
    Joined::new(kind::kept(&layers.inherited.secrets, &decl.secrets), own)
}

fn env(findings: &mut Findings<'_>, layers: &Layers<'_>, values: &Values<'_>) -> Joined<Variable> {
    let Entry { section, decl } = layers.own;
    let own = findings.variables(section, "env", &decl.env);
    findings.filled_variables(layers.inherited.env.joined(&decl.env, own), values)
}

fn args(findings: &mut Findings<'_>, layers: &Layers<'_>) -> Joined<Variable> {
    let Entry { section, decl } = layers.own;
    let own = findings.variables(section, "args", &decl.args);
    layers.inherited.args.joined(&decl.args, own)
}

fn hooks(findings: &mut Findings<'_>, layers: &Layers<'_>, values: &Values<'_>) -> Joined<Hook> {
    let Entry { section, decl } = layers.own;
    let own = findings.hooks(section, &decl.hooks);
    let joined = Joined::new(kind::kept(&layers.inherited.hooks, &decl.hooks), own);
    findings.filled_hooks(joined, values)
}

/// What the placeholders of a service stand for, but for those of its sources.
pub(super) fn values<'a>(
    name: Option<&'a ServiceName>,
    port: Option<&Sourced<Port>>,
    python: Option<&'a Sourced<PythonVersion>>,
) -> Values<'a> {
    Values {
        name: name.map_or("", ServiceName::as_str),
        module: name.map_or_else(String::new, ServiceName::module).into(),
        port: port.map(|port| port.value.to_string().into()),
        python: python.map(|python| python.value.as_str()),
        ..Values::default()
    }
}

/// What can be said of a service alone once all of it is known.
fn check(findings: &mut Findings<'_>, ground: &Ground<'_>, decl: &ServiceDecl, image: &Image) {
    contents::check(findings, ground, image);
    if !decl.secrets.is_empty() {
        findings.duplicate_secrets(&image.secrets);
    }
}

/// The packages that a service builds from source.
fn source_builds(findings: &mut Findings<'_>, layers: &Layers<'_>) -> Vec<Sourced<PackageName>> {
    let (items, _) = layers.items("source_builds", |decl| &decl.source_builds);
    requirement_files::source_builds(findings, items)
}

/// The indexes that a service names itself, or else those that it inherits.
fn index_urls(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
    parent: Option<&Parent>,
) -> Arc<[Sourced<IndexUrl>]> {
    let Entry { section, decl } = layers.own;
    let own = match findings.index_urls(section, &decl.index_urls) {
        _ if decl.index_urls.is_empty() => {
            kind::kept(&layers.inherited.index_urls, &decl.index_urls)
        }
        own => own.into(),
    };
    indexes(own, &ground.bases.images, parent)
}

/// The requirement sets: the service's own, or else its kind's.
fn sets(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
) -> Joined<Sourced<SetId>> {
    let decl = layers.own.decl;
    match &*decl.requirements {
        Some(names) => findings
            .sets(
                Origin::field(layers.own.section, "requirements"),
                names,
                ground.sets,
            )
            .into(),
        None => Joined::new(
            kind::kept(&layers.inherited.sets, &decl.requirements),
            Vec::new(),
        ),
    }
}

fn template(findings: &mut Findings<'_>, layers: &Layers<'_>) -> Option<Sourced<TemplateName>> {
    if let Some((origin, text)) = layers.pick("template", |decl| &decl.template) {
        return findings.template("service", origin, text);
    }
    let base = layers.pick("base", |decl| &decl.base);
    let standard = if base.is_some() {
        DEFAULT_ON_BASE
    } else {
        FROM_EXTERNAL[0]
    };
    let origin = Origin::field(layers.own.section, "template");
    findings.template(
        "service",
        base.map_or(origin, |(origin, _)| origin),
        standard,
    )
}

fn python(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
) -> Option<Sourced<PythonVersion>> {
    match layers.pick("python", |decl| &decl.python) {
        Some((origin, text)) => {
            findings.value(origin, text, &code::INVALID_VALUE, PythonVersion::parse)
        }
        None => ground.python.cloned(),
    }
}

fn parent(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
    template: Option<&Sourced<TemplateName>>,
    python: Option<&Sourced<PythonVersion>>,
) -> Option<Parent> {
    let template = template.map_or("", |template| template.value.as_str());
    let base = layers.pick("base", |decl| &decl.base);
    match base {
        Some((origin, name)) if FROM_EXTERNAL.contains(&template) => {
            let message = format!(
                "the template {template} starts from an external image and would ignore the base \
                 `{name}`"
            );
            findings.at_value_with_help(
                &code::UNUSED_BASE,
                origin,
                message,
                "set `template: runtime-on-base`, or remove `base`".to_owned(),
            );
            None
        }
        Some((origin, name)) => base_parent(findings, ground, layers, origin, name, python),
        None if ON_BASE.contains(&template) => {
            let origin = Origin::field(layers.own.section, "base");
            let bases: Vec<&str> = ground
                .decl
                .bases
                .keys()
                .take(NAMED)
                .map(String::as_str)
                .collect();
            let help = format!("name one with `base`: {}", bases.join(", "));
            findings.at_value_with_help(
                &code::MISSING_BASE,
                origin,
                format!("the template {template} builds on a base, but none is named"),
                help,
            );
            None
        }
        None => external_parent(findings, ground, layers, python),
    }
}

fn base_parent(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
    origin: Origin,
    name: &str,
    python: Option<&Sourced<PythonVersion>>,
) -> Option<Parent> {
    let Some(value) = ground.bases.id(name) else {
        if !ground.decl.bases.contains_key(name) {
            findings.unknown(
                &code::UNKNOWN_BASE,
                origin,
                "base",
                name,
                ground.decl.bases.keys().map(String::as_str),
            );
        }
        return None;
    };
    let base = &ground.bases.images[value];
    if let Some(python) = python
        .map(|python| &python.value)
        .filter(|python| **python != base.python.value)
    {
        let at = layers
            .pick("python", |decl| &decl.python)
            .map_or(origin, |(at, _)| at);
        let message = format!(
            "the base `{name}` has Python {}, but the service needs {python}",
            base.python.value
        );
        let help =
            "remove `python`, or use a template that starts from an external image".to_owned();
        findings.at_value_with_help(&code::PYTHON_DIFFERS_FROM_BASE, at, message, help);
    }
    Some(Parent::Base(Sourced { value, origin }))
}

fn external_parent(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
    python: Option<&Sourced<PythonVersion>>,
) -> Option<Parent> {
    let from = layers.pick("from", |decl| &decl.from);
    let standard = (Origin::field(layers.own.section, "from"), DEFAULT_IMAGE);
    let (origin, name) = from.map_or(standard, |(origin, name)| (origin, &**name));
    if !ground.externals.has(name) {
        findings.unknown(
            &code::UNKNOWN_IMAGE,
            origin,
            "external image",
            name,
            ground.externals.names(),
        );
    }
    ground.externals.get(name, python?).map(Parent::External)
}
