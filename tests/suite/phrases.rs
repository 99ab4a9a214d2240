//! Phrases that say a thing in a roundabout way stand in no committed text: not in messages,
//! `--help`, documents, comments or expected outputs.

use crate::install::committed_texts;

/// The fixed parts of such phrases, and what to write.
const PHRASES: [(&str, &str); 119] = [
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
    ("is no usable path pattern", "is not a valid path pattern"),
    ("would vanish without a word", "would silently disappear"),
    (
        "keep one of the two without a word",
        "silently keep only one",
    ),
    ("a key stands twice", "a key appears twice"),
    ("stand on each other", "build on each other"),
    ("else in services.yaml is looked at", "checks nothing else"),
    (
        "a few lines can stand for gigabytes",
        "can expand to gigabytes",
    ),
    (
        "a number or boolean stands where",
        "a number or boolean where text is expected",
    ),
    (
        "names the one that was most likely meant",
        "suggests the closest name",
    ),
    (
        "is never taken as a clean one",
        "never reports … as up to date",
    ),
    ("does not follow its grammar", "is not valid"),
    (
        "is no debian package name",
        "is not a valid Debian package name",
    ),
    (
        "is no pep 508 requirement",
        "is not a valid PEP 508 requirement",
    ),
    (
        "a tag names no fixed content",
        "the content of a tag is not fixed",
    ),
    ("whoever pins an image", "the image is pinned"),
    (
        "asks for another python than the base has",
        "have different Python versions",
    ),
    (
        "would make the tag lie",
        "machines that have the old image keep it",
    ),
    ("does so by itself", "does this automatically"),
    ("so that every image has files of its own", "separate files"),
    ("two mounts of one id are one too many", "is redundant"),
    ("an allowance outlives", "later readers need to know why"),
    ("an allowance allows nothing", "matches nothing"),
    (
        "the date of an allowance is over",
        "an allowance has expired",
    ),
    ("without it no date is judged", "no allowance expires"),
    ("must come to an end, or none", "each waits for the next"),
    ("loops without end", "loops forever"),
    ("is to be locked, but has no lock file", "has no lock file"),
    (
        "was resolved from something else",
        "does not match services.yaml",
    ),
    (
        "is refused rather than handed to a build",
        "dockwright rejects",
    ),
    ("is no placeholder", "is not a placeholder"),
    ("a placeholder stands for", "has the value of"),
    ("would leave a hole in the text", "would be empty"),
    ("has no effect where it stands", "has no effect here"),
    ("are passed over; one that", "ignores"),
    ("a job ends by itself", "a job runs and exits"),
    ("helps whoever breaks in", "helps an attacker"),
    ("a tool for whoever breaks in", "a tool for attackers"),
    ("pip leaves alone what", "pip skips"),
    ("no version is both", "no version satisfies both"),
    ("in no order of trust", "trusts all indexes equally"),
    ("one more thing to keep safe", "attack surface"),
    ("stands in this list already", "is already in this list"),
    ("installs without a complaint", "installs"),
    ("took `{other}` from", "the source of"),
    ("are maintained no more", "are no longer maintained"),
    ("whenever its makers like", "publishers can move a tag"),
    ("is kept up to date for nothing", "delete it"),
    ("for people's machines", "for developers' machines"),
    ("where policy asks for it", "off by default"),
    ("is allowed all the same", "is allowed"),
    (
        "paths count from the folder of services.yaml",
        "paths are relative to the folder",
    ),
    ("the fields here are", "valid fields:"),
    ("includes no further ones", "cannot include other files"),
    ("writes it anew", "to rewrite it:"),
    ("nothing asks for any more", "nothing requires any more"),
    ("a command in one text", "a command string"),
    ("is the template's own", "the template already defines"),
    ("is the template's", "the template controls"),
    ("which in the end waits for", "directly or through others"),
    ("is no mode:", "is not a valid mode"),
    ("is no protocol", "is not a valid protocol"),
    ("somebody else in the meantime", "another program"),
    ("the answer makes no lock", "is not a valid lock"),
    (
        "takes the template into your own folder",
        "copies the template",
    ),
    ("says nothing of it; declare", "does not declare it"),
    ("nobody's work is lost", "no work is lost"),
    ("what is known without", "known without"),
    (
        "alone: what these packages require in turn",
        "from services.yaml only",
    ),
    ("there is neither", "not found"),
    ("takes it all the same", "to allow it:"),
    ("is no file that", "does not include"),
    (
        "is no dockerfile instruction",
        "is not a Dockerfile instruction",
    ),
    ("is no python package name", "is not a Python package name"),
    ("is no image manifest", "is not an image manifest"),
    (
        "what builds on the images that were named",
        "images that build on the selected ones",
    ),
    ("without it none is over", "no allowance expires"),
    ("the dockerfile from afterwards", "the new Dockerfile"),
    (
        "take what a rule calls harmless",
        "report what this rule calls harmless",
    ),
    ("the one command that needs a network", "needs a network"),
    (
        "it is well where that ends with 0",
        "exit status 0 is healthy",
    ),
    (
        "the answers that say that all is well",
        "the healthy response statuses",
    ),
    (
        "although a rule speaks against it",
        "findings that are allowed",
    ),
    ("best said of a kind", "best set in a kind"),
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
