//! What a command answers, and the one place where that is printed and becomes an exit status.

use super::failure::Failure;
use super::output;
use crate::exit::ExitStatus;
use crate::report::{Page, Printable, add, page};

/// What a command answers, or why it could not do its job.
pub(super) type Answered = Result<Answer, Failure>;

/// What is printed at the end of a run, and how that ends.
#[derive(Debug)]
pub(super) struct Answer {
    /// What is said on standard error first.
    notes: Page,
    output: Output,
    /// Whether it says no more than that all is well, where it is.
    is_news: bool,
    status: ExitStatus,
}

#[derive(Debug)]
enum Output {
    Nothing,
    Page(Page),
    /// For programs, which need every byte: a patch, a completion script, the manual page.
    Verbatim(Vec<u8>),
}

impl Answer {
    /// A page on standard output.
    pub(super) fn page(page: Page, status: ExitStatus) -> Self {
        Self {
            notes: Page::default(),
            output: Output::Page(page),
            is_news: false,
            status,
        }
    }

    /// The same for a run that nobody has to hear of where nothing is wrong.
    pub(super) fn news(self) -> Self {
        Self {
            is_news: true,
            ..self
        }
    }

    /// A page on standard output, of a run in which nothing is wrong.
    pub(super) fn clean(page: Page) -> Self {
        Self::page(page, ExitStatus::Clean)
    }

    /// The same with what stands in files, which a job's log must not take for commands.
    pub(super) fn quoting(page: Page, status: ExitStatus) -> Self {
        Self::page(output::quoting(page), status)
    }

    /// Bytes for programs.
    pub(super) fn verbatim(bytes: Vec<u8>, status: ExitStatus) -> Self {
        Self {
            notes: Page::default(),
            output: Output::Verbatim(bytes),
            is_news: false,
            status,
        }
    }

    /// What stands against a fleet, on standard error: the command did nothing.
    pub(super) fn refused(page: Page) -> Self {
        Self {
            notes: output::quoting(page),
            output: Output::Nothing,
            is_news: false,
            status: ExitStatus::Findings,
        }
    }

    /// The same with something said on standard error before.
    pub(super) fn with_note(mut self, note: &Page) -> Self {
        self.notes.push(note);
        self
    }

    /// The same with one page more.
    pub(super) fn and(mut self, page: &Page) -> Self {
        if let Output::Page(printed) = &mut self.output {
            printed.push(page);
        }
        self
    }

    /// Prints it; quietly, only where something is wrong or was asked for.
    fn print(self, quietly: bool) -> ExitStatus {
        let is_clean = matches!(self.status, ExitStatus::Clean);
        if quietly && is_clean && self.is_news {
            return self.status;
        }
        output::note(&self.notes);
        match self.output {
            Output::Nothing => self.status,
            Output::Page(page) => output::print(&page, self.status),
            Output::Verbatim(bytes) => output::print_verbatim(&bytes, self.status),
        }
    }
}

/// A reason why the job could not be done.
pub(super) fn failed(reason: &(impl Printable + ?Sized)) -> Failure {
    let mut page = page!("error: ");
    page.push(reason);
    add!(page, "\n");
    Failure::Told(page)
}

/// Prints what a command answers.
pub(super) fn settle(answered: Answered, quietly: bool) -> ExitStatus {
    answered.map_or_else(|failure| failure.report(), |answer| answer.print(quietly))
}
