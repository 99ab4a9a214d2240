//! Carrying a write plan out, and comparing again.

use std::borrow::Cow;

use camino::Utf8Path;

use super::check::Checked;
use super::error::Error;
use super::watch::{Step, Watcher};
use crate::artifact::{ArtifactPath, lies_in};
use crate::drift::{Action, DriftReport, WritePlan};
use crate::fleet::Fleet;
use crate::workspace::{Durability, WRITE_BATCH, Workspace, Write};

/// What came of a plan.
#[derive(Debug)]
pub(crate) struct Applied<'a> {
    /// An error a step, where there was one; empty where nothing was to be written.
    pub(crate) errors: Vec<Option<String>>,
    /// What differs now.
    pub(crate) after: Cow<'a, DriftReport>,
}

impl Applied<'_> {
    /// Whether a step failed.
    #[must_use]
    pub(crate) fn failed(&self) -> bool {
        self.errors.iter().any(Option::is_some)
    }
}

/// Carries a plan out and compares again; without a durability nothing is written.
///
/// # Errors
/// A file cannot be read afterwards.
pub(crate) fn apply<'a>(
    workspace: &Workspace,
    checked: &'a Checked<'_>,
    plan: &WritePlan<'_>,
    durability: Option<Durability>,
) -> Result<Applied<'a>, Error> {
    let before = checked.report();
    let (Some(fleet), Some(durability)) = (checked.loaded.fleet(), durability) else {
        return Ok(Applied {
            errors: Vec::new(),
            after: Cow::Borrowed(before),
        });
    };
    let watcher = checked.loaded.watcher;
    let errors = write((workspace, watcher), fleet, plan, durability);
    let after = if before.is_clean() {
        Cow::Borrowed(before)
    } else {
        Cow::Owned(checked.compare_again(workspace)?)
    };
    Ok(Applied { errors, after })
}

/// Carries a plan out; an error a step, where there was one.
fn write(
    (workspace, watcher): (&Workspace, &dyn Watcher),
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
    let meter = watcher.step(Step::Writing, writes.len());
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
        Action::Keep
        | Action::KeepTogether
        | Action::KeepWithoutPrune
        | Action::KeepForErrors
        | Action::KeepWaived => None,
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
        .find(|folder| lies_in(path.as_str(), folder));
    Utf8Path::new(folder.unwrap_or_default())
}
