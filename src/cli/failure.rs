//! Why a command could not do its job.

use super::output;
use crate::edit::BumpError;
use crate::exit::ExitStatus;
use crate::images::UnknownImage;
use crate::images::builder::OrderError;
use crate::images::changed::UnreadableEntry;
use crate::images::state::Uncommitted;
use crate::project;
use crate::render::RenderError;
use crate::report::{Lines, Page, page, render_error_text};
use crate::workspace;

/// Why a command could not do its job.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error(transparent)]
    Project(#[from] project::Error),
    #[error(transparent)]
    Ambiguous(#[from] project::Ambiguous),
    #[error(transparent)]
    Measure(#[from] project::MeasureError),
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    #[error("{}", .0.as_str())]
    Told(Page),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Program(#[from] workspace::program::Error),
    #[error(transparent)]
    Git(#[from] workspace::git::Error),
    #[error("cannot read standard input: {0}")]
    StandardInput(std::io::Error),
    #[error(transparent)]
    ChangedList(#[from] UnreadableEntry),
    #[error(transparent)]
    UnknownImage(#[from] UnknownImage),
    #[error(transparent)]
    Uncommitted(#[from] Uncommitted),
    #[error(transparent)]
    Order(#[from] OrderError),
    #[error(transparent)]
    Bump(#[from] BumpError),
}

impl Failure {
    /// Prints the reason.
    pub(super) fn report(&self) -> ExitStatus {
        match self {
            Self::Told(page) => output::fail_styled(page),
            Self::Render(error)
            | Self::Project(project::Error::Render(error))
            | Self::Bump(
                BumpError::Render(error) | BumpError::Project(project::Error::Render(error)),
            ) => output::fail_styled(&render_error_text(error)),
            // What another program said can have several lines; a name has one.
            Self::Program(error) | Self::Measure(project::MeasureError::Program(error)) => {
                output::fail(&page!("{}", Lines(error.to_string().as_bytes())))
            }
            other => output::fail(other),
        }
    }
}
