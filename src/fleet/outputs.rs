//! The files for the fleet as a whole that services.yaml asks for.

use super::origin::Sourced;
use crate::values::image_reference::ImageReference;
use crate::values::{
    ActionReference, DownloadUrl, FreeText, PackageName, PackageVersion, RelPath, Sha256, Tag,
};

/// The declared outputs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Outputs {
    /// The bake file.
    pub(crate) bake: Option<BakeOutput>,
    /// The compose file.
    pub(crate) compose: Option<ComposeOutput>,
    /// The workflow.
    pub(crate) workflow: Option<WorkflowOutput>,
}

impl Outputs {
    /// The paths of the declared outputs.
    pub(crate) fn paths(&self) -> impl Iterator<Item = &RelPath> {
        self.sourced_paths().map(|path| &path.value)
    }

    /// The same with their places in services.yaml.
    pub(crate) fn sourced_paths(&self) -> impl Iterator<Item = &Sourced<RelPath>> {
        let bake = self.bake.as_ref().map(|output| &output.path);
        let compose = self.compose.as_ref().map(|output| &output.path);
        let workflow = self.workflow.as_ref().map(|output| &output.path);
        [bake, compose, workflow].into_iter().flatten()
    }
}

/// Where the bake file is unless services.yaml says otherwise.
pub(crate) const BAKE_PATH: &str = "generated/docker-bake.hcl";
/// Where the compose file is unless services.yaml says otherwise.
pub(crate) const COMPOSE_PATH: &str = "compose.yaml";
/// Where the workflow is unless services.yaml says otherwise.
pub(crate) const WORKFLOW_PATH: &str = ".github/workflows/images.yaml";
/// The usual places of outputs, with the one that Gitea prefers for workflows. They are looked at
/// also where no output is declared, so that a file whose output was taken back is found.
pub(crate) const USUAL_PATHS: [&str; 4] = [
    BAKE_PATH,
    COMPOSE_PATH,
    WORKFLOW_PATH,
    ".gitea/workflows/images.yaml",
];

/// Where the output of a kind may be: a declaration can name any path, and only what looks like
/// such a file is read or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutputKind {
    /// In words.
    pub(crate) what: &'static str,
    /// The endings that its file can have.
    pub(crate) endings: &'static [&'static str],
    /// The hidden folders that it can lie in.
    pub(crate) folders: &'static [&'static str],
    /// Where it is by default.
    pub(crate) usual: &'static str,
}

/// A bake file.
pub(crate) const BAKE: OutputKind = OutputKind {
    what: "a bake file",
    endings: &[".hcl"],
    folders: &[],
    usual: BAKE_PATH,
};
/// A compose file.
pub(crate) const COMPOSE: OutputKind = OutputKind {
    what: "a compose file",
    endings: &[".yaml", ".yml"],
    folders: &[],
    usual: COMPOSE_PATH,
};
/// A workflow.
pub(crate) const WORKFLOW: OutputKind = OutputKind {
    what: "a workflow",
    endings: &[".yaml", ".yml"],
    folders: &[".github/workflows/", ".gitea/workflows/"],
    usual: WORKFLOW_PATH,
};

impl OutputKind {
    /// What is wrong with a path for it.
    #[must_use]
    pub(crate) fn fault(&self, path: &str) -> Option<String> {
        let below = self
            .folders
            .iter()
            .find_map(|folder| path.strip_prefix(folder))
            .unwrap_or(path);
        if !self.endings.iter().any(|ending| path.ends_with(ending)) {
            return Some(format!("must end in {}", self.endings.join(" or ")));
        }
        let is_hidden = below.split('/').any(|name| name.starts_with('.'));
        let but = if self.folders.is_empty() {
            ""
        } else {
            ", but for .github/workflows/ and .gitea/workflows/"
        };
        is_hidden.then(|| format!("must have no name that begins with a dot{but}"))
    }
}

/// A bake file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in services.yaml"
)]
pub(crate) struct BakeOutput {
    /// Its path below the root.
    pub(crate) path: Sourced<RelPath>,
    /// Whether layer caches in the registry can be switched on.
    pub(crate) cache: bool,
    /// Whether images carry a software bill of materials.
    pub(crate) sbom: bool,
    /// Whether images carry a provenance attestation.
    pub(crate) provenance: bool,
    /// Whether times of images and files can be set from outside.
    pub(crate) reproducible: bool,
}

/// A compose file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ComposeOutput {
    /// Its path below the root.
    pub(crate) path: Sourced<RelPath>,
}

/// A workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WorkflowOutput {
    /// Its path below the root.
    pub(crate) path: Sourced<RelPath>,
    /// Whether it builds what a push affects, rather than all.
    pub(crate) affected_only: bool,
    /// The label of the runner.
    pub(crate) runner: Sourced<Tag>,
    /// The branch whose images are pushed.
    pub(crate) branch: Sourced<RelPath>,
    /// How its jobs get dockwright.
    pub(crate) install: Sourced<Install>,
    /// The actions that it uses.
    pub(crate) actions: Actions,
    /// Whether a job updates base images and locks every week.
    pub(crate) updates_weekly: bool,
}

/// The actions of a workflow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Actions {
    /// Checks the repository out.
    pub(crate) checkout: Sourced<ActionReference>,
    /// Logs in to the registry.
    pub(crate) login: Sourced<ActionReference>,
    /// Sets up docker buildx.
    pub(crate) setup_buildx: Sourced<ActionReference>,
    /// Sets emulation up.
    pub(crate) setup_qemu: Sourced<ActionReference>,
    /// Installs trivy.
    pub(crate) setup_trivy: Sourced<ActionReference>,
    /// Keeps files of a run.
    pub(crate) upload_artifact: Sourced<ActionReference>,
}

/// How the jobs of a workflow get dockwright. Nothing is executed before its content was verified,
/// except for what is part of the repository or of the person's own shell line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Install {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_looks_like_what_it_is_and_is_not_hidden() {
        for (kind, paths) in [
            (BAKE, ["a.hcl", "generated/docker-bake.hcl", "a.b/c.hcl"]),
            (COMPOSE, ["compose.yaml", "compose.yml", "deploy/a.b.yaml"]),
            (
                WORKFLOW,
                [
                    ".github/workflows/x.yaml",
                    ".gitea/workflows/a/x.yml",
                    "ci/x.yaml",
                ],
            ),
        ] {
            for path in paths {
                assert_eq!(kind.fault(path), None, "{path}");
            }
            assert_eq!(kind.fault(kind.usual), None);
            for path in [
                ".env",
                "creds.json",
                "hcl",
                "yaml",
                "a/Dockerfile",
                "x.YAML",
                "x.hcl.txt",
                "x.yaml.key",
            ] {
                assert!(
                    kind.fault(path)
                        .is_some_and(|fault| fault.starts_with("must end in ")),
                    "{path}"
                );
            }
            let hidden = [
                ".@",
                ".a/x@",
                "a/.b/x@",
                "a/.@",
                ".github/x@",
                ".github/workflows/.@",
                "a/.github/workflows/x@",
            ];
            for path in hidden
                .iter()
                .flat_map(|path| kind.endings.iter().map(|ending| path.replace('@', ending)))
            {
                assert!(
                    kind.fault(&path)
                        .is_some_and(|fault| fault.contains("begins with a dot")),
                    "{path}"
                );
            }
        }
    }
}
