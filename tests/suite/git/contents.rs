//! When the bytes of a file count as those of the revision: as they are, converted, by a pointer,
//! or unread.

use std::fs;

use sha2::{Digest as _, Sha256};

use super::{commit, git, repository, settle, since};
use crate::support::{PROGRAM, Root, Run};

const NOTHING: [&str; 0] = [];

/// Writes every file once more, so that all of them are compared by content.
fn touched(root: &Root, path: &str, content: impl AsRef<[u8]>) -> Vec<String> {
    root.write(path, content);
    since(root, "HEAD")
}

type Setting = (&'static str, &'static str);

#[test]
fn line_ends_count_where_git_stores_them() {
    let rows: [(&str, &[Setting], bool); 14] = [
        ("", &[], true),
        ("* text", &[], false),
        ("* text=auto", &[], false),
        ("*.py eol=crlf", &[], false),
        ("* text=auto eol=lf", &[], false),
        ("* -text", &[("core.autocrlf", "true")], true),
        ("* binary", &[("core.autocrlf", "true")], true),
        ("", &[("core.autocrlf", "true")], false),
        ("", &[("core.autocrlf", "input")], false),
        ("", &[("core.autocrlf", "false")], true),
        ("* crlf", &[], false),
        ("[attr]mine text\n*.py mine", &[], false),
        ("* text\na.py !text", &[], true),
        ("* text filter=x", &[], true),
    ];
    for (attributes, settings, counts) in rows {
        let root = repository(&[("a.py", "1\n2\n"), (".gitattributes", attributes)]);
        for (name, value) in settings {
            git(&root, &["config", name, value]);
        }
        let changed = touched(&root, "a.py", "1\r\n2\r\n");
        assert_eq!(
            !changed.is_empty(),
            counts,
            "{attributes:?} {settings:?}: {changed:?}"
        );
        let expected = super::asked(&root, "HEAD").into_iter().collect::<Vec<_>>();
        if !attributes.contains("filter") {
            assert_eq!(changed, expected, "{attributes:?} {settings:?}");
        }
        assert_eq!(
            touched(&root, "a.py", "1\r\n3\r\n"),
            ["a.py"],
            "{attributes:?}"
        );
        assert_eq!(touched(&root, "a.py", "1\n2\n"), NOTHING, "{attributes:?}");
    }
}

#[test]
fn rules_for_line_ends_are_found_where_git_finds_them() {
    for place in [
        ".gitattributes",
        "libs/.gitattributes",
        ".git/info/attributes",
    ] {
        let root = repository(&[("libs/a.py", "1\n")]);
        root.write(place, "*.py text\n");
        commit(&root);
        assert_eq!(touched(&root, "libs/a.py", "1\r\n"), NOTHING, "{place}");
    }
    let root = repository(&[
        ("libs/a.py", "1\n"),
        (".gitattributes", "* text\n"),
        ("libs/.gitattributes", "*.py -text\n"),
    ]);
    assert_eq!(touched(&root, "libs/a.py", "1\r\n"), ["libs/a.py"]);
    // Left out by a sparse checkout, the rules are not known.
    git(
        &root,
        &["update-index", "--skip-worktree", "libs/.gitattributes"],
    );
    root.remove("libs/.gitattributes");
    assert_eq!(since(&root, "HEAD"), ["libs/a.py"]);
    // So they are where the configuration includes what we do not read.
    let root = repository(&[("a.py", "1\n")]);
    git(&root, &["config", "core.autocrlf", "true"]);
    root.write("a.py", "1\r\n");
    assert_eq!(since(&root, "HEAD"), NOTHING);
    git(&root, &["config", "include.path", "other"]);
    assert_eq!(since(&root, "HEAD"), ["a.py"]);
}

#[test]
fn text_that_was_stored_with_crlf_is_no_text_to_convert() {
    let root = repository(&[("a.py", "1\n"), (".gitattributes", "* -text\n")]);
    root.write("a.py", "1\r\n");
    commit(&root);
    root.write(".gitattributes", "* text=auto\n");
    assert_eq!(since(&root, "HEAD~1"), [".gitattributes", "a.py"]);
    root.write("a.py", "1\r\n");
    assert_eq!(since(&root, "HEAD~1"), [".gitattributes", "a.py"]);
}

#[test]
fn an_expanded_id_is_no_change() {
    let root = repository(&[
        ("a.py", "# $Id$\n"),
        ("b.py", "# $Id$\n"),
        (".gitattributes", "a.py ident\n"),
    ]);
    assert_eq!(touched(&root, "a.py", "# $Id: 0123 $\n"), NOTHING);
    assert_eq!(touched(&root, "b.py", "# $Id: 0123 $\n"), ["b.py"]);
}

fn pointer(content: &[u8]) -> String {
    let digest = base16ct::lower::encode_string(&Sha256::digest(content));
    format!(
        "version https://git-lfs.github.com/spec/v1\noid sha256:{digest}\nsize {}\n",
        content.len()
    )
}

