//! The folder that the commands of an image run in.

use super::origin::Origin;
use crate::values::LinuxPath;

/// The folder that commands run in.
#[derive(Debug, Clone)]
pub(crate) struct Workdir {
    /// Its path; nothing where only the external image below knows it.
    pub(crate) path: Option<LinuxPath>,
    /// Where it was declared.
    pub(crate) origin: Origin,
    /// Whether it is that of the image below, so that no WORKDIR says it.
    pub(crate) is_inherited: bool,
}

impl Workdir {
    /// Its path; nothing where only the external image below knows it.
    #[must_use]
    pub(crate) fn path(&self) -> Option<&str> {
        self.path.as_ref().map(LinuxPath::as_str)
    }
}
