//! Why an image has a package: every entry of services.yaml that brings it there.

use super::model::{Image, Origin, RequirementSet, Sourced};
use super::names::AptPackage;
use super::requirement::normalized;
use super::{Fleet, Role};

/// Who installs a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Installer {
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
    pub fn field(self) -> &'static str {
        match self {
            Self::Pip => "pip",
            Self::Apt => "apt",
            Self::AptBuild => "apt_build",
        }
    }
}

/// One way by which a package comes into an image.
#[derive(Debug, Clone)]
pub struct Provenance<'a> {
    /// The image that has it.
    pub image: &'a Image,
    /// Who installs it.
    pub installer: Installer,
    /// The entry as it was declared.
    pub entry: &'a str,
    /// Where the entry stands.
    pub origin: Origin,
    /// The requirement set that the entry is in.
    pub set: Option<&'a RequirementSet>,
    /// The base that installs it; nothing where the image itself does.
    pub base: Option<&'a Image>,
}

/// All ways by which a package, named as pip (PEP 503) or apt name it, comes into the images of a fleet, in the order of the images.
#[must_use]
pub fn provenances<'a>(fleet: &'a Fleet, package: &str) -> Vec<Provenance<'a>> {
    let name = normalized(package);
    let own = |image: &'a Image| own_ways(fleet, image, &name, package);
    let of_bases: Vec<(&str, Vec<Provenance<'a>>)> =
        fleet.bases().map(|base| (base.name.as_str(), own(base))).collect();
    let ways_of = |base: &'a Image| {
        let found = of_bases.iter().find(|(name, _)| *name == base.name.as_str());
        found.into_iter().flat_map(|(_, ways)| ways).map(move |way| (base, way))
    };
    let mut all = Vec::new();
    for image in &fleet.images {
        if matches!(image.role, Role::Base(_)) {
            all.extend(ways_of(image).map(|(_, way)| way.clone()));
        } else {
            all.extend(own(image));
        }
        let below = fleet.bases_of(image).flat_map(ways_of);
        // What only the stage of a base's build has does not reach the images above.
        let below = below.filter(|(_, way)| way.installer != Installer::AptBuild);
        all.extend(below.map(|(base, way)| Provenance { image, base: Some(base), ..way.clone() }));
    }
    all
}

fn own_ways<'a>(fleet: &'a Fleet, image: &'a Image, name: &str, package: &str) -> Vec<Provenance<'a>> {
    let sets = image.sets.iter().filter_map(|named| fleet.sets.get(named.value));
    let lists = sets.map(|set| (Some(set), &set.requirements)).chain(std::iter::once((None, &image.pip)));
    let pip = lists.flat_map(|(set, list)| list.iter().map(move |one| (set, one)));
    let pip = pip.filter(|(_, one)| one.value.normalized_name() == name).map(|(set, one)| Provenance {
        image,
        installer: Installer::Pip,
        entry: one.value.as_str(),
        origin: one.origin,
        set,
        base: None,
    });
    let debian = |installer: Installer, list: &'a [Sourced<AptPackage>]| {
        list.iter().filter(|one| one.value.name() == package).map(move |one| Provenance {
            image,
            installer,
            entry: one.value.as_str(),
            origin: one.origin,
            set: None,
            base: None,
        })
    };
    pip.chain(debian(Installer::Apt, &image.apt)).chain(debian(Installer::AptBuild, &image.apt_build)).collect()
}

/// The names of all packages that services.yaml lists.
pub fn package_names(fleet: &Fleet) -> impl Iterator<Item = &str> {
    let sets = fleet.sets.iter().flat_map(|set| &set.requirements);
    let own = fleet.images.iter().flat_map(|image| &image.pip);
    let apt = fleet.images.iter().flat_map(|image| image.apt.iter().chain(&image.apt_build));
    sets.chain(own).map(|one| one.value.normalized_name()).chain(apt.map(|one| one.value.name()))
}
