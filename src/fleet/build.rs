//! What the build of an image does.

use super::origin::{Origin, Sourced};
use crate::values::{LinuxPath, RelPath, SecretId, ServiceName};

/// A step of a build.
#[derive(Debug, Clone)]
pub(crate) struct BuildStep {
    /// Where it was declared.
    pub(crate) origin: Origin,
    /// The line of the shell.
    pub(crate) line: String,
    /// What it comes after.
    pub(crate) after: After,
    /// What is mounted for it alone.
    pub(crate) mounts: Vec<StepMount>,
}

/// What a step comes after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum After {
    /// Packages of the distribution.
    Apt,
    /// The installation.
    Install,
    /// The sources.
    Source,
}

/// What is mounted for one step.
#[derive(Debug, Clone)]
pub(crate) enum StepMount {
    /// A file or folder of the repository, at the place that it will have in the image.
    File(RelPath),
    /// A build secret.
    Secret(SecretId, LinuxPath),
    /// A folder of the builder.
    Cache(LinuxPath),
}

impl BuildStep {
    /// The files and folders of the repository that it reads.
    pub(crate) fn files(&self) -> impl Iterator<Item = &RelPath> {
        self.mounts.iter().filter_map(|mount| match mount {
            StepMount::File(path) => Some(path),
            StepMount::Secret(..) | StepMount::Cache(_) => None,
        })
    }
}

/// What an image copies beside its sources.
#[derive(Debug, Clone)]
pub(crate) struct Copy {
    /// Where it was declared.
    pub(crate) origin: Origin,
    /// The image that it comes from, as the Dockerfile names it; nothing for the repository.
    pub(crate) image: Option<String>,
    /// The service of the fleet that this image is; nothing for other images.
    pub(crate) service: Option<ServiceName>,
    /// The path there, as a Dockerfile has it.
    pub(crate) from: String,
    /// Where it lands, as a Dockerfile has it.
    pub(crate) to: String,
    /// The mode, in octal digits.
    pub(crate) mode: String,
}

/// A build secret.
#[derive(Debug, Clone)]
pub(crate) struct Secret {
    /// The id on the builder's command line.
    pub(crate) id: Sourced<SecretId>,
    /// Where the build sees it.
    pub(crate) target: LinuxPath,
}

/// Raw Dockerfile lines at a named point of the template.
#[derive(Debug, Clone)]
pub(crate) struct Hook {
    /// The point: one of [`HOOK_POINTS`].
    pub(crate) point: &'static str,
    /// The lines, as declared.
    pub(crate) lines: Vec<Sourced<String>>,
}

/// The points at which templates take raw lines, in the order in which they come in a Dockerfile.
pub(crate) const HOOK_POINTS: [&str; 5] = [
    "builder",
    "before_apt",
    "after_apt",
    "after_pip",
    "after_copy",
];
