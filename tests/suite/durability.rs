//! What `generate` leaves to the system to write back, what it waits for, and how it repairs what a
//! power cut takes.

use std::collections::BTreeMap;
use std::fs;

use crate::support::{MINIMAL, PROGRAM, Root, has};
use crate::synthetic::services_yaml;

/// How often a run asks the system to bring something to the disk.
fn syncs(root: &Root, arguments: &[&str]) -> usize {
    let log = root.path().with_extension("strace");
    let traced = [
        &[
            "-f",
            "-qq",
            "-e",
            "trace=fsync,fdatasync,sync,syncfs",
            "-o",
            log.as_str(),
            PROGRAM,
        ],
        arguments,
    ];
    let output = root.command("strace", &traced.concat()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{arguments:?}: {told}");
    let calls = fs::read_to_string(&log).unwrap();
    fs::remove_file(log).unwrap();
    calls.lines().filter(|line| line.contains("sync")).count()
}

#[test]
fn generated_files_cost_no_sync_unless_asked_for() {
    if !has(&["strace"]) {
        return;
    }
    let root = Root::new(MINIMAL);
    assert_eq!(syncs(&root, &["generate"]), 0);
    root.edit("services.yaml", "port: 8000", "port: 9000");
    assert_eq!(syncs(&root, &["generate"]), 0);
    root.edit(
        "services.yaml",
        "  svc-a: { kind: web, port: 9000 }\n",
        "  svc-b: { kind: web, port: 9000 }\n",
    );
    assert_eq!(
        syncs(&root, &["generate", "--prune"]),
        0,
        "deleting orphans"
    );
    root.edit("services.yaml", "port: 9000", "port: 8000");
    assert!(syncs(&root, &["generate", "--durable"]) > 0);
}

#[test]
fn what_a_person_cannot_generate_again_is_synced() {
    if !has(&["strace"]) {
        return;
    }
    let root = Root::generated(MINIMAL);
    // Of the declaration its content and its folder; the generated files that follow cost nothing.
    assert_eq!(syncs(&root, &["bump", "base-runtime", "--patch"]), 2);
    let made = syncs(&root, &["new", "svc-b", "--kind", "web", "--port", "8001"]);
    assert!(
        made > 6,
        "{made}: sources, declaration and generated files, each with its folder"
    );
    let root = Root::empty();
    assert!(syncs(&root, &["init"]) >= 2);
}

#[test]
fn a_file_that_a_power_cut_emptied_is_missing_and_generate_repairs_it() {
    for (what, left) in [
        ("empty", Vec::new()),
        ("one NUL", vec![0]),
        ("NUL-filled", vec![0; 70_000]),
    ] {
        let root = Root::generated(MINIMAL);
        let whole = root.tree();
        let path = "generated/svc-a/Dockerfile";
        root.write(path, &left);
        let told = root.check();
        assert_eq!(
            (told.status, told.drifts()[path].as_str()),
            (1, "missing"),
            "{what}"
        );
        let text = root.run(&["check"]).stdout;
        assert!(
            text.lines().count() < 12,
            "{what}: a missing file has no changes to show\n{text}"
        );
        let diff = root
            .command(PROGRAM, &["check", "--format", "patch"])
            .output()
            .unwrap()
            .stdout;
        let repaired = root.run(&["generate"]);
        assert_eq!(repaired.status, 0, "{what}: {}", repaired.told());
        let bytes =
            |tree: &std::collections::BTreeMap<String, crate::support::Node>| match &tree[path] {
                crate::support::Node::File { bytes, .. } => bytes.clone(),
                other => panic!("{other:?}"),
            };
        assert_eq!(bytes(&root.tree()), bytes(&whole), "{what}");
        root.write(path, &left);
        root.write("patch", diff);
        let applied = root.git(&["apply", "patch"]);
        assert_eq!(applied.status, 0, "{what}: {}", applied.told());
        assert_eq!(root.check().status, 0, "{what}");
    }
}

#[test]
fn an_edit_that_begins_or_ends_in_nul_stays_a_persons() {
    for edit in ["\0x", "x\0", "\0\n\0"] {
        let root = Root::generated(MINIMAL);
        let path = "generated/svc-a/Dockerfile";
        root.write(path, edit);
        assert_eq!(root.check().drifts()[path], "unmanaged", "{edit:?}");
        assert_eq!(root.run(&["generate"]).status, 1);
        assert_eq!(root.text(path), edit);
    }
}

/// The content of every file.
fn contents(root: &Root) -> BTreeMap<String, Vec<u8>> {
    let files = root.files().into_iter();
    files
        .map(|path| (path.clone(), root.bytes(&path)))
        .collect()
}

#[test]
fn a_large_run_that_is_killed_leaves_whole_files_and_the_next_one_finishes_it() {
    if !has(&["strace"]) {
        return;
    }
    // Enough files that threads write them.
    let declaration = services_yaml(80);
    let whole = contents(&Root::generated(&declaration));
    for fault in [
        "renameat2:signal=KILL:when=1",
        "renameat2:signal=KILL:when=8",
        "write:signal=KILL:when=5",
        "mkdirat:signal=KILL:when=3",
    ] {
        let root = Root::new(&declaration);
        let inject = format!("inject={fault}");
        let traced = [
            "-f",
            "-qq",
            "-e",
            &inject,
            "-o",
            "/dev/null",
            PROGRAM,
            "generate",
        ];
        let killed = root.command("strace", &traced).output().unwrap();
        assert!(!killed.status.success(), "{fault}: nothing was killed");
        for (path, content) in contents(&root) {
            let is_temporary = path.contains("/.dockwright-");
            assert!(
                is_temporary || whole.get(&path) == Some(&content),
                "{fault}: {path} is torn"
            );
        }
        assert_eq!(root.run(&["generate"]).status, 0, "{fault}");
        assert_eq!(contents(&root), whole, "{fault}: something was left behind");
    }
}

#[test]
fn what_a_killed_run_left_is_removed_where_nothing_is_to_be_written() {
    let root = Root::generated(MINIMAL);
    let left = "generated/svc-a/.dockwright-0123456789abcdef.tmp";
    root.write(left, "half a f");
    assert_eq!(root.run(&["generate"]).status, 0);
    assert!(!root.exists(left));
}
