//! The laws of the fuzz targets (`fuzz/src/lib.rs`) without libFuzzer: over the committed seeds,
//! over everything that fuzzing ever found (`fuzz/corpus/<target>/seed-*`), and over mutations of
//! both from a fixed sequence.
//!
//! `DOCKWRIGHT_CASES` sets the number of mutations a target, 150 unless told; `just fuzz-long` lets
//! libFuzzer find better ones. Of whole runs, each of which starts seven processes, it tries a
//! thousandth, and at least 50.

use std::fs;

use crate::fuzz::runs::{nothing_raw, statuses, statuses_of};
use crate::fuzz::{TARGETS, Target};
use crate::support::{Dice, Root, cases, repository, tell};

/// The seeds of a target.
fn seeds(target: &str) -> Vec<Vec<u8>> {
    let folder = repository().join("fuzz/corpus").join(target);
    let mut paths: Vec<_> = folder
        .read_dir_utf8()
        .unwrap()
        .map(|entry| entry.unwrap().into_path())
        .collect();
    paths.retain(|path| {
        path.file_name()
            .is_some_and(|name| name.starts_with("seed-"))
    });
    paths.sort();
    paths.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Another input: pieces of two seeds with bytes changed, cut out, doubled and put in.
fn mutated(dice: &mut Dice, seeds: &[Vec<u8>]) -> Vec<u8> {
    const PIECES: [&str; 20] = [
        "\n", "\r\n", "\r", "\\\n", ": ", "- ", "{", "}", "[", "]", "\"", "'", "#", "&a ", "*a",
        "<<E\n", "::", "##[", "\u{2028}", "\0",
    ];
    let mut input = dice.choose(seeds).clone();
    if dice.below(3) == 0 {
        let other = dice.choose(seeds);
        input.truncate(dice.below(input.len() + 1));
        input.extend_from_slice(&other[dice.below(other.len() + 1)..]);
    }
    for _ in 0..=dice.below(6) {
        let at = dice.below(input.len() + 1);
        let to = (at + dice.below(12)).min(input.len());
        match dice.below(5) {
            0 => drop(input.splice(at..at, dice.choose(&PIECES).bytes())),
            1 => drop(input.drain(at..to)),
            2 => drop(input.splice(at..at, input[at..to].to_vec())),
            3 if at < input.len() => input[at] ^= 1 << dice.below(8),
            _ => drop(input.splice(at..at, [u8::try_from(dice.below(256)).unwrap()])),
        }
    }
    input
}

fn drive((name, law): Target) {
    let seeds = seeds(name);
    assert!(seeds.len() >= 7, "{name} has {} seeds", seeds.len());
    for seed in &seeds {
        law(seed);
    }
    let mut dice = Dice::new(2026);
    for _ in 0..cases(150) {
        law(&mutated(&mut dice, &seeds));
    }
    tell(&format!(
        "{name}: {} seeds and {} mutations",
        seeds.len(),
        cases(150)
    ));
}

#[test]
fn any_bytes_are_a_fleet_or_diagnostics() {
    drive(TARGETS[0]);
}

#[test]
fn any_edit_is_what_was_asked_for_or_refused() {
    drive(TARGETS[1]);
}

#[test]
fn any_text_is_cut_into_segments_without_losing_a_byte() {
    drive(TARGETS[2]);
}

#[test]
fn any_value_is_refused_or_stays_in_its_place() {
    drive(TARGETS[3]);
}

#[test]
fn any_bytes_are_printed_as_plain_lines() {
    drive(TARGETS[4]);
}

#[test]
fn any_bytes_are_images_or_a_reason() {
    drive(TARGETS[7]);
}

#[test]
fn any_answers_of_a_registry_are_images_or_a_reason() {
    drive(TARGETS[8]);
}

#[test]
fn any_bytes_are_a_sizes_json_or_a_reason() {
    drive(TARGETS[9]);
}

#[test]
fn whole_runs_over_any_tree_keep_what_is_promised() {
    let seeds = seeds("runs");
    assert!(seeds.len() >= 7, "{} seeds", seeds.len());
    // Tries that all end in the same way would show little.
    let mut ended = [0; 3];
    let mut count = |input: &[u8]| {
        for status in statuses(input) {
            ended[usize::try_from(status).unwrap()] += 1;
        }
    };
    for seed in &seeds {
        count(seed);
    }
    let mut dice = Dice::new(2026);
    let mutations = (cases(0) / 1000).max(50);
    for _ in 0..mutations {
        count(&mutated(&mut dice, &seeds));
    }
    tell(&format!(
        "runs: {} seeds and {mutations} mutations ended with {ended:?}",
        seeds.len()
    ));
    assert!(
        ended.iter().all(|count| *count >= 20),
        "{ended:?} runs ended with 0, 1 and 2"
    );
}

/// Else every tree that grows from it would end at the same error.
#[test]
fn every_fleet_that_trees_begin_with_is_clean() {
    for fleet in 0..3 {
        let first = statuses(&[fleet])[0];
        assert_eq!(first, 0, "`check` of fleet {fleet}");
    }
}

/// Programs that break one promise each; the shell's own words are all they have.
#[test]
fn a_program_that_breaks_a_promise_is_found() {
    let scripts = Root::empty();
    let is_found = |script: &str| {
        scripts.write("program", format!("#!/bin/sh\n{script}\n"));
        scripts.set_mode("program", 0o755);
        let program = scripts.path().join("program");
        std::panic::catch_unwind(|| statuses_of(program.as_std_path(), b"")).is_err()
    };
    for script in [
        "exit 3",
        "exit 101",
        "exit 2",
        "kill -9 $$",
        "echo internal error; exit 2",
        "echo \"thread 'main' panicked at\" >&2; exit 2",
        "printf '\\033[2K'",
        "printf '\\377'",
        "echo ::error::x",
        "echo '##[error]x' >&2",
        "while read -r line; do echo \"$line\"; done < .env",
        "echo x > new",
        "echo x > ../outside/new",
        "echo x > \"$TMPDIR/new\"",
        "[ \"$1\" = generate ] || echo > services.yaml",
    ] {
        assert!(is_found(script), "{script}");
    }
    let is_bounded = "[ $(ulimit -t) = 10 ] && [ $(ulimit -v) = 2097152 ] || exit 3; echo fine";
    assert!(!is_found(is_bounded), "{is_bounded}");
}

#[test]
fn the_judge_of_runs_finds_what_is_raw() {
    for raw in [
        "a\u{1b}[2K",
        "a\u{9b}2K",
        "a\u{202e}b",
        "a\u{2028}b",
        "\u{feff}a",
        "a\rb",
        "a\n  FORGED",
        "::error::x",
        " ::error::x",
        "x ##[error]y",
        "##vso[a.b]c",
        "::stop-commands::t\na\n::warning::x",
        "::error file=a::x",
    ] {
        assert!(nothing_raw(raw, false).is_err(), "{raw:?}");
    }
    for (inert, of_runner) in [
        ("\u{1b}[31mred\u{1b}[0m\ttext\n", false),
        ("::stop-commands::00ff\na\n::00ff::\n", false),
        ("::error file=a,line=1,col=1,title=x::message\n", true),
    ] {
        assert_eq!(nothing_raw(inert, of_runner), Ok(()), "{inert:?}");
    }
}

#[test]
fn each_target_has_its_program() {
    for (name, _) in TARGETS {
        let program = repository().join(format!("fuzz/fuzz_targets/{name}.rs"));
        assert!(
            fs::read_to_string(program)
                .unwrap()
                .contains("dockwright_fuzz::"),
            "{name}"
        );
    }
    assert_eq!(
        repository()
            .join("fuzz/fuzz_targets")
            .read_dir_utf8()
            .unwrap()
            .count(),
        TARGETS.len()
    );
}

#[test]
fn any_dockerfile_has_a_meaning_that_loses_no_instruction_or_none() {
    drive(TARGETS[6]);
}
