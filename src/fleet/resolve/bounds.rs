//! Limits of declarations: a few lines can expand to gigabytes once each service has what its
//! kind and its sets say.
//!
//! They are counted on the declaration as it is written, before anything is built from it. While
//! one is exceeded, nothing else is resolved.

use std::ops::Deref;

use indexmap::IndexMap;

use super::base::parent_position;
use super::field::Findings;
use super::lists::{hook_lines, lists_of_base, lists_of_service};
use crate::declare::indexes::Indexes;
use crate::declare::schema::{
    BaseDecl, InstalledDecl, PolicyDecl, RunDecl, SecretDecl, ServiceDecl,
};
use crate::declare::{FleetDecl, Flexible, Text};
use crate::diagnostic::code;
use crate::fleet::model::{Origin, Section};

/// How many bases can build on each other.
pub(super) const BASE_CHAIN_LIMIT: usize = 64;
/// How many entries one list or mapping may have, where the names of images are not its keys.
const LIST_LIMIT: usize = 10_000;
/// How many entries one image may have, with those of its kind, sets and bases.
const IMAGE_LIMIT: usize = 50_000;
/// How many entries all images may have in all, with those of their kinds, sets and bases.
const ENTRY_LIMIT: usize = 2_000_000;
/// How many bytes of text these entries may have.
const TEXT_LIMIT: usize = 64 * 1024 * 1024;

/// What a part of the declaration stands for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Weight {
    entries: usize,
    bytes: usize,
}

/// What an image counts for by itself: about the lines that its files have in any case.
const IMAGE: Weight = Weight {
    entries: 25,
    bytes: 0,
};
/// What the name of a set counts for: its heading in the requirements.
const NAME: Weight = Weight {
    entries: 1,
    bytes: 0,
};

impl Weight {
    fn of<'t>(texts: impl IntoIterator<Item = &'t Text>) -> Self {
        texts.into_iter().fold(Self::default(), |sum, text| {
            sum.and(Self {
                entries: 1,
                bytes: text.len(),
            })
        })
    }

    /// The variables of a mapping.
    fn of_variables<T>(variables: &IndexMap<String, T>, text: fn(&T) -> &Text) -> Self {
        let keys = Self {
            entries: 0,
            bytes: variables.keys().map(String::len).sum(),
        };
        Self::of(variables.values().map(text)).and(keys)
    }

    fn of_secrets(secrets: &[Flexible<SecretDecl>]) -> Self {
        Self::of(
            secrets
                .iter()
                .flat_map(|secret| secret.id.iter().chain(&secret.target)),
        )
    }

    /// Each of them is several lines of the compose file.
    fn of_dependencies(names: &[Text]) -> Self {
        let weight = Self::of(names);
        Self {
            entries: weight.entries.saturating_mul(10),
            ..weight
        }
    }

    fn of_hooks(hooks: &IndexMap<String, Vec<Text>>) -> Self {
        Self {
            entries: hook_lines(hooks),
            ..Self::of(hooks.values().flatten())
        }
    }

    /// All that a service says itself, but for the names of sets.
    fn of_service(decl: &ServiceDecl) -> Self {
        let lists = [&decl.apt, &decl.apt_build, &decl.pip, &decl.index_urls];
        let items = lists.into_iter().flat_map(|list| list.iter());
        let words = decl.cmd.iter().flat_map(|words| words.iter());
        let paths = service_paths(decl);
        Self::of(items.chain(words).chain(paths))
            .and(Self::of_dependencies(&decl.depends_on))
            .and(Self::of_secrets(&decl.secrets))
            .and(Self::of_variables(&decl.env, Deref::deref))
            .and(Self::of_variables(&decl.args, Deref::deref))
            .and(Self::of_variables(&decl.labels, Deref::deref))
            .and(Self::of(index_texts(&decl.indexes)))
            .and(Self::of_hooks(&decl.hooks))
    }

    /// All that a base says itself, but for the names of sets and what it pins.
    fn of_base(decl: &BaseDecl) -> Self {
        Self::of(
            decl.apt
                .iter()
                .chain(&decl.apt_build)
                .chain(decl.source_builds.iter())
                .chain(&decl.index_urls)
                .chain(decl.install.iter().flat_map(|item| installed_texts(item))),
        )
        .and(Self::of(base_texts(decl)))
        .and(Self::of_secrets(&decl.secrets))
        .and(Self::of_variables(&decl.labels, |text| text))
        .and(Self::of(index_texts(&decl.indexes)))
        .and(Self::of_variables(&decl.env, |text| text))
        .and(Self::of_variables(&decl.args, |text| text))
        .and(Self::of_hooks(&decl.hooks))
    }

    fn and(self, other: Self) -> Self {
        Self {
            entries: self.entries.saturating_add(other.entries),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }
}

