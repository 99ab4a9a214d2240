//! Line differences between what is on disk and what was rendered, and the same change in many files as one.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use indexmap::IndexMap;
use sha2::{Digest, Sha256};
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::compare::DriftKind;
use super::shown::Drift;
use crate::artifact::ArtifactPath;
use crate::render::seal::is_seal_line;

/// The most lines on both sides together that are compared in one go, since the time for that grows with the square. A longer run of
/// lines is cut at lines that both sides have exactly once.
const COMPARED_LINES: usize = 10_000;
/// How much line by line comparing all files of a report together may take, in the same measure.
const COMPARED_IN_ALL: usize = 4 * COMPARED_LINES * COMPARED_LINES;
/// How many differing bytes of one file are looked into. What differs in more is told by its size alone.
const SHOWN_BYTES: usize = 1024 * 1024;
/// The same for all files of a report together.
const SHOWN_IN_ALL: usize = 32 * 1024 * 1024;

/// Lines that were replaced: ranges of line numbers, counted from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The lines on disk that go.
    pub old: Range<usize>,
    /// The rendered lines that come.
    pub new: Range<usize>,
}

/// The lines of a file with their line ends.
#[must_use]
pub fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|byte| *byte == b'\n').collect()
}

/// The changes that lead from the old lines to the new ones. Lines that begin or end both sides alike are never part of a change.
#[must_use]
pub fn changes(old: &[&[u8]], new: &[&[u8]]) -> Vec<Change> {
    changes_within(old, new, &mut (COMPARED_LINES * COMPARED_LINES))
}

/// The same as far as there is room, which is used up.
fn changes_within(old: &[&[u8]], new: &[&[u8]], room: &mut usize) -> Vec<Change> {
    let mut comparison = Comparison { old, new, room: *room, found: Vec::new() };
    comparison.compare(Change { old: 0..old.len(), new: 0..new.len() });
    *room = comparison.room;
    comparison.found
}

/// A comparison of two texts by lines, on its way from the first line to the last.
struct Comparison<'a> {
    old: &'a [&'a [u8]],
    new: &'a [&'a [u8]],
    /// How much may still be compared line by line: the sum of the squares of the lengths.
    room: usize,
    found: Vec<Change>,
}

impl Comparison<'_> {
    /// Compares two runs of lines, cut at lines that both have exactly once where they are too long to be compared in one go.
    fn compare(&mut self, whole: Change) {
        let middle = self.without_equal_ends(whole);
        if middle.old.len() + middle.new.len() <= COMPARED_LINES {
            return self.compare_line_by_line(middle);
        }
        let mut from = (middle.old.start, middle.new.start);
        for (old, new) in self.anchors(&middle) {
            let gap = Change { old: from.0..old, new: from.1..new };
            let gap = self.without_equal_ends(gap);
            self.compare_line_by_line(gap);
            from = (old + 1, new + 1);
        }
        let gap = Change { old: from.0..middle.old.end, new: from.1..middle.new.end };
        let gap = self.without_equal_ends(gap);
        self.compare_line_by_line(gap);
    }

    /// The part of two runs between the lines that begin and those that end both alike.
    fn without_equal_ends(&self, whole: Change) -> Change {
        let Change { mut old, mut new } = whole;
        while !old.is_empty() && !new.is_empty() && self.old.get(old.start) == self.new.get(new.start) {
            old.start += 1;
            new.start += 1;
        }
        while !old.is_empty() && !new.is_empty() && self.old.get(old.end - 1) == self.new.get(new.end - 1) {
            old.end -= 1;
            new.end -= 1;
        }
        Change { old, new }
    }

    /// Lines that both runs have exactly once, as pairs that go up on both sides: the longest such chain, as patience diff takes it.
    fn anchors(&self, runs: &Change) -> Vec<(usize, usize)> {
        let pairs = self.unique_pairs(runs);
        // The last pair of the best chain of each length, and for each pair the one before it in its chain.
        let mut ends: Vec<usize> = Vec::new();
        let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
        for (number, (_, new)) in pairs.iter().enumerate() {
            let length = ends.partition_point(|end| pairs.get(*end).is_some_and(|(_, last)| last < new));
            before.push(length.checked_sub(1).and_then(|shorter| ends.get(shorter).copied()));
            match ends.get_mut(length) {
                Some(end) => *end = number,
                None => ends.push(number),
            }
        }
        let mut chain = Vec::new();
        let mut next = ends.last().copied();
        while let Some((number, pair)) = next.and_then(|number| Some((number, pairs.get(number)?))) {
            chain.push(*pair);
            next = before.get(number).copied().flatten();
        }
        chain.reverse();
        chain
    }

    /// The places of each line that both runs have exactly once, in the order of the old run.
    fn unique_pairs(&self, runs: &Change) -> Vec<(usize, usize)> {
        let old = places_of_unique(self.old, runs.old.clone());
        let new = places_of_unique(self.new, runs.new.clone());
        let mut pairs = Vec::new();
        for (line, at) in old {
            if let (Some(old), Some(Some(new))) = (at, new.get(line)) {
                pairs.push((old, *new));
            }
        }
        pairs.sort_unstable();
        pairs
    }

    /// Compares two runs as they are, or takes them as replaced where that would take too long.
    fn compare_line_by_line(&mut self, runs: Change) {
        let length = runs.old.len() + runs.new.len();
        let (Some(old), Some(new)) = (self.old.get(runs.old.clone()), self.new.get(runs.new.clone())) else { return };
        if length == 0 {
            return;
        }
        let Some(room) = length.checked_mul(length).and_then(|work| self.room.checked_sub(work)) else {
            return self.found.push(runs);
        };
        self.room = room;
        for operation in capture_diff_slices(Algorithm::Myers, old, new) {
            if matches!(operation, DiffOp::Equal { .. }) {
                continue;
            }
            let (old, new) = (operation.old_range(), operation.new_range());
            self.found.push(Change {
                old: runs.old.start + old.start..runs.old.start + old.end,
                new: runs.new.start + new.start..runs.new.start + new.end,
            });
        }
    }
}

