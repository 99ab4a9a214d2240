//! The shape of `install` in services.yaml: what an image installs from the repository.

use schemars::JsonSchema;
use serde::Deserialize;

use super::flexible::ShortForm;
use super::nullable::OneOrMany;
use super::text::Text;

/// A file or project of the repository to install.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct InstalledDecl {
    /// The file, or the folder of a project, relative to services.yaml. `path: uv.lock`
    #[schemars(required)]
    pub(crate) path: Option<Text>,
    /// The package of a uv workspace whose dependencies are installed. Default: the project beside
    /// the lock. `package: "{name}"`
    pub(crate) package: Option<Text>,
    /// Extras of the project. `extras: [postgres]`
    pub(crate) extras: OneOrMany<Text>,
    /// Dependency groups in addition to the main one. `groups: [worker]`
    pub(crate) groups: OneOrMany<Text>,
    /// Whether the project of a lock or of a pyproject.toml is installed too, for its scripts and
    /// for sources that are not imported from the workdir; else only what it depends on. Default:
    /// false. `project: true`
    pub(crate) project: bool,
}

impl ShortForm for InstalledDecl {
    type Short = Text;

    fn from_short(path: Text) -> Self {
        Self {
            path: Some(path),
            ..Self::default()
        }
    }
}
