//! Services: their kind's defaults under their own fields.

use std::sync::{Arc, OnceLock};

use super::Ground;
use super::base::indexes;
use super::external::DEFAULT_IMAGE;
use super::field::{Findings, NAMED};
use super::installer::ImageTools;
use super::kind::{Inherited, Kinds, kept};
use super::requirement_files::{self, install};
use super::role::DeclaredRole;
use super::running::{port, running};
use super::sets::SplitSets;
use super::sources::Sources;
use crate::declare::schema::ServiceDecl;
use crate::declare::{Nullable, OneOrMany};
use crate::diagnostic::code;
use crate::fleet::SetId;
use crate::fleet::joined::Joined;
use crate::fleet::layout::Pattern;
use crate::fleet::lock::Locked;
use crate::fleet::model::{Hook, Image, Origin, Parent, Role, Section, Sourced, Variable};
use crate::fleet::placeholder::Values;
use crate::parallel::{map_parts, threads};
use crate::values::{IndexUrl, PackageName, Port, PythonVersion, ServiceName, TemplateName};

/// The built-in templates that build on a base of the fleet.
const ON_BASE: [&str; 2] = ["ml-on-base", "runtime-on-base"];
/// The template of a service with a base that names no other.
const DEFAULT_ON_BASE: &str = ON_BASE[1];
/// The built-in templates that start from an external image.
const FROM_EXTERNAL: [&str; 1] = ["multi-stage-slim"];

/// A declared entry and its place.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) section: Section,
    pub(super) decl: &'a ServiceDecl,
}

/// A service's own entry above its kind's and `defaults`.
pub(super) struct Layers<'a> {
    pub(super) own: Entry<'a>,
    kind: Option<Entry<'a>>,
    defaults: Entry<'a>,
    /// What the lists of the kind and of `defaults` say.
    pub(super) inherited: &'a Inherited,
}

impl<'a> Layers<'a> {
    fn of(
        findings: &mut Findings<'_>,
        ground: &Ground<'a>,
        kinds: &'a Kinds,
        own: Entry<'a>,
    ) -> Self {
        let kind = kind(findings, ground, own.section, own.decl);
        Self {
            own,
            kind,
            defaults: Entry {
                section: Section::Defaults,
                decl: &ground.decl.defaults,
            },
            inherited: kinds.get(kind.map(|kind| kind.section)),
        }
    }

