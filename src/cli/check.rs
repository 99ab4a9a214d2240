//! `dockwright check`: writes nothing, needs no network and no Docker.

use super::comparison::compared;
use super::load::{Failure, Loaded, load_on};
use super::{CheckFormat, FleetArgs, PolicyArgs, output};
use crate::exit::ExitStatus;
use crate::report::{annotations, check_json, check_text, patch};

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,
}

pub(super) fn run(args: &CheckArgs) -> ExitStatus {
    match load_on(&args.fleet.file, args.policy.today.as_ref()).and_then(|loaded| check(args, &loaded)) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

fn check(args: &CheckArgs, loaded: &Loaded) -> Result<ExitStatus, Failure> {
    let report = compared(loaded)?.report;
    let tracer = if report.is_clean() { None } else { loaded.tracer() };
    let findings = loaded.findings(&report, tracer.as_deref());
    let status = if loaded.has_errors() || !report.is_clean() { ExitStatus::Findings } else { ExitStatus::Clean };
    Ok(match args.format {
        CheckFormat::Text => output::print(&output::quoting(check_text(&findings)), status),
        CheckFormat::Json => output::print(&check_json(&findings), status),
        CheckFormat::Github => {
            output::print(&(output::quoting(check_text(&findings)) + &annotations(&findings)), status)
        }
        CheckFormat::Patch if loaded.has_errors() => {
            output::fail_styled(&check_text(&findings));
            status
        }
        CheckFormat::Patch => output::print_bytes(&patch(&report), status),
    })
}
