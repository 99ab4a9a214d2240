//! From the path of a declaration to everything that was compared: the part that all commands share.

use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};

use super::include::{Overlay, parse_files, read_included};
use super::output;
use super::progress::Meter;
use super::watchdog::Watchdog;
use crate::declare::{DeclText, Follows, parse};
use crate::diagnostic::{DeclPath, Diagnostic, code};
use crate::drift::DriftReport;
use crate::exit::ExitStatus;
use crate::fleet::lock::{LOCK_LIMIT, LockTexts, attach, unused};
use crate::fleet::names::{Date, RelPath};
use crate::fleet::rules::judge;
use crate::fleet::{Fleet, Resolved, resolve};
use crate::render::fingerprint::judge_bases;
use crate::render::links::link;
use crate::render::trace::Tracer;
use crate::render::{Progress, RenderError, TEMPLATE_BYTES, Templates, check_templates};
use crate::report::{Findings, Sources, render_error_text};
use crate::workspace::{self, ListCaps, Workspace};

/// The largest input that is read into memory, in bytes: a little more than the parser takes, so that it can say so itself.
pub(super) const INPUT_LIMIT: u64 = 33 * 1024 * 1024;
/// How many templates a fleet may have of its own, and how deep they may nest.
const TEMPLATE_CAPS: ListCaps = ListCaps { depth: 8, entries: 1_000 };
/// How many bytes the templates of a fleet may have in all.
const TEMPLATES_BYTES: usize = 8 * 1024 * 1024;
/// The same for the folder of locks.
const LOCK_CAPS: ListCaps = ListCaps { depth: 8, entries: 100_000 };

