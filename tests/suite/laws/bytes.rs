//! Any byte that changes in any generated file is found.

use std::collections::BTreeMap;
use std::fs;

use dockwright::artifact::{ArtifactPath, ArtifactSet};
use dockwright::drift::{DiskEntry, DiskState, DriftKind, Territory, compare};
use dockwright::render::{Templates, render};

use crate::support::{repository, resolved, tell};

/// The repository's own fleet, rendered, and a disk on which it is fresh.
struct Fresh {
    territory: Territory,
    artifacts: ArtifactSet,
    disk: BTreeMap<ArtifactPath, Vec<u8>>,
}

impl Fresh {
    fn new() -> Self {
        let declaration = fs::read_to_string(repository().join("services.yaml")).unwrap();
        let artifacts = render(&resolved(&declaration).unwrap(), &Templates::default()).unwrap();
        let disk = artifacts
            .iter()
            .map(|(path, content)| (path.clone(), content.as_bytes().to_vec()))
            .collect();
        let territory = Territory {
            declaration: "services.yaml".to_owned(),
            dedicated: vec!["generated".to_owned()],
            ..Territory::default()
        };
        Self {
            territory,
            artifacts,
            disk,
        }
    }

    /// The kinds that are found where one file holds other bytes.
    fn kinds(&self, path: &ArtifactPath, bytes: Vec<u8>) -> Vec<(ArtifactPath, DriftKind)> {
        let mut artifacts = ArtifactSet::default();
        artifacts
            .insert(path.clone(), self.artifacts.get(path).unwrap().to_owned())
            .unwrap();
        let entry = DiskEntry::File {
            bytes,
            executable: false,
        };
        let disk: DiskState = [(path.clone(), entry)].into_iter().collect();
        let report = compare(&self.territory, &artifacts, &disk);
        report
            .drifts
            .into_iter()
            .map(|drift| (drift.path, drift.kind))
            .collect()
    }
}

#[test]
fn every_changed_byte_of_every_generated_file_is_found() {
    let fresh = Fresh::new();
    let mut tried = 0;
    for (path, content) in &fresh.disk {
        assert_eq!(fresh.kinds(path, content.clone()), []);
        for at in 0..content.len() {
            let flipped =
                |bit: u8| [&content[..at], &[content[at] ^ bit], &content[at + 1..]].concat();
            let deleted = [&content[..at], &content[at + 1..]].concat();
            let doubled = [&content[..=at], &content[at..]].concat();
            for bytes in [flipped(1), flipped(0x20), flipped(0x80), deleted, doubled] {
                let found = fresh.kinds(path, bytes);
                assert!(
                    matches!(&found[..], [(at, kind)] if at == path && is_told_as_edited(kind)),
                    "{path}:{at}: {found:?}"
                );
                tried += 1;
            }
        }
    }
    tell(&format!(
        "{tried} changed bytes in {} files",
        fresh.disk.len()
    ));
    assert!(tried > 100_000, "{tried}");
}

/// A changed byte is an edit, or takes the seal's line away; never a stale file, which `generate`
/// would overwrite.
fn is_told_as_edited(kind: &DriftKind) -> bool {
    matches!(kind, DriftKind::HandEdited { .. } | DriftKind::Unmanaged)
}

#[test]
fn truncated_emptied_and_extended_files_are_found() {
    let fresh = Fresh::new();
    for (path, content) in &fresh.disk {
        let half = content[..content.len() / 2].to_vec();
        for bytes in [
            Vec::new(),
            half,
            [content.as_slice(), b"\n"].concat(),
            [content.as_slice(), b"\0"].concat(),
        ] {
            assert_eq!(fresh.kinds(path, bytes).len(), 1, "{path}");
        }
    }
}

#[test]
fn other_line_ends_and_only_they_are_told_as_line_ends() {
    let fresh = Fresh::new();
    for (path, content) in &fresh.disk {
        let windows = String::from_utf8(content.clone())
            .unwrap()
            .replace('\n', "\r\n");
        assert_eq!(
            fresh.kinds(path, windows.clone().into_bytes()),
            [(path.clone(), DriftKind::LineEnds)]
        );
        let edited = windows.replacen('#', "##", 1).into_bytes();
        assert!(
            fresh
                .kinds(path, edited)
                .iter()
                .all(|(_, kind)| is_told_as_edited(kind)),
            "{path}"
        );
    }
}

#[test]
fn content_of_one_file_in_place_of_another_is_found() {
    let fresh = Fresh::new();
    for path in fresh.disk.keys() {
        for (other, content) in fresh.disk.iter().filter(|(other, _)| *other != path) {
            assert_eq!(
                fresh.kinds(path, content.clone()).len(),
                1,
                "{other} at {path}"
            );
        }
    }
}
