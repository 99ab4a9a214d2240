//! The fleet as rules look at it: every package name once, and which requirements reach which
//! image.

use std::sync::Arc;

use indexmap::IndexSet;

use crate::fleet::model::{Origin, RequirementSet, Service, Sourced};
use crate::fleet::{Fleet, Image, ImageId, Role};
use crate::values::KindName;
use crate::values::requirement::Requirement;

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
    /// By requirement file: what it and those that it leads to ask for.
    files: Vec<Vec<PackageId>>,
    /// By image: whether anything reaches it twice, by its list, its sets and its files.
    twice: Vec<bool>,
    /// By base: what it installs itself.
    of_bases: Vec<Vec<Entry<'a>>>,
    /// By base: what it and the bases below install, by package, those below first.
    installed: Vec<Arc<[Held]>>,
}

/// An entry that no set brings.
fn own_entry<'a>((one, id): (&'a Sourced<Requirement>, &PackageId)) -> Entry<'a> {
    Entry {
        package: *id,
        requirement: &one.value,
        origin: one.origin,
        via: None,
    }
}

/// What is installed below an image, in few bytes: all bases on top of a base have their own list.
#[derive(Debug, Clone, Copy)]
struct Held {
    package: u32,
    /// The base, and the position among its entries.
    base: u32,
    entry: u32,
}

/// What a base installs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Installed<'a> {
    pub(super) base: &'a Image,
    pub(super) entry: Entry<'a>,
}

/// Of what [`Ground::marked_below`] gives by base, what is below an image.
pub(super) fn below<'m, 'a>(
    of_bases: &'m [Vec<Installed<'a>>],
    image: &Image,
) -> &'m [Installed<'a>] {
    image.base().map_or(&[], |base| &of_bases[base])
}

/// With how many others an entry of the same package is compared: real images have two or three.
pub(super) const COMPARED: usize = 8;

