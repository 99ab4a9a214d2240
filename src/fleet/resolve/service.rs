//! Services: their kind's defaults under their own fields.

use super::base::inherited_indexes;
use super::external::{DEFAULT_IMAGE, Externals};
use super::field::Findings;
use crate::declare::FleetDecl;
use crate::declare::schema::{HealthCheckDecl, ServiceDecl};
use crate::diagnostic::{Code, code};
use crate::fleet::layout::Layout;
use crate::fleet::model::{
    Command, HealthCheck, Image, Origin, Parent, RequirementSet, Role, Section, Service, Sourced,
};
use crate::fleet::names::{
    AppPath, Duration, FreeText, HttpPath, InvalidValue, KindName, Port, PythonVersion,
    ServiceName, TemplateName,
};

/// The built-in templates that build on a base of the fleet.
const ON_BASE: [&str; 2] = ["ml-on-base", "runtime-on-base"];
/// The built-in templates that start from an external image.
const FROM_EXTERNAL: [&str; 1] = ["multi-stage-slim"];

/// A declared entry and its place.
#[derive(Clone, Copy)]
struct Entry<'a> {
    section: Section,
    decl: &'a ServiceDecl,
}

/// A service's own entry above its kind's.
struct Layers<'a> {
    own: Entry<'a>,
    kind: Option<Entry<'a>>,
}

impl<'a> Layers<'a> {
    /// The entries, the one that wins first.
    fn winning(&self) -> impl Iterator<Item = Entry<'a>> {
        std::iter::once(self.own).chain(self.kind)
    }

    /// The entries in the order in which lists are joined.
    fn joined(&self) -> impl Iterator<Item = Entry<'a>> {
        self.kind.into_iter().chain(std::iter::once(self.own))
    }

    /// The first entry that has a field, and where it stands.
    fn pick<T: ?Sized>(
        &self,
        field: &'static str,
        of: impl Fn(&'a ServiceDecl) -> Option<&'a T>,
    ) -> Option<(Origin, &'a T)> {
        self.winning()
            .find_map(|entry| Some((Origin::field(entry.section, field), of(entry.decl)?)))
    }
}

struct Context<'a> {
    decl: &'a FleetDecl,
    layout: &'a Layout,
    sets: &'a [RequirementSet],
    externals: &'a Externals,
    python: Option<&'a Sourced<PythonVersion>>,
    bases: &'a [Image],
}

pub(super) fn resolve(
    findings: &mut Findings,
    decl: &FleetDecl,
    layout: &Layout,
    sets: &[RequirementSet],
    externals: &Externals,
    python: Option<&Sourced<PythonVersion>>,
    bases: &[Image],
) -> Vec<Image> {
    let context = Context {
        decl,
        layout,
        sets,
        externals,
        python,
        bases,
    };
    for (position, (name, kind)) in decl.kinds.iter().enumerate() {
        findings.key(Section::Kinds(position), name, KindName::parse);
        if kind.kind.is_some() {
            let origin = Origin::field(Section::Kinds(position), "kind");
            findings.at_key(
                &code::UNKNOWN_FIELD,
                origin,
                format!("`kinds.{name}` has no field `kind`: a kind does not inherit from another"),
            );
        }
    }
    for (position, kind) in decl.kinds.values().enumerate() {
        findings.apt(Section::Kinds(position), "apt", &kind.apt);
        findings.requirements(Origin::field(Section::Kinds(position), "pip"), &kind.pip);
        findings.hooks(Section::Kinds(position), &kind.hooks);
    }
    let services = decl.services.iter().flatten().enumerate();
    services
        .filter_map(|(position, (name, decl))| service(findings, &context, position, name, decl))
        .collect()
}

