//! The folder of a fleet, as its files are compared with what stands there.

use super::error::Error;
use super::inputs::Inputs;
use super::neighbours::Neighbours;
use crate::artifact::ArtifactPath;
use crate::drift::DiskState;
use crate::fleet::Fleet;

/// What stands in the folder of a fleet, and which of it is another fleet's.
pub(super) struct Disk<'a> {
    pub(super) inputs: &'a dyn Inputs,
    pub(super) fleet: &'a Fleet,
    pub(super) neighbours: Neighbours<'a>,
}

impl<'a> Disk<'a> {
    pub(super) fn of(inputs: &'a dyn Inputs, fleet: &'a Fleet) -> Self {
        Self {
            inputs,
            fleet,
            neighbours: Neighbours::new(inputs, &fleet.file),
        }
    }

    /// What stands at some paths.
    pub(super) fn read(&self, paths: &[ArtifactPath]) -> Result<DiskState, Error> {
        Ok(self.inputs.state(paths)?.into_iter().collect())
    }
}
