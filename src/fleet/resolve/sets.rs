//! Requirement sets, looked up by name.

use std::collections::BTreeMap;

use super::field::Findings;
use crate::declare::Text;
use crate::diagnostic::code;
use crate::fleet::SetId;
use crate::fleet::model::{Origin, RequirementSet, Sourced};

impl Findings<'_> {
    /// Looks requirement sets up by name; sets for development are refused in images.
    pub(super) fn sets(
        &mut self,
        origin: Origin,
        names: &[Text],
        sets: &Sets,
    ) -> Vec<Sourced<SetId>> {
        let mut found = Vec::new();
        for (item, name) in names.iter().enumerate() {
            let origin = origin.item(item);
            match sets.id(name) {
                Some(id) if sets.all[id].development => {
                    let message =
                        format!("the set `{name}` is for development and may reach no image");
                    self.at_value(&code::DEVELOPMENT_SET_IN_IMAGE, origin, message);
                }
                Some(value) => found.push(Sourced { value, origin }),
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
    ids: BTreeMap<String, SetId>,
}

impl Sets {
    pub(super) fn of(all: Vec<RequirementSet>) -> Self {
        let ids = SetId::all(all.len())
            .map(|id| (all[id].name.to_string(), id))
            .collect();
        Self { all, ids }
    }

    fn id(&self, name: &str) -> Option<SetId> {
        self.ids.get(name).copied()
    }
}
