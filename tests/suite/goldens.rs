//! The whole render of every template, byte by byte, as files that a person can read: `snapshots/dockerfiles`.
//!
//! After a change that is meant, `INSTA_UPDATE=always cargo test --test suite` writes these files, and the reports beside
//! them, anew; `git diff snapshots` then shows what the change does.

use std::fs;

use camino::Utf8PathBuf;

use crate::support::{EVERY_TEMPLATE, rendered, repository};

/// Whether goldens are to be written instead of compared; the same variable that insta obeys.
fn updates() -> bool {
    std::env::var("INSTA_UPDATE").is_ok_and(|mode| mode == "always")
}

/// Compares with a file of `snapshots/`, by bytes.
fn assert_golden(path: &str, content: &[u8]) {
    let golden = repository().join("snapshots").join(path);
    if updates() {
        fs::create_dir_all(golden.parent().unwrap()).unwrap();
        fs::write(&golden, content).unwrap();
    }
    let expected = fs::read(&golden).unwrap_or_default();
    let shown = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(
        expected == content,
        "{golden} differs; `INSTA_UPDATE=always cargo test --test suite` writes it\n{}",
        crate::options::difference(&shown(&expected), &shown(content)).join("\n")
    );
}

fn files_below(folder: &str) -> Vec<String> {
    let root = repository().join("snapshots");
    let mut files = Vec::new();
    let mut folders: Vec<Utf8PathBuf> = vec![root.join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(&root).unwrap().to_string());
            }
        }
    }
    files.sort();
    files
}

#[test]
fn minimal_render_of_every_template_is_known_byte_by_byte() {
    let files = rendered(EVERY_TEMPLATE).unwrap();
    let golden = |path: &String| path.replace("generated/", "dockerfiles/");
    for (path, content) in &files {
        assert_golden(&golden(path), content.as_bytes());
    }
    assert_eq!(files_below("dockerfiles"), files.keys().map(golden).collect::<Vec<_>>(), "a golden too many");
}