/// Why a command could not do its job.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("there is no {0}; `--file` names another, `dockwright init` starts one")]
    NoDeclaration(Utf8PathBuf),
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    #[error("the templates in {0} have more than 8 MiB in all")]
    TemplatesTooLarge(Utf8PathBuf),
    #[error("there is no folder {0}, which services.yaml names as `templates`")]
    NoTemplates(Utf8PathBuf),
    #[error("{0} was changed by somebody else in the meantime; nothing was written")]
    ChangedMeanwhile(String),
    #[error("{0}")]
    Path(String),
    #[error("{0} is not UTF-8")]
    NotUtf8(String),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Program(#[from] workspace::program::Error),
    #[error("cannot use a temporary folder: {0}")]
    Scratch(std::io::Error),
    #[error("cannot read standard input: {0}")]
    StandardInput(std::io::Error),
    #[error(transparent)]
    Outside(#[from] crate::build::changed::OutsidePath),
    #[error(transparent)]
    UnknownImage(#[from] crate::build::UnknownImage),
    #[error(transparent)]
    Order(#[from] crate::build::builder::OrderError),
}

impl Failure {
    /// Prints the reason.
    pub(super) fn report(&self) -> ExitStatus {
        match self {
            Self::Render(error) => output::fail_styled(&render_error_text(error)),
            other => output::fail(&other.to_string()),
        }
    }
}

/// A declaration, read and resolved.
pub(super) struct Loaded {
    /// The declaration's file name.
    pub(super) name: String,
    /// The files that it includes, by path.
    pub(super) included: Vec<String>,
    pub(super) workspace: Workspace,
    pub(super) option: Option<String>,
    pub(super) sources: Sources,
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) fleet: Option<Fleet>,
    pub(super) templates: Templates,
    pub(super) locks: LockTexts,
}

impl Loaded {
    /// The findings of this fleet with a comparison.
    pub(super) fn findings<'a>(&'a self, report: &'a DriftReport, tracer: Option<&'a Tracer<'a>>) -> Findings<'a> {
        Findings {
            declaration_option: self.option.as_deref(),
            fleet: self.fleet.as_ref(),
            diagnostics: &self.diagnostics,
            images_checked: None,
            report,
            tracer,
            sources: &self.sources,
        }
    }

    /// The declaration's text; empty where it is not UTF-8.
    pub(super) fn text(&self) -> &str {
        self.sources.text(&self.name).unwrap_or_default()
    }

    /// The declaration as text, with what it includes.
    pub(super) fn decl_text(&self) -> DeclText {
        let text = |file: &String| (file.clone(), self.sources.text(file).unwrap_or_default().to_owned());
        DeclText {
            file: self.name.clone(),
            text: self.text().to_owned(),
            included: self.included.iter().map(text).collect(),
        }
    }

    /// The same fleet with another text of one of its files.
    pub(super) fn edited(self, file: &str, text: &str) -> Result<Self, Failure> {
        let (main, overlay) = if file == self.name {
            (text.to_owned(), Overlay::new())
        } else {
            (self.text().to_owned(), Overlay::from([(file.to_owned(), text.to_owned())]))
        };
        understood(self.workspace, self.option, self.name, main.as_bytes(), &overlay, &View::default())
    }

    /// What the rules find as on a day. An error of a rule fails the run, but the fleet is known: the comparison is still worth showing.
    pub(super) fn rule_findings(&self, today: Option<&Date>) -> Vec<Diagnostic> {
        self.fleet.iter().flat_map(|fleet| judge(fleet, today)).collect()
    }

    /// From lines back to templates and values, where there is a fleet.
    pub(super) fn tracer(&self) -> Option<Traced<'_>> {
        self.fleet.as_ref().map(|fleet| {
            let progress = Arc::new(Progress::default());
            let watchdog = self.watchdog(&progress);
            Traced { tracer: Tracer::new(fleet, &self.templates).watched(progress), _watchdog: watchdog }
        })
    }

    /// Watches while templates of the fleet's own are rendered; built-in ones end.
    pub(super) fn watchdog(&self, progress: &Arc<Progress>) -> Option<Watchdog> {
        let fleet = self.fleet.as_ref().filter(|fleet| fleet.templates.is_some());
        fleet.map(|_| Watchdog::start(Arc::clone(progress)))
    }

    /// Whether the declaration has an error.
    pub(super) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// The same without locks that have yet to be written, which a new service or a new base cannot have.
    pub(super) fn has_errors_beside_missing_locks(&self) -> bool {
        self.diagnostics.iter().any(|found| found.is_error() && *found.code != code::MISSING_LOCK)
    }
}

/// A tracer that is watched while it lives: it renders again.
pub(super) struct Traced<'a> {
    tracer: Tracer<'a>,
    _watchdog: Option<Watchdog>,
}

impl<'a> std::ops::Deref for Traced<'a> {
    type Target = Tracer<'a>;

    fn deref(&self) -> &Self::Target {
        &self.tracer
    }
}

/// The root of a declaration and the folder that it names for templates, which need not be there yet.
pub(super) fn declared(path: &Utf8Path) -> Result<(Workspace, Option<String>), Failure> {
    let (workspace, name, bytes) = read(path, false)?;
    let folder = parse(&name, &bytes).ok().and_then(|parsed| parsed.decl.templates);
    Ok((workspace, folder.map(|folder| folder.trim_end_matches('/').to_owned())))
}

fn read(path: &Utf8Path, alone: bool) -> Result<(Workspace, String, Vec<u8>), Failure> {
    let name = path.file_name().ok_or_else(|| Failure::NoDeclaration(path.to_owned()))?;
    let workspace = Workspace::open(path.parent().unwrap_or(Utf8Path::new("")))?;
    if alone {
        workspace.lock()?;
    }
    let Some(bytes) = workspace.read_text(Utf8Path::new(name), INPUT_LIMIT)? else {
        return Err(Failure::NoDeclaration(path.to_owned()));
    };
    Ok((workspace, name.to_owned(), bytes))
}

/// Reads and resolves the declaration and its templates; no allowance of its policy is over.
pub(super) fn load(path: &Utf8Path) -> Result<Loaded, Failure> {
    load_on(path, None)
}

