//! What templates may print: the whole contract between Rust and the templates, documented for people in docs/templates.md.
//!
//! Every value is text that is already encoded for its place, so a template decides nothing and quotes nothing.

use std::borrow::Cow;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use crate::artifact::lies_in;
use crate::fleet::joined::Joined;
use crate::fleet::lock::{Locked, Pin};
use crate::fleet::model::{Command, HOOK_POINTS, HealthCheck, Parent, RequirementSet, Service, Variable};
use crate::fleet::names::{KindName, Quote};
use crate::fleet::requirement::Requirement;
use crate::fleet::{Fleet, Image, Origin, Role, Sourced};

/// The uid and gid of the container's user: numeric, so that Kubernetes' runAsNonRoot can check it, and above Debian's system range.
const USER: &str = "10001";
/// 1980-01-01, the earliest time that zip files can hold: the time of every installed file.
const EPOCH: &str = "315532800";

/// What the template of a Dockerfile may print.
#[derive(Debug, Serialize)]
pub(super) struct DockerfileContext<'a> {
    name: &'a str,
    module: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'a str>,
    registry: &'a str,
    owner: &'a str,
    python: &'a str,
    user: &'static str,
    epoch: &'static str,
    /// The reference of the image below, for the label.
    parent: String,
    /// The external image below; absent on a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<String>,
    /// The base below; absent on an external image.
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<BaseContext<'a>>,
    /// The version of a base; absent on a service.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    apt: Vec<&'a str>,
    apt_build: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    requirements: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    constraints: Option<String>,
    /// Whether the requirements are those of a lock, with hashes.
    locked: bool,
    secrets: Vec<SecretContext<'a>>,
    env: Vec<VariableContext<'a>>,
    args: Vec<VariableContext<'a>>,
    hooks: Hooks<'a>,
    copies: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<HealthCheckContext<'a>>,
    /// The command in exec form; absent on a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
}

#[derive(Debug, Serialize)]
struct BaseContext<'a> {
    name: &'a str,
    version: &'a str,
    /// The reference through the build arguments REGISTRY, OWNER and `BASE_VERSION`.
    variables: String,
}

#[derive(Debug, Serialize)]
struct SecretContext<'a> {
    id: &'a str,
    target: &'a str,
}

#[derive(Debug, Serialize)]
struct VariableContext<'a> {
    key: &'a str,
    /// Quoted as a Dockerfile word.
    value: String,
}

#[derive(Debug, Serialize)]
struct HealthCheckContext<'a> {
    interval: &'a str,
    timeout: &'a str,
    start_period: &'a str,
    retries: String,
    /// The probe in exec form.
    command: String,
}

impl<'a> DockerfileContext<'a> {
    pub(super) fn of(fleet: &'a Fleet, image: &'a Image) -> Self {
        let service = service(image);
        Self {
            name: image.name.as_str(),
            module: image.name.module(),
            kind: service.and_then(|service| service.kind.as_ref()).map(KindName::as_str),
            registry: fleet.registry.value.as_str(),
            owner: fleet.owner.value.as_str(),
            python: image.python.as_str(),
            user: USER,
            epoch: EPOCH,
            parent: parent_reference(fleet, image),
            from: if let Parent::External(external) = &image.parent {
                Some(external.reference.to_string())
            } else {
                None
            },
            base: fleet.base_of(image).and_then(BaseContext::of),
            version: version(image),
            apt: image.apt.iter().map(|package| package.value.as_str()).collect(),
            apt_build: image.apt_build.iter().map(|package| package.value.as_str()).collect(),
            requirements: has_requirements(image).then(|| requirements_path(image)),
            constraints: constraints_of(fleet, image).map(constraints_path),
            locked: image.locked.is_wanted(),
            secrets: image
                .secrets
                .iter()
                .map(|secret| SecretContext { id: secret.id.value.as_str(), target: secret.target.as_str() })
                .collect(),
            env: variables(&image.env),
            args: variables(&image.args),
            hooks: Hooks(image),
            copies: service.map_or_else(Vec::new, |service| copies(fleet, service)),
            port: service.and_then(|service| service.port.as_ref()).map(|port| port.value.to_string()),
            healthcheck: service.and_then(HealthCheckContext::of),
            command: service.map(command),
        }
    }
}

