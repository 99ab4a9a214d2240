//! Packages that publish no wheel for Alpine.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "no-musl-wheel",
        summary: "a package has no wheel for Alpine",
        explanation: "A wheel is built for one C library. Alpine has musl, and dockwright has a list \
         of packages that publish wheels only for glibc. The build fails, unless one of your \
         indexes has a wheel for musl. Build the service on a Debian image. An image with \
         `apk_build` is not reported, because its compiler may build the package from source.",
        example: "images: { alpine: { reference: python, tag: \"{python}-alpine\" } }\n\
         services: { svc-a: { from: alpine, port: 8000, pip: [numba] } }\n",
        fixed: "images: { alpine: { reference: python, tag: \"{python}-alpine\" } }\n\
         services: { svc-a: { port: 8000, pip: [numba] } }\n",
        ..PLAIN
    },
    check,
};

/// Packages with wheels for glibc alone, by normalized name.
const GLIBC_ALONE: [&str; 16] = [
    "faiss-cpu",
    "jaxlib",
    "llvmlite",
    "mediapipe",
    "numba",
    "onnxruntime",
    "opencv-contrib-python",
    "opencv-python",
    "opencv-python-headless",
    "playwright",
    "tensorflow",
    "tensorflow-cpu",
    "torch",
    "torchaudio",
    "torchvision",
    "triton",
];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let is_alpine = |image| {
        let external = ground.fleet.external_of(image);
        external.is_some_and(|external| external.is_alpine)
    };
    let mut images = ground
        .images()
        .filter(|(_, image)| is_alpine(image))
        .peekable();
    if images.peek().is_none() {
        return;
    }
    let bare = ground.classified(|name| GLIBC_ALONE.binary_search(&name).ok());
    for (at, image) in images.filter(|(_, image)| image.apk_build.is_empty()) {
        for entry in ground.entries(at) {
            if bare.get(entry.package).is_none_or(Option::is_none)
                || entry.requirement.url().is_some()
            {
                continue;
            }
            let name = ground.name(entry.package);
            judge.value(Some(image), name, entry.origin, || {
                let message = format!("`{name}` has no wheel for Alpine, which {} is", image.name);
                (
                    message,
                    "build it on a Debian image: from: python-slim".to_owned(),
                )
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(GLIBC_ALONE.is_sorted());
    }
}
