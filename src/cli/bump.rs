//! `dockwright bump`: a new version in services.yaml, everything that follows from it, and what is
//! to be built again.

use std::sync::Arc;

use super::apply::{WriteArgs, settle, status};
use super::comparison::compared;
use super::failure::Failure;
use super::load::{load, load_to_edit};
use super::loaded::Loaded;
use super::{FleetArgs, output, write};
use crate::drift::{Consent, plan};
use crate::edit::version::Step;
use crate::edit::{Bump, BumpError, BumpRequest, bump};
use crate::exit::ExitStatus;
use crate::report::{BumpView, Outcome, bump_text, check_text};

/// What `bump` takes.
#[derive(Debug, clap::Args)]
pub(super) struct BumpArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The base, or python
    #[arg(required_unless_present_any = ["all_bases", "changed"])]
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
    /// Take a version that is lower than the one before
    #[arg(long)]
    allow_downgrade: bool,
}

#[derive(Debug, clap::Args)]
struct SeveralArgs {
    /// Every base
    #[arg(long, conflicts_with_all = ["what", "to_version"])]
    all_bases: bool,
    /// The bases whose content changed, by a patch; after a bot's change of a requirement or an
    /// image
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

pub(super) fn run(args: &BumpArgs) -> ExitStatus {
    let loaded = if args.write.dry_run {
        load(&args.fleet.file)
    } else {
        load_to_edit(&args.fleet.file, None)
    };
    match loaded.and_then(|loaded| carry_out(args, loaded)) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

fn request(args: &BumpArgs) -> Result<BumpRequest, &'static str> {
    let step = args
        .step
        .step()
        .ok_or("say how far: a version such as v1.0.2, --patch, --minor or --major");
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

fn carry_out(args: &BumpArgs, loaded: Loaded) -> Result<ExitStatus, Failure> {
    let request = match request(args) {
        Ok(request) => request,
        Err(message) => return Ok(output::fail(message)),
    };
    let before = loaded.text().to_owned();
    let _watchdog = loaded.watchdog(&Arc::default());
    match bump(
        &loaded.decl_text(),
        (&loaded.templates, &loaded.locks, loaded.fleet.as_ref()),
        &request,
        args.allow_downgrade,
    ) {
        Err(error) => refuse(&loaded, error),
        Ok(bump) => {
            let file = loaded.name.clone();
            let loaded = loaded.edited(&file, &bump.text)?;
            finish(args, &loaded, &before, &bump)
        }
    }
}

/// Says why nothing is done: errors in the declaration as `check` shows them.
pub(super) fn refuse(loaded: &Loaded, error: BumpError) -> Result<ExitStatus, Failure> {
    match error {
        BumpError::Render(error) => Err(Failure::Render(error)),
        BumpError::Declaration(_) if loaded.has_errors() => {
            output::fail_styled(&check_text(
                &loaded.findings(&crate::drift::DriftReport::default(), None),
            ));
            Ok(ExitStatus::Findings)
        }
        BumpError::Declaration(found) => {
            let found: Vec<String> = found.into_iter().map(|one| one.message).collect();
            Ok(output::fail(&format!(
                "services.yaml would have errors: {}",
                found.join("; ")
            )))
        }
        other => Ok(output::fail(&other.to_string())),
    }
}

fn finish(
    args: &BumpArgs,
    loaded: &Loaded,
    before: &str,
    bump: &Bump,
) -> Result<ExitStatus, Failure> {
    let comparison = compared(loaded)?;
    let report = &comparison.report;
    if !args.write.dry_run {
        write::declaration(loaded, before.as_bytes())?;
    }
    let plan = plan(report, &Consent::default());
    let (errors, after) = settle(loaded, &comparison, &plan, args.write)?;
    let failed = errors.iter().any(Option::is_some);
    let steps = plan
        .steps
        .into_iter()
        .zip(errors.into_iter().chain(std::iter::repeat(None)))
        .collect();
    let outcome = Outcome {
        steps,
        dry_run: args.write.dry_run,
    };
    let tracer = loaded.tracer();
    let view = BumpView {
        before: &loaded.findings(report, tracer.as_deref()),
        after: &loaded.findings(&after, tracer.as_deref()),
        texts: (before, loaded.text()),
        steps: &bump.steps,
        outcome: &outcome,
    };
    let would_stay = outcome.steps.iter().any(|(step, _)| step.action.keeps());
    let is_clean = if args.write.dry_run {
        !would_stay
    } else {
        after.is_clean()
    };
    Ok(output::print(
        &output::quoting(bump_text(&view)),
        status(failed, loaded.has_errors() || !is_clean),
    ))
}
