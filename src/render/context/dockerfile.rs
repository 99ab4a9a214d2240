//! What the template of a Dockerfile may print.

mod plain;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::account::{AccountContext, owner, volumes, written_dirs};
use super::constraints::{constraints, constraints_of, frozen};
use super::install::{InstallContext, LockContext, ProjectsContext, no_binary};
use super::path::{CopyContext, copies, entry, generated, requirements_path, service};
use super::requirements::{has_requirements, installed_files};
use super::routes::RouteContext;
use super::running::{HealthCheckContext, command, entrypoint, expose};
use super::stages::{StagesContext, is_foreign};
use super::steps::steps;
use crate::dockerfile::meaning::is_builders;
use crate::fleet::joined::Joined;
use crate::fleet::model::{After, Command, HOOK_POINTS, Label, Parent, Variable};
use crate::fleet::placeholder::expanding_word;
use crate::fleet::{Fleet, Image, Origin, Role, Sourced};
use crate::render::pen::{Pen, Printed};
use crate::values::{AptPackage, Version};

/// What the template of a Dockerfile may print.
#[derive(Debug, Serialize)]
pub(in crate::render) struct DockerfileContext<'a> {
    name: Printed<'a>,
    module: Printed<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Printed<'a>>,
    registry: Printed<'a>,
    owner: Printed<'a>,
    python: Printed<'a>,
    /// The owner of folders that its user may write.
    user: Printed<'a>,
    account: AccountContext<'a>,
    /// The reference of the image below, for the label.
    parent: Printed<'a>,
    /// Where the sources are, for the label.
    #[serde(skip_serializing_if = "Option::is_none")]
    source_url: Option<Printed<'a>>,
    /// The external image below; absent on a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Printed<'a>>,
    /// Whether the image below is an external one that is not the official Python image: it may
    /// have another user and an entry point.
    foreign: bool,
    /// What differs from one usual image for both stages.
    stages: StagesContext<'a>,
    /// Where modules are looked for, as an assignment with a blank behind it.
    python_path: Printed<'a>,
    /// The base below; absent on an external image.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<BaseContext<'a>>,
    /// The version of a base; absent on a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<Printed<'a>>,
    apt: Vec<Printed<'a>>,
    apt_build: Vec<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirements: Option<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraints: Option<Printed<'a>>,
    /// The packages that are built from source, as options; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    no_binary: Option<Printed<'a>>,
    /// Where the build writes what is installed below, which pip may not change; absent where that
    /// is known before.
    #[serde(skip_serializing_if = "Option::is_none")]
    frozen: Option<Printed<'a>>,
    /// The files of the repository that are installed; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    install: Option<InstallContext<'a>>,
    /// The lock of another tool; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    lock: Option<LockContext<'a>>,
    /// The projects of the repository that `install` names; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    projects: Option<ProjectsContext<'a>>,
    /// Whether the requirements are those of a lock, with hashes.
    locked: bool,
    /// The version of uv, where that installs packages.
    #[serde(skip_serializing_if = "Option::is_none")]
    uv: Option<Printed<'a>>,
    /// The version of poetry, where a lock of it is installed.
    #[serde(skip_serializing_if = "Option::is_none")]
    poetry: Option<Printed<'a>>,
    /// Packages that come from an index of their own; empty where there is none.
    routes: Vec<RouteContext<'a>>,
    /// Whether packages are looked for in several indexes.
    several_indexes: bool,
    secrets: Vec<SecretContext<'a>>,
    env: Vec<VariableContext<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<VariableContext<'a>>,
    args: Vec<ArgumentContext<'a>>,
    hooks: Hooks<'a>,
    /// The folder that commands run in; absent where it is that of the image below.
    #[serde(skip_serializing_if = "Option::is_none")]
    workdir: Option<Printed<'a>>,
    copies: Vec<CopyContext<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<Printed<'a>>,
    /// All ports, as EXPOSE has them; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    expose: Option<Printed<'a>>,
    /// Folders that the user may write, in one line; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    dirs: Option<Printed<'a>>,
    /// The folders that are volumes, in JSON form; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    volumes: Option<Printed<'a>>,
    apt_steps: Vec<Printed<'a>>,
    steps: Vec<Printed<'a>>,
    source_steps: Vec<Printed<'a>>,
    /// What the command is given to, in exec form; absent where the image below decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    entrypoint: Option<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_signal: Option<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<HealthCheckContext<'a>>,
    /// The command in exec form; absent on a base, and where the image below decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<Printed<'a>>,
}

