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
    assert!(changed.contains("the file is hand-edited: "), "{changed}");
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
        run.stdout.contains("the file is unmanaged: "),
        "{}",
        run.told()
    );
    std::fs::remove_file(root.path().join(FILE)).unwrap();
    let run = root.run(&["explain", &format!("{FILE}:4")]);
    assert!(
        run.stdout.contains("the file is missing: "),
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
