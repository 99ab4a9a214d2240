//! Whole runs of the program over a random tree: whatever a pull request contains, a run ends with
//! one of three statuses, prints nothing raw and nothing of foreign files, writes nothing, and
//! stays small.
//!
//! The program runs as a process of its own, so libFuzzer does not see which code an input reaches.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::choices::Choices;
use super::runners::{Comparison, github_v2, lines, readers_of};
use super::trees::{SECRET, Tree};
use super::{declared, names, without_styles};

/// Runs a program within 10 s of processor time, 2 GiB of memory and files of 256 MiB at most.
const BOUNDED: &str = "ulimit -t 10 && ulimit -v 2097152 && ulimit -f 524288 && exec \"$0\" \"$@\"";

/// How long a run may take on the clock: a busy machine can let a process wait, so that processor
/// time is the bound that matters, and this one is for a run that waits for nothing.
const WALL: Duration = Duration::from_mins(1);

/// The program under test: scripts/fuzz.sh names it, and `cargo test` knows where it is.
fn program() -> PathBuf {
    let named = std::env::var_os("DOCKWRIGHT_PROGRAM").map(PathBuf::from);
    let built = || option_env!("CARGO_BIN_EXE_dockwright").map(PathBuf::from);
    named
        .or_else(built)
        .unwrap_or_else(|| panic!("set DOCKWRIGHT_PROGRAM to the path of dockwright"))
}

/// One line that was run, and what came of it.
struct Run {
    words: Vec<OsString>,
    status: Option<i32>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Runs every command that a pull request is checked with over the tree of an input.
///
/// # Panics
/// Where a run breaks a promise.
#[must_use]
pub fn statuses(bytes: &[u8]) -> Vec<i32> {
    statuses_of(&program(), bytes)
}

/// The same of any program.
///
/// # Panics
/// Where a run breaks a promise.
#[must_use]
pub fn statuses_of(program: &Path, bytes: &[u8]) -> Vec<i32> {
    let mut choices = Choices::new(bytes);
    let fleet = declared::fleet(&mut choices);
    let tree = Tree::plain(fleet);
    if !choices.one_in(8) {
        let around = tree.outside();
        run(program, &tree, &["generate".into()], b"", false).judge();
        assert!(
            tree.outside() == around,
            "`generate` wrote outside of the fleet's folder"
        );
    }
    tree.damage(&mut choices, fleet);
    let before = tree.snapshot();
    let mut statuses = Vec::new();
    for line in lines_to_run(&mut choices) {
        let list = changed_files(&mut choices, &tree);
        let run = run(program, &tree, &line, &list, choices.one_in(2));
        statuses.push(run.judge());
        assert!(tree.snapshot() == before, "{} changed files", run.told());
    }
    statuses
}

/// The command lines, each in one of its formats.
fn lines_to_run(choices: &mut Choices<'_>) -> Vec<Vec<OsString>> {
    let mut lines = Vec::new();
    for (words, formats) in [
        (&["check"][..], &["text", "json", "github"][..]),
        (&["list"], &["text", "json"]),
        (&["why", "NAME"], &["text", "json"]),
        (
            &["plan", "--changed-files", "-"],
            &["text", "json", "matrix", "mermaid", "dot"],
        ),
        (
            &["check", "--changed-files", "-"],
            &["text", "json", "github"],
        ),
        (&["generate", "--dry-run"], &["text", "json"]),
    ] {
        let mut line: Vec<OsString> = words.iter().map(OsString::from).collect();
        for word in line.iter_mut().filter(|word| *word == "NAME") {
            *word = OsString::from_vec(names::text(choices));
        }
        line.extend(["--format".into(), choices.choose(formats).into()]);
        if choices.one_in(16) {
            line.extend(["--file".into(), OsString::from_vec(names::text(choices))]);
        }
        lines.push(line);
    }
    lines
}

/// A list of changed files, in any spelling; most entries are there.
fn changed_files(choices: &mut Choices<'_>, tree: &Tree) -> Vec<u8> {
    const BEFORE: [&str; 7] = ["", "./", "./././", "/", "../fleet/", "\u{feff}", "\""];
    const AFTER: [&str; 6] = ["", "/", "/.", "//x", "\r", "\""];
    let (paths, root) = (tree.paths(), tree.root());
    let mut list = Vec::new();
    let end = if choices.one_in(3) { 0 } else { b'\n' };
    for _ in 0..choices.below(6) {
        let known = paths.get(choices.below(paths.len().max(1)));
        let known = known.and_then(|path| path.strip_prefix(&root).ok());
        list.extend_from_slice(choices.choose(&BEFORE).as_bytes());
        match known {
            Some(path) if !choices.one_in(3) => list.extend_from_slice(path.as_os_str().as_bytes()),
            _ => list.extend(names::text(choices)),
        }
        list.extend_from_slice(choices.choose(&AFTER).as_bytes());
        list.push(end);
    }
    list
}

/// Runs the program in the fleet's folder, with colors, which would let an escape through, and
/// without other programs.
fn run(program: &Path, tree: &Tree, words: &[OsString], input: &[u8], in_job: bool) -> Run {
    let streams = tempfile::tempdir().unwrap();
    let path = |name: &str| streams.path().join(name);
    fs::write(path("in"), input).unwrap();
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", BOUNDED])
        .arg(program)
        .args(words)
        .current_dir(tree.root());
    command
        .env("PATH", "/nowhere")
        .env("TMPDIR", tree.temporary())
        .env("CLICOLOR_FORCE", "1");
    // Every arena of the allocator reserves addresses, which count as memory here.
    command
        .env("MALLOC_ARENA_MAX", "1")
        .env_remove("NO_COLOR")
        .env_remove("GITHUB_ACTIONS");
    if in_job {
        command.env("GITHUB_ACTIONS", "true");
    }
    command.stdin(File::open(path("in")).unwrap());
    command
        .stdout(File::create(path("out")).unwrap())
        .stderr(File::create(path("err")).unwrap());
    let mut child = command.spawn().unwrap();
    let begun = Instant::now();
    let status = loop {
        match child.try_wait().unwrap() {
            Some(status) => break status.code(),
            None if begun.elapsed() < WALL => sleep(Duration::from_millis(1)),
            None => {
                child.kill().unwrap();
                break child.wait().unwrap().code();
            }
        }
    };
    let read = |name: &str| fs::read(path(name)).unwrap();
    Run {
        words: words.to_vec(),
        status,
        stdout: read("out"),
        stderr: read("err"),
    }
}

impl Run {
    /// The whole as one text for a failed assertion.
    fn told(&self) -> String {
        let (stdout, stderr) = (self.stdout.escape_ascii(), self.stderr.escape_ascii());
        format!(
            "{:?}: {:?}\n--- stdout\n{stdout}\n--- stderr\n{stderr}\n",
            self.words, self.status
        )
    }

