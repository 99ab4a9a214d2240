//! The table at the end of a build.

use super::list::table;
use super::{Page, page};
use crate::fleet::Fleet;
use crate::images::builder::{Builder, Order};
use crate::images::{BuildOutcome, BuildRow, Plan, Size};

/// The table for people.
#[must_use]
pub(crate) fn build_table(rows: &[BuildRow]) -> Page {
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
            or_dash(&row.size.as_ref().map(size_text)),
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
pub(crate) fn base_hint(
    fleet: &Fleet,
    plan: &Plan,
    order: &Order,
    rows: &[BuildRow],
) -> Option<Page> {
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

/// A size as people read it.
fn size_text(size: &Size) -> String {
    match size {
        Size::Bytes(bytes) => bytes_text(*bytes),
        Size::Told(words) => words.clone(),
    }
}

/// A number of bytes as people read it, in powers of ten.
#[must_use]
pub(crate) fn bytes_text(bytes: u64) -> String {
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
}
