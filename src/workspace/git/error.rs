//! Why it cannot be told what changed.

use std::io;
use std::path::Path;

use crate::workspace::program;

/// Why it cannot be told what changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No folder at or above this one has a `.git`.
    #[error("{folder} is not in a git repository: no folder at or above it has a .git")]
    NoRepository {
        /// The folder.
        folder: String,
    },
    /// git does not know the revision.
    #[error("`{revision}` names no commit here; fetch it first (a shallow clone may lack it)")]
    UnknownRevision {
        /// The revision as given.
        revision: String,
    },
    /// The system refused or failed.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// On what.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A file of git's own is not as git writes it, or too long.
    #[error("cannot use {path} of this git repository: {reason}")]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder that git runs in cannot be made.
    #[error("cannot prepare a temporary folder for git: {0}")]
    Scratch(io::Error),
    /// git is missing, or failed.
    #[error(transparent)]
    Program(#[from] program::Error),
}

impl Error {
    pub(super) fn unreadable(path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Unreadable {
            path: path.display().to_string(),
            source: source.into(),
        }
    }

    pub(super) fn invalid(path: &Path, reason: impl Into<String>) -> Self {
        Self::Invalid {
            path: path.display().to_string(),
            reason: reason.into(),
        }
    }
}
