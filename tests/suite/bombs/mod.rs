//! Declarations and trees that are small and stand for much: every command ends on them in order,
//! within bounds of memory, output and processor time; and the work of every command grows with its
//! input and output, not with a power of them.

mod growth;
mod shapes;

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Output;

use shapes::{Bomb, bombs};

use crate::support::{PROGRAM, Root, is_long, tell};

/// What every run may take beside four times what it reads, in bytes.
const MEMORY: u64 = 256 << 20;
/// Address space that is not memory: the program itself, stacks of threads, what allocators keep in
/// reserve.
const RESERVE: u64 = 256 << 20;
/// Seconds of processor time; a debug build takes many times what is shipped, and a machine may be
/// slow.
const SECONDS: u64 = 100;
/// Output is bounded by the input likewise.
const OUTPUT_FACTOR: u64 = 64;

const CHECK: [&[&str]; 1] = [&["check"]];
const OTHERS: [&[&str]; 9] = [
    &["check", "--format", "json"],
    &["check", "--format", "patch"],
    &["check", "--format", "github"],
    &["list"],
    &["why", "p1"],
    &["plan", "--all"],
    &["generate", "--dry-run"],
    &["bump", "--all-bases", "--patch", "--dry-run"],
    &["lock", "--dry-run"],
];

/// The bytes of all files below a root.
fn bytes_below(root: &Root) -> u64 {
    let files = root.files();
    files
        .iter()
        .filter_map(|path| fs::symlink_metadata(root.path().join(path)).ok())
        .map(|found| found.len())
        .sum()
}

/// Runs the program with its memory and its time bounded by the kernel.
fn bounded(root: &Root, arguments: &[&str], memory: u64) -> Output {
    let script = format!(
        "ulimit -v {} && ulimit -t {SECONDS} && exec \"$0\" \"$@\"",
        (memory + RESERVE) >> 10
    );
    let arguments: Vec<&str> = ["-c", &script, PROGRAM]
        .iter()
        .chain(arguments)
        .copied()
        .collect();
    let mut command = root.command("bash", &arguments);
    // One heap: each further one reserves 64 MiB of addresses.
    command.env("MALLOC_ARENA_MAX", "1").env("NO_COLOR", "1");
    command.output().unwrap()
}

fn run(bomb: &Bomb, root: &Root, arguments: &[&str]) -> Vec<String> {
    let input = bytes_below(root);
    let output = bounded(root, arguments, MEMORY + 4 * input);
    let told = || {
        let said = String::from_utf8_lossy(&output.stderr)
            .chars()
            .take(300)
            .collect::<String>();
        format!("{} {arguments:?}: {:?} {said}", bomb.name, output.status)
    };
    let mut wrong = Vec::new();
    if output.status.signal().is_some() || !matches!(output.status.code(), Some(0..=2)) {
        wrong.push(told());
    }
    if (output.stdout.len() + output.stderr.len()) as u64 > OUTPUT_FACTOR * input + MEMORY {
        wrong.push(format!(
            "{}: {} bytes of output",
            told(),
            output.stdout.len()
        ));
    }
    if let Some(code) = bomb.code.filter(|_| arguments == ["check"]) {
        let stdout = String::from_utf8_lossy(&output.stdout);
        if !stdout.contains(&format!("[{code}]")) {
            wrong.push(format!(
                "{}: no {code} in {}",
                bomb.name,
                stdout.chars().take(600).collect::<String>()
            ));
        }
    }
    wrong
}

fn try_all(commands: &[&[&str]], of: impl Fn(&Bomb) -> bool) {
    let mut wrong = Vec::new();
    let mut tried = 0;
    // The short form gives each bomb three of the commands, in turn.
    let step = if is_long() {
        1
    } else {
        commands.len().div_ceil(3)
    };
    for (number, bomb) in bombs().iter().filter(|bomb| of(bomb)).enumerate() {
        let root = Root::empty();
        (bomb.lay)(&root, bomb.size);
        for arguments in commands.iter().skip(number % step).step_by(step) {
            wrong.extend(run(bomb, &root, arguments));
            tried += 1;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    tell(&format!("{tried} runs over bombs"));
}

#[test]
fn every_bomb_is_checked_within_its_bounds() {
    try_all(&CHECK, |_| true);
}

#[test]
fn every_other_command_ends_on_what_is_not_refused() {
    try_all(&OTHERS, |bomb| bomb.code.is_none());
}