fn variables(declared: &Joined<Variable>) -> Vec<VariableContext<'_>> {
    let quoted =
        declared.iter().map(|(key, value)| VariableContext { key: key.as_str(), value: value.value.dockerfile_word() });
    quoted.collect()
}

impl<'a> BaseContext<'a> {
    fn of(base: &'a Image) -> Option<Self> {
        let name = base.name.as_str();
        Some(Self {
            name,
            version: version(base)?,
            variables: ["${REGISTRY}/${OWNER}/", name, ":${BASE_VERSION}"].concat(),
        })
    }
}

impl<'a> HealthCheckContext<'a> {
    fn of(service: &'a Service) -> Option<Self> {
        let check = service.health_check.as_ref()?;
        Some(Self {
            interval: check.interval.value.as_str(),
            timeout: check.timeout.value.as_str(),
            start_period: check.start_period.value.as_str(),
            retries: check.retries.value.to_string(),
            command: exec_form(&probe_words(check, &service.port.as_ref()?.value.to_string())),
        })
    }
}

/// The probe: `http.client` of the standard library, which unlike curl is there anyway, and unlike urllib obeys no proxy variable.
pub(super) fn probe_words(check: &HealthCheck, port: &str) -> [Cow<'static, str>; 3] {
    let script = format!(
        "import http.client as h; c = h.HTTPConnection('127.0.0.1', {port}, timeout={timeout}); c.request('GET', '{path}'); \
         raise SystemExit(c.getresponse().status != 200)",
        timeout = seconds_below(check.timeout.value.as_millis()),
        path = check.path.value,
    );
    ["python".into(), "-c".into(), script.into()]
}

/// A little less than the builder's own limit, so that the probe ends by itself with a reason.
fn seconds_below(millis: u64) -> String {
    let tenths = (millis / 125).max(1);
    if tenths.is_multiple_of(10) { (tenths / 10).to_string() } else { format!("{}.{}", tenths / 10, tenths % 10) }
}

fn exec_form(words: &[impl AsRef<str>]) -> String {
    let mut form = vec![b'['];
    for (position, word) in words.iter().enumerate() {
        form.extend_from_slice(if position == 0 { b"" } else { b", " });
        // A text is always JSON, and memory takes any amount.
        let _ = serde_json::to_writer(&mut form, word.as_ref());
    }
    form.push(b']');
    String::from_utf8(form).unwrap_or_default()
}

fn command(service: &Service) -> String {
    match &service.command.value {
        Command::Exec(words) => exec_form(words),
        Command::Uvicorn(app) => {
            let port = service.port.as_ref().map(|port| port.value.to_string()).unwrap_or_default();
            exec_form(&["python", "-m", "uvicorn", app.as_str(), "--host", "0.0.0.0", "--port", &port])
        }
    }
}

fn service(image: &Image) -> Option<&Service> {
    if let Role::Service(service) = &image.role { Some(service) } else { None }
}

fn version(image: &Image) -> Option<&str> {
    if let Role::Base(version) = &image.role { Some(version.value.as_str()) } else { None }
}

/// The full reference of the image below.
pub(crate) fn parent_reference(fleet: &Fleet, image: &Image) -> String {
    match (&image.parent, fleet.base_of(image)) {
        (Parent::External(external), _) => external.reference.to_string(),
        (Parent::Base(_), base) => {
            let (name, version) = base.map_or(("", ""), |base| (base.name.as_str(), version(base).unwrap_or_default()));
            [fleet.registry.value.as_str(), "/", fleet.owner.value.as_str(), "/", name, ":", version].concat()
        }
    }
}

/// The lines at each point, which is a field of its own, whether there are any or not.
#[derive(Debug)]
struct Hooks<'a>(&'a Image);

