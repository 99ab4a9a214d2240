//! What of the repository an image installs.

use super::field::Findings;
use super::layers::Layers;
use crate::declare::schema::InstalledDecl;
use crate::declare::{Flexible, OneOrMany, Text};
use crate::diagnostic::code;
use crate::fleet::install::{Form, InstalledFile};
use crate::fleet::model::{Image, Origin, Sourced};
use crate::fleet::placeholder::Values;
use crate::values::{PackageName, RelPath};

/// A field, and the items that it has.
type Named<'a> = (Origin, &'a OneOrMany<Flexible<InstalledDecl>>);

/// What a service names, or else what it inherits, after sets that are files.
pub(super) fn install(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
    of_sets: Vec<InstalledFile>,
) -> Vec<InstalledFile> {
    match layers.pick("install", |decl| &decl.install) {
        Some(named) => items(findings, named, values, of_sets),
        None => of_sets,
    }
}

/// The items of a list, after others; each once.
pub(super) fn items(
    findings: &mut Findings<'_>,
    (field, list): Named<'_>,
    values: &Values<'_>,
    mut items: Vec<InstalledFile>,
) -> Vec<InstalledFile> {
    let is_single = list.single().is_some();
    for (at, decl) in list.iter().enumerate() {
        let origin = if is_single { field } else { field.item(at) };
        let Some(item) = item(findings, origin, decl, values) else {
            continue;
        };
        if items
            .iter()
            .all(|known| known.path.value != item.path.value)
        {
            items.push(item);
        }
    }
    refuse_two_locks(findings, &items);
    items
}

fn item(
    findings: &mut Findings<'_>,
    origin: Origin,
    decl: &InstalledDecl,
    values: &Values<'_>,
) -> Option<InstalledFile> {
    let Some(text) = decl.path.as_deref() else {
        let message = "an item of `install` needs `path`: the file or folder".to_owned();
        findings.at_value(&code::MISSING_FIELD, origin, message);
        return None;
    };
    let text = findings.filled_path(origin, text, values)?;
    let (text, mut extras) = with_extras(&text);
    let (path, form) = path(findings, origin, text)?;
    extras.extend(filled(findings, origin, &decl.extras, values));
    let mut item = InstalledFile::new(path, form, None);
    let package = filled(findings, origin, decl.package.as_slice(), values);
    item.package = package.into_iter().next();
    item.groups = filled(findings, origin, &decl.groups, values);
    item.extras = extras;
    item.with_project = decl.project;
    has_effect(findings, origin, &item).then_some(item)
}

/// A path before its extras in square brackets, and these.
fn with_extras(text: &str) -> (&str, Vec<String>) {
    let split = text.strip_suffix(']').and_then(|text| text.split_once('['));
    let Some((path, extras)) = split else {
        return (text, Vec::new());
    };
    let extras = extras.split(',').map(str::trim);
    (path, extras.map(str::to_owned).collect())
}

/// Names, such as those of extras, with values in place of placeholders.
fn filled(
    findings: &mut Findings<'_>,
    origin: Origin,
    names: &[Text],
    values: &Values<'_>,
) -> Vec<String> {
    let mut found = Vec::new();
    for name in names {
        let name = findings.filled_path(origin, name, values);
        let read = name.and_then(|name| {
            findings.value(origin, &name, &code::INVALID_VALUE, PackageName::parse)
        });
        found.extend(read.map(|read| read.value.to_string()));
    }
    found
}

/// Whether all that an item says has an effect.
fn has_effect(findings: &mut Findings<'_>, origin: Origin, item: &InstalledFile) -> bool {
    let form = item.form;
    let is_project = form.is_lock() || matches!(form, Form::Project | Form::Manifest);
    let said = [
        ("package", item.package.is_some(), form == Form::UvLock),
        ("extras", !item.extras.is_empty(), is_project),
        ("groups", !item.groups.is_empty(), form.is_lock()),
        (
            "project",
            item.with_project,
            form.is_lock() || form == Form::Manifest,
        ),
    ];
    let wrong = said
        .into_iter()
        .find(|(_, is_said, fits)| *is_said && !fits);
    let Some((field, ..)) = wrong else {
        return true;
    };
    let message = format!("`{field}` has no effect for {}", item.path.value);
    let help = format!("delete `{field}`");
    findings.at_value_with_help(&code::FIELD_WITHOUT_EFFECT, origin, message, help);
    false
}

