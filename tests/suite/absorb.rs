//! `absorb`: a hand edit of a generated file becomes an edit of services.yaml, or is refused.

use crate::support::{MINIMAL, Root, Run};

const FILE: &str = "generated/svc-a/Dockerfile";
const PIP: &str = "generated/svc-a/requirements.txt";

const DECLARATION: &str = "\
# the fleet
registry: registry.example
owner: acme
python: \"3.12\"
requirements:
  base: [fastapi==0.115.0, uvicorn]
bases:
  base-runtime: { version: v1.0.0, requirements: [base] }
kinds:
  web: { template: multi-stage-slim, requirements: [base], env: { LOG_LEVEL: info } }
  on-base: { template: runtime-on-base, base: base-runtime }
services:
  # listens
  svc-a:
    kind: web
    port: 8000 # its port
    pip: [httpx==0.27.0]
    apt:
      - libpq5 # for asyncpg
  svc-b: { kind: web, port: 8001 }
  svc-c: { kind: on-base, port: 8002 }
";

fn absorb(root: &Root, arguments: &[&str]) -> Run {
    root.run(&[&["absorb"], arguments].concat())
}

/// The lines of services.yaml that an absorbed edit changed.
fn changed(root: &Root) -> String {
    let before: Vec<&str> = DECLARATION.lines().collect();
    let after = root.text("services.yaml");
    let new: Vec<&str> = after
        .lines()
        .filter(|line| !before.contains(line))
        .collect();
    new.join("\n")
}

#[test]
fn every_kind_of_edit_goes_where_a_person_would_write_it() {
    for (from, to, written) in [
        ("8000", "8080", "    port: 8080 # its port"),
        ("EXPOSE 8000", "USER root\nEXPOSE 8000", "    user: root"),
        (
            "EXPOSE 8000",
            "RUN touch /x\nEXPOSE 8000",
            "    run: [\"touch /x\"]",
        ),
        (
            "EXPOSE 8000",
            "ENV SHARD=7\nEXPOSE 8000",
            "    env:\n      SHARD: \"7\"",
        ),
        (
            "EXPOSE 8000",
            "USER root\nRUN apt-get update && apt-get install -y tesseract-ocr\nUSER 10001:10001\nEXPOSE 8000",
            "      - tesseract-ocr",
        ),
        (
            "--interval=30s",
            "--interval=20s",
            "    healthcheck:\n      interval: \"20s\"",
        ),
        (
            "EXPOSE 8000",
            "STOPSIGNAL SIGINT\nEXPOSE 8000",
            "    stop_signal: SIGINT",
        ),
    ] {
        let root = Root::generated(DECLARATION);
        root.edit(FILE, from, to);
        let before = root.tree();
        let dry = absorb(&root, &[FILE, "--dry-run"]);
        assert_eq!(
            (dry.status, root.tree() == before),
            (0, true),
            "{to}: {}",
            dry.told()
        );
        let run = absorb(&root, &[FILE]);
        assert_eq!(run.status, 0, "{to}: {}", run.told());
        assert_eq!(changed(&root), written, "{to}: {}", run.told());
        assert!(root.text("services.yaml").contains("# for asyncpg"));
        assert_eq!(
            root.check().status,
            0,
            "{to}: {}",
            root.run(&["check"]).told()
        );
    }
}

#[test]
fn a_bots_bump_of_a_requirements_file_is_absorbed_byte_for_byte() {
    let root = Root::generated(DECLARATION);
    root.edit(PIP, "httpx==0.27.0", "httpx==0.28.1\nrich");
    let body = root.text(PIP);
    let run = absorb(&root, &[]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        run.stdout.contains("rendered byte for byte as edited"),
        "{}",
        run.told()
    );
    assert_eq!(changed(&root), "    pip: [\"httpx==0.28.1\", rich]");
    let lines = |text: &str| text.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(lines(&root.text(PIP)), lines(&body));
}

#[test]
fn what_others_follow_is_named_and_needs_everywhere() {
    let set = "generated/svc-b/requirements.txt";
    let root = Root::generated(DECLARATION);
    root.edit(set, "fastapi==0.115.0", "fastapi==0.116.1");
    let before = root.tree();
    let run = absorb(&root, &[set]);
    assert_eq!(
        (run.status, root.tree() == before),
        (1, true),
        "{}",
        run.told()
    );
    for part in [
        PIP,
        "generated/base-runtime/requirements.txt",
        "--everywhere",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.told());
    }
    let run = absorb(&root, &[set, "--everywhere"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        root.text(PIP).contains("fastapi==0.116.1"),
        "{}",
        run.told()
    );
    assert_eq!(root.check().status, 0, "{}", root.run(&["check"]).told());
}

#[test]
fn an_image_or_a_folder_stands_for_its_edited_files() {
    for word in ["svc-a", "./generated/svc-a/", "generated", "."] {
        let root = Root::generated(DECLARATION);
        root.edit(FILE, "8000", "8080");
        root.edit(PIP, "httpx==0.27.0", "httpx==0.28.1");
        let run = absorb(&root, &[word]);
        assert_eq!(run.status, 0, "{word}: {}", run.told());
        let lines = "    port: 8080 # its port\n    pip: [\"httpx==0.28.1\"]";
        assert_eq!(changed(&root), lines, "{word}: {}", run.told());
        assert_eq!(root.check().status, 0, "{word}");
    }
}