impl Serialize for Hooks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut points = serializer.serialize_struct("hooks", HOOK_POINTS.len())?;
        for point in HOOK_POINTS {
            let hooks = self.0.hooks.iter().filter(|hook| hook.point == point);
            let lines: Vec<&str> = hooks.flat_map(|hook| &hook.lines).map(|line| line.value.as_str()).collect();
            points.serialize_field(point, &lines)?;
        }
        points.end()
    }
}

/// The folders that an image copies, shared ones first since they change less often than the service's own.
fn copies<'a>(fleet: &'a Fleet, service: &'a Service) -> Vec<&'a str> {
    fleet.shared.iter().map(|folder| folder.value.as_str()).chain(std::iter::once(service.source.as_str())).collect()
}

/// Whether an image installs anything of its own.
pub(super) fn has_requirements(image: &Image) -> bool {
    match &image.locked {
        Locked::By(lock) => !lock.pins.is_empty(),
        Locked::No | Locked::Missing => !image.pip.is_empty() || !image.sets.is_empty(),
    }
}

pub(super) fn dockerfile_path(image: &Image) -> String {
    [&image.folder, "/Dockerfile"].concat()
}

pub(super) fn requirements_path(image: &Image) -> String {
    [&image.folder, "/requirements.txt"].concat()
}

pub(super) fn constraints_path(image: &Image) -> String {
    [&image.folder, "/constraints.txt"].concat()
}

/// The base whose constraints hold for an image: the one below, where anything below is pinned. Where locked packages are built from
/// source, pip resolves nothing any more, so there is nothing to constrain.
fn constraints_of<'a>(fleet: &'a Fleet, image: &Image) -> Option<&'a Image> {
    let resolves = !image.locked.is_wanted() || image.apt_build.is_empty();
    fleet.base_of(image).filter(|base| resolves && has_pins(fleet, base))
}

/// The requirement lines that an image installs, with the set they come from.
fn groups<'a>(fleet: &'a Fleet, image: &'a Image) -> Vec<RequirementGroup<'a>> {
    let sets = image.sets.iter().filter_map(|set| fleet.sets.get(set.value));
    let own = (!image.pip.is_empty()).then(|| (None, image.pip.iter().collect()));
    sets.map(|set| (Some(set), set.requirements.iter().collect())).chain(own).collect()
}

/// Requirements, and the set that they are in.
type RequirementGroup<'a> = (Option<&'a RequirementSet>, Vec<&'a Sourced<Requirement>>);

/// What pip may not change on top of a base: its version specifiers and those of the bases below, by name; of a locked one all that
/// its lock pins.
pub(super) fn pins(fleet: &Fleet, base: &Image) -> Vec<String> {
    let mut pins: Vec<String> = held(fleet, base).filter_map(Requirement::constraint).collect();
    pins.sort();
    pins.dedup();
    pins
}

/// Whether there are any.
pub(super) fn has_pins(fleet: &Fleet, base: &Image) -> bool {
    held(fleet, base).any(|requirement| requirement.constraint().is_some())
}

/// Everything that a base and those below install, as far as it is known.
fn held<'a>(fleet: &'a Fleet, base: &'a Image) -> impl Iterator<Item = &'a Requirement> {
    std::iter::once(base).chain(fleet.bases_of(base)).flat_map(|image| {
        let lock = image.locked.lock();
        let declared = lock.is_none().then(|| fleet.requirements_of(image).map(|one| &one.value));
        lock.into_iter().flat_map(|lock| &lock.pins).map(|pin| &pin.requirement).chain(declared.into_iter().flatten())
    })
}

/// What the template of a constraints file may print.
#[derive(Debug, Serialize)]
pub(super) struct PinsContext {
    pub(super) pins: Vec<String>,
}

/// What the template of a requirements file may print.
#[derive(Debug, Serialize)]
pub(super) struct RequirementsContext<'a> {
    index_urls: Vec<&'a str>,
    /// Whether pip is to install nothing without a hash.
    locked: bool,
    groups: Vec<GroupContext<'a>>,
    /// What a lock says, in place of groups.
    pins: Vec<PinContext<'a>>,
}

