//! `dockwright new`: a declaration, a skeleton that runs, and its generated files; all of them or
//! nothing.

use std::sync::Arc;

use camino::Utf8Path;

use super::apply::{WriteArgs, settle, status};
use super::comparison::{Comparison, compared};
use super::failure::Failure;
use super::load::{load, load_to_edit};
use super::loaded::Loaded;
use super::write::{Written, unchanged};
use super::{FleetArgs, output, prompt};
use crate::artifact::{ArtifactPath, lies_in};
use crate::declare::{parse, patterns};
use crate::drift::{Action, Consent, DiskEntry, Drift, DriftReport, WritePlan, plan};
use crate::edit::declaration::NewService;
use crate::edit::{NewError, Scaffold, kinds, scaffold};
use crate::exit::ExitStatus;
use crate::fleet::Fleet;
use crate::render::{Progress, Renderer};
use crate::report::{Outcome, Page, add, check_text, new_text, page};
use crate::values::AptPackage;
use crate::values::requirement::Requirement;
use crate::workspace::ListCaps;

/// What `new` takes.
#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The name, such as svc-payments
    name: Option<String>,
    /// The kind, one of those under `kinds:`
    #[arg(long)]
    kind: Option<String>,
    /// The port [default: the kind's, or the one that its services have]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=65535))]
    port: Option<u64>,
    /// Debian packages
    #[arg(long, value_name = "PACKAGE", num_args = 1.., value_parser = package)]
    apt: Vec<String>,
    /// pip requirements
    #[arg(long, value_name = "REQUIREMENT", num_args = 1.., value_parser = requirement)]
    pip: Vec<String>,
    /// The file to declare it in, one that services.yaml includes; made where it is not there
    /// [default: services.yaml itself]
    #[arg(long, value_name = "PATH")]
    into: Option<String>,
    /// Show what would be done and write nothing
    #[arg(long)]
    dry_run: bool,
}

fn package(text: &str) -> Result<String, String> {
    AptPackage::parse(text)
        .map(|_| text.to_owned())
        .map_err(|invalid| invalid.to_string())
}

fn requirement(text: &str) -> Result<String, String> {
    Requirement::parse(text)
        .map(|_| text.to_owned())
        .map_err(|invalid| invalid.to_string())
}