fn service(
    findings: &mut Findings,
    context: &Context<'_>,
    position: usize,
    name: &str,
    decl: &ServiceDecl,
) -> Option<Image> {
    let section = Section::Services(position);
    let name = findings.key(section, name, ServiceName::parse);
    let kind = kind(findings, context, section, decl);
    let layers = Layers {
        own: Entry { section, decl },
        kind,
    };
    let template = template(findings, &layers);
    let python = python(findings, context, &layers);
    let parent = parent(
        findings,
        context,
        &layers,
        template.as_ref(),
        python.as_ref(),
    );
    let indexes = layers
        .winning()
        .find(|entry| !entry.decl.index_urls.is_empty());
    let indexes = indexes
        .map(|entry| findings.index_urls(entry.section, &entry.decl.index_urls))
        .unwrap_or_default();
    let source = name
        .as_ref()
        .map(|name| {
            context
                .layout
                .source
                .of_image(name.as_str(), &name.module())
        })
        .unwrap_or_default();
    let service = running(findings, &layers, decl.kind.as_deref(), source);
    let sets = layers.pick("requirements", |decl| decl.requirements.as_ref());
    let image = Image {
        folder: name
            .as_ref()
            .map(|name| {
                context
                    .layout
                    .services
                    .of_image(name.as_str(), &name.module())
            })
            .unwrap_or_default(),
        section,
        apt: layers
            .joined()
            .flat_map(|entry| findings.apt(entry.section, "apt", &entry.decl.apt))
            .collect(),
        apt_build: layers
            .joined()
            .flat_map(|entry| findings.apt(entry.section, "apt_build", &entry.decl.apt_build))
            .collect(),
        sets: sets
            .map(|(origin, names)| findings.sets(origin, names, context.sets))
            .unwrap_or_default(),
        pip: layers
            .joined()
            .flat_map(|entry| {
                findings.requirements(Origin::field(entry.section, "pip"), &entry.decl.pip)
            })
            .collect(),
        index_urls: inherited_indexes(indexes, context.bases, parent.as_ref()),
        secrets: layers
            .joined()
            .flat_map(|entry| findings.secrets(entry.section, &entry.decl.secrets))
            .collect(),
        env: env(findings, &layers),
        hooks: layers
            .joined()
            .flat_map(|entry| findings.hooks(entry.section, &entry.decl.hooks))
            .collect(),
        name: name?,
        role: Role::Service(Box::new(service?)),
        template: template?,
        python: python?,
        parent: parent?,
    };
    check_apt(findings, context.bases, &image);
    Some(image)
}

fn kind<'a>(
    findings: &mut Findings,
    context: &Context<'a>,
    section: Section,
    decl: &ServiceDecl,
) -> Option<Entry<'a>> {
    let name = decl.kind.as_deref()?;
    let found = context.decl.kinds.get_full(name);
    if found.is_none() {
        let known = context.decl.kinds.keys().map(String::as_str);
        findings.unknown(
            &code::UNKNOWN_KIND,
            Origin::field(section, "kind"),
            "kind",
            name,
            known,
        );
    }
    found.map(|(position, _, decl)| Entry {
        section: Section::Kinds(position),
        decl,
    })
}

fn template(findings: &mut Findings, layers: &Layers<'_>) -> Option<Sourced<TemplateName>> {
    if let Some((origin, text)) = layers.pick("template", |decl| decl.template.as_deref()) {
        return findings.value(origin, text, &code::INVALID_NAME, TemplateName::parse);
    }
    if layers.kind.is_some() || layers.own.decl.kind.is_none() {
        let message =
            "the service needs a `kind` that names a template, or a `template` of its own"
                .to_owned();
        findings.at_value(
            &code::MISSING_FIELD,
            Origin::field(layers.own.section, "kind"),
            message,
        );
    }
    None
}

fn python(
    findings: &mut Findings,
    context: &Context<'_>,
    layers: &Layers<'_>,
) -> Option<PythonVersion> {
    match layers.pick("python", |decl| decl.python.as_deref()) {
        Some((origin, text)) => findings
            .value(origin, text, &code::INVALID_VALUE, PythonVersion::parse)
            .map(|python| python.value),
        None => context.python.map(|python| python.value.clone()),
    }
}

fn parent(
    findings: &mut Findings,
    context: &Context<'_>,
    layers: &Layers<'_>,
    template: Option<&Sourced<TemplateName>>,
    python: Option<&PythonVersion>,
) -> Option<Parent> {
    let template = template.map_or("", |template| template.value.as_str());
    let base = layers.pick("base", |decl| decl.base.as_deref());
    match base {
        Some((origin, name)) if FROM_EXTERNAL.contains(&template) => {
            let message = format!(
                "the template {template} starts from an external image and would ignore the base `{name}`"
            );
            findings.at_value_with_help(
                &code::UNUSED_BASE,
                origin,
                message,
                "use `template: runtime-on-base`, or leave `base` out".to_owned(),
            );
            None
        }
        Some((origin, name)) => base_parent(findings, context, layers, origin, name, python),
        None if ON_BASE.contains(&template) => {
            let origin = Origin::field(layers.own.section, "base");
            let help = format!(
                "name one with `base`: {}",
                context
                    .decl
                    .bases
                    .keys()
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ")
            );
            findings.at_value_with_help(
                &code::MISSING_BASE,
                origin,
                format!("the template {template} builds on a base, but none is named"),
                help,
            );
            None
        }
        None => external_parent(findings, context, layers, python),
    }
}

