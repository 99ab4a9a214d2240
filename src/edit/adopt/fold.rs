//! What services have in common, said once: `defaults` and kinds.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Draft;
use super::node::Node;

/// Fields that are joined with what is inherited, item by item.
const JOINED: [&str; 12] = [
    "shared",
    "copy",
    "ignore",
    "apt",
    "apt_build",
    "apk",
    "apk_build",
    "pip",
    "dirs",
    "volumes",
    "groups",
    "run",
];
/// Fields that are merged by key.
const MERGED: [&str; 2] = ["env", "labels"];
/// Fields that a kind says, beside those that all services share.
const OF_KINDS: [&str; 9] = [
    "from",
    "python",
    "target",
    "workdir",
    "healthcheck",
    "user",
    "install",
    "role",
    "cmd",
];

/// Fields with one value, which `null` takes back.
const VALUES: [&str; 10] = [
    "cmd",
    "port",
    "python",
    "target",
    "workdir",
    "user",
    "home",
    "stop_signal",
    "entrypoint",
    "install",
];

/// Fields by name.
pub(super) type Fields = BTreeMap<&'static str, Node>;

/// A proposal with what is common in one place.
#[derive(Debug, Clone, Default)]
pub(super) struct Folded {
    pub(super) defaults: Fields,
    pub(super) kinds: BTreeMap<String, Fields>,
    pub(super) services: Vec<(String, Option<String>, Fields)>,
    /// The bases, which inherit nothing from these.
    pub(super) bases: Vec<(String, Fields)>,
    /// Names that kinds must not have.
    taken: BTreeSet<String>,
}

impl Folded {
    /// Each service as it is.
    pub(super) fn plain(drafts: &[Draft]) -> Self {
        let (bases, services): (Vec<&Draft>, Vec<&Draft>) =
            drafts.iter().partition(|draft| draft.is_base);
        let services = services.into_iter();
        let bases = bases.into_iter();
        let mut kinds = BTreeMap::new();
        let entry = |draft: &Draft| {
            let mut fields = draft.fields.clone();
            let kind = match fields.remove("kind") {
                Some(Node::Text(kind)) => Some(kind),
                _ => None,
            };
            kinds.extend(kind.clone().map(|kind| (kind, Fields::new())));
            (draft.name.clone(), kind, fields)
        };
        Self {
            services: services.map(entry).collect(),
            kinds,
            bases: bases
                .map(|draft| (draft.name.clone(), draft.fields.clone()))
                .collect(),
            ..Self::default()
        }
    }

    /// What is common goes to `defaults`, what groups have in common to kinds.
    pub(super) fn of(drafts: &[Draft]) -> Self {
        let mut folded = Self::plain(drafts);
        for (name, _, fields) in &mut folded.services {
            with_placeholders(name, fields);
        }
        if !folded.kinds.is_empty() {
            folded.fill();
        } else if folded.services.len() > 1 {
            folded.lift();
            folded.group();
        }
        folded
    }

    /// What all services of a kind that is known say goes there.
    fn fill(&mut self) {
        for (name, shared) in &mut self.kinds {
            let is_its =
                |(_, kind, _): &&mut (String, Option<String>, Fields)| kind.as_ref() == Some(name);
            let mut its: Vec<_> = self.services.iter_mut().filter(is_its).collect();
            let Some((_, _, first)) = its.first() else {
                continue;
            };
            let is_common = |(field, node): &(&&'static str, &Node)| {
                let has = |(_, _, fields): &&mut (String, Option<String>, Fields)| {
                    fields.get(**field) == Some(*node)
                };
                !JOINED.contains(*field) && its.iter().all(has)
            };
            let common = first.iter().filter(is_common);
            *shared = common.map(|(field, node)| (*field, node.clone())).collect();
            for (_, _, fields) in &mut its {
                fields.retain(|field, _| !shared.contains_key(field));
            }
        }
    }

