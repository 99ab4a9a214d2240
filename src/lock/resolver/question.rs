//! What a resolver is asked about one image.

use crate::fleet::lock::{Inputs, constraints_below};
use crate::fleet::{Fleet, Image, Sourced};
use crate::values::{IndexUrl, PythonVersion};

/// The file that names what is asked for.
pub(super) const REQUIREMENTS: &str = "requirements.in";
/// The file of what the bases below pin.
pub(super) const CONSTRAINTS: &str = "constraints.txt";

/// What a resolver is asked about one image.
#[derive(Debug, Clone)]
pub(crate) struct Question<'a> {
    pub(super) python: &'a PythonVersion,
    /// The architectures as Python names them.
    pub(super) machines: Vec<String>,
    pub(super) index_urls: &'a [Sourced<IndexUrl>],
    /// Whether anything may be built from source.
    pub(super) source_builds: bool,
    /// What is, where that is not anything.
    pub(super) built: Vec<&'a str>,
    pub(super) requirements: Vec<&'a str>,
    pub(super) constraints: Vec<String>,
    /// What to keep where it still fits.
    pub(super) preferences: Vec<String>,
}

impl<'a> Question<'a> {
    /// The question about an image. With `upgrade` what its lock pinned before counts for nothing.
    #[must_use]
    pub(crate) fn of(fleet: &'a Fleet, image: &'a Image, upgrade: bool) -> Self {
        let pins = image
            .locked
            .lock()
            .filter(|_| !upgrade)
            .into_iter()
            .flat_map(|lock| &lock.pins);
        let inputs = Inputs::of(fleet, image);
        let mut machines: Vec<String> = inputs
            .values("platform")
            .map(|one| machine(&one.value))
            .collect();
        machines.sort();
        machines.dedup();
        Self {
            python: &image.python.value,
            machines,
            index_urls: &image.index_urls,
            source_builds: !image.apt_build.is_empty(),
            built: (image.source_builds.iter())
                .map(|one| one.value.as_str())
                .collect(),
            requirements: fleet
                .requirements_of(image)
                .map(|one| one.value.as_str())
                .collect(),
            constraints: constraints(fleet, image),
            preferences: pins
                .filter_map(|pin| pin.requirement.constraint())
                .collect(),
        }
    }

    /// Whether there is anything to resolve.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// The architectures, as Python names them.
    #[must_use]
    pub(crate) fn machines(&self) -> &[String] {
        &self.machines
    }

    /// The Python to resolve for.
    #[must_use]
    pub(crate) fn python(&self) -> &PythonVersion {
        self.python
    }
}

/// What holds versions: what the bases below pin, and what requirement files say by `-c`.
fn constraints(fleet: &Fleet, image: &Image) -> Vec<String> {
    let files = fleet.files_of(image);
    let in_files = files.flat_map(|file| file.constraints.iter());
    let in_files = in_files.filter_map(|one| one.value.constraint());
    let mut all = constraints_below(fleet, image);
    all.extend(in_files);
    all
}

/// The architecture of a platform as Python's `platform.machine()` names it on Linux.
fn machine(platform: &str) -> String {
    let mut parts = platform.split('/').skip(1);
    match (parts.next().unwrap_or_default(), parts.next()) {
        ("amd64", _) => "x86_64".to_owned(),
        ("arm64", _) => "aarch64".to_owned(),
        ("arm", variant) => format!("arm{}l", variant.unwrap_or("v7")),
        ("386", _) => "i686".to_owned(),
        ("loong64", _) => "loongarch64".to_owned(),
        (same, _) => same.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_the_names_that_python_gives_them() {
        for (platform, name) in [
            ("linux/amd64", "x86_64"),
            ("linux/arm64", "aarch64"),
            ("linux/arm/v6", "armv6l"),
            ("linux/arm", "armv7l"),
            ("linux/s390x", "s390x"),
        ] {
            assert_eq!(machine(platform), name);
        }
    }
}
