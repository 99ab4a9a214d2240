//! Line differences between what is on disk and what was rendered, and the same change in many
//! files as one.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use sha2::{Digest, Sha256};

use super::kind::DriftKind;
use super::lines::{COMPARED_LINES, changes_within, lines};
use super::shown::Drift;
use crate::artifact::ArtifactPath;
use crate::render::seal::is_seal_line;

/// How much line by line comparing all files of a report together may take, in the same measure.
const COMPARED_IN_ALL: usize = 4 * COMPARED_LINES * COMPARED_LINES;
/// How many differing bytes of one file are looked into. What differs in more is told by its size
/// alone.
const SHOWN_BYTES: usize = 1024 * 1024;
/// The same for all files of a report together.
const SHOWN_IN_ALL: usize = 32 * 1024 * 1024;

/// Lines with their ends, in one piece.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lines(Vec<u8>);

impl Lines {
    fn of(lines: &[&[u8]]) -> Self {
        Self(lines.concat())
    }

    /// One after the other.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.0.split_inclusive(|byte| *byte == b'\n')
    }

    /// How many there are.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.iter().count()
    }
}

/// One change and everywhere it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ChangeGroup {
    /// The lines on disk that go.
    pub(crate) removed: Lines,
    /// The rendered lines that come.
    pub(crate) added: Lines,
    /// Unchanged lines before and after, where it was made first.
    pub(crate) context: (Lines, Lines),
    /// Where it was made.
    pub(crate) places: Vec<Place>,
}

/// A place of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// The file.
    pub(crate) path: ArtifactPath,
    /// The first line on disk that goes, from 0.
    pub(crate) old_line: usize,
    /// The first rendered line that comes, from 0.
    pub(crate) new_line: usize,
}

/// How many unchanged lines are shown around a change.
const CONTEXT: usize = 2;

/// The changes of drifts, the same change in many files as one; and by path the sizes of files on
/// disk that are not looked into.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// The changes.
    pub(crate) groups: Vec<ChangeGroup>,
    /// How many bytes the files have that differ in too much to be shown.
    pub(crate) unshown: BTreeMap<ArtifactPath, usize>,
    known: BTreeMap<[u8; 32], usize>,
    bytes: usize,
    room: usize,
}

/// All changes of drifts, grouped. The seal's line, which always differs, is left aside.
///
/// Files without content on either side (missing or empty ones, orphans, links), or with content
/// that is not shown, have no line changes. Where only line ends differ, every line would be one,
/// so the kind alone says it.
#[must_use]
pub(crate) fn group_changes<'a>(drifts: impl IntoIterator<Item = &'a Drift>) -> Changes {
    let mut changes = Changes {
        room: COMPARED_IN_ALL,
        ..Changes::default()
    };
    let has_lines =
        |drift: &&Drift| !matches!(drift.kind, DriftKind::LineEnds | DriftKind::Missing);
    for drift in drifts.into_iter().filter(has_lines) {
        if let (Some(expected), Some(actual)) = (&drift.expected, drift.shown_bytes()) {
            changes.add(&drift.path, actual, expected.as_bytes());
        }
    }
    changes
}

