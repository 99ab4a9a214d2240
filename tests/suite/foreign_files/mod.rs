//! Nothing of a file that is not ours is printed, wherever a declaration names it: every place ×
//! what may stand there × every command and format.

mod contents;
mod places;
mod shown;

use std::io::Write as _;
use std::process::Stdio;

use contents::{CANARY, contents};
use places::{PLACES, Place};

use crate::support::{MINIMAL, PROGRAM, Root};

/// Every command that reads a declaration, with each of its formats. None of them asks a person or
/// the network.
const COMMANDS: [&[&str]; 34] = [
    &["check"],
    &["check", "--format", "json"],
    &["check", "--format", "github"],
    &["check", "--format", "patch"],
    &["check", "--only", "svc-a"],
    &["check", "--only", "svc-a", "--format", "patch"],
    &["check", "--changed-files", "-"],
    &["check", "--changed-files", "-", "--format", "json"],
    &["check", "--changed-files", "-", "--format", "github"],
    &["check", "--changed-files", "-", "--format", "patch"],
    &["generate", "--dry-run"],
    &["generate", "--dry-run", "--format", "json"],
    &["generate", "--dry-run", "--amend-base", "base-runtime"],
    &["bump", "base-runtime", "--patch", "--dry-run"],
    &["bump", "--all-bases", "--minor", "--dry-run"],
    &["bump", "--changed", "--dry-run"],
    &["bump", "python", "3.13", "--dry-run"],
    &["new", "svc-new", "--kind", "web", "--dry-run"],
    &[
        "new",
        "svc-new",
        "--kind",
        "web",
        "--into",
        "x.yaml",
        "--dry-run",
    ],
    &["plan"],
    &["plan", "--format", "json"],
    &["plan", "--format", "matrix"],
    &["plan", "--format", "mermaid"],
    &["plan", "--format", "dot"],
    &["build", "--all", "--dry-run"],
    &["list"],
    &["list", "--format", "json"],
    &["why", "fastapi"],
    &["why", "fastapi", "--format", "json"],
    &["lock"],
    &["pin", "--dry-run"],
    &["generate", "--format", "json"],
    &["generate"],
    &["bump", "--all-bases", "--major"],
];
/// The commands that print the most, for every content.
const BROADEST: [&[&str]; 2] = [COMMANDS[0], COMMANDS[3]];

/// What a command prints over a folder, on both streams. There is no other program that it could
/// run.
fn printed(root: &Root, arguments: &[&str], changed: &str) -> String {
    let mut command = root.command(PROGRAM, arguments);
    command
        .env("PATH", "")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that does not ask may have ended already.
    let _ = child.stdin.take().unwrap().write_all(changed.as_bytes());
    let output = child.wait_with_output().unwrap();
    let status = output.status.code();
    assert!(matches!(status, Some(0..=2)), "{arguments:?}: {status:?}");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(!text.contains("internal error"), "{arguments:?}: {text}");
    text
}

/// Fails where six characters of the canary in a row are printed.
fn assert_silent(text: &str, what: &str) {
    for at in 0..=CANARY.len() - 6 {
        assert!(
            !text.contains(&CANARY[at..at + 6]),
            "{what} prints {}:\n{text}",
            &CANARY[at..at + 6]
        );
    }
}

fn arranged(place: &Place, content: &[u8]) -> Root {
    let root = Root::generated(MINIMAL);
    root.write("services.yaml", place.declaration());
    for path in place.files {
        root.write(path, content);
    }
    for (path, target) in place.links {
        if let Some((folder, _)) = path.rsplit_once('/') {
            std::fs::create_dir_all(root.path().join(folder)).unwrap();
        }
        root.link(path, target);
    }
    root
}

#[test]
fn no_content_of_a_foreign_file_is_printed_at_any_place() {
    for (turn, place) in PLACES.iter().enumerate() {
        let contents = contents(place.files[0]);
        let root = arranged(place, b"");
        // What is compared byte by byte is all the same to the program, but for seals; what is
        // parsed is not.
        let is_tried = |(number, name): (usize, &str)| {
            place.is_parsed() || name.contains("seal") || number % PLACES.len() == turn
        };
        for (number, (name, content)) in contents.iter().enumerate() {
            if is_tried((number, name)) {
                place
                    .files
                    .iter()
                    .for_each(|path| root.write(path, content));
                for arguments in BROADEST {
                    let text = printed(&root, arguments, &place.changed());
                    assert_silent(
                        &text,
                        &format!("{arguments:?} with {name} at {}", place.name),
                    );
                }
            }
        }
    }
}

