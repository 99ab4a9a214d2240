//! The shapes that a work tree can have: linked, sparse, shallow, with submodules, with another
//! kind of index.

use std::fs;

use super::{assert_nothing_started, below, commit, git, marker, repository, settle, since};
use crate::support::Root;

const FILES: [(&str, &str); 4] = [
    ("libs/a.py", "1\n"),
    ("libs/sub/b.py", "1\n"),
    ("apps/x/m.py", "1\n"),
    ("top", "1\n"),
];
const NOTHING: [&str; 0] = [];

#[test]
fn every_edit_counts() {
    let root = repository(&FILES);
    settle(&root);
    assert_eq!(since(&root, "HEAD"), NOTHING);
    root.write("libs/a.py", "2\n");
    root.write("new", "x");
    root.remove("libs/sub/b.py");
    git(&root, &["mv", "apps/x/m.py", "apps/moved.py"]);
    root.set_mode("top", 0o755);
    assert_eq!(
        since(&root, "HEAD"),
        [
            "apps/moved.py",
            "apps/x/m.py",
            "libs/a.py",
            "libs/sub/b.py",
            "new",
            "top"
        ]
    );
    commit(&root);
    assert_eq!(since(&root, "HEAD"), NOTHING);
    assert_eq!(since(&root, "HEAD~1").len(), 6);
}

#[test]
fn links_are_compared_by_where_they_lead_and_never_followed() {
    let root = repository(&FILES);
    root.link("link", "libs/a.py");
    root.link("dangling", "/nowhere");
    commit(&root);
    assert_eq!(since(&root, "HEAD"), NOTHING);
    root.link("link", "libs/b.py");
    root.link("top", "1\n");
    fs::rename(root.path().join("libs"), root.path().join("elsewhere")).unwrap();
    root.link("libs", "elsewhere");
    let changed = since(&root, "HEAD");
    assert_eq!(
        changed,
        [
            "elsewhere/a.py",
            "elsewhere/sub/b.py",
            "libs",
            "libs/a.py",
            "libs/sub/b.py",
            "link",
            "top"
        ]
    );
}

#[test]
fn a_file_and_a_folder_of_one_name_are_both_told() {
    let root = repository(&FILES);
    root.remove("top");
    root.write("top/inner", "x");
    fs::remove_dir_all(root.path().join("libs")).unwrap();
    root.write("libs", "x");
    assert_eq!(
        since(&root, "HEAD"),
        ["libs", "libs/a.py", "libs/sub/b.py", "top", "top/inner"]
    );
}

#[test]
fn names_that_are_not_plain_are_not_lost() {
    use std::os::unix::ffi::OsStrExt as _;
    let root = repository(&FILES);
    let odd = [
        "libs/new\nline",
        "libs/tab\t",
        "libs/\"quoted\"",
        "libs/back\\slash",
        "libs/-x",
        "libs/é",
        ":(top)x",
        "*",
    ];
    for path in odd {
        root.write(path, "1");
    }
    let raw = root
        .path()
        .as_std_path()
        .join(std::ffi::OsStr::from_bytes(b"libs/\xff.py"));
    fs::write(&raw, "1").unwrap();
    for committed in [false, true] {
        let changed = since(&root, if committed { "HEAD~1" } else { "HEAD" });
        assert_eq!(changed.len(), odd.len() + 1, "{changed:?}");
        assert!(
            odd.iter()
                .all(|path| changed.iter().any(|changed| changed == path)),
            "{changed:?}"
        );
        assert!(
            changed.contains(&"libs/\u{fffd}.py".to_owned()),
            "{changed:?}"
        );
        commit(&root);
    }
    fs::write(&raw, "2").unwrap();
    assert_eq!(since(&root, "HEAD"), ["libs/\u{fffd}.py"]);
}

#[test]
fn a_folder_with_an_odd_name_can_be_the_root() {
    for name in ["-x", ":(glob)**", "a b", "*", "é"] {
        let root = repository(&[("other", "1")]);
        root.write(&format!("{name}/f"), "1");
        root.write("f", "1");
        commit(&root);
        root.write(&format!("{name}/f"), "2");
        root.write(&format!("{name}/n"), "2");
        root.write("f", "2");
        assert_eq!(below(&root.path().join(name), "HEAD"), ["f", "n"], "{name}");
        assert_eq!(
            below(&root.path().join(name), "HEAD~1"),
            ["f", "n"],
            "{name} is new"
        );
    }
}

