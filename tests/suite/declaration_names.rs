//! The name that `--file` gives: plain, or refused; whatever is accepted adds nothing to any file.

use dockwright::dockerfile::{Segment, segment};

use crate::support::{Dice, EVERY_TEMPLATE, Root, cases};

const COMMANDS: [&[&str]; 12] = [
    &["check"],
    &["check", "--format", "json"],
    &["check", "--format", "github"],
    &["check", "--format", "patch"],
    &["generate"],
    &["generate", "--dry-run"],
    &["list"],
    &["why", "torch"],
    &["plan"],
    &["build", "--all", "--dry-run"],
    &["new", "svc-x", "--kind", "web"],
    &["eject", "labels"],
];

const HOSTILE: [&str; 30] = [
    "x\nRUN evil\n#",
    "x\rRUN evil",
    "x\n",
    "\nx",
    "x\tb.yaml",
    "x\u{1b}[2Jb.yaml",
    "x\u{85}b.yaml",
    "x\u{2028}b.yaml",
    "x\u{202e}b.yaml",
    "x\u{200b}b.yaml",
    "x\u{7f}.yaml",
    "a b.yaml",
    " x.yaml",
    "x.yaml ",
    "a:b.yaml",
    "a\\b.yaml",
    "a$b.yaml",
    "a'b.yaml",
    "a\"b.yaml",
    "a`id`.yaml",
    "{a}.yaml",
    "é.yaml",
    "-x.yaml",
    "x.",
    ".git",
    "con.yaml",
    "a#b.yaml",
    "##[error]x",
    "::error::x",
    "folder\nx/services.yaml",
];

#[test]
fn a_name_that_is_not_plain_is_refused_by_every_command() {
    for name in HOSTILE {
        let root = Root::empty();
        root.write(name, EVERY_TEMPLATE);
        let before = root.tree();
        for command in COMMANDS {
            let option = format!("--file={name}");
            let run = root.run(&[command, &[option.as_str()]].concat());
            assert_eq!(
                (run.status, run.stdout.as_str()),
                (2, ""),
                "{command:?} {name:?}: {}",
                run.told()
            );
            assert_eq!(
                run.stderr.trim_end().lines().count(),
                1,
                "{name:?}: {}",
                run.told()
            );
            let plain = |character: char| character == '\n' || !character.is_control();
            assert!(run.stderr.chars().all(plain), "{name:?}: {}", run.told());
            assert!(
                !run.stderr.contains(['\u{2028}', '\u{202e}', '\u{200b}']),
                "{name:?}: {}",
                run.told()
            );
            assert!(
                run.stderr.starts_with("error: --file"),
                "{name:?}: {}",
                run.told()
            );
        }
        assert_eq!(root.tree(), before, "{name:?}");
    }
}

#[test]
fn what_is_no_file_name_is_told_in_plain_words() {
    let root = Root::new(EVERY_TEMPLATE);
    root.write("folder/x", "");
    for (option, told) in [
        (
            "--file=",
            "--file is empty; give the path of a services.yaml",
        ),
        ("--file=.", "this is a folder"),
        ("--file=..", "this is a folder"),
        ("--file=/", "this is a folder"),
        ("--file=folder/", "this is a folder"),
        ("--file=folder", "folder"),
        ("--file=nothing.yaml", "nothing.yaml not found"),
    ] {
        let run = root.run(&["check", option]);
        assert_eq!(run.status, 2, "{option}: {}", run.told());
        assert!(run.stderr.contains(told), "{option}: {}", run.told());
    }
}

#[test]
fn an_accepted_name_adds_no_instruction_to_any_file() {
    let plain = instructions(&Root::generated(EVERY_TEMPLATE));
    let characters: Vec<char> = "abzA9._-+@ \n\r\t#:\\$'\"`{}é\u{2028}\u{1b}RUN"
        .chars()
        .collect();
    let mut dice = Dice::new(8);
    let (tried, mut accepted) = (cases(120), 0);
    for _ in 0..tried {
        let name: String = (0..=dice.below(6))
            .map(|_| *dice.choose(&characters))
            .collect();
        let root = Root::empty();
        root.write(&name, EVERY_TEMPLATE);
        let run = root.run(&["generate", &format!("--file={name}")]);
        if run.status == 2 {
            assert_eq!(root.files(), [name], "nothing is written");
            continue;
        }
        accepted += 1;
        assert_eq!(run.status, 0, "{name:?}: {}", run.told());
        assert_eq!(instructions(&root), plain, "{name:?}");
    }
    assert!(accepted * 24 > tried, "{accepted} names were plain");
}

/// The instructions of every Dockerfile, without comments, by path.
fn instructions(root: &Root) -> Vec<(String, Vec<String>)> {
    let files = root
        .files()
        .into_iter()
        .filter(|path| path.ends_with("/Dockerfile"));
    let of = |path: String| {
        let text = root.text(&path);
        assert!(
            text.lines().take(2).all(|line| line.starts_with("# ")),
            "{path}: {text}"
        );
        let segments = segment(&text);
        let told = segments.iter().filter_map(Segment::instruction);
        (
            path,
            told.map(|one| format!("{one:?}").replace(char::is_numeric, ""))
                .collect(),
        )
    };
    files.map(of).collect()
}
