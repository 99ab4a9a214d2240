//! The table at the end of a build.

use super::list::table;
use super::{Page, page};
use crate::fleet::Fleet;
use crate::images::Plan;
use crate::images::builder::{Builder, Order};
use crate::images::progress::Heard;

/// One image of the table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildRow {
    /// Its name.
    pub image: String,
    /// Its reference, where it has one.
    pub reference: Option<String>,
    /// What became of it.
    pub outcome: BuildOutcome,
    /// How long it took, in milliseconds.
    pub millis: u64,
    /// Its size in the local image store, as the builder tells it.
    pub size: Option<String>,
}

/// What became of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BuildOutcome {
    /// At least one step was carried out.
    Built,
    /// Every step came from the cache.
    Cached,
    /// The builder failed before it was done, or on it.
    NotBuilt,
}

impl BuildOutcome {
    /// The outcome of an image that the builder did not fail on.
    #[must_use]
    pub fn of(heard: Heard) -> Self {
        if heard.done == 0 && heard.cached > 0 {
            Self::Cached
        } else {
            Self::Built
        }
    }
}

/// The table for people.
#[must_use]
pub fn build_table(rows: &[BuildRow]) -> Page {
    let head = ["IMAGE", "OUTCOME", "TIME", "SIZE", "REFERENCE"].map(str::to_owned);
    let cells = rows.iter().map(|row| {
        let outcome = match row.outcome {
            BuildOutcome::Built => "built",
            BuildOutcome::Cached => "cached",
            BuildOutcome::NotBuilt => "not built",
        };
        let time = format!("{}.{}s", row.millis / 1000, row.millis % 1000 / 100);
        let or_dash = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
        [
            row.image.clone(),
            outcome.to_owned(),
            time,
            or_dash(&row.size),
            or_dash(&row.reference),
        ]
    });
    page!(
        "\n{}",
        table(&std::iter::once(head).chain(cells).collect::<Vec<_>>())
    )
}

/// What to type where buildah failed on an image whose base is not in the plan: it has to be in the
/// local store, or in the registry.
#[must_use]
pub fn base_hint(fleet: &Fleet, plan: &Plan, order: &Order, rows: &[BuildRow]) -> Option<Page> {
    let failed = rows
        .iter()
        .position(|row| row.outcome == BuildOutcome::NotBuilt)?;
    let id = plan.images.get(failed)?.id;
    let base = plan
        .graph
        .parent(id)
        .filter(|base| plan.because(*base).is_none())?;
    let (image, base) = (fleet.image(id), fleet.image(base));
    (order.builder == Builder::Buildah).then(|| {
        page!(
            "{} is built on {}, which is not in the plan; if it was never built or pushed: \
             dockwright build {} {} --with buildah\n",
            image.name,
            fleet.reference(base).expect("a base has a version"),
            base.name,
            image.name
        )
    })
}

/// A number of bytes as people read it, in powers of ten.
#[must_use]
pub fn bytes_text(bytes: u64) -> String {
    let (unit, size) = [("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)]
        .into_iter()
        .find(|(_, size)| bytes >= *size)
        .unwrap_or(("B", 1));
    if size == 1 {
        format!("{bytes} B")
    } else {
        format!("{}.{} {unit}", bytes / size, bytes % size * 10 / size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_in_powers_of_ten() {
        assert_eq!(
            [0, 999, 1_500, 8_800_000_000].map(bytes_text),
            ["0 B", "999 B", "1.5 kB", "8.8 GB"]
        );
    }

    #[test]
    fn an_image_whose_every_step_was_cached_says_so() {
        assert_eq!(
            BuildOutcome::of(Heard {
                done: 0,
                cached: 3,
                millis: 0
            }),
            BuildOutcome::Cached
        );
        assert_eq!(
            BuildOutcome::of(Heard {
                done: 1,
                cached: 3,
                millis: 0
            }),
            BuildOutcome::Built
        );
    }
}
