//! What images install from the repository.

use std::sync::Arc;

use camino::Utf8Path;

use super::id::SetId;
use super::origin::Sourced;
use crate::values::RelPath;
use crate::values::requirement::Requirement;

/// A requirement file or a wheel that an image installs.
#[derive(Debug, Clone)]
pub(crate) struct InstalledFile {
    /// Its path below the root.
    pub(crate) path: Sourced<RelPath>,
    /// The requirement set that it is; nothing for a file of `install`.
    pub(crate) set: Option<SetId>,
    /// It and all files that it leads to by `-r` and `-c`, once they were read.
    pub(crate) reached: Vec<String>,
    /// What it says, once it was read: a position among the fleet's files.
    pub(crate) file: Option<usize>,
}

impl InstalledFile {
    /// A file that was not read yet.
    #[must_use]
    pub(crate) fn new(path: Sourced<RelPath>, set: Option<SetId>) -> Self {
        Self {
            reached: vec![path.value.to_string()],
            path,
            set,
            file: None,
        }
    }

    /// Whether it is a wheel, and no requirement file.
    #[must_use]
    pub(crate) fn is_wheel(&self) -> bool {
        is_wheel(self.path.value.as_str())
    }
}

/// A requirement file that was read, with all that it leads to.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadFile {
    /// Its path below the root.
    pub(crate) path: String,
    /// What it and the files that it leads to by `-r` ask for.
    pub(crate) requirements: Arc<[Sourced<Requirement>]>,
    /// Which versions the files hold that it leads to by `-c`.
    pub(crate) constraints: Arc<[Sourced<Requirement>]>,
    /// A digest of the lines of all these files, in hexadecimal.
    pub(crate) digest: String,
}

/// Whether a file is a wheel, and no requirement file.
#[must_use]
pub(crate) fn is_wheel(path: &str) -> bool {
    Utf8Path::new(path).extension() == Some("whl")
}
