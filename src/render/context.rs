//! What templates may print: the whole contract between Rust and the templates, documented for
//! people in docs/templates.md.
//!
//! Every value is text that is already encoded for its place, so a template decides nothing and
//! quotes nothing; and every value knows where it was declared ([`super::pen`]).

use std::borrow::Cow;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use super::pen::{Pen, Printed};
use crate::artifact::lies_in;
use crate::fleet::joined::Joined;
use crate::fleet::lock::{Locked, Pin};
use crate::fleet::model::{
    Command, HOOK_POINTS, HealthCheck, Parent, RequirementSet, Section, Service, Variable,
};
use crate::fleet::{Fleet, Image, Origin, Role, Sourced};
use crate::values::requirement::Requirement;
use crate::values::{Quote, Version};

/// The uid and gid of the container's user: numeric, so that Kubernetes' runAsNonRoot can check it,
/// and above Debian's system range.
const USER: &str = "10001";
/// 1980-01-01, the earliest time that zip files can hold: the time of every installed file.
const EPOCH: &str = "315532800";

/// What the template of a Dockerfile may print.
#[derive(Debug, Serialize)]
pub(super) struct DockerfileContext<'a> {
    name: Printed<'a>,
    module: Printed<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<Printed<'a>>,
    registry: Printed<'a>,
    owner: Printed<'a>,
    python: Printed<'a>,
    user: Printed<'static>,
    epoch: Printed<'static>,
    /// The reference of the image below, for the label.
    parent: Printed<'a>,
    /// The external image below; absent on a base.
    #[serde(skip_serializing_if = "Option::is_none")]
    from: Option<Printed<'a>>,
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
    /// Whether the requirements are those of a lock, with hashes.
    locked: bool,
    secrets: Vec<SecretContext<'a>>,
    env: Vec<VariableContext<'a>>,
    args: Vec<VariableContext<'a>>,
    hooks: Hooks<'a>,
    copies: Vec<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<HealthCheckContext<'a>>,
    /// The command in exec form; absent on a base.
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

#[derive(Debug, Serialize)]
struct HealthCheckContext<'a> {
    interval: Printed<'a>,
    timeout: Printed<'a>,
    start_period: Printed<'a>,
    retries: Printed<'a>,
    /// The probe in exec form.
    command: Printed<'a>,
}

impl<'a> DockerfileContext<'a> {
    pub(super) fn of(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Self {
        let service = service(image);
        let kind = service.and_then(|service| service.kind.as_ref());
        Self {
            name: pen.write(image.name.as_str(), [entry(image)]),
            module: pen.write(image.name.module(), [entry(image)]),
            kind: kind.map(|kind| pen.write(kind.as_str(), [Origin::field(image.section, "kind")])),
            registry: pen.write(fleet.registry.value.as_str(), [fleet.registry.origin]),
            owner: pen.write(fleet.owner.value.as_str(), [fleet.owner.origin]),
            python: pen.write(image.python.value.as_str(), [image.python.origin]),
            user: Printed::fixed(USER),
            epoch: Printed::fixed(EPOCH),
            parent: parent(pen, fleet, image),
            from: if let Parent::External(external) = &image.parent {
                Some(pen.write(external.reference.to_string(), [external.origin]))
            } else {
                None
            },
            base: BaseContext::of(pen, fleet, image),
            version: version(image)
                .map(|version| pen.write(version.value.as_str(), [version.origin])),
            apt: image
                .apt
                .iter()
                .map(|package| pen.write(package.value.as_str(), [package.origin]))
                .collect(),
            apt_build: image
                .apt_build
                .iter()
                .map(|package| pen.write(package.value.as_str(), [package.origin]))
                .collect(),
            requirements: has_requirements(image)
                .then(|| generated(pen, image, requirements_path(image))),
            constraints: constraints_of(fleet, image).map(|base| constraints(pen, fleet, base)),
            locked: image.locked.is_wanted(),
            secrets: image
                .secrets
                .iter()
                .map(|secret| SecretContext {
                    id: pen.write(secret.id.value.as_str(), [secret.id.origin]),
                    target: pen.write(secret.target.as_str(), [secret.id.origin]),
                })
                .collect(),
            env: variables(pen, &image.env),
            args: variables(pen, &image.args),
            hooks: Hooks::of(pen, image),
            copies: service.map_or_else(Vec::new, |service| copies(pen, fleet, image, service)),
            port: service
                .and_then(|service| service.port.as_ref())
                .map(|port| pen.write(port.value.to_string(), [port.origin])),
            healthcheck: service.and_then(|service| HealthCheckContext::of(pen, service)),
            command: service.map(|service| command(pen, service)),
        }
    }
}

/// The entry of an image: what its name decides was declared there.
fn entry(image: &Image) -> Origin {
    Origin::field(image.section, "")
}

/// The path of a generated file, which the layout and the image's name decide.
fn generated<'a>(pen: &Pen, image: &Image, path: String) -> Printed<'a> {
    let pattern = if image.version().is_some() {
        "layout.bases"
    } else {
        "layout.services"
    };
    pen.write(path, [Origin::field(Section::Fleet, pattern), entry(image)])
}

/// The path of a base's constraints: they are there because of what the base pins.
fn constraints<'a>(pen: &Pen, fleet: &Fleet, base: &Image) -> Printed<'a> {
    // Only a trace asks which entries these are.
    let pinned = std::iter::once_with(|| pins(fleet, base))
        .flatten()
        .filter_map(|(_, origin)| origin);
    let placed = [Origin::field(Section::Fleet, "layout.bases"), entry(base)];
    pen.write(constraints_path(base), pinned.chain(placed))
}

fn variables<'a>(pen: &Pen, declared: &'a Joined<Variable>) -> Vec<VariableContext<'a>> {
    let written = |(key, value): &'a Variable| VariableContext {
        key: pen.write(key.as_str(), [value.origin]),
        value: pen.write(value.value.dockerfile_word(), [value.origin]),
    };
    declared.iter().map(written).collect()
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

