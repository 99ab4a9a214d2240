//! Line differences between what is on disk and what was rendered, and the same change in many files as one.

use std::collections::BTreeMap;
use std::ops::Range;

use similar::DiffOp;
use similar::algorithms::{Capture, Compact, Replace, myers};

use super::compare::{Drift, DriftKind};
use crate::artifact::ArtifactPath;
use crate::render::seal::is_seal_line;

/// The most lines on both sides together that are compared one by one; beyond, a file counts as replaced, since comparing takes time
/// that grows with the square.
const COMPARED_LINES: usize = 10_000;

/// One run of lines that are replaced by others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The lines on disk, from 0.
    pub old: Range<usize>,
    /// The lines of the render, from 0.
    pub new: Range<usize>,
}

/// The lines of a file, each with its line end.
#[must_use]
pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// The changes that lead from the old lines to the new ones.
#[must_use]
pub fn changes(old: &[&[u8]], new: &[&[u8]]) -> Vec<Change> {
    if old.len() + new.len() > COMPARED_LINES {
        return vec![Change { old: 0..old.len(), new: 0..new.len() }];
    }
    let operations = operations(old, new);
    let replaced = operations.iter().filter(|operation| !matches!(operation, DiffOp::Equal { .. }));
    replaced.map(|operation| Change { old: operation.old_range(), new: operation.new_range() }).collect()
}

/// What `similar::capture_diff_slices` does with Myers' algorithm. That function chooses the algorithm when it runs, so the compiler
/// would build all six of them for our lines.
fn operations(old: &[&[u8]], new: &[&[u8]]) -> Vec<DiffOp> {
    let mut hook = Compact::new(Replace::new(Capture::new()), old, new);
    let Ok(()) = myers::diff(&mut hook, old, 0..old.len(), new, 0..new.len());
    hook.into_inner().into_inner().into_ops()
}

/// Lines with their line ends.
type Lines = Vec<Vec<u8>>;

/// The same removed and added lines, wherever they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeGroup {
    /// The lines on disk that go away.
    pub removed: Vec<Vec<u8>>,
    /// The lines that come.
    pub added: Vec<Vec<u8>>,
    /// The unchanged lines around it in the first file: before and after.
    pub context: (Vec<Vec<u8>>, Vec<Vec<u8>>),
    /// The files and places that change in this way.
    pub places: Vec<Place>,
}

/// A place of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: ArtifactPath,
    /// The first changed line on disk, from 0.
    pub old_line: usize,
    /// The first changed line of the render, from 0.
    pub new_line: usize,
}

/// How many lines around a change are shown.
const CONTEXT: usize = 2;

/// Groups equal changes over files. The seal's line, which always differs, is left aside.
///
/// Files without content on either side (missing ones, orphans, links) have no line changes; where only line ends differ, every line
/// would be one, so that is told by the kind alone.
#[must_use]
pub fn group_changes<'a>(drifts: impl IntoIterator<Item = &'a Drift>) -> Vec<ChangeGroup> {
    let mut groups: Vec<ChangeGroup> = Vec::new();
    let mut known: BTreeMap<(Lines, Lines), usize> = BTreeMap::new();
    for drift in drifts.into_iter().filter(|drift| drift.kind != DriftKind::LineEnds) {
        let (Some(expected), Some(actual)) = (&drift.expected, drift.actual_bytes()) else {
            continue;
        };
        let (old, new) = (unsealed(actual), unsealed(expected.as_bytes()));
        let changes = changes(&old, &new);
        for (number, change) in changes.iter().enumerate() {
            let removed = owned(old.get(change.old.clone()));
            let added = owned(new.get(change.new.clone()));
            let place = Place { path: drift.path.clone(), old_line: change.old.start, new_line: change.new.start };
            let key = (removed, added);
            if let Some(group) = known.get(&key).and_then(|number| groups.get_mut(*number)) {
                group.places.push(place);
                continue;
            }
            known.insert(key.clone(), groups.len());
            let from = number.checked_sub(1).and_then(|last| changes.get(last)).map_or(0, |last| last.old.end);
            let to = changes.get(number + 1).map_or(old.len(), |next| next.old.start);
            let before = owned(old.get(change.old.start.saturating_sub(CONTEXT).max(from)..change.old.start));
            let after = owned(old.get(change.old.end..to.min(change.old.end + CONTEXT)));
            groups.push(ChangeGroup { removed: key.0, added: key.1, context: (before, after), places: vec![place] });
        }
    }
    groups
}

