//! Which images a command line means.

use std::collections::BTreeSet;

/// All images, those that are named, or those that changed files concern.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Only these images, by name; empty for no such limit.
    pub only: Vec<String>,
    /// Only what these files concern, by their paths from the root on; the empty path is the root.
    pub changed: Option<BTreeSet<String>>,
    /// Also the images that build on the selected ones.
    pub with_dependents: bool,
}
