//! Which bases of the fleet an image takes files from, beside the one that it builds on.
//!
//! Hooks and a fleet's own templates may name a base in `COPY --from`, in a mount, or in a `FROM`
//! of their own. That is only known once the Dockerfile is rendered, so it is looked for only where
//! a hook or an own template could say it.

use std::collections::{BTreeMap, BTreeSet};

use super::templates::{Source, Templates};
use crate::dockerfile::NamedImage;
use crate::fleet::{Fleet, Image, ImageId};

/// A base or a service that an image takes files from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Use {
    /// The position of that in [`Fleet::images`].
    pub(crate) base: ImageId,
    /// Whether its reference is written with variables.
    pub(crate) by_variables: bool,
}

/// The bases of a fleet, by their references.
fn by_reference(fleet: &Fleet) -> BTreeMap<String, ImageId> {
    fleet
        .numbered_bases()
        .filter_map(|(id, base)| Some((fleet.reference(base)?, id)))
        .collect()
}

/// The bases that an image takes files from, by what its Dockerfile and that of the base below
/// name. Only a reference with the base's own version counts: any other one is an image that was
/// pushed before.
fn uses(
    bases: &BTreeMap<String, ImageId>,
    image: &Image,
    own: &[NamedImage],
    below: &[NamedImage],
) -> Vec<Use> {
    let parent = image.base();
    let named = own
        .iter()
        .filter(|named| !named.on_build)
        .chain(below.iter().filter(|named| named.on_build));
    let (mut uses, mut known) = (Vec::new(), BTreeSet::new());
    for named in named {
        let base = bases.get(&named.reference).copied();
        if let Some(base) = base.filter(|base| Some(*base) != parent && known.insert(*base)) {
            uses.push(Use {
                base,
                by_variables: named.by_variables,
            });
        }
    }
    uses
}

/// Whether a fleet's own templates could name an image.
pub(super) fn templates_name(templates: &Templates) -> bool {
    templates
        .iter()
        .any(|(_, template)| template.source != Source::BuiltIn && says_from(&template.text))
}

/// Whether a text could name an image.
pub(super) fn says_from(text: &str) -> bool {
    text.as_bytes()
        .windows(4)
        .any(|word| word.eq_ignore_ascii_case(b"from"))
}

/// The same from what every Dockerfile names, by position.
#[must_use]
pub(crate) fn fleet_uses(fleet: &Fleet, named: &[Vec<NamedImage>]) -> Vec<Vec<Use>> {
    let bases = by_reference(fleet);
    let of = |(image, own): (&Image, &Vec<NamedImage>)| {
        let below = image.base().map_or(&[][..], |base| &named[base]);
        let mut uses = uses(&bases, image, own, below);
        for service in copied(fleet, image) {
            if uses.iter().all(|used| used.base != service) {
                uses.push(Use {
                    base: service,
                    by_variables: false,
                });
            }
        }
        uses
    };
    fleet.images.iter().zip(named).map(of).collect()
}

/// The services that an image copies from.
fn copied<'a>(fleet: &'a Fleet, image: &'a Image) -> impl Iterator<Item = ImageId> + 'a {
    let services = image.copies.iter().filter_map(|copy| copy.service.as_ref());
    services.filter_map(|service| {
        let mut images = fleet.numbered();
        images
            .find(|(_, image)| image.name == *service)
            .map(|(id, _)| id)
    })
}
