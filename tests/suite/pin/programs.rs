//! The programs that `pin` asks: which one, and what comes of what they print.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use tempfile::TempDir;

use super::hexadecimal;
use crate::support::{PROGRAM, Root, Run};

/// Programs that stand before all others on PATH.
pub(crate) struct Programs(TempDir);

impl Programs {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn add(&self, name: &str, script: &str) {
        let path = self.0.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(crate) fn run(&self, root: &Root, arguments: &[&str]) -> Run {
        let path = format!(
            "{}:{}",
            self.0.path().display(),
            std::env::var("PATH").unwrap()
        );
        Run::of(
            &root
                .command(PROGRAM, arguments)
                .env("PATH", path)
                .output()
                .unwrap(),
        )
    }
}

pub(crate) const TEXT: &str = "registry: r.example\nowner: acme\npython: \"3.12\"\nimages: { tools: { \
 reference: tools, tag: v1 } }\nkinds: { web: { template: multi-stage-slim, port: 8000 } \
 }\nservices:\n  svc-a: { kind: web }\n  svc-c: { kind: web, from: tools }\n";
pub(crate) const MANIFEST: &str = "{\"schemaVersion\":2,\"config\":{}}";

#[test]
fn the_first_program_that_is_there_is_asked() {
    let root = Root::generated(TEXT);
    let programs = Programs::new();
    let asked = programs.0.path().join("asked");
    let script = |status: u8| {
        format!(
            "echo \"$0 $*\" >> '{}'\nprintf '{MANIFEST}'\nexit {status}",
            asked.display()
        )
    };
    programs.add(
        "docker",
        "echo \"docker: 'buildx' is not a docker command.\" >&2; exit 1",
    );
    programs.add("skopeo", &script(0));
    programs.add("crane", &script(0));
    let run = programs.run(&root, &["pin", "tools"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let run = programs.run(
        &root,
        &[
            "pin",
            "tools",
            "--tool",
            "crane",
            "--insecure-registry",
            "r.example:80",
        ],
    );
    assert_eq!(run.status, 0, "{}", run.told());
    let calls = fs::read_to_string(asked)
        .unwrap()
        .replace(programs.0.path().to_str().unwrap(), "");
    assert_eq!(
        calls,
        "/skopeo --version\n/skopeo inspect --raw docker://tools:v1\n/crane manifest tools:v1\n"
    );
}

#[test]
fn what_a_program_prints_besides_a_manifest_is_never_written() {
    let root = Root::generated(TEXT);
    let before = root.tree();
    let programs = Programs::new();
    let esc = "\\033[2J::set-output name=x::y";
    let hostile = [
        (format!("printf '{esc}' >&2; exit 1"), "crane failed"),
        (format!("printf '{esc}'"), "not an image manifest"),
        (
            "printf 'sha256:%064d' 0".to_owned(),
            "not an image manifest",
        ),
        ("true".to_owned(), "not an image manifest"),
        ("kill -9 $$".to_owned(), "crane failed"),
        (
            "printf '{\"schemaVersion\":1,\"config\":{}}'".to_owned(),
            "schema 1",
        ),
        (
            format!("printf '{MANIFEST}{MANIFEST}'"),
            "not an image manifest",
        ),
    ];
    for (script, reason) in hostile {
        // The second image of two fails: the first is not written either.
        programs.add(
            "crane",
            &format!("case \"$*\" in *python*) printf '{MANIFEST}';; *) {script};; esac"),
        );
        let run = programs.run(&root, &["pin", "--tool", "crane"]);
        assert!(
            run.status == 2 && run.stderr.contains(reason),
            "{script}: {}",
            run.told()
        );
        assert!(
            !run.stderr.contains('\u{1b}')
                && !run.stderr.lines().any(|line| line.starts_with("::")),
            "{}",
            run.told()
        );
        assert_eq!(root.tree(), before, "{script}");
    }
}

#[test]
fn what_cannot_be_asked_for_is_refused() {
    let root = Root::generated(TEXT);
    let programs = Programs::new();
    for (arguments, reason) in [
        (
            &["pin", "tolls", "--tool", "crane"][..],
            "did you mean `tools`?",
        ),
        (
            &[
                "pin",
                "--tool",
                "imagetools",
                "--insecure-registry",
                "no/host",
            ],
            "registry",
        ),
    ] {
        let run = programs.run(&root, arguments);
        assert!(
            run.status == 2 && run.stderr.contains(reason),
            "{}",
            run.told()
        );
    }
}

#[test]
fn a_recorded_base_is_bumped_next() {
    let declaration = TEXT.replace(
        "services:",
        "bases: { low: { version: v1.0.0 } }\nservices:",
    );
    let root = Root::new(&declaration);
    assert_eq!(root.run(&["generate", "--amend-base", "low"]).status, 0);
    let programs = Programs::new();
    programs.add("crane", &format!("printf '{MANIFEST}'"));
    let run = programs.run(&root, &["pin", "--tool", "crane"]);
    assert!(
        run.status == 0 && run.stdout.contains("dockwright bump --changed"),
        "{}",
        run.told()
    );
    assert_eq!(root.run(&["check"]).status, 1);
    let run = root.run(&["bump", "--changed"]);
    assert!(
        run.status == 0 && run.stdout.contains("low v1.0.0 → v1.0.1"),
        "{}",
        run.told()
    );
    assert_eq!(root.run(&["check"]).status, 0);
}

#[test]
fn edits_of_concurrent_runs_all_survive() {
    let root = Root::generated(&TEXT.replace(
        "services:",
        "bases: { low: { version: v1.0.0 } }\nservices:",
    ));
    let programs = Programs::new();
    programs.add("crane", &format!("printf '{MANIFEST}'"));
    let names: Vec<String> = (0..6).map(|number| format!("svc-new-{number}")).collect();
    let mut runs: Vec<Vec<&str>> = names
        .iter()
        .map(|name| vec!["new", name.as_str(), "--kind", "web"])
        .collect();
    runs.extend([
        vec!["pin", "tools", "--tool", "crane"],
        vec!["bump", "low", "v1.4.0"],
        vec!["generate", "--amend-base", "low"],
    ]);
    let outcomes: Vec<Run> = std::thread::scope(|scope| {
        let started: Vec<_> = runs
            .iter()
            .map(|run| scope.spawn(|| programs.run(&root, run)))
            .collect();
        started.into_iter().map(|run| run.join().unwrap()).collect()
    });
    for (run, outcome) in runs.iter().zip(&outcomes) {
        assert_eq!(outcome.status, 0, "{run:?}: {}", outcome.told());
    }
    let text = root.text("services.yaml");
    assert!(
        names.iter().all(|name| text.contains(name.as_str())),
        "{text}"
    );
    assert!(
        text.contains("version: v1.4.0") && text.contains("fingerprint: v1."),
        "{text}"
    );
    assert_eq!(
        text.matches(&format!("sha256:{}", hexadecimal(MANIFEST.as_bytes())))
            .count(),
        1,
        "{text}"
    );
}
