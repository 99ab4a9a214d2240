//! Everything that decides what an image's requirements resolve to, a line each.

use sha2::{Digest, Sha256};

use super::locked::{Input, Inputs, Lock};
use crate::fleet::model::{Fleet, Image, Origin, Parent, Section};

/// The platform of locks where a fleet declares none: that of most builders. A lock has the hashes
/// of all files of a version, so another platform finds its files in it as long as it needs no
/// other packages.
const DEFAULT_PLATFORM: &str = "linux/amd64";

impl Inputs {
    /// What decides as it is declared now, over the locks of the bases as they are now.
    #[must_use]
    pub(crate) fn of(fleet: &Fleet, image: &Image) -> Self {
        Self::above(fleet, image, below(fleet, image).as_deref())
    }

    /// The same where the digest of what the bases below pin is known: the images on one base share
    /// it.
    pub(crate) fn above(fleet: &Fleet, image: &Image, below: Option<&str>) -> Self {
        let mut inputs = vec![input(
            "python",
            image.python.value.as_str(),
            image.python.origin,
        )];
        let mut platforms: Vec<Input> = fleet
            .platforms
            .iter()
            .map(|one| input("platform", one.value.as_str(), one.origin))
            .collect();
        platforms.sort_by(|left, right| left.value.cmp(&right.value));
        platforms.dedup_by(|left, right| left.value == right.value);
        if platforms.is_empty() {
            platforms.push(input(
                "platform",
                DEFAULT_PLATFORM,
                Origin::field(Section::Fleet, "platforms"),
            ));
        }
        inputs.extend(platforms);
        // pip takes the first as its default, so their order counts.
        inputs.extend(
            image
                .index_urls
                .iter()
                .map(|url| input("index", url.value.as_str(), url.origin)),
        );
        for package in &image.source_builds {
            inputs.push(input(
                "source-build",
                package.value.as_str(),
                package.origin,
            ));
        }
        if let Some(package) = image.apt_build.first() {
            inputs.push(input("source-builds", "allowed", package.origin));
        }
        if let Some(below) = below {
            inputs.push(input("below", below, parent_origin(image)));
        }
        let mut requirements: Vec<Input> = fleet
            .requirements_of(image)
            .map(|one| input("requirement", one.value.as_str(), one.origin))
            .collect();
        requirements.sort_by(|left, right| left.value.cmp(&right.value));
        requirements.dedup_by(|left, right| left.value == right.value);
        inputs.extend(requirements);
        let files = fleet.files_of(image);
        let mut constraints: Vec<Input> = files
            .flat_map(|file| file.constraints.iter())
            .map(|one| input("constraint", one.value.as_str(), one.origin))
            .collect();
        constraints.sort_by(|left, right| left.value.cmp(&right.value));
        constraints.dedup_by(|left, right| left.value == right.value);
        inputs.extend(constraints);
        Self(inputs)
    }

    /// The digest that a lock carries.
    #[must_use]
    pub(crate) fn digest(&self) -> String {
        let lines: Vec<String> = self.lines().collect();
        digest(std::iter::once("dockwright lock 1").chain(lines.iter().map(String::as_str)))
    }

    /// A line each, as the header of a lock has them.
    pub(crate) fn lines(&self) -> impl Iterator<Item = String> {
        self.0
            .iter()
            .map(|input| format!("{}: {}", input.key, input.value))
    }

    /// The texts of one kind.
    pub(crate) fn values(&self, key: &str) -> impl Iterator<Item = &Input> {
        self.0.iter().filter(move |input| input.key == key)
    }
}

/// The digest of what the bases below an image pin, where one of them is locked.
pub(crate) fn below(fleet: &Fleet, image: &Image) -> Option<String> {
    fleet.bases_of(image).find(|base| base.locked.is_wanted())?;
    let lines = constraints_below(fleet, image);
    Some(format!(
        "sha256:{}",
        digest(lines.iter().map(String::as_str))
    ))
}

fn input(key: &str, value: &str, origin: Origin) -> Input {
    Input {
        key: key.to_owned(),
        value: value.to_owned(),
        origin: Some(origin),
    }
}

fn parent_origin(image: &Image) -> Origin {
    match &image.parent {
        Parent::Base(base) => base.origin,
        Parent::External(_) | Parent::Kept(_) => Origin::field(image.section, ""),
    }
}

/// The locks of the bases below an image, the nearest first.
pub(crate) fn locks_below<'a>(
    fleet: &'a Fleet,
    image: &'a Image,
) -> impl Iterator<Item = &'a Lock> {
    fleet.bases_of(image).filter_map(|base| base.locked.lock())
}

/// What the bases below an image hold pip to, a constraint each, sorted.
#[must_use]
pub(crate) fn constraints_below(fleet: &Fleet, image: &Image) -> Vec<String> {
    let pins = locks_below(fleet, image).flat_map(|lock| &lock.pins);
    let mut lines: Vec<String> = pins
        .filter_map(|pin| pin.requirement.constraint())
        .collect();
    lines.sort();
    lines.dedup();
    lines
}

/// SHA-256 over lines, in hexadecimal.
fn digest<'a>(lines: impl IntoIterator<Item = &'a str>) -> String {
    let mut hash = Sha256::new();
    for line in lines {
        hash.update(line.as_bytes());
        hash.update(b"\n");
    }
    base16ct::lower::encode_string(&hash.finalize())
}
