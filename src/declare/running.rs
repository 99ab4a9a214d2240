//! What a service is when it runs.

use schemars::JsonSchema;
use serde::Deserialize;

/// What a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum RoleDecl {
    /// It listens on a port and is asked for its health.
    Web,
    /// It runs until it is stopped, and needs no port.
    Worker,
    /// It runs once and exits.
    Job,
}