pub(super) fn run(args: &NewArgs) -> ExitStatus {
    match ask_and_add(args) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

/// Nobody else waits while a person thinks: questions are asked first, then the declaration is read
/// again and kept.
fn ask_and_add(args: &NewArgs) -> Result<ExitStatus, Failure> {
    let loaded = load(&args.fleet.file)?;
    let wanted = wanted(args, &loaded);
    let loaded = if args.dry_run {
        loaded
    } else {
        load_to_edit(&args.fleet.file, None)?
    };
    add(args, loaded, wanted)
}

/// The service as typed; on a terminal, what is missing is asked for.
fn wanted(args: &NewArgs, loaded: &Loaded) -> NewService {
    let kinds = kinds(&loaded.name, loaded.text());
    let only = if let [only] = kinds.as_slice() {
        Some(only.clone())
    } else {
        None
    };
    let name = args
        .name
        .clone()
        .or_else(|| prompt::ask(&page!("name of the service")));
    let ask_kind = || {
        name.as_ref()
            .and_then(|_| prompt::ask_for(&page!("kind"), &kinds))
    };
    let kind = args.kind.clone().or(only).or_else(ask_kind);
    NewService {
        name: name.unwrap_or_default(),
        kind: kind.unwrap_or_default(),
        apt: args.apt.clone(),
        pip: args.pip.clone(),
        port: args.port,
    }
}

fn add(args: &NewArgs, loaded: Loaded, wanted: NewService) -> Result<ExitStatus, Failure> {
    let file = match target(args, &loaded) {
        Ok(file) => file,
        Err(message) => return Ok(output::fail(&message)),
    };
    let before = loaded.sources.text(&file).map(str::to_owned);
    let made = match scaffold(&loaded.decl_text(), &file, wanted) {
        Ok(made) => made,
        Err(_) if loaded.has_errors() => return Ok(refuse(&loaded)),
        Err(NewError::Declaration { text }) => {
            return Ok(refuse_new(&loaded.edited(&file, &text)?));
        }
        Err(error) => return Ok(output::fail(&error.to_string())),
    };
    if loaded.has_errors_beside_missing_services() {
        return Ok(refuse(&loaded));
    }
    let fleet_before = loaded.fleet.clone();
    let loaded = loaded.edited(&made.file, &made.text)?;
    if loaded.has_errors_beside_missing_locks() {
        return Ok(refuse_new(&loaded));
    }
    let comparison = compared(&loaded)?;
    let mut plan = plan(&comparison.report, &Consent::default());
    if let Some(taken) = taken(&loaded, &made, &plan)? {
        return Ok(output::fail(&format!(
            "{taken} is there already; move it away, or declare the service by hand"
        )));
    }
    leave_what_differed_before(&loaded, fleet_before.as_ref(), &made, &mut plan)?;
    finish(args, &loaded, before.as_deref(), &made, (&comparison, plan))
}

/// Keeps a plan to what follows from the new service: the files of its image, and those that would
/// hold something else without it. Every other difference was there before, and stays.
fn leave_what_differed_before(
    loaded: &Loaded,
    before: Option<&Fleet>,
    made: &Scaffold,
    plan: &mut WritePlan<'_>,
) -> Result<(), Failure> {
    let folder = image_folder(loaded, made);
    let progress = Arc::new(Progress::default());
    let _watchdog = loaded.watchdog(&progress);
    let renderer = before
        .map(|fleet| Renderer::new(fleet, &loaded.templates))
        .transpose()?;
    let renderer = renderer.map(|renderer| renderer.watched(progress));
    for step in &mut plan.steps {
        let path = &step.drift.path;
        let follows = match (&step.drift.expected, &renderer) {
            (None, _) => false,
            (Some(_), _) if lies_in(path.as_str(), folder) => true,
            // There was no fleet before its first service: its bases are as new as the service.
            (Some(_), None) => step.action == Action::Create || is_output(loaded, path),
            (Some(now), Some(renderer)) => expected_by(renderer, path)?.as_ref() != Some(now),
        };
        if !follows {
            step.action = Action::Keep;
        }
    }
    Ok(())
}

/// What a file should hold by a fleet; nothing where that does not declare it.
fn expected_by(renderer: &Renderer<'_>, path: &ArtifactPath) -> Result<Option<String>, Failure> {
    let Ok(at) = renderer.paths().binary_search(path) else {
        return Ok(None);
    };
    Ok(renderer.render(at..at + 1)?.get(path).map(str::to_owned))
}

fn is_output(loaded: &Loaded, path: &ArtifactPath) -> bool {
    loaded
        .fleet
        .iter()
        .flat_map(|fleet| fleet.outputs.paths())
        .any(|output| output.as_str() == path.as_str())
}

/// The folder of the new image's generated files.
fn image_folder<'a>(loaded: &'a Loaded, made: &Scaffold) -> &'a str {
    let mut images = loaded.fleet.iter().flat_map(|fleet| &fleet.images);
    images
        .find(|image| image.name.as_str() == made.name)
        .map_or("", |image| image.folder.as_str())
}

/// The file to declare the service in: services.yaml, or one that its patterns mean.
fn target(args: &NewArgs, loaded: &Loaded) -> Result<String, String> {
    let Some(into) = &args.into else {
        return Ok(loaded.name.clone());
    };
    let file = into.strip_prefix("./").unwrap_or(into);
    let decl = parse(&loaded.name, loaded.text().as_bytes())
        .map(|parsed| parsed.decl)
        .unwrap_or_default();
    if file == loaded.name || patterns(&decl).iter().any(|pattern| pattern.matches(file)) {
        return Ok(file.to_owned());
    }
    let written: Vec<&str> = decl.include.iter().map(|pattern| &**pattern).collect();
    let known = if written.is_empty() {
        "it includes nothing".to_owned()
    } else {
        format!("it includes {}", written.join(", "))
    };
    let name = &loaded.name;
    Err(format!(
        "{file} is no file that {name} includes; {known}; paths count from the folder of {name}"
    ))
}

