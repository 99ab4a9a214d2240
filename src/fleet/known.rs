//! Requirements that were read before.

use indexmap::IndexSet;

use crate::values::requirement::Requirement;

/// Requirements, found by their text: the same come again and again.
#[derive(Debug, Default)]
pub(super) struct KnownRequirements(IndexSet<Requirement>);

impl KnownRequirements {
    /// What a text stands for, where that was read before.
    pub(super) fn get(&self, text: &str) -> Option<&Requirement> {
        self.0.get(text)
    }

    /// Keeps a requirement.
    pub(super) fn add(&mut self, requirement: &Requirement) {
        self.0.insert(requirement.clone());
    }
}
