//! From the path of a declaration to the fleet that it stands for: the part that all commands
//! share.

use std::sync::Arc;
use std::thread;

use camino::Utf8Path;

use super::failure::Failure;
use super::include::{Overlay, parse_files, read_included};
use super::listing::Listing;
use super::loaded::Loaded;
use super::progress::Meter;
use super::watchdog::Watchdog;
use crate::declare::{FleetDecl, Follows, Parsed, Part, parse};
use crate::diagnostic::{DeclPath, Diagnostic, code};
use crate::fleet::installed;
use crate::fleet::lock::LOCK_LIMIT;
use crate::fleet::{Fleet, Resolved, layout_of, resolve};
use crate::lock::{LockTexts, attach, unused};
use crate::render::fingerprint::judge_bases;

use crate::render::{Progress, TEMPLATE_BYTES, Templates, check_templates, link};
use crate::report::{Sources, page};
use crate::values::{Date, RelPath, RequiredVersion};
use crate::workspace::{ListCaps, Workspace};

/// The largest input that is read into memory, in bytes: a little more than the parser takes, so
/// that it can say so itself.
pub(super) const INPUT_LIMIT: u64 = 33 * 1024 * 1024;
/// How many templates a fleet may have of its own, and how deep they may nest.
const TEMPLATE_CAPS: ListCaps = ListCaps {
    depth: 8,
    entries: 1_000,
};
/// How many bytes the templates of a fleet may have in all.
const TEMPLATES_BYTES: usize = 8 * 1024 * 1024;
/// The same for the folder of locks.
const LOCK_CAPS: ListCaps = ListCaps {
    depth: 8,
    entries: 100_000,
};

/// The version of this program.
pub(super) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// From how many services on other threads than the one that reads a declaration pay for their
/// start.
const LARGE: usize = 512;

/// The root of a declaration and the folder that it names for templates, which need not be there
/// yet.
pub(super) fn declared(path: &Utf8Path) -> Result<(Workspace, Option<String>), Failure> {
    let (workspace, name, bytes) = read(path, false)?;
    let parsed = parse(&name, &bytes);
    right_version(&name, &parsed)?;
    let folder = parsed.ok().and_then(|parsed| parsed.decl.templates);
    Ok((
        workspace,
        folder.map(|folder| folder.trim_end_matches('/').to_owned()),
    ))
}

fn read(path: &Utf8Path, alone: bool) -> Result<(Workspace, String, Vec<u8>), Failure> {
    let name = declaration_name(path)?;
    let workspace = Workspace::open(path.parent().unwrap_or(Utf8Path::new("")))?;
    if alone {
        workspace.lock()?;
    }
    let Some(bytes) = workspace.read_text(Utf8Path::new(name), INPUT_LIMIT)? else {
        return Err(Failure::NoDeclaration(path.to_owned()));
    };
    Ok((workspace, name.to_owned(), bytes))
}

/// The file name of a declaration. Every generated file says it in its header, so it is held to the
/// grammar of paths.
fn declaration_name(path: &Utf8Path) -> Result<&str, Failure> {
    let refused = |reason: &str| {
        let shown: String = path.as_str().escape_debug().collect();
        Failure::Path(format!("--file `{shown}`: {reason}"))
    };
    if path.as_str().is_empty() {
        return Err(Failure::Path(
            "--file is empty; give the path of a services.yaml".to_owned(),
        ));
    }
    let Some(name) = path.file_name().filter(|_| !path.as_str().ends_with('/')) else {
        return Err(refused(
            "this is a folder; give the path of the services.yaml in it",
        ));
    };
    if path.as_str().contains(is_invisible) {
        return Err(refused(
            "a control or formatting character is in this path; rename the file or its folder",
        ));
    }
    match RelPath::parse(name) {
        Ok(_) => Ok(name),
        Err(invalid) => Err(refused(&format!(
            "the name of the file {}; generated files repeat it in their headers, so rename it",
            invalid.reason()
        ))),
    }
}

/// Whether a character could change what a reader sees of the text around it.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}' | '\u{feff}')
}

/// Reads and resolves the declaration and its templates; no allowance of its policy is over.
pub(super) fn load(path: &Utf8Path) -> Result<Loaded, Failure> {
    load_on(path, None)
}

