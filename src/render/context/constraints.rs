//! What pip may not change on top of a base.

use serde::Serialize;

use super::install::lock_of;
use super::path::{constraints_path, entry};
use super::requirements::installed_files;
use crate::fleet::model::{InstalledFile, Section};
use crate::fleet::{Fleet, Image, Origin};
use crate::render::pen::{Pen, Printed};
use crate::values::requirement::Requirement;

/// What the template of a constraints file may print.
#[derive(Debug, Serialize)]
pub(in crate::render) struct PinsContext<'a> {
    pins: Vec<Printed<'a>>,
}

impl PinsContext<'_> {
    pub(in crate::render) fn of(pen: &Pen, fleet: &Fleet, base: &Image) -> Self {
        Self {
            pins: pins(fleet, base)
                .into_iter()
                .map(|(pin, origin)| pen.write(pin, origin))
                .collect(),
        }
    }
}

/// The base whose constraints hold for an image: the one below, where anything below is pinned.
pub(super) fn constraints_of<'a>(fleet: &'a Fleet, image: &Image) -> Option<&'a Image> {
    fleet
        .base_of(image)
        .filter(|base| resolves(image) && has_pins(fleet, base))
        .filter(|_| files_below(fleet, image).is_none() && lock_of(image).is_none())
}

/// Where the build writes what is installed before, where that holds for an image: a lock or the
/// requirement files of a base say it, and nothing of them is rendered.
pub(super) fn frozen<'a>(pen: &Pen, fleet: &Fleet, image: &Image) -> Option<Printed<'a>> {
    let below = files_below(fleet, image).filter(|_| resolves(image));
    let file = lock_of(image).or(below)?;
    Some(pen.write("/tmp/constraints.txt", [file.path.origin]))
}

/// Where locked packages are built from source, pip resolves nothing any more, so there is nothing
/// to constrain.
fn resolves(image: &Image) -> bool {
    !image.locked.is_wanted() || image.apt_build.is_empty()
}

/// The first file of the repository that a base below installs.
fn files_below<'a>(fleet: &'a Fleet, image: &'a Image) -> Option<&'a InstalledFile> {
    let mut below = fleet.bases_of(image);
    below.find_map(|base| installed_files(base).first())
}

/// The path of a base's constraints: they are there because of what the base pins.
pub(super) fn constraints<'a>(pen: &Pen, fleet: &Fleet, base: &Image) -> Printed<'a> {
    // Only a trace asks which entries these are.
    let pinned = std::iter::once_with(|| pins(fleet, base))
        .flatten()
        .filter_map(|(_, origin)| origin);
    let placed = [Origin::field(Section::Fleet, "layout.bases"), entry(base)];
    pen.write(constraints_path(base), pinned.chain(placed))
}

/// A version specifier that pip may not change on top of a base, and where it was declared; nowhere
/// for what only a lock holds.
type Held = (String, Option<Origin>);

/// What pip may not change on top of a base: its version specifiers and those of the bases below,
/// by name; of a locked one all that its lock pins.
fn pins(fleet: &Fleet, base: &Image) -> Vec<Held> {
    let constraint =
        |(one, origin): (&Requirement, Option<Origin>)| Some((one.constraint()?, origin));
    let mut pins: Vec<Held> = held(fleet, base).filter_map(constraint).collect();
    pins.sort();
    pins.dedup_by(|one, other| one.0 == other.0);
    pins
}

/// Whether there are any.
pub(in crate::render) fn has_pins(fleet: &Fleet, base: &Image) -> bool {
    // Every image on a base asks for it.
    *base.has_pins.get_or_init(|| {
        held(fleet, base).any(|(requirement, _)| requirement.constraint().is_some())
    })
}

/// Everything that a base and those below install, as far as it is known.
fn held<'a>(
    fleet: &'a Fleet,
    base: &'a Image,
) -> impl Iterator<Item = (&'a Requirement, Option<Origin>)> {
    std::iter::once(base)
        .chain(fleet.bases_of(base))
        .flat_map(|image| {
            let lock = image.locked.lock();
            let declared = lock.is_none().then(|| {
                fleet
                    .declared_requirements_of(image)
                    .map(|one| (&one.value, Some(one.origin)))
            });
            let pinned = lock
                .into_iter()
                .flat_map(|lock| &lock.pins)
                .map(|pin| (&pin.requirement, None));
            pinned.chain(declared.into_iter().flatten())
        })
}
