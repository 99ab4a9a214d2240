//! `dockwright list`: the images and their templates.

use crate::cli::answer::{Answer, Answered};
use crate::cli::arguments::{FleetArgs, TextOrJson};
use crate::cli::refuse::declaration_errors;
use crate::report::{list_json, list_text};

/// What `list` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ListArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The output format
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub(in crate::cli) fn run(args: &ListArgs) -> Answered {
    let project = args.fleet.project()?;
    let loaded = project.load()?;
    let Some(fleet) = loaded.fleet() else {
        return Ok(declaration_errors(&project, &loaded));
    };
    let print = match args.format {
        TextOrJson::Text => list_text,
        TextOrJson::Json => list_json,
    };
    Ok(Answer::clean(print(fleet, &loaded.templates)))
}
