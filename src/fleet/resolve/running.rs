//! What a service's container runs, listens on and answers.

use std::sync::Arc;

use super::field::Findings;
use super::service::{Entry, Layers};
use crate::declare::Text;
use crate::declare::schema::HealthCheckDecl;
use crate::diagnostic::{Code, code};
use crate::dockerfile::LINE_LIMIT;
use crate::fleet::joined::Joined;
use crate::fleet::model::{Command, HealthCheck, Origin, Section, Service, Sourced};
use crate::values::{
    AppPath, Duration, FreeText, HttpPath, InvalidValue, KindName, Port, ServiceName,
};

/// Reads what is about the running container.
pub(super) fn running(
    findings: &mut Findings<'_>,
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
        machine_learning: layers
            .pick("machine_learning", |decl| decl.machine_learning.as_ref())
            .is_some_and(|(_, yes)| *yes),
        depends_on: depends_on(findings, layers),
    })
}

/// The services that must be up first.
fn depends_on(findings: &mut Findings<'_>, layers: &Layers<'_>) -> Joined<Sourced<ServiceName>> {
    let Entry { section, decl } = layers.own;
    let origin = Origin::field(section, "depends_on");
    let own = findings.list(
        origin,
        &decl.depends_on,
        &code::INVALID_NAME,
        ServiceName::parse,
    );
    Joined::new(Arc::clone(&layers.inherited.depends_on), own)
}

fn command(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    source: &str,
) -> Option<Sourced<Command>> {
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
                let is_own = entry.section == layers.own.section;
                let origin = Origin::field(entry.section, "cmd");
                return if is_own {
                    exec(findings, origin, words)
                } else {
                    layers.inherited.command.clone()
                };
            }
            (None, None) => {}
        }
    }
    let origin = Origin::field(layers.own.section, "app");
    let app = format!("{}.main:app", source.replace('/', "."));
    if source.is_empty() {
        return None;
    }
    let Ok(app) = AppPath::parse(&app) else {
        let message = format!(
            "the source folder {source} is no Python module path, so uvicorn needs an `app`"
        );
        findings.at_value_with_help(
            &code::MISSING_FIELD,
            origin,
            message,
            "app: your.module:app".to_owned(),
        );
        return None;
    };
    // Nobody wrote it: the layout decides where sources are, and so the module.
    let origin = Origin::field(Section::Fleet, "layout.source");
    Some(Sourced {
        value: Command::Uvicorn(app),
        origin,
    })
}

pub(super) fn exec(
    findings: &mut Findings<'_>,
    origin: Origin,
    words: &[Text],
) -> Option<Sourced<Command>> {
    if words.is_empty() {
        findings.at_value(
            &code::INVALID_VALUE,
            origin,
            "`cmd` needs at least one word".to_owned(),
        );
    }
    let read = findings.list(origin, words, &code::INVALID_VALUE, FreeText::parse);
    let words: Arc<[FreeText]> = read.into_iter().map(|word| word.value).collect();
    let bytes = cmd_bytes(&words);
    if bytes > LINE_LIMIT {
        let message = format!(
            "`cmd` makes a line of {bytes} bytes in the Dockerfile; BuildKit reads lines of at \
             most {LINE_LIMIT} bytes"
        );
        let help =
            "put the words into a script or a file that the image copies, and run that".to_owned();
        findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
    }
    (!words.is_empty()).then_some(Sourced {
        value: Command::Exec(words),
        origin,
    })
}

/// The length of the line `CMD ["word", …]`.
fn cmd_bytes(words: &[FreeText]) -> usize {
    let quoted =
        |word: &FreeText| serde_json::to_string(word.as_str()).map_or(0, |quoted| quoted.len());
    let separators = words.len().saturating_sub(1) * ", ".len();
    "CMD []".len() + separators + words.iter().map(quoted).sum::<usize>()
}

fn health_check(
    findings: &mut Findings<'_>,
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
    findings: &mut Findings<'_>,
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

fn retries(findings: &mut Findings<'_>, layers: &Layers<'_>) -> Option<Sourced<u64>> {
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