/// Reads and resolves the declaration and its templates, and judges its rules as on a day.
pub(super) fn load_on(path: &Utf8Path, today: Option<&Date>) -> Result<Loaded, Failure> {
    load_as(path, &View { today, ..View::default() })
}

/// The same without the rules' findings.
pub(super) fn load_unjudged(path: &Utf8Path) -> Result<Loaded, Failure> {
    load_as(path, &View { unjudged: true, ..View::default() })
}

/// The same for a command that edits the declaration: no other one does until what is loaded is dropped, so that none loses the
/// other's edit.
pub(super) fn load_to_edit(path: &Utf8Path, today: Option<&Date>) -> Result<Loaded, Failure> {
    load_as(path, &View { today, alone: true, ..View::default() })
}

/// Reads and resolves the declaration for new locks: neither a broken one nor a base whose content moved with one is in the way.
pub(super) fn load_to_lock(path: &Utf8Path) -> Result<Loaded, Failure> {
    load_as(path, &View { to_lock: true, ..View::default() })
}

/// How a declaration is looked at.
#[derive(Default)]
struct View<'a> {
    today: Option<&'a Date>,
    /// Whether rules are judged later.
    unjudged: bool,
    /// Whether no other command may edit it meanwhile.
    alone: bool,
    /// Whether locks are to be written.
    to_lock: bool,
}

fn load_as(path: &Utf8Path, view: &View<'_>) -> Result<Loaded, Failure> {
    let _meter = Meter::start(&format!("reading {path}"), 0);
    let (workspace, name, bytes) = read(path, view.alone)?;
    let option = (path != "services.yaml").then(|| path.to_string());
    understood(workspace, option, name, &bytes, &Overlay::new(), view)
}

/// The fleet that the bytes of a declaration stand for.
fn understood(
    workspace: Workspace,
    option: Option<String>,
    name: String,
    bytes: &[u8],
    overlay: &Overlay,
    view: &View<'_>,
) -> Result<Loaded, Failure> {
    let mut sources = Sources::default();
    sources.add(&name, bytes);
    let (mut resolved, included) = understand(&workspace, &name, bytes, overlay, &mut sources)?;
    let (locks, about_locks) = read_locks(&workspace, resolved.fleet.as_mut(), &mut sources)?;
    let templates = templates(&workspace, resolved.templates_folder.as_ref())?;
    let mut diagnostics = resolved.diagnostics;
    diagnostics.extend(check_templates(&resolved.templates, &templates));
    let is_sound = |diagnostics: &[Diagnostic]| !diagnostics.iter().any(Diagnostic::is_error);
    let mut fleet = resolved.fleet.filter(|_| is_sound(&diagnostics));
    let knows_bases = |fleet: &&mut Fleet| !view.to_lock && fleet.bases().all(|base| !base.locked.is_missing());
    if let Some(fleet) = fleet.as_mut().filter(knows_bases) {
        // A broken template is told where everything is rendered.
        let progress = Arc::new(Progress::default());
        let _watchdog = fleet.templates.is_some().then(|| Watchdog::start(Arc::clone(&progress)));
        diagnostics.extend(judge_bases(fleet, &templates, &progress).unwrap_or_default());
        diagnostics.extend(link(fleet, &templates, &progress).unwrap_or_default());
    }
    let is_broken = |found: &Diagnostic| *found.code == code::BROKEN_LOCK && !view.to_lock;
    fleet = fleet.filter(|_| is_sound(&diagnostics) && !about_locks.iter().any(is_broken));
    diagnostics.extend(about_locks);
    diagnostics.sort_by_cached_key(|found| (found.location.file.clone(), sources.range(&found.location)));
    let mut loaded = Loaded { name, included, workspace, option, sources, diagnostics, fleet, templates, locks };
    let found = if view.unjudged { Vec::new() } else { loaded.rule_findings(view.today) };
    loaded.diagnostics.extend(found);
    Ok(loaded)
}

