//! The shape of `outputs` in services.yaml: files for the fleet as a whole. A bare path is the
//! short form of each.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::flexible::{Flexible, ShortForm};
use super::paths::{BAKE_FILE, WORKFLOW_FILE, YAML_FILE};
use super::text::Text;

/// A path that fits a pattern.
fn path_schema(pattern: &str) -> Schema {
    json_schema!({ "type": "string", "pattern": pattern })
}

/// Files for the whole fleet; each is generated only if it is declared. `outputs: { compose:
/// compose.yaml }`
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct OutputsDecl {
    /// A bake file: every image is a target of `docker buildx bake`, and services link to their
    /// bases. `bake: {}`
    pub(crate) bake: Option<Flexible<BakeDecl>>,
    /// A compose file with all services: ports, health checks, `depends_on`. `compose:
    /// compose.yaml`
    pub(crate) compose: Option<Flexible<ComposeDecl>>,
    /// A workflow for GitHub or Gitea Actions: it runs the drift check, then builds, scans and
    /// pushes what changed. `workflow: { install: ./tools/get-dockwright.sh }`
    pub(crate) workflow: Option<Flexible<WorkflowDecl>>,
}

/// The bake file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of its own in services.yaml"
)]
pub(crate) struct BakeDecl {
    /// The path of the file: `*.hcl`, without names that begin with a dot. Default:
    /// generated/docker-bake.hcl
    #[schemars(regex(pattern = BAKE_FILE))]
    pub(crate) path: Option<Text>,
    /// Layer caches in the registry, as `<image>:buildcache`. The variable CACHE turns them on
    /// (read, write). `cache: true`
    pub(crate) cache: bool,
    /// Whether to attach a software bill of materials to each image. `sbom: true`
    pub(crate) sbom: bool,
    /// Whether to attach a provenance attestation to each image. `provenance: true`
    pub(crate) provenance: bool,
    /// Equal image digests in every build of one commit: the variable `SOURCE_DATE_EPOCH` sets the
    /// times in the image, and REWRITE the times of its files. `reproducible: true`
    pub(crate) reproducible: bool,
}

impl ShortForm for BakeDecl {
    type Short = Text;

    fn from_short(path: Text) -> Self {
        Self {
            path: Some(path),
            ..Self::default()
        }
    }

    fn short_schema(_: &mut SchemaGenerator) -> Schema {
        path_schema(BAKE_FILE)
    }
}

/// The compose file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ComposeDecl {
    /// The path of the file: `*.yaml` or `*.yml`, without names that begin with a dot. Default:
    /// compose.yaml
    #[schemars(regex(pattern = YAML_FILE))]
    pub(crate) path: Option<Text>,
}

impl ShortForm for ComposeDecl {
    type Short = Text;

    fn from_short(path: Text) -> Self {
        Self { path: Some(path) }
    }

    fn short_schema(_: &mut SchemaGenerator) -> Schema {
        path_schema(YAML_FILE)
    }
}

/// The workflow.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["install"]))]
pub(crate) struct WorkflowDecl {
    /// The path of the file: `*.yaml` or `*.yml`, in .github/workflows, .gitea/workflows or without
    /// leading dots. Default: .github/workflows/images.yaml
    #[schemars(regex(pattern = WORKFLOW_FILE))]
    pub(crate) path: Option<Text>,
    /// Which images the workflow builds. Default: affected. `matrix: all`
    pub(crate) matrix: Option<MatrixDecl>,
    /// The label of the runner. Default: ubuntu-24.04. `runner: self-hosted`
    pub(crate) runner: Option<Text>,
    /// The branch whose images are pushed. Default: main. `branch: trunk`
    pub(crate) branch: Option<Text>,
    /// How the jobs install dockwright: a mapping, or a shell line. Required. `install:
    /// ./tools/get-dockwright.sh`
    pub(crate) install: Option<Flexible<InstallDecl>>,
    /// The actions that the workflow uses, pinned by commit, where update bots find them. Default:
    /// the releases that this version of dockwright was tested with
    pub(crate) actions: ActionsDecl,
    /// How often a job looks for newer base images and versions and opens a pull request. Default:
    /// never. `update: weekly`
    pub(crate) update: Option<UpdateDecl>,
}

/// The actions of a workflow, such as
/// "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1".
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ActionsDecl {
    /// Checks the repository out.
    pub(crate) checkout: Option<Text>,
    /// Logs in to the registry.
    pub(crate) login: Option<Text>,
    /// Sets up docker buildx.
    pub(crate) setup_buildx: Option<Text>,
    /// Sets up emulation, for `platforms` that the runner does not have.
    pub(crate) setup_qemu: Option<Text>,
    /// Installs trivy, which scans images.
    pub(crate) setup_trivy: Option<Text>,
    /// Keeps the software bill of materials.
    pub(crate) upload_artifact: Option<Text>,
}

/// How often a workflow asks for updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum UpdateDecl {
    /// Every Monday.
    Weekly,
}

impl ShortForm for WorkflowDecl {
    type Short = Text;

    fn from_short(path: Text) -> Self {
        Self {
            path: Some(path),
            ..Self::default()
        }
    }

    fn short_schema(_: &mut SchemaGenerator) -> Schema {
        path_schema(WORKFLOW_FILE)
    }
}

/// How the jobs of a workflow install dockwright: one of `url`, `path`, `wheel`, `image` and
/// `package`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("oneOf" = INSTALL_FORMS))]
pub(crate) struct InstallDecl {
    /// The https URL of a static binary, with `sha256`.
    pub(crate) url: Option<Text>,
    /// The path of a static binary in the repository, with `sha256`.
    pub(crate) path: Option<Text>,
    /// The path of a wheel in the repository.
    pub(crate) wheel: Option<Text>,
    /// A container image with the static binary at /usr/local/bin/dockwright; give its registry and
    /// a digest or tag.
    pub(crate) image: Option<Text>,
    /// A Python package that you publish, with `version` and `sha256`.
    pub(crate) package: Option<Text>,
    /// The version of the package.
    pub(crate) version: Option<Text>,
    /// The SHA-256 digest of the file, 64 hexadecimal digits as `sha256sum` prints them.
    pub(crate) sha256: Option<Text>,
    /// A shell line (written as a text in place of the mapping).
    #[serde(skip)]
    pub(crate) line: Option<Text>,
}

impl ShortForm for InstallDecl {
    type Short = Text;

    fn from_short(line: Text) -> Self {
        Self {
            line: Some(line),
            ..Self::default()
        }
    }
}

/// Which fields go together, for the JSON Schema.
const INSTALL_FORMS: [Required; 5] = [
    Required {
        required: &["url", "sha256"],
    },
    Required {
        required: &["path", "sha256"],
    },
    Required {
        required: &["wheel"],
    },
    Required {
        required: &["image"],
    },
    Required {
        required: &["package", "version", "sha256"],
    },
];

/// A schema that names required fields.
#[derive(Serialize)]
struct Required {
    required: &'static [&'static str],
}

/// Which images a workflow builds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MatrixDecl {
    /// Those that the pushed commits affect: a matrix that an earlier job computes.
    #[default]
    Affected,
    /// All images, listed in the workflow: for servers that cannot read a computed matrix (older
    /// Gitea).
    All,
}