/// Reads and resolves the declaration and its templates, and judges its rules as on a day.
pub(super) fn load_on(path: &Utf8Path, today: Option<&Date>) -> Result<Loaded, Failure> {
    load_as(
        path,
        &View {
            today,
            ..View::default()
        },
    )
}

/// The same without the rules' findings; where the whole fleet is to be compared, its folders are
/// listed meanwhile.
pub(super) fn load_unjudged(path: &Utf8Path, whole: bool) -> Result<Loaded, Failure> {
    load_as(
        path,
        &View {
            purpose: Purpose::Compare { whole },
            ..View::default()
        },
    )
}

/// The same for a command that edits the declaration: no other one does until what is loaded is
/// dropped, so that none loses the other's edit.
pub(super) fn load_to_edit(path: &Utf8Path, today: Option<&Date>) -> Result<Loaded, Failure> {
    load_as(
        path,
        &View {
            today,
            purpose: Purpose::Edit,
        },
    )
}

/// Reads and resolves the declaration for new locks: neither a broken one nor a base whose content
/// moved with one is in the way.
pub(super) fn load_to_lock(path: &Utf8Path) -> Result<Loaded, Failure> {
    load_as(
        path,
        &View {
            purpose: Purpose::Lock,
            ..View::default()
        },
    )
}

/// How a declaration is looked at.
#[derive(Default)]
pub(super) struct View<'a> {
    today: Option<&'a Date>,
    purpose: Purpose,
}

/// What a declaration is read for.
#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Purpose {
    /// To be looked at, with the findings of the rules.
    #[default]
    Look,
    /// To be compared by somebody who judges the rules meanwhile.
    Compare {
        /// All generated files, or some.
        whole: bool,
    },
    /// To be edited; no other command edits it meanwhile.
    Edit,
    /// To write new locks.
    Lock,
}

fn load_as(path: &Utf8Path, view: &View<'_>) -> Result<Loaded, Failure> {
    let _meter = Meter::start(page!("reading {}", path), 0);
    let (workspace, name, bytes) = read(path, view.purpose == Purpose::Edit)?;
    let option = (path != "services.yaml").then(|| path.to_string());
    understood(workspace, option, name, bytes, &Overlay::new(), view)
}

/// The fleet that the bytes of a declaration stand for.
pub(super) fn understood(
    workspace: Workspace,
    option: Option<String>,
    name: String,
    bytes: Vec<u8>,
    overlay: &Overlay,
    view: &View<'_>,
) -> Result<Loaded, Failure> {
    let parsed = parse(&name, &bytes);
    right_version(&name, &parsed)?;
    let mut sources = Sources::default();
    sources.add(&name, bytes);
    let to_lock = view.purpose == Purpose::Lock;
    let mut listing = None;
    let begin = |decl: &FleetDecl| {
        listing = (view.purpose == Purpose::Compare { whole: true } && is_large(decl))
            .then(|| Listing::begin(&workspace, &layout_of(&decl.layout).0));
    };
    let (mut resolved, included) =
        understand(&workspace, &name, parsed, overlay, &mut sources, begin)?;
    let about_files = read_installed(&workspace, resolved.fleet.as_mut(), &mut sources)?;
    resolved.diagnostics.extend(about_files);
    let (locks, about_locks) = read_locks(&workspace, resolved.fleet.as_mut(), &mut sources)?;
    let templates = templates(&workspace, resolved.templates_folder.as_ref())?;
    let mut diagnostics = resolved.diagnostics;
    diagnostics.extend(check_templates(&resolved.templates, &templates));
    let is_sound = |diagnostics: &[Diagnostic]| !diagnostics.iter().any(Diagnostic::is_error);
    let mut fleet = resolved.fleet.filter(|_| is_sound(&diagnostics));
    let knows_bases =
        |fleet: &&mut Fleet| !to_lock && fleet.bases().all(|base| !base.locked.is_missing());
    if let Some(fleet) = fleet.as_mut().filter(knows_bases) {
        // A broken template is told where everything is rendered.
        let progress = Arc::new(Progress::default());
        let _watchdog = fleet
            .templates
            .is_some()
            .then(|| Watchdog::start(Arc::clone(&progress)));
        diagnostics.extend(judge_bases(fleet, &templates, &progress).unwrap_or_default());
        diagnostics.extend(link(fleet, &templates, &progress).unwrap_or_default());
    }
    let is_broken = |found: &Diagnostic| *found.code == code::BROKEN_LOCK && !to_lock;
    fleet = fleet.filter(|_| is_sound(&diagnostics) && !about_locks.iter().any(is_broken));
    diagnostics.extend(about_locks);
    diagnostics
        .sort_by_cached_key(|found| (found.location.file.clone(), sources.range(&found.location)));
    let mut loaded = Loaded {
        name,
        included,
        workspace,
        option,
        sources,
        diagnostics,
        fleet,
        templates,
        locks,
        listing,
    };
    let is_judged_later = matches!(view.purpose, Purpose::Compare { .. });
    let found = if is_judged_later {
        Vec::new()
    } else {
        loaded.rule_findings(view.today)
    };
    loaded.diagnostics.extend(found);
    Ok(loaded)
}

