//! Why a command could not do its job.

use camino::Utf8PathBuf;

use super::load::VERSION;
use super::output;
use crate::exit::ExitStatus;
use crate::published::{NAME, PUBLISHED};
use crate::render::RenderError;
use crate::report::{Lines, page, render_error_text};
use crate::values::RequiredVersion;
use crate::workspace;

/// Why a command could not do its job.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    #[error("there is no {0}; `--file` names another, `dockwright init` starts one")]
    NoDeclaration(Utf8PathBuf),
    #[error(
        "{file} is for dockwright {required}, and this is {version}; {help}",
        version = VERSION,
        help = install_help(.required)
    )]
    OtherVersion {
        /// The declaration's file name.
        file: String,
        /// The versions that it is for.
        required: RequiredVersion,
    },
    #[error(transparent)]
    Workspace(#[from] workspace::Error),
    #[error("the templates in {0} have more than 8 MiB in all")]
    TemplatesTooLarge(Utf8PathBuf),
    #[error("there is no folder {0}, which services.yaml names as `templates`")]
    NoTemplates(Utf8PathBuf),
    #[error("{0} was changed by somebody else in the meantime; nothing was written")]
    ChangedMeanwhile(String),
    #[error("{0}")]
    Path(String),
    #[error("{0} is not UTF-8")]
    NotUtf8(String),
    #[error(transparent)]
    Render(#[from] RenderError),
    #[error(transparent)]
    Program(#[from] workspace::program::Error),
    #[error(transparent)]
    Git(#[from] workspace::git::Error),
    #[error("cannot use a temporary folder: {0}")]
    Scratch(std::io::Error),
    #[error("cannot read standard input: {0}")]
    StandardInput(std::io::Error),
    #[error(transparent)]
    ChangedList(#[from] crate::images::changed::UnreadableEntry),
    #[error(transparent)]
    UnknownImage(#[from] crate::images::UnknownImage),
    #[error(transparent)]
    Uncommitted(#[from] crate::images::state::Uncommitted),
    #[error(transparent)]
    Order(#[from] crate::images::builder::OrderError),
}

/// How to get a version that fits.
fn install_help(required: &RequiredVersion) -> String {
    if PUBLISHED {
        format!("to install one that fits: uv tool install '{NAME}{required}'")
    } else {
        "install a release in that range, or change `required_version` there; docs/releasing.md \
         says where releases are"
            .to_owned()
    }
}

impl Failure {
    /// Prints the reason.
    pub(super) fn report(&self) -> ExitStatus {
        match self {
            Self::Render(error) => output::fail_styled(&render_error_text(error)),
            // What another program said can have several lines; a name has one.
            Self::Program(error) => output::fail(&page!("{}", Lines(error.to_string().as_bytes()))),
            other => output::fail(other),
        }
    }
}