/// Where each line of a run stands; nothing for one that it has more than once.
fn places_of_unique<'a>(lines: &[&'a [u8]], run: Range<usize>) -> IndexMap<&'a [u8], Option<usize>> {
    let mut places = IndexMap::with_capacity(run.len());
    for at in run {
        let Some(line) = lines.get(at) else { continue };
        places.entry(*line).and_modify(|place| *place = None).or_insert(Some(at));
    }
    places
}

/// Lines with their ends, in one piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lines(Vec<u8>);

impl Lines {
    fn of(lines: Option<&[&[u8]]>) -> Self {
        Self(lines.unwrap_or_default().concat())
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split_inclusive(|byte| *byte == b'\n')
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.iter().count()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// One change and everywhere it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeGroup {
    /// The lines on disk that go.
    pub removed: Lines,
    /// The rendered lines that come.
    pub added: Lines,
    /// Unchanged lines before and after, where it was made first.
    pub context: (Lines, Lines),
    /// Where it was made.
    pub places: Vec<Place>,
}

/// A place of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub path: ArtifactPath,
    /// The first line on disk that goes, from 0.
    pub old_line: usize,
    /// The first rendered line that comes, from 0.
    pub new_line: usize,
}

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 2;

/// The changes of drifts, the same change in many files as one; and by path the sizes of files on disk that are not looked into.
#[derive(Debug, Default)]
pub struct Changes {
    /// The changes.
    pub groups: Vec<ChangeGroup>,
    /// How many bytes the files have that differ in too much to be shown.
    pub unshown: BTreeMap<ArtifactPath, usize>,
    known: BTreeMap<[u8; 32], usize>,
    bytes: usize,
    room: usize,
}

/// All changes of drifts, grouped. The seal's line, which always differs, is left aside.
///
/// Files without content on either side (missing or empty ones, orphans, links), or with content that is not shown, have no line changes.
/// Where only line ends differ, every line would be one, so the kind alone says it.
#[must_use]
pub fn group_changes<'a>(drifts: impl IntoIterator<Item = &'a Drift>) -> Changes {
    let mut changes = Changes { room: COMPARED_IN_ALL, ..Changes::default() };
    let has_lines = |drift: &&Drift| !matches!(drift.kind, DriftKind::LineEnds | DriftKind::Missing);
    for drift in drifts.into_iter().filter(has_lines) {
        if let (Some(expected), Some(actual)) = (&drift.expected, drift.shown_bytes()) {
            changes.add(&drift.path, actual, expected.as_bytes());
        }
    }
    changes
}

