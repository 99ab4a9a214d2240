//! Folders of sources that the repository does not have.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::AbsentThing;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "missing-source",
        summary: "the folder of a service's sources is missing",
        explanation: "The build copies the folder of `source`, and fails if it is missing. It is \
         a warning, because a checkout can leave services out. If no source folder exists, as in \
         a repository that has only a services.yaml, nothing is reported; to turn this off, \
         set `sources: elsewhere`. In the example, apps/svc_a and apps/svc_b exist.",
        example: "services: { svc-a: { kind: web, port: 8000 }, svc-b: { kind: web, port: 8001, \
         source: apps/svc_bb } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000 }, svc-b: { kind: web, port: 8001, \
         source: apps/svc_b } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for absent in &ground.fleet.absent {
        if let AbsentThing::Source { meant } = &absent.what {
            judge.absent(absent, meant.as_deref());
        }
    }
}