#[test]
fn what_is_ignored_does_not_count_unless_it_is_tracked() {
    let root = repository(&FILES);
    root.write(".gitignore", "*.log\nbuild/\n!keep.log\n/libs/sub\n");
    root.write("libs/.gitignore", "!b.log\n*.tmp\n");
    root.write(".git/info/exclude", "excluded\n");
    commit(&root);
    for path in [
        "a.log",
        "build/x",
        "libs/x.tmp",
        "excluded",
        "libs/sub/new",
        "build/deep/keep.log",
    ] {
        root.write(path, "x");
    }
    assert_eq!(since(&root, "HEAD"), NOTHING);
    assert_eq!(
        below(&root.path().join("libs/sub"), "HEAD"),
        NOTHING,
        "the root itself is ignored"
    );
    for path in ["keep.log", "libs/b.log", "x.tmp", "builds/x"] {
        root.write(path, "x");
    }
    root.write("libs/sub/b.py", "2\n");
    assert_eq!(
        since(&root, "HEAD"),
        [
            "builds/x",
            "keep.log",
            "libs/b.log",
            "libs/sub/b.py",
            "x.tmp"
        ]
    );
}

#[test]
fn what_the_person_ignores_everywhere_does_not_count_either() {
    let root = repository(&[("services.yaml", super::FLEET), ("libs/a.py", "1\n")]);
    assert_eq!(root.run(&["generate"]).status, 0);
    commit(&root);
    root.write("libs/x.swp", "x");
    let home = Root::empty();
    let plan = ["plan", "--changed-since", "HEAD", "--format", "json"];
    let images = |home: &Root| {
        let environment = [("HOME", home.path().as_str()), ("XDG_CONFIG_HOME", "")];
        super::planned(&root.run_in(&environment, &plan)).len()
    };
    assert_eq!(images(&home), 1);
    home.write(".config/git/ignore", "*.swp\n");
    assert_eq!(images(&home), 0);
    home.write(".gitconfig", "[core]\n\texcludesFile = ~/mine\n");
    assert_eq!(images(&home), 1);
    home.write("mine", "*.swp\n");
    assert_eq!(images(&home), 0);
}

#[test]
fn a_linked_work_tree_has_its_own_files_and_head() {
    let root = repository(&FILES);
    root.write("top", "main\n");
    commit(&root);
    git(&root, &["worktree", "add", "-q", "linked", "HEAD~1"]);
    let linked = root.path().join("linked");
    assert_eq!(below(&linked, "HEAD"), NOTHING);
    assert_eq!(below(&linked, "main"), ["top"]);
    assert_eq!(below(&linked, "main-worktree/HEAD"), ["top"]);
    fs::write(linked.join("libs/a.py"), "2\n").unwrap();
    assert_eq!(below(&linked, "HEAD"), ["libs/a.py"]);
    assert_eq!(below(&linked.join("libs"), "HEAD@{0}"), ["a.py"]);
    assert_eq!(
        since(&root, "HEAD"),
        ["linked"],
        "another repository counts as a whole"
    );
}

#[test]
fn a_sparse_checkout_misses_nothing() {
    for mode in [
        ["--no-cone", "--no-sparse-index"],
        ["--cone", "--no-sparse-index"],
        ["--cone", "--sparse-index"],
    ] {
        let root = repository(&FILES);
        root.write("apps/y/deep/z.py", "1\n");
        commit(&root);
        git(&root, &["sparse-checkout", "set", mode[0], mode[1], "libs"]);
        assert!(!root.exists("apps"), "{mode:?}");
        assert_eq!(
            since(&root, "HEAD"),
            NOTHING,
            "{mode:?}: what is left out is not deleted"
        );
        let expected: &[&str] = &["apps/y/deep/z.py"];
        assert_eq!(
            since(&root, "HEAD~1"),
            expected,
            "{mode:?}: it differs all the same"
        );
        root.write("libs/a.py", "2\n");
        root.remove("libs/sub/b.py");
        assert_eq!(
            since(&root, "HEAD"),
            ["libs/a.py", "libs/sub/b.py"],
            "{mode:?}"
        );
        root.write("apps/x/m.py", "there again, and other\n");
        assert!(
            since(&root, "HEAD").contains(&"apps/x/m.py".to_owned()),
            "{mode:?}"
        );
        let _ = fs::remove_dir_all(root.path().join("apps"));
        let below_apps = root.path().join("libs");
        assert_eq!(below(&below_apps, "HEAD"), ["a.py", "sub/b.py"], "{mode:?}");
    }
}

