//! What a generated workflow decides to build, over histories with failed, superseded, merged and
//! foreign runs: no image is lost. And the digests of inputs that it relies on.

use std::process::Command;

use crate::pin::Registry;
use crate::support::{MINIMAL, PROGRAM, Root, cases_of, has, repository};

#[test]
fn no_image_is_lost_over_failed_superseded_merged_and_foreign_runs() {
    if !has(&["docker-buildx", "docker-registry", "git", "jq", "pyyaml"]) {
        return;
    }
    let Some(registry) = Registry::start() else {
        return;
    };
    let runs = cases_of(8, 50).to_string();
    let script = repository().join("tests/judges/workflow_state.py");
    let mut command = Command::new("python3");
    command.args([script.as_str(), PROGRAM, &registry.host, &runs, "20"]);
    let output = command.output().unwrap();
    let told = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&told)
    );
}

fn git(root: &Root, arguments: &[&str]) {
    let mut command = Command::new("git");
    let identity = ["-c", "user.name=x", "-c", "user.email=x@localhost"];
    command.args(identity).args(arguments);
    let output = command.current_dir(root.path()).output().unwrap();
    assert!(output.status.success(), "{arguments:?} {output:?}");
}

fn commit(root: &Root) {
    assert_eq!(root.run(&["generate"]).status, 0);
    git(root, &["add", "--all"]);
    git(root, &["commit", "--quiet", "--message", "x"]);
}

/// The digests of all images, by name.
fn digests(root: &Root) -> Vec<(String, String)> {
    let run = root.run(&["plan", "--all", "--inputs", "--format", "json"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let plan = run.json();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let images = plan["images"].as_array().unwrap().iter();
    images
        .map(|image| (text(&image["name"]), text(&image["inputs"])))
        .collect()
}

/// The images whose digest differs.
fn moved(before: &[(String, String)], after: &[(String, String)]) -> Vec<String> {
    let pairs = before.iter().zip(after);
    let moved = pairs.filter(|(before, after)| before != after);
    moved.map(|(_, after)| after.0.clone()).collect()
}

#[test]
fn a_digest_of_inputs_moves_with_what_the_image_is_made_of_and_with_nothing_else() {
    if !has(&["git"]) {
        return;
    }
    let declaration = MINIMAL.replace(
        "services:\n",
        "services:\n  svc-b: { kind: on-base, port: 8001 }\n",
    );
    let root = Root::new(&declaration);
    git(&root, &["init", "--quiet"]);
    for path in ["apps/svc_a/main.py", "apps/svc_b/main.py", "README.md"] {
        root.write(path, "x = 0\n");
    }
    commit(&root);
    let first = digests(&root);
    let digest = &first[0].1;
    assert!(digest.len() == 32, "{digest}");
    let step = |change: &dyn Fn(), wanted: &[&str]| {
        let before = digests(&root);
        change();
        commit(&root);
        assert_eq!(moved(&before, &digests(&root)), wanted);
    };
    step(&|| root.write("README.md", "y\n"), &[]);
    step(&|| root.write("apps/svc_a/main.py", "y\n"), &["svc-a"]);
    step(
        &|| root.edit("services.yaml", "v1.0.0", "v1.0.1"),
        &["base-runtime", "svc-b"],
    );
    step(&|| root.write("apps/svc_a/__pycache__/x.pyc", "y"), &[]);
    root.write("apps/svc_a/main.py", "x = 0\n");
    let run = root.run(&["plan", "--inputs"]);
    assert_eq!(run.status, 2, "{}", run.told());
    let told = "`svc-a` uses apps/svc_a/main.py, which has uncommitted changes";
    assert!(run.stderr.contains(told), "{}", run.told());
}
