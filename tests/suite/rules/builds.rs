//! Rules about what a build cannot install or a container cannot start.

use super::judged;
use crate::support::Root;

#[test]
fn a_package_without_a_wheel_for_arm_is_told_where_the_image_is_built_for_that() {
    let text = |platforms: &str| {
        format!(
            "platforms: {platforms}\nservices: {{ svc-a: {{ kind: web, port: 8000, pip: \
             [sparse-dot-topn] }} }}\n"
        )
    };
    let said = |platforms: &str| {
        let found = judged(&text(platforms));
        let mut found = found
            .iter()
            .filter(|one| one.code.id == "needs-source-build");
        found
            .next()
            .map(|one| (one.message.clone(), one.help.clone()))
    };
    assert_eq!(said("[linux/amd64]"), None);
    let (message, help) = said("[linux/amd64, linux/arm64]").unwrap();
    assert!(message.contains("no wheel for linux/arm64"), "{message}");
    assert_eq!(help.as_deref(), Some("add apt_build: [g++]"));
}

#[test]
fn a_lock_beside_a_project_is_named() {
    let text = "registry: r.example\nowner: acme\npython: \"3.12\"\ntools: { uv: \"0.13.9\" \
                }\nservices: { a: { port: 8000, install: svc/pyproject.toml } }\n";
    let root = Root::generated(text);
    let said = |help: &str| {
        let run = root.run(&["check", "--hints"]);
        assert!(run.told().contains(help), "{}", run.told());
    };
    root.write(
        "svc/pyproject.toml",
        "[project]\nname = \"x\"\nversion = \"1\"\n",
    );
    said("run `uv lock` there, and install svc/uv.lock");
    root.write("svc/uv.lock", "version = 1\n");
    said("svc/uv.lock stands beside it: install that");
}

#[test]
fn a_script_is_executable_unless_a_mode_says_otherwise() {
    let fires = |fields: &str| {
        let text = format!("services: {{ svc-a: {{ port: 8000, {fields} }} }}\n");
        judged(&text)
            .iter()
            .any(|one| one.code.id == "not-executable")
    };
    for fields in [
        "cmd: [./a.sh], copy: { from: a.sh, to: ., mode: \"0644\" }",
        "cmd: [./bin/a.sh], copy: { from: bin, to: bin, mode: \"0644\" }",
        "entrypoint: /x/a.sh, copy: { from: a.sh, to: /x/a.sh, mode: \"644\" }",
        "healthcheck: { cmd: ./a.sh }, copy: { from: a.sh, to: ./, mode: \"0644\" }",
    ] {
        assert!(fires(fields), "{fields}");
    }
    for fields in [
        "cmd: [./a.sh], copy: { from: a.sh, to: . }",
        "cmd: [sh, ./a.sh], copy: { from: a.sh, to: ., mode: \"0644\" }",
        "cmd: [./b.sh], copy: { from: a.sh, to: ., mode: \"0644\" }",
        "entrypoint: [./b.sh], cmd: [./a.sh], copy: { from: a.sh, to: ., mode: \"0644\" }",
    ] {
        assert!(!fires(fields), "{fields}");
    }
}
