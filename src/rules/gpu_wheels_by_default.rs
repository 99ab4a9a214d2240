//! CUDA libraries that nobody asked for.

use super::ground::{Entry, Ground, PackageId, below};
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::Image;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "gpu-wheels-by-default",
        summary: "torch from the default index includes the CUDA libraries",
        explanation: "On Linux x86-64, torch from the default index includes CUDA: several \
         gigabytes that a machine without a GPU never uses. Declare the PyTorch project's index \
         of CPU wheels, whose URL ends in /whl/cpu, for torch under `indexes`, and list torch \
         under `pip`. For a GPU image, use the index of your CUDA version, whose URL ends in \
         /whl/cu124 or the like. If you do want the default index, accept this warning with an \
         allowance for the image that it names: `policy: { allowances: [{ rule: \
         gpu-wheels-by-default, image: svc-a, reason: … }] }`. dockwright reports this once, at \
         the first image that installs torch.",
        example: "services: { svc-a: { kind: web, port: 8000, pip: [sentence-transformers] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, pip: [sentence-transformers, torch], \
          indexes: { pytorch: { url: https://pip.example/whl/cpu, packages: [torch] } } } }\n",
        ..PLAIN
    },
    check,
};

/// torch and packages that require it, by normalised name.
const TORCH: [&str; 27] = [
    "accelerate",
    "bitsandbytes",
    "docling",
    "easyocr",
    "fastai",
    "flair",
    "lightning",
    "open-clip-torch",
    "openai-whisper",
    "peft",
    "pytorch-lightning",
    "sentence-transformers",
    "spacy-transformers",
    "stanza",
    "timm",
    "torch",
    "torchaudio",
    "torchmetrics",
    "torchtext",
    "torchvision",
    "triton",
    "trl",
    "ultralytics",
    "unstructured-inference",
    "vllm",
    "whisperx",
    "xformers",
];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let known = ground.classified(|name| TORCH.binary_search(&name).ok());
    let brings_torch = |package: PackageId| known[package].is_some();
    if known.iter().all(Option::is_none) {
        return;
    }
    let of_bases = ground.marked_below(&known);
    for (at, image) in ground.images() {
        if names_processor(image) || !below(&of_bases, image).is_empty() {
            continue;
        }
        let found: Vec<Entry<'_>> = ground
            .entries(at)
            .filter(|entry| brings_torch(entry.package))
            .collect();
        let is_torch = |entry: &&Entry<'_>| ground.name(entry.package) == "torch";
        let index = image.index_of("torch").map(|index| index.name.as_str());
        // Torch of a requirement file is for `unrouted-package` to tell.
        let is_settled = |entry: &Entry<'_>| index.is_some() || is_chosen(entry);
        if found.iter().filter(is_torch).any(is_settled) {
            continue;
        }
        // torch itself says it best, where it is listed.
        let named = found.iter().find(is_torch);
        let Some(entry) = named.or(found.first()) else {
            continue;
        };
        let name = ground.name(entry.package);
        judge.value(Some(image), name, entry.origin, || {
            statement(image, name, index)
        });
    }
}

fn statement(image: &Image, name: &str, index: Option<&str>) -> (String, String) {
    let way = if name == "torch" {
        "comes"
    } else {
        "requires torch, which comes"
    };
    let message = format!(
        "`{name}` {way} with the CUDA libraries in {}: no index for CPU or GPU wheels is declared",
        image.name
    );
    let help = match (index, name) {
        (Some(index), _) => format!(
            "add `pip: [torch]` to {}, so that it comes from the index `{index}`",
            image.name
        ),
        (None, "torch") => format!(
            "add `indexes: {{ pytorch: {{ url: https://download.pytorch.org/whl/cpu, packages: \
             [torch] }} }}` to {}; for a GPU, take the URL of its CUDA version, such as \
             …/whl/cu124",
            image.name
        ),
        (None, _) => format!(
            "add `pip: [torch]` and `indexes: {{ pytorch: {{ url: \
             https://download.pytorch.org/whl/cpu, packages: [torch] }} }}` to {}; for a GPU, take \
             the URL of its CUDA version, such as …/whl/cu124",
            image.name
        ),
    };
    (message, help)
}

/// Whether an index is one for CPU wheels, or for GPU wheels on purpose.
fn names_processor(image: &Image) -> bool {
    let mut urls = image.index_urls.iter();
    urls.any(|url| is_for_processor(url.value.as_str()))
}

/// Whether the URL of an index names a processor, such as …/whl/cpu.
pub(super) fn is_for_processor(url: &str) -> bool {
    let is_processor = |part: &str| {
        let is_version = |rest: &str| {
            !rest.is_empty()
                && rest
                    .bytes()
                    .all(|byte| byte.is_ascii_digit() || byte == b'.')
        };
        matches!(part, "cpu" | "cuda" | "gpu")
            || part.strip_prefix("cu").is_some_and(is_version)
            || part.strip_prefix("rocm").is_some_and(is_version)
    };
    url.split(['/', '-', '_']).any(is_processor)
}

/// Whether a requirement itself says which build it wants: by its URL or by a local version such as
/// +cpu.
fn is_chosen(entry: &Entry<'_>) -> bool {
    let has_local = |specifiers: pep440_rs::VersionSpecifiers| {
        specifiers.iter().any(|one| one.version().is_local())
    };
    entry.requirement.url().is_some() || entry.requirement.specifiers().is_some_and(has_local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(TORCH.is_sorted());
    }
}