    /// The status of a run that kept its promises.
    fn judge(&self) -> i32 {
        let status = self.status.filter(|status| (0..=2).contains(status));
        let status = status.unwrap_or_else(|| panic!("{}", self.told()));
        for (printed, is_stdout) in [(&self.stdout, true), (&self.stderr, false)] {
            let text =
                str::from_utf8(printed).unwrap_or_else(|error| panic!("{error}: {}", self.told()));
            assert!(
                !text.contains("internal error") && !text.contains("panicked at"),
                "{}",
                self.told()
            );
            assert!(
                !text.contains(SECRET),
                "a foreign file is printed: {}",
                self.told()
            );
            let of_runner = is_stdout && self.words.iter().any(|word| word == "github");
            if let Err(raw) = nothing_raw(text, of_runner) {
                panic!("{raw} in {}", self.told());
            }
        }
        let has = |word: &str| self.words.iter().any(|other| other == OsStr::new(word));
        assert!(
            status == 0 || !self.stdout.is_empty() || !self.stderr.is_empty(),
            "{}",
            self.told()
        );
        // What keeps the other commands from their answer is text on standard error; `check` has it
        // in its answer. The name for `why` can be an option that asks for help.
        let has_no_answer =
            self.stdout.is_empty() && (status == 2 || (status == 1 && !has("check")));
        if (has("json") || has("matrix")) && !has("--help") && !has_no_answer {
            let read = serde_json::from_slice::<serde_json::Value>(&self.stdout);
            assert!(read.is_ok(), "{read:?}: {}", self.told());
        }
        status
    }
}

/// Whether a text has no character that moves, hides or turns others, no line that a CI runner
/// takes for a command, but for annotations of ours, and no line that a name began.
///
/// # Errors
/// What is raw.
pub fn nothing_raw(text: &str, of_runner: bool) -> Result<(), String> {
    let text = without_styles(text);
    if let Some(live) = text.chars().find(|character| is_live(*character)) {
        return Err(format!("{live:?}"));
    }
    let token = text
        .strip_prefix("::stop-commands::")
        .and_then(|rest| rest.lines().next());
    for line in lines(&text) {
        if line.trim_start_matches(['\\', ' ']).starts_with("FORGED") {
            return Err(format!("{line:?}"));
        }
        let guards =
            |token| line == format!("::stop-commands::{token}") || line == format!("::{token}::");
        if token.is_some_and(guards) || (of_runner && is_annotation(line)) {
            continue;
        }
        let readers = readers_of(line);
        if !readers.is_empty() {
            return Err(format!("{readers:?} read {line:?}"));
        }
    }
    Ok(())
}

/// An annotation of `check --format github`, which commands nothing else.
fn is_annotation(line: &str) -> bool {
    let Some(command) = github_v2(line, Comparison::Ordinal) else {
        return false;
    };
    let is_ours = ["error", "warning", "notice"].contains(&command.name.as_str());
    is_ours && command.properties.starts_with("file=") && !readers_of(line).contains(&"GitHub v1")
}

/// Control characters but for line breaks and tabs, format characters, and line ends of Unicode.
fn is_live(character: char) -> bool {
    const FORMATS: [(char, char); 18] = [
        ('\u{ad}', '\u{ad}'),
        ('\u{600}', '\u{605}'),
        ('\u{61c}', '\u{61c}'),
        ('\u{6dd}', '\u{6dd}'),
        ('\u{70f}', '\u{70f}'),
        ('\u{890}', '\u{891}'),
        ('\u{8e2}', '\u{8e2}'),
        ('\u{180e}', '\u{180e}'),
        ('\u{200b}', '\u{200f}'),
        ('\u{2028}', '\u{202e}'),
        ('\u{2060}', '\u{206f}'),
        ('\u{feff}', '\u{feff}'),
        ('\u{fff9}', '\u{fffb}'),
        ('\u{110bd}', '\u{110cd}'),
        ('\u{13430}', '\u{1343f}'),
        ('\u{1bca0}', '\u{1bca3}'),
        ('\u{1d173}', '\u{1d17a}'),
        ('\u{e0000}', '\u{e007f}'),
    ];
    let is_format = FORMATS
        .iter()
        .any(|(first, last)| (*first..=*last).contains(&character));
    is_format || (character.is_control() && !matches!(character, '\n' | '\t'))
}
