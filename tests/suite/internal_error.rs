//! A panic is reported as an internal error: with its place, with nothing raw, and with exit status
//! 2.
//!
//! No panic of the program is known, so two ways make one: threads that the operating system
//! refuses the real program, and this test program, run again as a child that installs the hook and
//! panics.

use std::process::{Command, Output};
use std::thread;

use crate::fuzz::runners::{lines, readers_of};
use crate::support::{Root, Run};

/// Tells the child, which is this test program, how to panic.
const HOW: &str = "DOCKWRIGHT_TEST_PANIC";

/// A message that a runner and a terminal would obey.
const HOSTILE: &str = "x\nFORGED\n::error::x\r##[error]x\u{1b}[2K\u{202e}\u{9b}";

/// Panics as the parent test asked; only the child gets past the first line.
#[test]
fn child_that_panics() {
    let Ok(how) = std::env::var(HOW) else { return };
    dockwright::cli::install_panic_hook();
    match how.as_str() {
        "main" => panic!("{HOSTILE}"),
        "worker" => {
            let worker = thread::spawn(|| panic!("{HOSTILE}"));
            // Reached only where the hook lets a thread end alone.
            assert!(worker.join().is_ok(), "the process outlived the panic");
        }
        "many" => thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| panic!("{HOSTILE}"));
            }
        }),
        "payload" => std::panic::panic_any(7),
        other => unreachable!("{other}"),
    }
}

/// Runs the child, which takes the last word for a filter of tests and the hook takes for the
/// command.
fn panicking(how: &str, command: &str) -> Output {
    let program = std::env::current_exe().unwrap();
    let words = [
        "--exact",
        "internal_error::child_that_panics",
        "--nocapture",
        command,
    ];
    Command::new(program)
        .args(words)
        .env(HOW, how)
        .env("CLICOLOR_FORCE", "1")
        .output()
        .unwrap()
}

fn assert_reported(run: &Run, message: &str, place: &str) {
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stderr
            .contains(&format!("error: internal error at {place}")),
        "{}",
        run.told()
    );
    assert!(run.stderr.contains(message), "{}", run.told());
    assert_eq!(
        run.stderr.matches("internal error").count(),
        1,
        "{}",
        run.told()
    );
    assert!(!run.stderr.contains("panicked at"), "{}", run.told());
    assert_eq!(run.stderr.lines().count(), 2, "{}", run.told());
    for line in lines(&run.stderr) {
        assert!(
            !line.contains(|letter: char| letter.is_control() || letter == '\u{202e}'),
            "{line:?}"
        );
        assert_eq!(readers_of(line), Vec::<&str>::new(), "{line:?}");
    }
}

#[test]
fn a_panic_on_any_thread_is_an_internal_error_with_exit_status_2() {
    for how in ["main", "worker", "many"] {
        let run = Run::of(&panicking(how, "check"));
        assert_reported(&run, r"x\x0aFORGED\x0a", "tests/suite/internal_error.rs:");
        assert!(
            run.stderr.ends_with("and the command: dockwright check\n"),
            "{}",
            run.told()
        );
    }
    let run = Run::of(&panicking("payload", "nonsense"));
    assert_reported(
        &run,
        "a panic without a message",
        "tests/suite/internal_error.rs:",
    );
    assert!(
        run.stderr.ends_with("with the lines above.\n"),
        "{}",
        run.told()
    );
}

/// No machine has room for a thread whose stack has 64 TiB.
#[test]
#[cfg(target_os = "linux")]
fn the_program_installs_the_hook() {
    let declaration = "registry: registry.example\nowner: acme\npython: \"3.12\"\ntemplates: own\n\
        services: { svc-a: { template: mine, port: 8000 } }\n";
    let root = Root::new(declaration);
    root.write("own/service/mine.Dockerfile.j2", "FROM {{ from }}\n");
    let run = root.run_in(
        &[("RUST_MIN_STACK", "70368744177664")],
        &["check", "--format", "json"],
    );
    assert_reported(&run, "failed to spawn thread", "");
    assert!(
        run.stderr.ends_with("and the command: dockwright check\n"),
        "{}",
        run.told()
    );
    assert_eq!(run.stdout, "");
}