#[derive(Debug, Serialize)]
struct BaseContext<'a> {
    name: Printed<'a>,
    version: Printed<'a>,
    /// The reference through the build arguments REGISTRY, OWNER and `BASE_VERSION`.
    variables: Printed<'a>,
}

#[derive(Debug, Serialize)]
struct SecretContext<'a> {
    id: Printed<'a>,
    target: Printed<'a>,
}

#[derive(Debug, Serialize)]
struct VariableContext<'a> {
    key: Printed<'a>,
    /// Quoted as a Dockerfile word.
    value: Printed<'a>,
}

/// A build argument.
#[derive(Debug, Serialize)]
struct ArgumentContext<'a> {
    key: Printed<'a>,
    /// The default, quoted as a Dockerfile word; absent where the builder gives the value, which
    /// even an empty default would hide.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Printed<'a>>,
}

impl<'a> DockerfileContext<'a> {
    pub(in crate::render) fn of(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Self {
        let service = service(image);
        let kind = service.and_then(|service| service.kind.as_ref());
        Self {
            name: pen.write(image.name.as_str(), [entry(image)]),
            module: pen.write(image.name.module(), [entry(image)]),
            kind: kind.map(|kind| pen.write(kind.as_str(), [Origin::field(image.section, "kind")])),
            registry: pen.write(fleet.registry.value.as_str(), [fleet.registry.origin]),
            owner: pen.write(fleet.owner.value.as_str(), [fleet.owner.origin]),
            python: pen.write(image.python.value.as_str(), [image.python.origin]),
            user: owner(pen, &image.account),
            account: AccountContext::of(pen, fleet, image),
            parent: parent(pen, fleet, image),
            source_url: (fleet.source_url.as_ref())
                .map(|url| pen.write(url.value.as_str(), [url.origin])),
            from: external(pen, &image.parent),
            foreign: is_foreign(&image.parent),
            python_path: python_path(pen, image),
            stages: StagesContext::of(pen, fleet, image),
            base: BaseContext::of(pen, fleet, image),
            version: version(image)
                .map(|version| pen.write(version.value.as_str(), [version.origin])),
            apt: packages(pen, &image.apt),
            apt_build: packages(pen, &image.apt_build),
            requirements: has_requirements(image)
                .then(|| generated(pen, image, requirements_path(image))),
            constraints: constraints_of(fleet, image).map(|base| constraints(pen, fleet, base)),
            no_binary: no_binary(pen, image),
            frozen: frozen(pen, fleet, image),
            install: InstallContext::of(pen, image),
            lock: LockContext::of(pen, image),
            projects: ProjectsContext::of(pen, image),
            poetry: (image.poetry.as_ref())
                .map(|poetry| pen.write(poetry.value.as_str(), [poetry.origin])),
            locked: image.locked.is_wanted(),
            uv: uv(pen, image),
            routes: RouteContext::all(pen, fleet, image),
            several_indexes: image.index_urls.len() > 1,
            secrets: secrets(pen, image),
            env: environment(pen, image),
            labels: labels(pen, image),
            args: arguments(pen, &image.args),
            hooks: Hooks::of(pen, image),
            workdir: workdir(pen, image),
            copies: copies(pen, image),
            port: service
                .and_then(|service| service.port.as_ref())
                .map(|port| pen.write(port.value.to_string(), [port.origin])),
            expose: service.and_then(|service| expose(pen, service)),
            dirs: written_dirs(pen, image),
            volumes: service.and_then(|service| volumes(pen, service)),
            apt_steps: steps(pen, image, After::Apt),
            steps: steps(pen, image, After::Install),
            source_steps: steps(pen, image, After::Source),
            entrypoint: entrypoint(pen, image),
            stop_signal: service
                .and_then(|service| service.stop_signal.as_ref())
                .map(|signal| pen.write(signal.value.as_str(), [signal.origin])),
            healthcheck: service.and_then(|service| HealthCheckContext::of(pen, service)),
            command: service.and_then(|service| command(pen, service)),
        }
    }
}

/// The folder that a WORKDIR says.
fn workdir<'a>(pen: &Pen, image: &'a Image) -> Option<Printed<'a>> {
    let workdir = Some(&image.workdir).filter(|workdir| !workdir.is_inherited)?;
    Some(pen.write(workdir.path()?, [workdir.origin]))
}

