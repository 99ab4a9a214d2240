//! Projects whose dependencies are installed without a lock.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::install::{Form, in_folder};

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "unlocked-project",
        summary: "a pyproject.toml is installed without a lock",
        explanation: "A pyproject.toml says what a project needs, mostly without versions: the \
         same commit gives another image next week. uv.lock and poetry.lock say which version of \
         every package; `install` takes them in its place. Where such a lock stands beside the \
         pyproject.toml, the help names it.",
        example: "tools: { uv: \"0.13.9\" }\nservices: { svc-a: { port: 8000, install: \
         pyproject.toml } }\n",
        fixed: "tools: { uv: \"0.13.9\" }\nservices: { svc-a: { port: 8000, install: uv.lock } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image) in ground.images() {
        if image.install.iter().any(|file| file.form.is_lock()) {
            continue;
        }
        let manifests = image
            .install
            .iter()
            .filter(|file| file.form == Form::Manifest);
        for manifest in manifests {
            let path = manifest.path.value.as_str();
            judge.value(Some(image), path, manifest.path.origin, || {
                let message = format!("{path} is installed without a lock");
                let help = if let Some(lock) = &manifest.lock_beside {
                    format!("{lock} stands beside it: install that")
                } else {
                    let lock = in_folder(manifest.folder(), "uv.lock");
                    format!("run `uv lock` there, and install {lock}")
                };
                (message, help)
            });
        }
    }
}
