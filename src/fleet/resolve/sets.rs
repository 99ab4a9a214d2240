//! Requirement sets, looked up by name.

use std::collections::BTreeMap;

use super::field::Findings;
use crate::declare::Text;
use crate::diagnostic::code;
use crate::fleet::model::{Origin, RequirementSet, Sourced};

impl Findings<'_> {
    /// Looks requirement sets up by name; sets for development are refused in images.
    pub(super) fn sets(
        &mut self,
        origin: Origin,
        names: &[Text],
        sets: &Sets,
    ) -> Vec<Sourced<usize>> {
        let mut found = Vec::new();
        for (item, name) in names.iter().enumerate() {
            let origin = origin.item(item);
            match sets.position(name) {
                Some(position) if sets.all.get(position).is_some_and(|set| set.development) => {
                    let message =
                        format!("the set `{name}` is for development and may reach no image");
                    self.at_value(&code::DEVELOPMENT_SET_IN_IMAGE, origin, message);
                }
                Some(position) => found.push(Sourced {
                    value: position,
                    origin,
                }),
                None => {
                    let known = sets
                        .all
                        .iter()
                        .filter(|set| !set.development)
                        .map(|set| set.name.as_str());
                    self.unknown(
                        &code::UNKNOWN_REQUIREMENT_SET,
                        origin,
                        "requirement set",
                        name,
                        known,
                    );
                }
            }
        }
        found
    }
}

/// The requirement sets, and where each one's name leads.
#[derive(Default)]
pub(super) struct Sets {
    pub(super) all: Vec<RequirementSet>,
    positions: BTreeMap<String, usize>,
}

impl Sets {
    pub(super) fn of(all: Vec<RequirementSet>) -> Self {
        let positions = all
            .iter()
            .enumerate()
            .map(|(at, set)| (set.name.to_string(), at))
            .collect();
        Self { all, positions }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.positions.get(name).copied()
    }
}
