//! A new service: its declaration in the style of the file, and sources that answer the health
//! check.

use std::collections::BTreeMap;

use crate::declare::FleetDecl;
use crate::declare::schema::{RoleDecl, ServiceDecl};
use crate::diagnostic::did_you_mean;
use crate::edit::declaration::{EditError, NewService, add_service};
use crate::fleet::model::{Command, HealthCheck, Service, ServiceRole};
use crate::fleet::{Fleet, Image, Role};
use crate::project::{self, Declared, Edited, Inputs, Loaded, Sources, load};
use crate::values::{FreeText, InvalidValue, ServiceName};

/// The port where neither the kind nor a service of it has one.
const FALLBACK_PORT: u64 = 8000;

/// A service that is ready to be written.
#[derive(Debug)]
pub(crate) struct Scaffold {
    /// The name of the service.
    pub(crate) name: String,
    /// The file that declares it: services.yaml, or one that it includes.
    pub(crate) file: String,
    /// The whole new text of that file.
    pub(crate) text: String,
    /// The declaration with it, loaded.
    pub(crate) loaded: Loaded,
    /// Where its sources go, below the root.
    pub(crate) source: String,
    /// Its source files: path below the root, and content.
    pub(crate) files: Vec<(String, String)>,
    /// The application for uvicorn and the port, where it runs under uvicorn.
    pub(crate) runs: Option<(String, String)>,
}

/// Why a service cannot be added. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NewError {
    /// The name is outside of the grammar.
    #[error("`{text}` is {source}{}", source.help().map(|help| format!("; {help}")).unwrap_or_default())]
    Name {
        /// As given.
        text: String,
        /// What is wrong with it.
        source: InvalidValue,
    },
    /// The name is taken.
    #[error("services.yaml already declares {0}")]
    Taken(String),
    /// No kind has this name, or none was given.
    #[error("{problem}; {help}")]
    Kind {
        /// What is wrong.
        problem: String,
        /// The name that may have been meant, or all.
        help: String,
    },
    /// A worker or job was not told what it runs.
    #[error("give --cmd: what {0} runs, such as --cmd \"python -m worker\"")]
    Command(String),
    /// The declaration has errors without the service.
    #[error("services.yaml has errors")]
    Before,
    /// The declaration would have errors with the service.
    #[error("services.yaml would have errors")]
    After(Box<Loaded>),
    /// A file cannot be read again.
    #[error(transparent)]
    Project(#[from] project::Error),
    /// The text cannot be edited safely.
    #[error("{file}: {source}")]
    Edit {
        /// The file.
        file: String,
        /// Why.
        source: EditError,
    },
}

/// Declares a service in one of the declaration's files (an included one that is not there yet is
/// made) and writes its skeleton, in memory. Without a port it gets the kind's, or the one that
/// most of the kind have.
///
/// # Errors
/// [`NewError`].
pub(crate) fn scaffold(
    inputs: &dyn Inputs,
    before: &Loaded,
    file: &str,
    mut service: NewService,
) -> Result<Scaffold, NewError> {
    let read = Declared::read(inputs, &before.file, &mut Sources::default())?;
    let decl = read.decl.ok_or(NewError::Before)?;
    refuse_taken(&decl, &service.name)?;
    complete(&decl, &mut service)?;
    // An included file that is not there yet is made.
    let text = before.sources.text(file).unwrap_or_default();
    let text = add_service(text, &service).map_err(|source| NewError::Edit {
        file: file.to_owned(),
        source,
    })?;
    let edited = Edited::new(inputs, file, &text);
    let loaded = load(&edited, &before.file, before.watcher())?;
    let made = loaded
        .unsettled_fleet()
        .and_then(|fleet| made(fleet, &service.name));
    let Some((source, files, runs)) = made else {
        return Err(NewError::After(Box::new(loaded)));
    };
    Ok(Scaffold {
        name: service.name,
        file: file.to_owned(),
        source,
        files,
        runs,
        text,
        loaded,
    })
}