/// Shows what is wrong with the declaration, as it is or as it would be; it is not written.
fn refuse(loaded: &Loaded) -> ExitStatus {
    output::fail_styled(&check_text(&loaded.findings(&DriftReport::default(), None)));
    ExitStatus::Findings
}

/// Says what would be wrong with the declaration if it had the service: at no line, for none of it
/// is in the file.
fn refuse_new(loaded: &Loaded) -> ExitStatus {
    let errors = loaded.diagnostics.iter().filter(|found| found.is_error());
    let mut told = Page::default();
    for found in errors {
        let help = found
            .help
            .as_ref()
            .map(|help| page!("; {}", help))
            .unwrap_or_default();
        add!(
            told,
            "error[{}]: {}{}\n",
            found.code.id,
            found.message,
            help
        );
    }
    add!(
        told,
        "nothing was written: {} would have this error with the new service\n",
        loaded.name
    );
    output::fail_styled(&told);
    ExitStatus::Findings
}

/// A place of the new service where something stands.
fn taken(
    loaded: &Loaded,
    made: &Scaffold,
    plan: &WritePlan<'_>,
) -> Result<Option<String>, Failure> {
    let caps = ListCaps {
        depth: 64,
        entries: 1_000_000,
    };
    if loaded
        .workspace
        .list_folder(Utf8Path::new(&made.source), caps)?
        .is_some()
    {
        return Ok(Some(made.source.clone()));
    }
    let folder = image_folder(loaded, made);
    let kept = plan
        .kept()
        .find(|step| lies_in(step.drift.path.as_str(), folder));
    Ok(kept.map(|step| step.drift.path.to_string()))
}

fn finish(
    args: &NewArgs,
    loaded: &Loaded,
    before: Option<&str>,
    made: &Scaffold,
    (comparison, plan): (&Comparison, WritePlan<'_>),
) -> Result<ExitStatus, Failure> {
    let mut written = Written::default();
    // A new service comes whole or not at all, also where the power goes.
    let write = WriteArgs {
        dry_run: args.dry_run,
        durable: true,
    };
    let done = if args.dry_run {
        Ok(())
    } else {
        write_sources(loaded, before, made, &mut written)
    };
    let settled = done.and_then(|()| settle(loaded, comparison, &plan, write));
    let errors = settled
        .as_ref()
        .map(|(errors, _)| errors.clone())
        .unwrap_or_default();
    for (step, _) in plan
        .steps
        .iter()
        .zip(&errors)
        .filter(|(_, error)| error.is_none())
    {
        written.note(step);
    }
    if let Some(reason) = settled
        .as_ref()
        .err()
        .map(ToString::to_string)
        .or_else(|| errors.iter().flatten().next().cloned())
    {
        let left = written.undo(&loaded.workspace);
        let rest = if left.is_empty() {
            "everything is as before".to_owned()
        } else {
            left.join("; ")
        };
        return Ok(output::fail(&format!("{reason}; {rest}")));
    }
    let (_, after) = settled?;
    // What differed before and is left is told, but the service is all that was asked for.
    let is_left = |drift: &Drift| plan.kept().any(|step| step.drift.path == drift.path);
    let is_done = args.dry_run || after.drifts.iter().all(is_left);
    let steps = plan.steps.into_iter().map(|step| (step, None)).collect();
    let outcome = Outcome {
        steps,
        dry_run: args.dry_run,
    };
    let tracer = loaded.tracer();
    let findings = loaded.findings(&after, tracer.as_deref());
    Ok(output::print(
        &output::quoting(new_text(
            &findings,
            (before.unwrap_or_default(), &made.text),
            made,
            &outcome,
        )),
        status(false, !is_done),
    ))
}

fn write_sources(
    loaded: &Loaded,
    before: Option<&str>,
    made: &Scaffold,
    written: &mut Written,
) -> Result<(), Failure> {
    let entry = unchanged(&loaded.workspace, &made.file, before.map(str::as_bytes))?;
    for (path, content) in &made.files {
        written.write(
            &loaded.workspace,
            path,
            content.as_bytes(),
            DiskEntry::Absent,
        )?;
    }
    written.write(&loaded.workspace, &made.file, made.text.as_bytes(), entry)
}