#[test]
fn a_shallow_clone_knows_its_own_commit_and_says_what_it_lacks() {
    let root = repository(&FILES);
    root.write("top", "2\n");
    commit(&root);
    let clone = Root::empty();
    let url = format!("file://{}", root.path());
    git(&clone, &["clone", "-q", "--depth", "1", &url, "."]);
    assert_eq!(since(&clone, "HEAD"), NOTHING);
    let run = clone.run(&["plan", "--changed-since", "HEAD~1"]);
    assert_eq!(run.status, 2, "{}", run.told());
    git(&clone, &["fetch", "-q", "--deepen", "1"]);
    assert_eq!(since(&clone, "HEAD~1"), ["top"]);
    assert_eq!(since(&clone, "FETCH_HEAD"), NOTHING);
    assert_eq!(since(&clone, "@{upstream}"), NOTHING);
}

#[test]
fn a_clone_without_blobs_needs_none() {
    let root = repository(&FILES);
    root.write("top", "2\n");
    commit(&root);
    git(&root, &["config", "uploadpack.allowFilter", "true"]);
    let clone = Root::empty();
    let url = format!("file://{}", root.path());
    git(&clone, &["clone", "-q", "--filter=blob:none", &url, "."]);
    fs::rename(root.path().join(".git"), root.path().join("gone")).unwrap();
    assert_eq!(since(&clone, "HEAD~1"), ["top"]);
}

#[test]
fn a_submodule_counts_by_its_folder() {
    let other = repository(&[("m.py", "1\n"), (".gitignore", "*.log\n")]);
    let root = repository(&FILES);
    git(
        &root,
        &[
            "submodule",
            "--quiet",
            "add",
            other.path().as_str(),
            "libs/sm",
        ],
    );
    commit(&root);
    let evil = marker(&root, ".git/evil");
    git(&root, &["-C", "libs/sm", "config", "core.fsmonitor", &evil]);
    git(&root, &["-C", "libs/sm", "config", "filter.x.clean", &evil]);
    root.write(".git/modules/libs/sm/info/attributes", "* filter=x\n");
    let changed = || {
        let changed = since(&root, "HEAD");
        assert_nothing_started(&root, "a submodule");
        changed
    };
    assert_eq!(changed(), NOTHING);
    assert_eq!(
        below(&root.path().join("libs/sm"), "HEAD"),
        NOTHING,
        "a fleet in the submodule"
    );
    assert_eq!(since(&root, "HEAD~1"), [".gitmodules", "libs/sm"]);
    root.write("libs/sm/x.log", "1");
    assert_eq!(changed(), NOTHING);
    root.write("libs/sm/new.py", "1");
    assert_eq!(changed(), ["libs/sm"]);
    root.remove("libs/sm/new.py");
    root.write("libs/sm/m.py", "2\n");
    assert_eq!(changed(), ["libs/sm"]);
    root.remove(".git/modules/libs/sm/info/attributes");
    git(
        &root,
        &["-C", "libs/sm", "config", "--unset", "core.fsmonitor"],
    );
    git(&root, &["-C", "libs/sm", "commit", "-qam", "two"]);
    let _ = fs::remove_file(root.path().join("started"));
    assert_eq!(changed(), ["libs/sm"], "its own commit moved");
    git(&root, &["-C", "libs/sm", "reset", "-q", "--hard", "HEAD~1"]);
    assert_eq!(changed(), NOTHING);
    git(&root, &["submodule", "--quiet", "deinit", "-f", "libs/sm"]);
    assert_eq!(
        changed(),
        NOTHING,
        "one that is not checked out is as the index has it"
    );
    fs::remove_dir_all(root.path().join("libs/sm")).unwrap();
    assert_eq!(changed(), ["libs/sm"]);
}

#[test]
fn every_kind_of_index_is_read() {
    let versions: [&[&str]; 5] = [
        &["update-index", "--index-version", "2"],
        &["update-index", "--index-version", "3"],
        &["update-index", "--index-version", "4"],
        &["update-index", "--split-index"],
        &["update-index", "--untracked-cache"],
    ];
    for version in versions {
        let root = repository(&FILES);
        root.write(&format!("libs/{}", "long-name-".repeat(20)), "1");
        commit(&root);
        git(&root, version);
        assert_eq!(since(&root, "HEAD"), NOTHING, "{version:?}");
        root.write("libs/a.py", "2\n");
        root.write("libs/added", "1");
        git(&root, &["add", "-A"]);
        git(&root, &["rm", "-q", "--cached", "top"]);
        assert_eq!(
            since(&root, "HEAD"),
            ["libs/a.py", "libs/added", "top"],
            "{version:?}"
        );
        root.write("libs/sub/b.py", "2\n");
        assert_eq!(
            since(&root, "HEAD"),
            ["libs/a.py", "libs/added", "libs/sub/b.py", "top"],
            "{version:?}"
        );
    }
}

