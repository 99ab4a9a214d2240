//! This repository keeps its own word: `generated/`, the JSON Schema, the page of diagnostics and
//! the examples in it.

use std::fs;

use dockwright::diagnostic::{Code, code};

use crate::support::{MINIMAL, Root, Run, overlaid, repository};

/// Codes that are about the text as it stands, so that their examples cannot be laid over a fleet.
const TEXT_LEVEL: [&str; 7] = [
    "yaml-syntax",
    "not-utf-8",
    "byte-order-mark",
    "nesting-too-deep",
    "alias-budget",
    "multiple-documents",
    "duplicate-key",
];

fn run_here(arguments: &[&str]) -> Run {
    let declaration = repository().join("services.yaml");
    let file = ["--file", declaration.as_str()];
    let takes_file = matches!(arguments.first(), Some(&"check" | &"list" | &"generate"));
    Root::empty().run(&[arguments, if takes_file { &file } else { &[] }].concat())
}

#[test]
fn our_own_generated_files_are_what_our_services_yaml_stands_for() {
    let run = run_here(&["check"]);
    assert_eq!(
        (run.status, run.stdout.lines().count()),
        (0, 1),
        "{}",
        run.told()
    );
    assert!(run.stdout.starts_with("up to date: "), "{}", run.told());
}

#[test]
fn our_fleet_has_two_bases_and_fourteen_services() {
    let images = run_here(&["list", "--format", "json"]).json()["images"]
        .as_array()
        .unwrap()
        .clone();
    let of_template = |template: &str| {
        images
            .iter()
            .filter(|image| image["template"] == template)
            .count()
    };
    let counts = ["python-slim", "on-base", "ml-on-base", "multi-stage-slim"].map(of_template);
    assert_eq!((counts, images.len()), ([1, 1, 3, 11], 16));
}

#[test]
fn committed_schema_is_what_the_program_prints() {
    let committed =
        fs::read_to_string(repository().join("docs/services.schema.json")).unwrap_or_default();
    let command = "cargo run -- schema > docs/services.schema.json";
    assert!(
        committed == run_here(&["schema"]).stdout,
        "docs/services.schema.json is out of date: {command}"
    );
}

#[test]
fn committed_schema_of_included_files_is_what_the_program_prints() {
    let committed =
        fs::read_to_string(repository().join("docs/included.schema.json")).unwrap_or_default();
    let command = "cargo run -- schema --included > docs/included.schema.json";
    let printed = run_here(&["schema", "--included"]).stdout;
    assert!(
        committed == printed,
        "docs/included.schema.json is out of date: {command}"
    );
}

#[test]
fn committed_page_of_fields_is_what_the_program_prints() {
    let committed = fs::read_to_string(repository().join("docs/fields.md")).unwrap_or_default();
    let printed = run_here(&["schema", "--fields"]).stdout;
    let command = "cargo run -- schema --fields > docs/fields.md";
    assert!(
        committed == printed,
        "docs/fields.md is out of date: {command}"
    );
    for row in [
        "| `copy` |",
        "| `defaults` |",
        "## `defaults`, `kinds.<name>`, `services.<name>`",
    ] {
        assert!(printed.contains(row), "{row}");
    }
}

#[test]
fn committed_page_of_diagnostics_is_what_the_program_prints() {
    let committed =
        fs::read_to_string(repository().join("docs/diagnostics.md")).unwrap_or_default();
    let command = "cargo run -- explain --all > docs/diagnostics.md";
    assert!(
        committed == run_here(&["explain", "--all"]).stdout,
        "docs/diagnostics.md is out of date: {command}"
    );
}

#[test]
fn each_code_is_explained_by_its_name() {
    for code in code::all() {
        let run = run_here(&["explain", code.id]);
        assert_eq!(run.status, 0, "{}", run.told());
        assert!(
            run.stdout
                .starts_with(&format!("{}: {}\n", code.id, code.summary)),
            "{}",
            run.told()
        );
    }
}

/// The bytes that an example stands for: it is laid over a minimal fleet, entry by entry, or taken
/// as it stands.
fn declaration(code: &Code, example: &str) -> Vec<u8> {
    if code.id == "not-utf-8" {
        return example
            .replace("\\xe9", "\u{e9}")
            .chars()
            .map(|letter| u8::try_from(letter).unwrap())
            .collect();
    }
    if TEXT_LEVEL.contains(&code.id) {
        return example.as_bytes().to_vec();
    }
    overlaid(MINIMAL, example, 2).into_bytes()
}

