//! Declaration → fleet: names are looked up, defaults filled in, and everything that is wrong is said at once.

mod base;
mod external;
mod field;
mod service;

use super::layout::{IMAGE_PLACEHOLDERS, Layout, Pattern, SET_PLACEHOLDERS};
use super::model::{Fleet, Image, Origin, RequirementSet, Section, Sourced};
use super::names::{InvalidValue, Owner, PythonVersion, Registry, RelPath, SetName};
use crate::declare::FleetDecl;
use crate::diagnostic::{Code, Diagnostic, code};
use external::Externals;
use field::Findings;

/// What a declaration stands for.
#[derive(Debug)]
pub struct Resolved {
    /// The fleet; absent while the declaration has an error.
    pub fleet: Option<Fleet>,
    /// Everything that is wrong with the declaration.
    pub diagnostics: Vec<Diagnostic>,
}

/// Turns a declaration into the fleet it stands for. `file` is its path below the root.
#[must_use]
pub fn resolve(file: &str, decl: &FleetDecl) -> Resolved {
    let mut findings = Findings::new(file);
    let fleet = fleet(&mut findings, file, decl);
    let diagnostics = findings.into_diagnostics();
    let fleet = fleet.filter(|_| !diagnostics.iter().any(Diagnostic::is_error));
    Resolved { fleet, diagnostics }
}

fn fleet(findings: &mut Findings, file: &str, decl: &FleetDecl) -> Option<Fleet> {
    let registry = required(
        findings,
        "registry",
        decl.registry.as_deref(),
        &code::INVALID_REFERENCE,
        Registry::parse,
    );
    let owner = required(
        findings,
        "owner",
        decl.owner.as_deref(),
        &code::INVALID_REFERENCE,
        Owner::parse,
    );
    let python = required(
        findings,
        "python",
        decl.python.as_deref(),
        &code::INVALID_VALUE,
        PythonVersion::parse,
    );
    let layout = layout(findings, decl);
    let shared = findings.list(
        Origin::field(Section::Fleet, "shared"),
        &decl.shared,
        &code::INVALID_VALUE,
        RelPath::parse,
    );
    let templates = decl.templates.as_deref();
    let templates = templates.and_then(|text| {
        findings.value(
            Origin::field(Section::Fleet, "templates"),
            text,
            &code::INVALID_VALUE,
            RelPath::parse,
        )
    });
    let sets = requirement_sets(findings, decl);
    let externals = Externals::resolve(findings, decl, python.as_ref());
    let mut images = base::resolve(findings, decl, &layout, &sets, &externals, python.as_ref());
    let bases = images.len();
    images.extend(service::resolve(
        findings,
        decl,
        &layout,
        &sets,
        &externals,
        python.as_ref(),
        images.get(..bases).unwrap_or_default(),
    ));
    if decl
        .services
        .as_ref()
        .is_none_or(indexmap::IndexMap::is_empty)
    {
        findings.at_value(
            &code::NO_SERVICES,
            Origin::field(Section::Fleet, "services"),
            "services.yaml declares no service".to_owned(),
        );
    }
    collisions(findings, &layout, &sets, &images);
    Some(Fleet {
        file: file.to_owned(),
        registry: registry?,
        owner: owner?,
        python: python?,
        shared,
        templates,
        layout,
        sets,
        images,
    })
}

fn required<T>(
    findings: &mut Findings,
    field: &'static str,
    text: Option<&str>,
    code: &'static Code,
    parse: fn(&str) -> Result<T, InvalidValue>,
) -> Option<Sourced<T>> {
    let origin = Origin::field(Section::Fleet, field);
    match text {
        Some(text) => findings.value(origin, text, code, parse),
        None => {
            findings.at_value(
                &code::MISSING_FIELD,
                origin,
                format!("services.yaml has no `{field}`"),
            );
            None
        }
    }
}

fn layout(findings: &mut Findings, decl: &FleetDecl) -> Layout {
    let mut layout = Layout::default();
    let written = &decl.layout;
    let fields: [(&'static str, &Option<String>, &[&str], &mut Pattern); 4] = [
        (
            "layout.services",
            &written.services,
            &IMAGE_PLACEHOLDERS,
            &mut layout.services,
        ),
        (
            "layout.bases",
            &written.bases,
            &IMAGE_PLACEHOLDERS,
            &mut layout.bases,
        ),
        (
            "layout.requirements",
            &written.requirements,
            &SET_PLACEHOLDERS,
            &mut layout.requirements,
        ),
        (
            "layout.source",
            &written.source,
            &IMAGE_PLACEHOLDERS,
            &mut layout.source,
        ),
    ];
    for (field, text, placeholders, pattern) in fields {
        let Some(text) = text else { continue };
        match Pattern::parse(text, placeholders) {
            Ok(parsed) => *pattern = parsed,
            Err(reason) => findings.at_value(
                &code::INVALID_LAYOUT,
                Origin::field(Section::Fleet, field),
                format!("`{text}`: {reason}"),
            ),
        }
    }
    layout
}

fn requirement_sets(findings: &mut Findings, decl: &FleetDecl) -> Vec<RequirementSet> {
    let mut sets = Vec::new();
    for (position, (name, set)) in decl.requirements.iter().enumerate() {
        let section = Section::Requirements(position);
        let name = findings.key(section, name, SetName::parse);
        let field = if set.short { "" } else { "packages" };
        let requirements = findings.requirements(Origin::field(section, field), &set.packages);
        if let Some(name) = name {
            sets.push(RequirementSet {
                name,
                requirements,
                development: set.development,
            });
        }
    }
    sets
}

/// Names that stand for the same image, module or file.
fn collisions(findings: &mut Findings, layout: &Layout, sets: &[RequirementSet], images: &[Image]) {
    let mut names = std::collections::BTreeMap::new();
    let mut folders = std::collections::BTreeMap::new();
    let mut modules = std::collections::BTreeMap::new();
    for image in images {
        let (name, module) = (image.name.as_str(), image.name.module());
        let entry = Origin::field(image.section, "");
        if names.insert(name.to_owned(), ()).is_some() {
            findings.at_key(
                &code::NAME_COLLISION,
                entry,
                format!("the name `{name}` is taken by another image"),
            );
        } else if let Some(other) = modules.insert(module.clone(), name) {
            findings.at_key(
                &code::NAME_COLLISION,
                entry,
                format!("`{name}` and `{other}` share the Python module {module}"),
            );
        } else if let Some(other) = folders.insert(image.folder.to_ascii_lowercase(), name) {
            findings.at_key(
                &code::NAME_COLLISION,
                entry,
                format!("`{name}` and `{other}` share the folder {}", image.folder),
            );
        }
    }
    for (position, set) in sets.iter().enumerate() {
        let path = layout
            .requirements
            .of_set(set.name.as_str())
            .to_ascii_lowercase();
        let Some((folder, file)) = path.rsplit_once('/') else {
            continue;
        };
        if let Some(image) = folders
            .get(folder)
            .filter(|_| matches!(file, "requirements.txt" | "constraints.txt" | "dockerfile"))
        {
            let entry = Origin::field(Section::Requirements(position), "");
            findings.at_key(
                &code::NAME_COLLISION,
                entry,
                format!("the set's file {path} is also one of `{image}`"),
            );
        }
    }
}