/// What a declaration stands for and everything that is wrong with its text, without what only follows from a wrong shape; and the files
/// that it includes.
fn understand(
    workspace: &Workspace,
    name: &str,
    bytes: &[u8],
    overlay: &Overlay,
    sources: &mut Sources,
) -> Result<(Resolved, Vec<String>), Failure> {
    let mut parsed = match parse(name, bytes) {
        Ok(parsed) => parsed,
        Err(diagnostics) => return Ok((Resolved { diagnostics, ..Resolved::default() }, Vec::new())),
    };
    sources.set_parts(name, std::mem::take(&mut parsed.parts));
    let mut included = Vec::new();
    if !parsed.decl.include.is_empty() {
        let found = read_included(workspace, (name, bytes.len()), &parsed.decl, overlay)?;
        for (file, bytes) in &found.files {
            sources.add(file, bytes);
        }
        parsed.diagnostics.extend(found.diagnostics);
        parsed = parsed.including(name, parse_files(&found.files), &|location| sources.place(location));
        included = found.files.into_iter().map(|(file, _)| file).collect();
    }
    let mut resolved = resolve(name, &parsed.decl);
    let readable = |file: &str, path: &DeclPath| sources.readable(file, path);
    let follows = Follows::of(&parsed.diagnostics, &readable);
    resolved.diagnostics.retain(|found| !follows.hold_back(found, &readable));
    resolved.diagnostics.splice(0..0, parsed.diagnostics);
    Ok((resolved, included))
}

/// The locks of a fleet, taken into it, and what is wrong with them.
fn read_locks(
    workspace: &Workspace,
    fleet: Option<&mut Fleet>,
    sources: &mut Sources,
) -> Result<(LockTexts, Vec<Diagnostic>), Failure> {
    let mut texts = LockTexts::new();
    let Some(fleet) = fleet else { return Ok((texts, Vec::new())) };
    let Some(folder) = &fleet.locks else { return Ok((texts, Vec::new())) };
    let found = workspace.list_folder(Utf8Path::new(folder.value.as_str()), LOCK_CAPS)?.unwrap_or_default();
    for image in &fleet.images {
        let Some(path) = fleet.lock_path(image) else { continue };
        if let Some(bytes) = workspace.read_text(Utf8Path::new(&path), LOCK_LIMIT as u64)? {
            texts.insert(image.name.to_string(), bytes);
        }
    }
    let mut diagnostics = attach(fleet, &texts);
    for found in diagnostics.iter().filter(|found| *found.code == code::BROKEN_LOCK) {
        let image = fleet.images.iter().find(|image| fleet.lock_path(image).as_ref() == Some(&found.location.file));
        let bytes = image.and_then(|image| texts.get(image.name.as_str()));
        sources.add_plain(&found.location.file, bytes.map_or(&[], Vec::as_slice));
    }
    diagnostics.extend(unused(fleet, found.iter().map(|path| path.as_str())));
    Ok((texts, diagnostics))
}

/// The built-in templates and, where declared, the fleet's own.
fn templates(workspace: &Workspace, folder: Option<&RelPath>) -> Result<Templates, Failure> {
    let mut templates = Templates::default();
    let Some(folder) = folder else { return Ok(templates) };
    let folder = Utf8Path::new(folder.as_str());
    let found = workspace.list_folder(folder, TEMPLATE_CAPS)?.ok_or_else(|| Failure::NoTemplates(folder.to_owned()))?;
    let mut room = TEMPLATES_BYTES;
    for path in found.into_iter().filter(|path| path.extension() == Some("j2")) {
        let Some(bytes) = workspace.read_text(&path, TEMPLATE_BYTES)? else {
            continue;
        };
        room = room.checked_sub(bytes.len()).ok_or_else(|| Failure::TemplatesTooLarge(folder.to_owned()))?;
        let text = String::from_utf8(bytes).map_err(|_| Failure::NotUtf8(path.to_string()))?;
        let name = path.strip_prefix(folder).unwrap_or(&path);
        // Generated files have LF, however a checkout left the templates.
        templates.add(name.as_str(), text.replace("\r\n", "\n"), path.to_string());
    }
    Ok(templates)
}
