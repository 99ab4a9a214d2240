//! `dockwright check`: writes nothing, needs no network and no Docker.

use super::choose::folder;
use super::comparison::{compared, compared_in_part, compared_to_look};
use super::failure::Failure;
use super::load::load_unjudged;
use super::loaded::Loaded;
use super::part::{PartArgs, images, part};
use super::verdict::{judged_with, status};
use super::{CheckFormat, FleetArgs, PolicyArgs, output};
use crate::exit::ExitStatus;
use crate::report::{
    Findings, annotations, check_json, check_text, gitlab, left_out, left_out_note, markdown, page,
    part_note, patch, sarif,
};
use crate::workspace::git::below_top;

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(super) struct CheckArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    part: PartArgs,
    /// Show the hints, not only how many there are
    #[arg(long)]
    hints: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,
}

pub(super) fn run(args: &CheckArgs) -> ExitStatus {
    let checked = load_unjudged(&args.fleet.file, args.part.is_whole()).and_then(|mut loaded| {
        let status = check(args, &mut loaded);
        // The process ends here, and with it all that a large fleet takes: freeing it piece by
        // piece first is work for nobody.
        std::mem::forget(loaded);
        status
    });
    checked.unwrap_or_else(|failure| failure.report())
}

fn check(args: &CheckArgs, loaded: &mut Loaded) -> Result<ExitStatus, Failure> {
    let mut images_checked = None;
    let report = judged_with(loaded, args.policy.today.as_ref(), |loaded| {
        let part = loaded
            .fleet
            .as_ref()
            .map(|fleet| part(&args.part, &args.fleet.file, fleet))
            .transpose()?
            .flatten();
        images_checked = images(part.as_ref(), loaded);
        match (&loaded.fleet, &part) {
            (Some(fleet), Some(part)) => compared_in_part(loaded, fleet, part),
            // A patch holds what missing files should.
            _ if args.format == CheckFormat::Patch => Ok(compared(loaded)?.report),
            _ => compared_to_look(loaded),
        }
    })?;
    let loaded = &*loaded;
    let tracer = if report.is_clean() {
        None
    } else {
        loaded.tracer()
    };
    let shows_hints = args.hints;
    let below = if args.format == CheckFormat::Text {
        String::new()
    } else {
        below_top(&folder(&args.fleet.file))
    };
    let findings = Findings {
        below: &below,
        images_checked,
        shows_hints,
        ..loaded.findings(&report, tracer.as_deref())
    };
    let status = status(loaded, &report);
    Ok(match args.format {
        CheckFormat::Text => output::print(&output::quoting(check_text(&findings)), status),
        CheckFormat::Json => output::print(&check_json(&findings), status),
        CheckFormat::Github => {
            let text = output::quoting(check_text(&findings));
            output::print(&page!("{}{}", text, annotations(&findings)), status)
        }
        CheckFormat::Markdown => output::print(&markdown(&findings), status),
        CheckFormat::Sarif => output::print(&sarif(&findings), status),
        CheckFormat::Gitlab => output::print(&gitlab(&findings), status),
        CheckFormat::Patch if loaded.has_errors() => {
            output::fail_styled(&check_text(&findings));
            status
        }
        CheckFormat::Patch => {
            let left_out = left_out(&report);
            output::note(&part_note(&findings));
            output::note(&left_out_note(&loaded.findings(&left_out, None)));
            output::print_verbatim(&patch(&report, &below), status)
        }
    })
}