fn base_parent(
    findings: &mut Findings,
    context: &Context<'_>,
    layers: &Layers<'_>,
    origin: Origin,
    name: &str,
    python: Option<&PythonVersion>,
) -> Option<Parent> {
    let Some(value) = context
        .bases
        .iter()
        .position(|base| base.name.as_str() == name)
    else {
        if !context.decl.bases.contains_key(name) {
            findings.unknown(
                &code::UNKNOWN_BASE,
                origin,
                "base",
                name,
                context.decl.bases.keys().map(String::as_str),
            );
        }
        return None;
    };
    let base = context.bases.get(value)?;
    if let Some(python) = python.filter(|python| **python != base.python) {
        let at = layers
            .pick("python", |decl| decl.python.as_deref())
            .map_or(origin, |(at, _)| at);
        let message = format!(
            "the base `{name}` has Python {}, but {python} is asked for",
            base.python
        );
        let help =
            "leave `python` out, or take a template that starts from an external image".to_owned();
        findings.at_value_with_help(&code::PYTHON_DIFFERS_FROM_BASE, at, message, help);
    }
    Some(Parent::Base(Sourced { value, origin }))
}

fn external_parent(
    findings: &mut Findings,
    context: &Context<'_>,
    layers: &Layers<'_>,
    python: Option<&PythonVersion>,
) -> Option<Parent> {
    let from = layers.pick("from", |decl| decl.from.as_deref());
    let (origin, name) = from.unwrap_or((Origin::field(layers.own.section, "from"), DEFAULT_IMAGE));
    let found = context.externals.get(name, python?);
    if found.is_none() && context.externals.names().all(|known| known != name) {
        findings.unknown(
            &code::UNKNOWN_IMAGE,
            origin,
            "external image",
            name,
            context.externals.names(),
        );
    }
    found.map(Parent::External)
}

/// Debian packages need apt-get somewhere below.
pub(super) fn check_apt(findings: &mut Findings, bases: &[Image], image: &Image) {
    let mut below = image;
    let external = loop {
        match &below.parent {
            Parent::External(external) => break external,
            Parent::Base(base) => match bases.get(base.value) {
                Some(base) => below = base,
                None => return,
            },
        }
    };
    if external.has_apt {
        return;
    }
    if let Some(package) = image.apt.iter().chain(&image.apt_build).next() {
        let message = format!(
            "`{}` cannot be installed: {} has no apt-get",
            package.value, external.reference
        );
        let help = format!(
            "if it is Debian all the same, say `distribution: debian` at images.{}",
            external.name
        );
        findings.at_value_with_help(&code::APT_WITHOUT_DEBIAN, package.origin, message, help);
    }
}

fn env(
    findings: &mut Findings,
    layers: &Layers<'_>,
) -> Vec<(crate::fleet::names::EnvKey, Sourced<FreeText>)> {
    let mut env = Vec::new();
    for entry in layers.joined() {
        for (key, value) in findings.env(entry.section, &entry.decl.env) {
            env.retain(|(known, _)| *known != key);
            env.push((key, value));
        }
    }
    env
}

/// What the container runs, listens on and answers.
fn running(
    findings: &mut Findings,
    layers: &Layers<'_>,
    kind: Option<&str>,
    source: String,
) -> Option<Service> {
    let port = layers.pick("port", |decl| decl.port.as_ref());
    let port = port.and_then(|(origin, number)| {
        findings.value(
            origin,
            &number.to_string(),
            &code::INVALID_VALUE,
            Port::parse,
        )
    });
    let command = command(findings, layers, &source);
    let has_port = layers.winning().any(|entry| entry.decl.port.is_some());
    let runs_uvicorn = !matches!(
        command,
        Some(Sourced {
            value: Command::Exec(_),
            ..
        })
    );
    if !has_port && runs_uvicorn {
        let origin = Origin::field(layers.own.section, "port");
        findings.at_value_with_help(
            &code::MISSING_FIELD,
            origin,
            "the service needs a `port`".to_owned(),
            "port: 8000".to_owned(),
        );
    }
    let health_check = health_check(findings, layers, port.is_some(), runs_uvicorn);
    Some(Service {
        kind: kind.and_then(|name| KindName::parse(name).ok()),
        source,
        port,
        command: command?,
        health_check,
    })
}

