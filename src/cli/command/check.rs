//! `dockwright check`: writes nothing, needs no network and no Docker.

use crate::cli::answer::{Answer, Answered};
use crate::cli::arguments::{CheckFormat, FleetArgs, PartArgs, PolicyArgs};
use crate::exit::ExitStatus;
use crate::project::{Ask, Meanings, Missing, check};
use crate::report::{
    Findings, annotations, check_json, check_text, gitlab, left_out, left_out_note, markdown,
    part_note, patch, sarif,
};
use crate::workspace::git::below_top;

/// What `check` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CheckArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    /// Ignore the waivers in services.yaml, so that every difference counts
    #[arg(long)]
    no_waivers: bool,
    #[command(flatten)]
    part: PartArgs,
    /// Print hints, suggestions that never fail the check; without it, only their number is printed
    #[arg(long)]
    hints: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    format: CheckFormat,
}

pub(in crate::cli) fn run(args: &CheckArgs) -> Answered {
    let project = args.fleet.project()?;
    let loaded = project.load()?;
    // A patch holds what missing files should.
    let missing = match args.format {
        CheckFormat::Patch => Missing::Rendered,
        _ => Missing::Named,
    };
    let ask = Ask {
        scope: &args.part.scope(&args.fleet)?,
        today: args.policy.today.as_ref(),
        waivers: !args.no_waivers,
        missing,
    };
    let checked = check(&project.workspace, &loaded, &ask)?;
    let tracer = checked.tracer();
    let meanings = Meanings::of_check(&project.workspace, &checked);
    let below = match args.format {
        CheckFormat::Text => String::new(),
        _ => below_top(&args.fleet.folder()),
    };
    let findings = Findings {
        below: &below,
        shows_hints: args.hints,
        tracer: tracer.as_deref(),
        meanings: Some(&meanings),
        ..Findings::of(project.option(), &checked)
    };
    let status = ExitStatus::of_findings(!checked.passes());
    Ok(match args.format {
        CheckFormat::Text => Answer::quoting(check_text(&findings), status).news(),
        CheckFormat::Json => Answer::page(check_json(&findings), status),
        CheckFormat::Github => {
            Answer::quoting(check_text(&findings), status).and(&annotations(&findings))
        }
        CheckFormat::Markdown => Answer::page(markdown(&findings), status),
        CheckFormat::Sarif => Answer::page(sarif(&findings), status),
        CheckFormat::Gitlab => Answer::page(gitlab(&findings), status),
        CheckFormat::Patch if checked.has_errors() => Answer::refused(check_text(&findings)),
        CheckFormat::Patch => {
            let report = left_out(checked.report());
            let left_out = Findings {
                report: &report,
                tracer: None,
                ..Findings::of(project.option(), &checked)
            };
            Answer::verbatim(patch(checked.report(), &below), status)
                .with_note(&part_note(&findings))
                .with_note(&left_out_note(&left_out))
        }
    })
}