/// What a base has with its own entries.
fn held(below: &[Held], base: ImageId, entries: &[Entry<'_>]) -> Arc<[Held]> {
    let number =
        |number: usize| u32::try_from(number).expect("the bounds of a fleet are far below 2^32");
    let own = entries.iter().enumerate().map(|(at, entry)| Held {
        package: number(entry.package),
        base: number(base.position()),
        entry: number(at),
    });
    let mut all: Vec<Held> = below.iter().copied().chain(own).collect();
    all.sort_by_key(|held| held.package);
    all.into()
}

impl<'a> Ground<'a> {
    pub(super) fn of(fleet: &'a Fleet) -> Self {
        let mut names = IndexSet::new();
        let mut id =
            |one: &'a Sourced<Requirement>| names.insert_full(one.value.normalized_name()).0;
        let sets: Vec<Vec<PackageId>> = fleet
            .sets
            .iter()
            .map(|set| set.requirements.iter().map(&mut id).collect())
            .collect();
        let own: Vec<Vec<PackageId>> = fleet
            .images
            .iter()
            .map(|image| image.pip.iter().map(&mut id).collect())
            .collect();
        let files: Vec<Vec<PackageId>> = fleet
            .files
            .iter()
            .map(|file| file.requirements.iter().map(&mut id).collect())
            .collect();
        let is_twice = |(image, own): (&Image, &Vec<PackageId>)| {
            let of_sets = image.sets.iter().flat_map(|named| &sets[named.value]);
            let of_files = image.install.iter().filter_map(|file| file.file);
            let of_files = of_files.flat_map(|at| &files[at]);
            let all = own.iter().chain(of_sets).chain(of_files);
            let mut all: Vec<PackageId> = all.copied().collect();
            all.sort_unstable();
            all.array_windows().any(|[one, next]| one == next)
        };
        let twice = fleet.images.iter().zip(&own).map(is_twice).collect();
        let mut ground = Self {
            fleet,
            names,
            sets,
            own,
            files,
            twice,
            of_bases: Vec::new(),
            installed: Vec::new(),
        };
        for (id, base) in fleet.numbered_bases() {
            let entries: Vec<Entry<'a>> = ground.entries(id).collect();
            let below = base
                .base()
                .map(|below| Arc::clone(&ground.installed[below]));
            let below = below.unwrap_or_default();
            ground.installed.push(if entries.is_empty() {
                below
            } else {
                held(&below, id, &entries)
            });
            ground.of_bases.push(entries);
        }
        ground
    }

    /// The images with their numbers.
    pub(super) fn images(&self) -> impl Iterator<Item = (ImageId, &'a Image)> + use<'a> {
        self.fleet.numbered()
    }

    /// The services with their images' numbers.
    pub(super) fn services(
        &self,
    ) -> impl Iterator<Item = (ImageId, &'a Image, &'a Service)> + use<'a> {
        self.images().filter_map(|(id, image)| match &image.role {
            Role::Service(service) => Some((id, image, &**service)),
            Role::Base(_) => None,
        })
    }

    /// The name of a package, normalised.
    pub(super) fn name(&self, package: PackageId) -> &'a str {
        let name = self.names.get_index(package);
        name.expect("a package's number comes from this set")
    }

    /// For every package of the fleet what a table says about its name, so that no name is looked
    /// up twice.
    pub(super) fn classified<T>(&self, of: impl Fn(&'a str) -> Option<T>) -> Vec<Option<T>> {
        self.names.iter().map(|name| of(name)).collect()
    }

    /// Everything that an image installs itself and whose marker may hold there.
    pub(super) fn entries(&self, image: ImageId) -> impl Iterator<Item = Entry<'a>> {
        let python = &self.fleet.image(image).python.value;
        self.all_entries(image).filter(move |entry| {
            entry.requirement.marker().is_none()
                || entry.requirement.holds_in(python) != Some(false)
        })
    }

    fn all_entries(&self, image: ImageId) -> impl Iterator<Item = Entry<'a>> {
        let named = self.fleet.image(image).sets.iter();
        let sets = named.map(|named| {
            let set = self.fleet.set(named.value);
            (set, named.origin, &self.sets[named.value])
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
        of_sets.chain(self.own(image)).chain(self.in_files(image))
    }

    /// What an image's own list has.
    pub(super) fn own(&self, image: ImageId) -> impl Iterator<Item = Entry<'a>> {
        let requirements = self.fleet.image(image).pip.iter();
        requirements.zip(&self.own[image]).map(own_entry)
    }

    /// What the requirement files of an image ask for.
    fn in_files(&self, image: ImageId) -> impl Iterator<Item = Entry<'a>> {
        let installed = self.fleet.image(image).install.iter();
        let read = installed.filter_map(|installed| installed.file);
        let pairs = read.flat_map(|at| {
            self.fleet.files[at]
                .requirements
                .iter()
                .zip(&self.files[at])
        });
        pairs.map(own_entry)
    }

    /// Whether any package reaches an image twice, by its own list and its sets, whatever the
    /// markers; most rules ask nothing else.
    pub(super) fn has_twice(&self, image: ImageId) -> bool {
        self.twice[image]
    }

    /// What the bases below an image install of a package, at most [`COMPARED`] of them, the lowest
    /// base first.
    pub(super) fn below(
        &self,
        image: &Image,
        package: PackageId,
    ) -> impl Iterator<Item = Installed<'a>> {
        let held = self.held_below(image);
        let first = held.partition_point(|held| (held.package as usize) < package);
        let of_package = held[first..]
            .iter()
            .take_while(move |held| held.package as usize == package);
        of_package.take(COMPARED).map(|held| self.of_held(*held))
    }

    /// By base, of each package that is marked what it or a base below installs first.
    pub(super) fn marked_below<T>(&self, marks: &[Option<T>]) -> Vec<Vec<Installed<'a>>> {
        let is_marked = |held: &&Held| marks[held.package as usize].is_some();
        let of_base = |held: &Arc<[Held]>| {
            let mut marked: Vec<&Held> = held.iter().filter(is_marked).collect();
            marked.dedup_by_key(|held| held.package);
            marked.into_iter().map(|held| self.of_held(*held)).collect()
        };
        self.installed.iter().map(of_base).collect()
    }

    fn held_below(&self, image: &Image) -> &[Held] {
        image.base().map_or(&[], |base| &self.installed[base])
    }

    fn of_held(&self, held: Held) -> Installed<'a> {
        let base = ImageId::at(held.base as usize);
        Installed {
            base: self.fleet.image(base),
            entry: self.of_bases[base][held.entry as usize],
        }
    }

    /// What people call a service: its kind, or its template.
    pub(super) fn kind_of(image: &'a Image, service: &'a Service) -> &'a str {
        service
            .kind
            .as_ref()
            .map_or(image.template.value.as_str(), KindName::as_str)
    }
}