#[test]
fn a_pointer_of_git_lfs_is_the_file_that_it_names() {
    let model = vec![7_u8; 100_000];
    for attributes in ["*.pt filter=lfs diff=lfs merge=lfs -text\n", ""] {
        let root = repository(&[("m.pt", &pointer(&model)), (".gitattributes", attributes)]);
        let evil = super::marker(&root, ".git/evil");
        git(&root, &["config", "filter.lfs.clean", &evil]);
        git(&root, &["config", "filter.lfs.process", &evil]);
        assert_eq!(since(&root, "HEAD"), NOTHING, "the pointer itself");
        assert_eq!(touched(&root, "m.pt", &model), NOTHING, "{attributes}");
        let mut other = model.clone();
        other[5] = 8;
        assert_eq!(touched(&root, "m.pt", &other), ["m.pt"], "{attributes}");
        assert_eq!(
            touched(&root, "m.pt", pointer(&other)),
            ["m.pt"],
            "{attributes}"
        );
        super::assert_nothing_started(&root, "git lfs");
    }
    let root = repository(&[
        ("m.pt", "content"),
        (".gitattributes", "*.pt filter=lfs -text\n"),
    ]);
    assert_eq!(
        touched(&root, "m.pt", pointer(b"content")),
        ["m.pt"],
        "the image would get the pointer"
    );
}

#[test]
fn a_filter_of_one_s_own_does_not_run_and_its_files_count() {
    let root = repository(&[("a.py", "clean\n"), (".gitattributes", "*.py filter=x\n")]);
    git(&root, &["config", "filter.x.clean", "tr a-z A-Z"]);
    assert_eq!(touched(&root, "a.py", "CLEAN\n"), ["a.py"]);
    assert_eq!(touched(&root, "a.py", "clean\n"), NOTHING);
}

#[test]
fn settings_for_weak_file_systems_hold() {
    let root = repository(&[("a.py", "1\n")]);
    root.link("link", "a.py");
    commit(&root);
    root.set_mode("a.py", 0o777);
    root.remove("link");
    root.write("link", "a.py");
    assert_eq!(since(&root, "HEAD"), ["a.py", "link"]);
    git(&root, &["config", "core.fileMode", "false"]);
    assert_eq!(since(&root, "HEAD"), ["link"]);
    git(&root, &["config", "core.symlinks", "false"]);
    assert_eq!(since(&root, "HEAD"), NOTHING);
    root.write("link", "b.py");
    assert_eq!(since(&root, "HEAD"), ["link"]);
}

/// Puts the name of another blob into the index, without its checksum.
fn falsify_index(root: &Root, from: &str, to: &str) {
    let raw = |hex: &str| -> Vec<u8> {
        (0..20)
            .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
            .collect()
    };
    let path = root.path().join(".git/index");
    let times = fs::metadata(&path).unwrap().modified().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    let (from, to) = (raw(from), raw(to));
    let at = bytes.windows(20).position(|window| window == from).unwrap();
    bytes[at..at + 20].copy_from_slice(&to);
    let end = bytes.len() - 20;
    bytes[end..].fill(0);
    fs::write(&path, bytes).unwrap();
    fs::File::options()
        .write(true)
        .open(&path)
        .unwrap()
        .set_modified(times)
        .unwrap();
}

#[test]
fn a_file_that_the_index_knows_is_not_read_and_one_as_young_as_the_index_is() {
    let root = repository(&[("a.py", "1\n"), ("b.py", "2\n")]);
    let blob = |path: &str| {
        git(&root, &["rev-parse", &format!("HEAD:{path}")])
            .trim_end()
            .to_owned()
    };
    let (a, b) = (blob("a.py"), blob("b.py"));
    settle(&root);
    assert_eq!(since(&root, "HEAD"), NOTHING);
    falsify_index(&root, &a, &b);
    assert_eq!(
        since(&root, "HEAD"),
        ["a.py"],
        "the index is believed: the file was not read"
    );
    // As young as the file, the index proves nothing.
    let of_file = fs::metadata(root.path().join("a.py"))
        .unwrap()
        .modified()
        .unwrap();
    let index = fs::File::options()
        .write(true)
        .open(root.path().join(".git/index"))
        .unwrap();
    index.set_modified(of_file).unwrap();
    assert_eq!(since(&root, "HEAD"), NOTHING, "the file was read");
}

#[test]
fn an_edit_in_the_moment_of_a_commit_is_seen() {
    for round in 0..20 {
        let root = repository(&[("a.py", "1\n")]);
        root.write("a.py", "2\n");
        assert_eq!(since(&root, "HEAD"), ["a.py"], "{round}");
    }
    // The same size and time, as tools write that restore times.
    let root = repository(&[("a.py", "1\n")]);
    settle(&root);
    let file = root.path().join("a.py");
    let time = fs::metadata(&file).unwrap().modified().unwrap();
    root.write("a.py", "2\n");
    fs::File::options()
        .write(true)
        .open(&file)
        .unwrap()
        .set_modified(time)
        .unwrap();
    assert_eq!(since(&root, "HEAD"), ["a.py"]);
}

#[test]
fn of_many_files_that_the_index_knows_none_is_opened() {
    if !crate::support::has(&["strace"]) {
        return;
    }
    let root = Root::new(super::FLEET);
    assert_eq!(root.run(&["generate"]).status, 0);
    for number in 0..2000 {
        root.write(
            &format!("libs/{}/file-{number}.py", number % 40),
            format!("{number}\n"),
        );
    }
    git(&root, &["init", "-q"]);
    commit(&root);
    settle(&root);
    let plan = [
        "-f",
        "-qq",
        "-e",
        "trace=openat",
        "-o",
        ".git/trace",
        PROGRAM,
        "plan",
        "--changed-since",
        "HEAD",
    ];
    let output = root.command("strace", &plan).output().unwrap();
    assert_eq!(Run::of(&output).status, 0, "{}", Run::of(&output).told());
    let trace = root.text(".git/trace");
    assert!(trace.contains("libs"), "{trace}");
    assert_eq!(trace.matches("\"file-").count(), 0, "{trace}");
}
