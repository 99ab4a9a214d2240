//! `dockwright pin`: the digests of external images, asked from their registries through a program
//! that is there, into services.yaml.

use std::sync::Arc;

use camino::Utf8Path;

use super::failure::Failure;
use super::load::{load, load_to_edit};
use super::loaded::Loaded;
use super::{FleetArgs, bump, output, write};
use crate::drift::DriftReport;
use crate::edit::{PinError, PinTarget, pin, pin_targets};
use crate::exit::ExitStatus;
use crate::images::Graph;
use crate::images::digest::{Manifest, Tool, read_manifest};
use crate::render::Renderer;
use crate::report::{Lines, Page, PinView, page, pin_text};
use crate::values::Registry;
use crate::workspace::program::{Argv, capture, works};

/// What `pin` takes.
#[derive(Debug, clap::Args)]
pub(super) struct PinArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The external images, by name or reference [default: all that something builds on]
    images: Vec<String>,
    /// The program that asks; without it the first that is there, in this order
    #[arg(long, value_enum)]
    tool: Option<ToolName>,
    /// A registry that is asked without TLS, as host:port; those on this machine are anyway
    #[arg(long, value_name = "REGISTRY", value_parser = |text: &str| Registry::parse(text))]
    insecure_registry: Vec<Registry>,
    /// Show what would be done and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// The program that asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum ToolName {
    /// docker buildx imagetools
    Imagetools,
    /// skopeo
    Skopeo,
    /// crane
    Crane,
}

pub(super) fn run(args: &PinArgs) -> ExitStatus {
    carry_out(args).unwrap_or_else(|failure| failure.report())
}

fn carry_out(args: &PinArgs) -> Result<ExitStatus, Failure> {
    let loaded = load(&args.fleet.file)?;
    let targets = match pin_targets(&loaded.decl_text(), &loaded.locks, &args.images) {
        Ok(targets) => targets,
        Err(error) => return refuse(&loaded, error),
    };
    let Some(tool) = tool(args) else {
        return Ok(output::fail(
            "docker buildx, skopeo and crane not found; install one of them to query registries",
        ));
    };
    // All are asked, so that one run tells all that fail; nothing is written unless every answer is
    // there.
    let asked: Vec<Result<Manifest, String>> = targets
        .iter()
        .map(|target| ask(tool, target, &args.insecure_registry))
        .collect();
    let failed: Vec<String> = asked
        .iter()
        .filter_map(|answer| answer.as_ref().err().cloned())
        .collect();
    if !failed.is_empty() {
        // What a program said can have several lines.
        let failed = failed
            .iter()
            .map(|reason| page!("{}", Lines(reason.as_bytes())));
        return Ok(output::fail(&page!(
            "{}; nothing was written",
            Page::joined(failed, "\nerror: ")
        )));
    }
    let answers: Vec<(PinTarget, Manifest)> = targets
        .into_iter()
        .zip(asked.into_iter().flatten())
        .collect();
    finish(args, loaded, &answers)
}

/// The program that was asked for, or the first that is there.
fn tool(args: &PinArgs) -> Option<Tool> {
    match args.tool {
        Some(ToolName::Imagetools) => Some(Tool::Imagetools),
        Some(ToolName::Skopeo) => Some(Tool::Skopeo),
        Some(ToolName::Crane) => Some(Tool::Crane),
        None => Tool::ALL
            .into_iter()
            .find(|tool| argv(tool.probe()).is_some_and(|argv| works(&argv))),
    }
}

fn argv<'a, T: AsRef<str>>(words: &'a [T]) -> Option<Argv> {
    let (program, arguments) = words.split_first()?;
    Some(Argv::new(
        program.as_ref(),
        arguments
            .iter()
            .map(AsRef::as_ref)
            .collect::<Vec<&'a str>>(),
    ))
}

/// What the registry has under a tag, or why that is not known.
fn ask(tool: Tool, target: &PinTarget, insecure: &[Registry]) -> Result<Manifest, String> {
    let told = |reason: &dyn std::fmt::Display| format!("{}: {reason}", target.reference);
    let words = tool
        .words(&target.reference, insecure)
        .map_err(|error| told(&error))?;
    let argv = argv(&words).ok_or_else(String::new)?;
    let printed = capture(&argv, Utf8Path::new(""), "", &[]).map_err(|error| told(&error))?;
    read_manifest(&printed).map_err(|error| told(&error))
}

/// Writes the digests into the declaration as it is now: it may have changed while the registries
/// were asked.
fn finish(
    args: &PinArgs,
    loaded: Loaded,
    answers: &[(PinTarget, Manifest)],
) -> Result<ExitStatus, Failure> {
    let loaded = if args.dry_run {
        loaded
    } else {
        load_to_edit(&args.fleet.file, None)?
    };
    let before = loaded.text().to_owned();
    let targets: Vec<&PinTarget> = answers.iter().map(|(target, _)| target).collect();
    match pin_targets(&loaded.decl_text(), &loaded.locks, &args.images) {
        Ok(now) if now.iter().eq(targets) => {}
        Ok(_) => return Err(Failure::ChangedMeanwhile(loaded.name.clone())),
        Err(error) => return refuse(&loaded, error),
    }
    let digests: Vec<_> = answers
        .iter()
        .map(|(target, manifest)| (target.clone(), manifest.digest.clone()))
        .collect();
    let _watchdog = loaded.watchdog(&Arc::default());
    let pinned = match pin(
        &loaded.decl_text(),
        (&loaded.templates, &loaded.locks),
        &digests,
    ) {
        Ok(pinned) => pinned,
        Err(error) => return refuse(&loaded, error),
    };
    let file = loaded.name.clone();
    let loaded = loaded.edited(&file, &pinned.text)?;
    if !args.dry_run && pinned.text != before {
        write::declaration(&loaded, before.as_bytes())?;
    }
    let graph = Graph::of(
        &pinned.after,
        &Renderer::new(&pinned.after, &loaded.templates)?.all_uses()?,
    );
    let view = PinView {
        answers,
        pinned: &pinned,
        graph: &graph,
        texts: (&before, &pinned.text),
        dry_run: args.dry_run,
    };
    let compared = DriftReport::default();
    Ok(output::print(
        &output::quoting(pin_text(&loaded.findings(&compared, None), &view)),
        ExitStatus::Clean,
    ))
}

fn refuse(loaded: &Loaded, error: PinError) -> Result<ExitStatus, Failure> {
    match error {
        PinError::Declaration(error) => bump::refuse(loaded, error),
        other => Ok(output::fail(&other.to_string())),
    }
}