impl<'a> HealthCheckContext<'a> {
    fn of(pen: &Pen, service: &'a Service) -> Option<Self> {
        let (check, port) = (service.health_check.as_ref()?, service.port.as_ref()?);
        let probe = exec_form(&probe_words(check, &port.value.to_string()));
        Some(Self {
            interval: pen.write(check.interval.value.as_str(), [check.interval.origin]),
            timeout: pen.write(check.timeout.value.as_str(), [check.timeout.origin]),
            start_period: pen.write(
                check.start_period.value.as_str(),
                [check.start_period.origin],
            ),
            retries: pen.write(check.retries.value.to_string(), [check.retries.origin]),
            command: pen.write(
                probe,
                [check.path.origin, port.origin, check.timeout.origin],
            ),
        })
    }
}

/// The probe: `http.client` of the standard library, which unlike curl is there anyway, and unlike
/// urllib obeys no proxy variable.
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
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
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

/// The command: `cmd`, or the application and the port.
fn command<'a>(pen: &Pen, service: &Service) -> Printed<'a> {
    let origin = service.command.origin;
    match &service.command.value {
        Command::Exec(words) => pen.write(exec_form(words), [origin]),
        Command::Uvicorn(app) => {
            let port = service.port.as_ref();
            let number = port.map_or_else(String::new, |port| port.value.to_string());
            let words = [
                "python",
                "-m",
                "uvicorn",
                app.as_str(),
                "--host",
                "0.0.0.0",
                "--port",
                &number,
            ];
            pen.write(
                exec_form(&words),
                std::iter::once(origin).chain(port.map(|port| port.origin)),
            )
        }
    }
}

/// The pattern of the folders of sources.
fn source_pattern() -> Origin {
    Origin::field(Section::Fleet, "layout.source")
}

fn service(image: &Image) -> Option<&Service> {
    if let Role::Service(service) = &image.role {
        Some(service)
    } else {
        None
    }
}

fn version(image: &Image) -> Option<&Sourced<Version>> {
    if let Role::Base(version) = &image.role {
        Some(version)
    } else {
        None
    }
}

