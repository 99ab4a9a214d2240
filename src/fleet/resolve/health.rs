//! How a container's health is asked for.

use std::ops::ControlFlow;

use super::field::Findings;
use super::service::Layers;
use crate::declare::schema::HealthCheckDecl;
use crate::diagnostic::code;
use crate::fleet::model::{HealthCheck, Origin, Sourced};
use crate::fleet::placeholder::Values;
use crate::values::{Duration, HttpPath, InvalidValue};

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
                declared.push((Origin::field(entry.section, "healthcheck"), check));
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
}

/// Reads the health check of a service that has a port or not, and runs uvicorn or not.
pub(super) fn health_check(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    (has_port, runs_uvicorn): (bool, bool),
    values: &Values<'_>,
) -> Option<HealthCheck> {
    let declared = Declared::of(layers);
    match declared.0.first() {
        Some((_, check)) if check.is_none() => return None,
        Some((origin, _)) if !has_port && !runs_uvicorn => {
            // What others say for it as well is meant for those with a port.
            if origin.section == layers.own.section {
                let message = "a health check over HTTP needs a `port` to ask".to_owned();
                findings.at_key(&code::HEALTHCHECK_WITHOUT_PORT, *origin, message);
            }
            return None;
        }
        None if !runs_uvicorn => return None,
        _ if !has_port => return None,
        _ => {}
    }
    let timing = |field, standard| (&declared, layers, field, standard);
    Some(HealthCheck {
        path: path(findings, &declared, layers, values)?,
        interval: duration(findings, timing("healthcheck.interval", "30s"), |check| {
            check.interval.as_deref()
        })?,
        timeout: duration(findings, timing("healthcheck.timeout", "5s"), |check| {
            check.timeout.as_deref()
        })?,
        start_period: duration(
            findings,
            timing("healthcheck.start_period", "20s"),
            |check| check.start_period.as_deref(),
        )?,
        retries: retries(findings, &declared, layers)?,
    })
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

/// One duration: as declared, else the standard.
fn duration<'a>(
    findings: &mut Findings<'_>,
    (declared, layers, field, standard): (&Declared<'a>, &Layers<'a>, &'static str, &'static str),
    of: fn(&'a HealthCheckDecl) -> Option<&'a str>,
) -> Option<Sourced<Duration>> {
    let written = declared.pick(field, of);
    let (origin, text) = written.unwrap_or((Origin::field(layers.own.section, field), standard));
    let parse: fn(&str) -> Result<Duration, InvalidValue> = Duration::parse;
    findings.value(origin, text, &code::INVALID_VALUE, parse)
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
            format!("retries is {value}; it goes from 1 to 1000"),
        );
        return None;
    }
    Some(Sourced { value, origin })
}
