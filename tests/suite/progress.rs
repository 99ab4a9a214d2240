//! Whole runs that last: told on a terminal, and nowhere else.

use crate::support::{PROGRAM, Root, Run, has};
use crate::synthetic::services_yaml;

/// Numbers of services that take longer and longer to read: how long the half second lasts, after
/// which a step is told, depends on the machine.
const SERVICES: [usize; 4] = if cfg!(debug_assertions) {
    [3_000, 9_000, 27_000, 50_000]
} else {
    [30_000, 50_000, 50_000, 50_000]
};

/// `list` of a fleet of so many services on a terminal of its own, with these variables.
fn on_a_terminal(services: usize, environment: &[(&str, &str)]) -> Option<Run> {
    let root = Root::new(&services_yaml(services));
    let mut command = root.command("script", &["-qec", &format!("{PROGRAM} list"), "/dev/null"]);
    command
        .env_remove("CI")
        .env("TERM", "xterm")
        .envs(environment.iter().copied());
    has(&["script"]).then(|| Run::of(&command.output().unwrap()))
}

/// Whether a run told how far it was, on a line that it wiped.
fn told_and_wiped(run: &Run) -> bool {
    let told = "\rreading services.yaml …";
    assert_eq!(run.status, 0, "{}", run.stderr);
    if !run.stdout.starts_with(told) {
        assert!(!run.stdout.contains('\u{2026}'), "{:.200}", run.stdout);
        return false;
    }
    let wiped = format!("\r{}\r", " ".repeat(told.chars().count() - 1));
    assert!(run.stdout.contains(&wiped), "{:.200}", run.stdout);
    true
}

#[test]
fn a_long_run_is_told_on_a_terminal_and_leaves_no_line_behind() {
    for services in SERVICES {
        let Some(run) = on_a_terminal(services, &[]) else {
            return;
        };
        if told_and_wiped(&run) {
            return;
        }
    }
    panic!("a fleet of {SERVICES:?} services was read without a word");
}

#[test]
fn nothing_is_told_in_ci_on_a_simple_terminal_and_in_a_pipe() {
    for environment in [("CI", "true"), ("TERM", "dumb")] {
        let Some(run) = on_a_terminal(SERVICES[0], &[environment]) else {
            return;
        };
        assert!(
            run.status == 0 && !run.stdout.contains("reading"),
            "{environment:?}: {:.200}",
            run.stdout
        );
    }
    let root = Root::new(&services_yaml(SERVICES[0]));
    let run = root.run(&["list"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
}
