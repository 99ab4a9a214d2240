//! Declaration → fleet: names are looked up, defaults filled in, and everything that is wrong is
//! said at once.

mod account;
mod bare;
mod base;
mod bounds;
mod budgets;
mod contents;
mod copied;
mod external;
mod field;
mod fill;
mod fits;
mod health;
mod hooks;
mod ignored;
mod image_of;
mod indexes;
mod install;
mod installer;
mod kept;
mod kind;
mod layers;
mod lists;
mod locks;
mod outputs;
mod places;
mod platforms;
mod policy;

mod requirement_files;
mod role;
mod running;
mod service;
mod sets;
mod sources;
mod steps;
mod variables;
mod workdir;

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::{IndexMap, IndexSet};

use super::layout::{IMAGE_PLACEHOLDERS, Layout, Pattern, SET_PLACEHOLDERS};
use super::model::{Fleet, Image, Origin, Process, Section, Sourced};
use super::outputs::Outputs;
use crate::declare::schema::LayoutDecl;
use crate::declare::{FleetDecl, OneOrMany, Text};
use crate::diagnostic::{Code, Diagnostic, Location, code};
use crate::values::{
    IndexUrl, InvalidValue, Owner, PythonVersion, Registry, RelPath, RequiredVersion,
};
use base::Bases;
use external::Externals;
use field::Findings;
use installer::Tools;
use sets::Sets;

/// What a declaration stands for.
#[derive(Debug, Default)]
pub(crate) struct Resolved {
    /// The fleet; absent while the declaration has an error.
    pub(crate) fleet: Option<Fleet>,
    /// Everything that is wrong with the declaration.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The templates that entries name, as `base/<name>` or `service/<name>`, each with the first
    /// place that names it; whether they exist is for others to say.
    pub(crate) templates: BTreeMap<String, Location>,
    /// The folder of the fleet's own templates.
    pub(crate) templates_folder: Option<RelPath>,
}

/// Turns a declaration into the fleet it stands for. `file` is its path below the root.
#[must_use]
pub(crate) fn resolve(file: &str, decl: &FleetDecl) -> Resolved {
    let mut findings = Findings::new(file, &decl.included);
    let fleet = fleet(&mut findings, file, decl);
    let templates = std::mem::take(&mut findings.templates);
    let diagnostics = findings.into_diagnostics();
    let fleet = fleet.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
    let templates_folder = decl
        .templates
        .as_deref()
        .and_then(|folder| RelPath::parse(folder).ok());
    let templates_folder = templates_folder.filter(|folder| !folder.is_hidden());
    Resolved {
        fleet,
        diagnostics,
        templates,
        templates_folder,
    }
}

/// A range that is not valid holds nobody back, so it is an error. Whether this version is in it is
/// asked before anything is resolved.
fn required_version(findings: &mut Findings<'_>, decl: &FleetDecl) {
    if let Some(range) = &decl.required_version {
        findings.value(
            Origin::field(Section::Fleet, "required_version"),
            range,
            &code::INVALID_VALUE,
            RequiredVersion::parse,
        );
    }
}

/// What entries are resolved against.
#[derive(Clone, Copy)]
struct Ground<'a> {
    decl: &'a FleetDecl,
    layout: &'a Layout,
    sets: &'a Sets,
    externals: &'a Externals,
    python: Option<&'a Sourced<PythonVersion>>,
    tools: &'a Tools,
    bases: &'a Bases,
    /// What every service copies, and what none takes.
    shared: &'a Arc<[Sourced<RelPath>]>,
    ignore: &'a Arc<[Sourced<String>]>,
}

