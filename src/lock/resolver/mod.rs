//! Requirements → lock: what a resolver is asked, and what its answer becomes. Nothing here runs or
//! writes anything.

mod pip;
mod uv;

use std::collections::{BTreeMap, BTreeSet};

pub use pip::{PIP_REPORT, PYTHON_PROBE, PythonProbe, pip_words, read_pip};
pub use uv::{UV_OUTPUT, read_uv, uv_words};

use crate::fleet::lock::{
    Inputs, Lock, Pin, constraints_below, format_lock, locks_below, parse_lock,
};
use crate::fleet::{Fleet, Image, Sourced};
use crate::lock::unmet;
use crate::values::requirement::Requirement;
use crate::values::{IndexUrl, PythonVersion};

/// The file that names what is asked for.
const REQUIREMENTS: &str = "requirements.in";
/// The file of what the bases below pin.
const CONSTRAINTS: &str = "constraints.txt";
/// The file of what the lock pinned before.
const PREFERENCES: &str = "preferences.txt";

/// Variables by which a person's environment could change what is resolved without a trace in the
/// declaration. Those about the network (proxies, certificates, credentials, a mirror for the
/// default index) stay.
pub const UNWANTED: [&str; 27] = [
    "PIP_ABI",
    "PIP_CONSTRAINT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_BINARY",
    "PIP_NO_DEPS",
    "PIP_ONLY_BINARY",
    "PIP_PLATFORM",
    "PIP_PRE",
    "PIP_REQUIREMENT",
    "PIP_TARGET",
    "PIP_USER",
    "UV_BUILD_CONSTRAINT",
    "UV_CONFIG_FILE",
    "UV_CONSTRAINT",
    "UV_EXCLUDE",
    "UV_EXCLUDE_NEWER",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_FORK_STRATEGY",
    "UV_INDEX",
    "UV_NO_CONFIG",
    "UV_OVERRIDE",
    "UV_PRERELEASE",
    "UV_PROJECT",
    "UV_RESOLUTION",
    "UV_TORCH_BACKEND",
];

/// What a resolver is asked about one image.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    python: &'a PythonVersion,
    /// The architectures as Python names them.
    machines: Vec<String>,
    index_urls: &'a [Sourced<IndexUrl>],
    source_builds: bool,
    requirements: Vec<&'a str>,
    constraints: Vec<String>,
    /// What to keep where it still fits.
    preferences: Vec<String>,
}

impl<'a> Question<'a> {
    /// The question about an image. With `upgrade` what its lock pinned before counts for nothing.
    #[must_use]
    pub fn of(fleet: &'a Fleet, image: &'a Image, upgrade: bool) -> Self {
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
            requirements: fleet
                .requirements_of(image)
                .map(|one| one.value.as_str())
                .collect(),
            constraints: constraints_below(fleet, image),
            preferences: pins
                .filter_map(|pin| pin.requirement.constraint())
                .collect(),
        }
    }

    /// Whether there is anything to resolve.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// The architectures, as Python names them.
    #[must_use]
    pub fn machines(&self) -> &[String] {
        &self.machines
    }

    /// The Python to resolve for.
    #[must_use]
    pub fn python(&self) -> &PythonVersion {
        self.python
    }

    /// The files that a resolver reads, by name.
    #[must_use]
    pub fn files(&self) -> Vec<(&'static str, String)> {
        let preferences = text(self.preferences.iter().map(String::as_str));
        vec![
            (REQUIREMENTS, text(self.requirements.iter().copied())),
            (
                CONSTRAINTS,
                text(self.constraints.iter().map(String::as_str)),
            ),
            (UV_OUTPUT, preferences.clone()),
            (PREFERENCES, preferences),
            ("pyproject.toml", uv::project(self)),
        ]
    }
}

/// Lines, each ended.
fn text<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.flat_map(|line| [line, "\n"]).collect()
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

