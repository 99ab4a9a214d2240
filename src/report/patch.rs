//! A patch that `git apply` takes: every difference, ungrouped, with new, deleted and mode entries.
//!
//! A patch holds what it replaces, so a file whose content is not shown is left out, as is what
//! stands in the way of a file. With those files out of the way, the patch makes `check` clean.
//!
//! Bytes go through as they are, since a patch is for a program to read.

use std::fmt::Write as _;

use crate::drift::{Change, Drift, DriftReport, Shown, changes, lines};

/// How many unchanged lines stand around a change, as in git.
const CONTEXT: usize = 3;

/// The whole patch. `git apply` counts its paths from the top folder of the repository wherever it
/// runs, so `below` is the fleet's folder from there on, with a slash at its end.
#[must_use]
pub(crate) fn patch(report: &DriftReport, below: &str) -> Vec<u8> {
    report
        .drifts
        .iter()
        .filter_map(|drift| file_patch(drift, below))
        .flatten()
        .collect()
}

/// The differences that the patch leaves out.
#[must_use]
pub(crate) fn left_out(report: &DriftReport) -> DriftReport {
    let is_left_out = |drift: &&Drift| matches!(drift.shown(), Shown::Withheld(_) | Shown::Other);
    let drifts = report.drifts.iter().filter(is_left_out).cloned().collect();
    DriftReport {
        drifts,
        compared: report.compared,
        dockerfiles_on_disk: report.dockerfiles_on_disk,
    }
}

fn file_patch(drift: &Drift, below: &str) -> Option<Vec<u8>> {
    let path = &format!("{below}{}", drift.path);
    let expected = drift.expected.as_deref().map(str::as_bytes);
    match (drift.shown(), expected) {
        (Shown::Absent, Some(new)) => Some(created(path, new)),
        (Shown::File { bytes, executable }, Some(new)) => {
            Some(changed(path, bytes, executable, new))
        }
        (Shown::File { bytes, executable }, None) => Some(deleted(
            path,
            if executable { "100755" } else { "100644" },
            bytes,
        )),
        (Shown::Link(target), new) => {
            let mut gone = deleted(path, "120000", target.as_bytes());
            gone.extend(new.map(|new| created(path, new)).unwrap_or_default());
            Some(gone)
        }
        (Shown::Withheld(_) | Shown::Other, _) | (Shown::Absent, None) => None,
    }
}

fn header(path: &str) -> String {
    format!("diff --git {} {}\n", side('a', path), side('b', path))
}

/// A path with its prefix, quoted as git does where it has more than plain characters.
fn side(prefix: char, path: &str) -> String {
    let name = format!("{prefix}/{path}");
    if name
        .bytes()
        .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'))
    {
        return name;
    }
    let quoted = name.bytes().map(|byte| match byte {
        b'"' | b'\\' => format!("\\{}", char::from(byte)),
        b' ' | b'!'..=b'~' => char::from(byte).to_string(),
        other => format!("\\{other:03o}"),
    });
    format!("\"{}\"", quoted.collect::<Vec<_>>().concat())
}

fn created(path: &str, new: &[u8]) -> Vec<u8> {
    let mut text = header(path) + "new file mode 100644\n";
    if !new.is_empty() {
        let _ = writeln!(text, "--- /dev/null\n+++ {}", side('b', path));
    }
    joined(text, hunks(&[], &lines(new)))
}

fn deleted(path: &str, mode: &str, old: &[u8]) -> Vec<u8> {
    let mut text = header(path);
    let _ = writeln!(text, "deleted file mode {mode}");
    if !old.is_empty() {
        let _ = writeln!(text, "--- {}\n+++ /dev/null", side('a', path));
    }
    joined(text, hunks(&lines(old), &[]))
}

fn changed(path: &str, old: &[u8], executable: bool, new: &[u8]) -> Vec<u8> {
    let mut text = header(path);
    if executable {
        text.push_str("old mode 100755\nnew mode 100644\n");
    }
    if old != new {
        let _ = writeln!(text, "--- {}\n+++ {}", side('a', path), side('b', path));
    }
    joined(text, hunks(&lines(old), &lines(new)))
}

fn joined(text: String, hunks: Vec<u8>) -> Vec<u8> {
    let mut bytes = text.into_bytes();
    bytes.extend(hunks);
    bytes
}

fn hunks(old: &[&[u8]], new: &[&[u8]]) -> Vec<u8> {
    if old == new {
        return Vec::new();
    }
    let mut output = Vec::new();
    let mut pending: Vec<Change> = Vec::new();
    for change in changes(old, new) {
        if pending
            .last()
            .is_some_and(|last| change.old.start - last.old.end > 2 * CONTEXT)
        {
            hunk(&mut output, old, new, &pending);
            pending.clear();
        }
        pending.push(change);
    }
    hunk(&mut output, old, new, &pending);
    output
}

fn hunk(output: &mut Vec<u8>, old: &[&[u8]], new: &[&[u8]], changes: &[Change]) {
    let (Some(first), Some(last)) = (changes.first(), changes.last()) else {
        return;
    };
    let before = CONTEXT.min(first.old.start);
    let after = CONTEXT.min(old.len() - last.old.end);
    let old_range = first.old.start - before..last.old.end + after;
    let new_range = first.new.start - before..last.new.end + after;
    output.extend(format!("@@ -{} +{} @@\n", range(&old_range), range(&new_range)).into_bytes());
    let mut at = old_range.start;
    for change in changes {
        put(output, b' ', &old[at..change.old.start]);
        put(output, b'-', &old[change.old.clone()]);
        put(output, b'+', &new[change.new.clone()]);
        at = change.old.end;
    }
    put(output, b' ', &old[at..old_range.end]);
}

/// A range as unified diffs write it: 1-based, and for an empty one the line before.
fn range(range: &std::ops::Range<usize>) -> String {
    let start = if range.is_empty() {
        range.start
    } else {
        range.start + 1
    };
    format!("{start},{}", range.len())
}

fn put(output: &mut Vec<u8>, sign: u8, lines: &[&[u8]]) {
    for line in lines {
        output.push(sign);
        output.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            output.extend_from_slice(b"\n\\ No newline at end of file\n");
        }
    }
}
