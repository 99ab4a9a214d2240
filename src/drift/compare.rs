//! The comparison that `check` and `generate` share.
//!
//! Byte equality decides whether a file is fresh; the seal only tells in which way it is not.

use std::collections::BTreeSet;

use super::disk_state::{DiskEntry, DiskState};
use super::kind::DriftKind;
use super::shown::Drift;
use crate::artifact::{ArtifactPath, ArtifactSet, lies_in};
use crate::render::seal;

/// Everything that differs, by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DriftReport {
    /// The files that differ.
    pub drifts: Vec<Drift>,
    /// How many declared files were compared.
    pub(crate) compared: usize,
    /// How many declared Dockerfiles are on disk.
    pub(crate) dockerfiles_on_disk: usize,
}

impl DriftReport {
    /// Whether nothing differs.
    #[must_use]
    pub(crate) fn is_clean(&self) -> bool {
        self.drifts.is_empty()
    }

    /// The difference of a file; what a comparison found is sorted by path.
    #[must_use]
    pub(crate) fn find(&self, path: &str) -> Option<&Drift> {
        self.drifts.get(self.position(path)?)
    }

    /// The same, taken out.
    pub(crate) fn take(&mut self, path: &str) -> Option<Drift> {
        let at = self.position(path)?;
        Some(self.drifts.remove(at))
    }

    fn position(&self, path: &str) -> Option<usize> {
        self.drifts
            .binary_search_by(|drift| drift.path.as_str().cmp(path))
            .ok()
    }
}

/// What around the declared files belongs to this fleet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Territory {
    /// The declaration, by its path below the root.
    pub(crate) declaration: String,
    /// Folders that hold this fleet's generated files alone.
    pub(crate) dedicated: Vec<String>,
    /// Other declarations that exist: files sealed by them are theirs.
    pub(crate) neighbours: BTreeSet<String>,
}

impl DriftReport {
    /// Puts the findings of parts together, by path.
    #[must_use]
    pub(crate) fn joined(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut whole = Self::default();
        for part in parts {
            whole.compared += part.compared;
            whole.dockerfiles_on_disk += part.dockerfiles_on_disk;
            whole.drifts.extend(part.drifts);
        }
        whole
            .drifts
            .sort_by(|left, right| left.path.cmp(&right.path));
        whole
    }

    /// The same without what missing files should hold, where nobody is to write or to print it.
    #[must_use]
    pub(crate) fn without_missing_contents(mut self) -> Self {
        for drift in self
            .drifts
            .iter_mut()
            .filter(|drift| drift.kind == DriftKind::Missing)
        {
            drift.expected = drift.expected.take().map(|_| String::new());
        }
        self
    }

    /// Takes declared files that other declarations sealed as theirs: neither fleet may overwrite
    /// the other's.
    #[must_use]
    pub(crate) fn without_files_of(mut self, neighbours: &BTreeSet<String>) -> Self {
        if neighbours.is_empty() {
            return self;
        }
        for drift in &mut self.drifts {
            let seal = drift.on_disk().bytes().and_then(seal::read);
            if seal.is_some_and(|seal| neighbours.contains(&seal.declaration)) {
                drift.kind = DriftKind::Unmanaged;
            }
        }
        self
    }
}

/// Compares declared files; a fleet may be compared in parts.
#[must_use]
pub(crate) fn compare_declared(artifacts: &ArtifactSet, disk: &DiskState) -> DriftReport {
    let mut report = DriftReport {
        compared: artifacts.len(),
        ..DriftReport::default()
    };
    for (path, expected) in artifacts.iter() {
        let actual = disk.get(path);
        if !matches!(actual, DiskEntry::Absent) && path.as_str().ends_with("/Dockerfile") {
            report.dockerfiles_on_disk += 1;
        }
        if let Some(kind) = declared_kind(expected, actual) {
            let (path, expected) = (path.clone(), Some(expected.to_owned()));
            report
                .drifts
                .push(Drift::new(path, kind, expected, actual.clone()));
        }
    }
    report
}

/// Judges files that nothing declares.
#[must_use]
pub(crate) fn compare_strays<'a>(
    territory: &Territory,
    strays: impl IntoIterator<Item = (&'a ArtifactPath, &'a DiskEntry)>,
) -> DriftReport {
    let mut report = DriftReport::default();
    for (path, actual) in strays {
        if let Some(kind) = stray_kind(territory, path, actual) {
            report
                .drifts
                .push(Drift::new(path.clone(), kind, None, actual.clone()));
        }
    }
    report
}