/// Fills in what a person need not say: a port, and where sources land that Python cannot name by
/// their path.
fn complete(decl: &FleetDecl, service: &mut NewService) -> Result<(), NewError> {
    let kind = match &service.kind {
        Some(kind) => Some(
            decl.kinds
                .get(kind)
                .ok_or_else(|| unknown_kind(decl, kind))?,
        ),
        None if decl.kinds.is_empty() => None,
        None => return Err(unknown_kind(decl, "")),
    };
    let said: Vec<&ServiceDecl> = kind.into_iter().chain([&*decl.defaults]).collect();
    let says = |of: fn(&ServiceDecl) -> bool| said.iter().any(|said| of(said));
    let role = service
        .role
        .or_else(|| said.iter().find_map(|said| *said.role));
    let runs =
        service.cmd.is_some() || says(|said| said.cmd.is_some() || said.entrypoint.is_some());
    let is_silent = matches!(role, Some(RoleDecl::Worker | RoleDecl::Job));
    if is_silent && !runs && service.app.is_none() {
        return Err(NewError::Command(service.name.clone()));
    }
    let listens = role == Some(RoleDecl::Web) || (!is_silent && !runs);
    if service.port.is_none() && listens && !says(|said| said.port.is_some()) {
        service.port = Some(usual_port(decl, service.kind.as_deref()));
    }
    let source = service.source.as_deref().unwrap_or_default();
    let is_module = source.split('/').all(|name| {
        let name = ServiceName::parse(&name.replace('_', "-")).map(|name| name.module());
        name.is_ok_and(|module| source.split('/').any(|part| part == module))
    });
    let says_target = says(|said| said.target.is_some());
    if service.source.is_some() && !is_module && !says_target {
        service.target = Some(APP.to_owned());
    }
    Ok(())
}

/// Where sources land whose path is no Python package.
const APP: &str = "/app";

/// Where the sources of a service go, its files, and how it runs.
type Made = (String, Vec<(String, String)>, Option<(String, String)>);

fn made(fleet: &Fleet, name: &str) -> Option<Made> {
    let mut images = fleet.images.iter();
    let image = images.find(|image| image.name.as_str() == name)?;
    let Role::Service(role) = &image.role else {
        return None;
    };
    let files = skeleton(fleet, image, role);
    let source = role.source.as_ref();
    let source = source.map_or_else(String::new, |source| source.value.clone());
    Some((source, files, uvicorn(role)))
}

fn refuse_taken(decl: &FleetDecl, name: &str) -> Result<(), NewError> {
    ServiceName::parse(name).map_err(|source| NewError::Name {
        text: name.to_owned(),
        source,
    })?;
    if decl.bases.contains_key(name) {
        return Err(NewError::Taken(format!("a base {name}")));
    }
    let mut services = decl.services.iter();
    if services.any(|services| services.contains_key(name)) {
        return Err(NewError::Taken(format!("a service {name}")));
    }
    Ok(())
}

fn unknown_kind(decl: &FleetDecl, kind: &str) -> NewError {
    let names = || decl.kinds.keys().map(String::as_str);
    let help = match did_you_mean(kind, names()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("kinds: {}", names().collect::<Vec<_>>().join(", ")),
    };
    let problem = if kind.is_empty() {
        "give --kind".to_owned()
    } else {
        format!("unknown kind `{kind}`")
    };
    NewError::Kind { problem, help }
}

/// The port that most services of a kind have; the lowest of several.
fn usual_port(decl: &FleetDecl, kind: Option<&str>) -> u64 {
    let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
    let services = decl.services.iter().flat_map(indexmap::IndexMap::values);
    for service in services.filter(|service| service.kind.as_deref() == kind) {
        *counts
            .entry(service.port.unwrap_or(FALLBACK_PORT))
            .or_default() += 1;
    }
    counts
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(FALLBACK_PORT, |(port, _)| port)
}

fn uvicorn(service: &Service) -> Option<(String, String)> {
    let Command::Uvicorn(app) = &service.command.value else {
        return None;
    };
    Some((
        app.as_str().to_owned(),
        service.port.as_ref()?.value.to_string(),
    ))
}

