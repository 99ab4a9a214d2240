//! The one way from a declaration to its fleet: inputs → [`Loaded`].

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::declared::Declared;
use super::error::Error;
use super::inputs::{Inputs, LOCK_CAPS, TEMPLATE_CAPS, TEMPLATES_BYTES};
use super::installed::read_installed;
use super::kept::read_kept;
use super::loaded::Loaded;
use super::presence::absent;
use super::sources::Sources;
use super::watch::Watcher;
use crate::diagnostic::{Diagnostic, code};
use crate::fleet::Fleet;
use crate::fleet::lock::LOCK_LIMIT;
use crate::lock::{LockTexts, attach, unused};
use crate::render::fingerprint::judge_bases;
use crate::render::{Progress, TEMPLATE_BYTES, Templates, check_templates, link};
use crate::values::RelPath;

/// Loads the declaration at a path below the root. What is wrong with it is a value; rules are
/// judged by [`super::check()`].
///
/// # Errors
/// A file cannot be read, or is over a bound.
pub fn load(
    inputs: &dyn Inputs,
    file: &str,
    watcher: &'static dyn Watcher,
) -> Result<Loaded, Error> {
    let mut sources = Sources::default();
    let declared = Declared::read(inputs, file, &mut sources)?;
    let mut resolved = declared.resolve(file, &sources);
    let about_files = read_installed(inputs, resolved.fleet.as_mut(), &mut sources)?;
    resolved.diagnostics.extend(about_files);
    let about_kept = read_kept(inputs, resolved.fleet.as_mut(), &mut sources)?;
    resolved.diagnostics.extend(about_kept);
    if let Some(fleet) = &mut resolved.fleet {
        fleet.absent = absent(inputs, fleet);
    }
    let locks = read_locks(inputs, resolved.fleet.as_ref())?;
    let about_locks = attached(resolved.fleet.as_mut(), &locks, &mut sources);
    let templates = read_templates(inputs, resolved.templates_folder.as_ref())?;
    let mut diagnostics = resolved.diagnostics;
    diagnostics.extend(check_templates(&resolved.templates, &templates));
    let mut fleet = resolved.fleet.filter(|_| is_sound(&diagnostics));
    let about_bases = fleet
        .as_ref()
        .map_or_else(Vec::new, |fleet| moved_bases(fleet, &templates, watcher));
    if let Some(circle) = fleet
        .as_mut()
        .and_then(|fleet| linked(fleet, &templates, watcher))
    {
        diagnostics.push(circle);
        fleet = None;
    }
    let is_broken = |found: &Diagnostic| *found.code == code::BROKEN_LOCK;
    let is_settled = is_sound(&about_bases) && !about_locks.iter().any(is_broken);
    diagnostics.extend(about_bases);
    diagnostics.extend(about_locks);
    diagnostics
        .sort_by_cached_key(|found| (found.location.file.clone(), sources.range(&found.location)));
    Ok(Loaded {
        file: file.to_owned(),
        sources,
        diagnostics,
        templates,
        locks: locks.texts,
        fleet,
        is_settled,
        watcher,
    })
}

fn is_sound(diagnostics: &[Diagnostic]) -> bool {
    !diagnostics.iter().any(Diagnostic::is_error)
}

/// The folder of locks: the paths of everything in it, and the texts of those that images have.
#[derive(Default)]
struct Locks {
    paths: Vec<Utf8PathBuf>,
    texts: LockTexts,
}

fn read_locks(inputs: &dyn Inputs, fleet: Option<&Fleet>) -> Result<Locks, Error> {
    let mut locks = Locks::default();
    let Some((fleet, folder)) = fleet.and_then(|fleet| Some((fleet, fleet.locks.as_ref()?))) else {
        return Ok(locks);
    };
    locks.paths = inputs
        .list(Utf8Path::new(folder.value.as_str()), LOCK_CAPS)?
        .unwrap_or_default();
    for image in &fleet.images {
        let Some(path) = fleet.lock_path(image) else {
            continue;
        };
        if let Some(bytes) = inputs.text(Utf8Path::new(&path), LOCK_LIMIT as u64)? {
            locks.texts.insert(image.name.to_string(), bytes);
        }
    }
    Ok(locks)
}

/// Takes the locks into the fleet, and gives what is wrong with them. None of a broken one is ever
/// shown.
fn attached(fleet: Option<&mut Fleet>, locks: &Locks, sources: &mut Sources) -> Vec<Diagnostic> {
    let Some(fleet) = fleet.filter(|fleet| fleet.locks.is_some()) else {
        return Vec::new();
    };
    let mut diagnostics = attach(fleet, &locks.texts);
    for found in diagnostics
        .iter()
        .filter(|found| *found.code == code::BROKEN_LOCK)
    {
        // A lock has the name of its image.
        let bytes = Utf8Path::new(&found.location.file)
            .file_stem()
            .and_then(|image| locks.texts.get(image));
        sources.add_withheld(&found.location.file, bytes.map_or(&[], Vec::as_slice));
    }
    diagnostics.extend(unused(fleet, locks.paths.iter().map(|path| path.as_str())));
    diagnostics
}

/// The built-in templates and, where declared, the fleet's own.
fn read_templates(inputs: &dyn Inputs, folder: Option<&RelPath>) -> Result<Templates, Error> {
    let mut templates = Templates::default();
    let Some(folder) = folder else {
        return Ok(templates);
    };
    let folder = Utf8Path::new(folder.as_str());
    let found = inputs
        .list(folder, TEMPLATE_CAPS)?
        .ok_or_else(|| Error::NoTemplates(folder.to_owned()))?;
    let mut room = TEMPLATES_BYTES;
    for path in found.into_iter().filter(|path| is_template(path)) {
        let Some(bytes) = inputs.text(&path, TEMPLATE_BYTES)? else {
            continue;
        };
        room = room
            .checked_sub(bytes.len())
            .ok_or_else(|| Error::TemplatesTooLarge(folder.to_owned()))?;
        let text = String::from_utf8(bytes).map_err(|_| Error::NotUtf8(path.to_string()))?;
        let name = path.strip_prefix(folder).unwrap_or(&path);
        // Generated files have LF, however a checkout left the templates.
        templates.add(name.as_str(), text.replace("\r\n", "\n"), path.to_string());
    }
    Ok(templates)
}

fn is_template(path: &Utf8Path) -> bool {
    let is_hidden = path.components().any(|name| name.as_str().starts_with('.'));
    path.extension() == Some("j2") && !is_hidden
}

/// The bases whose version no longer stands for their content; of a base without its lock that is
/// not known. A broken template is told where everything is rendered.
fn moved_bases(
    fleet: &Fleet,
    templates: &Templates,
    watcher: &'static dyn Watcher,
) -> Vec<Diagnostic> {
    if fleet.bases().any(|base| base.locked.is_missing()) {
        return Vec::new();
    }
    let progress = Arc::new(Progress::default());
    let _guard = fleet
        .templates
        .is_some()
        .then(|| watcher.templates(&progress));
    judge_bases(fleet, templates, &progress).unwrap_or_default()
}

/// Puts bases after those that they take files from; gives the circle that is in the way.
fn linked(
    fleet: &mut Fleet,
    templates: &Templates,
    watcher: &'static dyn Watcher,
) -> Option<Diagnostic> {
    let progress = Arc::new(Progress::default());
    let _guard = fleet
        .templates
        .is_some()
        .then(|| watcher.templates(&progress));
    link(fleet, templates, &progress).unwrap_or_default()
}
