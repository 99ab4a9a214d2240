//! Debian packages that a release of Debian does not have any more.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;
use crate::fleet::model::Parent;
use crate::fleet::{Fleet, Image};

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "removed-package",
        summary: "a Debian package is not in the release of Debian that the image is made of",
        explanation: "Names of Debian packages come and go with its releases. An image of Python \
         without a release in its tag, such as python:3.12-slim, follows the newest one, so a \
         name that worked for years ends a build. The release is read from the tag where it names \
         one, such as -slim-bookworm.",
        example: "services: { svc-a: { kind: web, port: 8000, apt: [libgl1-mesa-glx] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000, apt: [libgl1] } }\n",
        ..PLAIN
    },
    check,
};

/// The releases of Debian, oldest first; the last is what a tag without a release means.
const RELEASES: [&str; 4] = ["buster", "bullseye", "bookworm", "trixie"];

/// Names that are gone, the first release without them, and what to use; by name.
const GONE: [(&str, &str, &str); 14] = [
    ("libffi7", "bookworm", "libffi8"),
    ("libgconf-2-4", "trixie", "nothing: it was removed"),
    ("libgl1-mesa-glx", "trixie", "libgl1"),
    ("libmysqlclient-dev", "buster", "default-libmysqlclient-dev"),
    ("libncurses5", "trixie", "libncurses6"),
    ("libssl1.1", "bookworm", "libssl3"),
    ("libtiff5", "bookworm", "libtiff6"),
    ("libtinfo5", "trixie", "libtinfo6"),
    ("mysql-client", "buster", "default-mysql-client"),
    ("netcat", "trixie", "netcat-openbsd"),
    (
        "openjdk-11-jre-headless",
        "bookworm",
        "default-jre-headless",
    ),
    ("openjdk-17-jre-headless", "trixie", "default-jre-headless"),
    (
        "software-properties-common",
        "trixie",
        "nothing: add sources with a hook",
    ),
    ("wkhtmltopdf", "trixie", "weasyprint or a browser"),
];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    for (_, image) in ground.images() {
        for package in image.apt.iter().chain(&image.apt_build) {
            let name = package.value.name();
            let Ok(found) = GONE.binary_search_by_key(&name, |(gone, ..)| gone) else {
                continue;
            };
            let (_, since, instead) = GONE[found];
            let Some(release) = release(ground.fleet, image) else {
                continue;
            };
            if position(release) < position(since) {
                continue;
            }
            judge.value(Some(image), name, package.origin, || {
                let message = format!("{name} is not in Debian {release}");
                (message, format!("use {instead}"))
            });
        }
    }
}

fn position(release: &str) -> Option<usize> {
    RELEASES.iter().position(|known| *known == release)
}

/// The release of Debian that an image is made of, where it is one of Python's own: by the tag of
/// the external image, else the newest.
fn release(fleet: &Fleet, image: &Image) -> Option<&'static str> {
    let lowest = fleet.bases_of(image).last().unwrap_or(image);
    let Parent::External(external) = &lowest.parent else {
        return None;
    };
    if !external.has_apt || !external.reference.repository().is_python() {
        return None;
    }
    let tag = external.reference.to_string();
    let named = RELEASES.into_iter().find(|release| tag.contains(release));
    named.or(RELEASES.last().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(GONE.is_sorted_by_key(|(gone, ..)| gone));
        assert!(GONE.iter().all(|(_, since, _)| position(since).is_some()));
    }
}
