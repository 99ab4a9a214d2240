//! The only place that prints. A reader that closes the pipe early is a quiet success, colours follow the terminal and `NO_COLOR`.

use std::hash::{BuildHasher, RandomState};
use std::io::{self, Write};

use crate::exit::ExitStatus;
use crate::report::inert::{inert_lines, stop_commands};

/// Prints a text for people and gives the status back.
pub(super) fn print(text: &str, status: ExitStatus) -> ExitStatus {
    finish(anstream::stdout().lock().write_all(text.as_bytes()), status)
}

/// A page that shows what stands in files. In a job of GitHub Actions the runner is told to take no commands from it; each run has a
/// token of its own, which no file can know.
pub(super) fn quoting(page: String) -> String {
    if !is_github_job() {
        return page;
    }
    // `RandomState` is seeded by the operating system.
    let seed = RandomState::new();
    let (stop, resume) = stop_commands(&format!("{:016x}{:016x}", seed.hash_one(0_u8), seed.hash_one(1_u8)));
    let end = if page.ends_with('\n') { "" } else { "\n" };
    format!("{stop}\n{page}{end}{resume}\n")
}

#[expect(clippy::disallowed_methods, reason = "says which log the page ends up in, and nothing about the files")]
fn is_github_job() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// Prints bytes as they are and gives the status back.
pub(super) fn print_bytes(bytes: &[u8], status: ExitStatus) -> ExitStatus {
    finish(io::stdout().lock().write_all(bytes), status)
}

/// The status of a run whose answer was written, to the last byte; a reader that went away wants no more of it.
pub(super) fn finish(written: io::Result<()>, status: ExitStatus) -> ExitStatus {
    match written.and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            fail(&format!("cannot write to standard output: {error}"))
        }
        _ => status,
    }
}

/// Puts a question to the terminal.
pub(super) fn ask(question: &str) {
    let question = format!("{}: ", inert_lines(question.as_bytes()));
    // Who does not see the question is not kept from answering it.
    let _ = anstream::stderr().lock().write_all(question.as_bytes());
}

/// Says why the job could not be done.
pub(super) fn fail(message: &str) -> ExitStatus {
    fail_styled(&format!("error: {}\n", inert_lines(message.as_bytes())))
}

/// The same with a text that is made for the terminal already.
pub(super) fn fail_styled(text: &str) -> ExitStatus {
    // Where even standard error is gone, the exit status has to do.
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
    ExitStatus::Failure
}

/// Says something beside an output that is for programs.
pub(super) fn note(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// Shows a line of what another program says.
pub(super) fn progress(line: &[u8]) {
    let _ = anstream::stderr().lock().write_all(inert_lines(line).as_bytes());
}
