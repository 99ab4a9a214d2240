//! `dockwright plan` over this repository's own fleet and over git repositories, also hostile ones.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_dockwright");
const OWN: &str = include_str!("../../services.yaml");

/// A folder with our own services.yaml and everything generated from it.
fn fleet(declaration: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("services.yaml"), declaration).unwrap();
    let generated = dockwright(folder.path(), &["generate"], "");
    assert!(generated.status.success(), "{}", said(&generated));
    folder
}

fn dockwright(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that reads no input may be gone already.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    child.wait_with_output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// The names of the planned images, in order.
fn planned(folder: &Path, arguments: &[&str], input: &str) -> Vec<String> {
    let arguments = [["plan", "--format", "json"].as_slice(), arguments].concat();
    let output = dockwright(folder, &arguments, input);
    assert!(output.status.success(), "{}", said(&output));
    let plan: Value = serde_json::from_slice(&output.stdout).unwrap();
    let images = plan["images"].as_array().unwrap();
    images
        .iter()
        .map(|image| image["name"].as_str().unwrap().to_owned())
        .collect()
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@t.example",
        "-c",
        "init.defaultBranch=main",
    ];
    let output = Command::new("git")
        .args(identity)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", said(&output));
}

fn write(folder: &Path, path: &str, text: &str) {
    let path = folder.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn repository() -> TempDir {
    let folder = fleet(OWN);
    for path in [
        "libs/x.py",
        "libs/sub/a b.py",
        "apps/svc_ocr/main.py",
        "apps/svc_kg/main.py",
        "README.md",
    ] {
        write(folder.path(), path, "1\n");
    }
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-qm", "one"]);
    folder
}

#[test]
fn a_shared_folder_affects_all_services_and_no_base() {
    let folder = fleet(OWN);
    let images = planned(folder.path(), &["--changed-files", "-"], "libs/x.py\n");
    assert_eq!(images.len(), 14);
    assert!(
        images.iter().all(|name| !name.starts_with("base-")),
        "{images:?}"
    );
}

#[test]
fn a_service_s_own_file_affects_it_alone_and_what_is_ignored_nothing() {
    let folder = fleet(OWN);
    let changed = |list| planned(folder.path(), &["--changed-files", "-"], list);
    assert_eq!(changed("apps/svc_ocr/main.py\n"), ["svc-ocr"]);
    assert_eq!(
        changed("apps/svc_ocr/main.py\0apps/svc_kg/x\0"),
        ["svc-ocr", "svc-kg"]
    );
    assert!(changed("apps/svc_ocr/__pycache__/main.pyc\nREADME.md\nlibs/.env\n").is_empty());
    assert_eq!(changed("generated/svc-kg/requirements.txt\n"), ["svc-kg"]);
    assert!(changed("").is_empty());
}

#[test]
fn a_new_version_of_a_base_builds_it_and_then_what_is_on_it() {
    let folder = repository();
    let bumped = OWN.replace(
        "base-ml: { version: v1.0.1, fingerprint: v1.0.1@",
        "base-ml: { version: v1.0.2, fingerprint: v1.0.2@",
    );
    assert_ne!(bumped, OWN);
    write(folder.path(), "services.yaml", &bumped);
    let wanted = ["base-ml", "svc-ocr", "svc-rag-indexer", "svc-rag-retriever"];
    // Before and after the generated files have followed.
    assert_eq!(
        planned(folder.path(), &["--changed-files", "-"], "services.yaml\n"),
        wanted
    );
    assert!(
        dockwright(folder.path(), &["generate"], "")
            .status
            .success()
    );
    assert_eq!(
        planned(folder.path(), &["--changed-since", "HEAD"], ""),
        wanted
    );
}

#[test]
fn the_answer_says_because_of_what() {
    let folder = fleet(OWN);
    let list = "generated/base-ml/requirements.txt\nlibs/a.py\nlibs/b.py\n";
    let text = String::from_utf8(
        dockwright(folder.path(), &["plan", "--changed-files", "-"], list).stdout,
    )
    .unwrap();
    for line in [
        "base-ml:v1.0.1  generated/base-ml/requirements.txt changed (RUN --mount \
         generated/base-ml/requirements.txt)",
        "svc-kg  libs/a.py changed (COPY libs/) and 1 more file",
        "base-runtime:v1.0.1  not in the plan",
        "15 of 16 images: 1 base, then 14 services",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn images_can_be_named_with_what_builds_on_them() {
    let folder = fleet(OWN);
    assert_eq!(
        planned(folder.path(), &["--only", "svc-ocr"], ""),
        ["svc-ocr"]
    );
    let all = planned(
        folder.path(),
        &["--only", "base-ml", "--with-dependents"],
        "",
    );
    assert_eq!(
        all,
        ["base-ml", "svc-ocr", "svc-rag-indexer", "svc-rag-retriever"]
    );
    assert_eq!(
        planned(folder.path(), &[], ""),
        planned(folder.path(), &["--all"], "")
    );
    let unknown = dockwright(folder.path(), &["plan", "--only", "svc-orc"], "");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        said(&unknown).contains("did you mean `svc-ocr`?"),
        "{}",
        said(&unknown)
    );
}

#[test]
fn graphs_and_the_matrix_tell_the_same_images() {
    let folder = fleet(OWN);
    let printed = |format| {
        let output = dockwright(
            folder.path(),
            &["plan", "--only", "base-ml", "svc-ocr", "--format", format],
            "",
        );
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(
        printed("mermaid"),
        "flowchart LR\n  i0[\"base-runtime:v1.0.1\"] --> i1[\"base-ml:v1.0.1\"]\n  \
         i1[\"base-ml:v1.0.1\"] --> i2[\"svc-ocr\"]\n"
    );
    assert!(
        printed("dot").contains("  \"base-ml:v1.0.1\" -> \"svc-ocr\";\n"),
        "{}",
        printed("dot")
    );
    let matrix = printed("matrix");
    assert_eq!(matrix.lines().count(), 1, "a workflow's output is one line");
    let matrix: Value = serde_json::from_str(&matrix).unwrap();
    assert_eq!(
        (
            &matrix["bases"][0]["image"],
            &matrix["services"][0]["image"]
        ),
        (&"base-ml".into(), &"svc-ocr".into())
    );
}

#[test]
fn a_list_with_a_path_outside_is_an_error() {
    let folder = fleet(OWN);
    for list in ["../x\n", "/etc/passwd\n"] {
        let output = dockwright(folder.path(), &["plan", "--changed-files", "-"], list);
        assert_eq!(output.status.code(), Some(2), "{list}: {}", said(&output));
    }
}

#[test]
fn git_s_renames_deletions_and_new_files_count() {
    let folder = repository();
    let root = folder.path();
    let since = || planned(root, &["--changed-since", "HEAD"], "");
    assert!(since().is_empty());
    git(
        root,
        &["mv", "apps/svc_ocr/main.py", "apps/svc_kg/moved.py"],
    );
    assert_eq!(since(), ["svc-ocr", "svc-kg"]);
    git(root, &["reset", "-q", "--hard"]);
    fs::remove_file(root.join("libs/sub/a b.py")).unwrap();
    assert_eq!(since().len(), 14);
    git(root, &["reset", "-q", "--hard"]);
    write(root, "apps/svc_kg/new é.py", "1\n");
    assert_eq!(since(), ["svc-kg"]);
    write(root, ".gitignore", "*.py\n");
    assert!(since().is_empty(), "git is told to ignore it");
    write(root, "README.md", "2\n");
    assert!(since().is_empty());
}

#[test]
fn a_fleet_below_the_repository_s_top_counts_its_own_paths() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "deploy/services.yaml", OWN);
    write(folder.path(), "deploy/libs/x.py", "1\n");
    write(folder.path(), "libs/x.py", "1\n");
    let root = folder.path().join("deploy");
    assert!(dockwright(&root, &["generate"], "").status.success());
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "-A"]);
    git(folder.path(), &["commit", "-qm", "one"]);
    write(folder.path(), "libs/x.py", "2\n");
    assert!(planned(&root, &["--changed-since", "HEAD"], "").is_empty());
    write(folder.path(), "deploy/libs/x.py", "2\n");
    let from_above = planned(
        folder.path(),
        &["--file", "deploy/services.yaml", "--changed-since", "HEAD"],
        "",
    );
    assert_eq!(from_above.len(), 14);
}

