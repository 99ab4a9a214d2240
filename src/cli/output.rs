//! The only place that prints, and it prints [`Page`]s alone. A reader that closes the pipe early
//! is a quiet success, colours follow the terminal and `NO_COLOR`.

#![expect(
    clippy::disallowed_methods,
    reason = "the one file that has the two outputs"
)]

use std::hash::{BuildHasher, RandomState};
use std::io::{self, IsTerminal, Write};
use std::os::fd::AsFd;

use rustix::termios::tcgetwinsize;

use crate::exit::ExitStatus;
use crate::report::{Page, Printable, add, page};

/// The fewest columns that text is wrapped to.
const NARROWEST: usize = 20;

/// Prints a page and gives the status back.
pub(super) fn print(page: &Page, status: ExitStatus) -> ExitStatus {
    let page = page.wrapped(columns(&io::stdout()));
    finish(
        anstream::stdout()
            .lock()
            .write_all(page.as_str().as_bytes()),
        status,
    )
}

/// How many columns prose may have: as many as `COLUMNS` says, else as many as the terminal has;
/// any number where the output is no terminal.
fn columns(output: &(impl IsTerminal + AsFd)) -> Option<usize> {
    let said = std::env::var("COLUMNS").ok();
    let said = said.and_then(|columns| columns.parse().ok());
    let found = || {
        let size = output.is_terminal().then(|| tcgetwinsize(output))?.ok()?;
        Some(usize::from(size.ws_col))
    };
    said.or_else(found).filter(|columns| *columns >= NARROWEST)
}

/// A page that shows what stands in files. In a job of GitHub Actions the runner is told to take no
/// commands from it; each run has a token of its own, which no file can know.
pub(super) fn quoting(page: Page) -> Page {
    if !is_github_job() {
        return page;
    }
    // `RandomState` is seeded by the operating system.
    let seed = RandomState::new();
    page.quoted(&format!(
        "{:016x}{:016x}",
        seed.hash_one(0_u8),
        seed.hash_one(1_u8)
    ))
}

/// Says which log the page ends up in, and nothing about the files.
fn is_github_job() -> bool {
    std::env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

/// The one way past [`Page`]: prints bytes as they are and gives the status back. A patch, a
/// completion script and the manual page are for programs, which need every byte.
pub(super) fn print_verbatim(bytes: &[u8], status: ExitStatus) -> ExitStatus {
    finish(io::stdout().lock().write_all(bytes), status)
}

/// The status of a run whose answer was written, to the last byte; a reader that went away wants no
/// more of it.
pub(super) fn finish(written: io::Result<()>, status: ExitStatus) -> ExitStatus {
    match written.and_then(|()| io::stdout().flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            fail(&page!("cannot write to standard output: {}", error))
        }
        _ => status,
    }
}

/// Puts a question to the terminal.
pub(super) fn ask(question: &Page) {
    // Who does not see the question is not kept from answering it.
    note(&page!("{}: ", question));
}

/// Says why the job could not be done.
pub(super) fn fail(message: &(impl Printable + ?Sized)) -> ExitStatus {
    let mut page = page!("error: ");
    page.push(message);
    add!(page, "\n");
    fail_styled(&page)
}

/// The same with a page of its own.
pub(super) fn fail_styled(page: &Page) -> ExitStatus {
    let page = page.clone();
    note(&page.prose_where(|line| line.starts_with("error: ")));
    ExitStatus::Failure
}

/// Says something beside an output that is for programs, or while it is made.
pub(super) fn note(page: &Page) {
    // Where even standard error is gone, the exit status has to do.
    let page = page.wrapped(columns(&io::stderr()));
    let _ = anstream::stderr()
        .lock()
        .write_all(page.as_str().as_bytes());
}

/// Whether standard error is a terminal.
pub(super) fn is_watched() -> bool {
    io::stderr().is_terminal()
}

/// A line on a terminal that is written again and again.
pub(super) struct StatusLine<W> {
    terminal: W,
    width: usize,
}

/// The status line of standard error.
pub(super) fn status_line() -> StatusLine<io::Stderr> {
    StatusLine::on(io::stderr())
}

impl<W: Write> StatusLine<W> {
    pub(super) fn on(terminal: W) -> Self {
        Self { terminal, width: 0 }
    }

    /// Shows a page in place of what the line showed before.
    pub(super) fn show(&mut self, line: Page) {
        self.width = self.width.max(line.width());
        self.write("", &line.padded(self.width));
    }

    /// Leaves an empty line, where something was shown.
    pub(super) fn clear(mut self) {
        if self.width > 0 {
            self.write("\r", &Page::default().padded(self.width));
        }
    }

    fn write(&mut self, end: &str, line: &Page) {
        // What cannot be shown is no reason to stop.
        let _ = write!(self.terminal, "\r{}{end}", line.as_str());
        let _ = self.terminal.flush();
    }
}
