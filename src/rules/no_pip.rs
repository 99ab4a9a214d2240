//! Steps that call pip, which the virtual environment does not have.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::{Fleet, Image};

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "no-pip",
        summary: "a step of `run` needs pip in the virtual environment, which has none",
        explanation: "Packages are in /opt/venv, which is made without pip: a service does not \
         need it. `spacy download` and `opentelemetry-bootstrap` start `python -m pip`, which \
         fails; `pip install` starts the image's own pip, whose packages the service does not \
         see. Install pip like any other package, or name with `pip` what the step would \
         install.",
        example: "services: { svc-a: { port: 8000, pip: [opentelemetry-distro], run: \
         opentelemetry-bootstrap -a install } }\n",
        fixed: "services: { svc-a: { port: 8000, pip: [opentelemetry-distro, pip], run: \
         opentelemetry-bootstrap -a install } }\n",
        ..PLAIN
    },
    check,
};

/// What starts pip, as consecutive words.
const CALLERS: [&[&str]; 6] = [
    &["opentelemetry-bootstrap"],
    &["pip", "install"],
    &["pip3", "install"],
    &["python", "-m", "pip"],
    &["python3", "-m", "pip"],
    &["spacy", "download"],
];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let fleet = ground.fleet;
    for image in fleet.images.iter().filter(|image| !image.steps.is_empty()) {
        let calling = image.steps.iter();
        let calling = calling.filter_map(|step| Some((step, caller(&step.line)?)));
        for (step, caller) in calling {
            if has_pip(fleet, image) {
                break;
            }
            let called = caller.join(" ");
            judge.value(Some(image), &called, step.origin, || {
                let message = format!(
                    "`{called}` needs pip in the virtual environment of {}, which has none",
                    image.name
                );
                (message, "add `pip` to `pip`".to_owned())
            });
        }
    }
}

/// Whether a step starts pip.
pub(crate) fn calls_pip(line: &str) -> bool {
    caller(line).is_some()
}

fn caller(line: &str) -> Option<&'static [&'static str]> {
    // Options of pip can stand before its command.
    let words = line.split_ascii_whitespace();
    let words: Vec<&str> = words.filter(|word| !word.starts_with("--")).collect();
    let is_called = |caller: &&[&str]| words.windows(caller.len()).any(|part| part == *caller);
    CALLERS.into_iter().find(is_called)
}

/// Whether the image or a base below it installs pip, or may by a lock.
fn has_pip(fleet: &Fleet, image: &Image) -> bool {
    let mut chain = std::iter::once(image).chain(fleet.bases_of(image));
    chain.any(|image| {
        let mut asked = fleet.requirements_of(image);
        let mut pins = fleet.files_of(image).flat_map(|file| file.pins.iter());
        asked.any(|one| one.value.normalized_name() == "pip")
            || pins.any(|pin| pin.normalized_name() == "pip")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_words_and_no_parts_of_words() {
        for line in [
            "pip install x",
            "cd /x && python -m pip list",
            "pip3 --no-cache-dir install x",
            "python -m spacy download en",
        ] {
            assert!(caller(line).is_some(), "{line}");
        }
        for line in [
            "pipx install x",
            "echo pip",
            "python -m nltk.downloader punkt",
        ] {
            assert!(caller(line).is_none(), "{line}");
        }
    }
}
