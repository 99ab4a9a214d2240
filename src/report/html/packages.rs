//! The packages of a fleet: which image has which version of each, and how that is known.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fleet::lock::{Lock, Pin};
use crate::fleet::{Fleet, Image};
use crate::sizes::{ImageSizes, Ledger};
use crate::values::requirement::normalized;

/// A package with the images of each of its versions.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct PackageData {
    name: String,
    /// `pip` or `apt`.
    by: String,
    /// Whether services.yaml asks for it; else others bring it.
    #[serde(default = "by_declaration")]
    asked: bool,
    pub(super) versions: Vec<VersionData>,
}

/// A version of a package.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(super) struct VersionData {
    /// The version, or what is asked for, such as `>=2`; empty for any version.
    version: String,
    #[serde(default)]
    known: Known,
    /// The numbers of its images: first and last of each run.
    pub(super) images: Vec<[usize; 2]>,
}

/// How a version is known, the surest first.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
enum Known {
    /// The image was read.
    Installed,
    /// A lock has it.
    Locked,
    /// services.yaml asks for it.
    #[default]
    Declared,
}

fn by_declaration() -> bool {
    true
}

/// A package by who installs it and its name.
type Key = (&'static str, String);

/// What is known of one package of one image.
#[derive(Clone)]
struct Found {
    known: Known,
    version: String,
    asked: bool,
}

/// The packages that images have, those of their bases included.
pub(super) fn packages(fleet: &Fleet, sizes: Option<&Ledger>) -> Vec<PackageData> {
    let images = sizes.iter().flat_map(|ledger| &ledger.images);
    let read: BTreeMap<&str, &ImageSizes> =
        images.map(|image| (image.name.as_str(), image)).collect();
    let own: Vec<BTreeMap<Key, Found>> = fleet
        .images
        .iter()
        .map(|image| own_packages(fleet, image))
        .collect();
    let mut matrix = Matrix::default();
    for (id, image) in fleet.numbered() {
        let mut found = own[id.position()].clone();
        let mut base = image.base();
        while let Some(below) = base {
            for (key, one) in &own[below.position()] {
                join(&mut found, key, one);
            }
            base = fleet.image(below).base();
        }
        if let Some(sizes) = read.get(image.name.as_str()) {
            take_installed(&mut found, sizes);
        }
        for (key, one) in found {
            matrix.add(key, one, id.position());
        }
    }
    matrix.told()
}

/// What an image itself asks for, and what its lock brings.
fn own_packages(fleet: &Fleet, image: &Image) -> BTreeMap<Key, Found> {
    let mut own = BTreeMap::new();
    let lock = image.locked.lock();
    for pin in lock.iter().flat_map(|lock| &lock.pins) {
        let name = pin.requirement.normalized_name();
        own.entry(("pip", name.to_owned()))
            .or_insert_with(|| Found {
                known: Known::Locked,
                version: locked_versions(lock.expect("the pin is one of it"), name),
                asked: false,
            });
    }
    for one in fleet.requirements_of(image) {
        let key = ("pip", one.value.normalized_name().to_owned());
        let specifiers = one.value.specifiers().map(|all| all.to_string());
        let asked = Found {
            known: Known::Declared,
            version: specifiers.unwrap_or_default(),
            asked: true,
        };
        join(&mut own, &key, &asked);
    }
    for one in &image.apt {
        let asked = Found {
            known: Known::Declared,
            version: String::new(),
            asked: true,
        };
        join(&mut own, &("apt", one.value.name().to_owned()), &asked);
    }
    own
}

/// The versions that a lock has of a package: several where platforms have others.
fn locked_versions(lock: &Lock, name: &str) -> String {
    let mut versions: Vec<String> = lock.pins_of(name).map(Pin::shown).collect();
    versions.dedup();
    versions.join(" or ")
}

/// Notes a package once more: the surer knowledge counts, and of two wishes both.
fn join(found: &mut BTreeMap<Key, Found>, key: &Key, other: &Found) {
    let Some(one) = found.get_mut(key) else {
        found.insert(key.clone(), other.clone());
        return;
    };
    one.asked |= other.asked;
    if other.known < one.known {
        one.known = other.known;
        one.version.clone_from(&other.version);
    } else if one.known == Known::Declared && one.version != other.version {
        let both = [one.version.as_str(), other.version.as_str()];
        let both = both.into_iter().filter(|wish| !wish.is_empty());
        one.version = both.collect::<Vec<_>>().join(", ");
    }
}

/// What the image itself has: all of its Python packages, and of Debian's those that are asked for.
fn take_installed(found: &mut BTreeMap<Key, Found>, sizes: &ImageSizes) {
    for package in &sizes.python {
        let key = ("pip", normalized(&package.name));
        let asked = found.get(&key).is_some_and(|one| one.asked);
        let (known, version) = (Known::Installed, package.version.clone());
        found.insert(
            key,
            Found {
                known,
                version,
                asked,
            },
        );
    }
    for package in &sizes.debian {
        if let Some(one) = found.get_mut(&("apt", package.name.clone())) {
            one.known = Known::Installed;
            one.version.clone_from(&package.version);
        }
    }
}

/// By version and how it is known, the numbers of its images: first and last of each run.
type Versions = BTreeMap<(String, Known), Vec<[usize; 2]>>;

/// By package, whether it is asked for, and the images that have it, by version.
#[derive(Default)]
struct Matrix {
    packages: BTreeMap<Key, (bool, Versions)>,
}

impl Matrix {
    /// Notes a package of an image; images come in their order.
    fn add(&mut self, key: Key, found: Found, image: usize) {
        let (asked, versions) = self.packages.entry(key).or_default();
        *asked |= found.asked;
        let runs = versions.entry((found.version, found.known)).or_default();
        match runs.last_mut() {
            Some([_, last]) if *last + 1 == image => *last = image,
            _ => runs.push([image, image]),
        }
    }

    fn told(self) -> Vec<PackageData> {
        let version = |((version, known), images)| VersionData {
            version,
            known,
            images,
        };
        let package = |((by, name), (asked, versions)): (Key, (bool, Versions))| PackageData {
            name,
            by: by.to_owned(),
            asked,
            versions: versions.into_iter().map(version).collect(),
        };
        self.packages.into_iter().map(package).collect()
    }
}
