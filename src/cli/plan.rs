//! `dockwright plan`: which images are to be built, in which order and because of what.

use clap::ValueEnum;

use super::choose::{ChosenArgs, chosen, digests};
use super::failure::Failure;
use super::load::load_unjudged;
use super::loaded::Loaded;
use super::verdict::declaration_errors;
use super::{FleetArgs, output};
use crate::exit::ExitStatus;
use crate::fleet::Fleet;
use crate::images::Plan;
use crate::report::{plan_dot, plan_json, plan_matrix, plan_mermaid, plan_text};

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
    /// With the digest of what each image is made of at HEAD, in JSON: a registry that has an image
    /// by that digest needs no other
    #[arg(long)]
    inputs: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
    format: PlanFormat,
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
    // What the rules find has no part in a plan.
    let planned = load_unjudged(&args.fleet.file, false).and_then(|loaded| {
        let status = planned(args, &loaded);
        // As in `check`: the process ends here.
        std::mem::forget(loaded);
        status
    });
    planned.unwrap_or_else(|failure| failure.report())
}

fn planned(args: &PlanArgs, loaded: &Loaded) -> Result<ExitStatus, Failure> {
    let Some(fleet) = &loaded.fleet else {
        return Ok(declaration_errors(loaded));
    };
    let plan = chosen(&args.chosen, &args.only, &args.fleet.file, loaded, fleet)?;
    let digests = if args.inputs {
        digests(&args.fleet.file, loaded, fleet)?
    } else {
        Vec::new()
    };
    Ok(print(args.format, fleet, &plan, &digests))
}

fn print(format: PlanFormat, fleet: &Fleet, plan: &Plan, digests: &[String]) -> ExitStatus {
    let text = match format {
        PlanFormat::Text => plan_text(fleet, plan),
        PlanFormat::Json => plan_json(fleet, plan, digests),
        PlanFormat::Matrix => plan_matrix(fleet, plan),
        PlanFormat::Mermaid => plan_mermaid(fleet, plan),
        PlanFormat::Dot => plan_dot(fleet, plan),
    };
    output::print(&text, ExitStatus::Clean)
}
