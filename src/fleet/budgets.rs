//! How large the images of a fleet may be.

use std::collections::BTreeMap;

use super::origin::Origin;
use crate::values::{ByteSize, Tolerance};

/// The budgets of a fleet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Budgets {
    /// Of all images, every layer once.
    pub(crate) fleet: Option<Budget>,
    /// Of each image that has none of its own.
    pub(crate) each: Option<Budget>,
    /// Of single images, by name.
    pub(crate) images: BTreeMap<String, Budget>,
}

/// A budget.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Budget {
    /// Its entry in services.yaml.
    pub(crate) origin: Origin,
    /// The most bytes.
    pub(crate) size: ByteSize,
    /// How far it may be passed.
    pub(crate) tolerance: Option<Tolerance>,
    /// Why so much is needed.
    pub(crate) reason: Option<String>,
}

impl Budgets {
    /// Whether there is none.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.fleet.is_none() && self.each.is_none() && self.images.is_empty()
    }

    /// The budget of an image.
    #[must_use]
    pub(crate) fn of(&self, image: &str) -> Option<&Budget> {
        self.images.get(image).or(self.each.as_ref())
    }
}

impl Budget {
    /// The most bytes, with what may be passed.
    #[must_use]
    pub(crate) fn most(&self) -> u64 {
        let bytes = self.size.bytes();
        let tolerance = self.tolerance.as_ref();
        tolerance.map_or(bytes, |tolerance| tolerance.above(bytes))
    }
}
