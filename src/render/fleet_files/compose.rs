//! The compose file: every service with its port, health check and what it waits for.

use std::collections::BTreeMap;

use serde::Serialize;

use super::encode::{compose, yaml};
use super::origin::{entry, output};
use crate::fleet::model::{Command, HealthCheck, Process, Service, ServiceRole, Sourced, Variable};
use crate::fleet::{Fleet, Image, Origin};
use crate::render::context::{dockerfile_path, probe_origins, probe_words};
use crate::render::pen::{Pen, Printed};
use crate::values::{Duration, FreeText, LinuxPath, ServiceName};

/// What the template of the compose file may print: YAML scalars.
#[derive(Debug, Serialize)]
pub(super) struct ComposeContext<'a> {
    /// The build context from the folder of the compose file on, where its paths count from.
    root: Printed<'a>,
    services: Vec<ServiceContext<'a>>,
    /// The names of all volumes; absent where there is none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    volumes: Vec<Printed<'a>>,
}

#[derive(Debug, Serialize)]
struct ServiceContext<'a> {
    name: Printed<'a>,
    image: Printed<'a>,
    dockerfile: Printed<'a>,
    /// The build context of a kept Dockerfile; absent where that is the root.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<Printed<'a>>,
    /// The stage of a kept Dockerfile; absent where that is the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    stage: Option<Printed<'a>>,
    /// The build arguments of a kept Dockerfile.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    arguments: Vec<ArgumentContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<PortContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<HealthCheckContext<'a>>,
    depends_on: Vec<DependencyContext<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    volumes: Vec<VolumeContext<'a>>,
    /// What `docker compose watch` copies into a running container.
    sources: Vec<FolderContext<'a>>,
    /// What it builds the image again for.
    generated: Printed<'a>,
    restart: Printed<'a>,
    /// A profile that nothing asks for: `up` passes over what has no command to start.
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<Printed<'a>>,
    /// The command of another process, as a flow sequence; absent where the image's runs.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    entrypoint: Option<Printed<'a>>,
    /// The variables of another process beside those of the image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    environment: Vec<ArgumentContext<'a>>,
    /// Present where the image's health check is not for this process.
    #[serde(skip_serializing_if = "Option::is_none")]
    unasked: Option<Printed<'a>>,
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
struct ArgumentContext<'a> {
    key: Printed<'a>,
    value: Printed<'a>,
}

#[derive(Debug, Serialize)]
struct VolumeContext<'a> {
    name: Printed<'a>,
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
        let processes = fleet.processes.iter();
        let processes = processes.map(|process| (process.name.as_str(), &process.service));
        let by_name: BTreeMap<&str, &Service> = named.chain(processes).collect();
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
        let mut services: Vec<ServiceContext<'_>> =
            fleet.images.iter().filter_map(service).collect();
        let processes = fleet.processes.iter();
        services.extend(processes.filter_map(|process| {
            let mut images = fleet.images.iter();
            let image = images.find(|image| image.name == process.image.value)?;
            let of = ServiceContext::of(pen, (fleet, &root), &by_name, (image, image.service()?));
            Some(of.running(pen, &by_name, process))
        }));
        let mut volumes: Vec<Printed<'_>> = Vec::new();
        for volume in services.iter().flat_map(|service| &service.volumes) {
            if volumes
                .iter()
                .all(|known| known.text() != volume.name.text())
            {
                volumes.push(volume.name.clone());
            }
        }
        Self {
            root: pen.write(yaml(&root), [output("outputs.compose")]),
            volumes,
            services,
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
        Self {
            name: pen.write(yaml(name.as_str()), [entry(image)]),
            image: pen.write(
                yaml(&reference),
                [entry(image), fleet.registry.origin, fleet.owner.origin],
            ),
            dockerfile: dockerfile(pen, image),
            context: context(pen, root, image),
            stage: stage(pen, image),
            arguments: arguments(pen, image),
            port: port(pen, &image.name, entry(image), service),
            healthcheck: HealthCheckContext::of(pen, service),
            depends_on: depends_on(pen, by_name, service),
            volumes: volumes(pen, image, service),
            sources: sources(pen, root, service),
            generated: rebuilt_for(pen, root, image),
            restart: restart(pen, service),
            profile: profile(pen, service),
            command: None,
            entrypoint: None,
            environment: Vec::new(),
            unasked: None,
            stop_signal: (service.stop_signal.as_ref())
                .map(|signal| pen.write(signal.value.as_str(), [signal.origin])),
            stop_grace_period: (service.stop_grace_period.as_ref())
                .map(|period| duration(pen, period)),
        }
    }
}

