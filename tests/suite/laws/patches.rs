//! `check --format patch | git apply` makes `check` clean, but for the files that the patch leaves
//! out.

use std::fs;
use std::process::Stdio;

use proptest::prelude::*;

use super::config;
use crate::support::{MINIMAL, Root};

/// What a person, an editor or a merge does to a file.
#[derive(Debug, Clone)]
enum Deed {
    Write(Vec<u8>),
    ReplaceByte(prop::sample::Index, u8),
    InsertLine(prop::sample::Index, String),
    DeleteLine(prop::sample::Index),
    DropFinalLineEnd,
    WindowsLineEnds,
    Executable,
    Link,
    Delete,
}

fn deed() -> impl Strategy<Value = Deed> {
    let binary = prop::collection::vec(any::<u8>(), 0..60);
    let lines = "[a-z \\\\\t#]{0,12}";
    prop_oneof![
        binary.prop_map(Deed::Write),
        prop::collection::vec(lines, 0..6)
            .prop_map(|lines| Deed::Write(lines.join("\n").into_bytes())),
        (any::<prop::sample::Index>(), any::<u8>())
            .prop_map(|(at, byte)| Deed::ReplaceByte(at, byte)),
        (any::<prop::sample::Index>(), lines).prop_map(|(at, line)| Deed::InsertLine(at, line)),
        any::<prop::sample::Index>().prop_map(Deed::DeleteLine),
        Just(Deed::DropFinalLineEnd),
        Just(Deed::WindowsLineEnds),
        Just(Deed::Executable),
        Just(Deed::Link),
        Just(Deed::Delete),
    ]
}

fn commit(root: &Root, path: &str, deed: &Deed) {
    if root.path().join(path).is_symlink() {
        // Or the deed would be done to what the link points to.
        root.remove(path);
    }
    let bytes = || fs::read(root.path().join(path)).unwrap_or_default();
    let lines = || {
        bytes()
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect::<Vec<_>>()
    };
    match deed {
        Deed::Write(content) => root.write(path, content),
        Deed::ReplaceByte(at, byte) => {
            let mut bytes = bytes();
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            root.write(path, bytes);
        }
        Deed::InsertLine(at, line) => {
            let mut lines = lines();
            lines.insert(at.index(lines.len() + 1), format!("{line}\n").into_bytes());
            root.write(path, lines.concat());
        }
        Deed::DeleteLine(at) => {
            let mut lines = lines();
            if !lines.is_empty() {
                lines.remove(at.index(lines.len()));
            }
            root.write(path, lines.concat());
        }
        Deed::DropFinalLineEnd => root.write(path, bytes().strip_suffix(b"\n").unwrap_or(&bytes())),
        Deed::WindowsLineEnds => root.write(
            path,
            String::from_utf8_lossy(&bytes()).replace('\n', "\r\n"),
        ),
        Deed::Executable => {
            if root.path().join(path).is_file() {
                root.set_mode(path, 0o755);
            }
        }
        Deed::Link => {
            fs::create_dir_all(root.path().join(path).parent().unwrap()).unwrap();
            root.link(path, "../../services.yaml");
        }
        Deed::Delete => {
            let _ = fs::remove_file(root.path().join(path));
        }
    }
}

/// The files that a check does not show, as a patch has to hold what it replaces.
fn withheld(root: &Root) -> Vec<String> {
    let drifts = root.check().json()["drifts"].as_array().unwrap().clone();
    let left = drifts
        .iter()
        .filter(|drift| drift["kind"] == "not-a-file" || drift["bytes_not_shown"].is_u64());
    left.map(|drift| drift["path"].as_str().unwrap().to_owned())
        .collect()
}

/// Applies the patch with git, in a repository or in a plain folder, and checks again: what differs
/// then is what standard error names.
fn apply(root: &Root) -> Result<(), TestCaseError> {
    let patch = root
        .command(crate::support::PROGRAM, &["check", "--format", "patch"])
        .output()
        .unwrap();
    let withheld = withheld(root);
    let note = String::from_utf8_lossy(&patch.stderr).into_owned();
    let named = note
        .lines()
        .skip(1)
        .take_while(|line| !line.is_empty())
        .count();
    prop_assert_eq!(named, withheld.len(), "{}", &note);
    for path in withheld.iter().filter(|path| {
        path.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"/-.".contains(&byte))
    }) {
        prop_assert!(
            note.contains(&format!("\n  {path}: ")),
            "{}: {}",
            path,
            &note
        );
    }
    if patch.stdout.is_empty() {
        prop_assert_eq!(patch.status.code(), Some(i32::from(!withheld.is_empty())));
        return Ok(());
    }
    let mut git = root.command("git", &["apply", "--whitespace=nowarn", "-"]);
    let mut git = git
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut git.stdin.take().unwrap(), &patch.stdout).unwrap();
    let applied = git.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&patch.stdout).into_owned();
    prop_assert!(
        applied.status.success(),
        "{}\n{shown}",
        String::from_utf8_lossy(&applied.stderr)
    );
    let after = root.check();
    prop_assert_eq!(
        after.drifts().into_keys().collect::<Vec<_>>(),
        withheld,
        "{}\n{}",
        after.told(),
        shown
    );
    Ok(())
}

const PATHS: [&str; 8] = [
    "generated/svc-a/Dockerfile",
    "generated/svc-a/requirements.txt",
    "generated/base-runtime/Dockerfile",
    "generated/requirements/base.txt",
    "generated/stray",
    "generated/deep/er/stray.txt",
    "generated/a name with blanks",
    "generated/\"quoted\"\ttab \\ n\u{e9}",
];

proptest! {
    #![proptest_config(config(40))]

    #[test]
    fn patch_makes_check_clean_whatever_was_done(
        deeds in prop::collection::vec((prop::sample::select(&PATHS[..]), deed()), 1..8),
        moved_on in any::<bool>(),
        in_repository in any::<bool>(),
    ) {
        let root = Root::generated(MINIMAL);
        if in_repository {
            prop_assert_eq!(root.git(&["init", "-q"]).status, 0);
        }
        for (path, deed) in &deeds {
            commit(&root, path, deed);
        }
        if moved_on {
            root.edit("services.yaml", "8000", "9000");
        }
        apply(&root)?;
    }
}

#[test]
fn patch_covers_every_kind_that_a_patch_can_tell() {
    for deed in [
        Deed::Write(b"FROM scratch\n".to_vec()),
        Deed::Write(b"FROM scratch".to_vec()),
        Deed::Write(b"\0\xff\r\n\r".to_vec()),
        Deed::Write(Vec::new()),
        Deed::DropFinalLineEnd,
        Deed::WindowsLineEnds,
        Deed::Executable,
        Deed::Link,
        Deed::Delete,
    ] {
        for path in PATHS {
            let root = Root::generated(MINIMAL);
            commit(&root, path, &deed);
            apply(&root).unwrap_or_else(|error| panic!("{path} {deed:?}: {error}"));
        }
    }
    let orphans = Root::generated(MINIMAL);
    orphans.edit("services.yaml", "svc-a", "svc-b");
    apply(&orphans).unwrap();
}
