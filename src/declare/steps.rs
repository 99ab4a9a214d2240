//! What the build of an image does: what it copies, the steps that it runs, the secrets that it
//! reads.

use schemars::JsonSchema;
use serde::Deserialize;

use super::flexible::ShortForm;
use super::text::Text;

/// What is copied into an image, by Docker's rules: the content of a folder lands in `to`; a file
/// is named `to`, or lands in it where that ends with a slash or is `.`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct CopyDecl {
    /// The path in the repository, or in `image`; `*` may stand in its last part.
    #[schemars(required)]
    pub(crate) from: Option<Text>,
    /// Where it lands; counts from the workdir. Default: its own path below /app
    pub(crate) to: Option<Text>,
    /// The image to take it from: an external image or a base, by name. Default: the repository
    pub(crate) image: Option<Text>,
    /// The mode of files and folders, as chmod's digits. Default: "0755"
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
    /// The line of the shell.
    #[schemars(required)]
    pub(crate) run: Option<Text>,
    /// What it comes after: the installation, so that it is kept over changes of code, or the
    /// sources. Default: install
    pub(crate) after: Option<AfterDecl>,
}

/// What a step comes after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AfterDecl {
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
            after: None,
        }
    }
}

/// A build secret: never part of the image.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct SecretDecl {
    /// The id that `docker build --secret id=…` gives it.
    #[schemars(required)]
    pub(crate) id: Option<Text>,
    /// Where the build sees it. Default: `/run/secrets/<id>`
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