/// The package, and the module that the image runs where it is in the package.
fn skeleton(fleet: &Fleet, image: &Image, service: &Service) -> Vec<(String, String)> {
    let Some(source) = &service.source else {
        return Vec::new();
    };
    let source = &source.value;
    let package = (format!("{source}/__init__.py"), String::new());
    let app = match &service.command.value {
        Command::Uvicorn(app) => app,
        Command::Exec(words) => {
            let program = program(image, service, words);
            return program.into_iter().chain([package]).collect();
        }
        Command::Inherited => return vec![package],
    };
    let Some((module, attribute)) = app.as_str().split_once(':') else {
        return vec![package];
    };
    let Some(file) = module_file(source, service, module) else {
        return vec![package];
    };
    if attribute.contains('.') {
        return vec![package];
    }
    let health = service
        .health_check
        .as_ref()
        .and_then(HealthCheck::http)
        .map_or("/healthz", |probe| probe.path.value.as_str());
    let main = if has_fastapi(fleet, image) {
        FASTAPI.replace("{name}", image.name.as_str())
    } else {
        ASGI.replace("{name}", image.name.as_str())
    };
    vec![
        package,
        (
            file,
            main.replace("{app}", attribute).replace("{health}", health),
        ),
    ]
}

/// The file that a command line starts, where it is one of the sources: `python -m NAME` or
/// `python FILE.py`.
fn program(image: &Image, service: &Service, words: &[FreeText]) -> Option<(String, String)> {
    let source = &service.source.as_ref()?.value;
    let words: Vec<&str> = words.iter().map(FreeText::as_str).collect();
    let module = words.iter().position(|word| *word == "-m");
    let module = module.and_then(|at| words.get(at + 1));
    let is_name = |name: &str| {
        name.chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
    };
    let file = match module {
        Some(module) if is_name(module) => module_file(source, service, module)?,
        _ => {
            let script = words
                .iter()
                .find(|word| word.strip_suffix(".py").is_some())?;
            let is_in_workdir = image.workdir.path.as_ref() == Some(&service.target.value);
            let is_plain = is_name(script.trim_end_matches(".py"));
            (is_in_workdir && is_plain).then(|| format!("{source}/{script}"))?
        }
    };
    let text = if service.role.value == ServiceRole::Job {
        JOB
    } else {
        WORKER
    };
    Some((file, text.replace("{name}", image.name.as_str())))
}

/// The file of a module below the folder of sources, by where that folder lands in the image.
fn module_file(source: &str, service: &Service, module: &str) -> Option<String> {
    let target = service.target.value.as_str();
    let below_app = target.strip_prefix("/app").unwrap_or_default();
    let package = below_app.trim_start_matches('/');
    let file = format!("{}.py", module.replace('.', "/"));
    let rest = file.strip_prefix(package)?;
    let rest = rest
        .strip_prefix('/')
        .or(package.is_empty().then_some(rest))?;
    Some(format!("{source}/{rest}"))
}

/// Whether the image or one that it builds on installs `FastAPI`.
fn has_fastapi(fleet: &Fleet, image: &Image) -> bool {
    std::iter::once(image)
        .chain(fleet.bases_of(image))
        .any(|image| {
            let sets = image
                .sets
                .iter()
                .map(|set| fleet.set(set.value))
                .flat_map(|set| &set.requirements);
            sets.chain(&image.pip)
                .any(|requirement| requirement.value.normalized_name() == "fastapi")
        })
}

const FASTAPI: &str = r#""""{name}."""

from fastapi import FastAPI

{app} = FastAPI(title="{name}")


@{app}.get("{health}")
def health() -> dict[str, str]:
    """Answers the container's health check."""
    return {"status": "ok"}
"#;

const WORKER: &str = r#""""{name}: a worker."""

import signal
import threading

stop = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: stop.set())

while not stop.wait(1):
    pass  # the work goes here
"#;

const JOB: &str = r#""""{name}: a job, which ends."""

print("{name}: done")
"#;

const ASGI: &str = r#""""{name}: an ASGI application without a framework."""


