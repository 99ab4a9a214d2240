//! The shape of `tools` and `installer` in services.yaml: what installs packages, and which version
//! of it.

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::Text;

/// The program that installs packages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum InstallerDecl {
    /// pip, as the Python image has it.
    Pip,
    /// uv, in the version that `tools` declares.
    Uv,
}

/// The versions of the tools that builds download. dockwright has no default versions, so upgrading
/// dockwright changes no build.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ToolsDecl {
    /// The version of uv, such as "0.13.9".
    pub(crate) uv: Option<Text>,
    /// The version of poetry, such as "2.5.1".
    pub(crate) poetry: Option<Text>,
}
