//! Which image a generated file belongs to, by the folder it is in.

use std::collections::BTreeMap;

use super::{Fleet, ImageId};

/// The images by the folders of their generated files.
#[derive(Debug)]
pub(crate) struct Owners<'a>(BTreeMap<&'a str, ImageId>);

impl<'a> Owners<'a> {
    /// The folders of a fleet's images.
    #[must_use]
    pub(crate) fn new(fleet: &'a Fleet) -> Self {
        Self(
            fleet
                .numbered()
                .map(|(id, image)| (image.folder.as_str(), id))
                .collect(),
        )
    }

    /// The image in whose folder a path lies; the innermost folder counts.
    #[must_use]
    pub(crate) fn of(&self, path: &str) -> Option<ImageId> {
        let mut above = path
            .rmatch_indices('/')
            .filter_map(|(at, _)| path.get(..at));
        above.find_map(|folder| self.0.get(folder).copied())
    }

    /// The images that a changed path concerns: the one in whose folder it lies, and those whose
    /// folders lie in it.
    #[must_use]
    pub(crate) fn concerned(&self, path: &str) -> Vec<ImageId> {
        let below = format!("{path}/");
        let inside = self
            .0
            .range(below.as_str()..)
            .take_while(|(folder, _)| folder.starts_with(&below));
        let inside = inside.map(|(_, image)| *image);
        self.of(path)
            .into_iter()
            .chain(self.0.get(path).copied())
            .chain(inside)
            .collect()
    }
}
