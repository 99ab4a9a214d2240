//! Some of a fleet's files.

use std::collections::BTreeSet;

use crate::fleet::ImageId;

/// Some of a fleet's files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Choice {
    /// Images: all of their files.
    pub(crate) images: BTreeSet<ImageId>,
    /// Files that belong to no image, by path: what stands there, in there, or on the way there;
    /// others count for nothing.
    pub(crate) paths: BTreeSet<String>,
}

impl Choice {
    /// Whether a file that belongs to no image is one of them.
    #[must_use]
    pub(crate) fn names(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        let mut at_or_above = path
            .match_indices('/')
            .filter_map(|(at, _)| path.get(..at))
            .chain([path]);
        at_or_above.any(|path| self.paths.contains(path))
            || self
                .paths
                .range(inside.clone()..)
                .next()
                .is_some_and(|path| path.starts_with(&inside))
    }
}
