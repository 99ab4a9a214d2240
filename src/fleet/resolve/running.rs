//! What a service's container runs, listens on and answers.

use std::sync::Arc;

use super::Ground;
use super::field::Findings;
use super::kind::kept;
use super::service::{Entry, Layers};
use super::sources::{Sources, copies, ignore, shared};
use super::steps::{dirs, ports, steps};
use crate::declare::{OneOrMany, Text};
use crate::diagnostic::code;
use crate::dockerfile::LINE_LIMIT;
use crate::fleet::joined::Joined;
use crate::fleet::model::{Command, Origin, Service, Sourced};
use crate::fleet::placeholder::Values;
use crate::values::{AppPath, FreeText, KindName, Port, ServiceName};

/// Reads what is about the running container.
pub(super) fn running(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
    port: Option<Sourced<Port>>,
    (sources, values): (&Sources, &Values<'_>),
) -> Option<Service> {
    let entrypoint = entrypoint(findings, layers, values);
    let command = match &entrypoint {
        Some(entrypoint) => arguments(findings, layers, (entrypoint.origin, values)),
        None => command(findings, layers, (sources, values)),
    };
    let has_port = layers.pick("port", |decl| &decl.port).is_some();
    let runs_uvicorn = match command.as_ref().map(|command| &command.value) {
        Some(command) => matches!(command, Command::Uvicorn(_)),
        None => layers.pick("cmd", |decl| &decl.cmd).is_none(),
    };
    if !has_port && runs_uvicorn {
        let origin = Origin::field(layers.own.section, "port");
        findings.at_value_with_help(
            &code::MISSING_FIELD,
            origin,
            "a web service needs `port`; for a worker set `cmd`".to_owned(),
            "port: 8000".to_owned(),
        );
    }
    let runs = (port.is_some(), runs_uvicorn);
    let health_check = super::health::health_check(findings, layers, runs, values);
    let kind = layers.own.decl.kind.as_deref();
    Some(Service {
        kind: kind.and_then(|name| KindName::parse(name).ok()),
        source: sources.source.clone(),
        target: sources.target.clone(),
        shared: shared(findings, layers, ground.shared, values),
        copies: copies(findings, ground, layers, values),
        ignore: ignore(findings, layers, ground.ignore, values),
        port,
        entrypoint,
        ports: ports(findings, layers),
        dirs: dirs(findings, layers, values),
        steps: steps(findings, layers, values),
        command: command?,
        health_check,
        machine_learning: layers
            .pick("machine_learning", |decl| &decl.machine_learning)
            .is_some_and(|(_, yes)| *yes),
        depends_on: depends_on(findings, layers),
    })
}

/// The port that a service listens on.
pub(super) fn port(findings: &mut Findings<'_>, layers: &Layers<'_>) -> Option<Sourced<Port>> {
    let (origin, number) = layers.pick("port", |decl| &decl.port)?;
    let number = number.to_string();
    findings.value(origin, &number, &code::INVALID_VALUE, Port::parse)
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
    let inherited = kept(&layers.inherited.depends_on, &decl.depends_on);
    Joined::new(inherited, own)
}

fn command(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    (sources, values): (&Sources, &Values<'_>),
) -> Option<Sourced<Command>> {
    match said_command(findings, layers, values) {
        Ok(None) => module_command(findings, layers, sources),
        Ok(command) => command,
        Err(Told) => None,
    }
}

/// What the command is given to.
fn entrypoint(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
) -> Option<Sourced<Arc<[FreeText]>>> {
    let (origin, words) = layers.pick("entrypoint", |decl| &decl.entrypoint)?;
    let read = exec(findings, origin, words)?;
    match findings.filled_command(read, values).value {
        Command::Exec(value) => Some(Sourced { value, origin }),
        Command::Uvicorn(_) => None,
    }
}

/// The command of an image with an entrypoint: none where none is said.
fn arguments(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    (entrypoint, values): (Origin, &Values<'_>),
) -> Option<Sourced<Command>> {
    let none = Sourced {
        value: Command::Exec(Arc::new([])),
        origin: entrypoint,
    };
    let said = said_command(findings, layers, values).ok()?;
    Some(said.unwrap_or(none))
}

/// What is wrong is told already.
struct Told;

/// The first of `app` and `cmd` that an entry says; nothing where none does.
fn said_command(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
) -> Result<Option<Sourced<Command>>, Told> {
    let (mut takes_app, mut takes_cmd) = (true, true);
    for entry in layers.winning() {
        let (app, cmd) = (entry.decl.app.as_ref(), entry.decl.cmd.as_ref());
        match (app.filter(|_| takes_app), cmd.filter(|_| takes_cmd)) {
            (Some(_), Some(_)) => {
                let origin = Origin::field(entry.section, "cmd");
                findings.at_key(
                    &code::APP_AND_CMD,
                    origin,
                    "`app` stands beside `cmd`, and only one of them can run".to_owned(),
                );
                return Err(Told);
            }
            (Some(app), None) => {
                let origin = Origin::field(entry.section, "app");
                let app = findings.filled(origin, app, values);
                let app = findings.value(origin, &app, &code::INVALID_VALUE, AppPath::parse);
                return app.map(|app| Some(uvicorn(app))).ok_or(Told);
            }
            (None, Some(words)) => {
                let origin = Origin::field(entry.section, "cmd");
                let command = if entry.section == layers.own.section {
                    exec(findings, origin, words)
                } else {
                    layers.inherited.command.clone()
                };
                return command
                    .map(|command| Some(findings.filled_command(command, values)))
                    .ok_or(Told);
            }
            (None, None) => {}
        }
        takes_app &= !entry.decl.app.is_null();
        takes_cmd &= !entry.decl.cmd.is_null();
    }
    Ok(None)
}

fn uvicorn(app: Sourced<AppPath>) -> Sourced<Command> {
    Sourced {
        value: Command::Uvicorn(app.value),
        origin: app.origin,
    }
}

/// uvicorn with the module that the folder of sources stands for.
fn module_command(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    sources: &Sources,
) -> Option<Sourced<Command>> {
    let origin = Origin::field(layers.own.section, "app");
    if sources
        .source
        .as_ref()
        .is_some_and(|source| source.value.is_empty())
    {
        return None;
    }
    let app = sources.module().map(|module| format!("{module}:app"));
    let app = app.and_then(|app| AppPath::parse(&app).ok());
    let Some(app) = app else {
        let message = match &sources.source {
            Some(source) => format!(
                "cannot derive the ASGI app from {}; set `app: package.module:app`, or `cmd: […]` \
                 for a worker",
                source.value
            ),
            None => "there are no sources to derive the ASGI app from; set `app: \
                     package.module:app`, or `cmd: […]` for a worker"
                .to_owned(),
        };
        findings.at_value_with_help(
            &code::MISSING_FIELD,
            origin,
            message,
            "app: your.module:app".to_owned(),
        );
        return None;
    };
    // Nobody wrote it: where the sources land decides the module.
    Some(Sourced {
        value: Command::Uvicorn(app),
        origin: sources.target.origin,
    })
}

/// A command line as it is declared: a list of words, or one text that is split into words.
pub(super) fn exec(
    findings: &mut Findings<'_>,
    origin: Origin,
    words: &OneOrMany<Text>,
) -> Option<Sourced<Command>> {
    let split;
    let words: Vec<(Origin, &str)> = if let Some(line) = words.single() {
        split = findings.split(origin, line)?;
        split.iter().map(|word| (origin, word.as_str())).collect()
    } else {
        let words = words.iter().enumerate();
        words.map(|(at, word)| (origin.item(at), &**word)).collect()
    };
    if words.is_empty() {
        findings.at_value(
            &code::INVALID_VALUE,
            origin,
            format!("`{}` needs at least one word", origin.field),
        );
        return None;
    }
    let read = words.into_iter().filter_map(|(origin, word)| {
        findings.value(origin, word, &code::INVALID_VALUE, FreeText::parse)
    });
    let words: Arc<[FreeText]> = read.map(|word| word.value).collect();
    let bytes = cmd_bytes(&words);
    if bytes > LINE_LIMIT {
        let message = format!(
            "`{}` makes a line of {bytes} bytes in the Dockerfile; BuildKit reads lines of at \
             most {LINE_LIMIT} bytes",
            origin.field
        );
        let help =
            "put the words into a script or a file that the image copies, and run that".to_owned();
        findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
    }
    Some(Sourced {
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
