//! Phrases that say a thing in a roundabout way stand in no committed text: not in messages,
//! `--help`, documents, comments or expected outputs.

use crate::install::committed_texts;

/// The fixed parts of such phrases, and what to write.
const PHRASES: [(&str, &str); 36] = [
    ("to mend:", "To fix:"),
    ("mended, the two other", "two more everyday tasks"),
    (
        "differ from what services.yaml stands for",
        "do not match services.yaml",
    ),
    ("are as services.yaml says", "up to date"),
    (
        "nobody touched it; the declaration",
        "out of date: … changed since",
    ),
    (
        "the declaration or a template moved on",
        "out of date: … changed since",
    ),
    ("declaration and template are as they were", "are unchanged"),
    (
        "gives up what was changed by hand",
        "discards the manual edit",
    ),
    ("+ as it should be", "+ expected"),
    (
        "nothing was compared or written; dockwright explain",
        "for details:",
    ),
    ("mend these first", "N more not shown; fix these first"),
    ("more findings are not shown", "N more not shown"),
    ("is no readable yaml", "is not valid YAML"),
    ("a folder that got lost", "a missing folder"),
    (
        "take over what is ours",
        "use FROM or USER, which dockwright controls",
    ),
    (
        "levels under it are for nobody",
        "these levels have no effect",
    ),
    (
        "from something else than its header tells",
        "does not match its inputs",
    ),
    (
        "which docker and containerd read no more",
        "no longer supported by",
    ),
    (
        "one of which has to ask the registries",
        "install one of them",
    ),
    ("which is no commit", "which is not a commit"),
    ("the new version is none", "is not a valid version"),
    (
        "but the short form or a mapping is needed",
        "expected …, such as",
    ),
    (
        "is no python module path",
        "cannot derive the ASGI app from",
    ),
    ("the service needs a `port`", "a web service needs `port`"),
    (
        "a set names it once; the",
        "a requirement set avoids the repetition",
    ),
    (
        "and takes the highest version of any",
        "installs the highest version it finds",
    ),
    (
        "it wins over the built-in one from now on",
        "now replaces the built-in",
    ),
    (
        "is as clean as before until you change it",
        "unchanged until you edit it",
    ),
    (
        "services.yaml says nothing of locks",
        "locking is not enabled",
    ),
    (
        "the same without --dry-run does it",
        "dry run: nothing was written",
    ),
    (
        "a mistake in services.yaml is told with its place",
        "are reported with line and column",
    ),
    ("that the fleet parted with", "the fleet no longer uses"),
    ("both places are told", "the error shows both places"),
    (
        "wear its base's version as its own",
        "inherit the base's version label",
    ),
    (
        "makes no such difference and hears nothing",
        "the rule does not apply",
    ),
    (
        "needs neither docker nor a network",
        "works offline and without Docker",
    ),
];

/// In comments alone.
const IN_COMMENTS: [(&str, &str); 2] = [
    (
        "does not name its interpreter's release",
        "has no version line",
    ),
    (
        "whoever still waits is in a circle",
        "every remaining service is in a cycle",
    ),
];

/// A text in lower case and on one line, without the marks of comments and continued lines.
fn flat(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let line = line.trim().trim_end_matches('\\');
        line.trim_start_matches(['/', '!', '#', '*', ' '])
    });
    let words: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    words.join(" ").to_lowercase()
}

#[test]
fn no_committed_text_has_a_roundabout_phrase() {
    let mut found = Vec::new();
    for (path, text) in committed_texts() {
        if path == "tests/suite/phrases.rs" {
            continue;
        }
        let flat = flat(&text);
        for (phrase, instead) in PHRASES.iter().chain(&IN_COMMENTS) {
            if flat.contains(phrase) {
                found.push(format!("{path}: \"{phrase}\" (write \"{instead}\")"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn phrases_are_found_across_lines_of_comments_and_strings() {
    for text in [
        "/// Whoever still\n/// waits is in a circle",
        "\"whoever still \\\n         waits is in a circle\"",
        "# WHOEVER still\n#\twaits is in a circle",
    ] {
        assert!(flat(text).contains(IN_COMMENTS[1].0), "{text}");
    }
}
