//! The files of a folder as a build finds them.

use camino::{Utf8Path, Utf8PathBuf};

use super::error::Error;
use crate::dockerfile::meaning::Tree;
use crate::workspace::{FILE_CAP_BYTES, ListCaps, Workspace};

/// Bounds on the files that a build context may hold.
const CAPS: ListCaps = ListCaps {
    depth: 64,
    entries: 500_000,
};

/// The files below a folder. Links are not followed; what lies behind one is not there.
pub(crate) struct DiskTree {
    workspace: Workspace,
    paths: Vec<String>,
}

impl DiskTree {
    /// Lists a folder.
    ///
    /// # Errors
    /// It cannot be listed, or holds too much.
    pub(crate) fn open(folder: &Utf8Path) -> Result<Self, Error> {
        let workspace = Workspace::open(folder)?;
        let listed = workspace.list_folder(Utf8Path::new(""), CAPS)?;
        let paths = listed
            .unwrap_or_default()
            .into_iter()
            .map(Utf8PathBuf::into_string);
        Ok(Self {
            paths: paths.collect(),
            workspace,
        })
    }

    /// The text of a file that a person named.
    ///
    /// # Errors
    /// It is not there, cannot be read, or is not UTF-8.
    pub(crate) fn named(&self, path: &str) -> Result<String, Error> {
        let bytes = self
            .workspace
            .read_text(Utf8Path::new(path), FILE_CAP_BYTES)?;
        let bytes = bytes.ok_or_else(|| Error::Path(format!("{path} not found")))?;
        String::from_utf8(bytes).map_err(|_| Error::NotUtf8(path.to_owned()))
    }
}

impl Tree for DiskTree {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn text(&self, path: &str) -> Option<String> {
        let bytes = self
            .workspace
            .read_text(Utf8Path::new(path), FILE_CAP_BYTES)
            .ok()??;
        String::from_utf8(bytes).ok()
    }
}