/// A workspace of two projects.
const UV_LOCK: &str = r#"version = 1

[manifest]
members = ["all", "api"]

[[package]]
name = "all"
version = "1"
source = { virtual = "." }

[[package]]
name = "api"
version = "1"
source = { editable = "api" }
"#;

/// The repository of every example: a declaration, and the files that its explanation says are
/// there.
fn repository_of(declaration: &[u8]) -> Root {
    let root = Root::empty();
    root.write("services.yaml", declaration);
    for (file, text) in [
        // Where no sources are, no file is missing.
        ("apps/svc_a/main.py", ""),
        ("apps/svc_b/main.py", ""),
        ("services.d/team.yaml", "requirements: {}\n"),
        ("requirements.txt", "httpx\n"),
        (
            "pyproject.toml",
            "[project]\nname = \"all\"\nversion = \"1\"\n",
        ),
        (
            "api/pyproject.toml",
            "[project]\nname = \"api\"\nversion = \"1\"\n",
        ),
        ("uv.lock", UV_LOCK),
    ] {
        root.write(file, text);
    }
    root
}

fn codes_of(declaration: &[u8]) -> Vec<String> {
    repository_of(declaration).check().codes()
}

/// What is left after the fix of a code: its declaration, or what its command makes of the example.
fn left_by_fix(code: &Code) -> Vec<String> {
    let Some(command) = code.fixing_command() else {
        return codes_of(&declaration(code, code.fixed));
    };
    let root = repository_of(&declaration(code, code.example));
    let words: Vec<&str> = command.split_whitespace().skip(1).collect();
    if matches!(words[..], ["lock" | "pin"]) {
        // They need a network; their tests run them with an index and a registry on this machine.
        return Vec::new();
    }
    let run = root.run(&words);
    assert!(run.status < 2, "{command}: {}", run.told());
    root.check().codes()
}

#[test]
fn example_of_each_code_fires_that_code_alone_and_its_fix_fires_nothing() {
    let mut wrong = Vec::new();
    let by_other_means = [
        "template-error",
        "file-too-large",
        "list-too-long",
        "base-chain-too-long",
        "fleet-too-large",
        "expired-allowance",
        "over-budget",
        "waived-drift",
        "undated-waiver",
        "expired-waiver",
        "base-bumped-without-change",
        "duplicate-declaration",
        "stale-lock",
        "broken-lock",
        "unused-lock",
    ];
    for code in code::all().filter(|code| !by_other_means.contains(&code.id)) {
        let fired = codes_of(&declaration(code, code.example));
        if fired != [code.id] {
            wrong.push(format!(
                "the example of {} fires {fired:?}:\n{}",
                code.id, code.example
            ));
        }
        let left = left_by_fix(code);
        let still = if TEXT_LEVEL.contains(&code.id) || code.id == "unknown-locked-image" {
            // What the example leaves out, such as the lock itself, is another finding.
            left.contains(&code.id.to_owned())
        } else {
            !left.is_empty()
        };
        if still {
            wrong.push(format!(
                "the fix of {} fires {left:?}:\n{}",
                code.id, code.fixed
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn file_over_the_limit_is_refused_before_it_is_parsed() {
    let too_large = MINIMAL.to_owned() + &"#".repeat(32 << 20);
    assert_eq!(codes_of(too_large.as_bytes()), ["file-too-large"]);
}

#[test]
fn example_of_a_broken_template_cannot_run_and_its_fix_can() {
    for (example, status) in [
        (code::TEMPLATE_ERROR.example, 2),
        (code::TEMPLATE_ERROR.fixed, 1),
    ] {
        let root = Root::new(&overlaid(MINIMAL, "templates: own", 2));
        root.write("own/service/multi-stage-slim.Dockerfile.j2", example);
        let run = root.run(&["check"]);
        assert_eq!(run.status, status, "{}", run.told());
        assert_eq!(
            run.stderr.contains("error[template-error]"),
            status == 2,
            "{}",
            run.told()
        );
    }
}