fn fleet(findings: &mut Findings<'_>, file: &str, decl: &FleetDecl) -> Option<Fleet> {
    if !bounds::hold(findings, decl) {
        return None;
    }
    let head = head(findings, decl);
    let layout = layout(findings, decl);
    bare::check(findings, decl);
    let (shared, ignore) = (shared(findings, decl), patterns(findings, &decl.ignore));
    let outputs = outputs::outputs(findings, file, decl);
    let sets = Sets::of(sets::resolve(findings, decl));
    let externals = Externals::resolve(findings, decl, head.python.as_ref());
    let tools = Tools::resolve(findings, decl);
    let ground = Ground {
        decl,
        layout: &layout,
        sets: &sets,
        externals: &externals,
        python: head.python.as_ref(),
        tools: &tools,
        bases: &Bases::default(),
        shared: &shared,
        ignore: &ignore,
    };
    let bases = base::resolve(findings, &ground);
    let bases_known = Ground {
        bases: &bases,
        ..ground
    };
    let services = service::resolve(findings, &bases_known);
    let mut images = all_images(findings, decl, bases.images, services);
    let processes = image_of::processes(findings, &ground, &images);
    collisions(findings, &images);
    check_places(findings, file, (&layout, &outputs), (&sets, &images));
    let locks = locks::resolve(findings, decl, &layout, &mut images);
    check_images(findings, (&externals, &sets), &images, &processes);
    Some(Fleet {
        file: file.to_owned(),
        included: decl.included.clone(),
        registry: head.registry?,
        owner: head.owner?,
        python: head.python?,
        shared,
        ignore,
        templates: templates(findings, decl),
        layout,
        platforms: outputs::platforms(findings, decl),
        locks,
        has_no_sources: decl.sources.is_some(),
        source_url: source_url(findings, decl),
        outputs,
        sets: sets.all,
        budgets: budgets::resolve(findings, decl, &images),
        images,
        processes,
        policy: policy::resolve(findings, decl),
        files: Vec::new(),
        absent: Vec::new(),
    })
}

/// Where files lie, and that none lies at the place of another.
fn check_places(
    findings: &mut Findings<'_>,
    file: &str,
    (layout, outputs): (&Layout, &Outputs),
    (sets, images): (&Sets, &[Image]),
) {
    places::check(findings, (layout, outputs), &sets.all, images);
    places::check_declaration(findings, file, layout);
}

/// What can be said of images once all are known.
fn check_images(
    findings: &mut Findings<'_>,
    (externals, sets): (&Externals, &Sets),
    images: &[Image],
    processes: &[Process],
) {
    externals.check_pins(findings, images);
    indexes::check(findings, sets, images);
    outputs::dependencies(findings, images, processes);
    requirement_files::check(findings, images);
}

/// What every fleet has to declare; `None` where it is absent or not valid.
struct Head {
    registry: Option<Sourced<Registry>>,
    owner: Option<Sourced<Owner>>,
    python: Option<Sourced<PythonVersion>>,
}

fn head(findings: &mut Findings<'_>, decl: &FleetDecl) -> Head {
    required_version(findings, decl);
    Head {
        registry: required(
            findings,
            "registry",
            decl.registry.as_deref(),
            &code::INVALID_REFERENCE,
            Registry::parse,
        ),
        owner: required(
            findings,
            "owner",
            decl.owner.as_deref(),
            &code::INVALID_REFERENCE,
            Owner::parse,
        ),
        python: required(
            findings,
            "python",
            decl.python.as_deref(),
            &code::INVALID_VALUE,
            PythonVersion::parse,
        ),
    }
}

/// Where the sources of the images are.
fn source_url(findings: &mut Findings<'_>, decl: &FleetDecl) -> Option<Sourced<IndexUrl>> {
    let origin = Origin::field(Section::Fleet, "source_url");
    let url = decl.source_url.as_deref()?;
    findings.value(origin, url, &code::INVALID_VALUE, IndexUrl::parse)
}

/// Where files lie; what is not valid is the default.
fn layout(findings: &mut Findings<'_>, decl: &FleetDecl) -> Layout {
    let (layout, faults) = layout_of(&decl.layout);
    for (field, fault) in faults {
        findings.at_value(
            &code::INVALID_LAYOUT,
            Origin::field(Section::Fleet, field),
            fault,
        );
    }
    layout
}

/// What every service copies.
fn shared(findings: &mut Findings<'_>, decl: &FleetDecl) -> Arc<[Sourced<RelPath>]> {
    let origin = Origin::field(Section::Fleet, "shared");
    let read = findings.list(origin, &decl.shared, &code::INVALID_VALUE, RelPath::parse);
    read.into()
}

/// What no image takes.
fn patterns(findings: &mut Findings<'_>, decl: &OneOrMany<Text>) -> Arc<[Sourced<String>]> {
    let field = Origin::field(Section::Fleet, "ignore");
    let is_single = decl.single().is_some();
    let read = decl.iter().enumerate().filter_map(|(at, text)| {
        let origin = if is_single { field } else { field.item(at) };
        ignored::pattern(findings, origin, text)
    });
    read.collect()
}

