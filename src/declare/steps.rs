//! What the build of an image does: what it copies, the steps that it runs, the secrets that it
//! reads.

use schemars::JsonSchema;
use serde::Deserialize;

use super::flexible::{Flexible, ShortForm};
use super::nullable::OneOrMany;
use super::text::Text;

/// Files or folders to copy into an image, by Docker's rules: the content of a folder goes to the
/// folder `to`. A file gets the name `to`, or goes into the folder `to` if that ends with a slash
/// or is `.`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct CopyDecl {
    /// The path in the repository, or in `image`; its last part can contain `*`. `from:
    /// deploy/start.sh`
    #[schemars(required)]
    pub(crate) from: Option<Text>,
    /// The path in the image, relative to the workdir. Default: the path of `from` below /app. `to:
    /// bin/`
    pub(crate) to: Option<Text>,
    /// The image to copy from: the name of an external image, a base or another service. Default:
    /// the repository. `image: base-ml`
    pub(crate) image: Option<Text>,
    /// The mode of files and folders, in chmod digits. Default: "0755". `mode: "0644"`
    pub(crate) mode: Option<Text>,
}

impl ShortForm for CopyDecl {
    type Short = Text;

    fn from_short(from: Text) -> Self {
        Self {
            from: Some(from),
            ..Self::default()
        }
    }
}

/// A step of the build.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RunDecl {
    /// The shell command. `run: python manage.py collectstatic --noinput`
    #[schemars(required)]
    pub(crate) run: Option<Text>,
    /// When to run: after the packages of the distribution, after the installation, so that code
    /// changes do not run it again, or after the sources are copied. Default: install. `after:
    /// source`
    pub(crate) after: Option<AfterDecl>,
    /// Files and folders of the repository for this step alone. Each is mounted where `source`,
    /// `shared` or `copy` will put it, else at its path below /app. `files: scripts/fetch.py`
    pub(crate) files: OneOrMany<Text>,
    /// Build secrets for this step alone; those under `secrets` of the image keep their target.
    /// `secrets: hf-token`
    pub(crate) secrets: OneOrMany<Flexible<SecretDecl>>,
    /// Folders that stay on the builder from build to build and are not in the image. `cache:
    /// ~/.cache/huggingface`
    pub(crate) cache: OneOrMany<Text>,
}

/// When a step runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AfterDecl {
    /// The packages of the distribution.
    Apt,
    /// The installation.
    Install,
    /// The sources.
    Source,
}

impl ShortForm for RunDecl {
    type Short = Text;

    fn from_short(run: Text) -> Self {
        Self {
            run: Some(run),
            ..Self::default()
        }
    }
}

/// A build secret: never part of the image.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SecretDecl {
    /// The id in `docker build --secret id=…`. `id: netrc`
    #[schemars(required)]
    pub(crate) id: Option<Text>,
    /// The path of the secret in the build. Default: `/run/secrets/<id>`. `target: /root/.netrc`
    pub(crate) target: Option<Text>,
}

impl ShortForm for SecretDecl {
    type Short = Text;

    fn from_short(id: Text) -> Self {
        Self {
            id: Some(id),
            target: None,
        }
    }
}
