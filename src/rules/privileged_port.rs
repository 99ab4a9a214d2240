//! Ports that only a privileged process may listen on.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "privileged-port",
        summary: "a service listens on a port below 1024, and its user has no privileges",
        explanation: "Docker lets every process listen on such a port; Kubernetes and other \
         platforms let only root do it, unless a node is set up otherwise. Listen on a port above \
         1023 and map it to another one outside of the container.",
        example: "services: { svc-a: { kind: web, port: 80 } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8080 } }\n",
        ..PLAIN
    },
    check,
};

/// The first port that anybody may listen on.
const FREE_FROM: u16 = 1024;

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image, service) in ground.services() {
        let Some(port) = &service.port else {
            continue;
        };
        let number = port.value.to_string();
        if number
            .parse::<u16>()
            .is_ok_and(|number| number >= FREE_FROM)
        {
            continue;
        }
        judge.value(Some(image), &number, port.origin, || {
            let message = format!(
                "port {number} is privileged: {} works in Docker, and not on every Kubernetes node",
                image.name
            );
            (message, "use a port above 1023".to_owned())
        });
    }
}
