//! From a symbolic path to the bytes of services.yaml: a second pass over the events, paid for only where something is to be pointed at.

use saphyr_parser::{Event, Parser, Span};

use super::offsets::Offsets;
use crate::diagnostic::{DeclPath, Spot, Step};

/// A document as a tree of byte ranges.
#[derive(Debug)]
pub struct SpanTree(Node);

/// A range of bytes: start and the byte after the end.
pub type ByteRange = (usize, usize);

#[derive(Debug)]
struct Node {
    range: ByteRange,
    children: Children,
}

#[derive(Debug)]
enum Children {
    None,
    Items(Vec<Node>),
    Entries(Vec<(String, ByteRange, Node)>),
}

impl SpanTree {
    /// Reads the tree of a document that the guard let through; an unreadable rest is left out.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut events = Events { parser: Parser::new_from_str(text), offsets: Offsets::of(text) };
        let node = loop {
            match events.next() {
                Some((Event::StreamStart | Event::DocumentStart(_), _)) => {}
                Some((event, span)) => break events.node(&event, span),
                None => break None,
            }
        };
        Self(node.unwrap_or(Node { range: (0, 0), children: Children::None }))
    }

    /// The bytes of a spot; where a path leads to nothing, of the nearest key above it.
    #[must_use]
    pub fn range(&self, spot: &Spot) -> ByteRange {
        match spot {
            Spot::Bytes { start, end } => (*start, *end),
            Spot::File => (0, 0),
            Spot::Value(path) => {
                let found = self.walk(path);
                if found.complete { found.node.range } else { found.key.unwrap_or((0, 0)) }
            }
            Spot::Key(path) => self.walk(path).key.unwrap_or((0, 0)),
        }
    }

    /// Whether something is written at a path; where not, its value is a default.
    #[must_use]
    pub fn holds(&self, path: &DeclPath) -> bool {
        self.walk(path).complete
    }

    /// The path with the keys in place of positions in mappings, for people to read.
    #[must_use]
    pub fn readable(&self, path: &DeclPath) -> DeclPath {
        let mut node = &self.0;
        let mut steps = Vec::new();
        for (depth, step) in path.0.iter().enumerate() {
            let Some((key, _, child)) = node.child(step) else {
                steps.extend(path.0.iter().skip(depth).cloned());
                break;
            };
            steps.push(key.map_or_else(|| step.clone(), |key| Step::Key(key.to_owned())));
            node = child;
        }
        DeclPath(steps)
    }

    /// The places of the scalars that begin at these bytes, which are in order.
    #[must_use]
    pub fn scalars_at(&self, starts: &[usize]) -> Vec<Spot> {
        let mut search = Search { starts, path: DeclPath::default(), found: Vec::new() };
        search.look_into(&self.0);
        search.found
    }

    fn walk(&self, path: &DeclPath) -> Found<'_> {
        let mut found = Found { node: &self.0, key: None, complete: true };
        for step in &path.0 {
            let Some((_, key, child)) = found.node.child(step) else {
                return Found { complete: false, ..found };
            };
            found = Found { node: child, key: Some(key.unwrap_or(child.range)), complete: true };
        }
        found
    }
}

struct Found<'a> {
    node: &'a Node,
    key: Option<ByteRange>,
    complete: bool,
}

impl Node {
    fn child(&self, step: &Step) -> Option<(Option<&str>, Option<ByteRange>, &Node)> {
        match (&self.children, step) {
            (Children::Items(items), Step::Index(index)) => items.get(*index).map(|node| (None, None, node)),
            (Children::Entries(entries), Step::Index(index)) => {
                entries.get(*index).map(|(key, range, node)| (Some(key.as_str()), Some(*range), node))
            }
            (Children::Entries(entries), Step::Key(wanted)) => entries
                .iter()
                .find(|(key, _, _)| key == wanted)
                .map(|(key, range, node)| (Some(key.as_str()), Some(*range), node)),
            _ => None,
        }
    }
}

/// A walk in search of scalars.
struct Search<'a> {
    starts: &'a [usize],
    path: DeclPath,
    found: Vec<Spot>,
}

