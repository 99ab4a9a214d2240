//! Requirement sets, looked up by name.

use std::collections::BTreeMap;

use super::field::Findings;
use super::requirement_files;
use crate::declare::schema::RequirementSetDecl;
use crate::declare::{FleetDecl, Text};
use crate::diagnostic::code;
use crate::fleet::SetId;
use crate::fleet::install::{Form, InstalledFile};
use crate::fleet::joined::Joined;
use crate::fleet::model::{Origin, RequirementSet, Section, Sourced};
use crate::values::{RelPath, SetName};

/// The sets that a fleet declares.
pub(super) fn resolve(findings: &mut Findings<'_>, decl: &FleetDecl) -> Vec<RequirementSet> {
    let mut sets = Vec::new();
    for (position, (name, set)) in decl.requirements.iter().enumerate() {
        let section = Section::Requirements(position.into());
        let name = findings.key(section, name, SetName::parse);
        let field = if set.short { "" } else { "packages" };
        let requirements = findings.requirements(Origin::field(section, field), &set.packages);
        let file = file(findings, section, set);
        if let Some(name) = name {
            let entry = Origin::field(section, "");
            sets.push(RequirementSet {
                name,
                entry,
                requirements,
                file,
                development: set.development,
            });
        }
    }
    sets
}

/// The requirement file that a set is.
fn file(
    findings: &mut Findings<'_>,
    section: Section,
    set: &RequirementSetDecl,
) -> Option<Sourced<RelPath>> {
    let text = set.file.as_deref()?;
    let origin = Origin::field(section, "file");
    if !set.packages.is_empty() {
        let message = "`file` has no effect beside `packages`".to_owned();
        let help = "keep one of them: a set is a list or a file".to_owned();
        findings.at_value_with_help(&code::FIELD_WITHOUT_EFFECT, origin, message, help);
        return None;
    }
    let file = requirement_files::requirement_file(findings, origin, text)?;
    Some(file.path)
}

/// The sets of an image that are lists, and those that are files.
pub(super) struct SplitSets {
    pub(super) lists: Joined<Sourced<SetId>>,
    pub(super) files: Vec<InstalledFile>,
}

impl SplitSets {
    pub(super) fn of(sets: &Sets, named: Joined<Sourced<SetId>>) -> Self {
        let is_list = |named: &&Sourced<SetId>| sets.all[named.value].file.is_none();
        if named.iter().all(|named| is_list(&named)) {
            return Self {
                lists: named,
                files: Vec::new(),
            };
        }
        let file = |named: &Sourced<SetId>| {
            let file = sets.all[named.value].file.clone()?;
            Some(InstalledFile::new(
                file,
                Form::Requirements,
                Some(named.value),
            ))
        };
        let lists: Vec<Sourced<SetId>> = named.iter().filter(is_list).cloned().collect();
        Self {
            files: named.iter().filter_map(file).collect(),
            lists: lists.into(),
        }
    }
}

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
                        format!("the set `{name}` is for development, so no image can use it");
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
