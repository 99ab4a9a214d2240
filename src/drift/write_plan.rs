//! What `generate` will do about a drift report: the plan is printed by `--dry-run` and carried out
//! otherwise, so they cannot disagree.

use std::collections::BTreeSet;

use super::compare::DriftReport;
use super::fix::Fix;
use super::kind::DriftKind;
use super::shown::Drift;
use crate::artifact::ArtifactPath;

/// What a person allowed on the command line.
#[derive(Debug, Clone, Default)]
pub struct Consent {
    /// Files that may be overwritten although a person changed or made them, and edited ones that
    /// nothing declares: they may be deleted.
    pub(crate) overwrite: BTreeSet<ArtifactPath>,
    /// Whether more than half of the images may be deleted.
    pub(crate) prune: bool,
    /// Files that a waiver would allow were the day known: they stay, whatever else is named.
    pub(crate) waived: BTreeSet<ArtifactPath>,
    /// Whether the declaration has errors: then nothing is deleted, since what it stands for is not
    /// settled.
    pub(crate) errors_stand: bool,
}

impl Consent {
    /// Consent to overwrite these files alone.
    #[must_use]
    pub(crate) fn overwriting(paths: impl Iterator<Item = ArtifactPath>) -> Self {
        Self {
            overwrite: paths.collect(),
            ..Self::default()
        }
    }
}

/// What happens to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// It is written where nothing was.
    Create,
    /// Generated content, or content that `--overwrite` gave up, is replaced.
    Update,
    /// An orphan goes away: an untouched one, or an edited one that `--overwrite` gave up.
    Delete,
    /// It stays as it is, because a person's work would be lost.
    Keep,
    /// It is not written, because what stands beside it in place of the image's Dockerfile is a
    /// person's: an image's files are written all or none.
    KeepTogether,
    /// It stays although it is an orphan, because more than half of the images would go with it.
    KeepWithoutPrune,
    /// It stays although it is an orphan, because services.yaml has errors.
    KeepForErrors,
    /// It stays because a waiver in services.yaml allows its content.
    KeepWaived,
}

impl Action {
    /// Whether the file stays different.
    #[must_use]
    pub(crate) fn keeps(self) -> bool {
        matches!(
            self,
            Self::Keep
                | Self::KeepTogether
                | Self::KeepWithoutPrune
                | Self::KeepForErrors
                | Self::KeepWaived
        )
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
    pub(crate) fn kept(&self) -> impl Iterator<Item = &Step<'_>> {
        self.steps.iter().filter(|step| step.action.keeps())
    }
}

/// Decides what happens to each file that differs.
#[must_use]
pub fn plan<'a>(report: &'a DriftReport, consent: &Consent) -> WritePlan<'a> {
    let prunes = consent.prune || !deletes_most_images(report);
    let steps = report.drifts.iter().map(|drift| Step {
        action: action(drift, consent, prunes),
        drift,
    });
    let mut plan = WritePlan {
        steps: steps.collect(),
    };
    plan.write_all_or_none();
    plan
}

impl WritePlan<'_> {
    /// Leaves out what belongs to a Dockerfile in whose place a person's file stays: a dockerignore
    /// file beside it would break that one's build.
    fn write_all_or_none(&mut self) {
        let is_taken = |step: &&Step<'_>| {
            let is_foreign = matches!(
                step.drift.kind,
                DriftKind::Unmanaged | DriftKind::Symlink | DriftKind::NotAFile
            );
            let stays = matches!(step.action, Action::Keep | Action::KeepWaived);
            is_foreign && stays && step.drift.expected.is_some()
        };
        let taken = self.steps.iter().filter(is_taken);
        let folders: BTreeSet<String> = taken
            .filter_map(|step| step.drift.path.as_str().strip_suffix("/Dockerfile"))
            .map(|folder| format!("{folder}/"))
            .collect();
        if folders.is_empty() {
            return;
        }
        for step in &mut self.steps {
            let path = step.drift.path.as_str();
            let folder = &path[..path.rfind('/').map_or(0, |at| at + 1)];
            if matches!(step.action, Action::Create | Action::Update) && folders.contains(folder) {
                step.action = Action::KeepTogether;
            }
        }
    }
}

fn action(drift: &Drift, consent: &Consent, prunes: bool) -> Action {
    let is_named = consent.overwrite.contains(&drift.path);
    match drift.fix() {
        _ if consent.waived.contains(&drift.path) => Action::KeepWaived,
        Fix::Create => Action::Create,
        Fix::Update => Action::Update,
        Fix::Overwrite if is_named => Action::Update,
        Fix::DeleteEdited if !is_named => Action::Keep,
        Fix::Delete | Fix::DeleteEdited if consent.errors_stand => Action::KeepForErrors,
        Fix::DeleteEdited => Action::Delete,
        Fix::Delete if prunes => Action::Delete,
        Fix::Delete => Action::KeepWithoutPrune,
        Fix::Overwrite | Fix::Remove | Fix::MoveAway => Action::Keep,
    }
}

