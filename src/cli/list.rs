//! `dockwright list`: the images and their templates.

use super::failure::Failure;
use super::load::load;
use super::loaded::Loaded;
use super::{FleetArgs, TextOrJson, output};
use crate::drift::DriftReport;
use crate::exit::ExitStatus;
use crate::report::{check_text, list_json, list_text};

/// What `list` takes.
#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub(super) fn run(args: &ListArgs) -> ExitStatus {
    match load(&args.fleet.file).map(|loaded| list(args, &loaded)) {
        Ok(status) => status,
        Err(failure) => Failure::report(&failure),
    }
}

fn list(args: &ListArgs, loaded: &Loaded) -> ExitStatus {
    let Some(fleet) = &loaded.fleet else {
        output::fail_styled(&check_text(&loaded.findings(&DriftReport::default(), None)));
        return ExitStatus::Findings;
    };
    match args.format {
        TextOrJson::Text => output::print(&list_text(fleet, &loaded.templates), ExitStatus::Clean),
        TextOrJson::Json => output::print(&list_json(fleet, &loaded.templates), ExitStatus::Clean),
    }
}
