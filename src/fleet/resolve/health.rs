//! How a container's health is asked for.

use std::ops::ControlFlow;

use super::field::Findings;
use super::layers::Layers;
use super::role::DeclaredRole;
use super::running::exec;
use crate::declare::schema::{HealthCheckDecl, RoleDecl};
use crate::declare::{OneOrMany, Text};
use crate::diagnostic::code;
use crate::fleet::model::{Command, HealthCheck, HttpProbe, Origin, Probe, Sourced};
use crate::fleet::placeholder::Values;
use crate::values::{Duration, HttpHost, HttpPath, HttpStatus, InvalidValue, Port};

/// What is declared of a health check, the entry that wins first.
struct Declared<'a>(Vec<(Origin, &'a HealthCheckDecl)>);

impl<'a> Declared<'a> {
    /// The entries that count: one that is `null` or a text alone hides those below it, and a
    /// mapping over `none` starts anew.
    fn of(layers: &Layers<'a>) -> Self {
        let mut declared = Vec::new();
        let ended = layers.winning().try_for_each(|entry| {
            let Some(check) = entry.decl.healthcheck.as_deref() else {
                return if entry.decl.healthcheck.is_null() {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                };
            };
            if !check.is_none() || declared.is_empty() {
                declared.push((Origin::field(entry.section, "healthcheck"), &**check));
            }
            if check.short.is_some() {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        let _ = ended;
        Self(declared)
    }

    /// Whether there is to be none at all.
    fn is_none(&self) -> bool {
        self.0.first().is_some_and(|(_, check)| check.is_none())
    }

    /// Without what is not meant for a role: workers are not asked over HTTP because others are,
    /// and a job is asked by nobody.
    fn meant_for(mut self, findings: &mut Findings<'_>, role: DeclaredRole) -> Self {
        if role.is(RoleDecl::Job) {
            self.0.retain(|(origin, _)| role.keeps(findings, *origin));
        } else {
            let is_meant = |(origin, check): &(Origin, &HealthCheckDecl)| {
                check.cmd.is_some() || !role.skips(*origin)
            };
            self.0.retain(is_meant);
        }
        self
    }

    /// The first entry that says a field.
    fn pick<T: ?Sized>(
        &self,
        field: &'static str,
        of: impl Fn(&'a HealthCheckDecl) -> Option<&'a T>,
    ) -> Option<(Origin, &'a T)> {
        self.0
            .iter()
            .find_map(|(origin, check)| Some((Origin::field(origin.section, field), of(check)?)))
    }

    /// The path, as a field of its own or as all that is said.
    fn path(&self) -> Option<(Origin, &'a str)> {
        self.0.iter().find_map(|(origin, check)| {
            let long = Origin::field(origin.section, "healthcheck.path");
            let long = check.path.as_deref().map(|path| (long, path));
            long.or_else(|| Some((*origin, check.short.as_deref()?)))
        })
    }

    /// The command, where the first entry that says what to ask says one.
    fn command(&self) -> Option<(Origin, &'a OneOrMany<Text>)> {
        let (origin, words) = self.pick("healthcheck.cmd", |check| check.cmd.as_ref())?;
        let path = self.path();
        let is_hidden = path.is_some_and(|(path, _)| path.section > origin.section);
        (!is_hidden).then_some((origin, words))
    }
}

/// Reads the health check of a service: its port, its role, and whether it is asked unless it says
/// otherwise.
pub(super) fn health_check(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    (port, role, is_web): (Option<&Sourced<Port>>, DeclaredRole, bool),
    values: &Values<'_>,
) -> Option<HealthCheck> {
    let declared = Declared::of(layers);
    if declared.is_none() {
        return None;
    }
    let declared = declared.meant_for(findings, role);
    let probe = match declared.command() {
        Some(command) => self::command(findings, (&declared, command), values)?,
        None if declared.0.is_empty() && !is_web => return None,
        None => {
            let port = probed_port(findings, &declared, port);
            let Some(port) = port else {
                without_port(findings, &declared, layers, is_web);
                return None;
            };
            Probe::Http(http(findings, (&declared, layers), port, values)?)
        }
    };
    let mut duration = |timing: Timing| timing.read(findings, &declared, layers);
    Some(HealthCheck {
        probe,
        interval: duration(INTERVAL)?,
        timeout: duration(TIMEOUT)?,
        start_period: duration(START_PERIOD)?,
        retries: retries(findings, &declared, layers)?,
    })
}

/// Says that there is no port to ask, where the service itself says that it is to be asked; what
/// others say for it as well is meant for those with a port.
fn without_port(
    findings: &mut Findings<'_>,
    declared: &Declared<'_>,
    layers: &Layers<'_>,
    is_web: bool,
) {
    let own = declared.0.first();
    let own = own.filter(|(origin, _)| !is_web && origin.section == layers.own.section);
    if let Some((origin, _)) = own {
        let message = "a health check over HTTP needs a `port`".to_owned();
        findings.at_key(&code::HEALTHCHECK_WITHOUT_PORT, *origin, message);
    }
}

/// The command that asks. Fields of a request beside it would do nothing.
fn command(
    findings: &mut Findings<'_>,
    (declared, (origin, words)): (&Declared<'_>, (Origin, &OneOrMany<Text>)),
    values: &Values<'_>,
) -> Option<Probe> {
    let beside = declared
        .0
        .iter()
        .find(|(at, _)| at.section == origin.section);
    let of_request = beside.and_then(|(_, check)| {
        let fields = [
            ("healthcheck.path", check.path.is_some()),
            ("healthcheck.port", check.port.is_some()),
            ("healthcheck.host", check.host.is_some()),
            ("healthcheck.status", !check.status.is_empty()),
        ];
        fields.into_iter().find(|(_, is_said)| *is_said)
    });
    if let Some((field, _)) = of_request {
        let message = format!("`{field}` has no effect beside `healthcheck.cmd`; delete it");
        let at = Origin::field(origin.section, field);
        findings.at_key(&code::FIELD_WITHOUT_EFFECT, at, message);
        return None;
    }
    let read = exec(findings, origin, words)?;
    match findings.filled_command(read, values).value {
        Command::Exec(value) => Some(Probe::Command(Sourced { value, origin })),
        Command::Uvicorn(_) | Command::Inherited => None,
    }
}

/// The port to ask: the check's own, or else the service's.
fn probed_port(
    findings: &mut Findings<'_>,
    declared: &Declared<'_>,
    port: Option<&Sourced<Port>>,
) -> Option<Sourced<Port>> {
    match declared.pick("healthcheck.port", |check| check.port.as_ref()) {
        Some((origin, number)) => findings.value(
            origin,
            &number.to_string(),
            &code::INVALID_VALUE,
            Port::parse,
        ),
        None => port.cloned(),
    }
}

/// The request.
fn http(
    findings: &mut Findings<'_>,
    (declared, layers): (&Declared<'_>, &Layers<'_>),
    port: Sourced<Port>,
    values: &Values<'_>,
) -> Option<HttpProbe> {
    let host = match declared.pick("healthcheck.host", |check| check.host.as_ref()) {
        Some((origin, text)) => {
            let text = findings.filled(origin, text, values);
            Some(findings.value(origin, &text, &code::INVALID_VALUE, HttpHost::parse)?)
        }
        None => None,
    };
    Some(HttpProbe {
        path: path(findings, declared, layers, values)?,
        port,
        host,
        statuses: statuses(findings, declared),
    })
}

/// The answers that count, each once.
fn statuses(findings: &mut Findings<'_>, declared: &Declared<'_>) -> Vec<Sourced<HttpStatus>> {
    let said = declared.pick("healthcheck.status", |check| {
        Some(&check.status).filter(|list| !list.is_empty())
    });
    let mut statuses: Vec<Sourced<HttpStatus>> = Vec::new();
    let Some((field, list)) = said else {
        return statuses;
    };
    for (at, text) in list.iter().enumerate() {
        let origin = if list.single().is_some() {
            field
        } else {
            field.item(at)
        };
        let read = findings.value(origin, text, &code::INVALID_VALUE, HttpStatus::parse);
        let is_new =
            |read: &Sourced<HttpStatus>| statuses.iter().all(|one| one.value != read.value);
        let read = read.filter(is_new);
        statuses.extend(read);
    }
    statuses
}

/// The path that is asked for.
fn path(
    findings: &mut Findings<'_>,
    declared: &Declared<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
) -> Option<Sourced<HttpPath>> {
    let standard = Origin::field(layers.own.section, "healthcheck.path");
    let (origin, text) = declared.path().unwrap_or((standard, "/healthz"));
    let text = findings.filled(origin, text, values);
    findings.value(origin, &text, &code::INVALID_VALUE, HttpPath::parse)
}

/// A duration of a health check.
struct Timing {
    field: &'static str,
    /// What it is where nothing says it.
    standard: &'static str,
    parse: fn(&str) -> Result<Duration, InvalidValue>,
    of: fn(&HealthCheckDecl) -> Option<&str>,
}

const INTERVAL: Timing = Timing {
    field: "healthcheck.interval",
    standard: "30s",
    parse: Duration::parse,
    of: |check| check.interval.as_deref(),
};
const TIMEOUT: Timing = Timing {
    field: "healthcheck.timeout",
    standard: "5s",
    parse: Duration::parse,
    of: |check| check.timeout.as_deref(),
};
const START_PERIOD: Timing = Timing {
    field: "healthcheck.start_period",
    standard: "20s",
    parse: Duration::parse_or_zero,
    of: |check| check.start_period.as_deref(),
};

impl Timing {
    /// As declared, else the standard.
    fn read(
        self,
        findings: &mut Findings<'_>,
        declared: &Declared<'_>,
        layers: &Layers<'_>,
    ) -> Option<Sourced<Duration>> {
        let standard = Origin::field(layers.own.section, self.field);
        let written = declared.pick(self.field, self.of);
        let (origin, text) = written.unwrap_or((standard, self.standard));
        findings.value(origin, text, &code::INVALID_VALUE, self.parse)
    }
}

fn retries(
    findings: &mut Findings<'_>,
    declared: &Declared<'_>,
    layers: &Layers<'_>,
) -> Option<Sourced<u64>> {
    let field = "healthcheck.retries";
    let written = declared.pick(field, |check| check.retries.as_ref());
    let (origin, value) = written.map_or(
        (Origin::field(layers.own.section, field), 3),
        |(origin, value)| (origin, *value),
    );
    if !(1..=1000).contains(&value) {
        findings.at_value(
            &code::INVALID_VALUE,
            origin,
            format!("retries is {value}; expected 1 to 1000"),
        );
        return None;
    }
    Some(Sourced { value, origin })
}