/// One package and version of an answer, as far as it is for the platforms.
#[derive(Default)]
struct Merged {
    /// The architectures that it is for; none where it has a marker of its own.
    machines: BTreeSet<String>,
    hashes: BTreeSet<String>,
    via: BTreeSet<String>,
}

/// The lock that an answer stands for: markers said by architecture alone, and without what the
/// bases below have.
///
/// # Errors
/// What the answer lacks, such as hashes, for a lock that `check` would refuse.
pub fn lock_of(fleet: &Fleet, image: &Image, answer: Vec<Pin>) -> Result<Lock, String> {
    let question = Question::of(fleet, image, true);
    let machines = &question.machines;
    let mut merged: BTreeMap<(String, Requirement), Merged> = BTreeMap::new();
    for pin in answer {
        let holds = |machine: &&String| {
            pin.requirement.holds_on(&image.python.value, machine) != Some(false)
        };
        let held: Vec<&String> = machines.iter().filter(holds).collect();
        if held.is_empty() || has_below(fleet, image, &pin, held.len() == machines.len()) {
            continue;
        }
        // What is decided in the build alone, such as by the patch version of Python, keeps its
        // marker.
        let is_decided = held.iter().all(|machine| {
            pin.requirement
                .holds_on(&image.python.value, machine)
                .is_some()
        });
        let marker = pin.requirement.marker().filter(|_| !is_decided);
        let bare = pin
            .requirement
            .with_marker(marker)
            .map_err(|invalid| invalid.to_string())?;
        let entry = merged
            .entry((bare.normalized_name().to_owned(), bare))
            .or_default();
        if is_decided {
            entry.machines.extend(held.into_iter().cloned());
        }
        entry.hashes.extend(pin.hashes);
        entry.via.extend(pin.via);
    }
    let pins = merged
        .into_iter()
        .map(|((_, bare), merged)| merged.pin(&bare, machines.len()));
    let inputs = Inputs::of(fleet, image);
    let lock = Lock::new(inputs.digest(), inputs, pins.collect::<Result<_, _>>()?);
    if let Some(pin) = lock.pins.iter().find(|pin| pin.hashes.is_empty()) {
        return Err(format!("`{}` has no hash", pin.requirement));
    }
    let read =
        parse_lock(format_lock(&lock).as_bytes()).map_err(|fault| fault.message.to_owned())?;
    match unmet(fleet, image, &lock) {
        Some(fault) => Err(fault),
        None if read.pins != lock.pins => Err("it cannot be written as a lock".to_owned()),
        None => Ok(lock),
    }
}

impl Merged {
    fn pin(self, bare: &Requirement, of_all: usize) -> Result<Pin, String> {
        let some: Vec<String> = self
            .machines
            .iter()
            .map(|name| format!("platform_machine == \"{name}\""))
            .collect();
        let marker = some.join(" or ");
        let is_for_some = !self.machines.is_empty() && self.machines.len() < of_all;
        let requirement = if is_for_some {
            bare.with_marker(Some(&marker))
        } else {
            Ok(bare.clone())
        };
        Ok(Pin {
            requirement: requirement.map_err(|invalid| invalid.to_string())?,
            hashes: self.hashes.into_iter().collect(),
            via: self.via.into_iter().collect(),
        })
    }
}

/// Whether a base below pins a package to the same, wherever it is needed.
fn has_below(fleet: &Fleet, image: &Image, pin: &Pin, everywhere: bool) -> bool {
    let is_same = |below: &Pin| {
        below.requirement.normalized_name() == pin.requirement.normalized_name()
            && below.version() == pin.version()
            && below.requirement.url() == pin.requirement.url()
            && (below.requirement.marker().is_none() || !everywhere)
    };
    locks_below(fleet, image).any(|lock| lock.pins.iter().any(is_same))
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

    #[test]
    fn unwanted_variables_stand_once_and_sorted() {
        assert!(UNWANTED.is_sorted());
    }
}
