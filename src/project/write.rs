//! Writing several files so that all are there at the end, or none.

use camino::Utf8Path;

use super::error::Error;
use super::loaded::Loaded;
use crate::artifact::ArtifactPath;
use crate::drift::{Action, DiskEntry, Step};
use crate::workspace::{Durability, Workspace};

/// Files that were written, with what stood there before, so that it can be put back.
#[derive(Debug, Default)]
pub(crate) struct Written(Vec<(ArtifactPath, DiskEntry, Vec<u8>)>);

impl Written {
    /// Writes a file over what is expected there.
    ///
    /// # Errors
    /// Something else stands there, or it cannot be written.
    pub(crate) fn write(
        &mut self,
        workspace: &Workspace,
        path: &str,
        bytes: &[u8],
        expected: DiskEntry,
    ) -> Result<(), Error> {
        let path = ArtifactPath::parse(path).map_err(|invalid| Error::Path(invalid.to_string()))?;
        let result = workspace.write(&path, bytes, &expected);
        if result.is_ok() || stands(workspace, &path, bytes) {
            self.0.push((path, expected, bytes.to_vec()));
        }
        Ok(result?)
    }

    /// Takes note of a step of a plan that was carried out.
    pub(crate) fn note(&mut self, step: &Step<'_>) {
        if let (Action::Create | Action::Update, Some(expected)) =
            (step.action, &step.drift.expected)
        {
            self.0.push((
                step.drift.path.clone(),
                step.drift.on_disk().clone(),
                expected.clone().into_bytes(),
            ));
        }
    }

    /// Puts everything back, the last first; what cannot be put back is told.
    #[must_use]
    pub(crate) fn undo(self, workspace: &Workspace) -> Vec<String> {
        let undone = self.0.into_iter().rev().map(|(path, before, written)| {
            let now = DiskEntry::File {
                bytes: written,
                executable: false,
            };
            match before {
                DiskEntry::File { bytes, .. } => workspace.write(&path, &bytes, &now),
                _ => workspace.remove(&path, &now, Utf8Path::new(""), Durability::Synced),
            }
        });
        undone
            .filter_map(Result::err)
            .map(|error| error.to_string())
            .collect()
    }
}

/// Whether a write that failed has replaced the file all the same: the sync of the folder comes
/// after the rename.
fn stands(workspace: &Workspace, path: &ArtifactPath, bytes: &[u8]) -> bool {
    let found = workspace
        .read_declared(std::slice::from_ref(path))
        .unwrap_or_default();
    found
        .iter()
        .any(|(_, entry)| matches!(entry, DiskEntry::File { bytes: now, .. } if now == bytes))
}

/// What stands at the path of a file that was read, where it still is what was read; nothing where
/// it is to be made.
///
/// # Errors
/// Something else stands there, or it cannot be read.
pub(crate) fn unchanged(
    workspace: &Workspace,
    file: &str,
    before: Option<&[u8]>,
) -> Result<DiskEntry, Error> {
    let path = ArtifactPath::parse(file).map_err(|invalid| Error::Path(invalid.to_string()))?;
    let found = workspace.read_declared(std::slice::from_ref(&path))?;
    let entry = found
        .into_iter()
        .next()
        .map_or(DiskEntry::Absent, |(_, entry)| entry);
    match &entry {
        DiskEntry::File { bytes, .. } if before == Some(bytes) => Ok(entry),
        DiskEntry::Absent if before.is_none() => Ok(entry),
        DiskEntry::TooLarge { .. } => Err(Error::Path(format!(
            "{file} is too large to be edited safely"
        ))),
        _ => Err(Error::ChangedMeanwhile(file.to_owned())),
    }
}

/// Writes the declaration as it was loaded, over the bytes that it was made from.
///
/// # Errors
/// It is no longer these bytes, or cannot be written.
pub(crate) fn write_declaration(
    workspace: &Workspace,
    loaded: &Loaded,
    before: &[u8],
) -> Result<(), Error> {
    let entry = unchanged(workspace, &loaded.file, Some(before))?;
    // What a killed run left beside it; a later run tries again.
    let _ = workspace.reap_stale_temps(Utf8Path::new(""), 0);
    Written::default().write(workspace, &loaded.file, loaded.text().as_bytes(), entry)
}
