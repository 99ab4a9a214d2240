//! Containers that run as root.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::account::Identity;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "runs-as-root",
        summary: "a container runs as root",
        explanation: "An attacker who takes over a process that runs as root controls the whole \
         container, and more of the host where a volume or a socket is mounted. Kubernetes does \
         not start it under `runAsNonRoot`. The steps of the build run as root in any case. If a \
         program writes outside of /tmp, list its folders under `dirs`. Ports above 1023 do not \
         need root.",
        example: "services: { svc-a: { kind: web, port: 8000, user: root } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, dirs: [data] } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image, _) in ground.services() {
        let account = &image.account;
        let (Identity::Root, Some(origin)) = (&account.identity, account.origin) else {
            continue;
        };
        judge.value(Some(image), "root", origin, || {
            let message = "the container runs as root".to_owned();
            let help = "leave `user` out, and name the folders that it writes in `dirs`";
            (message, help.to_owned())
        });
    }
}
