//! Base images, each after the one it builds on.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use indexmap::IndexMap;

use super::Ground;
use super::contents::{self, Contents};
use super::external::DEFAULT_IMAGE;
use super::field::{Findings, NAMED};
use super::installer::ImageTools;
use super::kind::Inherited;
use super::layers::{Entry, Layers};
use super::requirement_files::{self, source_builds};
use super::sets::SplitSets;
use super::sources::APP;
use crate::declare::schema::{BaseDecl, ServiceDecl};
use crate::declare::{FleetDecl, Text, Variables};
use crate::diagnostic::code;
use crate::fleet::install::InstalledFile;
use crate::fleet::joined::Joined;
use crate::fleet::lock::Locked;
use crate::fleet::model::{
    Image, Origin, Parent, Role, Secret, Section, Sourced, Variable, Workdir,
};
use crate::fleet::order::ordered;
use crate::fleet::placeholder::Values;
use crate::fleet::{ImageId, SetId};
use crate::values::requirement::Requirement;
use crate::values::{
    Fingerprint, IndexUrl, LinuxPath, PackageName, PythonVersion, ServiceName, TemplateName,
    Version,
};

/// The bases that are resolved, and where each one's name leads.
#[derive(Default)]
pub(super) struct Bases {
    pub(super) images: Vec<Image>,
    ids: IndexMap<String, ImageId>,
}

impl Bases {
    fn push(&mut self, image: Image) {
        self.ids
            .entry(image.name.to_string())
            .or_insert(ImageId::at(self.images.len()));
        self.images.push(image);
    }

    /// The base of a name.
    pub(super) fn id(&self, name: &str) -> Option<ImageId> {
        self.ids.get(name).copied()
    }
}

pub(super) fn resolve(findings: &mut Findings<'_>, ground: &Ground<'_>) -> Bases {
    let mut bases = Bases::default();
    for position in build_order(findings, ground.decl) {
        if let Some(image) = base(findings, ground, &bases, position) {
            bases.push(image);
        }
    }
    bases
}

/// The positions of all bases, each after its parent; those on a cycle are reported and left out.
fn build_order(findings: &mut Findings<'_>, decl: &FleetDecl) -> Vec<usize> {
    let parents = |position| parent_position(decl, position).into_iter().collect();
    let parents: Vec<Vec<usize>> = (0..decl.bases.len()).map(parents).collect();
    let mut order = ordered(&parents);
    for cycle in &order.cycles {
        let origin = Origin::field(Section::Bases(cycle[0].into()), "from");
        findings.at_value(&code::BASE_CYCLE, origin, in_a_cycle(decl, cycle));
    }
    let left_out: BTreeSet<usize> = order.cycles.into_iter().flatten().collect();
    order.all.retain(|position| !left_out.contains(position));
    order.all
}

/// The position of the base that one builds on.
pub(super) fn parent_position(decl: &FleetDecl, position: usize) -> Option<usize> {
    let (_, base) = decl.bases.get_index(position)?;
    decl.bases.get_index_of(base.from.as_deref()?)
}

/// A cycle in words.
fn in_a_cycle(decl: &FleetDecl, cycle: &[usize]) -> String {
    let names = cycle
        .iter()
        .filter_map(|at| decl.bases.get_index(*at))
        .map(|(name, _)| name.as_str());
    let shown: Vec<&str> = names.take(NAMED).collect();
    let more = cycle.len() - shown.len();
    let rest = if more > 0 {
        format!(" → {more} more")
    } else {
        String::new()
    };
    format!(
        "these bases build on each other in a cycle: {}{rest}",
        shown.join(" → ")
    )
}

fn base(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    bases: &Bases,
    position: usize,
) -> Option<Image> {
    let (name, decl) = ground.decl.bases.get_index(position)?;
    let section = Section::Bases(position.into());
    let python = ground.python.cloned();
    let parent = parent(findings, ground, bases, section, decl);
    let version = version(findings, section, name, decl);
    let fingerprint = fingerprint(findings, section, decl);
    let name = findings.key(section, name, ServiceName::parse);
    let template = template(findings, section, decl, parent.as_ref());
    let ground = Ground { bases, ..*ground };
    let (named, on) = ((name.as_ref(), python.as_ref()), parent.as_ref());
    let packages = Packages::of(findings, &ground, (section, decl), (named, on));
    let common = Common::of(findings, &ground, (section, decl), (named, on));
    let contents = common.contents;
    let folder = |name: &ServiceName| ground.layout.bases.of_image(name.as_str(), &name.module());
    let image = Image {
        folder: name.as_ref().map(folder).unwrap_or_default(),
        name: name?,
        section,
        role: Role::Base(version?),
        kept: None,
        fingerprint,
        template: template?,
        python: python?,
        apt: findings.apt(section, "apt", &decl.apt).into(),
        apt_build: findings.apt(section, "apt_build", &decl.apt_build).into(),
        source_builds: packages.source_builds,
        sets: packages.sets,
        pip: packages.pip,
        install: packages.install,
        index_urls: packages.index_urls,
        workdir: common.workdir,
        uv: packages.tools.uv,
        poetry: packages.tools.poetry,
        locked: Locked::No,
        has_pins: OnceLock::new(),
        secrets: common.secrets,
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
        env: common.env,
        args: variables(findings, section, "args", &decl.args).into(),
        hooks: findings.hooks(section, &decl.hooks).into(),
        parent: parent?,
    };
    contents::check(findings, &ground, &image);
    findings.duplicate_secrets(&image.secrets);
    Some(image)
}

