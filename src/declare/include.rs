//! Files that services.yaml includes: which ones its patterns mean, and how their entries join its
//! own.
//!
//! Included files come in the order of their paths, whatever the order of the patterns or of the
//! file system's listing, so that the same files always stand for the same fleet.

use indexmap::map::Entry as Slot;
use indexmap::{IndexMap, IndexSet};
use schemars::JsonSchema;
use serde::Deserialize;

use super::flexible::Flexible;
use super::included::Entries;
use super::schema::{FleetDecl, RequirementSetDecl, ServiceDecl};
use crate::diagnostic::{Code, DeclPath, Diagnostic, Location, Spot, bounded, code};

mod pattern;

pub(crate) use pattern::Pattern;

/// How many different patterns with wildcards there may be: each is held against the entries of its
/// folders.
const WILD_LIMIT: usize = 100;

/// What a file holds that services.yaml includes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(
    deny_unknown_fields,
    title = "a file that dockwright's services.yaml includes"
)]
pub(crate) struct IncludedDecl {
    /// Named sets of pip requirements. `requirements: { base: [fastapi, httpx] }`
    pub(crate) requirements: IndexMap<String, Flexible<RequirementSetDecl>>,
    /// The services, by name. `services: { svc-api: { kind: web, port: 8000 } }`
    pub(crate) services: Option<IndexMap<String, Box<ServiceDecl>>>,
}

/// Reads the patterns of a declaration into it; what is wrong with them is given back.
pub(super) fn read_patterns(file: &str, decl: &mut FleetDecl) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    let mut wild = 0;
    for (position, text) in decl.include.iter().enumerate() {
        match Pattern::parse(text) {
            Ok(pattern) => {
                let is_wild = pattern.single().is_none();
                wild += usize::from(decl.included.patterns.insert(pattern) && is_wild);
                if wild > WILD_LIMIT {
                    let message =
                        format!("more than {WILD_LIMIT} different patterns with `*` or `?`");
                    found.push(at_pattern(&code::LIST_TOO_LONG, file, position, message));
                    break;
                }
            }
            Err(reason) => {
                found.push(at_pattern(
                    &code::INVALID_INCLUDE,
                    file,
                    position,
                    format!("`{}`: {reason}", &**text),
                ));
            }
        }
    }
    bounded(found)
}

/// The patterns of a declaration, as far as they could be read.
#[must_use]
pub(crate) fn patterns(decl: &FleetDecl) -> &IndexSet<Pattern> {
    &decl.included.patterns
}

/// Says of patterns that no file matches them. `matched` tells whether one has a file.
#[must_use]
pub(crate) fn without_match(
    file: &str,
    decl: &FleetDecl,
    matched: impl Fn(&Pattern) -> bool,
) -> Vec<Diagnostic> {
    let texts = decl.include.iter().enumerate();
    let readable =
        texts.filter_map(|(position, text)| Some((position, text, Pattern::parse(text).ok()?)));
    let missing = readable.filter(|(_, _, pattern)| !matched(pattern));
    let say = |(position, text, _): (usize, &super::Text, _)| {
        let message = format!("no file matches `{}`", &**text);
        let help = "paths are relative to the folder of services.yaml; `*` stops at `/` and does \
         not match a leading dot";
        at_pattern(&code::INCLUDE_WITHOUT_MATCH, file, position, message).with_help(help)
    };
    bounded(missing.map(say).collect())
}

fn at_pattern(code: &'static Code, file: &str, position: usize, message: String) -> Diagnostic {
    let spot = Spot::Value(DeclPath::of(&["include"]).index(position));
    Diagnostic::new(
        code,
        Location {
            file: file.to_owned(),
            spot,
        },
        message,
    )
}

/// Adds the entries of included files, which stand in the order of their paths. A name that is
/// taken keeps its first entry. `place` turns a location into text.
pub(super) fn join(
    file: &str,
    decl: &mut FleetDecl,
    included: Vec<(String, IncludedDecl)>,
    place: &dyn Fn(&Location) -> String,
) -> Vec<Diagnostic> {
    let FleetDecl {
        requirements,
        services,
        included: whole,
        ..
    } = decl;
    let mut found = Vec::new();
    whole.requirements.own = requirements.len();
    whole.services.own = services.as_ref().map_or(0, IndexMap::len);
    for (number, (name, part)) in included.into_iter().enumerate() {
        whole.files.push(name);
        let (files, sets) = (&whole.files, &mut whole.requirements);
        let section = Section {
            name: "requirements",
            main: file,
            files,
            number,
            place,
        };
        found.extend(section.add(requirements, sets, part.requirements));
        if let Some(entries) = part.services {
            let section = Section {
                name: "services",
                ..section
            };
            found.extend(section.add(
                services.get_or_insert_default(),
                &mut whole.services,
                entries,
            ));
        }
    }
    bounded(found)
}

/// A section of an included file, on its way into the whole.
struct Section<'a> {
    name: &'static str,
    main: &'a str,
    files: &'a [String],
    number: usize,
    place: &'a dyn Fn(&Location) -> String,
}

impl Section<'_> {
    fn add<T>(
        &self,
        whole: &mut IndexMap<String, T>,
        entries: &mut Entries,
        part: IndexMap<String, T>,
    ) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        whole.reserve(part.len());
        for (local, (name, entry)) in part.into_iter().enumerate() {
            match whole.entry(name) {
                Slot::Vacant(slot) => {
                    slot.insert(entry);
                    entries.further.push((self.number, local));
                }
                Slot::Occupied(slot) => {
                    found.push(self.twice(entries, slot.index(), slot.key(), local));
                }
            }
        }
        found
    }

    fn twice(&self, entries: &Entries, first: usize, name: &str, local: usize) -> Diagnostic {
        let earlier = first
            .checked_sub(entries.own)
            .and_then(|at| entries.further.get(at));
        let (file, position) = match earlier {
            Some((number, position)) => (
                self.files.get(*number).map_or("", String::as_str),
                *position,
            ),
            None => (self.main, first),
        };
        let first = (self.place)(&self.key(file, position));
        let message = format!(
            "`{}.{name}` is declared a second time; it is also at {first}",
            self.name
        );
        let here = self.key(
            self.files.get(self.number).map_or("", String::as_str),
            local,
        );
        Diagnostic::new(&code::DUPLICATE_DECLARATION, here, message)
            .with_help("rename one or delete it")
    }

    fn key(&self, file: &str, position: usize) -> Location {
        Location {
            file: file.to_owned(),
            spot: Spot::Key(DeclPath::of(&[self.name]).index(position)),
        }
    }
}
