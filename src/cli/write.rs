//! Writing services.yaml itself: wholly or not at all, and only over what was read.

use camino::Utf8Path;

use super::load::{Failure, Loaded};
use crate::artifact::ArtifactPath;
use crate::drift::DiskEntry;

/// Writes the declaration as it was loaded, over the bytes that it was made from.
pub(super) fn declaration(loaded: &Loaded, before: &[u8]) -> Result<(), Failure> {
    let path = ArtifactPath::parse(&loaded.name).map_err(|invalid| Failure::Path(invalid.to_string()))?;
    let found = loaded.workspace.read_declared(std::slice::from_ref(&path))?;
    let entry = found.into_iter().next().map_or(DiskEntry::Absent, |(_, entry)| entry);
    let is_as_read = matches!(&entry, DiskEntry::File { bytes, .. } if bytes == before);
    if !is_as_read {
        return Err(Failure::ChangedMeanwhile(loaded.name.clone()));
    }
    loaded.workspace.write(&path, loaded.text().as_bytes(), &entry)?;
    // What a killed run left beside it; a later run tries again.
    let _ = loaded.workspace.reap_stale_temps(Utf8Path::new(""), 0);
    Ok(())
}
