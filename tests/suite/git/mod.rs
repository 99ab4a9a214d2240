//! What changed since a revision: no program but git itself starts, and nothing that changed is
//! missed.

mod contents;
mod kinds;
mod oracle;
mod programs;

use std::collections::BTreeSet;
use std::fs;

use camino::Utf8Path;
use dockwright::workspace::git::changed_since;

use crate::support::{Root, Run};

/// A fleet of one image that takes everything below libs/.
pub(crate) const FLEET: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
shared: [libs]
requirements:
  base: [fastapi, uvicorn]
kinds:
  web: { template: multi-stage-slim, requirements: [base] }
services:
  svc-a: { kind: web, port: 8000 }
";

/// Runs git, which must work, as somebody.
pub(crate) fn git(root: &Root, arguments: &[&str]) -> String {
    let identity = [
        "-c",
        "user.name=t",
        "-c",
        "user.email=t@t.example",
        "-c",
        "init.defaultBranch=main",
    ];
    let allowed = [
        "-c",
        "protocol.file.allow=always",
        "-c",
        "commit.gpgSign=false",
    ];
    let run = root.git(&[identity.as_slice(), &allowed, arguments].concat());
    assert_eq!(run.status, 0, "{arguments:?}: {}", run.told());
    run.stdout
}

/// A repository with these files in its one commit.
pub(crate) fn repository(files: &[(&str, &str)]) -> Root {
    let root = Root::empty();
    for (path, text) in files {
        root.write(path, text);
    }
    git(&root, &["init", "-q"]);
    commit(&root);
    root
}

pub(crate) fn commit(root: &Root) {
    git(root, &["add", "-A"]);
    git(root, &["commit", "-q", "--allow-empty", "-m", "x"]);
}

/// What changed since a revision, below the root.
pub(crate) fn since(root: &Root, revision: &str) -> Vec<String> {
    below(root.path(), revision)
}

pub(crate) fn below(folder: &Utf8Path, revision: &str) -> Vec<String> {
    changed_since(folder, revision)
        .unwrap_or_else(|error| panic!("{error}"))
        .into_iter()
        .collect()
}

/// What git itself says: the difference to the commit, and the files that it does not know.
pub(crate) fn asked(root: &Root, revision: &str) -> BTreeSet<String> {
    let differ = git(
        root,
        &[
            "diff",
            "--name-only",
            "-z",
            "--no-renames",
            revision,
            "--",
            ".",
        ],
    );
    let others = git(
        root,
        &[
            "ls-files",
            "-z",
            "--others",
            "--exclude-standard",
            "--",
            ".",
        ],
    );
    let both = differ.split('\0').chain(others.split('\0'));
    both.filter(|path| !path.is_empty())
        .map(|path| path.trim_end_matches('/').to_owned())
        .collect()
}

/// A script that leaves a file `started` in the folder, should anything run it. Like a filter it
/// gives its input back.
pub(crate) fn marker(root: &Root, path: &str) -> String {
    let started = root.path().join("started");
    root.write(
        path,
        format!("#!/bin/sh\ntouch '{started}'\ncat 2>/dev/null\n"),
    );
    root.set_mode(path, 0o755);
    root.path().join(path).into_string()
}

pub(crate) fn assert_nothing_started(root: &Root, case: &str) {
    assert!(!root.exists("started"), "{case}: a program was started");
}

/// Lets git's index become clearly older than what comes next, and its files clearly older than it.
pub(crate) fn settle(root: &Root) {
    let pause = || std::thread::sleep(std::time::Duration::from_millis(250));
    pause();
    // It is written anew, so that it is younger than the files.
    let index = root
        .path()
        .join(git(root, &["rev-parse", "--git-path", "index"]).trim_end());
    let bytes = fs::read(&index).unwrap();
    fs::write(&index, bytes).unwrap();
    pause();
}

/// Runs `plan` and says which images it names.
pub(crate) fn planned(run: &Run) -> Vec<String> {
    assert_eq!(run.status, 0, "{}", run.told());
    let images = run.json()["images"].as_array().unwrap().clone();
    images
        .iter()
        .map(|image| image["name"].as_str().unwrap().to_owned())
        .collect()
}
