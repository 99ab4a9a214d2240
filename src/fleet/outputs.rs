//! The files for the fleet as a whole that services.yaml asks for.

use super::image_reference::ImageReference;
use super::model::Sourced;
use super::names::{DownloadUrl, FreeText, PackageName, PackageVersion, RelPath, Sha256, Tag};

/// The declared outputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outputs {
    /// The bake file.
    pub bake: Option<BakeOutput>,
    /// The compose file.
    pub compose: Option<ComposeOutput>,
    /// The workflow.
    pub workflow: Option<WorkflowOutput>,
}

impl Outputs {
    /// The paths of the declared outputs.
    pub fn paths(&self) -> impl Iterator<Item = &RelPath> {
        self.sourced_paths().map(|path| &path.value)
    }

    /// The same with their places in services.yaml.
    pub fn sourced_paths(&self) -> impl Iterator<Item = &Sourced<RelPath>> {
        let bake = self.bake.as_ref().map(|output| &output.path);
        let compose = self.compose.as_ref().map(|output| &output.path);
        let workflow = self.workflow.as_ref().map(|output| &output.path);
        [bake, compose, workflow].into_iter().flatten()
    }
}

/// Where the bake file is unless services.yaml says otherwise.
pub const BAKE_PATH: &str = "generated/docker-bake.hcl";
/// Where the compose file is unless services.yaml says otherwise.
pub const COMPOSE_PATH: &str = "compose.yaml";
/// Where the workflow is unless services.yaml says otherwise.
pub const WORKFLOW_PATH: &str = ".github/workflows/images.yaml";
/// The usual places of outputs, with the one that Gitea prefers for workflows. They are looked at also where no output is declared, so
/// that a file whose output was taken back is found.
pub const USUAL_PATHS: [&str; 4] = [BAKE_PATH, COMPOSE_PATH, WORKFLOW_PATH, ".gitea/workflows/images.yaml"];

/// A bake file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BakeOutput {
    /// Its path below the root.
    pub path: Sourced<RelPath>,
    /// Whether layer caches in the registry can be switched on.
    pub cache: bool,
    /// Whether images carry a software bill of materials.
    pub sbom: bool,
    /// Whether images carry a provenance attestation.
    pub provenance: bool,
}

/// A compose file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComposeOutput {
    /// Its path below the root.
    pub path: Sourced<RelPath>,
}

/// A workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowOutput {
    /// Its path below the root.
    pub path: Sourced<RelPath>,
    /// Whether it builds what a push affects, rather than all.
    pub affected_only: bool,
    /// The label of the runner.
    pub runner: Sourced<Tag>,
    /// The branch whose images are pushed.
    pub branch: Sourced<RelPath>,
    /// How its jobs get dockwright.
    pub install: Sourced<Install>,
}

/// How the jobs of a workflow get dockwright. Nothing is executed before its content was verified, except for what
/// is part of the repository or of the person's own shell line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Install {
    /// A shell line of the person's own.
    Line(FreeText),
    /// A static binary that is downloaded.
    Url {
        /// Its address.
        url: DownloadUrl,
        /// Its digest.
        sha256: Sha256,
    },
    /// A static binary in the repository.
    Path {
        /// Its path below the root.
        path: RelPath,
        /// Its digest.
        sha256: Sha256,
    },
    /// A wheel in the repository.
    Wheel(RelPath),
    /// A container image with the static binary at `/usr/local/bin/dockwright`.
    Image(ImageReference),
    /// A package from an index.
    Package {
        /// Its name.
        name: PackageName,
        /// Its version.
        version: PackageVersion,
        /// The digest of its file.
        sha256: Sha256,
    },
}
