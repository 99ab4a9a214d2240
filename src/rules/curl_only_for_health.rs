//! curl in images whose health check does not need it.

use std::collections::BTreeMap;

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::Image;
use crate::fleet::model::{Command, Probe, Service};
use crate::values::FreeText;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "curl-only-for-health",
        summary: "curl or wget is installed, but nothing declared calls it",
        explanation: "The usual reason is a health check, but the generated one uses Python. curl \
         only adds packages to update and a tool for attackers. If the service's own code calls \
         it, allow that: `policy: { allowances: [{ rule: curl-only-for-health, image: svc-a, \
         reason: … }] }`.",
        example: "services: { svc-a: { kind: web, port: 8000, apt: [curl] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000 } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image, service) in ground.services() {
        let mut called: BTreeMap<&str, bool> = BTreeMap::new();
        for package in image
            .apt
            .iter()
            .filter(|package| matches!(package.value.name(), "curl" | "wget"))
        {
            let name = package.value.name();
            if service.health_check.is_none()
                || *called
                    .entry(name)
                    .or_insert_with(|| is_called(image, service, name))
            {
                continue;
            }
            judge.value(Some(image), name, package.origin, || {
                let message =
                    format!("nothing declared calls `{name}`: the health check uses Python");
                (message, format!("delete `{name}`"))
            });
        }
    }
}

/// Whether a hook, the command or a command for the health check names a tool.
fn is_called(image: &Image, service: &Service, tool: &str) -> bool {
    let in_hooks = image
        .hooks
        .iter()
        .flat_map(|hook| &hook.lines)
        .any(|line| line.value.contains(tool));
    let in_command = match &service.command.value {
        Command::Exec(words) => words
            .iter()
            .map(FreeText::as_str)
            .any(|word| word.contains(tool)),
        Command::Uvicorn(_) | Command::Inherited => false,
    };
    let probe = service.health_check.as_ref().map(|check| &check.probe);
    let in_probe = match probe {
        Some(Probe::Command(words)) => words.value.iter().any(|word| word.as_str().contains(tool)),
        Some(Probe::Http(_)) | None => false,
    };
    in_hooks || in_command || in_probe
}
