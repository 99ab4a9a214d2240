//! The image graph: what each image builds on, and what it takes files from.
//!
//! A fleet that was loaded has no circles (`base-cycle` is a diagnostic) and keeps every image
//! after the bases that it needs, so the order of [`Fleet::images`] is a build order already.

use super::inputs::Inputs;
use crate::dockerfile::NamedImage;
use crate::fleet::model::Parent;
use crate::fleet::{Fleet, Image, ImageId};
use crate::render::links::{Use, fleet_uses};

/// What an image builds on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Node {
    /// An image from elsewhere, by its reference.
    External(String),
    /// A base of the fleet.
    Base(ImageId),
}

/// What an image builds on.
#[must_use]
pub(crate) fn parent(image: &Image) -> Node {
    match &image.parent {
        Parent::Kept(from) => Node::External(from.clone()),
        Parent::External(external) => Node::External(external.reference.to_string()),
        Parent::Base(base) => Node::Base(base.value),
    }
}

/// By image, the images right on top of it.
#[must_use]
pub(crate) fn children(fleet: &Fleet) -> Vec<Vec<ImageId>> {
    let mut children = vec![Vec::new(); fleet.images.len()];
    for (id, image) in fleet.numbered() {
        if let Some(base) = image.base() {
            children[base].push(id);
        }
    }
    children
}

/// The bases that each image needs, by image: the one that it builds on, and those that it takes
/// files from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Graph {
    parents: Vec<Option<ImageId>>,
    uses: Vec<Vec<ImageId>>,
    levels: Vec<usize>,
}

impl Graph {
    /// The graph of a fleet; `uses` are, by image, the bases that it takes files from.
    #[must_use]
    pub(crate) fn of(fleet: &Fleet, uses: &[Vec<Use>]) -> Self {
        let mut graph = Self::default();
        for (id, image) in fleet.numbered() {
            let parent = image.base();
            let uses: Vec<ImageId> = uses[id].iter().map(|used| used.base).collect();
            let below = parent.iter().chain(&uses);
            let level = below.map(|base| graph.levels[*base] + 1).max().unwrap_or(0);
            graph.parents.push(parent);
            graph.uses.push(uses);
            graph.levels.push(level);
        }
        graph
    }

    /// The same from what the Dockerfiles say.
    #[must_use]
    pub(crate) fn read(fleet: &Fleet, inputs: &[Inputs]) -> Self {
        let named: Vec<Vec<NamedImage>> = inputs.iter().map(|image| image.named.clone()).collect();
        Self::of(fleet, &fleet_uses(fleet, &named))
    }

    /// The base that an image builds on.
    #[must_use]
    pub(crate) fn parent(&self, id: ImageId) -> Option<ImageId> {
        self.parents[id]
    }

    /// The bases that an image takes files from, beside the one that it builds on.
    #[must_use]
    pub(crate) fn uses(&self, id: ImageId) -> &[ImageId] {
        &self.uses[id]
    }

    /// How many bases of the fleet lie below an image on the longest way: what has the same level
    /// can be built at the same time.
    #[must_use]
    pub(crate) fn level(&self, id: ImageId) -> usize {
        self.levels[id]
    }
}
