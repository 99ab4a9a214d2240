//! Carrying a write plan out, and comparing again.

use std::borrow::Cow;

use camino::Utf8Path;

use super::comparison::{Comparison, recompared};
use super::failure::Failure;
use super::loaded::Loaded;
use super::progress::Meter;
use crate::artifact::ArtifactPath;
use crate::drift::{Action, DriftReport, WritePlan};
use crate::exit::ExitStatus;
use crate::fleet::Fleet;
use crate::report::page;
use crate::workspace::{Durability, WRITE_BATCH, Workspace, Write};

/// How generated files are written.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(super) struct WriteArgs {
    /// Show what would be done and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Wait until every generated file is on the disk; without it, a power cut can leave files
    /// empty or missing
    #[arg(long)]
    pub(super) durable: bool,
}

impl WriteArgs {
    fn durability(self) -> Durability {
        if self.durable {
            Durability::Synced
        } else {
            Durability::WrittenBack
        }
    }
}

/// Carries a plan out, unless nothing is to be written, and compares again: an error a step, and
/// what differs now.
pub(super) fn settle<'c>(
    loaded: &Loaded,
    comparison: &'c Comparison,
    plan: &WritePlan<'_>,
    args: WriteArgs,
) -> Result<(Vec<Option<String>>, Cow<'c, DriftReport>), Failure> {
    let before = &comparison.report;
    let Some(fleet) = loaded.fleet.as_ref().filter(|_| !args.dry_run) else {
        return Ok((Vec::new(), Cow::Borrowed(before)));
    };
    let errors = apply(&loaded.workspace, fleet, plan, args.durability());
    let after = if before.is_clean() {
        Cow::Borrowed(before)
    } else {
        Cow::Owned(recompared(loaded, comparison)?)
    };
    Ok((errors, after))
}

/// The status of a run that wrote.
pub(super) fn status(failed: bool, has_findings: bool) -> ExitStatus {
    match (failed, has_findings) {
        (true, _) => ExitStatus::Failure,
        (false, true) => ExitStatus::Findings,
        (false, false) => ExitStatus::Clean,
    }
}

/// Carries a plan out; an error a step, where there was one.
fn apply(
    workspace: &Workspace,
    fleet: &Fleet,
    plan: &WritePlan<'_>,
    durability: Durability,
) -> Vec<Option<String>> {
    for folder in fleet.layout.output_folders() {
        // What a killed run left behind; if it cannot be removed, writing says so better.
        let _ = workspace.reap_stale_temps(Utf8Path::new(folder), 16);
    }
    for folder in fleet
        .outputs
        .paths()
        .filter_map(|path| Utf8Path::new(path.as_str()).parent())
    {
        let _ = workspace.reap_stale_temps(folder, 0);
    }
    let writes: Vec<Write<'_>> = plan
        .steps
        .iter()
        .filter(|step| matches!(step.action, Action::Create | Action::Update))
        .filter_map(|step| {
            let bytes = step.drift.expected.as_deref()?.as_bytes();
            Some(Write {
                path: &step.drift.path,
                bytes,
                expected: step.drift.on_disk(),
            })
        })
        .collect();
    let meter = Meter::start(page!("writing"), writes.len());
    let batch = |writes: &[Write<'_>]| {
        let written = workspace.write_all(writes, durability);
        meter.advance(writes.len());
        written
    };
    let mut written = writes
        .chunks(WRITE_BATCH)
        .flat_map(batch)
        .collect::<Vec<_>>()
        .into_iter();
    drop(meter);
    let results = plan.steps.iter().map(|step| match step.action {
        Action::Create | Action::Update => written.next().and_then(Result::err),
        Action::Delete => {
            let stop = stop_folder(fleet, &step.drift.path);
            workspace
                .remove(&step.drift.path, step.drift.on_disk(), stop, durability)
                .err()
        }
        Action::Keep | Action::KeepWithoutPrune | Action::KeepForErrors => None,
    });
    results
        .map(|error| error.map(|error| error.to_string()))
        .collect()
}

/// The folder that stays when everything in it is gone.
fn stop_folder<'a>(fleet: &'a Fleet, path: &ArtifactPath) -> &'a Utf8Path {
    let folders = fleet.layout.output_folders();
    let folder = folders
        .into_iter()
        .find(|folder| crate::artifact::lies_in(path.as_str(), folder));
    Utf8Path::new(folder.unwrap_or_default())
}
