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
use super::schema::{FleetDecl, RequirementSetDecl, ServiceDecl};
use crate::diagnostic::{Code, DeclPath, Diagnostic, Location, Spot, bounded, code};

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
pub struct IncludedDecl {
    /// Named sets of pip requirements.
    pub requirements: IndexMap<String, Flexible<RequirementSetDecl>>,
    /// The services, by name.
    pub services: Option<IndexMap<String, Box<ServiceDecl>>>,
}

/// A path pattern below the root: `*` stands for any characters of a name and `?` for one, but for
/// a leading dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Pattern(Vec<String>);

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// In which way it could lead out of the root or is no pattern of YAML files.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        if text.starts_with('/') || text.contains('\\') {
            return Err("write it with `/`, from the folder of services.yaml on");
        }
        if text.chars().any(char::is_control) {
            return Err("it has a control character");
        }
        let names: Vec<String> = text
            .strip_prefix("./")
            .unwrap_or(text)
            .split('/')
            .map(str::to_owned)
            .collect();
        if names
            .iter()
            .any(|name| matches!(name.as_str(), "" | "." | ".."))
        {
            return Err("its parts must be names: no `..`, no `.` and no empty one");
        }
        if names.iter().any(|name| name.starts_with('.')) {
            return Err("no part of it may begin with a dot; write one such as services.d/*.yaml");
        }
        if names.iter().any(|name| name.contains("**")) {
            return Err("`**` is not known; write `*` for each folder on the way");
        }
        let is_yaml = names
            .last()
            .is_some_and(|name| [".yaml", ".yml"].iter().any(|end| name.ends_with(end)));
        if is_yaml {
            Ok(Self(names))
        } else {
            Err("it must end in .yaml or .yml; write one such as services.d/*.yaml")
        }
    }

    /// The folder below the root that everything it can match lies in; empty for the root itself.
    #[must_use]
    pub fn folder(&self) -> String {
        let above = self.0.split_last().map_or(&[][..], |(_, above)| above);
        let fixed: Vec<&str> = above
            .iter()
            .take_while(|name| !is_wild(name))
            .map(String::as_str)
            .collect();
        fixed.join("/")
    }

    /// Whether a file of a name is one that it means, in a folder so many levels below the root
    /// that matches so far.
    #[must_use]
    pub fn means_file(&self, level: usize, name: &str) -> bool {
        level + 1 == self.0.len() && self.0.last().is_some_and(|last| is_match(last, name))
    }

    /// Whether it means something below a folder of a name, likewise.
    #[must_use]
    pub fn leads_into(&self, level: usize, name: &str) -> bool {
        level + 1 < self.0.len()
            && self
                .0
                .get(level)
                .is_some_and(|pattern| is_match(pattern, name))
    }

    /// The one path that it means, where it has no wildcard.
    #[must_use]
    pub fn single(&self) -> Option<String> {
        self.0
            .iter()
            .all(|name| !is_wild(name))
            .then(|| self.0.join("/"))
    }

    /// Whether it means a path.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        self.matches_names(&path.split('/').collect::<Vec<_>>())
    }

    /// The same for a path in its parts.
    fn matches_names(&self, names: &[&str]) -> bool {
        names.len() == self.0.len()
            && self
                .0
                .iter()
                .zip(names)
                .all(|(pattern, name)| is_match(pattern, name))
    }

    /// Whether it can mean something below a folder; the empty path is the root.
    #[must_use]
    pub fn reaches_into(&self, folder: &str) -> bool {
        let names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
        names.len() < self.0.len()
            && self
                .0
                .iter()
                .zip(names)
                .all(|(pattern, name)| is_match(pattern, name))
    }
}

fn is_wild(name: &str) -> bool {
    name.contains(['*', '?'])
}

