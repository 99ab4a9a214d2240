//! The fleet as rules look at it: every package name once, and which requirements reach which image.

use std::collections::BTreeMap;

use indexmap::IndexSet;

use crate::fleet::model::{Origin, Parent, RequirementSet, Service, Sourced};
use crate::fleet::names::KindName;
use crate::fleet::requirement::Requirement;
use crate::fleet::{Fleet, Image, Role};

/// A package, as its position among all names of the fleet.
pub(super) type PackageId = usize;

/// A requirement as it reaches an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) package: PackageId,
    pub(super) requirement: &'a Requirement,
    /// Where it is written: in a set, or in the image's own list.
    pub(super) origin: Origin,
    /// The set it comes from and where the image names that set.
    pub(super) via: Option<(&'a RequirementSet, Origin)>,
}

/// What rules look at.
pub(super) struct Ground<'a> {
    pub(super) fleet: &'a Fleet,
    names: IndexSet<&'a str>,
    /// By set.
    sets: Vec<Vec<PackageId>>,
    /// By image: its own list.
    own: Vec<Vec<PackageId>>,
    /// By image: whether anything reaches it twice, by its list and its sets.
    twice: Vec<bool>,
    /// By base: what it and the bases below install.
    installed: Vec<BTreeMap<PackageId, Vec<Installed<'a>>>>,
}

/// What a base installs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Installed<'a> {
    pub(super) base: &'a Image,
    pub(super) entry: Entry<'a>,
}

impl<'a> Ground<'a> {
    pub(super) fn of(fleet: &'a Fleet) -> Self {
        let mut names = IndexSet::new();
        let mut id = |one: &'a Sourced<Requirement>| names.insert_full(one.value.normalized_name()).0;
        let sets: Vec<Vec<PackageId>> =
            fleet.sets.iter().map(|set| set.requirements.iter().map(&mut id).collect()).collect();
        let own: Vec<Vec<PackageId>> =
            fleet.images.iter().map(|image| image.pip.iter().map(&mut id).collect()).collect();
        let is_twice = |(image, own): (&Image, &Vec<PackageId>)| {
            let of_sets = image.sets.iter().filter_map(|named| sets.get(named.value)).flatten();
            let mut all: Vec<PackageId> = own.iter().chain(of_sets).copied().collect();
            all.sort_unstable();
            all.array_windows().any(|[one, next]| one == next)
        };
        let twice = fleet.images.iter().zip(&own).map(is_twice).collect();
        let mut ground = Self { fleet, names, sets, own, twice, installed: Vec::new() };
        for (at, base) in fleet.images.iter().enumerate().take_while(|(_, image)| matches!(image.role, Role::Base(_))) {
            let mut installed = match &base.parent {
                Parent::Base(below) => ground.installed.get(below.value).cloned().unwrap_or_default(),
                Parent::External(_) => BTreeMap::new(),
            };
            for entry in ground.entries(at) {
                installed.entry(entry.package).or_default().push(Installed { base, entry });
            }
            ground.installed.push(installed);
        }
        ground
    }

    /// The images with their positions.
    pub(super) fn images(&self) -> impl Iterator<Item = (usize, &'a Image)> + use<'a> {
        self.fleet.images.iter().enumerate()
    }

    /// The services with their images' positions.
    pub(super) fn services(&self) -> impl Iterator<Item = (usize, &'a Image, &'a Service)> + use<'a> {
        self.images().filter_map(|(at, image)| match &image.role {
            Role::Service(service) => Some((at, image, &**service)),
            Role::Base(_) => None,
        })
    }

    /// The name of a package, normalised.
    pub(super) fn name(&self, package: PackageId) -> &'a str {
        self.names.get_index(package).copied().unwrap_or_default()
    }

    /// For every package of the fleet what a table says about its name, so that no name is looked up twice.
    pub(super) fn classified<T>(&self, of: impl Fn(&'a str) -> Option<T>) -> Vec<Option<T>> {
        self.names.iter().map(|name| of(name)).collect()
    }

    /// Everything that an image installs itself and whose marker may hold there.
    pub(super) fn entries(&self, image: usize) -> impl Iterator<Item = Entry<'a>> {
        let python = self.fleet.images.get(image).map(|image| &image.python);
        self.all_entries(image).filter(move |entry| {
            entry.requirement.marker().is_none()
                || python.is_none_or(|python| entry.requirement.holds_in(python) != Some(false))
        })
    }

    fn all_entries(&self, image: usize) -> impl Iterator<Item = Entry<'a>> {
        let found = self.fleet.images.get(image);
        let sets = found.into_iter().flat_map(|image| &image.sets).filter_map(|named| {
            let set = self.fleet.sets.get(named.value)?;
            Some((set, named.origin, self.sets.get(named.value)?))
        });
        let of_sets = sets.flat_map(|(set, named, ids)| {
            let pairs = set.requirements.iter().zip(ids);
            pairs.map(move |(one, id)| Entry {
                package: *id,
                requirement: &one.value,
                origin: one.origin,
                via: Some((set, named)),
            })
        });
        of_sets.chain(self.own(image))
    }

    /// What an image's own list has.
    pub(super) fn own(&self, image: usize) -> impl Iterator<Item = Entry<'a>> {
        let requirements = self.fleet.images.get(image).into_iter().flat_map(|image| &image.pip);
        let ids = self.own.get(image).into_iter().flatten();
        requirements.zip(ids).map(|(one, id)| Entry {
            package: *id,
            requirement: &one.value,
            origin: one.origin,
            via: None,
        })
    }

    /// Whether any package reaches an image twice, by its own list and its sets, whatever the markers; most rules ask nothing else.
    pub(super) fn has_twice(&self, image: usize) -> bool {
        self.twice.get(image).copied().unwrap_or(true)
    }

    /// What the bases below an image install of a package.
    pub(super) fn below(&self, image: &Image, package: PackageId) -> &[Installed<'a>] {
        let Parent::Base(base) = &image.parent else { return &[] };
        self.installed.get(base.value).and_then(|installed| installed.get(&package)).map_or(&[], Vec::as_slice)
    }

    /// All packages that the bases below an image install.
    pub(super) fn all_below(&self, image: &Image) -> impl Iterator<Item = &Installed<'a>> {
        let position = if let Parent::Base(base) = &image.parent { Some(base.value) } else { None };
        let installed = position.and_then(|position| self.installed.get(position));
        installed.into_iter().flat_map(BTreeMap::values).flatten()
    }

    /// What people call a service: its kind, or its template.
    pub(super) fn kind_of(image: &'a Image, service: &'a Service) -> &'a str {
        service.kind.as_ref().map_or(image.template.value.as_str(), KindName::as_str)
    }
}
