//! `explain FILE:LINE`: the template, the values and their places behind a line.

use crate::support::{EVERY_TEMPLATE, Root};

const FILE: &str = "generated/svc-slim/Dockerfile";

const FLEET: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
requirements:
  base: [fastapi, uvicorn]
defaults: { healthcheck: /healthz }
kinds:
  web: { requirements: [base], port: 8000, healthcheck: /ready }
services:
  svc-a: { kind: web }
  svc-b: { kind: web, port: 8001 }
";

/// What is told of the first line of a file that has these words in it.
fn told(root: &Root, file: &str, words: &str) -> String {
    let text = root.text(file);
    let at = text.lines().position(|line| line.contains(words)).unwrap();
    let run = root.run(&["explain", &format!("{file}:{}", at + 1)]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{}", run.told());
    run.stdout
}

#[test]
fn a_line_leads_to_the_place_of_each_of_its_values() {
    let root = Root::generated(FLEET);
    let of_kind = told(&root, "generated/svc-a/Dockerfile", "EXPOSE");
    assert!(of_kind.contains("    EXPOSE 8000\n  template builtin/service/service.Dockerfile.j2:"));
    assert!(
        of_kind.contains(
            "  kinds.web.port 8000\n    declared at services.yaml:8:38, by the kind web, which 2 \
             services have\n"
        ),
        "{of_kind}"
    );
    let of_service = told(&root, "generated/svc-b/Dockerfile", "EXPOSE");
    assert!(
        of_service.contains(
            "  services.svc-b.port 8001\n    declared at services.yaml:11:29, by the service \
             itself\n    in place of kinds.web.port at services.yaml:8:38\n"
        ),
        "{of_service}"
    );
    let of_set = told(&root, "generated/svc-a/requirements.txt", "fastapi");
    assert!(
        of_set.contains("by a requirement set, which 2 images install"),
        "{of_set}"
    );
    let of_health = told(&root, "generated/svc-a/Dockerfile", "HEALTHCHECK");
    assert!(
        of_health.contains("a default: services.yaml does not declare it"),
        "{of_health}"
    );
}

#[test]
fn a_line_without_values_is_the_templates() {
    let root = Root::generated(FLEET);
    let told = told(&root, "generated/svc-a/Dockerfile", "AS builder");
    assert!(
        told.contains("template builtin/partials/venv-stage.j2:"),
        "{told}"
    );
    let header = root
        .run(&["explain", "generated/svc-a/Dockerfile:1"])
        .stdout;
    assert!(
        header.contains("the header of every generated file"),
        "{header}"
    );
}

#[test]
fn a_changed_line_leads_to_what_is_rendered_in_its_place() {
    let root = Root::generated(EVERY_TEMPLATE);
    root.edit(FILE, "EXPOSE 8000", "EXPOSE 9000");
    root.edit(FILE, "WORKDIR /app", "RUN true\nWORKDIR /app");
    let changed = told(&root, FILE, "EXPOSE 9000");
    assert!(
        changed.contains("the file does not match, edited by hand: "),
        "{changed}"
    );
    assert!(
        changed.contains("on disk:\n    EXPOSE 9000\nrendered in its place:\n    EXPOSE 8000\n"),
        "{changed}"
    );
    let added = told(&root, FILE, "RUN true");
    assert!(added.contains("nothing is rendered there"), "{added}");
    let moved = told(&root, FILE, "USER 10001");
    assert!(moved.contains("\n    USER 10001:10001\n"), "{moved}");
    assert!(!moved.contains("on disk"), "{moved}");
}

#[test]
fn a_file_that_is_not_ours_is_not_shown_and_a_missing_one_is_told_as_rendered() {
    let root = Root::generated(EVERY_TEMPLATE);
    root.write(FILE, "SECRET\nSECRET\nSECRET\nSECRET\n");
    let run = root.run(&["explain", &format!("{FILE}:4")]);
    assert!(!run.told().contains("SECRET"), "{}", run.told());
    assert!(
        run.stdout.contains("the file does not match, unmanaged: "),
        "{}",
        run.told()
    );
    std::fs::remove_file(root.path().join(FILE)).unwrap();
    let run = root.run(&["explain", &format!("{FILE}:4")]);
    assert!(
        run.stdout.contains("the file does not match, missing: "),
        "{}",
        run.told()
    );
    assert!(run.stdout.contains("  template builtin/"), "{}", run.told());
}

#[test]
fn what_is_no_line_of_a_generated_file_is_refused() {
    let root = Root::generated(EVERY_TEMPLATE);
    for (place, said) in [
        (
            "generated/svc-slim/Dockerfle:1",
            "did you mean `generated/svc-slim/Dockerfile`?",
        ),
        ("generated/svc-slim/Dockerfile:4000", "has "),
        ("/etc/passwd:1", "/etc/passwd"),
        ("../x:1", "../x"),
    ] {
        let run = root.run(&["explain", place]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{}", run.told());
        assert!(run.stderr.contains(said), "{}", run.told());
    }
}

/// A fleet with a generated file of every kind.
const EVERY_KIND: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
requirements: { base: [fastapi, uvicorn] }
bases: { base-runtime: { version: v1.0.0, requirements: [base] } }
kinds: { web: { template: runtime-on-base, base: base-runtime, pip: [httpx] } }
outputs:
  bake: {}
  compose: compose.yaml
  workflow: { install: ./get.sh, runner: ubuntu-24.04 }
services:
  svc-a: { kind: web, port: 8000 }
";

/// A kind of generated file, a line of it, the template that prints it, and a value behind it.
const LINES: [(&str, &str, &str, &str); 6] = [
    (
        "generated/svc-a/Dockerfile",
        "EXPOSE 8000",
        "builtin/service/",
        "services.svc-a.port",
    ),
    (
        "generated/svc-a/Dockerfile.dockerignore",
        "!apps/svc_a",
        "builtin/image/Dockerfile.dockerignore.j2",
        "",
    ),
    (
        "generated/svc-a/requirements.txt",
        "httpx",
        "builtin/image/requirements.txt.j2",
        "kinds.web.pip[0]",
    ),
    (
        "generated/docker-bake.hcl",
        "default = \"registry.example\"",
        "builtin/fleet/docker-bake.hcl.j2",
        "registry",
    ),
    (
        "compose.yaml",
        "8000",
        "builtin/fleet/compose.yaml.j2",
        "services.svc-a.port",
    ),
    (
        ".github/workflows/images.yaml",
        "runs-on: ",
        "builtin/fleet/workflow.yaml.j2",
        "outputs.workflow.runner",
    ),
];

/// The number of the first line that has these words, from 1.
fn line_with(root: &Root, file: &str, words: &str) -> usize {
    let text = root.text(file);
    let at = text.lines().position(|line| line.contains(words));
    at.unwrap_or_else(|| panic!("{file} has no {words}:\n{text}")) + 1
}

#[test]
fn every_kind_of_generated_file_is_explained_fresh_and_drifted() {
    for (file, words, template, value) in LINES {
        let root = Root::generated(EVERY_KIND);
        let number = line_with(&root, file, words);
        let explained = |root: &Root| {
            let run = root.run(&["explain", &format!("{file}:{number}")]);
            assert_eq!(run.status, 0, "{}", run.told());
            for part in [template, value] {
                assert!(run.stdout.contains(part), "{part}: {}", run.told());
            }
            run.stdout
        };
        explained(&root);
        let mut lines: Vec<String> = root.text(file).lines().map(str::to_owned).collect();
        lines[number - 1].push_str("#x");
        root.write(file, lines.join("\n") + "\n");
        let drifted = explained(&root);
        assert!(drifted.contains("rendered in its place:"), "{drifted}");
        // `check` traces the same line to the same template line and place.
        let behind = root.check().json()["changes"][0]["behind"].clone();
        for part in behind.as_array().unwrap() {
            let part = part.as_str().unwrap().trim_start_matches("declared ");
            let part = part.split(' ').take(2).collect::<Vec<_>>().join(" ");
            let found = part.split(' ').all(|word| drifted.contains(word));
            assert!(found, "{part} is not in {drifted}");
        }
    }
}

#[test]
fn no_line_of_any_generated_file_is_without_an_explanation() {
    let root = Root::generated(EVERY_KIND);
    for file in root.files().iter().filter(|file| *file != "services.yaml") {
        for (at, line) in root.text(file).lines().enumerate() {
            let run = root.run(&["explain", &format!("{file}:{}", at + 1)]);
            assert_eq!(run.status, 0, "{file}:{}: {}", at + 1, run.told());
            let is_told = ["  template ", "the header of every", "(a blank line)"];
            let is_told = is_told.iter().any(|part| run.stdout.contains(part));
            assert!(is_told, "{file}:{}: {line}: {}", at + 1, run.told());
        }
    }
}

#[test]
fn a_line_that_a_default_decides_names_the_field_that_would_change_it() {
    let root = Root::generated(EVERY_TEMPLATE);
    for (words, field) in [
        ("USER 10001", "user"),
        ("useradd", "user"),
        ("--only-binary", "source_builds"),
        ("target=/root/.cache/pip", "installer"),
        ("ENV PATH=", "env"),
    ] {
        let told = told(&root, FILE, words);
        let named = format!(
            "  services.svc-slim.{field}\n    a default: services.yaml does not declare it; \
             declare it to change it\n"
        );
        assert!(told.contains(&named), "{words}: {told}");
    }
    let own = told(&root, "generated/svc-base/Dockerfile", "USER 0");
    assert!(own.contains("dockwright eject"), "{own}");
}
