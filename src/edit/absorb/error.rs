//! Why nothing was absorbed.

use crate::project;

/// Why an edit was not absorbed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AbsorbError {
    /// It is not a generated file that was edited by hand.
    #[error("{path}: {reason}")]
    NotEdited {
        /// The file.
        path: String,
        /// What it is instead.
        reason: String,
    },
    /// No edit of the declaration gives the file back.
    #[error("{path}: {reason}")]
    NotDeclarable {
        /// The file.
        path: String,
        /// What stays different.
        reason: String,
    },
    /// Two files of the declaration would change.
    #[error(
        "{path} needs an edit of {file}, and another file of the declaration changes already; \
         absorb one file at a time"
    )]
    TwoFiles {
        /// The generated file.
        path: String,
        /// The file of the declaration.
        file: String,
    },
    /// A file cannot be read or rendered.
    #[error(transparent)]
    Project(#[from] project::Error),
}