fn command(findings: &mut Findings, layers: &Layers<'_>, source: &str) -> Option<Sourced<Command>> {
    for entry in layers.winning() {
        match (&entry.decl.app, &entry.decl.cmd) {
            (Some(_), Some(_)) => {
                let origin = Origin::field(entry.section, "cmd");
                findings.at_key(
                    &code::APP_AND_CMD,
                    origin,
                    "`app` stands beside `cmd`, and only one of them can run".to_owned(),
                );
                return None;
            }
            (Some(app), None) => {
                let app = findings.value(
                    Origin::field(entry.section, "app"),
                    app,
                    &code::INVALID_VALUE,
                    AppPath::parse,
                )?;
                return Some(Sourced {
                    value: Command::Uvicorn(app.value),
                    origin: app.origin,
                });
            }
            (None, Some(words)) => {
                return exec(findings, Origin::field(entry.section, "cmd"), words);
            }
            (None, None) => {}
        }
    }
    let origin = Origin::field(layers.own.section, "app");
    let app = format!("{}.main:app", source.replace('/', "."));
    if source.is_empty() {
        return None;
    }
    let app = findings.value(origin, &app, &code::INVALID_VALUE, AppPath::parse)?;
    Some(Sourced {
        value: Command::Uvicorn(app.value),
        origin,
    })
}

fn exec(findings: &mut Findings, origin: Origin, words: &[String]) -> Option<Sourced<Command>> {
    if words.is_empty() {
        findings.at_value(
            &code::INVALID_VALUE,
            origin,
            "`cmd` needs at least one word".to_owned(),
        );
    }
    let read = findings.list(origin, words, &code::INVALID_VALUE, FreeText::parse);
    let words: Vec<FreeText> = read.into_iter().map(|word| word.value).collect();
    (!words.is_empty()).then_some(Sourced {
        value: Command::Exec(words),
        origin,
    })
}

fn health_check(
    findings: &mut Findings,
    layers: &Layers<'_>,
    has_port: bool,
    runs_uvicorn: bool,
) -> Option<HealthCheck> {
    let declared = layers.pick("healthcheck", |decl| decl.healthcheck.as_deref());
    match declared {
        Some((_, decl)) if decl.disabled => return None,
        Some((origin, _)) if !has_port && !runs_uvicorn => {
            let message = "a health check over HTTP needs a `port` to ask".to_owned();
            findings.at_key(&code::HEALTHCHECK_WITHOUT_PORT, origin, message);
            return None;
        }
        None if !runs_uvicorn => return None,
        _ if !has_port => return None,
        _ => {}
    }
    Some(HealthCheck {
        path: timing(
            findings,
            layers,
            "healthcheck.path",
            "/healthz",
            HttpPath::parse,
            |decl| decl.path.as_deref(),
        )?,
        interval: timing(
            findings,
            layers,
            "healthcheck.interval",
            "30s",
            Duration::parse,
            |decl| decl.interval.as_deref(),
        )?,
        timeout: timing(
            findings,
            layers,
            "healthcheck.timeout",
            "5s",
            Duration::parse,
            |decl| decl.timeout.as_deref(),
        )?,
        start_period: timing(
            findings,
            layers,
            "healthcheck.start_period",
            "20s",
            Duration::parse,
            |decl| decl.start_period.as_deref(),
        )?,
        retries: retries(findings, layers)?,
    })
}

/// One field of the health check: the service's, else the kind's, else the standard.
fn timing<T>(
    findings: &mut Findings,
    layers: &Layers<'_>,
    field: &'static str,
    standard: &str,
    parse: fn(&str) -> Result<T, InvalidValue>,
    of: impl Fn(&HealthCheckDecl) -> Option<&str>,
) -> Option<Sourced<T>> {
    let code: &'static Code = &code::INVALID_VALUE;
    let written = layers.pick(field, |decl| decl.healthcheck.as_deref().and_then(&of));
    let (origin, text) = written.unwrap_or((Origin::field(layers.own.section, field), standard));
    findings.value(origin, text, code, parse)
}

fn retries(findings: &mut Findings, layers: &Layers<'_>) -> Option<Sourced<u64>> {
    let field = "healthcheck.retries";
    let written = layers.pick(field, |decl| {
        decl.healthcheck
            .as_deref()
            .and_then(|check| check.retries.as_ref())
    });
    let (origin, value) = written.map_or(
        (Origin::field(layers.own.section, field), 3),
        |(origin, value)| (origin, *value),
    );
    if !(1..=1000).contains(&value) {
        findings.at_value(
            &code::INVALID_VALUE,
            origin,
            format!("retries is {value}; it goes from 1 to 1000"),
        );
        return None;
    }
    Some(Sourced { value, origin })
}
