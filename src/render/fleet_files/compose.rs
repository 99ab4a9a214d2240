//! The compose file: every service with its port, health check and what it waits for.

use std::collections::BTreeSet;

use serde::Serialize;

use super::context::{dockerfile_path, probe_words};
use super::encode::{compose, yaml};
use crate::fleet::model::{HealthCheck, Service};
use crate::fleet::{Fleet, Image};

/// What the template of the compose file may print: YAML scalars.
#[derive(Debug, Serialize)]
pub(super) struct ComposeContext {
    services: Vec<ServiceContext>,
}

#[derive(Debug, Serialize)]
struct ServiceContext {
    name: String,
    image: String,
    dockerfile: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<PortContext>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<HealthCheckContext>,
    depends_on: Vec<DependencyContext>,
}

#[derive(Debug, Serialize)]
struct PortContext {
    container: String,
    /// The port of the host: a variable, or one that is free.
    host: String,
}

#[derive(Debug, Serialize)]
struct HealthCheckContext {
    /// A flow sequence.
    test: String,
    interval: String,
    timeout: String,
    start_period: String,
    retries: String,
}

#[derive(Debug, Serialize)]
struct DependencyContext {
    name: String,
    condition: &'static str,
}

impl ComposeContext {
    pub(super) fn of(fleet: &Fleet) -> Self {
        let services = || fleet.images.iter().filter_map(|image| Some((image, Image::service(image)?)));
        let is_asked = |service: &Service| service.health_check.is_some();
        let asked = services().filter(|(_, service)| is_asked(service)).map(|(image, _)| image.name.as_str()).collect();
        let service = |image| Some(ServiceContext::of((fleet, &asked), image, Image::service(image)?));
        Self { services: fleet.images.iter().filter_map(service).collect() }
    }
}

impl ServiceContext {
    fn of((fleet, asked): (&Fleet, &BTreeSet<&str>), image: &Image, service: &Service) -> Self {
        let (registry, owner, name) = (&fleet.registry.value, &fleet.owner.value, &image.name);
        let variable = image.name.module().to_ascii_uppercase();
        Self {
            name: yaml(name.as_str()),
            image: yaml(&format!("${{REGISTRY:-{registry}}}/${{OWNER:-{owner}}}/{name}:${{TAG:-dev}}")),
            dockerfile: yaml(&dockerfile_path(image)),
            port: service.port.as_ref().map(|port| PortContext {
                container: port.value.to_string(),
                host: yaml(&format!("${{{variable}_PORT:-0}}")),
            }),
            healthcheck: HealthCheckContext::of(service),
            depends_on: service.depends_on.iter().map(|wanted| dependency(asked, wanted.value.as_str())).collect(),
        }
    }
}

impl HealthCheckContext {
    fn of(service: &Service) -> Option<Self> {
        let check: &HealthCheck = service.health_check.as_ref()?;
        let words = probe_words(check, &service.port.as_ref()?.value.to_string());
        let words: Vec<String> = std::iter::once("CMD".into()).chain(words).map(|word| compose(&word)).collect();
        Some(Self {
            test: format!("[{}]", words.join(", ")),
            interval: yaml(check.interval.value.as_str()),
            timeout: yaml(check.timeout.value.as_str()),
            start_period: yaml(check.start_period.value.as_str()),
            retries: check.retries.value.to_string(),
        })
    }
}

/// A service that is asked for its health is waited for until it is healthy.
fn dependency(asked: &BTreeSet<&str>, name: &str) -> DependencyContext {
    let is_asked = asked.contains(name);
    DependencyContext { name: yaml(name), condition: if is_asked { "service_healthy" } else { "service_started" } }
}
