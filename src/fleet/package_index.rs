//! Indexes that named packages come from.

use super::origin::{Origin, Sourced};
use crate::values::{IndexUrl, KindName, PackagePattern};

/// An index, and the packages that come from it and from nowhere else.
#[derive(Debug, Clone)]
pub(crate) struct PackageIndex {
    /// Its name.
    pub(crate) name: KindName,
    /// Where it is declared: the entry that wins.
    pub(crate) origin: Origin,
    /// Its URL.
    pub(crate) url: Sourced<IndexUrl>,
    /// The packages.
    pub(crate) packages: Vec<Sourced<PackagePattern>>,
}

impl PackageIndex {
    /// The pattern that a normalized name matches.
    pub(crate) fn pattern(&self, name: &str) -> Option<&Sourced<PackagePattern>> {
        let mut packages = self.packages.iter();
        packages.find(|pattern| pattern.value.matches(name))
    }
}
