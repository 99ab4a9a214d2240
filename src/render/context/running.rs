//! What runs in a container, what it listens on and how its health is asked for.

use serde::Serialize;

use super::probe::{exec_form, probe_origins, probe_words};
use super::stages::is_foreign;
use crate::fleet::Image;
use crate::fleet::model::{Command, Parent, Service};
use crate::render::pen::{Pen, Printed};

/// How long uvicorn lets open requests end after SIGTERM, in seconds: less than the 10 that Docker
/// waits before it kills.
const GRACEFUL_SHUTDOWN_SECONDS: u64 = 8;
/// How much less than the declared time that is, in seconds.
const SHUTDOWN_MARGIN_SECONDS: u64 = 2;

#[derive(Debug, Serialize)]
pub(super) struct HealthCheckContext<'a> {
    interval: Printed<'a>,
    timeout: Printed<'a>,
    start_period: Printed<'a>,
    retries: Printed<'a>,
    /// The probe in exec form.
    command: Printed<'a>,
}

impl<'a> HealthCheckContext<'a> {
    pub(super) fn of(pen: &Pen, service: &'a Service) -> Option<Self> {
        let check = service.health_check.as_ref()?;
        Some(Self {
            interval: pen.write(check.interval.value.as_str(), [check.interval.origin]),
            timeout: pen.write(check.timeout.value.as_str(), [check.timeout.origin]),
            start_period: pen.write(
                check.start_period.value.as_str(),
                [check.start_period.origin],
            ),
            retries: pen.write(check.retries.value.to_string(), [check.retries.origin]),
            command: pen.write(exec_form(&probe_words(check)), probe_origins(check)),
        })
    }
}

/// All ports of a service.
pub(super) fn expose<'a>(pen: &Pen, service: &Service) -> Option<Printed<'a>> {
    let port = service.port.as_ref();
    let first = port.map(|port| (port.value.to_string(), port.origin));
    let further = service
        .ports
        .iter()
        .map(|port| (port.value.clone(), port.origin));
    let (mut words, mut origins) = (Vec::new(), Vec::new());
    for (word, origin) in first.into_iter().chain(further) {
        if !words.contains(&word) {
            words.push(word);
            origins.push(origin);
        }
    }
    (!words.is_empty()).then(|| pen.write(words.join(" "), origins))
}

/// What the command is given to.
pub(super) fn entrypoint<'a>(pen: &Pen, image: &Image) -> Option<Printed<'a>> {
    let service = image.service();
    if let Some(said) = service.and_then(|service| service.entrypoint.as_ref()) {
        return Some(pen.write(exec_form(&said.value), [said.origin]));
    }
    match &image.parent {
        // What it starts is not known, and would get the command as arguments.
        Parent::External(external)
            if is_foreign(&image.parent)
                && !service.is_some_and(|service| service.inherits_entrypoint) =>
        {
            Some(pen.write("[]", [external.origin]))
        }
        _ => None,
    }
}

/// The command: `cmd`, or the application and the port; nothing where the image below decides.
pub(super) fn command<'a>(pen: &Pen, service: &Service) -> Option<Printed<'a>> {
    let origin = service.command.origin;
    Some(match &service.command.value {
        Command::Inherited => return None,
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
                "--timeout-graceful-shutdown",
                &graceful_shutdown(service),
            ];
            let grace = service.stop_grace_period.as_ref();
            let origins = [
                grace.map(|grace| grace.origin),
                Some(origin),
                port.map(|port| port.origin),
            ];
            pen.write(exec_form(&words), origins.into_iter().flatten())
        }
    })
}

/// How long uvicorn lets open requests end, in seconds.
fn graceful_shutdown(service: &Service) -> String {
    let declared = service.stop_grace_period.as_ref();
    let seconds = declared.map_or(GRACEFUL_SHUTDOWN_SECONDS, |declared| {
        let seconds = declared.value.as_millis() / 1000;
        seconds.saturating_sub(SHUTDOWN_MARGIN_SECONDS).max(1)
    });
    seconds.to_string()
}