/// What a service copies and leaves out.
fn service_paths(decl: &ServiceDecl) -> impl Iterator<Item = &Text> {
    let copies = decl.copy.iter();
    let copies = copies.flat_map(|copy| copy.from.iter().chain(&copy.to).chain(&copy.image));
    let installed = decl.install.iter().flat_map(|items| items.iter());
    let installed = installed.flat_map(|item| installed_texts(item));
    let probe = decl
        .healthcheck
        .iter()
        .filter_map(|check| check.cmd.as_ref());
    let installed = installed.chain(decl.source_builds.iter());
    let words = decl.entrypoint.iter().chain(probe);
    let words = words.flat_map(|words| words.iter());
    let steps = decl.run.iter().flat_map(|step| step_texts(step));
    let ports = decl.ports.iter().map(|port| &**port);
    let folders = decl.dirs.iter().chain(decl.volumes.iter());
    let groups = decl.groups.iter().map(|group| &**group);
    let groups = groups.chain(decl.apk.iter()).chain(decl.apk_build.iter());
    let more = words.chain(steps).chain(ports).chain(folders);
    let more = more.chain(groups).chain(decl.platforms.iter());
    let paths = decl.shared.iter().chain(decl.ignore.iter()).chain(more);
    paths.chain(installed).chain(copies)
}

/// What a step says.
fn step_texts(step: &RunDecl) -> impl Iterator<Item = &Text> {
    let secrets = step.secrets.iter();
    let secrets = secrets.flat_map(|secret| secret.id.iter().chain(&secret.target));
    let mounts = step.files.iter().chain(step.cache.iter()).chain(secrets);
    step.run.iter().chain(mounts)
}

/// What an item of `install` says.
fn installed_texts(item: &InstalledDecl) -> impl Iterator<Item = &Text> {
    let words = item.path.iter().chain(&item.package);
    words.chain(item.extras.iter()).chain(item.groups.iter())
}

/// The URLs and packages of indexes.
fn index_texts(indexes: &Indexes) -> impl Iterator<Item = &Text> {
    let indexes = indexes.values();
    indexes.flat_map(|index| index.url.iter().chain(index.packages.iter()))
}

/// What a base copies, runs and makes writable.
fn base_texts(decl: &BaseDecl) -> impl Iterator<Item = &Text> {
    let copies = decl.copy.iter();
    let copies = copies.flat_map(|copy| copy.from.iter().chain(&copy.to).chain(&copy.image));
    let steps = decl.run.iter().flat_map(|step| step_texts(step));
    let groups = decl.groups.iter().map(|group| &**group);
    let groups = groups.chain(decl.apk.iter()).chain(decl.apk_build.iter());
    let texts = copies.chain(steps).chain(groups);
    texts.chain(decl.dirs.iter()).chain(decl.platforms.iter())
}

/// Says which bounds a declaration exceeds; whether none is.
pub(super) fn hold(findings: &mut Findings<'_>, decl: &FleetDecl) -> bool {
    let before = findings.count();
    lists(findings, decl);
    chains(findings, decl);
    if findings.count() == before {
        whole(findings, decl);
    }
    findings.count() == before
}