/// Whether a name matches. On a mismatch only the last `*` takes one character more, so the cost is
/// bounded by the product of lengths.
fn is_match(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') != pattern.starts_with('.') {
        return false;
    }
    if !is_wild(pattern) {
        return pattern == name;
    }
    // Most names are told apart by their ends.
    let ends = (
        pattern.split(['*', '?']).next(),
        pattern.rsplit(['*', '?']).next(),
    );
    if !name.starts_with(ends.0.unwrap_or_default()) || !name.ends_with(ends.1.unwrap_or_default())
    {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut reached) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while let Some(character) = name.get(reached) {
        match pattern.get(at) {
            Some('*') => {
                last_star = Some((at + 1, reached));
                at += 1;
            }
            Some(one) if one == character || *one == '?' => {
                at += 1;
                reached += 1;
            }
            _ => {
                let Some((after, taken)) = last_star else {
                    return false;
                };
                last_star = Some((after, taken + 1));
                (at, reached) = (after, taken + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

/// The files of a declaration beside services.yaml, and which of them holds each entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Included {
    /// The patterns, as far as they could be read, each once.
    patterns: IndexSet<Pattern>,
    files: Vec<String>,
    requirements: Entries,
    services: Entries,
}

/// Where the entries of a section come from: first those of services.yaml, then, file by file,
/// those of included ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Entries {
    /// How many services.yaml itself has.
    own: usize,
    /// The file and the position there of each further one.
    further: Vec<(usize, usize)>,
}

impl Included {
    /// The included files, in order.
    #[must_use]
    pub fn files(&self) -> &[String] {
        &self.files
    }

    /// Whether a path is one that the patterns mean, be it there or not.
    #[must_use]
    pub fn covers(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        self.patterns
            .iter()
            .any(|pattern| pattern.matches_names(&path))
    }

    /// Whether the patterns can mean something below a folder.
    #[must_use]
    pub fn reaches_into(&self, folder: &str) -> bool {
        self.patterns
            .iter()
            .any(|pattern| pattern.reaches_into(folder))
    }

    /// The included file that holds a service and its position there; `None` for one of
    /// services.yaml itself.
    #[must_use]
    pub fn service(&self, position: usize) -> Option<(&str, usize)> {
        self.place(&self.services, position)
    }

    /// The same for a requirement set.
    #[must_use]
    pub fn requirement(&self, position: usize) -> Option<(&str, usize)> {
        self.place(&self.requirements, position)
    }

    fn place(&self, entries: &Entries, position: usize) -> Option<(&str, usize)> {
        let (file, local) = entries.further.get(position.checked_sub(entries.own)?)?;
        Some((self.files.get(*file)?, *local))
    }
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
pub fn patterns(decl: &FleetDecl) -> &IndexSet<Pattern> {
    &decl.included.patterns
}

/// Says of patterns that no file matches them. `matched` tells whether one has a file.
#[must_use]
pub fn without_match(
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
        let help = "paths count from the folder of services.yaml; `*` stops at `/` and does not \
         match a leading dot";
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

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(path)
    }

    #[test]
    fn a_star_stops_at_a_slash_and_at_a_leading_dot() {
        assert!(matches("services.d/*.yaml", "services.d/payments.yaml"));
        assert!(matches(
            "./teams/*/s?rvices-*-*.yml",
            "teams/a/services-x-y-z.yml"
        ));
        for path in [
            "services.d/a/b.yaml",
            "services.d/.a.yaml",
            "services.d/a.yml",
            "services.d/.yaml",
            "a.yaml",
        ] {
            assert!(!matches("services.d/*.yaml", path), "{path}");
        }
        assert!(!matches(
            &format!("{}b.yaml", "a*".repeat(40)),
            &format!("{}.yaml", "a".repeat(200))
        ));
    }

    #[test]
    fn a_pattern_knows_where_to_look() {
        let at = |text: &str| {
            Pattern::parse(text)
                .map(|pattern| pattern.folder())
                .unwrap()
        };
        assert_eq!(
            [at("a/b/*.yaml"), at("a/*/b/*.yaml"), at("*.yaml")],
            ["a/b", "a", ""]
        );
        let pattern = Pattern::parse("a/*/b/x*.yaml").unwrap();
        assert!(
            pattern.leads_into(1, "c")
                && pattern.leads_into(2, "b")
                && pattern.means_file(3, "x.yaml")
        );
        assert!(
            !pattern.leads_into(1, ".c")
                && !pattern.leads_into(2, "c")
                && !pattern.leads_into(3, "x.yaml")
        );
        assert!(!pattern.means_file(3, "y.yaml") && !pattern.means_file(2, "x.yaml"));
        assert_eq!(
            Pattern::parse("a/b.yaml").unwrap().single().as_deref(),
            Some("a/b.yaml")
        );
    }

    #[test]
    fn no_pattern_leads_out_of_the_root() {
        for text in [
            "/a.yaml",
            ".a.yaml",
            ".a/b.yaml",
            "./.a/b.yaml",
            "a/.b.yaml",
            "a/.*.yml",
            "../a.yaml",
            "a/../b.yaml",
            "",
            "a//b.yaml",
            "a",
            "a/**/b.yaml",
            "a\\b.yaml",
            "a\n.yaml",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text:?}");
        }
    }
}
