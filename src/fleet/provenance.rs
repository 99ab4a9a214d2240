//! Why an image has a package: every entry of services.yaml that brings it there.

use indexmap::IndexSet;

use super::joined::Joined;
use super::model::{Image, Origin, RequirementSet, Role, Sourced};
use super::{Fleet, ImageId};
use crate::values::AptPackage;
use crate::values::requirement::{Requirement, normalized};

/// Who installs a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Installer {
    /// pip, into the image.
    Pip,
    /// apt-get, into the image.
    Apt,
    /// apt-get, into the stage that builds Python packages.
    AptBuild,
}

impl Installer {
    /// The field of services.yaml.
    #[must_use]
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Apt => "apt",
            Self::AptBuild => "apt_build",
        }
    }
}

/// One way by which a package comes into an image.
#[derive(Debug, Clone)]
pub(crate) struct Provenance<'a> {
    /// The image that has it.
    pub(crate) image: &'a Image,
    /// Who installs it.
    pub(crate) installer: Installer,
    /// The entry as it was declared.
    pub(crate) entry: &'a str,
    /// Where the entry stands.
    pub(crate) origin: Origin,
    /// The requirement set that the entry is in.
    pub(crate) set: Option<&'a RequirementSet>,
    /// The base that installs it; nothing where the image itself does.
    pub(crate) base: Option<&'a Image>,
    /// From the entry's package to the one in question, where a lock tells; one name where the
    /// entry is that package, none where there is no lock. Each with what it is pinned to, where it
    /// is known.
    pub(crate) through: Vec<(String, Option<String>)>,
}

/// How many ways are looked for.
pub(crate) const WAYS_LIMIT: usize = 100_000;

/// All ways by which a package, named as pip (PEP 503) or apt name it, comes into the images of a
/// fleet, in the order of the images.
#[must_use]
pub(crate) fn provenances<'a>(fleet: &'a Fleet, package: &str) -> Vec<Provenance<'a>> {
    let name = normalized(package);
    let own = |image: &'a Image| own_ways(fleet, image, &name, package);
    let of_bases: Vec<Vec<Provenance<'a>>> = fleet.bases().map(own).collect();
    // By base, the ways through it that reach the images above; those of the bases below it come
    // last. What only the stage of a base's build has does not reach them.
    let mut all = Vec::new();
    for (id, image) in fleet.numbered() {
        if all.len() >= WAYS_LIMIT {
            all.truncate(WAYS_LIMIT);
            break;
        }
        match image.role {
            Role::Base(_) => all.extend(of_bases[id].iter().cloned()),
            Role::Service(_) => all.extend(own(image)),
        }
        for base in bases_below(fleet, image) {
            let ways = of_bases[base]
                .iter()
                .filter(|way| way.installer != Installer::AptBuild);
            all.extend(ways.map(|way| Provenance {
                image,
                base: Some(fleet.image(base)),
                ..way.clone()
            }));
        }
    }
    all
}

/// The positions of the base that an image builds on, of that one's base, and so on.
fn bases_below(fleet: &Fleet, image: &Image) -> impl Iterator<Item = ImageId> {
    std::iter::successors(image.base(), |base| fleet.image(*base).base())
}

/// Everything that an image asks pip for, each with the set that it is in.
fn entries<'a>(
    fleet: &'a Fleet,
    image: &'a Image,
) -> impl Iterator<Item = (Option<&'a RequirementSet>, &'a Sourced<Requirement>)> {
    let sets = image.sets.iter().map(|named| fleet.set(named.value));
    let of_sets = sets.flat_map(|set| set.requirements.iter().map(move |one| (Some(set), one)));
    let of_files = image.install.iter().flat_map(|installed| {
        let set = installed.set.map(|set| fleet.set(set));
        let read = installed.file.map(|at| fleet.files[at].requirements.iter());
        read.into_iter().flatten().map(move |one| (set, one))
    });
    let own = image.pip.iter().map(|one| (None, one));
    of_sets.chain(own).chain(of_files)
}

