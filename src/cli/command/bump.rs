//! `dockwright bump`: a new version in services.yaml, everything that follows from it, and what is
//! to be built again.

use std::mem::ManuallyDrop;
use std::sync::Arc;

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::{FleetArgs, WriteArgs};
use crate::cli::complete;
use crate::cli::refuse::{declaration_errors, refuse};
use crate::drift::plan;
use crate::edit::version::Step;
use crate::edit::{BumpRequest, bump};
use crate::exit::ExitStatus;
use crate::images::Scope;
use crate::project::{Ask, Meanings, Missing, apply, check, write_declaration};
use crate::report::{BumpView, Findings, Outcome, bump_text};

/// What `bump` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct BumpArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The base, or python
    #[arg(required_unless_present_any = ["all_bases", "changed"], add = complete::bumped())]
    what: Option<String>,
    /// The new version
    #[arg(id = "to_version", value_name = "VERSION", group = "to")]
    version: Option<String>,
    #[command(flatten)]
    step: StepArgs,
    #[command(flatten)]
    several: SeveralArgs,
    #[command(flatten)]
    write: WriteArgs,
    /// Allow a version lower than the current one
    #[arg(long)]
    allow_downgrade: bool,
}

#[derive(Debug, clap::Args)]
struct SeveralArgs {
    /// Every base
    #[arg(long, conflicts_with_all = ["what", "to_version"])]
    all_bases: bool,
    /// Set the next patch version of each base whose content changed, for example after a bot
    /// updated a requirement
    #[arg(long, conflicts_with_all = ["what", "to", "all_bases"])]
    changed: bool,
}

#[derive(Debug, clap::Args)]
struct StepArgs {
    /// The next patch version
    #[arg(long, group = "to")]
    patch: bool,
    /// The next minor version
    #[arg(long, group = "to")]
    minor: bool,
    /// The next major version
    #[arg(long, group = "to")]
    major: bool,
}

impl StepArgs {
    fn step(&self) -> Option<Step> {
        let steps = [
            (self.major, Step::Major),
            (self.minor, Step::Minor),
            (self.patch, Step::Patch),
        ];
        steps
            .into_iter()
            .find(|(asked, _)| *asked)
            .map(|(_, step)| step)
    }
}

pub(in crate::cli) fn run(args: &BumpArgs) -> Answered {
    let project = args.fleet.project_to_edit(args.write.dry_run)?;
    let mut before = ManuallyDrop::into_inner(project.load()?);
    let request = request(args).map_err(failed)?;
    let guard = before.watch_templates(&Arc::default());
    let bump = match bump(
        &project.workspace,
        &mut before,
        &request,
        args.allow_downgrade,
    ) {
        Ok(bump) => bump,
        Err(error) => return refuse(&project, &before, error),
    };
    drop(guard);
    let text = before.text().to_owned();
    // Both in memory at once would be too much of a large fleet.
    drop(before);
    let loaded = project.load_edited(&project.file, &bump.text)?;
    if loaded.fleet().is_none() {
        return Ok(declaration_errors(&project, &loaded));
    }
    let scope = Scope::default();
    let ask = Ask::undated(&scope, Missing::Rendered);
    let checked = check(&project.workspace, &loaded, &ask)?;
    if !args.write.dry_run {
        write_declaration(&project.workspace, &loaded, text.as_bytes())?;
    }
    let meanings = Meanings::of_check(&project.workspace, &checked);
    let plan = plan(checked.report(), &checked.consent());
    let applied = apply(&project.workspace, &checked, &plan, args.write.durability())?;
    let outcome = Outcome::of(plan, &applied.errors, args.write.dry_run);
    let tracer = loaded.tracer();
    let findings = Findings {
        tracer: tracer.as_deref(),
        meanings: Some(&meanings),
        ..Findings::of(project.option(), &checked)
    };
    let view = BumpView {
        before: &findings,
        after: &Findings {
            report: &applied.after,
            ..findings
        },
        texts: (&text, loaded.text()),
        steps: &bump.steps,
        outcome: &outcome,
    };
    let is_done = if args.write.dry_run {
        !outcome.keeps()
    } else {
        applied.after.is_clean()
    };
    let status = ExitStatus::of_written(applied.failed(), checked.has_errors() || !is_done);
    Ok(Answer::quoting(bump_text(&view), status).news())
}

fn request(args: &BumpArgs) -> Result<BumpRequest, &'static str> {
    let step = args
        .step
        .step()
        .ok_or("give a version such as v1.0.2, or --patch, --minor or --major");
    Ok(match (args.what.as_deref(), &args.version) {
        (None, _) if args.several.changed => BumpRequest::Changed,
        (None, _) => BumpRequest::AllBases(step?),
        (Some("python"), Some(version)) => BumpRequest::Python(version.clone()),
        (Some("python"), None) => {
            return Err(
                "give the version of python in full, such as `dockwright bump python 3.13`",
            );
        }
        (Some(base), Some(version)) => BumpRequest::Base(base.to_owned(), version.clone()),
        (Some(base), None) => BumpRequest::BaseStep(base.to_owned(), step?),
    })
}