fn secrets<'a>(pen: &Pen, image: &'a Image) -> Vec<SecretContext<'a>> {
    let secrets = image.secrets.iter().map(|secret| SecretContext {
        id: pen.write(secret.id.value.as_str(), [secret.id.origin]),
        target: pen.write(secret.target.as_str(), [secret.id.origin]),
    });
    secrets.collect()
}

fn packages<'a>(pen: &Pen, packages: &'a Joined<Sourced<AptPackage>>) -> Vec<Printed<'a>> {
    let packages = packages.iter();
    packages
        .map(|package| pen.write(package.value.as_str(), [package.origin]))
        .collect()
}

/// The version of uv, where there is something that it installs.
fn uv<'a>(pen: &Pen, image: &'a Image) -> Option<Printed<'a>> {
    let needs_python = matches!(&image.parent, Parent::External(below) if !below.has_python());
    let installs = has_requirements(image) || !installed_files(image).is_empty() || needs_python;
    let uv = image.uv.as_ref().filter(|_| installs)?;
    Some(pen.write(uv.value.as_str(), [uv.origin]))
}

/// The external image below.
fn external<'a>(pen: &Pen, parent: &Parent) -> Option<Printed<'a>> {
    match parent {
        Parent::External(external) => {
            Some(pen.write(external.reference.to_string(), [external.origin]))
        }
        Parent::Base(_) | Parent::Kept(_) => None,
    }
}

fn variables<'a>(pen: &Pen, declared: &'a Joined<Variable>) -> Vec<VariableContext<'a>> {
    let written = |(key, value): &'a Variable| VariableContext {
        key: pen.write(key.as_str(), [value.origin]),
        value: pen.write(expanding_word(&value.value), [value.origin]),
    };
    declared.iter().map(written).collect()
}

/// The declared build arguments.
fn arguments<'a>(pen: &Pen, declared: &'a Joined<Variable>) -> Vec<ArgumentContext<'a>> {
    let written = |(key, value): &'a Variable| {
        let word = expanding_word(&value.value);
        let is_given = is_builders(key.as_str()) && word == "\"\"";
        ArgumentContext {
            key: pen.write(key.as_str(), [value.origin]),
            value: (!is_given).then(|| pen.write(word, [value.origin])),
        }
    };
    declared.iter().map(written).collect()
}

/// The declared labels.
fn labels<'a>(pen: &Pen, image: &'a Image) -> Vec<VariableContext<'a>> {
    let written = |(key, value): &'a Label| VariableContext {
        key: pen.write(key.as_str(), [value.origin]),
        value: pen.write(expanding_word(&value.value), [value.origin]),
    };
    image.labels.iter().map(written).collect()
}

/// The declared variables, and what a declared gunicorn needs: workers show that they are alive by
/// writing to a file many times a minute, and hang where `/tmp`, the place of that file, is slow.
/// <https://docs.gunicorn.org/en/stable/faq.html#how-do-i-avoid-gunicorn-excessively-blocking-in-os-fchmod>
fn environment<'a>(pen: &Pen, image: &'a Image) -> Vec<VariableContext<'a>> {
    const ARGUMENTS: &str = "GUNICORN_CMD_ARGS";
    let mut all = variables(pen, &image.env);
    let command = service(image).map(|service| &service.command);
    if let Some((origin, Command::Exec(words))) = command.map(|it| (it.origin, &it.value))
        && words.iter().any(|word| word.as_str().contains("gunicorn"))
        && !words
            .iter()
            .any(|word| word.as_str().contains("--worker-tmp-dir"))
        && !image.env.iter().any(|(key, _)| key.as_str() == ARGUMENTS)
    {
        all.push(VariableContext {
            key: pen.write(ARGUMENTS, [origin]),
            value: pen.write("--worker-tmp-dir=/dev/shm", [origin]),
        });
    }
    all
}