impl<'a> ServiceContext<'a> {
    /// The same image with another process in it.
    fn running(self, pen: &Pen, by_name: &BTreeMap<&str, &Service>, process: &'a Process) -> Self {
        let (service, entry) = (&process.service, Origin::field(process.section, ""));
        let command = match &service.command.value {
            // With an entrypoint of its own, the image's command does not count.
            Command::Exec(words) if words.is_empty() && service.entrypoint.is_some() => None,
            Command::Exec(words) => Some(words),
            Command::Inherited | Command::Uvicorn(_) => None,
        };
        let healthcheck = HealthCheckContext::of(pen, service);
        let variable = |(key, value): &Variable| ArgumentContext {
            key: pen.write(yaml(key.as_str()), [value.origin]),
            value: pen.write(compose(value.value.as_str()), [value.origin]),
        };
        Self {
            name: pen.write(yaml(process.name.as_str()), [entry]),
            port: port(pen, &process.name, entry, service),
            unasked: healthcheck.is_none().then(|| pen.write("true", [entry])),
            healthcheck,
            depends_on: depends_on(pen, by_name, service),
            restart: restart(pen, service),
            profile: profile(pen, service),
            stop_signal: self.stop_signal,
            stop_grace_period: (service.stop_grace_period.as_ref())
                .map(|period| duration(pen, period)),
            command: command.map(|words| sequence(pen, words, service.command.origin)),
            entrypoint: (service.entrypoint.as_ref())
                .map(|words| sequence(pen, &words.value, words.origin)),
            environment: process.env.iter().map(variable).collect(),
            ..self
        }
    }
}

/// Words as a flow sequence.
fn sequence<'a>(pen: &Pen, words: &[FreeText], origin: Origin) -> Printed<'a> {
    let words: Vec<String> = words.iter().map(|word| compose(word.as_str())).collect();
    pen.write(format!("[{}]", words.join(", ")), [origin])
}

/// The port of a service, and a free one of the host unless a variable names one.
fn port<'a>(
    pen: &Pen,
    name: &ServiceName,
    entry: Origin,
    service: &Service,
) -> Option<PortContext<'a>> {
    let port = service.port.as_ref()?;
    let variable = name.module().to_ascii_uppercase();
    let host = yaml(&format!("${{{variable}_PORT:-0}}"));
    Some(PortContext {
        container: pen.write(port.value.to_string(), [port.origin]),
        host: pen.write(host, [entry]),
    })
}

fn depends_on<'a>(
    pen: &Pen,
    by_name: &BTreeMap<&str, &Service>,
    service: &'a Service,
) -> Vec<DependencyContext<'a>> {
    let wanted = service.depends_on.iter();
    wanted
        .map(|wanted| dependency(pen, by_name, wanted))
        .collect()
}

/// The Dockerfile from the build context on.
fn dockerfile<'a>(pen: &Pen, image: &Image) -> Printed<'a> {
    match &image.kept {
        Some(kept) => pen.write(yaml(&kept.path_from_context()), [kept.path.origin]),
        None => pen.write(yaml(&dockerfile_path(image)), [entry(image)]),
    }
}

fn context<'a>(pen: &Pen, root: &str, image: &Image) -> Option<Printed<'a>> {
    let kept = image
        .kept
        .as_ref()
        .filter(|kept| !kept.context.is_empty())?;
    let path = format!("{root}/{}", kept.context);
    Some(pen.write(compose(&path), [kept.path.origin]))
}

fn stage<'a>(pen: &Pen, image: &Image) -> Option<Printed<'a>> {
    let target = image.kept.as_ref()?.target.as_ref()?;
    Some(pen.write(yaml(target.value.as_str()), [target.origin]))
}

/// The build arguments of a kept Dockerfile: a generated one has them as defaults.
fn arguments<'a>(pen: &Pen, image: &Image) -> Vec<ArgumentContext<'a>> {
    let declared = image.args.iter().filter(|_| image.kept.is_some());
    let argument = |(key, value): &Variable| ArgumentContext {
        key: pen.write(yaml(key.as_str()), [value.origin]),
        value: pen.write(compose(value.value.as_str()), [value.origin]),
    };
    declared.map(argument).collect()
}

/// What an image is built again for, beside its sources.
fn rebuilt_for<'a>(pen: &Pen, root: &str, image: &Image) -> Printed<'a> {
    let folder = image
        .kept
        .as_ref()
        .map_or(&image.folder, |kept| &kept.context);
    let path = if folder.is_empty() {
        root.to_owned()
    } else {
        format!("{root}/{folder}")
    };
    pen.write(compose(&path), [entry(image)])
}

/// The volumes of a service, each with a name of its own.
fn volumes<'a>(pen: &Pen, image: &Image, service: &'a Service) -> Vec<VolumeContext<'a>> {
    let mut names: Vec<String> = Vec::new();
    let volume = |path: &'a Sourced<LinuxPath>| {
        let path_words = path.value.as_str().trim_start_matches('/');
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
        let words = path_words.replace(|c: char| !is_plain(c), "-");
        let mut name = format!("{}-{words}", image.name);
        while names.contains(&name) {
            name.push('-');
        }
        names.push(name.clone());
        VolumeContext {
            name: pen.write(yaml(&name), [path.origin, entry(image)]),
            target: pen.write(compose(path.value.as_str()), [path.origin]),
        }
    };
    service.volumes.iter().map(volume).collect()
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

/// The profile of a service that `docker compose run` gives its command.
fn profile(pen: &Pen, service: &Service) -> Option<Printed<'static>> {
    let needs_command = service.starts_nothing();
    needs_command.then(|| pen.write("manual", [service.command.origin]))
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