/// The lists of a policy, with their lengths.
fn lists_of_policy(policy: &PolicyDecl) -> [(&'static str, usize); 6] {
    [
        ("policy.rules", policy.rules.len()),
        ("policy.development", policy.development.len()),
        ("policy.replacements", policy.replacements.len()),
        ("policy.allowances", policy.allowances.len()),
        ("policy.waivers", policy.waivers.len()),
        ("policy.images", policy.images.len()),
    ]
}

/// Says which lists are too long.
fn lists(findings: &mut Findings<'_>, decl: &FleetDecl) {
    let mut judge = |section: Section, field: &'static str, length: usize| {
        if length > LIST_LIMIT {
            let message =
                format!("the list has {length} entries; at most {LIST_LIMIT} are allowed");
            findings.at_value(&code::LIST_TOO_LONG, Origin::field(section, field), message);
        }
    };
    let locked = decl
        .locks
        .as_deref()
        .and_then(|locks| locks.images.as_deref());
    let fleet = [
        ("include", decl.include.len()),
        ("shared", decl.shared.len()),
        ("ignore", decl.ignore.len()),
        ("platforms", decl.platforms.len()),
        ("budgets.images", decl.budgets.images.len()),
        ("locks.images", locked.map_or(0, <[Text]>::len)),
    ];
    for (field, length) in fleet.into_iter().chain(lists_of_policy(&decl.policy)) {
        judge(Section::Fleet, field, length);
    }
    for (at, image) in decl.images.values().enumerate() {
        judge(Section::Images(at.into()), "digests", image.digests.len());
    }
    for (at, set) in decl.requirements.values().enumerate() {
        judge(
            Section::Requirements(at.into()),
            if set.short { "" } else { "packages" },
            set.packages.len(),
        );
    }
    for (at, base) in decl.bases.values().enumerate() {
        for (field, length) in lists_of_base(base) {
            judge(Section::Bases(at.into()), field, length);
        }
    }
    for (field, length) in lists_of_service(&decl.defaults) {
        judge(Section::Defaults, field, length);
    }
    for (at, kind) in decl.kinds.values().enumerate() {
        for (field, length) in lists_of_service(kind) {
            judge(Section::Kinds(at.into()), field, length);
        }
    }
    for (at, service) in decl
        .services
        .iter()
        .flatten()
        .map(|(_, service)| service)
        .enumerate()
    {
        for (field, length) in lists_of_service(service) {
            judge(Section::Services(at.into()), field, length);
        }
    }
}

/// Says which base is the first that stands on too many others. A circle is told where bases are
/// put in order.
fn chains(findings: &mut Findings<'_>, decl: &FleetDecl) {
    // By position, how many bases build on each other up to one, where that is known.
    let mut heights: Vec<Option<usize>> = vec![None; decl.bases.len()];
    for start in 0..decl.bases.len() {
        let mut chain = Vec::new();
        let mut at = Some(start);
        while let Some(position) =
            at.filter(|at| heights.get(*at) == Some(&None) && chain.len() <= decl.bases.len())
        {
            chain.push(position);
            at = parent_position(decl, position);
        }
        let is_circle = chain.len() > decl.bases.len();
        let mut height = at
            .and_then(|at| heights.get(at).copied().flatten())
            .unwrap_or(0);
        for position in chain.into_iter().rev() {
            height += usize::from(!is_circle);
            if let Some(known) = heights.get_mut(position) {
                *known = Some(height);
            }
            if height > BASE_CHAIN_LIMIT {
                let message = format!(
                    "more than {BASE_CHAIN_LIMIT} bases build on each other, this one included"
                );
                let origin = Origin::field(Section::Bases(position.into()), "from");
                return findings.at_value(&code::BASE_CHAIN_TOO_LONG, origin, message);
            }
        }
    }
}

/// Says whether all images together stand for too much.
fn whole(findings: &mut Findings<'_>, decl: &FleetDecl) {
    let with = "with what comes from kinds, sets and bases,";
    let Sum { all: sum, largest } = Whole::of(decl).sum();
    if let Some((entries, section)) = largest.filter(|(entries, _)| *entries > IMAGE_LIMIT) {
        let message = format!(
            "{with} it has {entries} entries; at most {IMAGE_LIMIT} are allowed for one image"
        );
        return findings.at_key(&code::LIST_TOO_LONG, Origin::field(section, ""), message);
    }
    let origin = Origin::field(Section::Fleet, "services");
    let help = "install what many images share in a base, or split the fleet into several \
                services.yaml files";
    let message = if sum.entries > ENTRY_LIMIT {
        format!(
            "{with} the images have {} entries; at most {ENTRY_LIMIT} are allowed",
            sum.entries
        )
    } else if sum.bytes > TEXT_LIMIT {
        format!(
            "{with} the images have {} bytes of text; at most {TEXT_LIMIT} are allowed",
            sum.bytes
        )
    } else {
        return;
    };
    findings.at_value_with_help(&code::FLEET_TOO_LARGE, origin, message, help.to_owned());
}

/// What all images stand for.
struct Sum {
    all: Weight,
    /// The first of the images with the most entries.
    largest: Option<(usize, Section)>,
}

impl Sum {
    fn add(&mut self, section: Section, image: Weight) {
        self.all = self.all.and(image);
        if self
            .largest
            .is_none_or(|(entries, _)| image.entries > entries)
        {
            self.largest = Some((image.entries, section));
        }
    }
}

/// A declaration and what its shared parts stand for, each by its position.
struct Whole<'d> {
    decl: &'d FleetDecl,
    sets: Vec<Weight>,
    /// What `defaults` and each kind with them bring into services: without the sets, and the
    /// sets.
    defaults: (Weight, Weight),
    kinds: Vec<(Weight, Weight)>,
    /// The indexes that each base hands on.
    indexes: Vec<Weight>,
}

