//! What large fleets are worked on with, several threads and pieces of the declaration, changes
//! nothing that is said.

use crate::support::{PROGRAM, Root, Run, has};
use crate::synthetic::services_yaml;

/// More services than any step of a check takes on one thread.
const SERVICES: usize = 700;

fn edited(text: &str) -> String {
    text.replace("  svc-00300:\n", "  svc-00300:\n    aptt: [curl]\n")
}

/// The same command on one core, where everything is done by one thread; nothing where that cannot
/// be arranged.
fn on_one_core(root: &Root, arguments: &[&str]) -> Option<Run> {
    if !has(&["taskset"]) {
        return None;
    }
    let arguments: Vec<&str> = ["-c", "0", PROGRAM]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    Some(Run::of(
        &root.command("taskset", &arguments).output().unwrap(),
    ))
}

#[track_caller]
fn assert_same_on_one_core(root: &Root, arguments: &[&str]) -> Run {
    let run = root.run(arguments);
    if let Some(alone) = on_one_core(root, arguments) {
        assert_eq!(run.told(), alone.told(), "{arguments:?}");
    }
    run
}

#[test]
fn all_kinds_of_drift_are_told_as_on_one_core() {
    let root = Root::generated(&services_yaml(SERVICES));
    let clean = assert_same_on_one_core(&root, &["check"]);
    assert_eq!(clean.status, 0, "{}", clean.told());
    root.edit("generated/svc-00008/Dockerfile", "USER 0", "USER root");
    root.remove("generated/svc-00400/requirements.txt");
    root.write("generated/svc-00699/notes.md", "mine\n");
    root.write("generated/svc-00699/deeper/still/a.txt", "mine\n");
    root.write(
        "generated/svc-99999/Dockerfile",
        root.text("generated/svc-00001/Dockerfile"),
    );
    root.link("generated/away", "../../outside");
    root.edit("services.yaml", "    port: 8012\n", "    port: 9012\n");
    let told = assert_same_on_one_core(&root, &["check", "--format", "json"]);
    let drifts = told.drifts();
    let kind = |path: &str| drifts.get(path).map(String::as_str);
    assert_eq!(told.status, 1);
    assert_eq!(kind("generated/svc-00008/Dockerfile"), Some("hand-edited"));
    assert_eq!(
        kind("generated/svc-00400/requirements.txt"),
        Some("missing")
    );
    assert_eq!(kind("generated/svc-00012/Dockerfile"), Some("stale"));
    assert_eq!(
        kind("generated/svc-00699/notes.md"),
        Some("unmanaged"),
        "{drifts:?}"
    );
    assert_eq!(
        kind("generated/svc-00699/deeper/still/a.txt"),
        Some("unmanaged")
    );
    assert_eq!(kind("generated/away"), Some("symlink"));
    assert!(
        drifts.contains_key("generated/svc-99999/Dockerfile"),
        "{drifts:?}"
    );
    assert_same_on_one_core(&root, &["check"]);
    assert_same_on_one_core(&root, &["generate", "--dry-run"]);
    assert_same_on_one_core(&root, &["plan", "--drifted"]);
}

#[test]
fn a_wrong_field_is_told_at_its_line_as_on_one_core() {
    let root = Root::new(&edited(&services_yaml(SERVICES)));
    let run = assert_same_on_one_core(&root, &["check"]);
    let line = root
        .text("services.yaml")
        .lines()
        .position(|line| line.contains("aptt"))
        .unwrap()
        + 1;
    assert_eq!(run.status, 1, "{}", run.told());
    assert!(
        run.stdout.contains(&format!("services.yaml:{line}:5")) && run.stdout.contains("`apt`"),
        "{}",
        run.told()
    );
}

#[test]
fn of_several_templates_that_fail_the_first_file_is_told_every_time() {
    let declaration =
        services_yaml(SERVICES).replace("shared: [libs]\n", "shared: [libs]\ntemplates: docker\n");
    let root = Root::new(&declaration);
    let fails = "{{ [] if name in ['svc-00300', 'svc-00301', 'svc-00640'] }}\n";
    root.write("docker/partials/labels.j2", fails);
    let run = assert_same_on_one_core(&root, &["check"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stderr.contains("svc-00300") && run.stderr.contains("docker/partials/labels.j2:1"),
        "{}",
        run.told()
    );
    for _ in 0..4 {
        assert_eq!(root.run(&["check"]).told(), run.told());
    }
}

#[test]
fn a_layout_that_is_wrong_is_told_and_leads_nowhere() {
    let layout = "layout: { services: \"../{name}\", bases: \"/etc/{name}\" }\n";
    let root = Root::new(&(services_yaml(SERVICES) + layout));
    let run = assert_same_on_one_core(&root, &["check", "--format", "json"]);
    assert_eq!(run.status, 1, "{}", run.told());
    assert_eq!(run.codes(), ["invalid-layout"], "{}", run.told());
}