/// The lines of a file with the same text for every seal line.
fn unsealed(bytes: &[u8]) -> Vec<&[u8]> {
    let is_seal = |line: &[u8]| std::str::from_utf8(line).is_ok_and(is_seal_line);
    lines(bytes).into_iter().map(|line| if is_seal(line) { b"# (seal)\n" } else { line }).collect()
}

fn owned(lines: Option<&[&[u8]]>) -> Vec<Vec<u8>> {
    lines.unwrap_or_default().iter().map(|line| line.to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::super::disk_state::DiskEntry;
    use super::*;
    use crate::render::seal::seal;

    fn drift(path: &str, kind: DriftKind, actual: &str, expected: &str) -> Drift {
        Drift {
            path: ArtifactPath::parse(path).unwrap(),
            kind,
            expected: Some(expected.to_owned()),
            actual: DiskEntry::File { bytes: actual.as_bytes().to_vec(), executable: false },
        }
    }

    #[test]
    fn lines_are_compared_one_by_one_up_to_the_limit_and_as_a_whole_beyond() {
        let half = vec![b"a\n".as_slice(); COMPARED_LINES / 2];
        let mut other = half.clone();
        other[7] = b"b\n";
        assert_eq!(changes(&half, &other), [Change { old: 7..8, new: 7..8 }]);
        other.push(b"a\n");
        assert_eq!(changes(&half, &other), [Change { old: 0..half.len(), new: 0..other.len() }]);
        assert_eq!(changes(&half, &[]), [Change { old: 0..half.len(), new: 0..0 }]);
    }

    #[test]
    fn lines_keep_their_ends() {
        assert_eq!(lines(b"a\n\nb"), [b"a\n".as_slice(), b"\n", b"b"]);
    }

    #[test]
    fn context_reaches_two_lines_but_not_into_the_next_change() {
        let numbers = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let drift = drift("g/a/Dockerfile", DriftKind::Stale, numbers, "1\n2\n3\nX\n5\nY\n7\n8\n9\n");
        let told: Vec<_> = group_changes([&drift])
            .into_iter()
            .map(|group| [group.context.0, group.removed, group.added, group.context.1].map(|lines| lines.concat()))
            .collect();
        let bytes = |lines: [&str; 4]| lines.map(|lines| lines.as_bytes().to_vec());
        assert_eq!(told, [bytes(["2\n3\n", "4\n", "X\n", "5\n"]), bytes(["5\n", "6\n", "Y\n", "7\n8\n"])]);
    }

    #[test]
    fn the_same_change_in_two_files_is_one_group_and_seals_are_none() {
        let drifts = ["g/a/Dockerfile", "g/b/Dockerfile"].map(|path| {
            let sealed = |body: &str| seal("services.yaml", &ArtifactPath::parse(path).unwrap(), "x.j2", body);
            drift(path, DriftKind::Stale, &sealed("FROM a\n"), &sealed("FROM b\n"))
        });
        let line_ends = drift("g/c", DriftKind::LineEnds, "a\r\n", "a\n");
        let orphan = Drift { expected: None, ..drift("g/d", DriftKind::Orphaned, "a\n", "") };
        let groups = group_changes(drifts.iter().chain([&line_ends, &orphan]));
        let told: Vec<_> = groups.iter().map(|group| (group.removed.concat(), group.added.concat())).collect();
        assert_eq!(told, [(b"FROM a\n".to_vec(), b"FROM b\n".to_vec())]);
        let places: Vec<_> = groups[0].places.iter().map(|place| (place.path.as_str(), place.old_line)).collect();
        assert_eq!(places, [("g/a/Dockerfile", 2), ("g/b/Dockerfile", 2)]);
    }
}