impl<'d> Whole<'d> {
    fn of(decl: &'d FleetDecl) -> Self {
        let sets = decl
            .requirements
            .values()
            .map(|set| Weight::of(&set.packages))
            .collect();
        let mut whole = Self {
            decl,
            sets,
            defaults: (Weight::default(), Weight::default()),
            kinds: Vec::new(),
            indexes: Vec::new(),
        };
        let named = |kind: &ServiceDecl| whole.named(kind.requirements.iter().flatten());
        whole.defaults = (Weight::of_service(&decl.defaults), named(&decl.defaults));
        let of_kind = |kind: &ServiceDecl| {
            let (below, sets) = whole.defaults;
            let sets = kind
                .requirements
                .as_ref()
                .map_or(sets, |names| whole.named(names));
            (Weight::of_service(kind).and(below), sets)
        };
        whole.kinds = decl.kinds.values().map(of_kind).collect();
        whole.indexes = (0..decl.bases.len())
            .map(|position| whole.indexes_of(position))
            .collect();
        whole
    }

    fn sum(&self) -> Sum {
        let levels = self
            .decl
            .policy
            .images
            .values()
            .map(|levels| 1 + levels.len())
            .sum();
        let all = self.sets.iter().fold(
            Weight {
                entries: levels,
                bytes: 0,
            },
            |sum, set| sum.and(*set),
        );
        let mut sum = Sum { all, largest: None };
        self.bases(&mut sum);
        self.services(&mut sum);
        sum
    }

    fn services(&self, sum: &mut Sum) {
        let of_image = Weight::of(self.decl.shared.iter().chain(&self.decl.platforms));
        let of_image = of_image.and(Weight::of(self.decl.ignore.iter())).and(IMAGE);
        for (position, service) in self
            .decl
            .services
            .iter()
            .flat_map(IndexMap::values)
            .enumerate()
        {
            let kind = service
                .kind
                .as_deref()
                .and_then(|kind| self.decl.kinds.get_full(kind));
            let (of_kind, sets) = kind
                .and_then(|(at, ..)| self.kinds.get(at))
                .copied()
                .unwrap_or(self.defaults);
            let sets = service
                .requirements
                .as_ref()
                .map_or(sets, |names| self.named(names));
            let base = service.base.as_deref().or_else(|| kind?.2.base.as_deref());
            let base = base.or(self.decl.defaults.base.as_deref());
            let indexes =
                base.and_then(|base| self.indexes.get(self.decl.bases.get_index_of(base)?));
            let inherited = of_kind.and(sets).and(indexes.copied().unwrap_or_default());
            let own = of_image.and(Weight::of_service(service)).and(inherited);
            sum.add(Section::Services(position.into()), own);
        }
    }

    fn bases(&self, sum: &mut Sum) {
        let pins = |base: &BaseDecl| Weight::of(&base.pip).and(self.named(&base.requirements));
        let pins: Vec<Weight> = self.decl.bases.values().map(pins).collect();
        let of_image = Weight::of(&self.decl.platforms).and(IMAGE);
        for (position, base) in self.decl.bases.values().enumerate() {
            let indexes = self.indexes.get(position).copied().unwrap_or_default();
            let own = of_image.and(Weight::of_base(base)).and(indexes);
            // Its constraints have what all bases below pin.
            let pinned = self.chain(position).filter_map(|at| pins.get(at));
            sum.add(
                Section::Bases(position.into()),
                pinned.fold(own, |sum, pins| sum.and(*pins)),
            );
        }
    }

    /// What sets bring, each as often as it is named.
    fn named<'t>(&self, names: impl IntoIterator<Item = &'t Text>) -> Weight {
        let at = |name: &Text| self.sets.get(self.decl.requirements.get_index_of(&**name)?);
        names
            .into_iter()
            .filter_map(at)
            .fold(Weight::default(), |sum, set| sum.and(*set).and(NAME))
    }

    fn indexes_of(&self, position: usize) -> Weight {
        let urls = |at| {
            self.decl
                .bases
                .get_index(at)
                .map(|(_, base)| base.index_urls.as_slice())
                .unwrap_or_default()
        };
        self.chain(position)
            .map(urls)
            .find(|urls| !urls.is_empty())
            .map_or_else(Weight::default, Weight::of)
    }

    /// The positions of a base and of those that it stands on.
    fn chain(&self, position: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(position), |at| parent_position(self.decl, *at))
            .take(BASE_CHAIN_LIMIT)
    }
}
