//! Steps of the build, folders that a container writes, and further ports.

use super::field::Findings;
use super::hooks::hook_fault;
use super::layers::Layers;
use super::role::DeclaredRole;
use crate::declare::schema::{AfterDecl, RunDecl};
use crate::diagnostic::code;
use crate::fleet::joined::Joined;
use crate::fleet::model::{After, BuildStep, Origin, Secret, Sourced, StepMount};
use crate::fleet::placeholder::Values;
use crate::values::{LinuxPath, Port, RelPath};

/// Steps, inherited ones first. They can read the secrets of the image.
pub(super) fn steps(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    secrets: &Joined<Secret>,
    values: &Values<'_>,
) -> Vec<BuildStep> {
    let (items, _) = layers.items("run", |decl| &decl.run);
    let mut steps = Vec::new();
    for (origin, decl) in items {
        let Some(line) = decl.run.as_deref().filter(|line| !line.trim().is_empty()) else {
            let message = "a step needs `run`, the shell command".to_owned();
            findings.at_value(&code::MISSING_FIELD, origin, message);
            continue;
        };
        let line = findings.filled(origin, line, values).into_owned();
        let instruction = format!("RUN {line}");
        if let Some(fault) = hook_fault(&[&instruction]) {
            let message = format!("the step {fault}");
            findings.at_value(&code::HOOK_BREAKS_DOCKERFILE, origin, message);
            continue;
        }
        steps.push(BuildStep {
            origin,
            line,
            after: match decl.after {
                Some(AfterDecl::Apt) => After::Apt,
                Some(AfterDecl::Install) | None => After::Install,
                Some(AfterDecl::Source) => After::Source,
            },
            mounts: mounts(findings, (origin, decl), secrets, values),
        });
    }
    steps
}

/// What is mounted for a step: files, then secrets, then caches.
fn mounts(
    findings: &mut Findings<'_>,
    (origin, decl): (Origin, &RunDecl),
    of_image: &Joined<Secret>,
    values: &Values<'_>,
) -> Vec<StepMount> {
    let mut mounts = Vec::new();
    for text in decl.files.iter() {
        let path = findings.filled_path(origin, text, values);
        let read = path.and_then(|path| {
            let path = path.strip_prefix("./").unwrap_or(&path);
            let path = path.trim_end_matches('/');
            findings.value(origin, path, &code::INVALID_VALUE, RelPath::parse)
        });
        mounts.extend(read.map(|path| StepMount::File(path.value)));
    }
    for entry in decl.secrets.iter() {
        let Some(secret) = findings.secret(origin, entry) else {
            continue;
        };
        let known = of_image.iter().find(|one| one.id.value == secret.id.value);
        let target = match known {
            Some(known) if entry.target.is_none() => known.target.clone(),
            _ => secret.target,
        };
        mounts.push(StepMount::Secret(secret.id.value, target));
    }
    for text in decl.cache.iter() {
        let path = findings.filled_path(origin, text, values);
        let path = path.and_then(|path| match path.strip_prefix("~/") {
            // Steps run as root.
            Some(below) => Some(format!("/root/{below}")),
            None => findings.counted_from_workdir(origin, &path, values),
        });
        let read = path
            .and_then(|path| findings.value(origin, &path, &code::INVALID_VALUE, LinuxPath::parse));
        mounts.extend(read.map(|path| StepMount::Cache(path.value)));
    }
    mounts
}

/// Folders that the container's user may write.
pub(super) fn dirs(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
) -> Vec<Sourced<String>> {
    let (items, _) = layers.items("dirs", |decl| &decl.dirs);
    let mut dirs: Vec<Sourced<String>> = Vec::new();
    for (origin, text) in items {
        let Some(path) = findings.filled_path(origin, text, values) else {
            continue;
        };
        let path = path.strip_prefix("./").unwrap_or(&path);
        let path = path.trim_end_matches('/');
        // Neither no name nor the root of all, which no user may own.
        let absolute = if path.is_empty() || path.starts_with('/') {
            path.to_owned()
        } else {
            format!("/{path}")
        };
        let is_workdir = path == ".";
        let read = is_workdir
            || findings
                .value(origin, &absolute, &code::INVALID_VALUE, LinuxPath::parse)
                .is_some();
        if read && !dirs.iter().any(|known| known.value == path) {
            dirs.push(Sourced {
                value: path.to_owned(),
                origin,
            });
        }
    }
    dirs
}

/// Folders that are volumes, by their whole paths.
pub(super) fn volumes(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
) -> Vec<Sourced<LinuxPath>> {
    let (items, _) = layers.items("volumes", |decl| &decl.volumes);
    let mut volumes: Vec<Sourced<LinuxPath>> = Vec::new();
    for (origin, text) in items {
        let path = findings.filled_path(origin, text, values);
        let path = path.and_then(|path| findings.counted_from_workdir(origin, &path, values));
        let read = path
            .and_then(|path| findings.value(origin, &path, &code::INVALID_VALUE, LinuxPath::parse));
        let is_new = |read: &Sourced<LinuxPath>| volumes.iter().all(|one| one.value != read.value);
        let read = read.filter(is_new);
        volumes.extend(read);
    }
    volumes
}

/// Further ports, each with its protocol where that is not TCP.
pub(super) fn ports(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    role: DeclaredRole,
) -> Vec<Sourced<String>> {
    let (items, _) = layers.items("ports", |decl| &decl.ports);
    let mut ports: Vec<Sourced<String>> = Vec::new();
    for (origin, text) in items {
        if !role.keeps(findings, origin) {
            continue;
        }
        let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
        if !["tcp", "udp", "sctp"].contains(&protocol) {
            let message = format!("`{protocol}` is not a valid protocol");
            let help = "write tcp, udp or sctp, such as 6000/udp".to_owned();
            findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
            continue;
        }
        let read = findings.value(origin, number, &code::INVALID_VALUE, Port::parse);
        let is_new = !ports.iter().any(|known| known.value == ***text);
        if read.is_some() && is_new {
            ports.push(Sourced {
                value: text.to_string(),
                origin,
            });
        }
    }
    ports
}