fn own_ways<'a>(
    fleet: &'a Fleet,
    image: &'a Image,
    name: &str,
    package: &str,
) -> Vec<Provenance<'a>> {
    let pip = entries(fleet, image)
        .filter(|(_, one)| one.value.normalized_name() == name)
        .map(|(set, one)| Provenance {
            image,
            installer: Installer::Pip,
            entry: one.value.as_str(),
            origin: one.origin,
            set,
            base: None,
            through: versions(image, [name.to_owned()]),
        });
    let debian = |installer: Installer, list: &'a Joined<Sourced<AptPackage>>| {
        list.iter()
            .filter(|one| one.value.name() == package)
            .map(move |one| Provenance {
                image,
                installer,
                entry: one.value.as_str(),
                origin: one.origin,
                set: None,
                base: None,
                through: Vec::new(),
            })
    };
    pip.chain(in_turn(fleet, image, name))
        .chain(debian(Installer::Apt, &image.apt))
        .chain(debian(Installer::AptBuild, &image.apt_build))
        .collect()
}

/// The ways by which the entries of a locked image bring a package in turn.
fn in_turn<'a>(fleet: &'a Fleet, image: &'a Image, name: &str) -> Vec<Provenance<'a>> {
    let Some(lock) = image.locked.lock() else {
        return Vec::new();
    };
    let entries: Vec<_> = entries(fleet, image).collect();
    let is_declared = |name: &str| {
        entries
            .iter()
            .any(|(_, one)| one.value.normalized_name() == name)
    };
    let mut found = Vec::new();
    for way in lock.ways_to(name, is_declared) {
        let of_first = entries.iter().filter(|(_, one)| {
            way.first()
                .is_some_and(|first| first == one.value.normalized_name())
        });
        found.extend(of_first.map(|(set, one)| Provenance {
            image,
            installer: Installer::Pip,
            entry: one.value.as_str(),
            origin: one.origin,
            set: *set,
            base: None,
            through: versions(image, way.clone()),
        }));
    }
    found
}

/// Packages with what the lock of an image pins them to; none without a lock.
fn versions(
    image: &Image,
    names: impl IntoIterator<Item = String>,
) -> Vec<(String, Option<String>)> {
    let Some(lock) = image.locked.lock() else {
        return Vec::new();
    };
    let version = |name: &str| lock.pins_of(name).next().map(super::lock::Pin::shown);
    names
        .into_iter()
        .map(|name| (version(&name), name))
        .map(|(version, name)| (name, version))
        .collect()
}

/// The images without a lock among some and the bases below them: of these only entries are known,
/// not what they bring in turn.
pub(crate) fn unlocked<'a>(
    fleet: &'a Fleet,
    images: impl IntoIterator<Item = &'a Image>,
) -> Vec<&'a str> {
    let mut found = IndexSet::new();
    for image in images {
        let chain = std::iter::once(image).chain(fleet.bases_of(image));
        let bare = chain.filter(|image| {
            image.locked.lock().is_none() && fleet.requirements_of(image).next().is_some()
        });
        found.extend(bare.map(|image| image.name.as_str()));
    }
    found.into_iter().collect()
}

/// The names of all packages that services.yaml or a lock lists.
pub(crate) fn package_names(fleet: &Fleet) -> impl Iterator<Item = &str> {
    let sets = fleet.sets.iter().flat_map(|set| &set.requirements);
    let own = fleet.images.iter().flat_map(|image| &image.pip);
    let files = fleet.files.iter().flat_map(|file| file.requirements.iter());
    let apt = fleet
        .images
        .iter()
        .flat_map(|image| image.apt.iter().chain(&image.apt_build));
    let locked = fleet
        .images
        .iter()
        .filter_map(|image| image.locked.lock())
        .flat_map(|lock| &lock.pins);
    let listed = sets
        .chain(own)
        .chain(files)
        .map(|one| one.value.normalized_name());
    listed
        .chain(apt.map(|one| one.value.name()))
        .chain(locked.map(|pin| pin.requirement.normalized_name()))
}

/// What is known of a package that locks pin although no entry leads to it: they do not say what
/// requires it.
#[must_use]
pub(crate) fn pinned_for_nobody(fleet: &Fleet, package: &str) -> Option<String> {
    let name = normalized(package);
    let pins = |image: &&Image| {
        image
            .locked
            .lock()
            .is_some_and(|lock| lock.pins_of(&name).next().is_some())
    };
    let locks: Vec<String> = fleet
        .images
        .iter()
        .filter(pins)
        .filter_map(|image| fleet.lock_path(image))
        .collect();
    let (first, more) = locks.split_first()?;
    let more = if more.is_empty() {
        String::new()
    } else {
        format!(" (and {} more)", more.len())
    };
    Some(format!(
        "{first}{more} pins `{package}`, but its comments in the lock lead to no entry of {}",
        fleet.file
    ))
}
