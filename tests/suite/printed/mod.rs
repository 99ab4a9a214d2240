//! Nothing is printed raw: whatever a file, a folder, an entry or an argument is called, in every
//! command and every format.
//!
//! `declared` puts hostile texts into every place of services.yaml, `found` into every name on disk
//! and every content that is quoted, `typed` into every argument. Each run is judged by the rules
//! of the runners (`fuzz/src/runners.rs`), by the characters that no terminal should get, and by
//! whether a name could begin a line of its own.

mod declared;
mod found;
mod typed;

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::{Output, Stdio};
use std::sync::LazyLock;

use regex::Regex;

use crate::fuzz::runners::{Comparison, github_v2, lines, readers_of};
use crate::support::{Dice, PROGRAM, Root};

/// Texts that each try one way out of their line. What follows a line break begins with a word that
/// no line of ours begins with.
const HOSTILE: [&str; 9] = [
    "a\nFORGED\n::error::x\n##[error]x",
    "::error::x",
    "##vso[task.setvariable variable=a]x",
    "x##[error]\u{1b}[2K\u{1b}[1G\u{1b}]0;t\u{7}",
    "a\rFORGED\u{9b}2K\u{85}::error::x",
    "a\u{202e}b\u{200b}c\u{2028}::error::x\u{feff}",
    "</script>`id`\"'<b>${x}#[error]",
    "[command]rm\n\nFORGED: \u{e0041}",
    "#",
];

/// Pieces of random texts.
const PIECES: [&str; 20] = [
    "\n",
    "\r",
    "::",
    "error",
    "::",
    "##",
    "[",
    "]",
    "vso",
    "\u{1b}[2K",
    "\u{9b}",
    "\u{202e}",
    "\u{200b}",
    "\u{2028}",
    "\\",
    "\\x1b",
    " ",
    "#",
    ".",
    "é",
];

/// The fixed texts, a long one and some random ones.
fn hostile_texts(random: usize) -> Vec<String> {
    let mut dice = Dice::new(14);
    let mut texts: Vec<String> = HOSTILE.map(str::to_owned).to_vec();
    texts.push(format!("{}\nFORGED", "long".repeat(45)));
    texts.extend(
        (0..random).map(|_| (0..9).map(|_| *dice.choose(&PIECES)).collect::<String>() + "x"),
    );
    texts
}

/// Colours, which are ours.
static STYLES: LazyLock<Regex> = LazyLock::new(|| Regex::new("\x1b\\[[0-9;]*m").unwrap());
/// Control and format characters and the line ends of Unicode: what moves, hides or turns others.
static LIVE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}--[\n\t]]").unwrap());

/// Runs the program with colours on, so that nothing strips an escape that got through, and without
/// other programs.
fn run<T: AsRef<OsStr>>(root: &Root, arguments: &[T], input: &[u8], in_job: bool) -> Output {
    let mut command = root.command(PROGRAM, &[]);
    command
        .args(arguments)
        .env("CLICOLOR_FORCE", "1")
        .env("PATH", "/nowhere")
        .stdin(Stdio::piped());
    if in_job {
        command.env("GITHUB_ACTIONS", "true");
    }
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Most commands do not read it.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

/// Runs it, in every second case as in a job of GitHub Actions, and judges what it printed; a patch
/// is judged by what stands beside it.
fn assert_nothing_raw<T: AsRef<OsStr>>(root: &Root, arguments: &[T], input: &[u8], case: usize) {
    let output = run(root, arguments, input, case.is_multiple_of(2));
    let words: Vec<&[u8]> = arguments
        .iter()
        .map(|word| word.as_ref().as_encoded_bytes())
        .collect();
    let told = format!("{}\n{output:?}", words.join(&b' ').escape_ascii());
    assert!(output.status.code().is_some_and(|code| code <= 2), "{told}");
    let of_runner = words.contains(&&b"github"[..]);
    if !words.contains(&&b"patch"[..]) {
        judge(&output.stdout, of_runner, &told);
    }
    judge(&output.stderr, false, &told);
}

fn judge(printed: &[u8], of_runner: bool, told: &str) {
    let text =
        String::from_utf8(printed.to_vec()).unwrap_or_else(|error| panic!("{error}: {told}"));
    let text = STYLES.replace_all(&text, "");
    let raw = LIVE.find(&text);
    assert!(raw.is_none(), "{raw:?} in {told}");
    let token = text
        .strip_prefix("::stop-commands::")
        .and_then(|rest| rest.lines().next());
    for line in lines(&text) {
        assert!(
            !line.trim_start_matches(['\\', ' ']).starts_with("FORGED"),
            "{line:?} in {told}"
        );
        let is_token = token.is_some_and(|token| {
            line.strip_prefix("::stop-commands::")
                .unwrap_or(line)
                .contains(token)
        });
        if is_token || (of_runner && is_annotation(line)) {
            continue;
        }
        assert_eq!(readers_of(line), Vec::<&str>::new(), "{line:?} in {told}");
    }
}

/// Whether a line is one of the annotations of `check --format github`, and commands nothing else.
fn is_annotation(line: &str) -> bool {
    let Some(command) = github_v2(line, Comparison::Ordinal) else {
        return false;
    };
    let ours = ["error", "warning", "notice"].contains(&command.name.as_str());
    ours && command.properties.starts_with("file=")
        && readers_of(line).iter().all(|reader| *reader != "GitHub v1")
}

#[test]
fn the_judge_finds_what_is_raw() {
    for raw in HOSTILE
        .iter()
        .filter(|text| !matches!(**text, "#" | "</script>`id`\"'<b>${x}#[error]"))
    {
        assert!(
            std::panic::catch_unwind(|| judge(raw.as_bytes(), false, "raw")).is_err(),
            "{raw:?}"
        );
    }
    judge(b"\x1b[31mred\x1b[0m\ttext\n", false, "styled");
    judge(b"::stop-commands::00ff\na\n::00ff::\n", false, "quoted");
    judge(
        b"::error file=a,line=1,col=1,title=x::message\n",
        true,
        "annotated",
    );
}
