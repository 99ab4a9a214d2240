//! Hostile texts in every argument of every command, as the command line itself lists them.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;

use clap::{Arg, Command, CommandFactory};
use dockwright::cli::Cli;

use super::{assert_nothing_raw, hostile_texts, run};
use crate::support::{MINIMAL, Root, tell};

/// Every argument list with one hostile word: as a value, as a name of an option, as a command, and
/// where a command wants none.
fn lists(text: &str) -> Vec<Vec<String>> {
    let word = |word: &str| word.to_owned();
    let mut lists = vec![
        vec![word(text)],
        vec![format!("--{text}")],
        vec![word("--file"), word(text)],
    ];
    for command in Cli::command().get_subcommands() {
        let name = command.get_name().to_owned();
        lists.push(vec![name.clone(), format!("--{text}")]);
        lists.push(vec![name.clone(), word(text)]);
        lists.push(vec![
            name.clone(),
            word("a"),
            word("b"),
            word("c"),
            word(text),
        ]);
        lists.push(vec![name.clone(), word("--file"), word(text)]);
        for option in options(command) {
            lists.push(vec![name.clone(), format!("--{option}"), word(text)]);
            lists.push(vec![name.clone(), format!("--{option}={text}")]);
        }
    }
    lists
}

fn options(command: &Command) -> Vec<String> {
    command
        .get_arguments()
        .filter_map(Arg::get_long)
        .map(str::to_owned)
        .collect()
}

#[test]
fn no_argument_is_printed_raw() {
    let root = Root::generated(MINIMAL);
    let mut runs = 0;
    for (number, text) in hostile_texts(4).iter().enumerate() {
        // Every list with every third text, so that each kind of argument meets several.
        for (at, list) in lists(text)
            .into_iter()
            .enumerate()
            .filter(|(at, _)| at % 3 == number % 3)
        {
            assert_nothing_raw(&root, &list, b"", at);
            runs += 1;
        }
    }
    tell(&format!("{runs} argument lists"));
    assert!(runs > 300, "{runs}");
}

#[test]
fn arguments_that_a_command_understands_are_repeated_as_what_they_are() {
    let root = Root::generated(MINIMAL);
    let repeated = [
        (&["explain", "a\n\u{1b}[2Kx"][..], r"`a\x0a\x1b[2Kx`"),
        (&["eject", "a\n\u{1b}[2Kx"], r"a\x0a\x1b[2Kx"),
        (&["why", "a\n\u{1b}[2Kx"], r"`a\x0a\x1b[2Kx`"),
        (&["plan", "--only", "a\n\u{1b}[2Kx"], r"a\x0a\x1b[2Kx"),
        (&["check", "--format", "a\n\u{1b}[2Kx"], r"a\x0a\x1b[2Kx"),
        (&["check", "--a\n\u{1b}[2Kx"], r"--a\x0a\x1b[2Kx"),
        (&["a\n\u{1b}[2Kx"], r"a\x0a\x1b[2Kx"),
        (&["build", "--tag", "a\n\u{1b}[2Kx"], r"a\x0a\x1b[2Kx"),
        // The reason is about what was typed, not about its notation.
        (&["build", "--tag", "a\n\u{1b}[2Kx"], "not U+000A"),
    ];
    for (arguments, expected) in repeated {
        let output = run(&root, arguments, b"", false);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(told.contains(expected), "{arguments:?}: {told}");
    }
}

#[test]
fn arguments_that_are_not_utf_8_are_named_and_refused() {
    let root = Root::generated(MINIMAL);
    let word = OsString::from_vec(b"a\xff\n::error::x\x9b2K".to_vec());
    for before in [
        &[][..],
        &["check"],
        &["check", "--file"],
        &["explain"],
        &["build", "--tag"],
        &["--help"],
    ] {
        let mut arguments: Vec<OsString> = before.iter().map(OsString::from).collect();
        arguments.push(word.clone());
        assert_nothing_raw(&root, &arguments, b"", 0);
        let output = run(&root, &arguments, b"", false);
        let told = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), output.stdout.len()),
            (Some(2), 0),
            "{told}"
        );
        let expected = format!(
            "argument {} is not valid UTF-8: `a\\xff\\x0a::error::x\\x9b2K`",
            arguments.len()
        );
        assert!(told.contains(&expected), "{told}");
    }
}

#[test]
fn usage_errors_keep_their_words_and_colours() {
    let root = Root::empty();
    let told =
        |arguments: &[&str]| String::from_utf8(run(&root, arguments, b"", false).stderr).unwrap();
    let plain = told(&["check", "--fromat", "json"]);
    assert!(
        plain.contains("\u{1b}[1m\u{1b}[31merror:") || plain.contains("\u{1b}[1;31merror:"),
        "{plain:?}"
    );
    assert!(
        plain.contains("unexpected argument") && plain.contains("a similar argument exists"),
        "{plain}"
    );
    assert!(
        plain.contains("Usage:") && plain.contains("--help"),
        "{plain}"
    );
    let hostile = told(&["check", "--fromat\u{1b}[2K", "json"]);
    assert!(
        hostile.contains(r"--fromat\x1b[2K") && hostile.contains("Usage:"),
        "{hostile}"
    );
}

#[test]
fn names_that_the_list_of_changed_files_brings_are_not_printed_raw() {
    let root = Root::generated(MINIMAL);
    for (number, text) in hostile_texts(8).iter().enumerate() {
        for path in [
            text.clone(),
            format!("services/svc-a/{text}"),
            format!("generated/svc-a/{text}"),
            format!("/{text}"),
        ] {
            let list = [path.as_bytes(), b"\0"].concat();
            for command in [
                &["check", "--changed-files", "-"][..],
                &["plan", "--changed-files", "-"],
                &["check", "--changed-files", "-", "--format", "github"],
                &["plan", "--changed-files", "-", "--format", "json"],
            ] {
                assert_nothing_raw(&root, command, &list, number);
            }
        }
    }
}