impl Search<'_> {
    fn look_into(&mut self, node: &Node) {
        match &node.children {
            Children::None if self.starts.binary_search(&node.range.0).is_ok() => {
                self.found.push(Spot::Value(self.path.clone()));
            }
            Children::None => {}
            Children::Items(items) => {
                for (position, item) in items.iter().enumerate() {
                    self.step_into(Step::Index(position), item);
                }
            }
            Children::Entries(entries) => {
                for (key, range, value) in entries {
                    if self.starts.binary_search(&range.0).is_ok() {
                        self.found.push(Spot::Key(self.path.clone().key(key)));
                    }
                    self.step_into(Step::Key(key.clone()), value);
                }
            }
        }
    }

    fn step_into(&mut self, step: Step, node: &Node) {
        self.path.0.push(step);
        self.look_into(node);
        self.path.0.pop();
    }
}

struct Events<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    offsets: Offsets<'a>,
}

impl<'a> Events<'a> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        self.parser.next_event()?.ok()
    }

    /// The node that an event starts. The guard bounds the depth of this recursion.
    fn node(&mut self, event: &Event<'a>, span: Span) -> Option<Node> {
        let range = self.offsets.range(span);
        let children = match event {
            Event::Scalar(..) | Event::Alias(_) => Children::None,
            Event::SequenceStart(..) => Children::Items(self.items()),
            Event::MappingStart(..) => Children::Entries(self.entries()),
            _ => return None,
        };
        Some(Node { range, children })
    }

    fn items(&mut self) -> Vec<Node> {
        let mut items = Vec::new();
        while let Some((event, span)) = self.next() {
            let Some(node) = self.node(&event, span) else {
                break;
            };
            items.push(node);
        }
        items
    }

    fn entries(&mut self) -> Vec<(String, ByteRange, Node)> {
        let mut entries = Vec::new();
        while let Some((event, span)) = self.next() {
            let key = if let Event::Scalar(text, ..) = &event { text.to_string() } else { String::new() };
            let Some(key_node) = self.node(&event, span) else {
                break;
            };
            let Some((event, span)) = self.next() else {
                break;
            };
            let Some(value) = self.node(&event, span) else {
                break;
            };
            entries.push((key, key_node.range, value));
        }
        entries
    }
}

/// The 1-based line and the 1-based column, in characters, of a byte offset.
#[must_use]
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before.get(line_start..).map_or(0, |rest| rest.chars().count()) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "owner: hé\nservices:\n  svc-a: { apt: [one, two], env: { KEY: v } }\n  svc-b:\n    port: 1\n";

    fn text_at(spot: &Spot) -> &'static str {
        let (start, end) = SpanTree::of(TEXT).range(spot);
        &TEXT[start..end]
    }

    #[test]
    fn values_keys_items_and_entries_are_found() {
        assert_eq!(text_at(&Spot::Value(DeclPath::of(&["owner"]))), "hé");
        assert_eq!(text_at(&Spot::Value(DeclPath::of(&["services", "svc-a", "apt"]).index(1))), "two");
        assert_eq!(text_at(&Spot::Key(DeclPath::of(&["services", "svc-a", "env"]).index(0))), "KEY");
        assert_eq!(text_at(&Spot::Value(DeclPath::of(&["services", "svc-b", "port"]))), "1");
    }

    #[test]
    fn a_missing_value_points_to_the_nearest_key() {
        assert_eq!(text_at(&Spot::Value(DeclPath::of(&["services", "svc-b", "kind"]))), "svc-b");
        assert_eq!(
            line_column(TEXT, SpanTree::of(TEXT).range(&Spot::Key(DeclPath::of(&["services", "svc-b"]))).0),
            (4, 3)
        );
    }

    #[test]
    fn positions_read_as_keys() {
        let path = DeclPath::of(&["services", "svc-a", "env"]).index(0);
        assert_eq!(SpanTree::of(TEXT).readable(&path).to_string(), "services.svc-a.env.KEY");
        assert!(SpanTree::of(TEXT).holds(&path) && !SpanTree::of(TEXT).holds(&path.key("absent")));
    }
}
