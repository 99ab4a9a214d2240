//! Exit statuses: 0 clean, 1 findings, 2 could not run; the same in every format of every command.

use std::io::Read as _;
use std::process::{Command, Stdio};

use crate::support::{MINIMAL, PROGRAM, Root, overlaid};

/// Every command with every format that reads a fleet.
const COMMANDS: [&str; 9] = [
    "check",
    "check --format text",
    "check --format json",
    "check --format github",
    "check --format patch",
    "generate --dry-run",
    "generate --dry-run --format json",
    "list",
    "list --format json",
];

/// A state of the disk with the status that check, generate --dry-run and list give to it.
struct Situation {
    name: &'static str,
    arrange: fn() -> Root,
    statuses: [i32; 3],
}

const SITUATIONS: [Situation; 14] = [
    Situation {
        name: "clean",
        arrange: || Root::generated(MINIMAL),
        statuses: [0, 0, 0],
    },
    Situation {
        name: "nothing generated yet",
        arrange: || Root::new(MINIMAL),
        statuses: [1, 1, 0],
    },
    Situation {
        name: "stale",
        arrange: || {
            let root = Root::generated(MINIMAL);
            root.edit("services.yaml", "8000", "8001");
            root
        },
        statuses: [1, 1, 0],
    },
    Situation {
        name: "hand-edited",
        arrange: || {
            let root = Root::generated(MINIMAL);
            root.edit("generated/svc-a/Dockerfile", "EXPOSE 8000", "EXPOSE 8001");
            root
        },
        statuses: [1, 1, 0],
    },
    Situation {
        name: "a stray alone",
        arrange: || {
            let root = Root::generated(MINIMAL);
            root.write("generated/notes.txt", "mine\n");
            root
        },
        statuses: [1, 1, 0],
    },
    Situation {
        name: "error diagnostics",
        arrange: || {
            Root::new(&overlaid(
                MINIMAL,
                "services: { svc-a: { port: 70000 } }",
                9,
            ))
        },
        statuses: [1, 1, 1],
    },
    Situation {
        name: "no services",
        arrange: || {
            let root = Root::generated(MINIMAL);
            root.write("services.yaml", overlaid(MINIMAL, "services: {}", 1));
            root
        },
        statuses: [1, 1, 1],
    },
    Situation {
        name: "a syntax error",
        arrange: || Root::new("services: [svc-a\n"),
        statuses: [1, 1, 1],
    },
    Situation {
        name: "an empty services.yaml",
        arrange: || Root::new(""),
        statuses: [1, 1, 1],
    },
    Situation {
        name: "no services.yaml",
        arrange: Root::empty,
        statuses: [2, 2, 2],
    },
    Situation {
        name: "services.yaml is a folder",
        arrange: || {
            let root = Root::empty();
            root.write("services.yaml/x", "");
            root
        },
        statuses: [2, 2, 2],
    },
    Situation {
        name: "services.yaml is a link",
        arrange: || {
            let root = Root::empty();
            root.write("real.yaml", MINIMAL);
            root.link("services.yaml", "real.yaml");
            root
        },
        statuses: [2, 2, 2],
    },
    Situation {
        name: "a broken template",
        arrange: || {
            let root = Root::generated(MINIMAL);
            root.edit(
                "services.yaml",
                "owner: acme",
                "owner: acme\ntemplates: own",
            );
            root.write(
                "own/service/multi-stage-slim.Dockerfile.j2",
                "FROM {{ nothing }}\n",
            );
            root
        },
        statuses: [2, 2, 0],
    },
    Situation {
        name: "the folder of templates is missing",
        arrange: || Root::new(&overlaid(MINIMAL, "templates: own", 2)),
        statuses: [2, 2, 2],
    },
];

