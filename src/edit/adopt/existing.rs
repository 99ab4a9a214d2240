//! A services.yaml that is there already: what it declares, and its text with more entries. Every
//! byte that a person wrote stays.

use std::collections::{BTreeMap, BTreeSet};

use super::find::Original;
use super::fold::Folded;
use super::node::Node;
use super::parent::Images;
use super::text::{Allowances, Header, block_entry, flow_entry, image_entry};
use super::trial::{FailedRules, failed_rules};
use crate::artifact::lies_in;
use crate::diagnostic::DeclPath;
use crate::fleet::Fleet;
use crate::project::Loaded;
use crate::render::dockerfile_path;
use crate::yaml::{
    Entry, Id, Kind, NewValue, Splice, Tree, append_item, insert, line_end, read, scalar, spliced,
};

/// The name of an entry that is made, until the text of others takes its place. Where names are in
/// order it is the last.
const HOLDER: &str = "zzzz-adopted-entries";

/// What a declaration holds already.
#[derive(Debug, Clone)]
pub struct Existing {
    text: String,
    /// The fleet's version of Python.
    pub(super) python: String,
    /// The services with the folders of their sources.
    services: BTreeMap<String, Option<String>>,
    /// The names of all images.
    names: BTreeSet<String>,
    /// Their Dockerfiles.
    dockerfiles: BTreeSet<String>,
    /// The names of kinds.
    pub(super) kinds: BTreeSet<String>,
    /// The fields that `defaults` has.
    pub(super) defaults: BTreeSet<String>,
    /// The external images.
    pub(super) images: BTreeMap<String, Node>,
    /// The rules that fail already.
    pub(super) failed: FailedRules,
}

impl Existing {
    /// What a declaration without errors holds.
    #[must_use]
    pub(crate) fn of(loaded: &Loaded, fleet: &Fleet) -> Self {
        let text = loaded.text().to_owned();
        let tree = read(text.as_bytes()).expect("a declaration with a fleet was read");
        let entries = |section: &str| -> Vec<Entry> {
            let found = tree.root().and_then(|root| tree.entry(root, section));
            found.map_or_else(Vec::new, |found| tree.entries(found.value).collect())
        };
        let name = |entry: &Entry| tree.value(entry.key).to_owned();
        let names = |section: &str| entries(section).iter().map(name).collect();
        let services = fleet.images.iter().filter_map(|image| {
            let source = image.service()?.source.as_ref();
            let source = source.map(|source| source.value.clone());
            Some((image.name.to_string(), source))
        });
        let images = entries("images");
        let images = images
            .iter()
            .map(|entry| (name(entry), node(&tree, entry.value)));
        Self {
            python: fleet.python.value.to_string(),
            services: services.collect(),
            names: fleet
                .images
                .iter()
                .map(|image| image.name.to_string())
                .collect(),
            dockerfiles: fleet.images.iter().map(dockerfile_path).collect(),
            kinds: names("kinds"),
            defaults: names("defaults"),
            images: images.collect(),
            failed: failed_rules(fleet),
            text,
        }
    }

    /// How many images it declares.
    #[must_use]
    pub(crate) fn images(&self) -> usize {
        self.names.len()
    }

    /// The text as it is.
    #[must_use]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether a Dockerfile is one of its own.
    pub(super) fn is_own(&self, path: &str) -> bool {
        self.dockerfiles.contains(path)
    }

    /// Whether a name is taken.
    pub(super) fn has(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether the service of this name is an original's: it has no sources of its own, or they lie
    /// where the original does or where it takes its own from.
    pub(super) fn declares(&self, name: &str, original: &Original, source: Option<&str>) -> bool {
        let Some(of_service) = self.services.get(name) else {
            return false;
        };
        let folder = original
            .path
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder);
        of_service.as_deref().is_none_or(|own| {
            own == "." || source == Some(own) || lies_in(own, folder) || lies_in(folder, own)
        })
    }

