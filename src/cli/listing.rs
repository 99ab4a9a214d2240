//! What stands in the folders of generated files, listed while the declaration is resolved: the
//! walk keeps one core busy, resolving another.

use std::sync::Mutex;
use std::thread::{self, JoinHandle};

use camino::{Utf8Path, Utf8PathBuf};

use crate::fleet::layout::Layout;
use crate::workspace::{Error, Workspace};

/// How deep generated folders are searched for files that nothing declares.
pub(super) const SCAN_DEPTH: usize = 16;

/// Folders of generated files, and the paths of everything in each, sorted.
pub(super) type Listed = Vec<(String, Vec<Utf8PathBuf>)>;

/// A walk that has begun.
pub(super) struct Listing(Mutex<Option<JoinHandle<Result<Listed, Error>>>>);

impl Listing {
    /// Begins the walk on a thread of its own.
    pub(super) fn begin(workspace: &Workspace, layout: &Layout) -> Self {
        let (workspace, layout) = (workspace.clone(), layout.clone());
        Self(Mutex::new(Some(thread::spawn(move || {
            list(&workspace, &layout)
        }))))
    }

    /// What it found; nothing where that was taken before.
    pub(super) fn take(&self) -> Option<Result<Listed, Error>> {
        let walk = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .take()?;
        Some(
            walk.join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
        )
    }
}

/// Walks over the folders of generated files.
pub(super) fn list(workspace: &Workspace, layout: &Layout) -> Result<Listed, Error> {
    let walked = |folder: &str| {
        Ok((
            folder.to_owned(),
            workspace.scan(Utf8Path::new(folder), SCAN_DEPTH)?,
        ))
    };
    layout.output_folders().into_iter().map(walked).collect()
}
