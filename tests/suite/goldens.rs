//! The whole render of every template, byte by byte, as files that a person can read:
//! `snapshots/dockerfiles`; and what people read on the terminal and in a log: `snapshots/reports`.
//!
//! After a change that is meant, `INSTA_UPDATE=always cargo test --test suite` writes these files,
//! and the reports beside them, anew; `git diff snapshots` then shows what the change does.

use std::fs;

use camino::Utf8PathBuf;

use crate::support::{EVERY_TEMPLATE, Root, rendered, repository};

/// Whether goldens are to be written instead of compared; the same variable that insta obeys.
fn updates() -> bool {
    std::env::var("INSTA_UPDATE").is_ok_and(|mode| mode == "always")
}

/// Compares with a file of `snapshots/`, by bytes.
fn assert_golden(path: &str, content: &[u8]) {
    let golden = repository().join("snapshots").join(path);
    if updates() {
        fs::create_dir_all(golden.parent().unwrap()).unwrap();
        fs::write(&golden, content).unwrap();
    }
    let expected = fs::read(&golden).unwrap_or_default();
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        expected == content,
        "{golden} differs; `INSTA_UPDATE=always cargo test --test suite` writes it\n{}",
        crate::options::difference(&shown(&expected), &shown(content)).join("\n")
    );
}

fn files_below(folder: &str) -> Vec<String> {
    let root = repository().join("snapshots");
    let mut files = Vec::new();
    let mut folders: Vec<Utf8PathBuf> = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(&root).unwrap().to_string());
            }
        }
    }
    files.sort();
    files
}

#[test]
fn minimal_render_of_every_template_is_known_byte_by_byte() {
    let files = rendered(EVERY_TEMPLATE).unwrap();
    let golden = |path: &String| path.replace("generated/", "dockerfiles/");
    for (path, content) in &files {
        assert_golden(&golden(path), content.as_bytes());
    }
    assert_eq!(
        files_below("dockerfiles"),
        files.keys().map(golden).collect::<Vec<_>>(),
        "a golden too many"
    );
}

/// A fleet with a stale, a hand-edited and a missing file and one too many.
fn drifted() -> Root {
    let root = Root::generated(EVERY_TEMPLATE);
    root.edit(
        "services.yaml",
        "svc-slim: { kind: web, port: 8000 }",
        "svc-slim: { kind: web, port: 8080 }",
    );
    root.edit(
        "generated/svc-ml/Dockerfile",
        "WORKDIR /app",
        "WORKDIR /srv",
    );
    root.remove("generated/base-ml/requirements.txt");
    root.write("generated/notes", "mine\n");
    root
}

fn assert_reports(root: &Root, commands: &[(&str, &str)]) {
    let mut settings = insta::Settings::new();
    settings.set_snapshot_path(repository().join("snapshots/reports"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    for (name, command) in commands {
        let run = root.run(&command.split(' ').collect::<Vec<_>>());
        settings.set_description(format!("dockwright {command}"));
        settings.bind(|| insta::assert_snapshot!(*name, run.told()));
    }
}

#[test]
fn reports_on_drift_read_as_they_did() {
    assert_reports(
        &drifted(),
        &[
            ("check-text", "check"),
            ("check-json", "check --format json"),
            ("check-github", "check --format github"),
            ("check-patch", "check --format patch"),
            ("list-text", "list"),
            ("list-json", "list --format json"),
            ("generate-dry-run-text", "generate --dry-run"),
            ("generate-dry-run-json", "generate --dry-run --format json"),
            ("generate-text", "generate"),
            ("generate-again-json", "generate --format json"),
        ],
    );
}

#[test]
fn reports_on_a_wrong_declaration_read_as_they_did() {
    let root = Root::new(
        "registry: registry.example\nowner: \"Acme Corp\"\npython: 3.10\nservices:\n  \
         svc-a: { knid: web, template: multi-stage-slm, port: 70000, apt: [\"curl; rm\"] }\n",
    );
    let commands = [
        ("wrong-check-text", "check"),
        ("wrong-check-json", "check --format json"),
        ("wrong-check-github", "check --format github"),
        ("wrong-check-patch", "check --format patch"),
        ("wrong-generate-text", "generate"),
        ("wrong-list-text", "list"),
    ];
    assert_reports(&root, &commands);
}
