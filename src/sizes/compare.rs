//! What changed between two ledgers, and which layers, packages and declared lines it came with.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::ledger::{Declared, ImageSizes, Judged, LayerSizes, Ledger, Package, Total};

/// What changed between two ledgers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Comparison {
    /// The fleet before.
    pub(crate) old: Total,
    /// The fleet now.
    pub(crate) new: Total,
    /// What became of the budgets.
    pub(crate) budgets: Vec<Judged>,
    /// The images that changed, the largest change first.
    pub(crate) images: Vec<ImageChange>,
    /// How many images are as they were.
    pub(crate) unchanged: usize,
}

/// What changed in one image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct ImageChange {
    /// Its name.
    pub(crate) name: String,
    /// The platform that it is for.
    pub(crate) platform: Option<String>,
    /// Its bytes before; nothing for a new image.
    pub(crate) old: Option<u64>,
    /// Its bytes now; nothing for one that is gone.
    pub(crate) new: Option<u64>,
    /// The layers that changed, lowest first.
    pub(crate) layers: Vec<LayerChange>,
    /// The packages that changed, the largest change first.
    pub(crate) packages: Vec<PackageChange>,
}

/// What changed in one layer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct LayerChange {
    /// The step that made it.
    pub(crate) created_by: String,
    /// The line of the step.
    pub(crate) step: Option<String>,
    /// Its bytes before.
    pub(crate) old: Option<u64>,
    /// Its bytes now.
    pub(crate) new: Option<u64>,
    /// What was not declared for it before; where it is gone, what was.
    pub(crate) declared: Vec<Declared>,
}

/// What changed in one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct PackageChange {
    /// Its name.
    pub(crate) name: String,
    /// Its version and bytes before.
    pub(crate) old: Option<Sized>,
    /// Its version and bytes now.
    pub(crate) new: Option<Sized>,
    /// The entries that bring it, or brought it.
    pub(crate) declared: Vec<Declared>,
}

/// A package's version and bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Sized {
    /// The version.
    pub(crate) version: String,
    /// The bytes.
    pub(crate) bytes: u64,
}

/// By how many bytes something grew, or shrank.
#[must_use]
pub(crate) fn grown(old: Option<u64>, new: Option<u64>) -> i64 {
    let signed = |bytes: Option<u64>| i64::try_from(bytes.unwrap_or(0)).unwrap_or(i64::MAX);
    signed(new) - signed(old)
}

impl Comparison {
    /// By how many bytes the images together grew.
    #[must_use]
    pub(crate) fn grown(&self) -> i64 {
        grown(Some(self.old.bytes), Some(self.new.bytes))
    }
}

impl PackageChange {
    /// By how many bytes it grew.
    #[must_use]
    pub(crate) fn grown(&self) -> i64 {
        let bytes = |sized: &Option<Sized>| sized.as_ref().map(|sized| sized.bytes);
        grown(bytes(&self.old), bytes(&self.new))
    }

    /// Its name, and what became of its version.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        let name = &self.name;
        match (&self.old, &self.new) {
            (Some(old), Some(new)) if old.version == new.version => {
                format!("{name} {}", new.version)
            }
            (Some(old), Some(new)) => format!("{name} {} → {}", old.version, new.version),
            (None, Some(Sized { version, .. })) => format!("{name} {version}, new"),
            (Some(Sized { version, .. }), None) => format!("{name} {version}, gone"),
            (None, None) => name.clone(),
        }
    }
}

/// An image in two ledgers: an image is the same by its name and platform.
type Key<'a> = (&'a str, Option<&'a str>);

/// Compares two ledgers.
#[must_use]
pub fn compare(old: &Ledger, new: &Ledger) -> Comparison {
    let (before, now) = (by_name(old), by_name(new));
    let names: BTreeSet<Key<'_>> = before.keys().chain(now.keys()).copied().collect();
    let mut images = Vec::new();
    let mut unchanged = 0;
    for name in names {
        let (before, now) = (before.get(&name).copied(), now.get(&name).copied());
        match image_change(name, before, now) {
            Some(change) => images.push(change),
            None => unchanged += 1,
        }
    }
    let size = |change: &ImageChange| grown(change.old, change.new).unsigned_abs();
    images.sort_by(|left, right| (size(right), &left.name).cmp(&(size(left), &right.name)));
    Comparison {
        old: old.total.clone(),
        new: new.total.clone(),
        budgets: Vec::new(),
        images,
        unchanged,
    }
}