/// Refuses a declaration that is for other versions of this program, before anything that such a
/// version may know is called wrong.
fn right_version(name: &str, parsed: &Result<Parsed, Vec<Diagnostic>>) -> Result<(), Failure> {
    let required = parsed.as_ref().ok();
    let required = required.and_then(|parsed| parsed.decl.required_version.as_deref());
    match required.map(RequiredVersion::parse) {
        Some(Ok(required)) if !required.accepts(VERSION) => Err(Failure::OtherVersion {
            file: name.to_owned(),
            required,
        }),
        // One that is not valid is told with everything else.
        _ => Ok(()),
    }
}

fn is_large(decl: &FleetDecl) -> bool {
    decl.services
        .as_ref()
        .is_some_and(|services| services.len() >= LARGE)
}

/// What a declaration stands for and everything that is wrong with its text, without what only
/// follows from a wrong shape; and the files that it includes.
fn understand(
    workspace: &Workspace,
    name: &str,
    parsed: Result<Parsed, Vec<Diagnostic>>,
    overlay: &Overlay,
    sources: &mut Sources,
    begin: impl FnOnce(&FleetDecl),
) -> Result<(Resolved, Vec<String>), Failure> {
    let mut parsed = match parsed {
        Ok(parsed) => parsed,
        Err(diagnostics) => {
            return Ok((
                Resolved {
                    diagnostics,
                    ..Resolved::default()
                },
                Vec::new(),
            ));
        }
    };
    sources.add_tree(name, std::mem::take(&mut parsed.tree));
    let mut included = Vec::new();
    let mut is_whole = true;
    if !parsed.decl.include.is_empty() {
        let length = sources.text(name).map_or(0, str::len);
        let found = read_included(workspace, (name, length), &parsed.decl, overlay)?;
        let (mut parts, too_many) = parse_files(&found.files);
        for ((file, bytes), part) in found.files.iter().zip(&parts) {
            if !part.is_ours() {
                sources.add_withheld(file, bytes);
            }
        }
        is_whole = parts.iter().all(Part::is_ours);
        for (file, tree) in parts.iter_mut().filter_map(Part::take_tree) {
            sources.add_tree(file, tree);
        }
        parsed.diagnostics.extend(found.diagnostics);
        parsed.diagnostics.extend(too_many);
        parsed = parsed.including(name, parts, &|location| sources.place(location));
        included = found.files.into_iter().map(|(file, _)| file).collect();
    }
    begin(&parsed.decl);
    let mut resolved = resolve(name, &parsed.decl);
    if is_large(&parsed.decl) {
        // Freeing all of it takes a while, and nobody needs to wait for that.
        thread::spawn(move || drop(parsed.decl));
    }
    let readable = |file: &str, path: &DeclPath| sources.readable(file, path);
    let follows = Follows::of(&parsed.diagnostics, &readable);
    resolved
        .diagnostics
        .retain(|found| !follows.hold_back(found, &readable));
    if !is_whole {
        // What a file left out would have declared may be all that a warning is about, and its
        // locks would count as unused.
        resolved.fleet = None;
        resolved.diagnostics.retain(Diagnostic::is_error);
    }
    resolved.diagnostics.splice(0..0, parsed.diagnostics);
    Ok((resolved, included))
}

