//! What `generate` will do about a drift report: the plan is printed by `--dry-run` and carried out otherwise, so they cannot disagree.

use super::compare::{Drift, DriftKind, DriftReport};
use crate::artifact::ArtifactPath;

/// What a person allowed on the command line.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Files that may be overwritten although a person changed or made them.
    pub overwrite: Vec<ArtifactPath>,
    /// Whether more than half of the images may be deleted.
    pub prune: bool,
    /// Whether the declaration has errors: then nothing is deleted, since what it stands for is not settled.
    pub errors_stand: bool,
}

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is written where nothing was.
    Create,
    /// Generated content, or content that `--overwrite` gave up, is replaced.
    Update,
    /// An untouched orphan goes away.
    Delete,
    /// It stays as it is, because a person's work would be lost.
    Keep,
    /// It stays although it is an orphan, because more than half of the images would go with it.
    KeepWithoutPrune,
    /// It stays although it is an orphan, because services.yaml has errors.
    KeepForErrors,
}

impl Action {
    /// Whether the file stays different.
    #[must_use]
    pub fn keeps(self) -> bool {
        matches!(self, Self::Keep | Self::KeepWithoutPrune | Self::KeepForErrors)
    }
}

/// One file of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step<'a> {
    /// What happens.
    pub action: Action,
    /// The file and its difference.
    pub drift: &'a Drift,
}

/// All files that differ, with what happens to each, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WritePlan<'a> {
    /// The steps.
    pub steps: Vec<Step<'a>>,
}

impl WritePlan<'_> {
    /// The files that stay different after the plan.
    pub fn kept(&self) -> impl Iterator<Item = &Step<'_>> {
        self.steps.iter().filter(|step| step.action.keeps())
    }
}

/// Decides what happens to each file that differs.
#[must_use]
pub fn plan<'a>(report: &'a DriftReport, consent: &Consent) -> WritePlan<'a> {
    let prunes = consent.prune || !deletes_most_images(report);
    let steps = report.drifts.iter().map(|drift| Step { action: action(drift, consent, prunes), drift });
    WritePlan { steps: steps.collect() }
}

fn action(drift: &Drift, consent: &Consent, prunes: bool) -> Action {
    match drift.kind {
        DriftKind::Missing => Action::Create,
        DriftKind::Stale | DriftKind::LineEnds | DriftKind::Executable => Action::Update,
        DriftKind::Orphaned if consent.errors_stand => Action::KeepForErrors,
        DriftKind::Orphaned if prunes => Action::Delete,
        DriftKind::Orphaned => Action::KeepWithoutPrune,
        DriftKind::HandEdited { .. } | DriftKind::Unmanaged | DriftKind::Symlink
            if drift.expected.is_some() && consent.overwrite.contains(&drift.path) =>
        {
            Action::Update
        }
        DriftKind::HandEdited { .. }
        | DriftKind::Unmanaged
        | DriftKind::Symlink
        | DriftKind::EditedOrphan
        | DriftKind::NotAFile => Action::Keep,
    }
}

/// Whether the orphans are more than half of the Dockerfiles on disk: then the declaration was most likely cut off by mistake.
#[must_use]
pub fn deletes_most_images(report: &DriftReport) -> bool {
    let is_orphan = |drift: &&Drift| drift.kind == DriftKind::Orphaned && drift.path.as_str().ends_with("/Dockerfile");
    let orphans = report.drifts.iter().filter(is_orphan).count();
    orphans > report.dockerfiles_on_disk
}
