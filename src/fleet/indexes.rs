//! Which packages of an image come from an index of their own.

use std::collections::BTreeSet;

use super::model::{Image, PackageIndex, Sourced};
use super::{Fleet, SetId};
use crate::values::requirement::Requirement;

/// Packages of an image that come from one index.
#[derive(Debug)]
pub(crate) struct Route<'a> {
    pub(crate) index: &'a PackageIndex,
    /// What asks for them in services.yaml.
    pub(crate) asked: Vec<&'a Sourced<Requirement>>,
}

impl Route<'_> {
    /// Their normalized names, each once.
    pub(crate) fn names(&self) -> BTreeSet<&str> {
        let asked = self.asked.iter();
        asked.map(|one| one.value.normalized_name()).collect()
    }
}

impl Image {
    /// The index that a package comes from by its normalized name: the first that has it.
    pub(crate) fn index_of(&self, name: &str) -> Option<&PackageIndex> {
        let mut indexes = self.indexes.iter();
        indexes.find(|index| index.pattern(name).is_some())
    }
}

impl Fleet {
    /// The packages of an image that come from an index of their own. Names in services.yaml decide
    /// that: a requirement file must be free to change without changing what is generated.
    pub(crate) fn routes<'a>(&'a self, image: &'a Image) -> Vec<Route<'a>> {
        let mut routes: Vec<Route<'a>> = Vec::new();
        if image.indexes.is_empty() {
            return routes;
        }
        let of_set = |set: &'a Sourced<SetId>| self.set(set.value).requirements.iter();
        let asked = image.sets.iter().flat_map(of_set).chain(&image.pip);
        for one in asked {
            let Some(index) = image.index_of(one.value.normalized_name()) else {
                continue;
            };
            let known = |route: &&mut Route<'_>| route.index.name == index.name;
            if let Some(route) = routes.iter_mut().find(known) {
                route.asked.push(one);
            } else {
                let asked = vec![one];
                routes.push(Route { index, asked });
            }
        }
        routes
    }
}