/// One image alone is looked at where only its entry changes, so what else differs is not seen, and
/// no file that others share is missed.
#[test]
fn files_of_the_fleet_follow_and_other_images_stay_out_of_it() {
    let root = Root::generated(&format!("{DECLARATION}outputs: {{ compose: {{}} }}\n"));
    root.edit(FILE, "8000", "8080");
    root.edit("generated/svc-b/Dockerfile", "8001", "9001");
    let run = absorb(&root, &[FILE]);
    assert_eq!(run.status, 1, "{}", run.told());
    assert!(
        run.stderr.contains("1 other file would change"),
        "{}",
        run.told()
    );
    assert!(run.stderr.contains("compose.yaml"), "{}", run.told());
    let run = absorb(&root, &[FILE, "--everywhere"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        run.stdout.contains("in part: only 1 of 4 images"),
        "{}",
        run.told()
    );
    let left = root.check().drifts();
    assert_eq!(
        left.keys().collect::<Vec<_>>(),
        ["generated/svc-b/Dockerfile"]
    );
}

#[test]
fn the_other_files_of_the_same_image_are_no_others() {
    let root = Root::generated(DECLARATION);
    let step = "RUN pip install rich==13.9.0\n";
    root.edit(FILE, "WORKDIR /app\n", &format!("{step}WORKDIR /app\n"));
    let run = absorb(&root, &[FILE]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        root.text(PIP).ends_with("httpx==0.27.0\nrich==13.9.0\n"),
        "{}",
        run.told()
    );
    assert_eq!(root.check().status, 0, "{}", root.check().told());
}

#[test]
fn a_value_of_a_kind_is_overridden_for_the_image_alone() {
    let root = Root::generated(DECLARATION);
    root.edit(FILE, "LOG_LEVEL=\"info\"", "LOG_LEVEL=\"debug\"");
    let run = absorb(&root, &[FILE]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert_eq!(
        changed(&root),
        "    env:\n      LOG_LEVEL: debug",
        "{}",
        run.told()
    );
}

#[test]
fn the_version_of_a_base_in_from_is_its_version() {
    let root = Root::generated(DECLARATION);
    root.edit(
        "generated/svc-c/Dockerfile",
        "BASE_VERSION=v1.0.0",
        "BASE_VERSION=v1.1.0",
    );
    let run = absorb(&root, &["--everywhere"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        root.text("services.yaml").contains("version: v1.1.0"),
        "{}",
        run.told()
    );
}

#[test]
fn what_nothing_says_is_refused_with_the_reason_and_changes_nothing() {
    for (from, to, reason) in [
        (
            "EXPOSE 8000",
            "# why\nEXPOSE 8000",
            "the edit changes nothing in the image",
        ),
        (
            "EXPOSE 8000",
            "EXPOSE 8001",
            "no field of services.yaml says",
        ),
        (
            "FROM python:3.12-slim\n",
            "FROM debian:trixie\n",
            "no field of services.yaml says",
        ),
    ] {
        let root = Root::generated(DECLARATION);
        root.edit(FILE, from, to);
        let before = root.tree();
        let run = absorb(&root, &[FILE, "--everywhere"]);
        assert_eq!(
            (run.status, root.tree() == before),
            (2, true),
            "{to}: {}",
            run.told()
        );
        assert!(run.stderr.contains(reason), "{to}: {}", run.told());
    }
    let root = Root::generated(MINIMAL);
    for (arguments, reason) in [
        (&[][..], "no generated file was edited by hand"),
        (&[FILE], "this file matches services.yaml already"),
        (&["svc-a"], "no generated file was edited by hand there"),
        (&["svc-aa"], "did you mean `svc-a`?"),
        (&["../x"], "../x"),
    ] {
        let run = absorb(&root, arguments);
        assert_eq!(run.status, 2, "{}", run.told());
        assert!(run.stderr.contains(reason), "{}", run.told());
    }
}

#[test]
fn check_names_absorb_among_the_commands() {
    let root = Root::generated(DECLARATION);
    root.edit(FILE, "EXPOSE 8000", "USER root\nEXPOSE 8000");
    let commands = root.check().json()["commands"].to_string();
    assert!(
        commands.contains(&format!("dockwright absorb {FILE}")),
        "{commands}"
    );
}

#[test]
fn answers_of_absorb_read_as_they_did() {
    for screen in crate::goldens::SCREENS {
        let root = screen.of(Root::generated(DECLARATION));
        let dockerfile = "generated/svc-a/Dockerfile";
        root.edit(dockerfile, "EXPOSE 8000", "EXPOSE 8000\nEXPOSE 9000");
        root.edit(
            "generated/svc-b/requirements.txt",
            "fastapi==0.115.0",
            "fastapi==0.116.1",
        );
        let commands = [
            ("absorb-dry-run-text", "absorb svc-a --dry-run"),
            ("absorb-text", "absorb svc-a"),
            ("absorb-followed-text", "absorb svc-b"),
            ("absorb-everywhere-text", "absorb svc-b --everywhere"),
            ("absorb-nothing-text", "absorb"),
            ("absorb-unknown-text", "absorb svc-aa"),
        ];
        screen.assert_reports(&root, &commands);
        root.edit(
            dockerfile,
            "FROM python:3.12-slim\n",
            "FROM debian:trixie\n",
        );
        screen.assert_reports(&root, &[("absorb-refused-text", "absorb")]);
    }
}