#[test]
fn a_repository_with_other_formats_is_read() {
    for format in [
        ["--object-format=sha256", "-q"],
        ["--ref-format=reftable", "-q"],
    ] {
        let root = Root::empty();
        root.write("libs/a.py", "1\n");
        if root.git(&["init", format[0], format[1]]).status != 0 {
            // Releases before 2.45 have no reftable; all that we work with have sha256.
            assert!(format[0].contains("reftable"), "{format:?}");
            continue;
        }
        commit(&root);
        assert_eq!(since(&root, "HEAD"), NOTHING, "{format:?}");
        root.write("libs/a.py", "2\n");
        commit(&root);
        assert_eq!(since(&root, "HEAD~1"), ["libs/a.py"], "{format:?}");
        git(&root, &["worktree", "add", "-q", "linked", "HEAD~1"]);
        assert_eq!(
            below(&root.path().join("linked"), "HEAD"),
            NOTHING,
            "{format:?}"
        );
    }
}

#[test]
fn entries_without_content_and_conflicts_count() {
    let root = repository(&FILES);
    root.write("intended", "1");
    root.write("gone", "1");
    git(&root, &["add", "--intent-to-add", "intended", "gone"]);
    root.remove("gone");
    assert_eq!(since(&root, "HEAD"), ["intended"]);
    git(&root, &["reset", "-q", "--hard"]);
    git(&root, &["clean", "-qfd"]);
    git(&root, &["checkout", "-qb", "other"]);
    root.write("top", "other\n");
    commit(&root);
    git(&root, &["checkout", "-q", "main"]);
    root.write("top", "main\n");
    commit(&root);
    assert_ne!(
        root.git(&[
            "-c",
            "user.name=t",
            "-c",
            "user.email=t",
            "merge",
            "-q",
            "other"
        ])
        .status,
        0
    );
    root.write("top", "main\n");
    assert_eq!(since(&root, "HEAD"), ["top"], "it is not resolved");
}

#[test]
fn flags_that_hide_changes_from_git_do_not_hide_them_from_a_build() {
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        let root = repository(&FILES);
        git(&root, &["update-index", flag, "libs/a.py"]);
        root.write("libs/a.py", "2\n");
        assert_eq!(since(&root, "HEAD"), ["libs/a.py"], "{flag}");
    }
}

#[test]
fn what_cannot_be_read_is_an_error() {
    let broken: [(&str, &str, &str); 7] = [
        (".git/index", "DIRC", ".git/index"),
        (".git/index", "", ".git/index"),
        (".git/config", "[core\n", ".git/config"),
        (
            ".git/config",
            "[core]\nrepositoryformatversion = 1\n[extensions]\nlater = 1\n",
            "later",
        ),
        (".git/HEAD", "ref: nowhere else\n", "git rev-parse"),
        (".gitignore", &"x\n".repeat(600_000), ".gitignore"),
        (".gitattributes", &"x\n".repeat(600_000), ".gitattributes"),
    ];
    for (path, text, words) in broken {
        let root = repository(&FILES);
        root.write("services.yaml", super::FLEET);
        root.write(path, text);
        let run = root.run(&["plan", "--changed-since", "HEAD"]);
        assert_eq!(run.status, 2, "{path}: {}", run.told());
        assert!(run.stderr.contains(words), "{path}: {}", run.told());
    }
    let root = Root::new(super::FLEET);
    root.write(".git", "gitdir: /nowhere\n");
    let run = root.run(&["plan", "--changed-since", "HEAD"]);
    assert!(
        run.status == 2 && run.stderr.contains("does not name a git repository"),
        "{}",
        run.told()
    );
    let root = Root::new(super::FLEET);
    let run = root.run(&["plan", "--changed-since", "HEAD"]);
    assert!(
        run.status == 2 && run.stderr.contains("not in a git repository"),
        "{}",
        run.told()
    );
}
