//! The whole render of every template, byte by byte, as files that a person can read:
//! `snapshots/dockerfiles`; and what people read on the terminal and in a log: `snapshots/reports`.
//!
//! After a change that is meant, `INSTA_UPDATE=always cargo test --test suite` writes these files,
//! and the reports beside them, anew; `git diff snapshots` then shows what the change does.

use std::fs;

use camino::Utf8PathBuf;

use crate::locks::{FLEET, Locking};
use crate::pin::{MANIFEST, Programs, TEXT};
use crate::support::{EVERY_TEMPLATE, Root, Run, rendered, repository};

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

/// Where commands print to: a pipe, and terminals of two widths.
pub(crate) const SCREENS: [Screen; 3] = [
    Screen {
        columns: None,
        folder: "snapshots/reports",
    },
    Screen {
        columns: Some("80"),
        folder: "snapshots/reports-80",
    },
    Screen {
        columns: Some("60"),
        folder: "snapshots/reports-60",
    },
];

pub(crate) struct Screen {
    columns: Option<&'static str>,
    /// Where the texts are that it shows.
    folder: &'static str,
}

impl Screen {
    /// A root whose commands print to it.
    pub(crate) fn of(&self, mut root: Root) -> Root {
        root.columns = self.columns;
        root
    }

    pub(crate) fn assert_reports(&self, root: &Root, commands: &[(&str, &str)]) {
        self.assert_told(commands, |arguments| root.run(arguments));
    }

    /// What each command prints, after the ones before it ran. What is for programs is alike on
    /// every screen.
    fn assert_told(&self, commands: &[(&str, &str)], run: impl Fn(&[&str]) -> Run) {
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(repository().join(self.folder));
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        for (name, command) in commands {
            let run = run(&command.split(' ').collect::<Vec<_>>());
            if self.columns.is_some() && command.contains("--format") {
                continue;
            }
            settings.set_description(format!("dockwright {command}"));
            settings.bind(|| insta::assert_snapshot!(*name, run.told()));
        }
    }
}

