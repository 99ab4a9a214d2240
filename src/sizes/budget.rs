//! Whether images keep their budgets, and because of what they do not.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::attribute::Places;
use super::compare::{Comparison, ImageChange, grown};
use super::ledger::{Cause, ImageSizes, Judged, LayerSizes, Ledger, Package};
use crate::fleet::Fleet;
use crate::fleet::budgets::Budget;

/// How many causes are shown.
const CAUSES: usize = 4;

/// Judges the budgets of a fleet. What grew is named as the cause where a comparison knows it.
#[must_use]
pub(crate) fn judge(
    ledger: &Ledger,
    fleet: &Fleet,
    comparison: Option<&Comparison>,
    places: &dyn Places,
) -> Vec<Judged> {
    let mut judged = Vec::new();
    if let Some(budget) = &fleet.budgets.fleet {
        judged.push(of_fleet(ledger, fleet, budget, comparison, places));
    }
    for image in ledger.images.iter().filter(|image| image.is_declared) {
        let Some(budget) = fleet.budgets.of(&image.name) else {
            continue;
        };
        let mut one = judged_of(budget, image.bytes, places);
        one.image = Some(image.name.clone());
        one.platform.clone_from(&image.platform);
        if one.is_over {
            let change = comparison.and_then(|comparison| change_of(comparison, image));
            let grew = change.map(|change| what_grew(&[change]));
            one.causes = grew
                .filter(|causes| !causes.is_empty())
                .unwrap_or_else(|| what_is_largest(&[image]));
        }
        judged.push(one);
    }
    judged
}

fn judged_of(budget: &Budget, bytes: u64, places: &dyn Places) -> Judged {
    let most = budget.most();
    Judged {
        bytes,
        budget: budget.size.bytes(),
        most,
        is_over: bytes > most,
        reason: budget.reason.clone(),
        declared: places.declared(budget.origin),
        ..Judged::default()
    }
}

/// The images of one platform are on one machine: the platform with the most bytes counts.
fn of_fleet(
    ledger: &Ledger,
    fleet: &Fleet,
    budget: &Budget,
    comparison: Option<&Comparison>,
    places: &dyn Places,
) -> Judged {
    let mut platforms: BTreeMap<Option<&str>, BTreeMap<&str, u64>> = BTreeMap::new();
    let mut measured = BTreeSet::new();
    let declared: Vec<&ImageSizes> = ledger.images.iter().filter(|it| it.is_declared).collect();
    for image in &declared {
        measured.insert(image.name.as_str());
        let layers = image.layers.iter();
        let layers = layers.map(|layer| (layer.diff_id.as_str(), layer.bytes));
        let platform = image.platform.as_deref();
        platforms.entry(platform).or_default().extend(layers);
    }
    let sums = platforms.values().map(|layers| layers.values().sum());
    let mut one = judged_of(budget, sums.max().unwrap_or(0), places);
    let images = fleet.images.iter();
    let missing = images.filter(|image| !measured.contains(image.name.as_str()));
    one.missing = missing.count();
    if one.is_over {
        let changes = comparison.map(|it| it.images.iter().collect::<Vec<_>>());
        let grew = changes.map(|changes| what_grew(&changes));
        one.causes = grew
            .filter(|causes| !causes.is_empty())
            .unwrap_or_else(|| what_is_largest(&declared));
    }
    one
}

fn change_of<'a>(comparison: &'a Comparison, image: &ImageSizes) -> Option<&'a ImageChange> {
    let mut changes = comparison.images.iter();
    changes.find(|change| change.name == image.name && change.platform == image.platform)
}

/// The packages that grew, each once; where none did, the layers.
fn what_grew(changes: &[&ImageChange]) -> Vec<Cause> {
    let positive = |bytes: i64| u64::try_from(bytes).ok().filter(|bytes| *bytes > 0);
    let packages = changes.iter().flat_map(|change| &change.packages);
    let packages = packages.filter_map(|package| {
        Some(Cause {
            what: package.words(),
            bytes: positive(package.grown())?,
            grew: true,
            declared: package.declared.clone(),
        })
    });
    let packages = largest_once(packages.collect());
    if !packages.is_empty() {
        return packages;
    }
    let layers = changes.iter().flat_map(|change| &change.layers);
    let layers = layers.filter_map(|layer| {
        Some(Cause {
            what: layer
                .step
                .clone()
                .unwrap_or_else(|| layer.created_by.clone()),
            bytes: positive(grown(layer.old, layer.new))?,
            grew: true,
            declared: layer.declared.clone(),
        })
    });
    largest_once(layers.collect())
}

/// The largest packages, and the largest layer.
fn what_is_largest(images: &[&ImageSizes]) -> Vec<Cause> {
    let of_package = |package: &Package| Cause {
        what: format!("{} {}", package.name, package.version),
        bytes: package.bytes,
        grew: false,
        declared: package.declared.clone(),
    };
    let of_layer = |layer: &LayerSizes| Cause {
        what: layer
            .step
            .clone()
            .unwrap_or_else(|| layer.created_by.clone()),
        bytes: layer.bytes,
        grew: false,
        declared: layer.declared.clone(),
    };
    let layers = images.iter().flat_map(|image| &image.layers);
    let mut causes = largest_once(layers.map(of_layer).collect());
    causes.truncate(1);
    let packages = images
        .iter()
        .flat_map(|image| image.python.iter().chain(&image.debian));
    causes.extend(largest_once(packages.map(of_package).collect()));
    causes.truncate(CAUSES);
    causes
}

/// The largest of what several images have, each once.
fn largest_once(mut causes: Vec<Cause>) -> Vec<Cause> {
    // Of equal ones, that which knows its entries.
    causes.sort_by(|left, right| {
        let key = |cause: &Cause| (Reverse(cause.bytes), Reverse(cause.declared.len()));
        (key(left), &left.what).cmp(&(key(right), &right.what))
    });
    let mut known = BTreeSet::new();
    causes.retain(|cause| cause.bytes > 0 && known.insert(cause.what.clone()));
    causes.truncate(CAUSES);
    causes
}