/// What the requirement files of a fleet lead to, taken into it, and what is wrong with them.
fn read_installed(
    workspace: &Workspace,
    fleet: Option<&mut Fleet>,
    sources: &mut Sources,
) -> Result<Vec<Diagnostic>, Failure> {
    let Some(fleet) = fleet.filter(|fleet| !installed::named(fleet).is_empty()) else {
        return Ok(Vec::new());
    };
    let mut texts = installed::Texts::new();
    let mut ahead: Vec<String> = installed::named(fleet)
        .into_iter()
        .map(str::to_owned)
        .collect();
    while let Some(path) = ahead.pop() {
        if texts.contains_key(&path) || texts.len() >= installed::FILES_LIMIT {
            continue;
        }
        let bytes = workspace.read_text(Utf8Path::new(&path), installed::FILE_LIMIT)?;
        // What a wheel holds is nobody's business here.
        if let Some(bytes) = bytes.as_deref().filter(|_| !installed::is_wheel(&path)) {
            ahead.extend(installed::reached(&path, bytes).files);
        }
        texts.insert(path, bytes);
    }
    let diagnostics = installed::attach(fleet, &texts);
    for (path, bytes) in &texts {
        sources.add_withheld(path, bytes.as_deref().unwrap_or_default());
    }
    Ok(diagnostics)
}

/// The locks of a fleet, taken into it, and what is wrong with them.
fn read_locks(
    workspace: &Workspace,
    fleet: Option<&mut Fleet>,
    sources: &mut Sources,
) -> Result<(LockTexts, Vec<Diagnostic>), Failure> {
    let mut texts = LockTexts::new();
    let Some(fleet) = fleet else {
        return Ok((texts, Vec::new()));
    };
    let Some(folder) = &fleet.locks else {
        return Ok((texts, Vec::new()));
    };
    let found = workspace
        .list_folder(Utf8Path::new(folder.value.as_str()), LOCK_CAPS)?
        .unwrap_or_default();
    for image in &fleet.images {
        let Some(path) = fleet.lock_path(image) else {
            continue;
        };
        if let Some(bytes) = workspace.read_text(Utf8Path::new(&path), LOCK_LIMIT as u64)? {
            texts.insert(image.name.to_string(), bytes);
        }
    }
    let mut diagnostics = attach(fleet, &texts);
    for found in diagnostics
        .iter()
        .filter(|found| *found.code == code::BROKEN_LOCK)
    {
        // A lock has the name of its image.
        let bytes = Utf8Path::new(&found.location.file)
            .file_stem()
            .and_then(|image| texts.get(image));
        sources.add_withheld(&found.location.file, bytes.map_or(&[], Vec::as_slice));
    }
    diagnostics.extend(unused(fleet, found.iter().map(|path| path.as_str())));
    Ok((texts, diagnostics))
}

/// The built-in templates and, where declared, the fleet's own.
fn templates(workspace: &Workspace, folder: Option<&RelPath>) -> Result<Templates, Failure> {
    let mut templates = Templates::default();
    let Some(folder) = folder else {
        return Ok(templates);
    };
    let folder = Utf8Path::new(folder.as_str());
    let found = workspace
        .list_folder(folder, TEMPLATE_CAPS)?
        .ok_or_else(|| Failure::NoTemplates(folder.to_owned()))?;
    let mut room = TEMPLATES_BYTES;
    let is_hidden = |path: &Utf8Path| path.components().any(|name| name.as_str().starts_with('.'));
    for path in found
        .into_iter()
        .filter(|path| path.extension() == Some("j2") && !is_hidden(path))
    {
        let Some(bytes) = workspace.read_text(&path, TEMPLATE_BYTES)? else {
            continue;
        };
        room = room
            .checked_sub(bytes.len())
            .ok_or_else(|| Failure::TemplatesTooLarge(folder.to_owned()))?;
        let text = String::from_utf8(bytes).map_err(|_| Failure::NotUtf8(path.to_string()))?;
        let name = path.strip_prefix(folder).unwrap_or(&path);
        // Generated files have LF, however a checkout left the templates.
        templates.add(name.as_str(), text.replace("\r\n", "\n"), path.to_string());
    }
    Ok(templates)
}
