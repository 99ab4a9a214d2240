//! What a service is when it runs.

use schemars::JsonSchema;
use serde::Deserialize;

use super::flexible::ShortForm;
use super::text::{NumberText, Text};

/// What a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum RoleDecl {
    /// It listens on a port and is asked for its health.
    Web,
    /// It runs until it is stopped, and needs no port.
    Worker,
    /// It runs once and exits.
    Job,
}

/// The user that a container runs as.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct UserDecl {
    /// The user's number. Default: 10001. `uid: 1000`
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub(crate) uid: Option<u64>,
    /// The group's number. Default: that of the user. `gid: 1000`
    #[schemars(range(min = 1, max = 2_147_483_647))]
    pub(crate) gid: Option<u64>,
    /// The name of the user and the group. Default: appuser. `name: django`
    pub(crate) name: Option<Text>,
    /// A text in place of a mapping: a number, `uid:gid`, `root` or `inherit`.
    #[serde(skip)]
    pub(crate) short: Option<Text>,
}

impl ShortForm for UserDecl {
    type Short = NumberText;

    fn from_short(NumberText(text): NumberText) -> Self {
        Self {
            short: Some(text),
            ..Self::default()
        }
    }
}