#[test]
fn status_depends_on_the_situation_and_not_on_the_format() {
    let mut wrong = Vec::new();
    for situation in &SITUATIONS {
        let root = (situation.arrange)();
        let before = root.tree();
        for command in COMMANDS {
            let arguments: Vec<&str> = command.split(' ').collect();
            let column = ["check", "generate", "list"]
                .iter()
                .position(|name| *name == arguments[0])
                .unwrap();
            let run = root.run(&arguments);
            if run.status != situation.statuses[column] {
                let expected = situation.statuses[column];
                wrong.push(format!(
                    "{}: `{command}` is not {expected}\n{}",
                    situation.name,
                    run.told()
                ));
            }
            if run.status == 2 {
                assert!(
                    run.stdout.is_empty() && run.stderr.starts_with("error"),
                    "{command}: {}",
                    run.told()
                );
            }
            if command.ends_with("json") && run.status != 2 && !run.stdout.is_empty() {
                assert_eq!(run.json()["version"], 1);
            }
        }
        assert_eq!(root.tree(), before, "{} was written to", situation.name);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn generate_is_clean_where_it_mended_all_and_has_findings_where_it_left_some() {
    for (situation, expected) in SITUATIONS
        .iter()
        .zip([0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2])
    {
        for format in ["text", "json"] {
            let root = (situation.arrange)();
            let run = root.run(&["generate", "--format", format]);
            assert_eq!(run.status, expected, "{}: {}", situation.name, run.told());
        }
    }
}

#[test]
fn file_that_cannot_be_read_is_neither_drift_nor_missing() {
    let root = Root::generated(MINIMAL);
    let as_root = Command::new("id")
        .arg("-u")
        .output()
        .is_ok_and(|output| output.stdout == b"0\n");
    for path in ["generated/svc-a/Dockerfile", "services.yaml"] {
        root.set_mode(path, 0o000);
        // Root reads everything, so there it is clean.
        let expected = if as_root { 0 } else { 2 };
        for format in ["text", "json", "github", "patch"] {
            let run = root.run(&["check", "--format", format]);
            assert_eq!(run.status, expected, "{path}: {}", run.told());
        }
        root.set_mode(path, 0o644);
    }
}

#[test]
fn wrong_usage_is_2_and_an_answer_is_0() {
    let root = Root::generated(MINIMAL);
    let edited = "generated/svc-a/Dockerfile";
    root.edit(edited, "EXPOSE", "#EXPOSE");
    let usages: &[(&[&str], i32)] = &[
        (&[], 2),
        (&["chek"], 2),
        (&["check", "--nonsense"], 2),
        (&["check", "--format", "yaml"], 2),
        (&["generate", "--format", "patch"], 2),
        (&["list", "--format", "github"], 2),
        (&["check", "--file", "elsewhere/services.yaml"], 2),
        (&["check", "--file", ""], 2),
        (&["check", "--file", "/"], 2),
        (&["generate", "--overwrite"], 2),
        (&["generate", "--overwrite", "generated/nothing"], 2),
        (&["generate", "--overwrite", "../outside"], 2),
        (
            &[
                "generate",
                "--overwrite",
                "generated/svc-a/requirements.txt",
            ],
            2,
        ),
        (&["explain", "unknown-bsae"], 2),
        (&["explain", "unknown-base", "--all"], 2),
        (&["completions", "nosuchshell"], 2),
        (&["--help"], 0),
        (&["--version"], 0),
        (&["check", "--help"], 0),
        (&["explain"], 0),
        (&["explain", "--all"], 0),
        (&["explain", "unknown-base"], 0),
        (&["schema"], 0),
        (&["man"], 0),
        (&["completions", "bash"], 0),
        (&["check"], 1),
    ];
    for (arguments, expected) in usages {
        let run = root.run(arguments);
        assert_eq!(run.status, *expected, "{arguments:?}: {}", run.told());
        assert_eq!(
            run.stdout.is_empty(),
            *expected == 2,
            "{arguments:?}: {}",
            run.told()
        );
    }
    assert!(root.text(edited).contains("#EXPOSE"));
}

#[test]
fn closed_pipe_is_quiet_and_does_not_change_the_status() {
    let clean = Root::generated(MINIMAL);
    let drifted = Root::new(MINIMAL);
    for (root, arguments, expected) in [
        (&clean, &["check"] as &[&str], 0),
        (&clean, &["schema"], 0),
        (&clean, &["explain", "--all"], 0),
        (&clean, &["list"], 0),
        (&clean, &["--help"], 0),
        (&drifted, &["check"], 1),
        (&drifted, &["check", "--format", "json"], 1),
        (&drifted, &["check", "--format", "github"], 1),
        (&drifted, &["check", "--format", "patch"], 1),
        (&drifted, &["generate", "--dry-run"], 1),
    ] {
        let mut child = root
            .command(PROGRAM, arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let mut told = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut told)
            .unwrap();
        assert_eq!(
            (child.wait().unwrap().code(), told.as_str()),
            (Some(expected), ""),
            "{arguments:?}"
        );
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure_with_a_reason() {
    let root = Root::generated(MINIMAL);
    for arguments in [
        "--help",
        "-h",
        "--version",
        "help check",
        "check --help",
        "completions bash",
        "completions zsh",
        "schema",
        "schema --included",
        "man",
        "explain",
        "explain --all",
        "explain no-services",
        "check",
        "check --format json",
        "generate --dry-run",
        "list",
        "plan",
        "plan --format matrix",
        "why fastapi",
    ] {
        let arguments: Vec<&str> = arguments.split(' ').collect();
        let mut command = root.command(PROGRAM, &arguments);
        command.stdout(
            std::fs::OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap(),
        );
        let run = crate::support::Run::of(&command.stderr(Stdio::piped()).output().unwrap());
        assert_eq!(run.status, 2, "{arguments:?}: {}", run.told());
        assert!(
            run.stderr
                .contains("error: cannot write to standard output: "),
            "{arguments:?}: {}",
            run.told()
        );
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let root = Root::generated(MINIMAL);
    for arguments in [
        "--help",
        "--version",
        "completions bash",
        "schema",
        "man",
        "explain --all",
        "list",
    ] {
        let line = format!("{PROGRAM} {arguments}; echo $? > status");
        let script = format!("({line}) | true");
        assert!(
            root.command("sh", &["-c", &script])
                .status()
                .unwrap()
                .success()
        );
        assert_eq!(root.text("status"), "0\n", "{arguments}");
    }
}
