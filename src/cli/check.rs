//! `dockwright check`: writes nothing, needs no network and no Docker.

use std::thread;

use super::comparison::{compared, compared_in_part, compared_to_look};
use super::failure::Failure;
use super::load::load_unjudged;
use super::loaded::Loaded;
use super::part::{Part, PartArgs, images, part};
use super::{CheckFormat, FleetArgs, PolicyArgs, output};
use crate::diagnostic::Diagnostic;
use crate::drift::DriftReport;
use crate::exit::ExitStatus;
use crate::parallel::{joined, threads};
use crate::report::{Findings, annotations, check_json, check_text, part_note, patch};

/// From how many images on more than one thread pays for its start.
const PARALLEL_FROM: usize = 512;

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    part: PartArgs,
    /// How to print
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,
}

pub(super) fn run(args: &CheckArgs) -> ExitStatus {
    let checked = load_unjudged(&args.fleet.file, args.part.is_whole()).and_then(|mut loaded| {
        let status = check(args, &mut loaded);
        // The process ends here, and with it all that a large fleet takes: freeing it piece by piece first is work for nobody.
        std::mem::forget(loaded);
        status
    });
    checked.unwrap_or_else(|failure| failure.report())
}

/// Compares and judges the rules, at the same time where the fleet is large: neither needs the other.
fn compared_and_judged(
    args: &CheckArgs,
    loaded: &Loaded,
    part: Option<&Part<'_>>,
) -> Result<(DriftReport, Vec<Diagnostic>), Failure> {
    let judge = || loaded.rule_findings(args.policy.today.as_ref());
    let compare = || match (&loaded.fleet, part) {
        (Some(fleet), Some(part)) => compared_in_part(loaded, fleet, part),
        // A patch holds what missing files should.
        _ if args.format == CheckFormat::Patch => Ok(compared(loaded)?.report),
        _ => compared_to_look(loaded),
    };
    let images = loaded.fleet.as_ref().map_or(0, |fleet| fleet.images.len());
    if threads(images, PARALLEL_FROM) == 1 {
        return Ok((compare()?, judge()));
    }
    thread::scope(|scope| {
        let judging = scope.spawn(judge);
        let report = compare()?;
        Ok((report, joined(judging)))
    })
}

fn check(args: &CheckArgs, loaded: &mut Loaded) -> Result<ExitStatus, Failure> {
    let part = loaded.fleet.as_ref().map(|fleet| part(&args.part, fleet)).transpose()?.flatten();
    let images_checked = images(part.as_ref(), loaded);
    let (report, found) = compared_and_judged(args, loaded, part.as_ref())?;
    drop(part);
    loaded.diagnostics.extend(found);
    let loaded = &*loaded;
    let tracer = if report.is_clean() { None } else { loaded.tracer() };
    let findings = Findings { images_checked, ..loaded.findings(&report, tracer.as_deref()) };
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
        CheckFormat::Patch => {
            output::note(&part_note(&findings));
            output::print_bytes(&patch(&report), status)
        }
    })
}
