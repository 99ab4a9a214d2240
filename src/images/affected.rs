//! Which images a set of changed files reaches, and because of what.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::graph::Graph;
use super::inputs::Inputs;
use crate::artifact::{lies_in, with_folders};
use crate::fleet::ImageId;

/// Why an image is in a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Because {
    /// It was asked for.
    Asked,
    /// A file that it is made of changed.
    Changed {
        /// The first such file, by path.
        path: String,
        /// How it gets in.
        taken: Taken,
        /// How many more of its files changed.
        more: usize,
    },
    /// The base below is in the plan.
    Base(ImageId),
    /// A base that it takes files from is in the plan.
    Use(ImageId),
}

/// How a file gets into an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It is the Dockerfile or its `.dockerignore` file.
    Generated,
    /// An instruction takes it; the text is its keyword and path.
    By(String),
}

/// By image, why it is affected by the changed files; `None` where it is not.
///
/// Paths count from the root and are clean; the empty one is the root itself. A path can be that of
/// a folder, which stands for all below it. A file that was renamed counts with both of its paths,
/// a deleted one with the path it had.
#[must_use]
pub(crate) fn affected(
    graph: &Graph,
    inputs: &[Inputs],
    changed: &BTreeSet<String>,
) -> Vec<Option<Because>> {
    let index = Index::of(inputs);
    let mut reasons: Vec<Option<Because>> = vec![None; inputs.len()];
    for path in changed {
        for id in index.candidates(path) {
            let (image, reason) = (&inputs[id], &mut reasons[id]);
            let taken = if image.own.iter().any(|own| lies_in(own, path)) {
                Some(Taken::Generated)
            } else {
                image
                    .source_of(path)
                    .map(|source| Taken::By(source.shown.clone()))
            };
            match (taken, reason) {
                (Some(_), Some(Because::Changed { more, .. })) => *more += 1,
                (Some(taken), reason) => {
                    *reason = Some(Because::Changed {
                        path: path.clone(),
                        taken,
                        more: 0,
                    });
                }
                (None, _) => {}
            }
        }
    }
    with_dependents(graph, &mut reasons);
    reasons
}

/// Adds every image that needs a base of the set; images stand after the bases that they need, so
/// one pass does it.
pub(crate) fn with_dependents(graph: &Graph, reasons: &mut [Option<Because>]) {
    for id in ImageId::all(reasons.len()) {
        let is_in = |base: &ImageId| reasons[*base].is_some();
        let below = graph.parent(id).filter(is_in).map(Because::Base);
        let because = below.or_else(|| {
            let mut uses = graph.uses(id).iter().copied();
            uses.find(is_in).map(Because::Use)
        });
        if reasons[id].is_none() {
            reasons[id] = because;
        }
    }
}

/// The images by the folders and files that they take, so that one changed file among 10,000
/// services is looked up and not searched for.
pub(super) struct Index<'a> {
    by_root: BTreeMap<Cow<'a, str>, Vec<ImageId>>,
}

impl<'a> Index<'a> {
    pub(super) fn of(inputs: &'a [Inputs]) -> Self {
        let mut by_root: BTreeMap<Cow<'_, str>, Vec<ImageId>> = BTreeMap::new();
        for (id, image) in ImageId::all(inputs.len()).zip(inputs) {
            for root in image.roots() {
                by_root.entry(root).or_default().push(id);
            }
        }
        Self { by_root }
    }

    /// The images that may take a path: those with a root at or above it, and those with a root in
    /// it.
    pub(super) fn candidates(&self, path: &str) -> BTreeSet<ImageId> {
        let mut found: BTreeSet<ImageId> = with_folders(path)
            .filter_map(|root| self.by_root.get(root))
            .flatten()
            .copied()
            .collect();
        if path.is_empty() {
            return self.by_root.values().flatten().copied().collect();
        }
        let folder = format!("{path}/");
        let inside = self
            .by_root
            .range::<str, _>((Bound::Included(folder.as_str()), Bound::Unbounded))
            .take_while(|(root, _)| root.starts_with(&folder));
        found.extend(inside.flat_map(|(_, positions)| positions.iter().copied()));
        found
    }
}