    /// The text with everything that is proposed; nothing where a section is written so that
    /// entries have no certain place.
    pub(super) fn extended(
        &self,
        header: &Header,
        images: &Images,
        folded: &Folded,
        allowances: &Allowances,
    ) -> Option<String> {
        let mut text = self.text.clone();
        for (tool, version) in &header.tools {
            text = with_tool(&text, tool, version)?;
        }
        let entries = |written: Vec<(String, String)>| -> (String, Vec<String>) {
            written.into_iter().unzip()
        };
        let images = images
            .entries()
            .map(|(name, node)| image_entry(name, node))
            .collect();
        let kinds = folded.kinds.iter();
        let kinds = kinds.map(|(name, own)| (block_entry(name, own), flow_entry(name, own)));
        let services = folded.services.iter().map(|(name, kind, own)| {
            let mut own = own.clone();
            own.extend(kind.as_ref().map(|kind| ("kind", Node::text(kind))));
            (block_entry(name, &own), flow_entry(name, &own))
        });
        for (section, written) in [
            ("images", images),
            ("kinds", kinds.collect()),
            ("services", services.collect()),
        ] {
            let (lines, flow) = entries(written);
            text = with_entries(&text, section, &lines, &flow)?;
        }
        for allowance in allowances {
            text = with_allowance(&text, &allowance.flow())?;
        }
        Some(text)
    }
}

/// A value as it was read.
fn node(tree: &Tree, id: Id) -> Node {
    let items = || tree.children(id).map(|item| node(tree, item)).collect();
    let entry = |entry: Entry| (tree.value(entry.key).to_owned(), node(tree, entry.value));
    match tree.kind(id) {
        Kind::Items { .. } => Node::List(items()),
        Kind::Entries { .. } => Node::Map(tree.entries(id).map(entry).collect()),
        _ => match tree.plain(id).map(str::parse) {
            Some(Ok(number)) => Node::Number(number),
            _ => Node::text(tree.value(id)),
        },
    }
}

/// The text with the version of a tool, where it has none.
fn with_tool(text: &str, tool: &str, version: &Node) -> Option<String> {
    let tree = read(text.as_bytes()).ok()?;
    if tree.holds(&DeclPath::of(&["tools", tool])) {
        return Some(text.to_owned());
    }
    let written = format!("{}: {}", scalar(tool), version.flow());
    with_entries(text, "tools", &format!("  {written}\n"), &[written])
}

/// The text with entries at the end of a section, which is made where it is not there. `lines` are
/// indented by two blanks, `flow` is the same in braces.
fn with_entries(text: &str, section: &str, lines: &str, flow: &[String]) -> Option<String> {
    if flow.is_empty() {
        return Some(text.to_owned());
    }
    let tree = read(text.as_bytes()).ok()?;
    let root = tree.root()?;
    let Some(entry) = tree.entry(root, section) else {
        return at_the_end(&tree, &format!("{section}:\n{lines}"));
    };
    let is_flow = tree.kind(entry.value) == (Kind::Entries { flow: true });
    let is_empty = is_flow && tree.entries(entry.value).next().is_none();
    if is_empty && !tree.is_tied(entry.value) && tree.kind(root) != (Kind::Entries { flow: true }) {
        let (start, end) = tree.bytes(entry.value);
        let start = start - (text.get(..start)?.len() - text.get(..start)?.trim_end().len());
        let text_of = format!("\n{}", lines.trim_end());
        let text_of = text_of.replace('\n', line_end(text));
        return spliced(
            text,
            &[Splice {
                start,
                end,
                text: text_of,
            }],
        );
    }
    let made = spliced(
        text,
        &insert(&tree, &[section], HOLDER, &NewValue::Number(0), None)?,
    )?;
    let at = made.find(HOLDER)?;
    let start = made.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
    let indent = made.get(start..at)?;
    let holder = format!("{HOLDER}: 0");
    if !indent.bytes().all(|byte| byte == b' ') {
        return Some(made.replacen(&holder, &flow.join(", "), 1));
    }
    let lines = lines.trim_end().lines().map(|line| {
        let line = line.strip_prefix("  ").unwrap_or(line);
        format!("{indent}{line}")
    });
    let lines: Vec<String> = lines.collect();
    let written = lines.join(line_end(text));
    Some(made.replacen(&format!("{indent}{holder}"), &written, 1))
}

