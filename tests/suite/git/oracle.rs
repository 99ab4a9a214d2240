//! git itself as the judge: in a repository that names no program, both say the same of random
//! edits.

use std::collections::BTreeMap;
use std::fs;

use camino::Utf8Path;

use super::{asked, git};
use crate::support::{Dice, Node, Root, cases, tell};

const NAMES: [&str; 12] = [
    "a", "b.py", "c.log", "d e", "build", "libs", "libs-x", "é.txt", "x.tmp", "keep.log", "#odd",
    "[z]",
];
const CONTENTS: [&str; 8] = [
    "",
    "1\n",
    "2\n",
    "1\r\n",
    "1\r\n2\n",
    "a\0b\r\n",
    "$Id$\n",
    "lone\rcr\r\n",
];
const IGNORED: [&str; 18] = [
    "*.log",
    "!keep.log",
    "build/",
    "/libs",
    "libs/**",
    "**/a",
    "libs/*/a",
    "!a",
    "*.{tmp,py}",
    "[a-c]*",
    "[[:punct:]]odd",
    "\\#odd",
    "d\\ e",
    "d e",
    "libs**/a",
    "!libs/",
    "*",
    "x.???",
];
const ATTRIBUTES: [&str; 12] = [
    "* text=auto",
    "* text",
    "*.py -text",
    "*.py eol=crlf",
    "libs/** binary",
    "a !text",
    "/libs/a text=auto eol=lf",
    "[attr]plain text\n*.log plain",
    "*.txt crlf",
    "**/b.py text=input",
    "\"d e\" text",
    "a -crlf",
];

fn path(dice: &mut Dice) -> String {
    let depth = 1 + dice.below(3);
    (0..depth)
        .map(|_| *dice.choose(&NAMES))
        .collect::<Vec<_>>()
        .join("/")
}

/// Makes one change; those that cannot be made are none.
fn edit(dice: &mut Dice, root: &Root) {
    let place = path(dice);
    let full = root.path().join(&place);
    let write = |path: &Utf8Path, text: &str| {
        let _ = fs::create_dir_all(path.parent().unwrap());
        let _ = fs::write(path, text);
    };
    match dice.below(12) {
        0..=3 => write(&full, dice.choose::<&str>(&CONTENTS)),
        4 => drop(fs::remove_file(&full)),
        5 => drop(fs::remove_dir_all(&full)),
        6 => drop(std::os::unix::fs::symlink(*dice.choose(&NAMES), &full)),
        7 if full.is_file() && !full.is_symlink() => {
            root.set_mode(&place, *dice.choose(&[0o644, 0o755]));
        }
        8 => drop(fs::rename(&full, root.path().join(path(dice)))),
        9 => {
            let folder = full.parent().unwrap();
            write(&folder.join(".gitignore"), &lines(dice, &IGNORED));
        }
        10 => write(
            &full.parent().unwrap().join(".gitattributes"),
            &lines(dice, &ATTRIBUTES),
        ),
        _ => drop(root.git(&["add", "--", &place])),
    }
}

fn lines(dice: &mut Dice, from: &[&str]) -> String {
    let chosen: Vec<&str> = (0..=dice.below(3)).map(|_| *dice.choose(from)).collect();
    chosen.join("\n") + "\n"
}

#[test]
fn random_edits_are_what_git_says_they_are() {
    let rounds = cases(60);
    let (mut compared, mut differing) = (0, 0);
    for seed in 0..u64::from(rounds) {
        let mut dice = Dice::new(seed);
        let root = Root::empty();
        git(&root, &["init", "-q"]);
        if dice.below(3) == 0 {
            git(
                &root,
                &["config", "core.autocrlf", *dice.choose(&["true", "input"])],
            );
        }
        for _ in 0..30 {
            edit(&mut dice, &root);
        }
        git(&root, &["add", "-A"]);
        git(&root, &["commit", "-q", "--allow-empty", "-m", "x"]);
        let committed = root.tree();
        if dice.below(3) == 0 {
            git(
                &root,
                &["update-index", "--index-version", *dice.choose(&["3", "4"])],
            );
        }
        for _ in 0..4 {
            for _ in 0..6 {
                edit(&mut dice, &root);
            }
            let ours: Vec<String> = super::since(&root, "HEAD");
            let theirs: Vec<String> = asked(&root, "HEAD").into_iter().collect();
            let missed: Vec<&String> = theirs.iter().filter(|path| !ours.contains(path)).collect();
            let extra: Vec<&String> = ours.iter().filter(|path| !theirs.contains(path)).collect();
            let excused =
                |path: &&&String| is_cautious(&root, path) || is_untouched(&root, path, &committed);
            let is_unchanged =
                |path: &&&String| is_equal(&root, path) || is_untouched(&root, path, &committed);
            assert!(
                missed.iter().filter(|path| !is_unchanged(path)).count() == 0,
                "seed {seed}: missed {missed:?} of {theirs:?}"
            );
            assert!(
                extra.iter().filter(|path| !excused(path)).count() == 0,
                "seed {seed}: {extra:?} beside {theirs:?}"
            );
            compared += 1;
            differing += theirs.len();
        }
    }
    assert!(differing > compared, "edits were made");
    tell(&format!("{compared} work trees, {differing} changed paths"));
}

/// Whether a file has the bytes that it had when it was committed. Where its attributes changed
/// since then, git would store others now; whether it says so depends on whether its index is old
/// enough to spare it the reading. The same goes for us.
fn is_untouched(root: &Root, path: &str, committed: &BTreeMap<String, Node>) -> bool {
    let bytes = |node: Option<&Node>| match node {
        Some(Node::File { bytes, mode, .. }) => Some((bytes.clone(), *mode)),
        _ => None,
    };
    let now = bytes(root.tree().get(path));
    now.is_some() && now == bytes(committed.get(path))
}

/// Whether a file has just the bytes of the commit: git may call it changed, since it would store
/// other bytes.
fn is_equal(root: &Root, path: &str) -> bool {
    let file = root.path().join(path);
    let shown = root
        .command("git", &["cat-file", "blob", &format!("HEAD:{path}")])
        .output()
        .unwrap();
    shown.status.success()
        && !file.is_symlink()
        && fs::read(file).is_ok_and(|bytes| bytes == shown.stdout)
}

/// Where we call changed what git does not: a text that is staged in another form, since only
/// reading that would tell.
fn is_cautious(root: &Root, path: &str) -> bool {
    let object = |revision: &str| {
        root.git(&["rev-parse", &format!("{revision}:{path}")])
            .stdout
    };
    object("") != object("HEAD") && root.path().join(path).is_file()
}