/// Whether the orphans are more than half of the Dockerfiles on disk: then the declaration was most
/// likely cut off by mistake.
#[must_use]
pub(crate) fn deletes_most_images(report: &DriftReport) -> bool {
    let is_orphan = |drift: &&Drift| {
        drift.kind == DriftKind::Orphaned && drift.path.as_str().ends_with("/Dockerfile")
    };
    let orphans = report.drifts.iter().filter(is_orphan).count();
    orphans > report.dockerfiles_on_disk
}

#[cfg(test)]
mod tests {
    use super::super::disk_state::DiskEntry;
    use super::Action::{Create, Delete, Keep, Update};
    use super::*;

    fn drift(path: &str, kind: DriftKind, expected: Option<&str>) -> Drift {
        let (path, expected) = (
            ArtifactPath::parse(path).unwrap(),
            expected.map(str::to_owned),
        );
        Drift::new(path, kind, expected, DiskEntry::Absent)
    }

    fn decided(report: &DriftReport, consent: &Consent) -> Vec<Action> {
        plan(report, consent)
            .steps
            .iter()
            .map(|step| step.action)
            .collect()
    }

    #[test]
    fn a_persons_work_is_kept_unless_its_file_is_named() {
        let folder = |at: usize| format!("g/{at}/Dockerfile");
        let all = DriftKind::all().into_iter().enumerate();
        let all = all.map(|(at, kind)| drift(&folder(at), kind, Some("x\n")));
        let report = DriftReport {
            drifts: all.collect(),
            compared: 10,
            dockerfiles_on_disk: 10,
        };
        let plain = [
            Create, Update, Keep, Update, Update, Delete, Keep, Keep, Keep, Keep,
        ];
        assert_eq!(decided(&report, &Consent::default()), plain);
        assert_eq!(plan(&report, &Consent::default()).kept().count(), 5);
        let named = |path: &str| Consent {
            overwrite: [ArtifactPath::parse(path).unwrap()].into(),
            ..Consent::default()
        };
        assert_eq!(decided(&report, &named("g/b/Dockerfile")), plain);
        let given_up = [
            Create, Update, Update, Update, Update, Delete, Delete, Update, Update, Keep,
        ];
        let every = Consent {
            overwrite: report.drifts.iter().map(|one| one.path.clone()).collect(),
            ..Consent::default()
        };
        assert_eq!(decided(&report, &every), given_up);
        let stray = DriftReport {
            drifts: vec![drift("g/a/Dockerfile", DriftKind::Unmanaged, None)],
            ..report
        };
        assert_eq!(decided(&stray, &named("g/a/Dockerfile")), [Keep]);
        let edited = DriftReport {
            drifts: vec![drift("g/a/Dockerfile", DriftKind::EditedOrphan, None)],
            ..stray
        };
        let under_errors = Consent {
            errors_stand: true,
            ..named("g/a/Dockerfile")
        };
        assert_eq!(decided(&edited, &under_errors), [Action::KeepForErrors]);
    }

    #[test]
    fn nothing_is_written_beside_a_dockerfile_of_a_person() {
        let beside = |kind| DriftReport {
            drifts: vec![
                drift("g/a/Dockerfile", kind, Some("x\n")),
                drift(
                    "g/a/Dockerfile.dockerignore",
                    DriftKind::Missing,
                    Some("*\n"),
                ),
                drift("g/a/requirements.txt", DriftKind::Stale, Some("x\n")),
                drift("g/ab/Dockerfile", DriftKind::Missing, Some("x\n")),
            ],
            compared: 4,
            dockerfiles_on_disk: 2,
        };
        let (together, report) = (Action::KeepTogether, beside(DriftKind::Unmanaged));
        let plain = Consent::default();
        assert_eq!(decided(&report, &plain), [Keep, together, together, Create]);
        let named = Consent {
            overwrite: [ArtifactPath::parse("g/a/Dockerfile").unwrap()].into(),
            ..Consent::default()
        };
        assert_eq!(decided(&report, &named), [Update, Create, Update, Create]);
        let edited = beside(DriftKind::HandEdited { moved_on: false });
        assert_eq!(decided(&edited, &plain), [Keep, Create, Update, Create]);
    }

    #[test]
    fn an_orphan_stays_while_errors_stand_and_where_most_images_would_go() {
        let orphans = ["g/a/Dockerfile", "g/a/requirements.txt"]
            .map(|path| drift(path, DriftKind::Orphaned, None));
        let missing = ["g/b/Dockerfile", "g/c/Dockerfile"]
            .map(|path| drift(path, DriftKind::Missing, Some("x\n")));
        let orphaned = |dockerfiles_on_disk, prune, errors_stand| {
            let drifts = [orphans.as_slice(), &missing].concat();
            let report = DriftReport {
                drifts,
                compared: 0,
                dockerfiles_on_disk,
            };
            decided(
                &report,
                &Consent {
                    prune,
                    errors_stand,
                    ..Consent::default()
                },
            )[0]
        };
        assert_eq!(orphaned(2, false, false), Action::Delete);
        assert_eq!(orphaned(1, false, false), Action::Delete);
        assert_eq!(orphaned(0, false, false), Action::KeepWithoutPrune);
        assert_eq!(orphaned(0, true, false), Action::Delete);
        assert_eq!(orphaned(1, true, true), Action::KeepForErrors);
        assert_eq!(orphaned(0, false, true), Action::KeepForErrors);
    }
}
