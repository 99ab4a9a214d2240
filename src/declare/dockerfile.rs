//! A Dockerfile that a person keeps.

use schemars::JsonSchema;
use serde::Deserialize;

use super::flexible::ShortForm;
use super::text::Text;

/// A Dockerfile that is built as it is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct DockerfileDecl {
    /// Its path, relative to services.yaml. `path: frontend/Dockerfile`
    #[schemars(required)]
    pub(crate) path: Option<Text>,
    /// The build context; `.` is the folder of services.yaml. Default: the folder of the
    /// Dockerfile. `context: .`
    pub(crate) context: Option<Text>,
    /// The stage to build. Default: the last one. `target: runtime`
    pub(crate) target: Option<Text>,
}

impl ShortForm for DockerfileDecl {
    type Short = Text;

    fn from_short(path: Text) -> Self {
        Self {
            path: Some(path),
            ..Self::default()
        }
    }
}