#[derive(Debug, Serialize)]
struct PinContext<'a> {
    requirement: &'a str,
    hashes: Vec<String>,
}

impl<'a> PinContext<'a> {
    fn of(pin: &'a Pin) -> Self {
        let hashes = pin.hashes.iter().map(|hash| format!("sha256:{hash}")).collect();
        Self { requirement: pin.requirement.as_str(), hashes }
    }
}

#[derive(Debug, Serialize)]
struct GroupContext<'a> {
    title: String,
    requirements: Vec<&'a str>,
}

impl<'a> RequirementsContext<'a> {
    pub(super) fn of_image(fleet: &'a Fleet, image: &'a Image) -> Self {
        let title = |set: Option<&RequirementSet>| {
            set.map_or_else(|| format!("{} alone", image.name), |set| format!("the set {}", set.name))
        };
        let group = |(set, requirements): RequirementGroup<'a>| GroupContext {
            title: title(set),
            requirements: requirements.into_iter().map(|requirement| requirement.value.as_str()).collect(),
        };
        Self {
            index_urls: image.index_urls.iter().map(|url| url.value.as_str()).collect(),
            locked: image.locked.is_wanted(),
            groups: match &image.locked {
                Locked::By(_) => Vec::new(),
                _ => groups(fleet, image).into_iter().map(group).collect(),
            },
            pins: image.locked.lock().into_iter().flat_map(|lock| &lock.pins).map(PinContext::of).collect(),
        }
    }

    pub(super) fn of_set(set: &'a RequirementSet) -> Self {
        let use_note = if set.development { ", for development: in no image" } else { "" };
        let requirements = set.requirements.iter().map(|requirement| requirement.value.as_str()).collect();
        Self {
            index_urls: Vec::new(),
            locked: false,
            pins: Vec::new(),
            groups: vec![GroupContext { title: format!("the set {}{use_note}", set.name), requirements }],
        }
    }
}

/// What the template of a dockerignore file may print.
#[derive(Debug, Serialize)]
pub(super) struct IgnoreContext<'a> {
    /// The paths that the build context keeps.
    context: Vec<Cow<'a, str>>,
    /// Generated files below a copied folder that the image has no use for.
    excluded: Vec<String>,
}

impl<'a> IgnoreContext<'a> {
    pub(super) fn of(fleet: &'a Fleet, image: &'a Image) -> Self {
        let copied = service(image).map_or_else(Vec::new, |service| copies(fleet, service));
        let requirements = has_requirements(image).then(|| requirements_path(image));
        let constraints = constraints_of(fleet, image).map(constraints_path);
        let mounted = requirements.into_iter().chain(constraints.filter(|_| has_requirements(image)));
        let beside_sources = copied.iter().any(|folder| lies_in(&image.folder, folder));
        let excluded = if beside_sources { vec![format!("{}/Dockerfile*", image.folder)] } else { Vec::new() };
        Self { excluded, context: copied.into_iter().map(Into::into).chain(mounted.map(Into::into)).collect() }
    }
}

/// A path in a context such as `env.0.value`, in parts: name, position, field.
fn parts(value_path: &str) -> (&str, Option<usize>, Option<&str>) {
    let mut parts = value_path.split('.');
    let name = parts.next().unwrap_or_default();
    let second = parts.next();
    let position = second.and_then(|part| part.parse().ok());
    (name, position, if position.is_some() { parts.next() } else { second })
}

