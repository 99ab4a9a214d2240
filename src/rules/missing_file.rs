//! Files and folders that an image copies beside its sources and the repository does not have.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::{Code, Severity};
use crate::fleet::AbsentThing;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "missing-file",
        severity: Severity::Error,
        summary: "a file or folder that an image copies is missing",
        explanation: "The build copies the files and folders of `shared` and `copy`, and mounts \
         those of `run.files`; it fails if one of them is missing. If a step of your pipeline \
         creates the path before the build, allow the finding for that path. dockwright looks \
         only where the sources of the image are there. In the example, libs/common exists.",
        example: "services: { svc-a: { kind: web, port: 8000, shared: libs/comon } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, shared: libs/common } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for absent in &ground.fleet.absent {
        if let AbsentThing::Copied { meant } = &absent.what {
            judge.absent(absent, meant.as_deref());
        }
    }
}