/// The requirement file that a set is.
pub(super) fn requirement_file(
    findings: &mut Findings<'_>,
    origin: Origin,
    text: &str,
) -> Option<InstalledFile> {
    let (path, form) = path(findings, origin, text)?;
    if form == Form::Requirements {
        return Some(InstalledFile::new(path, form, None));
    }
    let message = format!("{} is not a requirement file", path.value);
    let help = "name it under `install` of the images that need it".to_owned();
    findings.at_value_with_help(&code::UNSUPPORTED_FILE, origin, message, help);
    None
}

/// A path, as people write that of a folder too, and what it is.
fn path(
    findings: &mut Findings<'_>,
    origin: Origin,
    text: &str,
) -> Option<(Sourced<RelPath>, Form)> {
    let text = text.strip_prefix("./").unwrap_or(text);
    let text = text.strip_suffix('/').unwrap_or(text);
    let path = findings.value(origin, text, &code::INVALID_VALUE, RelPath::parse)?;
    let Some(form) = Form::of(path.value.as_str()) else {
        let message = format!("`{}` cannot be installed", path.value);
        let help = "export a requirement file from it, or keep a Dockerfile of your own".to_owned();
        findings.at_value_with_help(&code::UNSUPPORTED_FILE, origin, message, help);
        return None;
    };
    Some((path, form))
}

/// Packages that are built from source, each once.
pub(super) fn source_builds(
    findings: &mut Findings<'_>,
    items: Vec<(Origin, &Text)>,
) -> Vec<Sourced<PackageName>> {
    let mut found: Vec<Sourced<PackageName>> = Vec::new();
    for (origin, text) in items {
        if text.trim() == "all" {
            let message = "`all` is not the name of a package".to_owned();
            let help = "name the packages that have no wheel; or bring a compiler with \
                        `apt_build`, which lets everything be built"
                .to_owned();
            findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
            continue;
        }
        let read = findings.value(origin, text, &code::INVALID_VALUE, PackageName::parse);
        let is_new =
            |read: &Sourced<PackageName>| found.iter().all(|known| known.value != read.value);
        let read = read.filter(is_new);
        found.extend(read);
    }
    found
}

/// Says which lock is one too many.
fn refuse_two_locks(findings: &mut Findings<'_>, items: &[InstalledFile]) {
    let mut locks = items.iter().filter(|item| item.form.is_lock());
    let (Some(first), Some(second)) = (locks.next(), locks.next()) else {
        return;
    };
    let message = format!(
        "an image installs from one lock: {} and {}",
        first.path.value, second.path.value
    );
    let help = "keep one, or move one to another service".to_owned();
    findings.at_value_with_help(&code::TWO_LOCKS, second.path.origin, message, help);
}

/// What can be said of what images install once all of them are known.
pub(super) fn check(findings: &mut Findings<'_>, images: &[Image]) {
    beside_locks(findings, images);
    refuse_builds_on_bases(findings, images);
}

/// Says which images on a base install from a lock and build from source: the compiler would have
/// to be in the image itself.
fn refuse_builds_on_bases(findings: &mut Findings<'_>, images: &[Image]) {
    for image in images.iter().filter(|image| image.base().is_some()) {
        let lock = image.install.iter().find(|file| file.form.is_lock());
        let (Some(lock), Some(package)) = (lock, image.apt_build.first()) else {
            continue;
        };
        let message = format!(
            "`apt_build` has no effect beside {} on a base: its packages come as wheels there",
            lock.path.value
        );
        let help = "leave `base` out, or let the base install what needs a compiler".to_owned();
        findings.at_value_with_help(&code::FIELD_WITHOUT_EFFECT, package.origin, message, help);
    }
}

/// Says which images are locked by dockwright and install what no lock of ours covers.
fn beside_locks(findings: &mut Findings<'_>, images: &[Image]) {
    for image in images.iter().filter(|image| image.locked.is_wanted()) {
        let mut installed = image.install.iter();
        if let Some(file) = installed.find(|file| file.form != Form::Requirements) {
            let message = format!(
                "the lock of `{}` does not cover {}: it holds what sets, `pip` and requirement \
                 files ask for",
                image.name, file.path.value
            );
            let help = "leave the image out of `locks.images`";
            findings.at_value_with_help(
                &code::UNSUPPORTED_FILE,
                file.path.origin,
                message,
                help.to_owned(),
            );
        }
    }
}