    /// The entries, the one that wins first.
    pub(super) fn winning(&self) -> impl Iterator<Item = Entry<'a>> {
        std::iter::once(self.own)
            .chain(self.kind)
            .chain(std::iter::once(self.defaults))
    }

    /// The first entry that has a field, and where it stands; nothing where it is taken back first.
    pub(super) fn pick<T>(
        &self,
        field: &'static str,
        of: impl Fn(&'a ServiceDecl) -> &'a Nullable<Option<T>>,
    ) -> Option<(Origin, &'a T)> {
        let entry = self.winning().find(|entry| {
            let field = of(entry.decl);
            field.is_some() || field.is_null()
        })?;
        Some((
            Origin::field(entry.section, field),
            of(entry.decl).as_ref()?,
        ))
    }

    /// The items of a list, inherited ones first; and whether nothing took back what is inherited
    /// from the fleet itself.
    pub(super) fn items<T>(
        &self,
        field: &'static str,
        of: impl Fn(&'a ServiceDecl) -> &'a Nullable<OneOrMany<T>>,
    ) -> (Vec<(Origin, &'a T)>, bool) {
        let (mut items, mut keeps_fleet) = (Vec::new(), true);
        for entry in [Some(self.defaults), self.kind, Some(self.own)] {
            let Some(Entry { section, decl }) = entry else {
                continue;
            };
            let list = of(decl);
            if list.is_null() {
                items.clear();
                keeps_fleet = false;
            }
            let origin = Origin::field(section, field);
            if let Some(item) = list.single() {
                items.push((origin, item));
            } else {
                let own = list.iter().enumerate();
                items.extend(own.map(|(at, item)| (origin.item(at), item)));
            }
        }
        (items, keeps_fleet)
    }
}

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

fn service(
    findings: &mut Findings<'_>,
    (ground, kinds): (&Ground<'_>, &Kinds),
    position: usize,
    name: &str,
    decl: &ServiceDecl,
) -> Option<Image> {
    let section = Section::Services(position);
    let name = findings.key(section, name, ServiceName::parse);
    let path = |pattern: &Pattern| {
        name.as_ref()
            .map(|name| pattern.of_image(name.as_str(), &name.module()))
            .unwrap_or_default()
    };
    let layers = Layers::of(findings, ground, kinds, Entry { section, decl });
    let template = template(findings, &layers);
    let python = python(findings, ground, &layers);
    let (on, with) = (template.as_ref(), python.as_ref());
    let parent = parent(findings, ground, &layers, on, with);
    let role = DeclaredRole::of(&layers);
    let port = port(findings, &layers, role);
    let values = values(name.as_ref(), port.as_ref(), python.as_ref());
    let sets = SplitSets::of(ground.sets, sets(findings, ground, &layers));
    let sources = Sources::of(findings, &layers, path(&ground.layout.source), &values);
    let values = sources.values(values);
    let service = running(findings, ground, &layers, (port, role), (&sources, &values));
    let inherited = layers.inherited;
    let installer = layers.pick("installer", |decl| &decl.installer);
    let files = install(findings, &layers, &values, sets.files);
    let below = (ground.bases, parent.as_ref());
    let tools = ImageTools::of(findings, ground, (installer, &files), below);
    let own_indexes = own_indexes(findings, section, decl, &inherited.index_urls);
    let apt_build = findings.apt(section, "apt_build", &decl.apt_build);
    let pip = findings.requirements(Origin::field(section, "pip"), &decl.pip);
    let secrets = findings.secrets(section, &decl.secrets);
    let args = findings.variables(section, "args", &decl.args);
    let image = Image {
        folder: path(&ground.layout.services),
        section,
        fingerprint: None,
        apt: Joined::new(
            kept(&inherited.apt, &decl.apt),
            findings.apt(section, "apt", &decl.apt),
        ),
        apt_build: Joined::new(kept(&inherited.apt_build, &decl.apt_build), apt_build),
        source_builds: source_builds(findings, &layers),
        sets: sets.lists,
        pip: Joined::new(kept(&inherited.pip, &decl.pip), pip),
        install: files,
        index_urls: indexes(own_indexes, &ground.bases.images, parent.as_ref()),
        workdir: sources.workdir.clone(),
        uv: tools.uv,
        poetry: tools.poetry,
        locked: Locked::No,
        has_pins: OnceLock::new(),
        secrets: Joined::new(kept(&inherited.secrets, &decl.secrets), secrets),
        env: env(findings, &layers, &values),
        args: inherited.args.joined(&decl.args, args),
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

fn env(findings: &mut Findings<'_>, layers: &Layers<'_>, values: &Values<'_>) -> Joined<Variable> {
    let Entry { section, decl } = layers.own;
    let own = findings.variables(section, "env", &decl.env);
    findings.filled_variables(layers.inherited.env.joined(&decl.env, own), values)
}

fn hooks(findings: &mut Findings<'_>, layers: &Layers<'_>, values: &Values<'_>) -> Joined<Hook> {
    let Entry { section, decl } = layers.own;
    let own = findings.hooks(section, &decl.hooks);
    let joined = Joined::new(kept(&layers.inherited.hooks, &decl.hooks), own);
    findings.filled_hooks(joined, values)
}

/// What the placeholders of a service stand for, but for those of its sources.
fn values<'a>(
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
    check_apt(findings, &ground.bases.images, image);
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
fn own_indexes(
    findings: &mut Findings<'_>,
    section: Section,
    decl: &ServiceDecl,
    inherited: &Arc<[Sourced<IndexUrl>]>,
) -> Arc<[Sourced<IndexUrl>]> {
    match findings.index_urls(section, &decl.index_urls) {
        _ if decl.index_urls.is_empty() => kept(inherited, &decl.index_urls),
        own => own.into(),
    }
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
        None => Joined::new(kept(&layers.inherited.sets, &decl.requirements), Vec::new()),
    }
}

fn kind<'a>(
    findings: &mut Findings<'_>,
    ground: &Ground<'a>,
    section: Section,
    decl: &ServiceDecl,
) -> Option<Entry<'a>> {
    let name = decl.kind.as_deref()?;
    let found = ground.decl.kinds.get_full(name);
    if found.is_none() {
        let known = ground.decl.kinds.keys().map(String::as_str);
        findings.unknown(
            &code::UNKNOWN_KIND,
            Origin::field(section, "kind"),
            "kind",
            name,
            known,
        );
    }
    found.map(|(position, _, decl)| Entry {
        section: Section::Kinds(position),
        decl,
    })
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

/// Debian packages need apt-get somewhere below.
pub(super) fn check_apt(findings: &mut Findings<'_>, bases: &[Image], image: &Image) {
    let mut below = image;
    let external = loop {
        match &below.parent {
            Parent::External(external) => break external,
            Parent::Base(base) => below = &bases[base.value],
        }
    };
    if external.has_apt {
        return;
    }
    if let Some(package) = image.apt.iter().chain(&image.apt_build).next() {
        let message = format!(
            "`{}` cannot be installed: {} has no apt-get",
            package.value, external.reference
        );
        let help = format!(
            "if it is based on Debian, set `distribution: debian` in images.{}",
            external.name
        );
        findings.at_value_with_help(&code::APT_WITHOUT_DEBIAN, package.origin, message, help);
    }
}
