//! Whole runs that last: told on a terminal, and nowhere else.

use crate::support::{PROGRAM, Root, Run, has};
use crate::synthetic::services_yaml;

/// So many services that reading them takes longer than the half second after which a step is told.
const SERVICES: usize = if cfg!(debug_assertions) { 3_000 } else { 30_000 };

/// `list` of a large fleet on a terminal of its own, with these variables.
fn on_a_terminal(environment: &[(&str, &str)]) -> Option<Run> {
    let root = Root::new(&services_yaml(SERVICES));
    let mut command = root.command("script", &["-qec", &format!("{PROGRAM} list"), "/dev/null"]);
    command.env_remove("CI").env("TERM", "xterm").envs(environment.iter().copied());
    has(&["script"]).then(|| Run::of(&command.output().unwrap()))
}

#[test]
fn a_long_run_is_told_on_a_terminal_and_leaves_no_line_behind() {
    let Some(run) = on_a_terminal(&[]) else { return };
    assert_eq!(run.status, 0, "{}", run.stderr);
    let told = "\rreading services.yaml …";
    assert!(run.stdout.starts_with(told), "{:.200}", run.stdout);
    let wiped = format!("\r{}\r", " ".repeat(told.chars().count() - 1));
    assert!(run.stdout.contains(&wiped), "{:.200}", run.stdout);
}

#[test]
fn nothing_is_told_in_ci_on_a_simple_terminal_and_in_a_pipe() {
    for environment in [("CI", "true"), ("TERM", "dumb")] {
        let Some(run) = on_a_terminal(&[environment]) else { return };
        assert!(run.status == 0 && !run.stdout.contains("reading"), "{environment:?}: {:.200}", run.stdout);
    }
    let root = Root::new(&services_yaml(SERVICES));
    let run = root.run(&["list"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
}
