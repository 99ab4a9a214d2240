//! A service's own entry above those that it inherits.

use indexmap::IndexMap;

use super::Ground;
use super::field::Findings;
use super::kind::{Inherited, Kinds};
use crate::declare::schema::ServiceDecl;
use crate::declare::{Nullable, OneOrMany};
use crate::diagnostic::code;
use crate::fleet::model::{Origin, Section};

/// A declared entry and its place.
#[derive(Clone, Copy)]
pub(super) struct Entry<'a> {
    pub(super) section: Section,
    pub(super) decl: &'a ServiceDecl,
}

/// A service's own entry above its kind's and `defaults`.
pub(super) struct Layers<'a> {
    pub(super) own: Entry<'a>,
    kind: Option<Entry<'a>>,
    defaults: Entry<'a>,
    /// What the lists of the kind and of `defaults` say.
    pub(super) inherited: &'a Inherited,
}

impl<'a> Layers<'a> {
    /// An entry that inherits nothing; `nothing` stands for what it would.
    pub(super) fn alone(
        own: Entry<'a>,
        (nothing, inherited): (&'a ServiceDecl, &'a Inherited),
    ) -> Self {
        Self {
            own,
            kind: None,
            defaults: Entry {
                section: Section::Defaults,
                decl: nothing,
            },
            inherited,
        }
    }

    pub(super) fn of(
        findings: &mut Findings<'_>,
        ground: &Ground<'a>,
        kinds: &'a Kinds,
        own: Entry<'a>,
    ) -> Self {
        let kind = kind(findings, ground, own.section, own.decl);
        Self {
            own,
            kind,
            defaults: Entry {
                section: Section::Defaults,
                decl: &ground.decl.defaults,
            },
            inherited: kinds.get(kind.map(|kind| kind.section)),
        }
    }

    /// The entries, the one that wins first.
    pub(super) fn winning(&self) -> impl Iterator<Item = Entry<'a>> {
        std::iter::once(self.own)
            .chain(self.kind)
            .chain(std::iter::once(self.defaults))
    }

    /// The entries, inherited ones first.
    pub(super) fn inherited_first(&self) -> impl Iterator<Item = Entry<'a>> {
        std::iter::once(self.defaults)
            .chain(self.kind)
            .chain(std::iter::once(self.own))
    }

    /// The first entry that has a field, and where it stands; nothing where it is taken back first.
    pub(super) fn pick<T>(
        &self,
        field: &'static str,
        of: impl Fn(&'a ServiceDecl) -> &'a Nullable<Option<T>>,
    ) -> Option<(Origin, &'a T)> {
        let entry = self.winning().find(|entry| {
            let field = of(entry.decl);
            field.is_some() || field.is_null()
        })?;
        Some((
            Origin::field(entry.section, field),
            of(entry.decl).as_ref()?,
        ))
    }

    /// The items of a list, inherited ones first; and whether nothing took back what is inherited
    /// from the fleet itself.
    pub(super) fn items<T>(
        &self,
        field: &'static str,
        of: impl Fn(&'a ServiceDecl) -> &'a Nullable<OneOrMany<T>>,
    ) -> (Vec<(Origin, &'a T)>, bool) {
        let (mut items, mut keeps_fleet) = (Vec::new(), true);
        for Entry { section, decl } in self.inherited_first() {
            let list = of(decl);
            if list.is_null() {
                items.clear();
                keeps_fleet = false;
            }
            let origin = Origin::field(section, field);
            if let Some(item) = list.single() {
                items.push((origin, item));
            } else {
                let own = list.iter().enumerate();
                items.extend(own.map(|(at, item)| (origin.item(at), item)));
            }
        }
        (items, keeps_fleet)
    }

    /// The entries of a mapping with their places; of one key, the one that wins. `null` takes an
    /// inherited one back.
    pub(super) fn entries<T>(
        &self,
        field: &'static str,
        of: impl Fn(&'a ServiceDecl) -> &'a Nullable<IndexMap<String, Nullable<T>>>,
    ) -> IndexMap<&'a str, (Origin, &'a T)> {
        let mut entries = IndexMap::new();
        for Entry { section, decl } in self.inherited_first() {
            let mapping = of(decl);
            if mapping.is_null() {
                entries.clear();
            }
            for (at, (key, value)) in mapping.iter().enumerate() {
                if value.is_null() {
                    entries.shift_remove(key.as_str());
                } else {
                    let origin = Origin::field(section, field).item(at);
                    entries.insert(key.as_str(), (origin, &**value));
                }
            }
        }
        entries
    }
}

pub(super) fn kind<'a>(
    findings: &mut Findings<'_>,
    ground: &Ground<'a>,
    section: Section,
    decl: &ServiceDecl,
) -> Option<Entry<'a>> {
    let name = decl.kind.as_deref()?;
    let found = ground.decl.kinds.get_full(name);
    if found.is_none() {
        let known = ground.decl.kinds.keys().map(String::as_str);
        findings.unknown(
            &code::UNKNOWN_KIND,
            Origin::field(section, "kind"),
            "kind",
            name,
            known,
        );
    }
    found.map(|(position, _, decl)| Entry {
        section: Section::Kinds(position.into()),
        decl,
    })
}