/// The folder of the fleet's own templates.
fn templates(findings: &mut Findings<'_>, decl: &FleetDecl) -> Option<Sourced<RelPath>> {
    let folder = findings.value(
        Origin::field(Section::Fleet, "templates"),
        decl.templates.as_deref()?,
        &code::INVALID_VALUE,
        RelPath::parse,
    )?;
    findings.refuse_hidden(&folder, "templates", "templates: docker/templates");
    Some(folder)
}

/// Bases and services in one list; a fleet without a service is told.
fn all_images(
    findings: &mut Findings<'_>,
    decl: &FleetDecl,
    bases: Vec<Image>,
    services: Vec<Vec<Image>>,
) -> Vec<Image> {
    let mut images = bases;
    images.reserve(services.iter().map(Vec::len).sum());
    images.extend(services.into_iter().flatten());
    copied::order(findings, &mut images);
    if decl.services.as_ref().is_none_or(IndexMap::is_empty) {
        findings.at_value(
            &code::NO_SERVICES,
            Origin::field(Section::Fleet, "services"),
            "services.yaml declares no service".to_owned(),
        );
    }
    images
}

fn required<T>(
    findings: &mut Findings<'_>,
    field: &'static str,
    text: Option<&str>,
    code: &'static Code,
    parse: fn(&str) -> Result<T, InvalidValue>,
) -> Option<Sourced<T>> {
    let origin = Origin::field(Section::Fleet, field);
    if text.is_none() {
        findings.at_value(
            &code::MISSING_FIELD,
            origin,
            format!("services.yaml has no `{field}`"),
        );
    }
    findings.value(origin, text?, code, parse)
}

/// The one pattern below which nothing is generated or read.
const SOURCE: &str = "layout.source";

/// Where files lie, and what is wrong with the patterns of fields; in place of a wrong one stands
/// the default.
#[must_use]
pub(crate) fn layout_of(written: &LayoutDecl) -> (Layout, Vec<(&'static str, String)>) {
    let (mut layout, mut faults) = (Layout::default(), Vec::new());
    let fields: [(&'static str, Option<&str>, &[&str], &mut Pattern); 4] = [
        (
            "layout.services",
            written.services.as_deref(),
            &IMAGE_PLACEHOLDERS,
            &mut layout.services,
        ),
        (
            "layout.bases",
            written.bases.as_deref(),
            &IMAGE_PLACEHOLDERS,
            &mut layout.bases,
        ),
        (
            "layout.requirements",
            written.requirements.as_deref(),
            &SET_PLACEHOLDERS,
            &mut layout.requirements,
        ),
        (
            SOURCE,
            written.source.as_deref(),
            &IMAGE_PLACEHOLDERS,
            &mut layout.source,
        ),
    ];
    for (field, text, placeholders, pattern) in fields {
        let Some(text) = text else { continue };
        match Pattern::parse(text, placeholders) {
            Ok(parsed) if parsed.is_hidden() && field != SOURCE => {
                let usual = pattern.as_str();
                faults.push((
                    field,
                    format!(
                        "`{text}`: no name in it may begin with a dot; write a pattern such as \
                         `{usual}`"
                    ),
                ));
            }
            Ok(parsed) => *pattern = parsed,
            Err(reason) => faults.push((field, format!("`{text}`: {reason}"))),
        }
    }
    (layout, faults)
}

/// Names that stand for the same image, module or folder.
fn collisions(findings: &mut Findings<'_>, images: &[Image]) {
    let mut names = IndexSet::with_capacity(images.len());
    let mut folders = IndexMap::with_capacity(images.len());
    let mut modules = IndexMap::with_capacity(images.len());
    for image in images {
        let (name, module, folder) = (image.name.as_str(), image.name.module(), &image.folder);
        let message = if !names.insert(name) {
            format!("another image already has the name `{name}`")
        } else if let Some(other) = modules.insert(module.clone(), name) {
            format!("`{name}` and `{other}` share the Python module {module}")
        } else if let Some(other) = folders.insert(folder.to_ascii_lowercase(), name) {
            format!("`{name}` and `{other}` share the folder {folder}")
        } else {
            continue;
        };
        findings.at_key(
            &code::NAME_COLLISION,
            Origin::field(image.section, ""),
            message,
        );
    }
}