/// The text with one more entry of `policy.allowances`.
fn with_allowance(text: &str, written: &str) -> Option<String> {
    let tree = read(text.as_bytes()).ok()?;
    let policy = tree.entry(tree.root()?, "policy");
    let Some(policy) = policy else {
        return at_the_end(&tree, &format!("policy:\n  allowances:\n    - {written}\n"));
    };
    if let Some(allowances) = tree.entry(policy.value, "allowances") {
        return spliced(text, &[append_item(&tree, allowances.value, written)?]);
    }
    let holder = NewValue::List(vec![HOLDER.to_owned()]);
    let made = spliced(
        text,
        &insert(&tree, &["policy"], "allowances", &holder, None)?,
    )?;
    Some(made.replacen(HOLDER, written, 1))
}

/// The text with a new section behind everything.
fn at_the_end(tree: &Tree, section: &str) -> Option<String> {
    let text = tree.text();
    if tree.kind(tree.root()?) != (Kind::Entries { flow: false }) {
        return None;
    }
    let line_end = line_end(text);
    let between = if text.ends_with('\n') { "" } else { line_end };
    Some(format!(
        "{text}{between}{line_end}{}",
        section.replace('\n', line_end)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(text: &str) -> Option<String> {
        with_entries(
            text,
            "services",
            "  a: { port: 1 }\n  b:\n    port: 2\n",
            &["a: { port: 1 }".to_owned(), "b: { port: 2 }".to_owned()],
        )
    }

    #[test]
    fn entries_go_to_the_end_of_their_section_and_nothing_else_changes() {
        for (before, after) in [
            (
                "x: 1\n",
                "x: 1\n\nservices:\n  a: { port: 1 }\n  b:\n    port: 2\n",
            ),
            (
                "x: 1",
                "x: 1\n\nservices:\n  a: { port: 1 }\n  b:\n    port: 2\n",
            ),
            (
                "services: {} # none\nx: 1\n",
                "services:\n  a: { port: 1 }\n  b:\n    port: 2 # none\nx: 1\n",
            ),
            (
                "services:\n    # of x\n    x: { port: 3 } # x\n# end\ny: 1\n",
                "services:\n    # of x\n    x: { port: 3 } # x\n    a: { port: 1 }\n    b:\n      \
                 port: 2\n# end\ny: 1\n",
            ),
            (
                "services: { x: { port: 3 } }\n",
                "services: { x: { port: 3 }, a: { port: 1 }, b: { port: 2 } }\n",
            ),
            (
                "services:\r\n  x: { port: 3 }\r\n",
                "services:\r\n  x: { port: 3 }\r\n  a: { port: 1 }\r\n  b:\r\n    port: 2\r\n",
            ),
        ] {
            assert_eq!(with(before).as_deref(), Some(after), "{before}");
        }
        assert_eq!(with("{ x: 1 }"), None);
        assert_eq!(with("services: [a]\n"), None);
    }

    #[test]
    fn an_allowance_goes_where_others_are() {
        let one = "{ rule: x }";
        for (before, after) in [
            (
                "a: 1\n",
                "a: 1\n\npolicy:\n  allowances:\n    - { rule: x }\n",
            ),
            (
                "policy:\n  allowances:\n    - { rule: y } # y\n",
                "policy:\n  allowances:\n    - { rule: y } # y\n    - { rule: x }\n",
            ),
        ] {
            assert_eq!(
                with_allowance(before, one).as_deref(),
                Some(after),
                "{before}"
            );
        }
        let made = with_allowance("policy:\n  rules: { z: off }\n", one).unwrap();
        assert!(made.contains("allowances: [{ rule: x }]"), "{made}");
    }
}