async def {app}(scope, receive, send):
    """Answers the container's health check, and 404 to everything else."""
    if scope["type"] != "http":
        return
    status = 200 if scope["path"] == "{health}" else 404
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": b"ok\n" if status == 200 else b"not found\n"})
"#;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Files, Unwatched};

    const TEXT: &str = "registry: r.example\nowner: o\npython: \"3.12\"\nrequirements: { base: \
     [fastapi] }\nbases: { low: { version: v1.0.0 } }\nkinds:\n  web: { template: \
     multi-stage-slim, healthcheck: { path: /up } }\nservices:\n  svc-a: { kind: web, port: 9000 \
     }\n";

    fn made(name: &str, kind: &str, pip: &[&str]) -> Result<Scaffold, NewError> {
        let pip = pip.iter().map(|one| (*one).to_owned()).collect();
        let service = NewService {
            name: name.to_owned(),
            kind: (!kind.is_empty()).then(|| kind.to_owned()),
            pip,
            ..NewService::default()
        };
        let files = Files::declaring(TEXT);
        let loaded = load(&files, "services.yaml", &Unwatched).unwrap();
        scaffold(&files, &loaded, "services.yaml", service)
    }

    #[test]
    fn a_kind_says_everything_but_the_name() {
        let made = made("svc-b", "web", &[]).unwrap();
        assert_eq!(
            made.text,
            format!("{TEXT}  svc-b: {{ kind: web, port: 9000 }}\n")
        );
        let paths: Vec<&str> = made.files.iter().map(|(path, _)| path.as_str()).collect();
        assert_eq!(paths, ["apps/svc_b/__init__.py", "apps/svc_b/main.py"]);
        assert!(made.files[1].1.contains("scope[\"path\"] == \"/up\""));
        assert_eq!(
            made.runs,
            Some(("apps.svc_b.main:app".to_owned(), "9000".to_owned()))
        );
    }

    #[test]
    fn what_installs_fastapi_gets_a_fastapi_skeleton() {
        let made = made("svc-b", "web", &["FastAPI>=0.110"]).unwrap();
        assert!(
            made.files[1].1.contains("@app.get(\"/up\")"),
            "{}",
            made.files[1].1
        );
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        for (name, kind, message) in [
            ("Svc_B", "web", "write `svc-b`"),
            ("svc-a", "web", "already declares a service svc-a"),
            ("low", "web", "already declares a base low"),
            ("svc-b", "webb", "did you mean `web`?"),
            ("svc-b", "", "give --kind"),
        ] {
            let error = made(name, kind, &[]).unwrap_err().to_string();
            assert!(error.contains(message), "{error}");
        }
        assert!(matches!(made("svc.a", "web", &[]), Err(NewError::After(_))));
    }

    fn of_role(text: &str, service: NewService) -> Result<Scaffold, NewError> {
        let files = Files::declaring(text);
        let loaded = load(&files, "services.yaml", &Unwatched).unwrap();
        scaffold(&files, &loaded, "services.yaml", service)
    }

    const PLAIN: &str =
        "registry: r.example\nowner: o\npython: \"3.12\"\nservices:\n  a: { port: 9000 }\n";

    #[test]
    fn folders_and_roles_are_as_they_are_typed() {
        let web = NewService {
            name: "svc-b".to_owned(),
            source: Some("services/svc-b".to_owned()),
            ..NewService::default()
        };
        let made = of_role(PLAIN, web.clone()).unwrap();
        let line = "  svc-b: { source: services/svc-b, target: /app, port: 9000 }\n";
        assert_eq!(made.text, format!("{PLAIN}{line}"));
        assert_eq!(made.runs.unwrap().0, "main:app");
        assert!(
            made.files
                .iter()
                .any(|(path, _)| path == "services/svc-b/main.py")
        );
        let module = NewService {
            source: Some("apps/svc_b".to_owned()),
            ..web.clone()
        };
        let made = of_role(PLAIN, module).unwrap();
        assert!(
            made.text
                .ends_with("  svc-b: { source: apps/svc_b, port: 9000 }\n"),
            "{}",
            made.text
        );
        let job = NewService {
            role: Some(RoleDecl::Job),
            cmd: Some("python -u task.py".to_owned()),
            ..web.clone()
        };
        let made = of_role(PLAIN, job.clone()).unwrap();
        let line = "  svc-b: { role: job, source: services/svc-b, target: /app, cmd: \"python -u task.py\" }\n";
        assert_eq!(made.text, format!("{PLAIN}{line}"));
        assert!(
            made.files
                .iter()
                .any(|(path, text)| path == "services/svc-b/task.py" && text.contains("print("))
        );
        let silent = NewService { cmd: None, ..job };
        let refused = of_role(PLAIN, silent).unwrap_err().to_string();
        assert!(refused.contains("give --cmd"), "{refused}");
    }
}
