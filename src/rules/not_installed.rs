//! What a service starts although nothing that it lists installs it.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::install::Form;
use crate::fleet::model::{Command, Parent, Service};
use crate::fleet::{Fleet, Image};
use crate::values::FreeText;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "not-installed",
        summary: "a service starts a program that nothing installs",
        explanation: "The image builds, but the container exits at once: `cmd` or `app` starts a \
         program of a Python package that neither the image nor its base lists. dockwright looks \
         at the sets, `pip`, requirement files, projects and locks of the image and of the bases \
         below it. This is only a warning because, without a lock, the package may come as a \
         dependency of another one. It is not reported if the image installs a wheel from the \
         repository, has a hook that names the program, or builds on an external image other than \
         the official Python image.",
        example: "services: { svc-a: { kind: web, port: 8000, cmd: [gunicorn, \"svc_a:app\"] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, pip: [gunicorn], cmd: [gunicorn, \
         \"svc_a:app\"] } }\n",
        ..PLAIN
    },
    check,
};

/// A program, the package that installs it, and further packages that bring it.
type Program = (&'static str, &'static str, &'static [&'static str]);

/// By name, which is also that of the module.
const PROGRAMS: [Program; 15] = [
    (
        "alembic",
        "alembic",
        &["mlflow", "apache-airflow", "prefect"],
    ),
    ("arq", "arq", &[]),
    ("celery", "celery", &["flower"]),
    ("chainlit", "chainlit", &[]),
    ("daphne", "daphne", &["channels"]),
    (
        "django-admin",
        "django",
        &["djangorestframework", "wagtail"],
    ),
    ("dramatiq", "dramatiq", &[]),
    ("flask", "flask", &["dash", "mlflow", "apache-airflow"]),
    ("granian", "granian", &[]),
    ("gunicorn", "gunicorn", &["mlflow", "apache-airflow"]),
    ("hypercorn", "hypercorn", &["quart"]),
    ("rq", "rq", &[]),
    ("streamlit", "streamlit", &[]),
    (
        "uvicorn",
        "uvicorn",
        &[
            "bentoml",
            "chainlit",
            "fastapi-cli",
            "fastmcp",
            "gradio",
            "litestar",
            "mcp",
            "nicegui",
            "prefect",
            "ray",
            "vllm",
        ],
    ),
    ("waitress-serve", "waitress", &[]),
];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image, service) in ground.services() {
        let Some(program) = started(service) else {
            continue;
        };
        let fleet = ground.fleet;
        if !is_known(fleet, image, program.0) || is_installed(fleet, image, &program) {
            continue;
        }
        let (name, package, _) = program;
        judge.value(Some(image), package, service.command.origin, || {
            let message = format!(
                "`{name}` starts {}, but nothing it lists installs it",
                image.name
            );
            let mut files = image.install.iter();
            let file = files.find(|file| file.form == Form::Requirements);
            let place = file.map_or(String::new(), |file| format!(" or {}", file.path.value));
            (message, format!("add `{package}` to `pip`{place}"))
        });
    }
}

/// The program that a service starts, where it is one of a package.
fn started(service: &Service) -> Option<Program> {
    let name = match &service.command.value {
        // What the layout of sources says by default, nobody said.
        Command::Uvicorn(_) if service.command.origin.field != "app" => return None,
        Command::Uvicorn(_) => "uvicorn",
        Command::Inherited => return None,
        Command::Exec(words) => {
            let mut words = words.iter().map(FreeText::as_str);
            let first = words.next()?;
            match (first, words.next(), words.next()) {
                ("python" | "python3", Some("-m"), Some(module)) => module,
                _ => first,
            }
        }
    };
    let found = PROGRAMS
        .binary_search_by_key(&name, |(name, ..)| name)
        .ok()?;
    Some(PROGRAMS[found])
}

/// Whether what an image installs is known as far as its own words go.
fn is_known(fleet: &Fleet, image: &Image, program: &str) -> bool {
    let mut chain = chain(fleet, image);
    let is_python = |image: &Image| match &image.parent {
        Parent::External(external) => external.reference.repository().is_python(),
        Parent::Base(_) => true,
        Parent::Kept(_) => false,
    };
    let is_said = |image: &Image| {
        let mut hooks = image.hooks.iter().flat_map(|hook| &hook.lines);
        let has_wheel = image.install.iter().any(|file| file.form == Form::Wheel);
        has_wheel || hooks.any(|line| line.value.contains(program))
    };
    chain.all(|image| is_python(image) && !is_said(image))
}

fn chain<'a>(fleet: &'a Fleet, image: &'a Image) -> impl Iterator<Item = &'a Image> {
    std::iter::once(image).chain(fleet.bases_of(image))
}

/// Whether the image or a base below it lists the package or one that brings it. Files that were
/// not read, where no sources are in the tree, may.
fn is_installed(fleet: &Fleet, image: &Image, (_, package, others): &Program) -> bool {
    let brings = |name: &str, extras: &[String]| {
        let further = name
            .strip_prefix(package)
            .is_some_and(|rest| rest.starts_with('-'));
        name == *package
            || further
            || others.contains(&name)
            || (name == "fastapi" && !extras.is_empty())
    };
    chain(fleet, image).any(|image| {
        let mut asked = fleet.requirements_of(image);
        let mut pins = fleet.files_of(image).flat_map(|file| file.pins.iter());
        let is_unread = image.install.iter().any(|file| file.file.is_none());
        let mut locked = image.locked.lock().into_iter().flat_map(|lock| &lock.pins);
        is_unread
            || asked.any(|one| brings(one.value.normalized_name(), one.value.extras()))
            || pins.any(|one| brings(one.normalized_name(), one.extras()))
            || locked.any(|pin| brings(pin.requirement.normalized_name(), &[]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(PROGRAMS.is_sorted_by_key(|(name, ..)| name));
    }
}
