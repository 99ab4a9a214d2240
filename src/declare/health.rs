//! A health check as declared.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::flexible::ShortForm;
use super::nullable::OneOrMany;
use super::text::{NumberText, Text};

/// A health check: a request over HTTP, or a command.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct HealthCheckDecl {
    /// The path of the request. Default: /healthz. `path: /up`
    pub(crate) path: Option<Text>,
    /// The port of the request. Default: the service's port. `port: 9000`
    #[schemars(range(min = 1, max = 65535))]
    pub(crate) port: Option<u64>,
    /// The Host header of the request, for applications that answer only to their own host name.
    /// `host: shop.example.com`
    pub(crate) host: Option<Text>,
    /// The healthy response statuses: a status, a class such as 2xx, or a list. Default: 200.
    /// `status: [200, 3xx]`
    pub(crate) status: OneOrMany<NumberText>,
    /// A command to run instead of a request, in the forms of `cmd`; exit status 0 is healthy.
    /// `cmd: celery -A config inspect ping`
    pub(crate) cmd: Option<OneOrMany<Text>>,
    /// The time between two probes. Default: 30s. `interval: 10s`
    pub(crate) interval: Option<Text>,
    /// How long a probe can take. Default: 5s. `timeout: 3s`
    pub(crate) timeout: Option<Text>,
    /// The time after the start during which failures do not count; `0s` for none. Default: 20s.
    /// `start_period: 1m`
    #[serde(alias = "start-period")]
    pub(crate) start_period: Option<Text>,
    /// How many failures in a row make the container unhealthy. Default: 3. `retries: 5`
    pub(crate) retries: Option<u64>,
    /// A text in place of a mapping: `none`, or the path alone.
    #[serde(skip)]
    pub(crate) short: Option<Text>,
}

impl HealthCheckDecl {
    /// Whether there is to be none at all.
    #[must_use]
    pub(crate) fn is_none(&self) -> bool {
        self.short.as_deref() == Some("none")
    }
}

/// `none`, or the path alone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct HealthCheckWord(Text);

impl<'de> Deserialize<'de> for HealthCheckWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        if text.is_empty() || text.starts_with(['/', '{']) || &*text == "none" {
            return Ok(Self(text));
        }
        Err(D::Error::custom(
            "expected `none`, a path that begins with `/`, or a mapping",
        ))
    }
}

impl JsonSchema for HealthCheckWord {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "HealthCheckWord".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(none|[/{].*)$" })
    }
}

impl ShortForm for HealthCheckDecl {
    type Short = HealthCheckWord;

    fn from_short(HealthCheckWord(text): HealthCheckWord) -> Self {
        Self {
            short: Some(text),
            ..Self::default()
        }
    }
}
