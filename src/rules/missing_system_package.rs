//! Debian packages that a Python package needs when it runs.

use super::ground::{Entry, Ground};
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::model::Parent;
use crate::fleet::{Fleet, Image};

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "missing-system-package",
        summary: "a Python package needs a Debian package that the image does not have",
        explanation: "Some wheels load a library or start a program that only the distribution \
         has. The slim images do not have it, so the build succeeds and the service fails when it \
         imports the package or calls it. The rule looks at `apt` of the image and of the bases \
         below it; where a hook installs the package, nothing is said. An allowance with its \
         reason is for what the image has in another way.",
        example: "services: { svc-a: { kind: web, port: 8000, pip: [python-magic] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, pip: [python-magic], apt: [libmagic1] \
         } }\n",
        ..PLAIN
    },
    check,
};

/// What a Python package needs, and the Debian packages that have it, each beginning with the one
/// to add.
struct Need {
    package: &'static str,
    /// What it does with it.
    why: &'static str,
    /// Of each group one is enough.
    debian: &'static [&'static [&'static str]],
}

/// By normalized name. The names are those of Debian trixie; older ones of the same library count.
const NEEDS: [Need; 19] = [
    need("cairocffi", "loads libcairo.so.2", &[&["libcairo2"]]),
    need("cairosvg", "loads libcairo.so.2", &[&["libcairo2"]]),
    need("ffmpeg-python", "starts ffmpeg", &[&["ffmpeg"]]),
    need("gitpython", "starts git", &[&["git"]]),
    need("graphviz", "starts dot", &[&["graphviz"]]),
    need("lightgbm", "loads libgomp.so.1", &[&["libgomp1"]]),
    need("mysqlclient", "loads libmariadb.so.3", &[&["libmariadb3"]]),
    need("openai-whisper", "starts ffmpeg", &[&["ffmpeg"]]),
    need("pdf2image", "starts pdftoppm", &[&["poppler-utils"]]),
    need("psycopg2", "loads libpq.so.5", &[&["libpq5", "libpq-dev"]]),
    need("pydub", "starts ffmpeg", &[&["ffmpeg"]]),
    need("pygraphviz", "loads Graphviz", &[&["graphviz"]]),
    need("pypandoc", "starts pandoc", &[&["pandoc"]]),
    need("pytesseract", "starts tesseract", &[&["tesseract-ocr"]]),
    need(
        "python-magic",
        "loads libmagic.so.1",
        &[&["libmagic1", "libmagic1t64", "file"]],
    ),
    need(
        "pyvips",
        "loads libvips.so.42",
        &[&["libvips42t64", "libvips42", "libvips"]],
    ),
    need(
        "pyzbar",
        "loads libzbar.so.0",
        &[&["libzbar0t64", "libzbar0"]],
    ),
    need(
        "tesserocr",
        "reads the data of tesseract",
        &[&["tesseract-ocr"]],
    ),
    need(
        "weasyprint",
        "loads Pango",
        &[&["libpango-1.0-0"], &["libpangoft2-1.0-0"]],
    ),
];

const fn need(
    package: &'static str,
    why: &'static str,
    debian: &'static [&'static [&'static str]],
) -> Need {
    Need {
        package,
        why,
        debian,
    }
}

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let needs = ground.classified(|name| {
        let found = NEEDS
            .binary_search_by_key(&name, |need| need.package)
            .ok()?;
        Some(&NEEDS[found])
    });
    if needs.iter().all(Option::is_none) {
        return;
    }
    for (at, image) in ground.images() {
        for entry in ground.entries(at) {
            let Some(Some(need)) = needs.get(entry.package) else {
                continue;
            };
            let missing = missing(ground.fleet, image, need);
            if missing.is_empty() || !is_debian(ground.fleet, image) {
                continue;
            }
            say(judge, image, (entry, need), &missing);
        }
    }
}

fn say(judge: &mut Judge<'_>, image: &Image, (entry, need): (Entry<'_>, &Need), missing: &[&str]) {
    judge.value(Some(image), need.package, entry.origin, || {
        let message = format!(
            "`{}` {}, which {} does not have",
            need.package, need.why, image.name
        );
        (message, format!("add apt: [{}]", missing.join(", ")))
    });
}

/// The Debian packages that neither the image nor a base below it installs.
fn missing(fleet: &Fleet, image: &Image, need: &Need) -> Vec<&'static str> {
    let installs = |image: &Image, name: &str| {
        let mut hooks = image.hooks.iter().flat_map(|hook| &hook.lines);
        image.apt.iter().any(|package| package.value.name() == name)
            || hooks.any(|line| line.value.contains(name))
    };
    let is_there = |group: &&&[&str]| {
        let mut chain = std::iter::once(image).chain(fleet.bases_of(image));
        chain.any(|image| group.iter().any(|name| installs(image, name)))
    };
    let groups = need.debian.iter().filter(|group| !is_there(group));
    groups.map(|group| group[0]).collect()
}

/// Whether apt-get works in an image.
fn is_debian(fleet: &Fleet, image: &Image) -> bool {
    let lowest = fleet.bases_of(image).last().unwrap_or(image);
    matches!(&lowest.parent, Parent::External(external) if external.has_apt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(NEEDS.is_sorted_by_key(|need| need.package));
    }
}
