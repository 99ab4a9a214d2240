//! What must hold for any input at all, a function a part of the program. libFuzzer drives these
//! functions (`fuzz_targets`), and so does `tests/suite/fuzz_targets.rs` without it, over the
//! committed seeds and everything that was ever found.

pub mod choices;
pub mod declared;
pub mod meanings;
pub mod names;
pub mod oracle;
pub mod runners;
pub mod runs;
pub mod sizes;
pub mod trees;
pub mod values;

use dockwright::declare::parse;
use dockwright::dockerfile::{Segment, rerun, segment, segment_fragment};
use dockwright::edit::declaration::{
    EditError, NewService, add_service, set_base_fingerprint, set_base_version, set_python,
};
use dockwright::project::{Files, Unwatched, load};
use dockwright::report::inert::{inert, inert_lines};
use dockwright::report::{Findings, annotations, check_json, check_text};
use serde_json::{Value, json};

/// Longer inputs find nothing that shorter ones do not.
const INPUT_BYTES: usize = 16 * 1024;

/// A law with the name of its fuzz target.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 10] = [
    ("yaml", yaml),
    ("edit", edit),
    ("segmenter", segmenter),
    ("values", declared_values),
    ("printer", printer),
    ("runs", whole_runs),
    ("meaning", meanings::holds),
    ("sizes", sizes::holds),
    ("remote", sizes::answered),
    ("ledger", sizes::ledger),
];

/// Any bytes as services.yaml: a fleet or diagnostics, each with a place in the file, and a report
/// that is safe to print.
pub fn yaml(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(INPUT_BYTES)];
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = oracle::judge(text);
    }
    let files = Files::declaring(bytes);
    // It can name a folder of templates, which is not there.
    let Ok(loaded) = load(&files, "services.yaml", &Unwatched) else {
        return;
    };
    assert!(
        loaded.fleet().is_some() || loaded.has_errors(),
        "no fleet without a reason"
    );
    let length = String::from_utf8_lossy(bytes).len();
    for found in &loaded.diagnostics {
        let (start, end) = loaded.sources.range(&found.location);
        assert!(
            start <= end && start <= length,
            "{found:?} at {start}..{end} of {length}"
        );
    }
    let findings = Findings::declared(None, &loaded);
    assert_safe(&without_styles(check_text(&findings).as_str()), &[""]);
    assert_safe(check_json(&findings).as_str(), &[""]);
    let own = annotations(&findings);
    for line in own.as_str().lines() {
        let command = runners::github_v2(line, runners::Comparison::Ordinal);
        assert!(
            command.is_some_and(
                |command| ["error", "warning", "notice"].contains(&command.name.as_str())
            ),
            "{line:?}"
        );
        assert!(!line.contains("##["), "{line:?}");
    }
}

/// The text without its colors. Every other escape stays, for the caller to find.
fn without_styles(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\u{1b}[") {
        plain.push_str(before);
        let parameters =
            after.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ';');
        rest = parameters.strip_prefix('m').unwrap_or_else(|| {
            plain.push_str("\u{1b}[");
            after
        });
    }
    plain + rest
}

/// No line of the text has a control character or is, behind any of the prefixes, a command of a CI
/// runner.
fn assert_safe(printed: &str, prefixes: &[&str]) {
    for line in printed.split('\n') {
        assert!(
            line.chars()
                .all(|character| character == '\t' || !character.is_control()),
            "{line:?}"
        );
    }
    for line in runners::lines(printed) {
        for prefix in prefixes {
            let readers = runners::readers_of(&format!("{prefix}{line}"));
            assert!(
                readers.is_empty(),
                "{readers:?} read {line:?} after {prefix:?}"
            );
        }
    }
}