/// The full reference of the image below.
fn parent<'a>(pen: &Pen, fleet: &Fleet, image: &Image) -> Printed<'a> {
    let reference = parent_reference(fleet, image);
    match &image.parent {
        Parent::External(external) => pen.write(reference, [external.origin]),
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
pub(crate) fn parent_reference(fleet: &Fleet, image: &Image) -> String {
    match (&image.parent, fleet.base_of(image)) {
        (Parent::External(external), _) => external.reference.to_string(),
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

impl Serialize for Hooks<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut points = serializer.serialize_struct("hooks", HOOK_POINTS.len())?;
        for (point, lines) in HOOK_POINTS.into_iter().zip(&self.0) {
            points.serialize_field(point, lines)?;
        }
        points.end()
    }
}

/// The folders that an image copies, shared ones first since they change less often than the
/// service's own.
fn copies<'a>(
    pen: &Pen,
    fleet: &'a Fleet,
    image: &Image,
    service: &'a Service,
) -> Vec<Printed<'a>> {
    let shared = fleet
        .shared
        .iter()
        .map(|folder| pen.write(folder.value.as_str(), [folder.origin]));
    let own = pen.write(service.source.as_str(), [source_pattern(), entry(image)]);
    shared.chain(std::iter::once(own)).collect()
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

/// The base whose constraints hold for an image: the one below, where anything below is pinned.
/// Where locked packages are built from source, pip resolves nothing any more, so there is nothing
/// to constrain.
fn constraints_of<'a>(fleet: &'a Fleet, image: &Image) -> Option<&'a Image> {
    let resolves = !image.locked.is_wanted() || image.apt_build.is_empty();
    fleet
        .base_of(image)
        .filter(|base| resolves && has_pins(fleet, base))
}

/// A version specifier that pip may not change on top of a base, and where it was declared; nowhere
/// for what only a lock holds.
type Held = (String, Option<Origin>);

/// What pip may not change on top of a base: its version specifiers and those of the bases below,
/// by name; of a locked one all that its lock pins.
fn pins(fleet: &Fleet, base: &Image) -> Vec<Held> {
    let constraint =
        |(one, origin): (&Requirement, Option<Origin>)| Some((one.constraint()?, origin));
    let mut pins: Vec<Held> = held(fleet, base).filter_map(constraint).collect();
    pins.sort();
    pins.dedup_by(|one, other| one.0 == other.0);
    pins
}

/// Whether there are any.
pub(super) fn has_pins(fleet: &Fleet, base: &Image) -> bool {
    // Every image on a base asks for it.
    *base.has_pins.get_or_init(|| {
        held(fleet, base).any(|(requirement, _)| requirement.constraint().is_some())
    })
}

/// Everything that a base and those below install, as far as it is known.
fn held<'a>(
    fleet: &'a Fleet,
    base: &'a Image,
) -> impl Iterator<Item = (&'a Requirement, Option<Origin>)> {
    std::iter::once(base)
        .chain(fleet.bases_of(base))
        .flat_map(|image| {
            let lock = image.locked.lock();
            let declared = lock.is_none().then(|| {
                fleet
                    .requirements_of(image)
                    .map(|one| (&one.value, Some(one.origin)))
            });
            let pinned = lock
                .into_iter()
                .flat_map(|lock| &lock.pins)
                .map(|pin| (&pin.requirement, None));
            pinned.chain(declared.into_iter().flatten())
        })
}

/// What the template of a constraints file may print.
#[derive(Debug, Serialize)]
pub(super) struct PinsContext<'a> {
    pins: Vec<Printed<'a>>,
}

impl PinsContext<'_> {
    pub(super) fn of(pen: &Pen, fleet: &Fleet, base: &Image) -> Self {
        Self {
            pins: pins(fleet, base)
                .into_iter()
                .map(|(pin, origin)| pen.write(pin, origin))
                .collect(),
        }
    }
}

/// What the template of a requirements file may print.
#[derive(Debug, Serialize)]
pub(super) struct RequirementsContext<'a> {
    index_urls: Vec<Printed<'a>>,
    /// Whether pip is to install nothing without a hash.
    locked: bool,
    groups: Vec<GroupContext<'a>>,
    /// What a lock says, in place of groups.
    pins: Vec<PinContext<'a>>,
}

#[derive(Debug, Serialize)]
struct PinContext<'a> {
    requirement: Printed<'a>,
    hashes: Vec<Printed<'a>>,
}