fn by_name(ledger: &Ledger) -> BTreeMap<Key<'_>, &ImageSizes> {
    let keyed = ledger
        .images
        .iter()
        .map(|image| ((image.name.as_str(), image.platform.as_deref()), image));
    keyed.collect()
}

fn image_change(
    (name, platform): Key<'_>,
    old: Option<&ImageSizes>,
    new: Option<&ImageSizes>,
) -> Option<ImageChange> {
    let layers = layer_changes(
        old.map_or(&[], |image| &image.layers),
        new.map_or(&[], |image| &image.layers),
    );
    if layers.is_empty() && old.is_some() && new.is_some() {
        return None;
    }
    let mut packages = Vec::new();
    let lists: [fn(&ImageSizes) -> &[Package]; 2] = [|image| &image.python, |image| &image.debian];
    for list in lists {
        packages.extend(package_changes(
            old.map_or(&[], list),
            new.map_or(&[], list),
        ));
    }
    let size = |change: &PackageChange| change.grown().unsigned_abs();
    packages.sort_by(|left, right| (size(right), &left.name).cmp(&(size(left), &right.name)));
    Some(ImageChange {
        name: name.to_owned(),
        platform: platform.map(str::to_owned),
        old: old.map(|image| image.bytes),
        new: new.map(|image| image.bytes),
        layers,
        packages,
    })
}

/// The layers that only one side has. Those that were made by the same step are one change.
fn layer_changes(old: &[LayerSizes], new: &[LayerSizes]) -> Vec<LayerChange> {
    let only = |these: &'_ [LayerSizes], others: &[LayerSizes]| -> Vec<LayerSizes> {
        let known: BTreeSet<&str> = others.iter().map(|layer| layer.diff_id.as_str()).collect();
        let only = these
            .iter()
            .filter(|layer| !known.contains(layer.diff_id.as_str()));
        only.cloned().collect()
    };
    let mut gone = only(old, new);
    let mut changes = Vec::new();
    for layer in only(new, old) {
        let at = gone.iter().position(|gone| is_same_step(gone, &layer));
        let before = at.map(|at| gone.remove(at));
        let known = before.iter().flat_map(|before| &before.declared);
        let known: BTreeSet<&str> = known.map(|one| one.value.as_str()).collect();
        let declared = layer.declared.iter();
        let declared = declared.filter(|one| !known.contains(one.value.as_str()));
        changes.push(LayerChange {
            old: before.as_ref().map(|before| before.bytes),
            new: Some(layer.bytes),
            declared: declared.cloned().collect(),
            created_by: layer.created_by,
            step: layer.step,
        });
    }
    changes.extend(gone.into_iter().map(|layer| LayerChange {
        old: Some(layer.bytes),
        new: None,
        declared: layer.declared,
        created_by: layer.created_by,
        step: layer.step,
    }));
    changes
}

/// Whether two layers come from one step: its text may have changed, its place not much.
fn is_same_step(old: &LayerSizes, new: &LayerSizes) -> bool {
    let is_apt = |layer: &LayerSizes| layer.created_by.contains("apt-get");
    let keyword = |layer: &LayerSizes| {
        let mut words = layer.created_by.split_whitespace();
        words.next().map(str::to_owned)
    };
    old.created_by == new.created_by
        || (old.image.is_some()
            && old.image == new.image
            && keyword(old) == keyword(new)
            && keyword(old).as_deref() == Some("RUN")
            && is_apt(old) == is_apt(new))
}

fn package_changes(old: &[Package], new: &[Package]) -> Vec<PackageChange> {
    let by_name = |packages: &'_ [Package]| -> BTreeMap<String, Package> {
        let named = packages
            .iter()
            .map(|package| (package.name.clone(), package.clone()));
        named.collect()
    };
    let (mut before, now) = (by_name(old), by_name(new));
    let sized = |package: &Package| Sized {
        version: package.version.clone(),
        bytes: package.bytes,
    };
    let mut changes = Vec::new();
    for (name, package) in now {
        let was = before.remove(&name);
        let (old, new) = (was.as_ref().map(sized), Some(sized(&package)));
        if old != new {
            let declared = package.declared;
            changes.push(PackageChange {
                name,
                old,
                new,
                declared,
            });
        }
    }
    changes.extend(before.into_iter().map(|(name, package)| PackageChange {
        name,
        old: Some(sized(&package)),
        new: None,
        declared: package.declared,
    }));
    changes
}
