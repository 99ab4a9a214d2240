//! Machine learning frameworks in images that are not for machine learning.

use super::ground::{Ground, PackageId, below};
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "ml-dep-in-non-ml",
        summary: "an image that is not for machine learning installs a machine learning framework",
        explanation: "torch and the packages built on it make an image gigabytes large. A service \
         is for machine learning if it or its kind has `machine_learning: true`. The rule does \
         not apply to a fleet without such a service. A package from a base is reported where the \
         base lists it.",
        example: "kinds: { ml: { template: multi-stage-slim, machine_learning: true } \
         }\nservices: { svc-a: { kind: web, port: 8000, pip: [transformers] }, svc-m: { kind: ml, \
         port: 8000 } }\n",
        fixed: "kinds: { ml: { template: multi-stage-slim, machine_learning: true } }\nservices: \
         { svc-a: { kind: web, port: 8000 }, svc-m: { kind: ml, port: 8000, pip: [transformers] } \
         }\n",
        ..PLAIN
    },
    check,
};

/// Frameworks, by normalised name.
const FRAMEWORKS: [&str; 40] = [
    "accelerate",
    "autogluon",
    "bitsandbytes",
    "catboost",
    "detectron2",
    "diffusers",
    "easyocr",
    "fastai",
    "flair",
    "jax",
    "jaxlib",
    "keras",
    "layoutparser",
    "lightgbm",
    "lightning",
    "mxnet",
    "nltk",
    "onnxruntime-gpu",
    "openai-whisper",
    "paddleocr",
    "paddlepaddle",
    "peft",
    "pytorch-lightning",
    "scikit-learn",
    "sentence-transformers",
    "spacy",
    "spacy-transformers",
    "stanza",
    "tensorflow",
    "tensorflow-cpu",
    "tensorflow-gpu",
    "timm",
    "torch",
    "torchaudio",
    "torchvision",
    "transformers",
    "ultralytics",
    "vllm",
    "xformers",
    "xgboost",
];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let known = ground.classified(|name| FRAMEWORKS.binary_search(&name).ok());
    let is_framework = |package: PackageId| known[package].is_some();
    if known.iter().all(Option::is_none)
        || !ground
            .services()
            .any(|(_, _, service)| service.machine_learning)
    {
        return;
    }
    let of_bases = ground.marked_below(&known);
    for (at, image, service) in ground
        .services()
        .filter(|(_, _, service)| !service.machine_learning)
    {
        let kind = Ground::kind_of(image, service);
        let below = below(&of_bases, image)
            .iter()
            .map(|found| (found.entry, Some(found.base)));
        let found = ground.entries(at).map(|entry| (entry, None)).chain(below);
        for (entry, base) in found.filter(|(entry, _)| is_framework(entry.package)) {
            let name = ground.name(entry.package);
            let origin = match (entry.via, base) {
                (Some((_, named)), None) => named,
                _ => entry.origin,
            };
            judge.value(Some(image), name, origin, || {
                let way = match (entry.via, base) {
                    (_, Some(base)) => format!(" by {}", base.name),
                    (Some((set, _)), None) => format!(" by the set `{}`", set.name),
                    (None, None) => String::new(),
                };
                let message = format!(
                    "`{name}` is a machine learning framework, installed{way} in {} of kind {kind}",
                    image.name
                );
                (
                    message,
                    format!(
                        "remove it, or set `machine_learning: true` in the kind of {}",
                        image.name
                    ),
                )
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(FRAMEWORKS.is_sorted());
    }
}
