//! The folder that relative paths count from.

use camino::{Utf8Path, Utf8PathBuf};

use super::Error;

/// Makes a folder the one that relative paths count from, for the rest of the run.
///
/// # Errors
/// There is no such folder, or it cannot be entered.
pub(crate) fn enter(folder: &Utf8Path) -> Result<(), Error> {
    std::env::set_current_dir(folder).map_err(|source| Error::Io {
        action: "enter the folder",
        path: Utf8PathBuf::from(folder),
        source,
    })
}