#[test]
fn what_git_cannot_tell_is_an_error_and_never_nothing_changed() {
    let folder = repository();
    let root = folder.path();
    let fails = |arguments: &[&str], words: &str| {
        let output = dockwright(
            root,
            &[["plan", "--changed-since"].as_slice(), arguments].concat(),
            "",
        );
        assert_eq!(
            output.status.code(),
            Some(2),
            "{arguments:?}: {}",
            said(&output)
        );
        assert!(
            said(&output).contains(words),
            "{arguments:?}: {}",
            said(&output)
        );
    };
    fails(&["origin/main"], "names no commit");
    fails(&["HEAD:README.md"], "names no commit");
    fails(&["--output=pwned"], "error");
    fails(&["HEAD --output=pwned"], "names no commit");
    assert!(!root.join("pwned").exists());
    fs::write(root.join(".git/index"), "garbage").unwrap();
    fails(&["HEAD"], "git");
    let bare = fleet(OWN);
    let output = dockwright(bare.path(), &["plan", "--changed-since", "HEAD"], "");
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn a_repository_s_configuration_starts_no_program() {
    let folder = repository();
    let root = folder.path();
    let script = root.join(".git/evil");
    fs::write(
        &script,
        format!("#!/bin/sh\ntouch '{}'\n", root.join("pwned").display()),
    )
    .unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    let evil = script.to_str().unwrap();
    let settings = [
        "core.fsmonitor",
        "diff.external",
        "diff.x.command",
        "diff.x.textconv",
        "core.pager",
        "core.sshCommand",
        "core.editor",
    ];
    for setting in settings {
        git(root, &["config", setting, evil]);
    }
    fs::create_dir_all(root.join(".git/hooks")).unwrap();
    fs::copy(&script, root.join(".git/hooks/post-index-change")).unwrap();
    write(root, ".gitattributes", "*.py diff=x\n");
    write(root, "apps/svc_ocr/main.py", "2\n");
    let _ = fs::remove_file(root.join("pwned"));
    assert_eq!(planned(root, &["--changed-since", "HEAD"], ""), ["svc-ocr"]);
    assert!(!root.join("pwned").exists());
}

#[test]
fn variables_of_git_do_not_lead_elsewhere() {
    let (folder, other) = (repository(), repository());
    write(folder.path(), "apps/svc_ocr/main.py", "2\n");
    let mut command = Command::new(PROGRAM);
    command
        .args(["plan", "--changed-since", "HEAD", "--format", "matrix"])
        .current_dir(folder.path());
    command
        .env("GIT_DIR", other.path().join(".git"))
        .env("GIT_WORK_TREE", other.path())
        .env("GIT_EXTERNAL_DIFF", "false");
    let output = command.output().unwrap();
    assert!(
        said(&output).contains("\"image\":\"svc-ocr\""),
        "{}",
        said(&output)
    );
}

#[test]
fn a_declaration_with_errors_has_no_plan() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "services.yaml", "registry: r.example\n");
    let output = dockwright(folder.path(), &["plan"], "");
    assert_eq!(output.status.code(), Some(1), "{}", said(&output));
    assert!(output.stdout.is_empty());
}
