//! What the changes of a check mean: for a Dockerfile that differs, the difference between the
//! image that it makes and the one that services.yaml stands for.
//!
//! A meaning is read when a report asks for it, so that only what is shown costs anything, and only
//! the folders that a Dockerfile copies are listed.

use std::borrow::Cow;
use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::check::Checked;
use crate::dockerfile::ignore::Ignore;
use crate::dockerfile::judge::{Difference, judge};
use crate::dockerfile::meaning::{Build, Meaning, Tree, meaning};
use crate::drift::{DriftKind, DriftReport};
use crate::fleet::Fleet;
use crate::images::Inputs as Taken;
use crate::workspace::{Error, FILE_CAP_BYTES, ListCaps, Workspace};

/// Bounds on a folder that a Dockerfile copies.
const CAPS: ListCaps = ListCaps {
    depth: 64,
    entries: 100_000,
};

/// What a Dockerfile on disk is to the one that services.yaml stands for.
#[derive(Debug, Clone)]
pub(crate) struct ChangeMeaning {
    /// Whether somebody edited the file: then the differences lead from what is expected to what is
    /// on disk, else the other way round.
    pub(crate) is_edit: bool,
    /// What differs in the image.
    pub(crate) differences: Vec<Difference>,
}

/// Reads what changes mean.
pub(crate) struct Meanings<'a> {
    workspace: &'a Workspace,
    report: &'a DriftReport,
    denied: Cow<'a, BTreeSet<String>>,
}

/// Which of two states a file is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// As it is on disk.
    Disk,
    /// As it is expected.
    Expected,
}

impl<'a> Meanings<'a> {
    /// Those of a check.
    #[must_use]
    pub(crate) fn of_check(workspace: &'a Workspace, checked: &'a Checked<'_>) -> Self {
        Self::new(workspace, checked.loaded.fleet(), checked.report())
    }

    /// Those of a comparison.
    #[must_use]
    pub(crate) fn new(
        workspace: &'a Workspace,
        fleet: Option<&'a Fleet>,
        report: &'a DriftReport,
    ) -> Self {
        Self {
            workspace,
            report,
            denied: fleet.map_or(Cow::Owned(BTreeSet::new()), |fleet| {
                Cow::Borrowed(&fleet.policy.denied)
            }),
        }
    }

    /// What the change of a file means; nothing where it is not a Dockerfile of ours, or cannot be
    /// read as one.
    #[must_use]
    pub(crate) fn of(&self, path: &str) -> Option<ChangeMeaning> {
        let found = self.report.find(path);
        let drift = found.filter(|_| path.ends_with("/Dockerfile"))?;
        let is_edit = match drift.kind {
            DriftKind::HandEdited { .. } => true,
            DriftKind::Stale => false,
            _ => return None,
        };
        let [disk, expected] = [Side::Disk, Side::Expected].map(|side| self.read(path, side));
        let (disk, expected) = (disk?, expected?);
        let differences = if is_edit {
            judge(&expected, &disk, &self.denied)
        } else {
            judge(&disk, &expected, &self.denied)
        };
        Some(ChangeMeaning {
            is_edit,
            differences,
        })
    }

    /// What a Dockerfile means, with the files beside it as they are on the same side.
    pub(crate) fn read(&self, path: &str, side: Side) -> Option<Meaning> {
        let text = self.text(path, side)?;
        let ignore = self
            .text(&format!("{path}.dockerignore"), side)
            .unwrap_or_default();
        let tree = SideTree {
            meanings: self,
            side,
            paths: self.paths(path, (&text, &ignore)),
        };
        let ignore = Ignore::parse(&ignore);
        meaning(&Build::of_generated(&text, &ignore, &tree)).ok()
    }

    /// The text of a file on a side. What is not shown of a file is not read either.
    fn text(&self, path: &str, side: Side) -> Option<String> {
        match (self.report.find(path), side) {
            (Some(drift), Side::Expected) if drift.expected.is_some() => drift.expected.clone(),
            (Some(drift), _) => String::from_utf8(drift.shown_bytes()?.to_vec()).ok(),
            (None, _) => {
                let path = Utf8Path::new(path);
                let bytes = self.workspace.read_text(path, FILE_CAP_BYTES).ok()??;
                String::from_utf8(bytes).ok()
            }
        }
    }

    /// The files that a Dockerfile may copy, sorted by bytes.
    fn paths(&self, path: &str, (text, ignore): (&str, &str)) -> Vec<String> {
        let taken = Taken::of(path, text, ignore);
        let roots: BTreeSet<&str> = taken.sources.iter().map(|one| one.root.as_str()).collect();
        let mut paths: BTreeSet<String> = taken.own.iter().cloned().collect();
        for root in roots {
            match self.workspace.list_folder(Utf8Path::new(root), CAPS) {
                Ok(listed) => {
                    let listed = listed.into_iter().flatten();
                    paths.extend(listed.map(Utf8PathBuf::into_string));
                }
                Err(Error::NotFolder { .. }) => drop(paths.insert(root.to_owned())),
                // What cannot be listed is missing on both sides.
                Err(_) => {}
            }
        }
        paths.into_iter().collect()
    }
}

/// The files of a repository, with those that differ as they are on one side.
struct SideTree<'a> {
    meanings: &'a Meanings<'a>,
    side: Side,
    paths: Vec<String>,
}

impl Tree for SideTree<'_> {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn text(&self, path: &str) -> Option<String> {
        self.meanings.text(path, self.side)
    }
}
