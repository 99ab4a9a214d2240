//! Why a fleet could not be rendered.

use thiserror::Error;

use crate::artifact::{ArtifactPath, InvalidPath};

/// What is wrong with a template, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateFault {
    /// The template, as people know it.
    pub(crate) name: String,
    /// The line in it, from 1; 0 where it is not known.
    pub(crate) line: usize,
    /// The bytes in its source that are at fault, where known.
    pub(crate) range: Option<(usize, usize)>,
    /// Its source.
    pub(crate) text: String,
    /// What went wrong.
    pub(crate) reason: String,
    /// The file that was being rendered.
    pub(crate) rendering: String,
}

/// A fleet that could not be rendered: nothing is compared or written then.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum RenderError {
    /// A template is broken, or asks for something that does not exist.
    #[error("{}:{}: {} (while rendering {})", .0.name, .0.line, .0.reason, .0.rendering)]
    Template(Box<TemplateFault>),
    /// A template produced too much.
    #[error("{template} renders {path} to more than 1 MiB")]
    TooLarge {
        /// The template.
        template: String,
        /// The file that was being rendered.
        path: String,
    },
    /// A template put a carriage return into a file: generated files have LF alone.
    #[error("{template} puts a carriage return into {path}; lines end in LF alone")]
    CarriageReturn {
        /// The template.
        template: String,
        /// The file that was being rendered.
        path: String,
    },
    /// A Dockerfile without FROM builds nothing.
    #[error("{template} renders {path} without a FROM")]
    NoStage {
        /// The template.
        template: String,
        /// The file that was being rendered.
        path: String,
    },
    /// `BuildKit` refuses what a template produced.
    #[error("{template}: the rendered file {reason} (while rendering {path}, line {line})")]
    Refused {
        /// The template.
        template: String,
        /// The file that was being rendered.
        path: ArtifactPath,
        /// The line of the file below its header, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The system gives no thread to compile templates on.
    #[error("cannot compile templates: {reason}")]
    NoThread {
        /// The system's reason.
        reason: String,
    },
    /// A path that no file may have.
    #[error(transparent)]
    Path(InvalidPath),
    /// Two files with one path.
    #[error("two files would be generated at {path}; change `layout`")]
    Collision {
        /// The path.
        path: ArtifactPath,
    },
}