#[test]
fn no_command_prints_content_of_a_foreign_file() {
    for (turn, place) in PLACES.iter().enumerate() {
        let contents = contents(place.files[0]);
        let root = arranged(place, &contents[turn % contents.len()].1);
        for (number, arguments) in COMMANDS.iter().enumerate() {
            let (name, content) = &contents[(turn + number) % contents.len()];
            place
                .files
                .iter()
                .for_each(|path| root.write(path, content));
            let text = printed(&root, arguments, &place.changed());
            assert_silent(
                &text,
                &format!("{arguments:?} with {name} at {}", place.name),
            );
        }
    }
}

/// Where the schema has the pattern of each field; of those with a short form, both.
const PATTERNS: [(&str, &[&str]); 9] = [
    (
        "outputs.bake",
        &[
            "/$defs/BakeDecl/properties/path/pattern",
            "/$defs/FlexibleBakeDecl/anyOf/0/pattern",
        ],
    ),
    (
        "outputs.compose",
        &[
            "/$defs/ComposeDecl/properties/path/pattern",
            "/$defs/FlexibleComposeDecl/anyOf/0/pattern",
        ],
    ),
    (
        "outputs.workflow",
        &[
            "/$defs/WorkflowDecl/properties/path/pattern",
            "/$defs/FlexibleWorkflowDecl/anyOf/0/pattern",
        ],
    ),
    (
        "locks",
        &[
            "/$defs/LocksDecl/properties/folder/pattern",
            "/$defs/FlexibleLocksDecl/anyOf/0/pattern",
        ],
    ),
    (
        "layout.services",
        &["/$defs/LayoutDecl/properties/services/pattern"],
    ),
    (
        "layout.bases",
        &["/$defs/LayoutDecl/properties/bases/pattern"],
    ),
    (
        "layout.requirements",
        &["/$defs/LayoutDecl/properties/requirements/pattern"],
    ),
    ("templates", &["/properties/templates/pattern"]),
    ("include", &["/properties/include/items/pattern"]),
];

#[test]
fn the_schema_refuses_what_the_program_refuses() {
    let schema = dockwright::declare::json_schema();
    for (field, pointers) in PATTERNS {
        for pointer in pointers {
            let pattern = schema.pointer(pointer).and_then(serde_json::Value::as_str);
            let pattern =
                regex::Regex::new(pattern.unwrap_or_else(|| panic!("no pattern at {pointer}")))
                    .unwrap();
            for (_, text, example) in places::REFUSED.iter().filter(|refused| refused.0 == field) {
                assert!(!pattern.is_match(text), "{pointer}: {text}");
                let example = example.rsplit(": ").next().unwrap();
                assert!(pattern.is_match(example), "{pointer}: {example}");
            }
        }
        assert!(
            places::REFUSED.iter().any(|refused| refused.0 == field),
            "{field}"
        );
    }
}

/// Each place that is refused says so with its line, what is allowed and an example; the file is
/// not even read.
#[test]
fn a_place_that_no_such_file_can_have_is_refused_with_an_example() {
    for (field, text, example) in places::REFUSED {
        let declaration = places::with(field, text);
        let root = Root::new(&declaration);
        root.write(
            text.trim_end_matches("/{name}")
                .trim_end_matches("/{set}.txt"),
            CANARY,
        );
        let run = root.run(&["check"]);
        let told = run.told();
        assert_eq!(run.status, 1, "{field}: {text}: {told}");
        assert!(
            told.contains("[invalid-layout]") || told.contains("[invalid-include]"),
            "{field}: {text}: {told}"
        );
        assert!(
            told.contains("--> services.yaml:"),
            "{field}: {text}: {told}"
        );
        assert!(told.contains(example), "{field}: {text}: {told}");
        assert_silent(&told, field);
        assert_eq!(root.run(&["generate"]).status, 1, "{field}: {text}");
        assert!(!root.exists("generated"), "{field}: {text}");
    }
}