    /// The same beside a declaration with these kinds and fields of `defaults`: what it inherits is
    /// taken back, and what is common goes to new kinds alone.
    pub(super) fn beside(
        drafts: &[Draft],
        (kinds, defaults): (&BTreeSet<String>, &BTreeSet<String>),
        groups: bool,
    ) -> Self {
        let mut folded = Self {
            taken: kinds.clone(),
            ..Self::plain(drafts)
        };
        for (name, _, fields) in &mut folded.services {
            for field in VALUES.into_iter().filter(|field| defaults.contains(*field)) {
                fields.entry(field).or_insert(Node::Null);
            }
            if groups {
                with_placeholders(name, fields);
            }
        }
        if groups && drafts.len() > 1 {
            folded.group();
        }
        folded
    }

    fn lift(&mut self) {
        let names: BTreeSet<&'static str> = self
            .services
            .iter()
            .flat_map(|(_, _, fields)| fields.keys().copied())
            .collect();
        for field in names {
            if JOINED.contains(&field) {
                self.lift_items(field);
            } else if MERGED.contains(&field) {
                self.lift_entries(field);
            } else {
                self.lift_value(field);
            }
        }
    }

    /// The value that most services have; the others say theirs, or take it back.
    fn lift_value(&mut self, field: &'static str) {
        let mut counts: BTreeMap<&Node, usize> = BTreeMap::new();
        for (_, _, fields) in &self.services {
            if let Some(node) = fields.get(field) {
                *counts.entry(node).or_default() += 1;
            }
        }
        let Some((value, count)) = counts.into_iter().max_by_key(|(_, count)| *count) else {
            return;
        };
        if count < 2 || count * 2 <= self.services.len() || field == "port" && count < 3 {
            return;
        }
        let value = value.clone();
        for (_, _, fields) in &mut self.services {
            match fields.get(field) {
                Some(own) if *own == value => drop(fields.remove(field)),
                Some(_) => {}
                None => drop(fields.insert(field, Node::Null)),
            }
        }
        self.defaults.insert(field, value);
    }

    /// The items that begin every service's list.
    fn lift_items(&mut self, field: &'static str) {
        let lists: Vec<Vec<Node>> = self
            .services
            .iter()
            .map(|(_, _, fields)| {
                fields
                    .get(field)
                    .map(|node| node.items().to_vec())
                    .unwrap_or_default()
            })
            .collect();
        let Some(first) = lists.first() else { return };
        let common: Vec<Node> = first
            .iter()
            .filter(|item| lists.iter().all(|list| list.contains(item)))
            .cloned()
            .collect();
        if common.is_empty() {
            return;
        }
        for (_, _, fields) in &mut self.services {
            let Some(node) = fields.remove(field) else {
                continue;
            };
            let rest: Vec<Node> = node
                .items()
                .iter()
                .filter(|item| !common.contains(item))
                .cloned()
                .collect();
            if !rest.is_empty() {
                fields.insert(field, Node::List(rest));
            }
        }
        self.defaults.insert(field, Node::List(common));
    }

    /// The entries that every service has.
    fn lift_entries(&mut self, field: &'static str) {
        let entries = |fields: &Fields| match fields.get(field) {
            Some(Node::Map(entries)) => entries.clone(),
            _ => Vec::new(),
        };
        let Some((_, _, first)) = self.services.first() else {
            return;
        };
        let has_all = |entry: &(String, Node)| {
            self.services
                .iter()
                .all(|(_, _, fields)| entries(fields).contains(entry))
        };
        let common: Vec<(String, Node)> = entries(first).into_iter().filter(has_all).collect();
        if common.is_empty() {
            return;
        }
        for (_, _, fields) in &mut self.services {
            let rest: Vec<(String, Node)> = entries(fields)
                .into_iter()
                .filter(|entry| !common.contains(entry))
                .collect();
            fields.remove(field);
            if !rest.is_empty() {
                fields.insert(field, Node::Map(rest));
            }
        }
        self.defaults.insert(field, Node::Map(common));
    }