/// Any text that is no YAML, or an edit that was asked for and nothing else.
pub fn edit(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(&bytes[..bytes.len().min(INPUT_BYTES)]) else {
        return;
    };
    if parse("services.yaml", text.as_bytes()).is_err() {
        // What cannot be loaded is never edited by a command; an edit of it must only come back.
        let _ = set_python(text, "3.13");
        return;
    }
    let Ok(before) = serde_yaml::from_str::<Value>(text) else {
        return;
    };
    let added = NewService {
        name: "svc-new".to_owned(),
        kind: Some("web".to_owned()),
        apt: vec!["libpq5".to_owned()],
        pip: vec!["stripe>=9".to_owned()],
        port: Some(8017),
        ..NewService::default()
    };
    let base = before["bases"]
        .as_object()
        .and_then(|bases| bases.keys().next().cloned())
        .unwrap_or_default();
    let service = json!({"kind": "web", "apt": ["libpq5"], "pip": ["stripe>=9"], "port": 8017});
    let edits: [(Result<String, EditError>, &[&str], Value); 4] = [
        (set_python(text, "3.13"), &["python"], json!("3.13")),
        (
            set_base_version(text, &base, "v1.0.2"),
            &["bases", &base, "version"],
            json!("v1.0.2"),
        ),
        (
            set_base_fingerprint(text, &base, "v1.0.2@8899aabbccddeeff"),
            &["bases", &base, "fingerprint"],
            json!("v1.0.2@8899aabbccddeeff"),
        ),
        (add_service(text, &added), &["services", "svc-new"], service),
    ];
    for (result, path, value) in edits {
        let Ok(after) = result else { continue };
        let mut expected = before.clone();
        let mut node = &mut expected;
        for step in path {
            node = &mut node[*step];
        }
        let was = std::mem::replace(node, value);
        let loaded: Value =
            serde_yaml::from_str(&after).unwrap_or_else(|error| panic!("{error}\n{after}"));
        assert_eq!(loaded, expected, "{path:?} of\n{text}\n---\n{after}");
        assert_other_bytes_kept(text, &after, &was);
    }
}

/// One place alone differs, and what was there was the old value or white space.
fn assert_other_bytes_kept(before: &str, after: &str, was: &Value) {
    let (old, new) = (before.as_bytes(), after.as_bytes());
    let prefix = old
        .iter()
        .zip(new)
        .take_while(|(old, new)| old == new)
        .count();
    let rest = (&old[prefix..], &new[prefix..]);
    let suffix = rest
        .0
        .iter()
        .rev()
        .zip(rest.1.iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let removed = String::from_utf8_lossy(&rest.0[..rest.0.len() - suffix]);
    // A value with its quotes and escapes, or the blanks and the word for nothing where there was
    // no value.
    let room = was.as_str().map_or(8, |was| {
        2 + was
            .chars()
            .map(|character| character.escape_default().count().max(6))
            .sum::<usize>()
    });
    assert!(
        removed.len() <= room,
        "{removed:?} went with {was}\n{before}\n---\n{after}"
    );
}

/// Any text as a Dockerfile or a piece of one: the segments, joined, are the text, and each says
/// what it holds.
pub fn segmenter(bytes: &[u8]) {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(INPUT_BYTES)]);
    for segments in [segment(&text), segment_fragment(&text)] {
        assert_eq!(
            segments
                .iter()
                .map(|segment| segment.text)
                .collect::<String>(),
            text
        );
        let mut line = 1;
        for segment in &segments {
            assert_eq!(segment.line, line);
            assert!(!segment.text.is_empty());
            line += segment.text.matches('\n').count();
        }
        for instruction in segments.iter().filter_map(Segment::instruction) {
            let (values, exec_form) = (instruction.values(), instruction.exec_form());
            let _ = (
                values,
                exec_form,
                instruction.completeness(),
                instruction.flags(),
                instruction.key_values(),
            );
        }
    }
    let (before, after) = text.split_at(text.floor_char_boundary(text.len() / 2));
    let _ = rerun(before, after, &[]);
}

/// The first byte names a field, the rest is the text in it.
pub fn declared_values(bytes: &[u8]) {
    let Some((first, text)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(&text[..text.len().min(INPUT_BYTES)]) else {
        return;
    };
    let (field, read) = values::FIELDS[usize::from(*first) % values::FIELDS.len()];
    let _ = values::holds(field, read, text);
}

/// Any bytes, printed: no control character, no command of any runner, and as many lines as before.
pub fn printer(bytes: &[u8]) {
    let bytes = &bytes[..bytes.len().min(INPUT_BYTES)];
    let whole = inert_lines(bytes);
    let pieces = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').count();
    assert_eq!(pieces(whole.as_bytes()), pieces(bytes));
    let prefixes = ["", "-", "+", " ", "    ", "  | "];
    assert_safe(&inert(bytes), &prefixes);
    assert_safe(&whole, &prefixes);
}

/// Any bytes as decisions about a tree: every run over it keeps what SECURITY.md promises.
pub fn whole_runs(bytes: &[u8]) {
    let _ = runs::statuses(&bytes[..bytes.len().min(INPUT_BYTES)]);
}
