//! `dockwright pin`: the digests of external images, asked from their registries through a program
//! that is there, into services.yaml.

use std::mem::ManuallyDrop;

use std::sync::Arc;

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::FleetArgs;
use crate::cli::complete;
use crate::cli::failure::Failure;
use crate::cli::refuse::refuse;
use crate::edit::{PinError, PinTarget, pin, pin_targets};
use crate::exit::ExitStatus;
use crate::images::Graph;
use crate::images::digest::{Manifest, Tool};
use crate::project::{Error, Loaded, Project, ask, is_there, write_declaration};
use crate::render::Renderer;
use crate::report::{Findings, Lines, Page, PinView, page, pin_text};
use crate::values::{Digest, Registry};

/// What `pin` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct PinArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The external images, by name or reference [default: all images in use]
    #[arg(add = complete::external_images())]
    images: Vec<String>,
    /// The program that queries registries [default: the first one installed, in this order]
    #[arg(long, value_enum)]
    tool: Option<ToolName>,
    /// Query this registry without TLS, as host:port; never needed for registries on this machine
    #[arg(long, value_name = "REGISTRY", value_parser = |text: &str| Registry::parse(text))]
    insecure_registry: Vec<Registry>,
    /// Show what would change and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// The program that queries registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(in crate::cli) enum ToolName {
    /// docker buildx imagetools
    Imagetools,
    /// skopeo
    Skopeo,
    /// crane
    Crane,
}

pub(in crate::cli) fn run(args: &PinArgs) -> Answered {
    let project = args.fleet.project()?;
    let loaded = ManuallyDrop::into_inner(project.load()?);
    let targets = match pin_targets(&loaded, &args.images) {
        Ok(targets) => targets,
        Err(error) => return refuse_pin(&project, &loaded, error),
    };
    let tool = tool(args).ok_or_else(|| {
        failed("docker buildx, skopeo and crane not found; install one of them to query registries")
    })?;
    let answers = answers(tool, targets, &args.insecure_registry)?;
    // The declaration as it is now: it may have changed while the registries were asked.
    if args.dry_run {
        return finish(args, &project, &loaded, &answers);
    }
    drop(loaded);
    let project = args.fleet.project_to_edit(false)?;
    finish(args, &project, &*project.load()?, &answers)
}

/// What the registries have. All are asked, so that one run tells all that fail; nothing is written
/// unless every answer is there.
fn answers(
    tool: Tool,
    targets: Vec<PinTarget>,
    insecure: &[Registry],
) -> Result<Vec<(PinTarget, Manifest)>, Failure> {
    let (mut answers, mut failures) = (Vec::new(), Vec::new());
    for target in targets {
        match ask(tool, &target.reference, insecure) {
            Ok(manifest) => answers.push((target, manifest)),
            // What a program said can have several lines.
            Err(reason) => failures.push(page!("{}", Lines(reason.as_bytes()))),
        }
    }
    if failures.is_empty() {
        return Ok(answers);
    }
    let failures = Page::joined(failures, "\nerror: ");
    Err(failed(&page!("{}; nothing was written", failures)))
}

/// The program that was asked for, or the first that is there.
fn tool(args: &PinArgs) -> Option<Tool> {
    match args.tool {
        Some(ToolName::Imagetools) => Some(Tool::Imagetools),
        Some(ToolName::Skopeo) => Some(Tool::Skopeo),
        Some(ToolName::Crane) => Some(Tool::Crane),
        None => Tool::ALL.into_iter().find(|tool| is_there(*tool)),
    }
}

/// Writes the digests into the declaration.
fn finish(
    args: &PinArgs,
    project: &Project,
    loaded: &Loaded,
    answers: &[(PinTarget, Manifest)],
) -> Answered {
    match pin_targets(loaded, &args.images) {
        Ok(now) if now.iter().eq(answers.iter().map(|(target, _)| target)) => {}
        Ok(_) => return Err(Error::ChangedMeanwhile(loaded.file.clone()).into()),
        Err(error) => return refuse_pin(project, loaded, error),
    }
    let digests: Vec<(PinTarget, Digest)> = answers
        .iter()
        .map(|(target, manifest)| (target.clone(), manifest.digest.clone()))
        .collect();
    let _guard = loaded.watch_templates(&Arc::default());
    let pinned = match pin(&project.workspace, loaded, &digests) {
        Ok(pinned) => pinned,
        Err(error) => return refuse_pin(project, loaded, error),
    };
    if !args.dry_run && pinned.text != loaded.text() {
        let before = loaded.text().as_bytes();
        write_declaration(&project.workspace, &pinned.loaded, before)?;
    }
    let uses = Renderer::new(&pinned.after, &loaded.templates)?.all_uses()?;
    let view = PinView {
        answers,
        pinned: &pinned,
        graph: &Graph::of(&pinned.after, &uses),
        texts: (loaded.text(), &pinned.text),
        dry_run: args.dry_run,
    };
    let findings = Findings::declared(project.option(), &pinned.loaded);
    Ok(Answer::quoting(
        pin_text(&findings, &view),
        ExitStatus::Clean,
    ))
}

fn refuse_pin(project: &Project, loaded: &Loaded, error: PinError) -> Answered {
    match error {
        PinError::Declaration(error) => refuse(project, loaded, error),
        other => Err(failed(&other.to_string())),
    }
}
