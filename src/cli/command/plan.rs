//! `dockwright plan`: which images are to be built, in which order and because of what.

use clap::ValueEnum;

use crate::cli::answer::{Answer, Answered};
use crate::cli::arguments::{ChosenArgs, FleetArgs, PolicyArgs};
use crate::cli::complete;
use crate::cli::refuse::declaration_errors;
use crate::project::{digests, plan_on};
use crate::report::{plan_dot, plan_json, plan_matrix, plan_mermaid, plan_text};
use crate::workspace::git::{changed_since, files_of};

/// What `plan` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct PlanArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    chosen: ChosenArgs,
    /// Only these images
    #[arg(long, value_name = "IMAGE", num_args = 1.., conflicts_with = "all",
          add = complete::images())]
    only: Vec<String>,
    /// With --format json: for each image, add a digest of its input files at HEAD. CI can use it
    /// as a tag, and skip images that are already in the registry
    #[arg(long)]
    inputs: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    format: PlanFormat,
}

/// How `plan` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum PlanFormat {
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

pub(in crate::cli) fn run(args: &PlanArgs) -> Answered {
    let project = args.fleet.project()?;
    let loaded = project.load()?;
    let Some(fleet) = loaded.fleet() else {
        return Ok(declaration_errors(&project, &loaded));
    };
    let scope = args.chosen.scope(&args.only, &args.fleet)?;
    let today = args.policy.today.as_ref();
    let plan = plan_on(&project.workspace, &loaded, fleet, (&scope, today))?;
    let digests = if args.inputs {
        let folder = args.fleet.folder();
        let (files, changed) = (files_of(&folder, "HEAD")?, changed_since(&folder, "HEAD")?);
        digests(
            &project.workspace,
            (&loaded, fleet, today),
            &files,
            &changed,
        )??
    } else {
        Vec::new()
    };
    Ok(Answer::clean(match args.format {
        PlanFormat::Text => plan_text(fleet, &plan),
        PlanFormat::Json => plan_json(fleet, &plan, &digests),
        PlanFormat::Matrix => plan_matrix(fleet, &plan),
        PlanFormat::Mermaid => plan_mermaid(fleet, &plan),
        PlanFormat::Dot => plan_dot(fleet, &plan),
    }))
}
