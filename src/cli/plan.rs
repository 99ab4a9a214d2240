//! `dockwright plan`: which images are to be built, in which order and because of what.

use std::collections::BTreeSet;
use std::io::{self, Read};

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use super::load::{Failure, Loaded, load, recompared};
use super::{FleetArgs, output};
use crate::artifact::{ArtifactSet, lies_in};
use crate::build::changed::read_list;
use crate::build::{Plan, Query, inputs, plan};
use crate::drift::DriftReport;
use crate::exit::ExitStatus;
use crate::fleet::Fleet;
use crate::render::render;
use crate::report::{check_text, plan_dot, plan_json, plan_matrix, plan_mermaid, plan_text};
use crate::workspace::git::changed_since;

/// The longest list of changed files that is read, in bytes.
const LIST_LIMIT: u64 = 64 * 1024 * 1024;

/// What `plan` takes.
#[derive(Debug, clap::Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    chosen: ChosenArgs,
    /// Only these images
    #[arg(long, value_name = "IMAGE", num_args = 1.., conflicts_with = "all")]
    only: Vec<String>,
    /// How to print
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    format: PlanFormat,
}

/// What decides which images are meant; `plan` and `build` share it.
#[derive(Debug, clap::Args)]
pub(super) struct ChosenArgs {
    /// Only what differs between a revision and the files as they are now
    #[arg(long, value_name = "REF", conflicts_with_all = ["all", "changed_files"])]
    changed_since: Option<String>,
    /// Only what these files affect: `-` reads their paths from standard input, by line or by NUL
    #[arg(long, value_name = "-", value_parser = ["-"], conflicts_with = "all")]
    changed_files: Option<String>,
    /// All images, which is also the default
    #[arg(long)]
    all: bool,
    /// Also what builds on the images that were named
    #[arg(long)]
    with_dependents: bool,
}

/// How `plan` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PlanFormat {
    /// A tree, for people
    Text,
    /// For programs
    Json,
    /// One line for a workflow's matrix
    Matrix,
    /// A graph for Markdown pages
    Mermaid,
    /// A graph for Graphviz
    Dot,
}

pub(super) fn run(args: &PlanArgs) -> ExitStatus {
    let planned = load(&args.fleet.file).and_then(|loaded| {
        let Some(fleet) = &loaded.fleet else { return Ok(declaration_errors(&loaded)) };
        let artifacts = render(fleet, &loaded.templates)?;
        let plan = chosen(&args.chosen, &args.only, &args.fleet.file, &loaded, fleet, &artifacts)?;
        Ok(print(args.format, fleet, &plan))
    });
    planned.unwrap_or_else(|failure| failure.report())
}

fn print(format: PlanFormat, fleet: &Fleet, plan: &Plan) -> ExitStatus {
    let text = match format {
        PlanFormat::Text => plan_text(fleet, plan),
        PlanFormat::Json => plan_json(fleet, plan),
        PlanFormat::Matrix => plan_matrix(fleet, plan),
        PlanFormat::Mermaid => plan_mermaid(fleet, plan),
        PlanFormat::Dot => plan_dot(fleet, plan),
    };
    output::print(&text, ExitStatus::Clean)
}

/// Shows what is wrong with the declaration: without a fleet there is nothing to plan.
pub(super) fn declaration_errors(loaded: &Loaded) -> ExitStatus {
    output::fail_styled(&check_text(&loaded.findings(&DriftReport::default(), None)));
    ExitStatus::Findings
}

/// The images that the command line stands for.
pub(super) fn chosen(
    args: &ChosenArgs,
    only: &[String],
    file: &Utf8Path,
    loaded: &Loaded,
    fleet: &Fleet,
    artifacts: &ArtifactSet,
) -> Result<Plan, Failure> {
    let mut changed = match (&args.changed_since, &args.changed_files) {
        (Some(revision), _) => Some(changed_since(&folder(file), revision)?),
        (None, Some(_)) => Some(read_list(&standard_input()?)?),
        (None, None) => None,
    };
    if let Some(changed) = &mut changed {
        changed.extend(not_generated_yet(changed, loaded, fleet, artifacts)?);
    }
    let inputs = if changed.is_some() { inputs(fleet, artifacts) } else { Vec::new() };
    let query = Query { changed, only: only.to_vec(), with_dependents: args.with_dependents };
    Ok(plan(fleet, &inputs, &query)?)
}

/// The folder of a declaration.
pub(super) fn folder(file: &Utf8Path) -> Utf8PathBuf {
    file.parent().map(Utf8Path::to_owned).unwrap_or_default()
}

fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    io::stdin().take(LIST_LIMIT + 1).read_to_end(&mut bytes).map_err(Failure::StandardInput)?;
    if bytes.len() as u64 > LIST_LIMIT {
        return Err(Failure::StandardInput(io::Error::from(io::ErrorKind::FileTooLarge)));
    }
    Ok(bytes)
}

/// Where the declaration or a template changed, generated files may not have followed yet: they change as soon as they do.
fn not_generated_yet(
    changed: &BTreeSet<String>,
    loaded: &Loaded,
    fleet: &Fleet,
    artifacts: &ArtifactSet,
) -> Result<Vec<String>, Failure> {
    let templates = fleet.templates.as_ref().map(|folder| folder.value.as_str());
    let moves = |path: &String| *path == fleet.file || templates.is_some_and(|folder| lies_in(path, folder));
    if !changed.iter().any(moves) {
        return Ok(Vec::new());
    }
    let report = recompared(&loaded.workspace, fleet, artifacts)?;
    Ok(report.drifts.into_iter().map(|drift| drift.path.to_string()).collect())
}