#[test]
fn reports_on_drift_read_as_they_did() {
    for screen in SCREENS {
        screen.assert_reports(
            &screen.of(drifted()),
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
}

#[test]
fn reports_on_a_wrong_declaration_read_as_they_did() {
    for screen in SCREENS {
        let root = screen.of(Root::new(
            "registry: registry.example\nowner: \"Acme Corp\"\npython: 3.10\nservices:\n  \
         svc-a: { knid: web, template: multi-stage-slm, port: 70000, apt: [\"curl; rm\"] }\n",
        ));
        let commands = [
            ("wrong-check-text", "check"),
            ("wrong-check-json", "check --format json"),
            ("wrong-check-github", "check --format github"),
            ("wrong-check-patch", "check --format patch"),
            ("wrong-generate-text", "generate"),
            ("wrong-list-text", "list"),
        ];
        screen.assert_reports(&root, &commands);
    }
}

#[test]
fn answers_about_images_read_as_they_did() {
    for screen in SCREENS {
        let root = screen.of(Root::generated(&format!(
            "{EVERY_TEMPLATE}outputs: {{ bake: {{}} }}\n"
        )));
        let commands = [
            ("plan-text", "plan"),
            (
                "plan-dependents-text",
                "plan --only base-ml --with-dependents",
            ),
            ("plan-json", "plan --only svc-ml --format json"),
            ("plan-matrix", "plan --format matrix"),
            ("plan-mermaid", "plan --format mermaid"),
            ("plan-dot", "plan --format dot"),
            ("plan-unknown-text", "plan --only svc-lm"),
            ("why-text", "why fastapi"),
            ("why-json", "why torch --format json"),
            ("why-nothing-text", "why fastapy"),
            (
                "build-buildx-dry-run-text",
                "build --all --with buildx --tag v1 --push --dry-run",
            ),
            (
                "build-buildah-dry-run-text",
                "build svc-slim --with buildah --tag v1 --dry-run",
            ),
            (
                "build-untagged-text",
                "build svc-slim --with buildx --push --dry-run",
            ),
        ];
        screen.assert_reports(&root, &commands);
    }
}

#[test]
fn answers_of_bump_read_as_they_did() {
    for screen in SCREENS {
        let root = screen.of(Root::new(EVERY_TEMPLATE));
        let bases = "generate --amend-base base-runtime base-ml";
        assert_eq!(root.run(&bases.split(' ').collect::<Vec<_>>()).status, 0);
        let commands = [
            ("bump-dry-run-text", "bump base-runtime --minor --dry-run"),
            ("bump-text", "bump base-runtime --minor"),
            ("bump-python-text", "bump python 3.13"),
            ("bump-nothing-text", "bump --changed"),
            ("bump-unknown-text", "bump base-mll --patch"),
            ("bump-downgrade-text", "bump base-ml v0.9.0"),
        ];
        screen.assert_reports(&root, &commands);
    }
}

#[test]
fn answers_about_a_new_service_read_as_they_did() {
    for screen in SCREENS {
        let root = screen.of(Root::generated(EVERY_TEMPLATE));
        let commands = [
            ("new-dry-run-text", "new svc-pay --kind web --dry-run"),
            (
                "new-text",
                "new svc-pay --kind web --port 8017 --pip stripe",
            ),
            ("new-twice-text", "new svc-pay --kind web"),
            ("new-unknown-kind-text", "new svc-two --kind wbe"),
        ];
        screen.assert_reports(&root, &commands);
    }
}

#[test]
fn answers_of_pin_read_as_they_did() {
    for screen in SCREENS {
        let root = screen.of(Root::generated(TEXT));
        let programs = Programs::new();
        programs.add("crane", &format!("printf '{MANIFEST}'"));
        let commands = [
            ("pin-dry-run-text", "pin --tool crane --dry-run"),
            ("pin-text", "pin --tool crane"),
            ("pin-again-text", "pin --tool crane"),
            ("pin-unknown-text", "pin tolls --tool crane"),
        ];
        screen.assert_told(&commands, |arguments| programs.run(&root, arguments));
    }
}

#[test]
fn answers_of_lock_read_as_they_did() {
    for screen in SCREENS {
        let mut locking = Locking::new(FLEET);
        locking.root = screen.of(locking.root);
        let commands = [
            ("lock-missing-text", "check"),
            ("lock-text", "lock"),
            ("lock-again-text", "lock"),
            ("lock-unknown-text", "lock --image svc-hihg"),
        ];
        screen.assert_told(&commands, |arguments| locking.run(arguments));
        locking
            .root
            .edit("services.yaml", "[fastapi]", "[impossible]");
        screen.assert_told(&[("lock-failed-text", "lock")], |arguments| {
            locking.run(arguments)
        });
        let root = screen.of(Root::generated(EVERY_TEMPLATE));
        screen.assert_reports(&root, &[("lock-not-enabled-text", "lock")]);
    }
}

#[test]
fn answers_on_the_first_day_read_as_they_did() {
    for screen in SCREENS {
        let commands = [
            ("init-text", "init"),
            ("init-generate-text", "generate"),
            ("init-check-text", "check"),
            ("init-twice-text", "init"),
            ("init-agents-text", "init --agents"),
            ("init-agents-twice-text", "init --agents"),
            ("eject-text", "eject multi-stage-slim"),
            ("eject-twice-text", "eject multi-stage-slim"),
            ("eject-unknown-text", "eject multi-stage-slm"),
            ("eject-service-text", "eject --service svc-example"),
        ];
        screen.assert_reports(&screen.of(Root::empty()), &commands);
        let root = screen.of(Root::generated(EVERY_TEMPLATE));
        let commands = [
            ("explain-code-text", "explain dep-already-in-base"),
            ("explain-kind-text", "explain hand-edited"),
            (
                "explain-line-text",
                "explain generated/svc-slim/Dockerfile:3",
            ),
            ("explain-unknown-text", "explain hand-edeted"),
        ];
        screen.assert_reports(&root, &commands);
    }
}

#[test]
fn answers_of_adopt_read_as_they_did() {
    for screen in SCREENS {
        let root = screen.of(Root::empty());
        let dockerfile = |name: &str, rest: &str| {
            format!(
                "FROM python:3.12-slim\nWORKDIR /app\nCOPY services/{name}/requirements.txt .\n\
             RUN pip install --no-cache-dir -r requirements.txt\nCOPY services/{name} .\n{rest}"
            )
        };
        let web = "EXPOSE 8000\nCMD [\"uvicorn\", \"main:app\", \"--port\", \"8000\"]\n";
        for (name, module, rest) in [
            ("api", "main.py", web),
            (
                "mailer",
                "tasks.py",
                "CMD [\"celery\", \"-A\", \"tasks\", \"worker\"]\n",
            ),
            (
                "tool",
                "run.py",
                "SHELL [\"/bin/bash\", \"-c\"]\nONBUILD RUN true\nCMD python run.py\n",
            ),
        ] {
            root.write(
                &format!("services/{name}/Dockerfile"),
                dockerfile(name, rest),
            );
            root.write(
                &format!("services/{name}/requirements.txt"),
                "celery\nuvicorn\n",
            );
            root.write(&format!("services/{name}/{module}"), "app = None\n");
        }
        let commands = [
            ("adopt-text", "adopt"),
            ("adopt-write-text", "adopt --write"),
            ("adopt-again-text", "adopt --write"),
            ("adopt-check-text", "check"),
            ("adopt-nothing-text", "adopt services/nowhere"),
        ];
        screen.assert_reports(&root, &commands);
    }
}