/// Which rendered lines a line on disk stands for, both from 0, and whether it was changed: itself
/// where it is as rendered, and what is rendered in its place where it is not.
#[must_use]
pub(crate) fn rendered_lines(drift: &Drift, line: usize) -> (Range<usize>, bool) {
    let mut places: Vec<(Range<usize>, Range<usize>)> = Vec::new();
    for group in group_changes([drift]).groups {
        let (removed, added) = (group.removed.len(), group.added.len());
        places.extend(group.places.iter().map(|place| {
            let (old, new) = (place.old_line, place.new_line);
            (old..old + removed, new..new + added)
        }));
    }
    places.sort_by_key(|(old, _)| old.start);
    let mut same = line;
    for (old, new) in places {
        if old.contains(&line) {
            return (new, true);
        }
        if old.end <= line {
            same = line - old.end + new.end;
        }
    }
    (same..same + 1, false)
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
            let (removed, added) = (
                Lines::of(&old[change.old.clone()]),
                Lines::of(&new[change.new.clone()]),
            );
            let key = key(&removed, &added);
            if let Some(number) = self.known.get(&key) {
                self.groups[*number].places.push(place);
                continue;
            }
            self.known.insert(key, self.groups.len());
            let from = number
                .checked_sub(1)
                .and_then(|last| found.get(last))
                .map_or(0, |last| last.old.end);
            let to = found
                .get(number + 1)
                .map_or(old.len(), |next| next.old.start);
            let before = Lines::of(
                &old[change.old.start.saturating_sub(CONTEXT).max(from)..change.old.start],
            );
            let after = Lines::of(&old[change.old.end..to.min(change.old.end + CONTEXT)]);
            let context = (before, after);
            self.groups.push(ChangeGroup {
                removed,
                added,
                context,
                places: vec![place],
            });
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

/// What two files have in common at both ends, but for a few lines of context. Seals count as
/// equal: they always differ.
#[derive(Debug, Clone, Copy)]
struct Ends {
    /// The bytes in common at the start of the first file, and of the second, whose seal may be
    /// longer.
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
            if left.is_empty()
                || right.is_empty()
                || !(left == right || (is_seal(left) && is_seal(right)))
            {
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
        let starts = last.pop_front().expect("the first line starts at 0");
        let rests = (&old[starts.0..], &new[starts.1..]);
        Self {
            starts,
            lines: lines - context,
            end: common_end(rests.0, rests.1),
        }
    }

    /// What is left of the first file and of the second.
    fn middles<'a>(self, old: &'a [u8], new: &'a [u8]) -> (&'a [u8], &'a [u8]) {
        let cut = |bytes: &'a [u8], start: usize| &bytes[start..bytes.len() - self.end];
        (cut(old, self.starts.0), cut(new, self.starts.1))
    }
}