impl<'a> PinContext<'a> {
    /// A package of a lock, with the place that asks for it; nothing asks for what only follows.
    fn of(pen: &Pen, fleet: &Fleet, image: &Image, pin: &'a Pin) -> Self {
        let asked = |one: &&Sourced<Requirement>| {
            one.value.normalized_name() == pin.requirement.normalized_name()
        };
        // Only a trace asks where, and a look at every requirement for every pin would take long.
        let origins = std::iter::once_with(|| fleet.requirements_of(image).find(asked)).flatten();
        let requirement = pen.write(pin.requirement.as_str(), origins.map(|one| one.origin));
        let hashes = pin
            .hashes
            .iter()
            .map(|hash| pen.write(format!("sha256:{hash}"), []))
            .collect();
        Self {
            requirement,
            hashes,
        }
    }
}

#[derive(Debug, Serialize)]
struct GroupContext<'a> {
    title: Printed<'a>,
    requirements: Vec<Printed<'a>>,
}

impl<'a> GroupContext<'a> {
    fn of(
        pen: &Pen,
        title: (String, Origin),
        requirements: impl IntoIterator<Item = &'a Sourced<Requirement>>,
    ) -> Self {
        let lines = requirements
            .into_iter()
            .map(|one| pen.write(one.value.as_str(), [one.origin]));
        Self {
            title: pen.write(title.0, [title.1]),
            requirements: lines.collect(),
        }
    }

    /// A set that an image names: its lines are there because of both.
    fn of_named_set(pen: &Pen, set: &'a RequirementSet, named: Origin) -> Self {
        let lines = set
            .requirements
            .iter()
            .map(|one| pen.write(one.value.as_str(), [one.origin, named]));
        Self {
            title: pen.write(format!("the set {}", set.name), [named]),
            requirements: lines.collect(),
        }
    }
}

impl<'a> RequirementsContext<'a> {
    pub(super) fn of_image(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Self {
        let mut groups = Vec::new();
        if image.locked.lock().is_none() {
            for named in &image.sets {
                let set = fleet.sets.get(named.value);
                groups.extend(set.map(|set| GroupContext::of_named_set(pen, set, named.origin)));
            }
            if !image.pip.is_empty() {
                groups.push(GroupContext::of(
                    pen,
                    (format!("{} alone", image.name), entry(image)),
                    &image.pip,
                ));
            }
        }
        let pins = image.locked.lock().into_iter().flat_map(|lock| &lock.pins);
        Self {
            index_urls: image
                .index_urls
                .iter()
                .map(|url| pen.write(url.value.as_str(), [url.origin]))
                .collect(),
            locked: image.locked.is_wanted(),
            groups,
            pins: pins
                .map(|pin| PinContext::of(pen, fleet, image, pin))
                .collect(),
        }
    }

    pub(super) fn of_set(pen: &Pen, set: &'a RequirementSet) -> Self {
        let use_note = if set.development {
            ", for development: in no image"
        } else {
            ""
        };
        let title = (format!("the set {}{use_note}", set.name), set.entry);
        Self {
            index_urls: Vec::new(),
            locked: false,
            pins: Vec::new(),
            groups: vec![GroupContext::of(pen, title, &set.requirements)],
        }
    }
}

/// What the template of a dockerignore file may print.
#[derive(Debug, Serialize)]
pub(super) struct IgnoreContext<'a> {
    /// The paths that the build context keeps.
    context: Vec<Printed<'a>>,
    /// Generated files below a copied folder that the image has no use for.
    excluded: Vec<Printed<'a>>,
}

impl<'a> IgnoreContext<'a> {
    pub(super) fn of(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Self {
        let mut context =
            service(image).map_or_else(Vec::new, |service| copies(pen, fleet, image, service));
        if has_requirements(image) {
            context.push(generated(pen, image, requirements_path(image)));
            context.extend(constraints_of(fleet, image).map(|base| constraints(pen, fleet, base)));
        }
        let shared = fleet.shared.iter().map(|folder| folder.value.as_str());
        let mut copied = service(image)
            .into_iter()
            .flat_map(|service| shared.clone().chain([service.source.as_str()]));
        let excluded = copied.any(|folder| lies_in(&image.folder, folder));
        let excluded =
            excluded.then(|| generated(pen, image, format!("{}/Dockerfile*", image.folder)));
        Self {
            context,
            excluded: excluded.into_iter().collect(),
        }
    }
}