/// How a declared file differs; `None` where it is fresh.
fn declared_kind(expected: &str, actual: &DiskEntry) -> Option<DriftKind> {
    let (bytes, executable) = match actual {
        DiskEntry::Absent => return Some(DriftKind::Missing),
        DiskEntry::Symlink { .. } => return Some(DriftKind::Symlink),
        // What a power cut leaves of a file that the system had not written back: no person's work.
        DiskEntry::File { bytes, .. } if bytes.iter().all(|byte| *byte == 0) => {
            return Some(DriftKind::Missing);
        }
        DiskEntry::File { bytes, executable } => (bytes, *executable),
        _ => return Some(DriftKind::NotAFile),
    };
    if bytes.as_slice() == expected.as_bytes() {
        return executable.then_some(DriftKind::Executable);
    }
    if seal::without_carriage_returns(bytes) == expected.as_bytes() {
        return Some(DriftKind::LineEnds);
    }
    Some(match seal::read(bytes) {
        None => DriftKind::Unmanaged,
        Some(seal) if seal.intact => DriftKind::Stale,
        Some(seal) => DriftKind::HandEdited {
            moved_on: seal::sealed_digest(expected) != Some(&seal.digest),
        },
    })
}

/// What a file is that nothing declares; `None` where it belongs to another declaration.
fn stray_kind(territory: &Territory, path: &ArtifactPath, actual: &DiskEntry) -> Option<DriftKind> {
    let bytes = match actual {
        DiskEntry::Absent => return None,
        DiskEntry::Symlink { .. } => return Some(DriftKind::Symlink),
        DiskEntry::File { bytes, .. } => bytes,
        _ => return Some(DriftKind::NotAFile),
    };
    let Some(seal) = seal::read(bytes) else {
        let dedicated = territory
            .dedicated
            .iter()
            .any(|folder| lies_in(path.as_str(), folder));
        return dedicated.then_some(DriftKind::Unmanaged);
    };
    if territory.neighbours.contains(&seal.declaration) {
        return None;
    }
    let ours = seal.declaration == territory.declaration && seal.path == path.as_str();
    Some(match (seal.intact, ours) {
        (true, true) => DriftKind::Orphaned,
        (true, false) => DriftKind::Unmanaged,
        (false, _) => DriftKind::EditedOrphan,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::seal::seal;

    const HERE: &str = "g/a/Dockerfile";

    fn path(text: &str) -> ArtifactPath {
        ArtifactPath::parse(text).unwrap()
    }

    fn sealed(declaration: &str, body: &str) -> String {
        seal(declaration, &path(HERE), "x.j2", body)
    }

    fn file(content: &str) -> DiskEntry {
        DiskEntry::File {
            bytes: content.as_bytes().to_vec(),
            executable: false,
        }
    }

    fn link() -> DiskEntry {
        DiskEntry::Symlink {
            target: "x".to_owned(),
        }
    }

    #[test]
    fn declared_file_differs_in_one_way() {
        let (now, before) = (
            sealed("services.yaml", "FROM a\n"),
            sealed("services.yaml", "FROM b\n"),
        );
        let executable = DiskEntry::File {
            bytes: now.clone().into_bytes(),
            executable: true,
        };
        for (actual, kind) in [
            (file(&now), None),
            (executable, Some(DriftKind::Executable)),
            (file(&now.replace('\n', "\r\n")), Some(DriftKind::LineEnds)),
            (file(&before), Some(DriftKind::Stale)),
            (
                file(&(now.clone() + "x")),
                Some(DriftKind::HandEdited { moved_on: false }),
            ),
            (
                file(&(before + "x")),
                Some(DriftKind::HandEdited { moved_on: true }),
            ),
            (file("FROM a\n"), Some(DriftKind::Unmanaged)),
            (DiskEntry::Absent, Some(DriftKind::Missing)),
            (file(""), Some(DriftKind::Missing)),
            (file(&"\0".repeat(now.len())), Some(DriftKind::Missing)),
            (file("\0\n"), Some(DriftKind::Unmanaged)),
            (link(), Some(DriftKind::Symlink)),
            (DiskEntry::Folder, Some(DriftKind::NotAFile)),
        ] {
            assert_eq!(declared_kind(&now, &actual), kind, "{actual:?}");
        }
    }

    #[test]
    fn only_an_untouched_file_of_this_declaration_and_path_is_an_orphan() {
        let territory = Territory {
            declaration: "services.yaml".to_owned(),
            dedicated: vec!["g".to_owned()],
            neighbours: ["next.yaml".to_owned()].into(),
        };
        let ours = sealed("services.yaml", "FROM a\n");
        for (at, actual, kind) in [
            (HERE, file(&ours), Some(DriftKind::Orphaned)),
            ("g/b/Dockerfile", file(&ours), Some(DriftKind::Unmanaged)),
            (
                HERE,
                file(&sealed("other.yaml", "FROM a\n")),
                Some(DriftKind::Unmanaged),
            ),
            (
                HERE,
                file(&(ours.clone() + "x")),
                Some(DriftKind::EditedOrphan),
            ),
            (HERE, file(&sealed("next.yaml", "FROM a\n")), None),
            (HERE, file("FROM a\n"), Some(DriftKind::Unmanaged)),
            ("elsewhere/Dockerfile", file("FROM a\n"), None),
            (HERE, link(), Some(DriftKind::Symlink)),
            (HERE, DiskEntry::Folder, Some(DriftKind::NotAFile)),
            (HERE, DiskEntry::Absent, None),
        ] {
            assert_eq!(
                stray_kind(&territory, &path(at), &actual),
                kind,
                "{at}: {actual:?}"
            );
        }
    }

    #[test]
    fn dockerfiles_on_disk_are_counted_and_nothing_else() {
        let rendered = [
            "g/a/Dockerfile",
            "g/a/requirements.txt",
            "g/b/Dockerfile",
            "g/c/Dockerfile",
        ];
        let artifacts: ArtifactSet = rendered
            .into_iter()
            .map(|name| (path(name), "x\n".to_owned()))
            .collect();
        let there = [
            "g/a/Dockerfile",
            "g/a/requirements.txt",
            "g/c/Dockerfile",
            "g/d/Dockerfile",
        ];
        let disk: DiskState = there
            .into_iter()
            .map(|name| (path(name), file("x\n")))
            .collect();
        let territory = Territory {
            dedicated: vec!["g".to_owned()],
            ..Territory::default()
        };
        let strays = disk
            .iter()
            .filter(|(path, _)| artifacts.get(path).is_none());
        let report = DriftReport::joined([
            compare_declared(&artifacts, &disk),
            compare_strays(&territory, strays),
        ]);
        assert_eq!((report.compared, report.dockerfiles_on_disk), (4, 2));
        let found: Vec<_> = report
            .drifts
            .iter()
            .map(|drift| (drift.path.as_str(), drift.kind.word()))
            .collect();
        assert_eq!(
            (found, report.is_clean()),
            (
                vec![
                    ("g/b/Dockerfile", "missing"),
                    ("g/d/Dockerfile", "unmanaged")
                ],
                false
            )
        );
        assert!(DriftReport::default().is_clean());
    }

    #[test]
    fn parts_add_up_in_the_order_of_paths() {
        let part = |compared, name: &str| {
            let drift = Drift::new(path(name), DriftKind::Missing, None, DiskEntry::Absent);
            DriftReport {
                compared,
                dockerfiles_on_disk: compared + 1,
                drifts: vec![drift],
            }
        };
        let whole = DriftReport::joined([part(3, "g/b"), part(4, "g/a")]);
        let paths: Vec<&str> = whole
            .drifts
            .iter()
            .map(|drift| drift.path.as_str())
            .collect();
        assert_eq!(
            (whole.compared, whole.dockerfiles_on_disk, paths),
            (7, 9, vec!["g/a", "g/b"])
        );
    }

    #[test]
    fn files_that_a_neighbour_sealed_are_the_neighbours() {
        let kind = |declaration: &str| {
            let (kind, actual) = (DriftKind::Stale, file(&sealed(declaration, "FROM a\n")));
            let report = DriftReport {
                drifts: vec![Drift::new(path(HERE), kind, None, actual)],
                ..DriftReport::default()
            };
            report
                .without_files_of(&["next.yaml".to_owned()].into())
                .drifts
                .remove(0)
                .kind
        };
        assert_eq!(
            (kind("next.yaml"), kind("services.yaml")),
            (DriftKind::Unmanaged, DriftKind::Stale)
        );
    }
}