/// Where a value of [`DockerfileContext`] was declared.
pub(super) fn dockerfile_origin(fleet: &Fleet, image: &Image, value_path: &str) -> Option<Origin> {
    let (name, position, field) = parts(value_path);
    let entry = Origin::field(image.section, "");
    match (name, position) {
        ("registry", _) => Some(fleet.registry.origin),
        ("owner", _) => Some(fleet.owner.origin),
        ("name" | "module", _) => Some(entry),
        ("python", _) => Some(fleet.python.origin),
        ("from" | "parent" | "base", _) => Some(parent_origin(fleet, image, field)),
        ("version", _) => {
            if let Role::Base(version) = &image.role {
                Some(version.origin)
            } else {
                None
            }
        }
        ("apt", Some(at)) => image.apt.get(at).map(|package| package.origin),
        ("apt_build", Some(at)) => image.apt_build.get(at).map(|package| package.origin),
        ("env", Some(at)) => image.env.get(at).map(|(_, value)| value.origin),
        ("args", Some(at)) => image.args.get(at).map(|(_, value)| value.origin),
        ("secrets", Some(at)) => image.secrets.get(at).map(|secret| secret.id.origin),
        ("copies", Some(at)) => fleet.shared.get(at).map(|folder| folder.origin).or(Some(entry)),
        ("hooks", _) => image
            .hooks
            .iter()
            .find(|hook| Some(hook.point) == field)
            .and_then(|hook| hook.lines.first())
            .map(|line| line.origin),
        _ => service(image).and_then(|service| service_origin(service, name, field)),
    }
}

fn parent_origin(fleet: &Fleet, image: &Image, field: Option<&str>) -> Origin {
    match (&image.parent, fleet.base_of(image).map(|base| &base.role)) {
        (Parent::External(external), _) => external.origin,
        (Parent::Base(_), Some(Role::Base(version))) if field != Some("name") && field != Some("variables") => {
            version.origin
        }
        (Parent::Base(base), _) => base.origin,
    }
}

fn service_origin(service: &Service, name: &str, field: Option<&str>) -> Option<Origin> {
    let check = service.health_check.as_ref();
    match (name, field) {
        ("port", _) => service.port.as_ref().map(|port| port.origin),
        ("command", _) => match (&service.command.value, &service.port) {
            (Command::Uvicorn(_), Some(port)) => Some(port.origin),
            _ => Some(service.command.origin),
        },
        ("healthcheck", Some("interval")) => check.map(|check| check.interval.origin),
        ("healthcheck", Some("timeout")) => check.map(|check| check.timeout.origin),
        ("healthcheck", Some("start_period")) => check.map(|check| check.start_period.origin),
        ("healthcheck", Some("retries")) => check.map(|check| check.retries.origin),
        ("healthcheck", _) => service.port.as_ref().map(|port| port.origin),
        _ => None,
    }
}

/// Where a value of an image's [`RequirementsContext`] was declared.
pub(super) fn requirement_origin(fleet: &Fleet, image: &Image, value_path: &str) -> Option<Origin> {
    let mut parts = value_path.split('.');
    let (name, first) = (parts.next()?, parts.next()?.parse::<usize>().ok()?);
    match name {
        "index_urls" => image.index_urls.get(first).map(|url| url.origin),
        "pins" => pin_origin(fleet, image, first),
        _ => item_origin(groups(fleet, image).get(first)?.1.iter().copied(), parts),
    }
}

/// Where a package of a lock is asked for; nothing for what only follows.
fn pin_origin(fleet: &Fleet, image: &Image, position: usize) -> Option<Origin> {
    let pinned = image.locked.lock()?.pins.get(position)?.requirement.normalized_name();
    fleet.requirements_of(image).find(|one| one.value.normalized_name() == pinned).map(|one| one.origin)
}

/// Where a value of a set's [`RequirementsContext`] was declared.
pub(super) fn set_origin(set: &RequirementSet, value_path: &str) -> Option<Origin> {
    item_origin(set.requirements.iter(), value_path.split('.').skip(2))
}

fn item_origin<'r, 'p>(
    mut requirements: impl Iterator<Item = &'r Sourced<Requirement>>,
    mut parts: impl Iterator<Item = &'p str>,
) -> Option<Origin> {
    let position: usize = parts.nth(1)?.parse().ok()?;
    requirements.nth(position).map(|requirement| requirement.origin)
}
