//! The compose file: every service with its port, health check and what it waits for.

use std::collections::BTreeMap;

use serde::Serialize;

use super::encode::{compose, yaml};
use super::origin::{entry, output};
use crate::fleet::model::{HealthCheck, Service, ServiceRole, Sourced};
use crate::fleet::{Fleet, Image, Origin};
use crate::render::context::{dockerfile_path, probe_origins, probe_words};
use crate::render::pen::{Pen, Printed};
use crate::values::{Duration, ServiceName};

/// What the template of the compose file may print: YAML scalars.
#[derive(Debug, Serialize)]
pub(super) struct ComposeContext<'a> {
    /// The build context from the folder of the compose file on, where its paths count from.
    root: Printed<'a>,
    services: Vec<ServiceContext<'a>>,
}

#[derive(Debug, Serialize)]
struct ServiceContext<'a> {
    name: Printed<'a>,
    image: Printed<'a>,
    dockerfile: Printed<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<PortContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<HealthCheckContext<'a>>,
    depends_on: Vec<DependencyContext<'a>>,
    /// What `docker compose watch` copies into a running container.
    sources: Vec<FolderContext<'a>>,
    /// What it builds the image again for.
    generated: Printed<'a>,
    restart: Printed<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_signal: Option<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_grace_period: Option<Printed<'a>>,
}

#[derive(Debug, Serialize)]
struct FolderContext<'a> {
    path: Printed<'a>,
    target: Printed<'a>,
}

#[derive(Debug, Serialize)]
struct PortContext<'a> {
    container: Printed<'a>,
    /// The port of the host: a variable, or one that is free.
    host: Printed<'a>,
}

#[derive(Debug, Serialize)]
struct HealthCheckContext<'a> {
    /// A flow sequence.
    test: Printed<'a>,
    interval: Printed<'a>,
    timeout: Printed<'a>,
    start_period: Printed<'a>,
    retries: Printed<'a>,
}

#[derive(Debug, Serialize)]
struct DependencyContext<'a> {
    name: Printed<'a>,
    condition: Printed<'a>,
}

impl<'a> ComposeContext<'a> {
    pub(super) fn of(pen: &Pen, fleet: &'a Fleet) -> Self {
        let named = fleet
            .images
            .iter()
            .filter_map(|image| Some((image.name.as_str(), image.service()?)));
        let by_name: BTreeMap<&str, &Service> = named.collect();
        let root = root_from(fleet);
        let service = |image| {
            let ground = (fleet, root.as_str());
            Some(ServiceContext::of(
                pen,
                ground,
                &by_name,
                (image, Image::service(image)?),
            ))
        };
        Self {
            root: pen.write(yaml(&root), [output("outputs.compose")]),
            services: fleet.images.iter().filter_map(service).collect(),
        }
    }
}

impl<'a> ServiceContext<'a> {
    fn of(
        pen: &Pen,
        (fleet, root): (&'a Fleet, &str),
        by_name: &BTreeMap<&str, &Service>,
        (image, service): (&'a Image, &'a Service),
    ) -> Self {
        let (registry, owner, name) = (&fleet.registry.value, &fleet.owner.value, &image.name);
        let reference =
            format!("${{REGISTRY:-{registry}}}/${{OWNER:-{owner}}}/{name}:${{TAG:-dev}}");
        let variable = image.name.module().to_ascii_uppercase();
        let host = yaml(&format!("${{{variable}_PORT:-0}}"));
        Self {
            name: pen.write(yaml(name.as_str()), [entry(image)]),
            image: pen.write(
                yaml(&reference),
                [entry(image), fleet.registry.origin, fleet.owner.origin],
            ),
            dockerfile: pen.write(yaml(&dockerfile_path(image)), [entry(image)]),
            port: service.port.as_ref().map(|port| PortContext {
                container: pen.write(port.value.to_string(), [port.origin]),
                host: pen.write(host, [entry(image)]),
            }),
            healthcheck: HealthCheckContext::of(pen, service),
            depends_on: service
                .depends_on
                .iter()
                .map(|wanted| dependency(pen, by_name, wanted))
                .collect(),
            sources: sources(pen, root, service),
            generated: pen.write(compose(&format!("{root}/{}", image.folder)), [entry(image)]),
            restart: restart(pen, service),
            stop_signal: (service.stop_signal.as_ref())
                .map(|signal| pen.write(signal.value.as_str(), [signal.origin])),
            stop_grace_period: (service.stop_grace_period.as_ref())
                .map(|period| duration(pen, period)),
        }
    }
}

/// The way from the folder of the compose file to the root: `.`, `..`, `../..`.
fn root_from(fleet: &Fleet) -> String {
    let path = fleet.outputs.compose.as_ref();
    let depth = path.map_or(0, |output| output.path.value.as_str().matches('/').count());
    if depth == 0 {
        ".".to_owned()
    } else {
        vec![".."; depth].join("/")
    }
}

/// The folders that the image copies, each with its place in the image.
fn sources<'a>(pen: &Pen, root: &str, service: &Service) -> Vec<FolderContext<'a>> {
    let shared = service.shared.iter().map(|folder| {
        let path = folder.value.as_str();
        (path, format!("/app/{path}"), folder.origin)
    });
    let own = service.source.iter().map(|source| {
        let target = service.target.value.to_string();
        (source.value.as_str(), target, source.origin)
    });
    let folder = |(folder, target, origin): (&str, String, Origin)| {
        let path = if folder == "." {
            root.to_owned()
        } else {
            format!("{root}/{folder}")
        };
        FolderContext {
            path: pen.write(compose(&path), [origin]),
            target: pen.write(compose(&target), [origin]),
        }
    };
    shared.chain(own).map(folder).collect()
}

impl<'a> HealthCheckContext<'a> {
    fn of(pen: &Pen, service: &'a Service) -> Option<Self> {
        let check: &HealthCheck = service.health_check.as_ref()?;
        let words: Vec<String> = std::iter::once("CMD".into())
            .chain(probe_words(check))
            .map(|word| compose(&word))
            .collect();
        Some(Self {
            test: pen.write(format!("[{}]", words.join(", ")), probe_origins(check)),
            interval: duration(pen, &check.interval),
            timeout: duration(pen, &check.timeout),
            start_period: duration(pen, &check.start_period),
            retries: pen.write(check.retries.value.to_string(), [check.retries.origin]),
        })
    }
}

fn duration<'a>(pen: &Pen, declared: &Sourced<Duration>) -> Printed<'a> {
    pen.write(yaml(declared.value.as_str()), [declared.origin])
}

/// When Docker starts a container again: a job that has ended stays ended.
fn restart(pen: &Pen, service: &Service) -> Printed<'static> {
    let policy = if service.role.value == ServiceRole::Job {
        "\"no\""
    } else {
        "unless-stopped"
    };
    pen.write(policy, [service.role.origin])
}

/// A job is waited for until it has ended, and a service that is asked for its health until it is
/// healthy.
fn dependency<'a>(
    pen: &Pen,
    by_name: &BTreeMap<&str, &Service>,
    wanted: &'a Sourced<ServiceName>,
) -> DependencyContext<'a> {
    let service = by_name.get(wanted.value.as_str());
    let condition = match service {
        Some(service) if service.role.value == ServiceRole::Job => {
            pen.write("service_completed_successfully", [service.role.origin])
        }
        Some(service) if service.health_check.is_some() => Printed::fixed("service_healthy"),
        _ => Printed::fixed("service_started"),
    };
    DependencyContext {
        name: pen.write(yaml(wanted.value.as_str()), [wanted.origin]),
        condition,
    }
}
