//! The image graph: what each image builds on, and what it takes files from.
//!
//! A fleet that was loaded has no circles (`base-cycle` is a diagnostic) and keeps every image
//! after the bases that it needs, so the order of [`Fleet::images`] is a build order already.

use super::inputs::Inputs;
use crate::dockerfile::NamedImage;
use crate::fleet::model::Parent;
use crate::fleet::{Fleet, Image};
use crate::render::links::{Use, fleet_uses};

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

/// The bases that each image needs, by position: the one that it builds on, and those that it takes
/// files from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    parents: Vec<Option<usize>>,
    uses: Vec<Vec<usize>>,
    levels: Vec<usize>,
}

impl Graph {
    /// The graph of a fleet; `uses` are the bases that each image takes files from, by position.
    #[must_use]
    pub fn of(fleet: &Fleet, uses: &[Vec<Use>]) -> Self {
        let mut graph = Self::default();
        for (position, image) in fleet.images.iter().enumerate() {
            let parent = if let Parent::Base(base) = &image.parent {
                Some(base.value)
            } else {
                None
            };
            let uses: Vec<usize> = uses
                .get(position)
                .into_iter()
                .flatten()
                .map(|used| used.base)
                .collect();
            let below = parent.iter().chain(&uses);
            let level = below
                .filter_map(|base| graph.levels.get(*base))
                .map(|level| level + 1)
                .max()
                .unwrap_or(0);
            graph.parents.push(parent);
            graph.uses.push(uses);
            graph.levels.push(level);
        }
        graph
    }

    /// The same from what the Dockerfiles say.
    #[must_use]
    pub fn read(fleet: &Fleet, inputs: &[Inputs]) -> Self {
        let named: Vec<Vec<NamedImage>> = inputs.iter().map(|image| image.named.clone()).collect();
        Self::of(fleet, &fleet_uses(fleet, &named))
    }

    /// The base that an image builds on.
    #[must_use]
    pub fn parent(&self, position: usize) -> Option<usize> {
        self.parents.get(position).copied().flatten()
    }

    /// The bases that an image takes files from, beside the one that it builds on.
    #[must_use]
    pub fn uses(&self, position: usize) -> &[usize] {
        self.uses
            .get(position)
            .map(Vec::as_slice)
            .unwrap_or_default()
    }

    /// How many bases of the fleet lie below an image on the longest way: what has the same level
    /// can be built at the same time.
    #[must_use]
    pub fn level(&self, position: usize) -> usize {
        self.levels.get(position).copied().unwrap_or(0)
    }
}