    /// Services that say the same of several fields become a kind.
    fn group(&mut self) {
        let mut groups: BTreeMap<Vec<(&'static str, Node)>, Vec<usize>> = BTreeMap::new();
        for (at, (_, _, fields)) in self.services.iter().enumerate() {
            let own: Vec<(&'static str, Node)> = OF_KINDS
                .into_iter()
                .filter_map(|field| Some((field, fields.get(field)?.clone())))
                .collect();
            if own.len() > 1 {
                groups.entry(own).or_default().push(at);
            }
        }
        let mut groups: Vec<_> = groups.into_iter().filter(|(_, of)| of.len() > 1).collect();
        groups.sort_by_key(|(_, of)| of.first().copied());
        for (fields, of) in groups {
            let name = self.kind_name(&fields);
            for at in of {
                if let Some((_, kind, own)) = self.services.get_mut(at) {
                    *kind = Some(name.clone());
                    for (field, _) in &fields {
                        own.remove(field);
                    }
                }
            }
            self.kinds.insert(name, fields.into_iter().collect());
        }
    }

    fn kind_name(&self, fields: &[(&'static str, Node)]) -> String {
        let said = |field: &str| {
            fields
                .iter()
                .find(|(name, _)| *name == field)
                .map(|(_, node)| node)
        };
        let first = match (said("role"), said("from"), said("python")) {
            (Some(Node::Text(role)), _, _) => role.clone(),
            (_, Some(Node::Text(from)), _) => from.clone(),
            (_, _, Some(Node::Text(python))) => format!("python-{}", python.replace('.', "-")),
            _ => "service".to_owned(),
        };
        let (mut name, mut number) = (first.clone(), 1);
        while self.kinds.contains_key(&name) || self.taken.contains(&name) {
            number += 1;
            name = format!("{first}-{number}");
        }
        name
    }
}

/// The service's own words where `defaults` could say the same for all: `{name}`, `{source}` and
/// `{port}`.
fn with_placeholders(name: &str, fields: &mut Fields) {
    let source = match fields.get("source") {
        Some(Node::Text(source)) if source != "." && source != "none" => Some(source.clone()),
        _ => None,
    };
    if let Some(source) = &source {
        for field in ["install", "copy"] {
            if let Some(node) = fields.get_mut(field) {
                replace(node, &|text| inside(text, source));
            }
        }
    }
    if let Some(Node::Number(port)) = fields.get("port").cloned()
        && let Some(node) = fields.get_mut("cmd")
    {
        replace(node, &|text| with_port(text, &port.to_string()));
    }
    if let Some(Node::Text(text)) = fields.get_mut("source") {
        let module = name.replace(['-', '.'], "_");
        let names: Vec<&str> = text.split('/').collect();
        let filled: Vec<&str> = names
            .into_iter()
            .map(|part| match part {
                part if part == name => "{name}",
                part if part == module => "{module}",
                part => part,
            })
            .collect();
        *text = filled.join("/");
    }
}

fn replace(node: &mut Node, change: &dyn Fn(&str) -> Option<String>) {
    match node {
        Node::Text(text) => {
            if let Some(new) = change(text) {
                *text = new;
            }
        }
        Node::List(items) => items.iter_mut().for_each(|item| replace(item, change)),
        Node::Map(entries) => entries
            .iter_mut()
            .for_each(|(_, value)| replace(value, change)),
        Node::Null | Node::Yes | Node::No | Node::Number(_) => {}
    }
}

fn inside(text: &str, source: &str) -> Option<String> {
    let rest = text.strip_prefix(source)?;
    (rest.is_empty() || rest.starts_with('/')).then(|| format!("{{source}}{rest}"))
}

/// A command in which the port is the service's own.
fn with_port(text: &str, port: &str) -> Option<String> {
    let at = text.find(port)?;
    let before = text.get(..at)?.chars().next_back();
    let after = text.get(at + port.len()..)?.chars().next();
    let is_digit = |character: Option<char>| character.is_some_and(|c| c.is_ascii_digit());
    let is_alone = !is_digit(before) && !is_digit(after) && text.matches(port).count() == 1;
    is_alone.then(|| text.replacen(port, "{port}", 1))
}
