//! The image graph: what each image builds on.
//!
//! A fleet that resolved has no circles (`base-cycle` is a diagnostic) and keeps every image after its base, so the order of
//! [`Fleet::images`] is a build order already.

use crate::fleet::model::Parent;
use crate::fleet::{Fleet, Image};

/// What an image builds on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// An image from elsewhere, by its reference.
    External(String),
    /// A base of the fleet, as its position in [`Fleet::images`].
    Base(usize),
}

/// What an image builds on.
#[must_use]
pub fn parent(image: &Image) -> Node {
    match &image.parent {
        Parent::External(external) => Node::External(external.reference.to_string()),
        Parent::Base(base) => Node::Base(base.value),
    }
}

/// The positions of the images right on top of each image, by position.
#[must_use]
pub fn children(fleet: &Fleet) -> Vec<Vec<usize>> {
    let mut children = vec![Vec::new(); fleet.images.len()];
    for (position, image) in fleet.images.iter().enumerate() {
        if let Parent::Base(base) = &image.parent
            && let Some(list) = children.get_mut(base.value)
        {
            list.push(position);
        }
    }
    children
}

/// How many bases of the fleet lie below an image: what has the same level can be built at the same time.
#[must_use]
pub fn level(fleet: &Fleet, image: &Image) -> usize {
    fleet.bases_of(image).count()
}
