//! How a container's health is asked for.

use std::sync::Arc;

use super::origin::Sourced;
use crate::values::{Duration, FreeText, HttpHost, HttpPath, HttpStatus, Port};

/// How a container's health is asked for, and how often.
#[derive(Debug, Clone)]
pub struct HealthCheck {
    /// What is asked.
    pub(crate) probe: Probe,
    /// The time between two probes.
    pub interval: Sourced<Duration>,
    /// How long a probe may take.
    pub(crate) timeout: Sourced<Duration>,
    /// The time after the start in which failures do not count.
    pub start_period: Sourced<Duration>,
    /// Failures in a row that make the container unhealthy.
    pub retries: Sourced<u64>,
}

/// What asks.
#[derive(Debug, Clone)]
pub(crate) enum Probe {
    /// A request over HTTP.
    Http(HttpProbe),
    /// A command line, word by word, which ends with 0 where all is well.
    Command(Sourced<Arc<[FreeText]>>),
}

/// A request over HTTP to the container itself.
#[derive(Debug, Clone)]
pub struct HttpProbe {
    /// The path.
    pub path: Sourced<HttpPath>,
    /// The port.
    pub port: Sourced<Port>,
    /// The `Host` header; nothing for the address that is asked.
    pub(crate) host: Option<Sourced<HttpHost>>,
    /// The answers that count; 200 where there is none.
    pub(crate) statuses: Vec<Sourced<HttpStatus>>,
}

impl HealthCheck {
    /// The request; nothing where a command asks.
    #[must_use]
    pub fn http(&self) -> Option<&HttpProbe> {
        match &self.probe {
            Probe::Http(probe) => Some(probe),
            Probe::Command(_) => None,
        }
    }
}
