//! Images from elsewhere that a fleet builds on.

use super::origin::{Origin, Sourced};
use crate::values::ImageUser;
use crate::values::image_reference::ImageReference;

/// An image that this fleet does not build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalImage {
    /// Its name in services.yaml.
    pub(crate) name: String,
    /// Its reference with tag and, where declared, digest.
    pub(crate) reference: ImageReference,
    /// Where it was declared: `images`, or the Python version for the built-in one.
    pub(crate) origin: Origin,
    /// Whom it runs as, where that is declared.
    pub(crate) user: Option<ImageUser>,
    /// The Python inside: a word or a whole path, or `none`.
    pub(crate) python: Sourced<String>,
    /// Whether what it has beside the virtual environment is seen in that.
    pub(crate) site_packages: Option<Origin>,
    /// Whether there is a shell inside.
    pub(crate) has_shell: bool,
    /// Whether it is an Alpine.
    pub(crate) is_alpine: bool,
    /// Whether apt-get works in it.
    pub(crate) has_apt: bool,
}

impl ExternalImage {
    /// Whether there is a Python inside; else uv installs one.
    #[must_use]
    pub(crate) fn has_python(&self) -> bool {
        self.python.value != "none"
    }
}
