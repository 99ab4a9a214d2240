//! The only place that prints. A reader that closes the pipe early is a quiet success, colours follow the terminal and `NO_COLOR`.

use std::io::{self, Write};

use crate::exit::ExitStatus;
use crate::report::inert::inert_lines;

/// Prints a text for people and gives the status back.
pub(super) fn print(text: &str, status: ExitStatus) -> ExitStatus {
    finish(anstream::stdout().lock().write_all(text.as_bytes()), status)
}

/// Prints bytes as they are and gives the status back.
pub(super) fn print_bytes(bytes: &[u8], status: ExitStatus) -> ExitStatus {
    let mut output = io::stdout().lock();
    finish(output.write_all(bytes).and_then(|()| output.flush()), status)
}

fn finish(result: io::Result<()>, status: ExitStatus) -> ExitStatus {
    match result {
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

/// Shows a line of what another program says.
pub(super) fn progress(line: &[u8]) {
    let _ = anstream::stderr().lock().write_all(inert_lines(line).as_bytes());
}
