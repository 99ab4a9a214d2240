//! Modules that uvicorn starts and the sources do not have.

use super::ground::{Entry, Ground};
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::{Code, Severity};
use crate::fleet::{AbsentThing, Image, ImageId};

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "missing-module",
        severity: Severity::Error,
        summary: "uvicorn starts a module that is not in the sources",
        explanation: "`app` names a module the way Python imports it from the workdir; without \
         `app`, the name follows from the folder of the sources. If the sources have no such \
         file, the image builds and the container exits at once. dockwright looks only at file \
         names, so it only warns if the module can come from somewhere else: from a package of \
         that name, a step of `run`, a hook, or `PYTHONPATH`. If your pipeline creates the \
         module, allow the finding. In the example, apps/svc_a has a main.py.",
        example: "services: { svc-a: { kind: web, port: 8000, pip: [uvicorn], app: \
         \"apps.svc_a.mian:app\" } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, pip: [uvicorn], app: \
         \"apps.svc_a.main:app\" } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for absent in &ground.fleet.absent {
        let AbsentThing::Module { app } = &absent.what else {
            continue;
        };
        let image = ground.fleet.image(absent.image);
        let most = if is_certain(ground, absent.image, app) {
            Severity::Error
        } else {
            Severity::Warning
        };
        judge.value_at_most(most, image, (app, absent.origin), || {
            let message = format!(
                "{} starts {app}, but {}.py does not exist",
                image.name, absent.path
            );
            let help = "set `app: package.module:app`, as it is imported from the workdir";
            (message, help.to_owned())
        });
    }
}

/// Whether a module can come from nowhere but the sources.
fn is_certain(ground: &Ground<'_>, id: ImageId, app: &str) -> bool {
    let image = ground.fleet.image(id);
    let package = app.split(['.', ':']).next().unwrap_or(app);
    let is_package = |entry: Entry<'_>| ground.name(entry.package).replace('-', "_") == package;
    let is_plain = |image: &Image| {
        let has_path = image.env.iter().any(|one| one.0.as_str() == "PYTHONPATH");
        image.hooks.is_empty() && image.steps.is_empty() && image.copies.is_empty() && !has_path
    };
    let mut chain = std::iter::once(image).chain(ground.fleet.bases_of(image));
    !ground.entries(id).any(is_package) && chain.all(is_plain)
}
