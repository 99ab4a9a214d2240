//! Carrying a write plan out, and comparing again.

use std::borrow::Cow;

use camino::Utf8Path;

use super::check::Checked;
use super::error::Error;
use super::watch::{Step, Watcher};
use crate::artifact::{ArtifactPath, lies_in};
use crate::drift::{Action, DriftReport, WritePlan};
use crate::fleet::Fleet;
use crate::parallel::{map_parts, threads};
use crate::workspace::{Durability, WRITE_BATCH, Workspace, Write};

/// From how many files on more than one thread pays for its start.
const PARALLEL_FROM: usize = 128;

/// How many files are in the hands of all threads, at most: each can hold a folder open, and a
/// process may have 256 handles on macOS.
const IN_HAND: usize = 128;

/// How many a thread takes at a time, so that all end at about the same time.
const MOST_OF_PART: usize = 12;

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
    reap(workspace, fleet);
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
    let batches = match durability {
        // One thread: a batch shares its syncs.
        Durability::Synced => (usize::MAX, WRITE_BATCH),
        Durability::WrittenBack => {
            let threads = threads(writes.len(), PARALLEL_FROM);
            (PARALLEL_FROM, (IN_HAND / threads).clamp(1, MOST_OF_PART))
        }
    };
    let mut written = map_parts(&writes, batches, batch).into_iter().flatten();
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

/// Removes what a killed run left behind; if that cannot be removed, writing says so better.
fn reap(workspace: &Workspace, fleet: &Fleet) {
    for folder in fleet.layout.output_folders() {
        let _ = workspace.reap_stale_temps(Utf8Path::new(folder), 16);
    }
    let outputs = fleet.outputs.paths();
    for folder in outputs.filter_map(|path| Utf8Path::new(path.as_str()).parent()) {
        let _ = workspace.reap_stale_temps(folder, 0);
    }
}

/// The folder that stays when everything in it is gone.
fn stop_folder<'a>(fleet: &'a Fleet, path: &ArtifactPath) -> &'a Utf8Path {
    let folders = fleet.layout.output_folders();
    let folder = folders
        .into_iter()
        .find(|folder| lies_in(path.as_str(), folder));
    Utf8Path::new(folder.unwrap_or_default())
}
