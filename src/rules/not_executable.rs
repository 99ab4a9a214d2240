//! Scripts that are copied without the right to be started.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::Image;
use crate::fleet::model::{Command, Copy, Origin, Probe, Service};
use crate::values::FreeText;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "not-executable",
        summary: "a script is started that `copy` makes not executable",
        explanation: "The mode of `copy` is that of every file it copies, whatever the checkout \
         says: 0755 unless `mode` is declared. What the entrypoint, the command or the health \
         check starts by its path needs the right to be executed; without it the container ends \
         at once with `permission denied`.",
        example: "services: { svc-a: { port: 8000, cmd: [./start.sh], copy: { from: start.sh, to: \
         ./, mode: \"0644\" } } }\n",
        fixed: "services: { svc-a: { port: 8000, cmd: [./start.sh], copy: { from: start.sh, to: \
         ./ } } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image, service) in ground.services() {
        let mut copies = image
            .copies
            .iter()
            .filter(|copy| !is_executable(copy))
            .peekable();
        if copies.peek().is_none() {
            continue;
        }
        let copies: Vec<&Copy> = copies.collect();
        for (program, origin) in started(service) {
            let path = absolute(image, program);
            let Some(copy) = copies.iter().find(|copy| lands_at(image, copy, &path)) else {
                continue;
            };
            judge.value(Some(image), program, origin, || {
                let message = format!(
                    "{program} is not executable: `copy` gives {} the mode {}",
                    copy.from, copy.mode
                );
                (
                    message,
                    "delete `mode` there, or write mode: \"0755\"".to_owned(),
                )
            });
        }
    }
}

fn is_executable(copy: &Copy) -> bool {
    copy.mode.bytes().rev().take(3).any(|digit| digit & 1 == 1)
}

/// The programs that are started by a path of their own.
fn started(service: &Service) -> Vec<(&str, Origin)> {
    let mut started = Vec::new();
    let entrypoint = service.entrypoint.as_ref();
    let entrypoint = entrypoint.filter(|words| !words.value.is_empty());
    match (entrypoint, &service.command.value) {
        (Some(words), _) => started.push((words.value.first(), words.origin)),
        (None, Command::Exec(words)) => started.push((words.first(), service.command.origin)),
        (None, Command::Uvicorn(_) | Command::Inherited) => {}
    }
    let probe = service.health_check.as_ref().map(|check| &check.probe);
    if let Some(Probe::Command(words)) = probe {
        started.push((words.value.first(), words.origin));
    }
    let started = started.into_iter();
    let named = started.filter_map(|(word, origin)| Some((word.map(FreeText::as_str)?, origin)));
    named.filter(|(word, _)| word.contains('/')).collect()
}

/// A path in an image, from the workdir on where it is not a whole one.
fn absolute(image: &Image, path: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    let path = if path == "." { "" } else { path };
    if path.starts_with('/') {
        return path.to_owned();
    }
    // What counts from an unknown folder does so for both that are compared.
    let workdir = image.workdir.path().unwrap_or("/").trim_end_matches('/');
    format!("{workdir}/{path}")
}

/// Whether something that is copied may land at a path: the file itself, or one of a folder.
fn lands_at(image: &Image, copy: &Copy, path: &str) -> bool {
    let to = absolute(image, &copy.to);
    let name = copy.from.rsplit('/').next().unwrap_or(&copy.from);
    let rest = path.strip_prefix(to.trim_end_matches('/'));
    let is_folder = to.ends_with('/') || !name.contains('.');
    match rest.and_then(|rest| rest.strip_prefix('/')) {
        None => rest == Some(""),
        Some(rest) if name.contains('.') && !name.contains('*') => is_folder && rest == name,
        Some(_) => is_folder,
    }
}
