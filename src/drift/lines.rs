//! Which lines of a text were replaced by which: what is equal at both ends costs next to nothing,
//! and a long text is cut at lines that both sides have exactly once, so that its few changes are
//! found.

use std::ops::Range;

use indexmap::IndexMap;
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The most lines on both sides together that are compared in one go, since the time for that grows
/// with the square. A longer run of lines is cut at lines that both sides have exactly once.
pub(super) const COMPARED_LINES: usize = 10_000;
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

/// The changes that lead from the old lines to the new ones. Lines that begin or end both sides
/// alike are never part of a change.
#[must_use]
pub fn changes(old: &[&[u8]], new: &[&[u8]]) -> Vec<Change> {
    changes_within(old, new, &mut (COMPARED_LINES * COMPARED_LINES))
}

/// The same as far as there is room, which is used up.
pub(super) fn changes_within(old: &[&[u8]], new: &[&[u8]], room: &mut usize) -> Vec<Change> {
    let mut comparison = Comparison {
        old,
        new,
        room: *room,
        found: Vec::new(),
    };
    comparison.compare(Change {
        old: 0..old.len(),
        new: 0..new.len(),
    });
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
    /// Compares two runs of lines, cut at lines that both have exactly once where they are too long
    /// to be compared in one go.
    fn compare(&mut self, whole: Change) {
        let middle = self.without_equal_ends(whole);
        if middle.old.len() + middle.new.len() <= COMPARED_LINES {
            return self.compare_line_by_line(middle);
        }
        let mut from = (middle.old.start, middle.new.start);
        for (old, new) in self.anchors(&middle) {
            let gap = Change {
                old: from.0..old,
                new: from.1..new,
            };
            let gap = self.without_equal_ends(gap);
            self.compare_line_by_line(gap);
            from = (old + 1, new + 1);
        }
        let gap = Change {
            old: from.0..middle.old.end,
            new: from.1..middle.new.end,
        };
        let gap = self.without_equal_ends(gap);
        self.compare_line_by_line(gap);
    }

    /// The part of two runs between the lines that begin and those that end both alike.
    fn without_equal_ends(&self, whole: Change) -> Change {
        let Change { mut old, mut new } = whole;
        while !old.is_empty()
            && !new.is_empty()
            && self.old.get(old.start) == self.new.get(new.start)
        {
            old.start += 1;
            new.start += 1;
        }
        while !old.is_empty()
            && !new.is_empty()
            && self.old.get(old.end - 1) == self.new.get(new.end - 1)
        {
            old.end -= 1;
            new.end -= 1;
        }
        Change { old, new }
    }

    /// Lines that both runs have exactly once, as pairs that go up on both sides: the longest such
    /// chain, as patience diff takes it.
    fn anchors(&self, runs: &Change) -> Vec<(usize, usize)> {
        let pairs = self.unique_pairs(runs);
        // The last pair of the best chain of each length, and for each pair the one before it in
        // its chain.
        let mut ends: Vec<usize> = Vec::new();
        let mut before: Vec<Option<usize>> = Vec::with_capacity(pairs.len());
        for (number, (_, new)) in pairs.iter().enumerate() {
            let length =
                ends.partition_point(|end| pairs.get(*end).is_some_and(|(_, last)| last < new));
            before.push(
                length
                    .checked_sub(1)
                    .and_then(|shorter| ends.get(shorter).copied()),
            );
            match ends.get_mut(length) {
                Some(end) => *end = number,
                None => ends.push(number),
            }
        }
        let mut chain = Vec::new();
        let mut next = ends.last().copied();
        while let Some((number, pair)) = next.and_then(|number| Some((number, pairs.get(number)?)))
        {
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
        let (Some(old), Some(new)) = (
            self.old.get(runs.old.clone()),
            self.new.get(runs.new.clone()),
        ) else {
            return;
        };
        if length == 0 {
            return;
        }
        let Some(room) = length
            .checked_mul(length)
            .and_then(|work| self.room.checked_sub(work))
        else {
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
fn places_of_unique<'a>(
    lines: &[&'a [u8]],
    run: Range<usize>,
) -> IndexMap<&'a [u8], Option<usize>> {
    let mut places = IndexMap::with_capacity(run.len());
    for at in run {
        let Some(line) = lines.get(at) else { continue };
        places
            .entry(*line)
            .and_modify(|place| *place = None)
            .or_insert(Some(at));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(count: usize) -> Vec<Vec<u8>> {
        (0..count)
            .map(|number| format!("{number}\n").into_bytes())
            .collect()
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
        let wanted = [
            (7..8, 7..8),
            (20_000..20_001, 20_000..20_000),
            (49_991..49_991, 49_990..49_991),
        ];
        assert_eq!(found, wanted.map(|(old, new)| Change { old, new }));
        assert_eq!(changes(&borrowed(&old), &borrowed(&old)), []);
    }

    #[test]
    fn lines_that_move_in_a_long_file_are_a_removal_and_an_addition() {
        let old = numbered(30_000);
        let moved = [
            &old[..5],
            &old[1_005..25_000],
            &old[5..1_005],
            &old[25_000..],
        ]
        .concat();
        let found = changes(&borrowed(&old), &borrowed(&moved));
        let wanted = [(5..1_005, 5..5), (25_000..25_000, 24_000..25_000)];
        assert_eq!(found, wanted.map(|(old, new)| Change { old, new }));
    }

    #[test]
    fn long_files_of_equal_lines_are_replaced_between_their_equal_ends() {
        let half = vec![b"a\n".as_slice(); COMPARED_LINES / 2];
        let mut other = half.clone();
        other[7] = b"b\n";
        assert_eq!(
            changes(&half, &other),
            [Change {
                old: 7..8,
                new: 7..8
            }]
        );
        let (mut old, mut new) = (
            vec![b"a\n".as_slice(); COMPARED_LINES],
            vec![b"b\n".as_slice(); COMPARED_LINES],
        );
        old.insert(0, b"first\n");
        new.insert(0, b"first\n");
        assert_eq!(
            changes(&old, &new),
            [Change {
                old: 1..old.len(),
                new: 1..new.len()
            }]
        );
        assert_eq!(
            changes(&half, &[]),
            [Change {
                old: 0..half.len(),
                new: 0..0
            }]
        );
    }

    proptest::proptest! {
        /// Whatever is compared, and however much room there is, the changes lead from one text to
        /// the other.
        #[test]
        fn changes_lead_from_the_old_lines_to_the_new_ones(
            old in proptest::collection::vec(0_u8..9, 0..60),
            new in proptest::collection::vec(0_u8..9, 0..60),
            room in 0_usize..4_000,
        ) {
            let lines = |numbers: &[u8]| -> Vec<Vec<u8>> {
                numbers.iter().map(|number| vec![*number]).collect()
            };
            let (old, new) = (lines(&old), lines(&new));
            let (old, new) = (borrowed(&old), borrowed(&new));
            let mut comparison = Comparison { old: &old, new: &new, room, found: Vec::new() };
            let whole = Change { old: 0..old.len(), new: 0..new.len() };
            let mut from = (0, 0);
            for (old, new) in comparison.anchors(&whole) {
                comparison.compare_line_by_line(Change { old: from.0..old, new: from.1..new });
                from = (old + 1, new + 1);
            }
            comparison.compare_line_by_line(Change {
                old: from.0..old.len(),
                new: from.1..new.len(),
            });
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
}