/// How many bytes are the same at the ends, in whole lines and without the first few of them.
fn common_end(old: &[u8], new: &[u8]) -> usize {
    let common = old
        .iter()
        .rev()
        .zip(new.iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let mut end = &old[old.len() - common..];
    for _ in 0..=CONTEXT {
        end = &end[first_line(end, 0).len()..];
    }
    end.len()
}

/// The line that starts at a byte; empty at the end.
fn first_line(bytes: &[u8], start: usize) -> &[u8] {
    let rest = &bytes[start..];
    memchr::memchr(b'\n', rest).map_or(rest, |end| &rest[..=end])
}

fn is_seal(line: &[u8]) -> bool {
    std::str::from_utf8(line).is_ok_and(is_seal_line)
}

/// The lines, with the same text in place of each seal.
fn unsealed(bytes: &[u8]) -> Vec<&[u8]> {
    lines(bytes)
        .into_iter()
        .map(|line| if is_seal(line) { b"# (seal)\n" } else { line })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::disk_state::DiskEntry;
    use super::*;
    use crate::render::seal::seal;

    fn drift(path: &str, kind: DriftKind, actual: &str, expected: &str) -> Drift {
        let actual = DiskEntry::File {
            bytes: actual.as_bytes().to_vec(),
            executable: false,
        };
        Drift::new(
            ArtifactPath::parse(path).unwrap(),
            kind,
            Some(expected.to_owned()),
            actual,
        )
    }

    #[test]
    fn a_difference_in_a_long_file_is_found_by_its_line_and_much_of_it_is_not_shown() {
        let long: String =
            (0..400_000).fold(String::new(), |text, number| text + &format!("{number}\n"));
        let sealed = |body: &str| {
            seal(
                "services.yaml",
                &ArtifactPath::parse("g/bake").unwrap(),
                "x.j2",
                body,
            )
        };
        let file = |expected: &str| {
            drift(
                "g/bake",
                DriftKind::Stale,
                &sealed(&long),
                &sealed(expected),
            )
        };
        let found = group_changes([&file(&long.replace("\n77777\n", "\nx\n"))]);
        let told: Vec<_> = found
            .groups
            .iter()
            .map(|group| (group.removed.0.as_slice(), group.places[0].old_line))
            .collect();
        assert_eq!(
            (told, found.unshown.len()),
            (vec![(b"77777\n".as_slice(), 77_779)], 0)
        );
        assert_eq!(found.groups[0].context.0.0, b"77775\n77776\n");
        assert_eq!(found.groups[0].context.1.0, b"77778\n77779\n");
        let found = group_changes([&file("other\n")]);
        assert_eq!(
            (
                found.groups.len(),
                found.unshown.into_values().collect::<Vec<_>>()
            ),
            (0, vec![sealed(&long).len()])
        );
    }

    #[test]
    fn lines_keep_their_ends() {
        assert_eq!(lines(b"a\n\nb"), [b"a\n".as_slice(), b"\n", b"b"]);
    }

    #[test]
    fn context_reaches_two_lines_but_not_into_the_next_change() {
        let numbers = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let sealed = |body: &str| {
            seal(
                "services.yaml",
                &ArtifactPath::parse("g/a/Dockerfile").unwrap(),
                "x.j2",
                body,
            )
        };
        let changed = "1\n2\n3\nX\n5\nY\n7\n8\n9\n";
        let drift = drift(
            "g/a/Dockerfile",
            DriftKind::Stale,
            &sealed(numbers),
            &sealed(changed),
        );
        let told: Vec<_> = group_changes([&drift])
            .groups
            .into_iter()
            .map(|group| {
                [group.context.0, group.removed, group.added, group.context.1].map(|lines| lines.0)
            })
            .collect();
        let bytes = |lines: [&str; 4]| lines.map(|lines| lines.as_bytes().to_vec());
        assert_eq!(
            told,
            [
                bytes(["2\n3\n", "4\n", "X\n", "5\n"]),
                bytes(["5\n", "6\n", "Y\n", "7\n8\n"])
            ]
        );
    }

    #[test]
    fn a_file_that_is_not_generated_has_no_changes() {
        for kind in DriftKind::all()
            .into_iter()
            .filter(|kind| *kind != DriftKind::Executable)
        {
            assert_eq!(
                group_changes([&drift("g/a", kind, "PASSWORD=x\n", "FROM a\n")]).groups,
                []
            );
        }
    }

    #[test]
    fn the_same_change_in_two_files_is_one_group_and_seals_are_none() {
        let drifts = ["g/a/Dockerfile", "g/b/Dockerfile"].map(|path| {
            let sealed = |body: &str| {
                seal(
                    "services.yaml",
                    &ArtifactPath::parse(path).unwrap(),
                    "x.j2",
                    body,
                )
            };
            drift(
                path,
                DriftKind::Stale,
                &sealed("FROM a\n"),
                &sealed("FROM b\n"),
            )
        });
        let line_ends = drift("g/c", DriftKind::LineEnds, "a\r\n", "a\n");
        let mut orphan = drift("g/d", DriftKind::Orphaned, "a\n", "");
        orphan.expected = None;
        let groups = group_changes(drifts.iter().chain([&line_ends, &orphan])).groups;
        let told: Vec<_> = groups
            .iter()
            .map(|group| (group.removed.0.clone(), group.added.0.clone()))
            .collect();
        assert_eq!(told, [(b"FROM a\n".to_vec(), b"FROM b\n".to_vec())]);
        let places: Vec<_> = groups[0]
            .places
            .iter()
            .map(|place| (place.path.as_str(), place.old_line))
            .collect();
        assert_eq!(places, [("g/a/Dockerfile", 2), ("g/b/Dockerfile", 2)]);
    }
}