impl Changes {
    fn add(&mut self, path: &ArtifactPath, actual: &[u8], expected: &[u8]) {
        let ends = Ends::of(actual, expected);
        let (old, new) = ends.middles(actual, expected);
        let bytes = old.len() + new.len();
        if bytes > SHOWN_BYTES || self.bytes + bytes > SHOWN_IN_ALL {
            self.unshown.insert(path.clone(), actual.len());
            return;
        }
        self.bytes += bytes;
        let (old, new) = (unsealed(old), unsealed(new));
        let found = changes_within(&old, &new, &mut self.room);
        for (number, change) in found.iter().enumerate() {
            let place = Place {
                path: path.clone(),
                old_line: ends.lines + change.old.start,
                new_line: ends.lines + change.new.start,
            };
            let (removed, added) = (Lines::of(old.get(change.old.clone())), Lines::of(new.get(change.new.clone())));
            let key = key(&removed, &added);
            if let Some(group) = self.known.get(&key).and_then(|number| self.groups.get_mut(*number)) {
                group.places.push(place);
                continue;
            }
            self.known.insert(key, self.groups.len());
            let from = number.checked_sub(1).and_then(|last| found.get(last)).map_or(0, |last| last.old.end);
            let to = found.get(number + 1).map_or(old.len(), |next| next.old.start);
            let before = Lines::of(old.get(change.old.start.saturating_sub(CONTEXT).max(from)..change.old.start));
            let after = Lines::of(old.get(change.old.end..to.min(change.old.end + CONTEXT)));
            let context = (before, after);
            self.groups.push(ChangeGroup { removed, added, context, places: vec![place] });
        }
    }
}

/// The digest by which equal changes are found.
fn key(removed: &Lines, added: &Lines) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(removed.0.len().to_le_bytes());
    hash.update(&removed.0);
    hash.update(&added.0);
    hash.finalize().into()
}

/// What two files have in common at both ends, but for a few lines of context. Seals count as equal: they always differ.
#[derive(Debug, Clone, Copy)]
struct Ends {
    /// The bytes in common at the start of the first file, and of the second, whose seal may be longer.
    starts: (usize, usize),
    /// How many lines that is.
    lines: usize,
    /// The bytes in common at the end.
    end: usize,
}

impl Ends {
    fn of(old: &[u8], new: &[u8]) -> Self {
        let mut starts = (0, 0);
        let mut last = VecDeque::from([starts]);
        let mut lines = 0;
        loop {
            let (left, right) = (first_line(old, starts.0), first_line(new, starts.1));
            if left.is_empty() || right.is_empty() || !(left == right || (is_seal(left) && is_seal(right))) {
                break;
            }
            starts = (starts.0 + left.len(), starts.1 + right.len());
            last.push_back(starts);
            lines += 1;
            if last.len() > CONTEXT + 1 {
                last.pop_front();
            }
        }
        let context = last.len() - 1;
        let starts = last.pop_front().unwrap_or_default();
        let rests = (old.get(starts.0..).unwrap_or_default(), new.get(starts.1..).unwrap_or_default());
        Self { starts, lines: lines - context, end: common_end(rests.0, rests.1) }
    }

    /// What is left of the first file and of the second.
    fn middles<'a>(self, old: &'a [u8], new: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        let cut = |bytes: &'a [u8], start: usize| bytes.get(start..bytes.len() - self.end).unwrap_or_default();
        (cut(old, self.starts.0), cut(new, self.starts.1))
    }
}

/// How many bytes are the same at the ends, in whole lines and without the first few of them.
fn common_end(old: &[u8], new: &[u8]) -> usize {
    let common = old.iter().rev().zip(new.iter().rev()).take_while(|(old, new)| old == new).count();
    let mut end = old.get(old.len() - common..).unwrap_or_default();
    for _ in 0..=CONTEXT {
        end = end.get(first_line(end, 0).len()..).unwrap_or_default();
    }
    end.len()
}