/// What a base installs with pip or uv.
struct Packages {
    sets: Joined<Sourced<SetId>>,
    pip: Joined<Sourced<Requirement>>,
    install: Vec<InstalledFile>,
    index_urls: Arc<[Sourced<IndexUrl>]>,
    source_builds: Vec<Sourced<PackageName>>,
    tools: ImageTools,
}

/// The name of a base and its Python, as far as they are valid.
type Named<'a> = (Option<&'a ServiceName>, Option<&'a Sourced<PythonVersion>>);

impl Packages {
    fn of(
        findings: &mut Findings<'_>,
        ground: &Ground<'_>,
        (section, decl): (Section, &BaseDecl),
        (named, parent): (Named<'_>, Option<&Parent>),
    ) -> Self {
        let field = |name| Origin::field(section, name);
        let installer = decl.installer.as_ref();
        let installer = installer.map(|choice| (field("installer"), choice));
        let sets = sets(findings, ground, section, decl);
        let own = findings.index_urls(section, &decl.index_urls);
        let install = install(findings, (section, decl), named, sets.files);
        let below = (ground.bases, parent);
        Self {
            pip: findings.requirements(field("pip"), &decl.pip).into(),
            sets: sets.lists,
            index_urls: indexes(own.into(), &ground.bases.images, parent),
            source_builds: source_builds(findings, items(section, decl)),
            tools: ImageTools::of(findings, ground, (installer, &install), below),
            install,
        }
    }
}

/// The packages that a base builds from source.
fn items(section: Section, decl: &BaseDecl) -> Vec<(Origin, &Text)> {
    let origin = Origin::field(section, "source_builds");
    let items = decl.source_builds.iter().enumerate();
    items.map(|(at, name)| (origin.item(at), name)).collect()
}

/// The requirement sets of a base.
fn sets(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    section: Section,
    decl: &BaseDecl,
) -> SplitSets {
    let origin = Origin::field(section, "requirements");
    let named = findings.sets(origin, &decl.requirements, ground.sets);
    SplitSets::of(ground.sets, named.into())
}

/// The files that a base installs, after sets that are files.
fn install(
    findings: &mut Findings<'_>,
    (section, decl): (Section, &BaseDecl),
    (name, python): Named<'_>,
    of_sets: Vec<InstalledFile>,
) -> Vec<InstalledFile> {
    let values = Values {
        name: name.map_or("", ServiceName::as_str),
        module: name.map_or_else(String::new, ServiceName::module).into(),
        workdir: Some(APP),
        python: python.map(|python| python.value.as_str()),
        ..Values::default()
    };
    let field = Origin::field(section, "install");
    requirement_files::items(findings, (field, &decl.install), &values, of_sets)
}

fn fingerprint(
    findings: &mut Findings<'_>,
    section: Section,
    decl: &BaseDecl,
) -> Option<Sourced<Fingerprint>> {
    let origin = Origin::field(section, "fingerprint");
    let text = decl.fingerprint.as_deref()?;
    findings.value(origin, text, &code::INVALID_VALUE, Fingerprint::parse)
}

/// What a base says as services do.
struct Common {
    contents: Contents,
    workdir: Workdir,
    env: Joined<Variable>,
    secrets: Joined<Secret>,
}

impl Common {
    fn of(
        findings: &mut Findings<'_>,
        ground: &Ground<'_>,
        (section, decl): (Section, &BaseDecl),
        ((name, python), parent): (Named<'_>, Option<&Parent>),
    ) -> Self {
        let values = super::service::values(name, None, python);
        let below = (ground.bases.images.as_slice(), parent);
        let workdir = workdir(findings, (section, decl), below, &values);
        let values = Values {
            workdir: workdir.path(),
            ..values
        };
        let (own, nothing) = (as_service(decl), ServiceDecl::default());
        let inherited = Inherited::default();
        let entry = Entry {
            section,
            decl: &own,
        };
        let layers = Layers::alone(entry, (&nothing, &inherited));
        let secrets = findings.secrets(section, &decl.secrets).into();
        let contents = Contents::of(findings, ground, &layers, (parent, &secrets), &values);
        let env = variables(findings, section, "env", &decl.env);
        let env = findings.filled_variables(env.into(), &values);
        Self {
            contents,
            workdir,
            env,
            secrets,
        }
    }
}

/// The variables of a base.
fn variables(
    findings: &mut Findings<'_>,
    section: Section,
    field: &'static str,
    entries: &IndexMap<String, Text>,
) -> Vec<Variable> {
    let entries = entries.iter().enumerate();
    findings.env(
        section,
        field,
        entries.map(|(item, (key, text))| (item, key, text)),
    )
}

/// The folder that its steps run in.
fn workdir(
    findings: &mut Findings<'_>,
    (section, decl): (Section, &BaseDecl),
    below: (&[Image], Option<&Parent>),
    values: &Values<'_>,
) -> Workdir {
    let origin = Origin::field(section, "workdir");
    let declared = decl.workdir.as_ref();
    let declared =
        declared.and_then(|text| super::workdir::workdir(findings, (origin, text), below, values));
    declared.unwrap_or_else(|| Workdir {
        path: LinuxPath::parse(APP).ok(),
        origin,
        is_inherited: false,
    })
}

/// What a base says as services do.
fn as_service(decl: &BaseDecl) -> ServiceDecl {
    let labels = decl.labels.iter();
    let labels: Variables = labels
        .map(|(key, text)| (key.clone(), text.clone().into()))
        .collect();
    ServiceDecl {
        builder: decl.builder.clone().into(),
        apk: decl.apk.clone().into(),
        apk_build: decl.apk_build.clone().into(),
        copy: decl.copy.clone().into(),
        run: decl.run.clone().into(),
        dirs: decl.dirs.clone().into(),
        user: decl.user.clone().map(Box::new).into(),
        groups: decl.groups.clone().into(),
        home: decl.home.clone().into(),
        indexes: decl.indexes.clone().into(),
        labels: labels.into(),
        platforms: decl.platforms.clone().into(),
        ..ServiceDecl::default()
    }
}

/// The indexes of an image: its own, or those of the base it builds on.
pub(super) fn indexes(
    own: Arc<[Sourced<IndexUrl>]>,
    bases: &[Image],
    parent: Option<&Parent>,
) -> Arc<[Sourced<IndexUrl>]> {
    match parent {
        Some(Parent::Base(base)) if own.is_empty() => Arc::clone(&bases[base.value].index_urls),
        _ => own,
    }
}

fn version(
    findings: &mut Findings<'_>,
    section: Section,
    name: &str,
    decl: &BaseDecl,
) -> Option<Sourced<Version>> {
    let origin = Origin::field(section, "version");
    let Some(text) = decl.version.as_deref() else {
        findings.at_value(
            &code::MISSING_FIELD,
            origin,
            format!("the base `{name}` needs a `version`, such as v1.0.0"),
        );
        return None;
    };
    let code = if text == "latest" {
        &code::FLOATING_TAG
    } else {
        &code::INVALID_REFERENCE
    };
    findings.value(origin, text, code, Version::parse)
}

fn template(
    findings: &mut Findings<'_>,
    section: Section,
    decl: &BaseDecl,
    parent: Option<&Parent>,
) -> Option<Sourced<TemplateName>> {
    let standard = if matches!(parent, Some(Parent::Base(_))) {
        "on-base"
    } else {
        "python-slim"
    };
    let text = decl.template.as_deref().unwrap_or(standard);
    findings.template("base", Origin::field(section, "template"), text)
}

fn parent(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    bases: &Bases,
    section: Section,
    decl: &BaseDecl,
) -> Option<Parent> {
    let from = decl.from.as_deref().unwrap_or(DEFAULT_IMAGE);
    let origin = Origin::field(section, "from");
    if let Some(value) = bases.id(from) {
        return Some(Parent::Base(Sourced { value, origin }));
    }
    if ground.decl.bases.contains_key(from) {
        return None;
    }
    if !ground.externals.has(from) {
        let known = ground
            .externals
            .names()
            .chain(ground.decl.bases.keys().map(String::as_str));
        findings.unknown(
            &code::UNKNOWN_IMAGE,
            origin,
            "base or external image",
            from,
            known,
        );
    }
    ground
        .externals
        .get(from, ground.python?)
        .map(Parent::External)
}