/// Where modules are looked for; nothing where a variable of the image extends what the image below
/// says of that.
fn python_path<'a>(pen: &Pen, image: &Image) -> Printed<'a> {
    let mut env = image.env.iter();
    let extended = env.find(|(key, value)| {
        key.as_str() == "PYTHONPATH" && value.value.as_str().contains("{env.PYTHONPATH}")
    });
    match extended {
        Some((_, value)) => pen.write("", [value.origin]),
        None => pen.write("PYTHONPATH=/app ", []),
    }
}

impl<'a> BaseContext<'a> {
    fn of(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Option<Self> {
        let (Parent::Base(named), Some(base)) = (&image.parent, fleet.base_of(image)) else {
            return None;
        };
        let (name, version) = (base.name.as_str(), version(base)?);
        let reference = ["${REGISTRY}/${OWNER}/", name, ":${BASE_VERSION}"].concat();
        Some(Self {
            name: pen.write(name, [named.origin]),
            version: pen.write(version.value.as_str(), [version.origin]),
            variables: pen.write(reference, [named.origin]),
        })
    }
}

fn version(image: &Image) -> Option<&Sourced<Version>> {
    if let Role::Base(version) = &image.role {
        Some(version)
    } else {
        None
    }
}

/// The full reference of the image below, for the label.
fn parent<'a>(pen: &Pen, fleet: &Fleet, image: &Image) -> Printed<'a> {
    let reference = parent_reference(fleet, image);
    match &image.parent {
        Parent::External(external) => pen.write(reference, [external.origin]),
        Parent::Kept(_) => pen.write(reference, [entry(image)]),
        Parent::Base(named) => {
            let version = fleet
                .base_of(image)
                .and_then(version)
                .map(|version| version.origin);
            let places = [
                version,
                Some(fleet.registry.origin),
                Some(fleet.owner.origin),
                Some(named.origin),
            ];
            pen.write(reference, places.into_iter().flatten())
        }
    }
}

/// The full reference of the image below.
fn parent_reference(fleet: &Fleet, image: &Image) -> String {
    match (&image.parent, fleet.base_of(image)) {
        (Parent::External(external), _) => external.reference.to_string(),
        (Parent::Kept(from), _) => from.clone(),
        (Parent::Base(_), base) => {
            let (name, version) = base.map_or(("", ""), |base| {
                (base.name.as_str(), base.version().unwrap_or_default())
            });
            [
                fleet.registry.value.as_str(),
                "/",
                fleet.owner.value.as_str(),
                "/",
                name,
                ":",
                version,
            ]
            .concat()
        }
    }
}

/// The lines at each point, which is a field of its own, whether there are any or not.
#[derive(Debug)]
struct Hooks<'a>([Vec<Printed<'a>>; HOOK_POINTS.len()]);

impl<'a> Hooks<'a> {
    fn of(pen: &Pen, image: &'a Image) -> Self {
        Self(HOOK_POINTS.map(|point| {
            let hooks = image.hooks.iter().filter(|hook| hook.point == point);
            hooks
                .flat_map(|hook| &hook.lines)
                .map(|line| pen.write(line.value.as_str(), [line.origin]))
                .collect()
        }))
    }
}

impl Hooks<'_> {
    fn are_none(&self) -> bool {
        self.0.iter().all(Vec::is_empty)
    }
}

impl Serialize for Hooks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut points = serializer.serialize_struct("hooks", HOOK_POINTS.len())?;
        for (point, lines) in HOOK_POINTS.into_iter().zip(&self.0) {
            points.serialize_field(point, lines)?;
        }
        points.end()
    }
}
