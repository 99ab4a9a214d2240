//! The files of a folder as a build finds them.

use camino::{Utf8Path, Utf8PathBuf};

use super::failure::Failure;
use crate::dockerfile::meaning::Tree;
use crate::workspace::{FILE_CAP_BYTES, ListCaps, Workspace};

/// Bounds on the files that a build context may hold.
const CAPS: ListCaps = ListCaps {
    depth: 64,
    entries: 500_000,
};

/// The files below a folder. Links are not followed; what lies behind one is not there.
pub(super) struct DiskTree {
    workspace: Workspace,
    paths: Vec<String>,
}

impl DiskTree {
    /// Lists a folder.
    pub(super) fn open(folder: &Utf8Path) -> Result<Self, Failure> {
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
    pub(super) fn named(&self, path: &str) -> Result<String, Failure> {
        let bytes = self
            .workspace
            .read_text(Utf8Path::new(path), FILE_CAP_BYTES)?;
        let bytes = bytes.ok_or_else(|| Failure::Path(format!("there is no {path}")))?;
        String::from_utf8(bytes).map_err(|_| Failure::NotUtf8(path.to_owned()))
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
