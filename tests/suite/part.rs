//! Checks of a part: what is named is judged as in a whole check, the rest is not looked at, and
//! the output says so.

use std::io::Write as _;
use std::process::Stdio;

use crate::support::{EVERY_TEMPLATE, PROGRAM, Root, Run};

const OUTPUTS: &str = "outputs: { bake: {} }\n";

fn fleet() -> Root {
    Root::generated(&(EVERY_TEMPLATE.to_owned() + OUTPUTS))
}

/// Runs `check --changed-files -` with a list on standard input.
fn changed(root: &Root, list: &str, more: &[&str]) -> Run {
    let arguments = [&["check", "--changed-files", "-"], more].concat();
    let mut command = root.command(PROGRAM, &arguments);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(list.as_bytes())
        .unwrap();
    Run::of(&child.wait_with_output().unwrap())
}

#[test]
fn only_the_named_images_are_judged_and_the_output_says_so() {
    let root = fleet();
    root.edit("generated/svc-slim/Dockerfile", "USER", "# USER");
    root.edit("generated/svc-ml/Dockerfile", "USER", "# USER");
    root.write("generated/svc-slim/notes.txt", "mine");
    root.write("generated/elsewhere/notes.txt", "mine");
    let run = root.run(&["check", "--only", "svc-slim", "--format", "json"]);
    assert_eq!(run.status, 1, "{}", run.told());
    let drifts = run.drifts();
    let expected = [
        ("generated/svc-slim/Dockerfile", "hand-edited"),
        ("generated/svc-slim/notes.txt", "unmanaged"),
    ];
    assert_eq!(
        drifts,
        expected
            .map(|(path, kind)| (path.to_owned(), kind.to_owned()))
            .into()
    );
    assert_eq!(
        (&run.json()["images"], &run.json()["images_checked"]),
        (&5.into(), &1.into())
    );
    let run = root.run(&["check", "--only", "svc-base", "--only", "base-ml"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(run.stdout.contains("up to date: "), "{}", run.told());
    assert!(
        run.stdout
            .ends_with("in part: only 2 of 5 images were checked; dockwright check checks all\n"),
        "{}",
        run.told()
    );
    let run = root.run(&["check", "--only", "svc-ml", "--format", "patch"]);
    assert!(
        run.stderr.contains("only 1 of 5 images were checked"),
        "{}",
        run.told()
    );
    assert!(
        run.stdout
            .starts_with("diff --git a/generated/svc-ml/Dockerfile"),
        "{}",
        run.told()
    );
}

#[test]
fn a_whole_check_says_nothing_of_parts() {
    let root = fleet();
    let run = root.run(&["check"]);
    assert!(
        run.status == 0 && !run.stdout.contains("in part"),
        "{}",
        run.told()
    );
    let names = ["base-runtime", "base-ml", "svc-slim", "svc-base", "svc-ml"];
    let run = root.run(&[&["check", "--only"], names.as_slice()].concat());
    assert!(!run.stdout.contains("in part"), "{}", run.told());
}

#[test]
fn a_name_that_is_no_image_is_told_with_the_one_that_was_meant() {
    let run = fleet().run(&["check", "--only", "svc-slm"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stderr
            .contains("unknown image `svc-slm`; did you mean `svc-slim`?"),
        "{}",
        run.told()
    );
}

#[test]
fn changed_files_say_which_images_are_judged() {
    let root = fleet();
    root.edit("generated/svc-ml/Dockerfile", "USER", "# USER");
    root.edit("generated/docker-bake.hcl", "target", "tarqet");
    root.remove("generated/svc-slim/requirements.txt");
    let run = changed(
        &root,
        "generated/svc-base/Dockerfile\napps/svc_ml/main.py\n",
        &[],
    );
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        run.stdout.contains("only 1 of 5 images were checked"),
        "{}",
        run.told()
    );
    let drifts = |list: &str| {
        changed(&root, list, &["--format", "json"])
            .drifts()
            .into_keys()
            .collect::<Vec<_>>()
    };
    assert_eq!(
        drifts("generated/svc-ml/Dockerfile.dockerignore\n"),
        ["generated/svc-ml/Dockerfile"]
    );
    assert_eq!(
        drifts("generated/docker-bake.hcl\0generated/svc-slim/requirements.txt\0").len(),
        2
    );
    assert_eq!(drifts(""), Vec::<String>::new());
    assert_eq!(
        drifts("services.yaml\n").len(),
        3,
        "the declaration concerns everything"
    );
}

#[test]
fn a_changed_file_that_nothing_declares_is_found() {
    let root = fleet();
    let orphan = root.text("generated/svc-ml/Dockerfile");
    root.write("generated/svc-gone/Dockerfile", &orphan);
    root.write("generated/svc-gone/notes.txt", "mine");
    let run = changed(
        &root,
        "generated/svc-gone/Dockerfile\ngenerated/requirements/base.txt\n",
        &["--format", "json"],
    );
    assert_eq!(
        run.drifts().into_keys().collect::<Vec<_>>(),
        ["generated/svc-gone/Dockerfile"]
    );
    assert_eq!(run.status, 1);
    root.remove("generated/svc-gone/Dockerfile");
    let run = changed(&root, "generated/svc-gone/Dockerfile\n", &[]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        run.stdout.contains("only 0 of 5 images were checked"),
        "{}",
        run.told()
    );
}

#[test]
fn templates_and_included_files_concern_everything() {
    let root = Root::new(&(EVERY_TEMPLATE.to_owned() + "templates: own\ninclude: [more/*.yaml]\n"));
    root.write("own/partials/none.j2", "x");
    root.write(
        "more/a.yaml",
        "services: { svc-more: { kind: web, port: 8000 } }\n",
    );
    assert_eq!(root.run(&["generate"]).status, 0);
    root.edit("generated/svc-ml/Dockerfile", "USER", "# USER");
    for list in [
        "own/partials/none.j2\n",
        "more/a.yaml\n",
        "more/lost.yaml\n",
    ] {
        let run = changed(&root, list, &[]);
        assert_eq!(run.status, 1, "{list}{}", run.told());
        assert!(!run.stdout.contains("in part"), "{}", run.told());
    }
}

#[test]
fn parts_judge_every_drift_as_the_whole_does() {
    let root = fleet();
    root.write("generated/requirements/notes.txt", "mine");
    for (path, text) in [
        ("svc-ml/Dockerfile", "FROM x\n"),
        ("base-ml/constraints.txt", ""),
        ("svc-slim/more/x", "x"),
    ] {
        root.write(&format!("generated/{path}"), text);
    }
    let whole = root.check().drifts();
    let mut parts = std::collections::BTreeMap::new();
    for image in ["base-runtime", "base-ml", "svc-slim", "svc-base", "svc-ml"] {
        let run = root.run(&["check", "--format", "json", "--only", image]);
        assert!(
            run.drifts()
                .keys()
                .all(|path| path.starts_with(&format!("generated/{image}/")))
        );
        parts.extend(run.drifts());
    }
    parts.extend(
        changed(
            &root,
            "generated/requirements/notes.txt\n",
            &["--format", "json"],
        )
        .drifts(),
    );
    assert_eq!(parts, whole);
    assert_eq!(whole.len(), 4);
}
