//! Any byte that changes in any generated file is found.

use std::collections::BTreeMap;
use std::fs;

use dockwright::drift::DriftKind;
use dockwright::project::{Checked, Files, Loaded};

use crate::support::{checked, is_long, loaded, rendered_files, repository, tell};

/// The repository's own fleet with every file that it stands for.
struct Fresh {
    loaded: Loaded,
    declared: Files,
    disk: BTreeMap<String, Vec<u8>>,
}

impl Fresh {
    fn new() -> Self {
        let declaration = fs::read_to_string(repository().join("services.yaml")).unwrap();
        let declared = Files::declaring(declaration);
        let rendered = rendered_files(&declared).unwrap();
        let disk = rendered
            .into_iter()
            .map(|(path, content)| (path, content.into_bytes()))
            .collect();
        Self {
            loaded: loaded(&declared),
            declared,
            disk,
        }
    }

    /// A check that found every file missing, so that it holds what each of them should be.
    fn missing(&self) -> Checked<'_> {
        checked(&self.declared, &self.loaded)
    }

    /// The folder with other bytes in some files.
    fn with(&self, changed: &[(&str, Vec<u8>)]) -> Files {
        let mut files = self.declared.clone();
        for (path, content) in &self.disk {
            files.put(path, content.clone());
        }
        for (path, content) in changed {
            files.put(path, content.clone());
        }
        files
    }
}

/// The kinds that a comparison finds where files hold other bytes.
fn kinds(checked: &Checked<'_>, files: &Files) -> BTreeMap<String, DriftKind> {
    let report = checked.compare_again(files).unwrap();
    let drifts = report.drifts.into_iter();
    drifts
        .map(|drift| (drift.path.to_string(), drift.kind))
        .collect()
}

/// What can become of a file when one of its bytes changes.
fn changes(content: &[u8], at: usize) -> [Vec<u8>; 5] {
    let flipped = |bit: u8| [&content[..at], &[content[at] ^ bit], &content[at + 1..]].concat();
    let deleted = [&content[..at], &content[at + 1..]].concat();
    let doubled = [&content[..=at], &content[at..]].concat();
    [flipped(1), flipped(0x20), flipped(0x80), deleted, doubled]
}

/// One byte of every file at a time, by the comparison that `generate` ends with.
#[test]
fn every_changed_byte_of_every_generated_file_is_found() {
    let fresh = Fresh::new();
    let missing = fresh.missing();
    assert_eq!(kinds(&missing, &fresh.with(&[])), BTreeMap::new());
    let longest = fresh.disk.values().map(Vec::len).max().unwrap();
    let mut tried = 0;
    for at in 0..longest {
        let here = fresh.disk.iter().filter(|(_, content)| at < content.len());
        let here: Vec<_> = here
            .map(|(path, content)| (path, changes(content, at)))
            .collect();
        // The short form makes one of the five changes of each byte, in turn.
        let made = if is_long() { 0..5 } else { at % 5..at % 5 + 1 };
        for change in made {
            let changed: Vec<(&str, Vec<u8>)> = here
                .iter()
                .map(|(path, changes)| (path.as_str(), changes[change].clone()))
                .collect();
            let found = kinds(&missing, &fresh.with(&changed));
            assert_eq!(found.len(), changed.len(), "at {at}: {found:?}");
            assert!(found.values().all(is_told_as_edited), "at {at}: {found:?}");
            tried += changed.len();
        }
    }
    tell(&format!(
        "{tried} changed bytes in {} files",
        fresh.disk.len()
    ));
    let bytes: usize = fresh.disk.values().map(Vec::len).sum();
    assert_eq!(tried, if is_long() { 5 * bytes } else { bytes });
}

/// The same by a whole check, for a byte here and there.
#[test]
fn a_check_finds_changed_bytes_in_all_files_at_once() {
    let fresh = Fresh::new();
    for part in [0, 1, 2, 3] {
        let changed: Vec<(&str, Vec<u8>)> = fresh
            .disk
            .iter()
            .map(|(path, content)| {
                let at = (content.len() - 1) * part / 3;
                (path.as_str(), changes(content, at)[0].clone())
            })
            .collect();
        let files = fresh.with(&changed);
        let checked = checked(&files, &fresh.loaded);
        let found = &checked.report().drifts;
        assert_eq!(found.len(), changed.len());
        assert!(found.iter().all(|drift| is_told_as_edited(&drift.kind)));
        assert!(!checked.passes());
    }
}

/// A changed byte is an edit, or takes the seal's line away; never a stale file, which `generate`
/// would overwrite.
fn is_told_as_edited(kind: &DriftKind) -> bool {
    matches!(kind, DriftKind::HandEdited { .. } | DriftKind::Unmanaged)
}

#[test]
fn truncated_emptied_and_extended_files_are_found() {
    let fresh = Fresh::new();
    let missing = fresh.missing();
    for change in [
        |content: &[u8]| Vec::from(&content[..0]),
        |content: &[u8]| content[..content.len() / 2].to_vec(),
        |content: &[u8]| [content, b"\n"].concat(),
        |content: &[u8]| [content, b"\0"].concat(),
    ] {
        let changed: Vec<(&str, Vec<u8>)> = fresh
            .disk
            .iter()
            .map(|(path, content)| (path.as_str(), change(content)))
            .collect();
        let found = kinds(&missing, &fresh.with(&changed));
        assert_eq!(found.len(), fresh.disk.len());
    }
}

#[test]
fn other_line_ends_and_only_they_are_told_as_line_ends() {
    let fresh = Fresh::new();
    let missing = fresh.missing();
    let windows = |content: &Vec<u8>| {
        String::from_utf8(content.clone())
            .unwrap()
            .replace('\n', "\r\n")
    };
    let all = |change: &dyn Fn(&Vec<u8>) -> Vec<u8>| {
        let files = fresh.disk.iter();
        let changed: Vec<(&str, Vec<u8>)> = files
            .map(|(path, content)| (path.as_str(), change(content)))
            .collect();
        kinds(&missing, &fresh.with(&changed))
    };
    let found = all(&|content| windows(content).into_bytes());
    assert_eq!(found.len(), fresh.disk.len());
    assert!(found.values().all(|kind| *kind == DriftKind::LineEnds));
    let found = all(&|content| windows(content).replacen('#', "##", 1).into_bytes());
    assert_eq!(found.len(), fresh.disk.len());
    assert!(found.values().all(is_told_as_edited), "{found:?}");
}

#[test]
fn content_of_one_file_in_place_of_another_is_found() {
    let fresh = Fresh::new();
    let missing = fresh.missing();
    let contents: Vec<&Vec<u8>> = fresh.disk.values().collect();
    for by in 1..contents.len() {
        let turned = fresh.disk.keys().enumerate();
        let changed: Vec<(&str, Vec<u8>)> = turned
            .map(|(at, path)| (path.as_str(), contents[(at + by) % contents.len()].clone()))
            .collect();
        let found = kinds(&missing, &fresh.with(&changed));
        assert_eq!(found.len(), fresh.disk.len(), "by {by}");
    }
}