/// The line that starts at a byte; empty at the end.
fn first_line(bytes: &[u8], start: usize) -> &[u8] {
    let rest = bytes.get(start..).unwrap_or_default();
    memchr::memchr(b'\n', rest).map_or(rest, |end| rest.get(..=end).unwrap_or(rest))
}

fn is_seal(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok_and(is_seal_line)
}

/// The lines, with the same text in place of each seal.
fn unsealed(bytes: &[u8]) -> Vec<&[u8]> {
    lines(bytes).into_iter().map(|line| if is_seal(line) { b"# (seal)\n" } else { line }).collect()
}

#[cfg(test)]
mod tests {
    use super::super::disk_state::DiskEntry;
    use super::*;
    use crate::render::seal::seal;

    fn drift(path: &str, kind: DriftKind, actual: &str, expected: &str) -> Drift {
        let actual = DiskEntry::File { bytes: actual.as_bytes().to_vec(), executable: false };
        Drift::new(ArtifactPath::parse(path).unwrap(), kind, Some(expected.to_owned()), actual)
    }

    fn numbered(count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|number| format!("{number}\n").into_bytes()).collect()
    }

    fn borrowed(lines: &[Vec<u8>]) -> Vec<&[u8]> {
        lines.iter().map(Vec::as_slice).collect()
    }

    #[test]
    fn a_long_file_shows_its_few_changed_lines() {
        let old = numbered(50_000);
        let mut new = old.clone();
        new[7] = b"x\n".to_vec();
        new.remove(20_000);
        new.insert(49_990, b"y\n".to_vec());
        let found = changes(&borrowed(&old), &borrowed(&new));
        let wanted = [(7..8, 7..8), (20_000..20_001, 20_000..20_000), (49_991..49_991, 49_990..49_991)];
        assert_eq!(found, wanted.map(|(old, new)| Change { old, new }));
        assert_eq!(changes(&borrowed(&old), &borrowed(&old)), []);
    }

    #[test]
    fn lines_that_move_in_a_long_file_are_a_removal_and_an_addition() {
        let old = numbered(30_000);
        let moved = [&old[..5], &old[1_005..25_000], &old[5..1_005], &old[25_000..]].concat();
        let found = changes(&borrowed(&old), &borrowed(&moved));
        let wanted = [(5..1_005, 5..5), (25_000..25_000, 24_000..25_000)];
        assert_eq!(found, wanted.map(|(old, new)| Change { old, new }));
    }

    #[test]
    fn long_files_of_equal_lines_are_replaced_between_their_equal_ends() {
        let half = vec![b"a\n".as_slice(); COMPARED_LINES / 2];
        let mut other = half.clone();
        other[7] = b"b\n";
        assert_eq!(changes(&half, &other), [Change { old: 7..8, new: 7..8 }]);
        let (mut old, mut new) = (vec![b"a\n".as_slice(); COMPARED_LINES], vec![b"b\n".as_slice(); COMPARED_LINES]);
        old.insert(0, b"first\n");
        new.insert(0, b"first\n");
        assert_eq!(changes(&old, &new), [Change { old: 1..old.len(), new: 1..new.len() }]);
        assert_eq!(changes(&half, &[]), [Change { old: 0..half.len(), new: 0..0 }]);
    }

    #[test]
    fn a_difference_in_a_long_file_is_found_by_its_line_and_much_of_it_is_not_shown() {
        let long: String = (0..400_000).map(|number| format!("{number}\n")).collect();
        let sealed = |body: &str| seal("services.yaml", &ArtifactPath::parse("g/bake").unwrap(), "x.j2", body);
        let file = |expected: &str| drift("g/bake", DriftKind::Stale, &sealed(&long), &sealed(expected));
        let found = group_changes([&file(&long.replace("\n77777\n", "\nx\n"))]);
        let told: Vec<_> =
            found.groups.iter().map(|group| (group.removed.0.as_slice(), group.places[0].old_line)).collect();
        assert_eq!((told, found.unshown.len()), (vec![(b"77777\n".as_slice(), 77_779)], 0));
        assert_eq!(found.groups[0].context.0.0, b"77775\n77776\n");
        assert_eq!(found.groups[0].context.1.0, b"77778\n77779\n");
        let found = group_changes([&file("other\n")]);
        assert_eq!(
            (found.groups.len(), found.unshown.into_values().collect::<Vec<_>>()),
            (0, vec![sealed(&long).len()])
        );
    }

    proptest::proptest! {
        /// Whatever is compared, and however much room there is, the changes lead from one text to the other.
        #[test]
        fn changes_lead_from_the_old_lines_to_the_new_ones(
            old in proptest::collection::vec(0_u8..9, 0..60),
            new in proptest::collection::vec(0_u8..9, 0..60),
            room in 0_usize..4_000,
        ) {
            let lines = |numbers: &[u8]| numbers.iter().map(|number| vec![*number]).collect::<Vec<_>>();
            let (old, new) = (lines(&old), lines(&new));
            let (old, new) = (borrowed(&old), borrowed(&new));
            let mut comparison = Comparison { old: &old, new: &new, room, found: Vec::new() };
            let whole = Change { old: 0..old.len(), new: 0..new.len() };
            let mut from = (0, 0);
            for (old, new) in comparison.anchors(&whole) {
                comparison.compare_line_by_line(Change { old: from.0..old, new: from.1..new });
                from = (old + 1, new + 1);
            }
            comparison.compare_line_by_line(Change { old: from.0..old.len(), new: from.1..new.len() });
            let (mut at, mut made) = (0, Vec::new());
            for change in &comparison.found {
                made.extend_from_slice(&old[at..change.old.start]);
                proptest::prop_assert_eq!(made.len(), change.new.start);
                made.extend_from_slice(&new[change.new.clone()]);
                at = change.old.end;
            }
            made.extend_from_slice(&old[at..]);
            proptest::prop_assert_eq!(made, new);
        }
    }

    #[test]
    fn lines_keep_their_ends() {
        assert_eq!(lines(b"a\n\nb"), [b"a\n".as_slice(), b"\n", b"b"]);
    }

    #[test]
    fn context_reaches_two_lines_but_not_into_the_next_change() {
        let numbers = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let sealed = |body: &str| seal("services.yaml", &ArtifactPath::parse("g/a/Dockerfile").unwrap(), "x.j2", body);
        let changed = "1\n2\n3\nX\n5\nY\n7\n8\n9\n";
        let drift = drift("g/a/Dockerfile", DriftKind::Stale, &sealed(numbers), &sealed(changed));
        let told: Vec<_> = group_changes([&drift])
            .groups
            .into_iter()
            .map(|group| [group.context.0, group.removed, group.added, group.context.1].map(|lines| lines.0))
            .collect();
        let bytes = |lines: [&str; 4]| lines.map(|lines| lines.as_bytes().to_vec());
        assert_eq!(told, [bytes(["2\n3\n", "4\n", "X\n", "5\n"]), bytes(["5\n", "6\n", "Y\n", "7\n8\n"])]);
    }

    #[test]
    fn a_file_that_is_not_generated_has_no_changes() {
        for kind in DriftKind::all().into_iter().filter(|kind| *kind != DriftKind::Executable) {
            assert_eq!(group_changes([&drift("g/a", kind, "PASSWORD=x\n", "FROM a\n")]).groups, []);
        }
    }

    #[test]
    fn the_same_change_in_two_files_is_one_group_and_seals_are_none() {
        let drifts = ["g/a/Dockerfile", "g/b/Dockerfile"].map(|path| {
            let sealed = |body: &str| seal("services.yaml", &ArtifactPath::parse(path).unwrap(), "x.j2", body);
            drift(path, DriftKind::Stale, &sealed("FROM a\n"), &sealed("FROM b\n"))
        });
        let line_ends = drift("g/c", DriftKind::LineEnds, "a\r\n", "a\n");
        let mut orphan = drift("g/d", DriftKind::Orphaned, "a\n", "");
        orphan.expected = None;
        let groups = group_changes(drifts.iter().chain([&line_ends, &orphan])).groups;
        let told: Vec<_> = groups.iter().map(|group| (group.removed.0.clone(), group.added.0.clone())).collect();
        assert_eq!(told, [(b"FROM a\n".to_vec(), b"FROM b\n".to_vec())]);
        let places: Vec<_> = groups[0].places.iter().map(|place| (place.path.as_str(), place.old_line)).collect();
        assert_eq!(places, [("g/a/Dockerfile", 2), ("g/b/Dockerfile", 2)]);
    }
}
