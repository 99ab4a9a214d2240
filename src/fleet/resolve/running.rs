//! What a service's container runs, listens on and answers.

use std::sync::Arc;

use super::Ground;
use super::field::Findings;
use super::health::health_check;
use super::kind::kept;
use super::layers::{Entry, Layers};
use super::role::DeclaredRole;
use super::sources::{Sources, ignore, shared};
use super::steps::{ports, volumes};
use crate::declare::schema::RoleDecl;
use crate::declare::{OneOrMany, Text};
use crate::diagnostic::code;
use crate::dockerfile::LINE_LIMIT;
use crate::fleet::joined::Joined;
use crate::fleet::model::{Command, Origin, Service, ServiceRole, Sourced};
use crate::fleet::placeholder::Values;
use crate::values::{
    AppPath, Duration, FreeText, KindName, LinuxPath, Port, ServiceName, StopSignal,
};

/// Reads what is about the running container.
pub(super) fn running(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
    (port, role): (Option<Sourced<Port>>, DeclaredRole),
    (sources, values): (&Sources, &Values<'_>),
) -> Option<Service> {
    let inherited = inherited_entrypoint(layers);
    let entrypoint = match inherited {
        Some(_) => None,
        None => entrypoint(findings, layers, values),
    };
    let given_to = entrypoint.as_ref().filter(|words| !words.value.is_empty());
    let command = match inherited.or_else(|| given_to.map(|words| words.origin)) {
        Some(origin) => arguments(findings, layers, (origin, inherited.is_some()), values),
        None => command(findings, layers, role, (sources, values)),
    };
    let runs_uvicorn = match command.as_ref().map(|command| &command.value) {
        Some(command) => matches!(command, Command::Uvicorn(_)),
        None => layers.pick("cmd", |decl| &decl.cmd).is_none(),
    };
    let says_app = layers.pick("app", |decl| &decl.app).is_some();
    let runs_uvicorn = runs_uvicorn && (says_app || !role.is_silent());
    let is_web = role.is(RoleDecl::Web) || (runs_uvicorn && !role.is_silent());
    missing_port(findings, layers, role, is_web || runs_uvicorn);
    let health_check = health_check(findings, layers, (port.as_ref(), role, is_web), values);
    let kind = layers.own.decl.kind.as_deref();
    let port_is_said = port.is_some();
    Some(Service {
        kind: kind.and_then(|name| KindName::parse(name).ok()),
        source: sources.source.clone(),
        target: sources.target.clone(),
        shared: shared(findings, layers, ground.shared, values),
        ignore: ignore(findings, layers, ground.ignore, values),
        port,
        entrypoint,
        inherits_entrypoint: inherited.is_some(),
        ports: ports(findings, layers, role),
        volumes: volumes(findings, layers, values),
        role: service_role(role, is_web || port_is_said, command.as_ref()?.origin),
        command: command?,
        health_check,
        stop_signal: stop_signal(findings, layers),
        stop_grace_period: stop_grace_period(findings, layers),
        machine_learning: layers
            .pick("machine_learning", |decl| &decl.machine_learning)
            .is_some_and(|(_, yes)| *yes),
        depends_on: depends_on(findings, layers),
    })
}

/// The same of a service whose image is not generated for it: what it listens on, how its health
/// is asked for, and what it waits for.
pub(super) fn unbuilt(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    (port, role): (Option<Sourced<Port>>, DeclaredRole),
    values: &Values<'_>,
) -> Option<Service> {
    let origin = Origin::field(layers.own.section, "");
    let inherited = inherited_entrypoint(layers);
    let entrypoint = match inherited {
        Some(_) => None,
        None => entrypoint(findings, layers, values),
    };
    let command = arguments(findings, layers, (origin, entrypoint.is_none()), values)?;
    let is_web = role.is(RoleDecl::Web);
    missing_port(findings, layers, role, is_web);
    let health_check = health_check(findings, layers, (port.as_ref(), role, is_web), values);
    let kind = layers.own.decl.kind.as_deref();
    Some(Service {
        kind: kind.and_then(|name| KindName::parse(name).ok()),
        source: None,
        target: Sourced {
            value: LinuxPath::parse("/").expect("it is a path"),
            origin,
        },
        shared: Joined::default(),
        ignore: Joined::default(),
        role: service_role(role, is_web || port.is_some(), origin),
        port,
        entrypoint,
        inherits_entrypoint: inherited.is_some(),
        ports: ports(findings, layers, role),
        volumes: Vec::new(),
        command,
        health_check,
        stop_signal: stop_signal(findings, layers),
        stop_grace_period: stop_grace_period(findings, layers),
        machine_learning: false,
        depends_on: depends_on(findings, layers),
    })
}

/// Says that a service that listens has no port to listen on.
fn missing_port(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    role: DeclaredRole,
    listens: bool,
) {
    let said = layers.pick("port", |decl| &decl.port);
    let is_missing = said.is_none_or(|(origin, _)| role.skips(origin));
    if !is_missing || !listens {
        return;
    }
    let origin = Origin::field(layers.own.section, "port");
    let message = "a web service needs `port`; for a worker set `cmd`, for a task that ends set \
                   `role: job` and `cmd`";
    findings.at_value_with_help(
        &code::MISSING_FIELD,
        origin,
        message.to_owned(),
        "port: 8000".to_owned(),
    );
}

fn service_role(role: DeclaredRole, is_web: bool, command: Origin) -> Sourced<ServiceRole> {
    let (value, origin) = role.resolved(is_web, command);
    Sourced { value, origin }
}

/// The signal that stops the container.
fn stop_signal(findings: &mut Findings<'_>, layers: &Layers<'_>) -> Option<Sourced<StopSignal>> {
    let (origin, text) = layers.pick("stop_signal", |decl| &decl.stop_signal)?;
    findings.value(origin, text, &code::INVALID_VALUE, StopSignal::parse)
}

/// How long the container may take to end.
fn stop_grace_period(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
) -> Option<Sourced<Duration>> {
    let (origin, text) = layers.pick("stop_grace_period", |decl| &decl.stop_grace_period)?;
    findings.value(origin, text, &code::INVALID_VALUE, Duration::parse)
}

/// The port that a service listens on.
pub(super) fn port(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    role: DeclaredRole,
) -> Option<Sourced<Port>> {
    let (origin, number) = layers.pick("port", |decl| &decl.port)?;
    if !role.keeps(findings, origin) {
        return None;
    }
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
    role: DeclaredRole,
    (sources, values): (&Sources, &Values<'_>),
) -> Option<Sourced<Command>> {
    match said_command(findings, layers, values) {
        Ok(None) if role.is_silent() => {
            let origin = Origin::field(layers.own.section, "cmd");
            let message = "a worker or job needs `cmd`, the command to run".to_owned();
            let help = "cmd: python -m worker".to_owned();
            findings.at_value_with_help(&code::MISSING_FIELD, origin, message, help);
            None
        }
        Ok(None) => module_command(findings, layers, sources),
        Ok(command) => command,
        Err(Told) => None,
    }
}

/// Where `entrypoint: inherit` says that the image below starts what is started.
fn inherited_entrypoint(layers: &Layers<'_>) -> Option<Origin> {
    let (origin, words) = layers.pick("entrypoint", |decl| &decl.entrypoint)?;
    let word = words.single().filter(|word| word.trim() == "inherit");
    word.map(|_| origin)
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
        Command::Uvicorn(_) | Command::Inherited => None,
    }
}

/// The command of an image with an entrypoint. Where none is said, it is that of the image below if
/// the entrypoint is, else none.
fn arguments(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    (origin, is_inherited): (Origin, bool),
    values: &Values<'_>,
) -> Option<Sourced<Command>> {
    let value = if is_inherited {
        Command::Inherited
    } else {
        Command::Exec(Arc::new([]))
    };
    let said = said_command(findings, layers, values).ok()?;
    Some(said.unwrap_or(Sourced { value, origin }))
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
                    "`app` and `cmd` are both set, but only one can run".to_owned(),
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

/// A command line as it is declared: a list of words, or one text that is split into words. `none`
/// is a command line without a word.
pub(super) fn exec(
    findings: &mut Findings<'_>,
    origin: Origin,
    words: &OneOrMany<Text>,
) -> Option<Sourced<Command>> {
    if let Some(found) = bare_word(findings, origin, words) {
        return found.ok();
    }
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

/// What a word stands for that is no program here: `none`, and `inherit`, which only the entrypoint
/// can be. A list has these words as they are.
fn bare_word(
    findings: &mut Findings<'_>,
    origin: Origin,
    words: &OneOrMany<Text>,
) -> Option<Result<Sourced<Command>, Told>> {
    let word = words.single()?.trim();
    let help = match (word, origin.field) {
        ("none", "healthcheck.cmd") => "for no health check write `healthcheck: none`",
        ("none", _) => {
            let value = Command::Exec(Arc::new([]));
            return Some(Ok(Sourced { value, origin }));
        }
        ("inherit", "cmd") => {
            "`entrypoint: inherit` keeps what the external image starts, with its command"
        }
        _ => return None,
    };
    let field = origin.field;
    let message = format!("`{word}` is not a value of `{field}`");
    let help = format!("{help}; for a program of that name write `[{word}]`");
    findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
    Some(Err(Told))
}

/// The length of the line `CMD ["word", …]`.
fn cmd_bytes(words: &[FreeText]) -> usize {
    let quoted =
        |word: &FreeText| serde_json::to_string(word.as_str()).map_or(0, |quoted| quoted.len());
    let separators = words.len().saturating_sub(1) * ", ".len();
    "CMD []".len() + separators + words.iter().map(quoted).sum::<usize>()
}
