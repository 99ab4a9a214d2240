//! From the events of the parser to the tree; the one file that names the parser.
//!
//! The events hold each node with its bytes but for what is corrected here: the span of a block
//! scalar begins below its header, that of a list that is indented no deeper than its key begins
//! after the first dash, and lists and mappings end at their start.

use granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, StructureStyle, options,
};

use super::Fault;
use super::anchors::{Anchors, Extent};
use super::places::line_column;
use super::tree::{ByteRange, Id, Kind, Node, Style, Tree, as_u32};
use crate::diagnostic::{Code, code};

/// The deepest nesting of lists and mappings; the schema needs five.
const DEPTH_LIMIT: usize = 32;
/// How many nodes a text may have, since each takes some 100 bytes while it is loaded; fifty
/// thousand services have fewer.
const NODE_LIMIT: usize = 1_200_000;
/// How many keys one mapping may have: an image takes a kilobyte before anything is known about it.
pub(crate) const KEY_LIMIT: usize = 80_000;
/// How many duplicate keys are reported.
const DUPLICATE_LIMIT: usize = 20;
/// Most nodes have at least so many bytes of text.
const BYTES_A_NODE: usize = 10;

/// Reads a text.
pub(super) fn build(text: String) -> Result<Tree, Vec<Fault>> {
    let mut build = Build {
        text: &text,
        nodes: Vec::with_capacity(text.len() / BYTES_A_NODE),
        unescaped: String::new(),
        open: Vec::new(),
        anchors: Anchors::default(),
        counted: Extent::default(),
        documents: 0,
        last_end: 0,
        is_over: false,
        faults: Vec::new(),
    };
    build.run();
    let Build {
        nodes,
        unescaped,
        faults,
        ..
    } = build;
    if faults.is_empty() {
        Ok(Tree::new(text, nodes, unescaped))
    } else {
        Err(faults)
    }
}

/// Comments are not reported; a block scalar at the very end of the text ends there, as for
/// libyaml.
fn limits() -> Options {
    options! {
        emit_comments: false,
        emit_anchor_events: true,
        disallow_directives: true,
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: DEPTH_LIMIT + 1,
        block_nesting_limit: DEPTH_LIMIT + 1,
    }
}

/// A list or mapping that is not closed yet.
struct Open {
    node: Id,
    anchor: usize,
    /// The count of nodes before it.
    before: Extent,
    /// How many children it has so far.
    children: usize,
}

struct Build<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    unescaped: String,
    open: Vec<Open>,
    anchors: Anchors,
    /// The nodes so far, with those that aliases refer to.
    counted: Extent,
    documents: usize,
    /// Where the content of the last node ended.
    last_end: usize,
    /// Whether reading on is of no use.
    is_over: bool,
    faults: Vec<Fault>,
}

impl<'a> Build<'a> {
    fn run(&mut self) {
        for next in Parser::new_from_str_with_options(self.text, limits()) {
            match next {
                Ok((event, span)) => {
                    let range = span
                        .byte_range()
                        .map_or((0, 0), |bytes| (bytes.start, bytes.end));
                    self.event(event, range);
                }
                Err(error) => self.syntax(&error),
            }
            if self.is_over || self.faults.len() >= DUPLICATE_LIMIT {
                return;
            }
        }
    }

    /// Notes why the text is not read any further.
    fn refuse(
        &mut self,
        code: &'static Code,
        range: ByteRange,
        message: impl Into<String>,
        help: &str,
    ) {
        let fault = Fault::new(code, Some(range), message);
        self.faults.push(if help.is_empty() {
            fault
        } else {
            fault.with_help(help)
        });
        self.is_over = true;
    }

    fn syntax(&mut self, error: &ScanError) {
        let at = error
            .marker()
            .byte_offset()
            .unwrap_or_default()
            .min(self.text.len());
        let length = self
            .text
            .get(at..)
            .and_then(|rest| rest.chars().next())
            .map_or(1, char::len_utf8);
        let range = (at, at + length);
        match error.kind() {
            ErrorKind::RecursionLimitExceeded => self.too_deep(range),
            ErrorKind::DirectiveDisallowed => {
                let message = "directives are not supported";
                self.refuse(
                    &code::YAML_SYNTAX,
                    range,
                    message,
                    "delete the line that starts with `%`",
                );
            }
            ErrorKind::UnknownAnchor => {
                let message = "the alias refers to no anchor above it";
                self.refuse(
                    &code::YAML_SYNTAX,
                    range,
                    message,
                    "put text that starts with `*` in quotes",
                );
            }
            _ => self.refuse(&code::YAML_SYNTAX, range, error.info(), ""),
        }
    }

    fn too_deep(&mut self, range: ByteRange) {
        let message = "lists and mappings nest deeper than 32 levels";
        self.refuse(&code::NESTING_TOO_DEEP, range, message, "");
    }

    fn event(&mut self, event: Event<'a>, range: ByteRange) {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.refuse(
                        &code::MULTIPLE_DOCUMENTS,
                        range,
                        "a second document starts here",
                        "",
                    );
                }
            }
            Event::Scalar(.., Some(_))
            | Event::SequenceStart(.., Some(_))
            | Event::MappingStart(.., Some(_)) => {
                let help = "delete the tag; put text that starts with `!` in quotes";
                self.refuse(&code::YAML_SYNTAX, range, "tags are not supported", help);
            }
            Event::Scalar(value, style, anchor, None) => self.scalar(&value, style, anchor, range),
            Event::SequenceStart(style, anchor, None) => {
                self.begin(
                    Kind::Items {
                        flow: style == StructureStyle::Flow,
                    },
                    anchor,
                    range,
                );
            }
            Event::MappingStart(style, anchor, None) => {
                self.begin(
                    Kind::Entries {
                        flow: style == StructureStyle::Flow,
                    },
                    anchor,
                    range,
                );
            }
            Event::SequenceEnd | Event::MappingEnd => self.end(range.1),
            Event::Alias(anchor) => self.alias(anchor, range),
            Event::Anchor(_, name) => self.anchor_name(&name, range),
            _ => {}
        }
    }

    fn push(&mut self, kind: Kind, range: ByteRange, is_tied: bool) -> Id {
        if self.nodes.len() >= NODE_LIMIT {
            let message = format!("more than {NODE_LIMIT} values and keys");
            self.refuse(&code::FILE_TOO_LARGE, range, message, "");
        }
        let is_key = self.takes_key();
        if is_key {
            self.check_key(kind, range);
        }
        if let Some(open) = self.open.last_mut() {
            open.children += 1;
            if open.children > 2 * KEY_LIMIT
                && matches!(self.nodes[open.node as usize].kind, Kind::Entries { .. })
            {
                let message = format!("the mapping has more than {KEY_LIMIT} keys up to here");
                self.refuse(&code::FILE_TOO_LARGE, range, message, "");
            }
        }
        let id = as_u32(self.nodes.len());
        let (start, end) = (as_u32(range.0), as_u32(range.1));
        self.counted.nodes = self.counted.nodes.saturating_add(1);
        self.nodes.push(Node {
            kind,
            start,
            end,
            next: id + 1,
            value: (0, 0),
            is_unescaped: false,
            is_tied,
        });
        self.last_end = range.1;
        id
    }

    /// Whether the next node is the key of an entry.
    fn takes_key(&self) -> bool {
        self.open.last().is_some_and(|open| {
            matches!(self.nodes[open.node as usize].kind, Kind::Entries { .. })
                && open.children % 2 == 0
        })
    }

    /// A key is a text that is written as one, without `?` before it.
    fn check_key(&mut self, kind: Kind, range: ByteRange) {
        let is_empty = kind == Kind::Scalar(Style::Plain) && range.0 == range.1;
        if !matches!(kind, Kind::Scalar(_)) || is_empty {
            let range = (range.0, range.1.max(range.0 + 1));
            return self.refuse(&code::YAML_SYNTAX, range, "a key must be text", "");
        }
        if let Some(at) = self.indicator(range.0, '?') {
            let message = "keys with `?` are not supported";
            self.refuse(
                &code::YAML_SYNTAX,
                (at, at + 1),
                message,
                "write `key: value`",
            );
        }
    }

    /// The first `indicator` between the last node and a position, comments aside.
    fn indicator(&self, end: usize, indicator: char) -> Option<usize> {
        let between = self.text.get(self.last_end..end)?;
        let mut start = self.last_end;
        for line in between.split_inclusive(['\n', '\r']) {
            let comment = match line.find(" #").or_else(|| line.find("\t#")) {
                None if line.starts_with('#') => 0,
                None => line.len(),
                Some(blank) => blank,
            };
            let code = line.get(..comment)?;
            if let Some(found) = code.find(indicator) {
                return Some(start + found);
            }
            start += line.len();
        }
        None
    }

    fn scalar(&mut self, value: &str, style: ScalarStyle, anchor: usize, span: ByteRange) {
        let is_plain = style == ScalarStyle::Plain;
        // The parser reads an absent value as `~`.
        let is_absent = is_plain && span.0 == span.1;
        let value = if is_absent { "" } else { value };
        if is_plain && value.starts_with('?') {
            let message = "some YAML parsers read `?` as the start of a key";
            let help = format!("put the text in quotes: \"{value}\"");
            return self.refuse(&code::YAML_SYNTAX, span, message, &help);
        }
        let (style, range, quotes) = match style {
            _ if is_absent => (Style::Plain, (self.last_end, self.last_end), 0),
            ScalarStyle::Plain => (Style::Plain, span, 0),
            ScalarStyle::SingleQuoted => (Style::SingleQuoted, span, 1),
            ScalarStyle::DoubleQuoted => (Style::DoubleQuoted, span, 1),
            ScalarStyle::Literal | ScalarStyle::Folded => {
                (Style::Block, self.block(value, span), 0)
            }
        };
        let from = range.0 + quotes;
        let is_unescaped = self.text.get(from..from + value.len()) != Some(value);
        let from = if is_unescaped {
            self.unescaped.len()
        } else {
            from
        };
        if is_unescaped {
            self.unescaped.push_str(value);
        }
        let id = self.push(Kind::Scalar(style), range, anchor != 0);
        let node = &mut self.nodes[id as usize];
        node.value = (as_u32(from), as_u32(from + value.len()));
        node.is_unescaped = is_unescaped;
        let bytes = as_u32(value.len());
        self.counted.bytes = self.counted.bytes.saturating_add(bytes);
        self.anchor(anchor, id, Extent { nodes: 1, bytes });
    }

    /// The bytes of a block scalar from its header to the end of its last line.
    fn block(&self, value: &str, (start, end): ByteRange) -> ByteRange {
        let header = self
            .indicator(start, '|')
            .into_iter()
            .chain(self.indicator(start, '>'))
            .min();
        let written = self.text.get(start..end).unwrap_or_default();
        // `|+` keeps the empty lines below.
        let kept = if value.ends_with("\n\n") {
            written.trim_end_matches([' ', '\t'])
        } else {
            written.trim_end()
        };
        let rest = written.get(kept.len()..).unwrap_or_default();
        let line_break = if kept.ends_with('\n') {
            0
        } else {
            rest.find('\n').map_or(0, |at| at + 1)
        };
        (header.unwrap_or(start), start + kept.len() + line_break)
    }

    fn begin(&mut self, kind: Kind, anchor: usize, (mut start, end): ByteRange) {
        if self.open.len() >= DEPTH_LIMIT {
            return self.too_deep((start, end));
        }
        let between = self.text.get(self.last_end..start).unwrap_or_default();
        let between = between.trim_end_matches([' ', '\t']);
        let is_value = self.open.last().is_some_and(|open| {
            matches!(
                self.nodes[open.node as usize].kind,
                Kind::Entries { flow: false }
            )
        });
        if kind == (Kind::Items { flow: false }) && is_value && between.ends_with('-') {
            start = self.last_end + between.len() - 1;
        }
        let before = self.counted;
        let node = self.push(kind, (start, end), anchor != 0);
        self.open.push(Open {
            node,
            anchor,
            before,
            children: 0,
        });
    }

    fn end(&mut self, end: usize) {
        let Some(open) = self.open.pop() else { return };
        let next = as_u32(self.nodes.len());
        let node = &mut self.nodes[open.node as usize];
        if matches!(
            node.kind,
            Kind::Items { flow: true } | Kind::Entries { flow: true }
        ) {
            self.last_end = end;
        }
        node.next = next;
        node.end = as_u32(self.last_end).max(node.start);
        if matches!(node.kind, Kind::Entries { .. }) {
            self.duplicates(open.node);
        }
        self.anchor(open.anchor, open.node, self.counted.since(open.before));
    }

    fn duplicates(&mut self, mapping: Id) {
        let mut keys = self.keys(mapping);
        if keys.len() < 2 {
            return;
        }
        keys.sort_unstable();
        let mut again: Vec<(Id, Id)> = Vec::new();
        let mut first = keys[0];
        for key in keys.into_iter().skip(1) {
            if key.0 == first.0 {
                again.push((key.1, first.1));
            } else {
                first = key;
            }
        }
        again.sort_unstable();
        for (key, first) in again.into_iter().take(DUPLICATE_LIMIT) {
            let node = self.nodes[key as usize];
            let (line, _) = line_column(self.text, self.nodes[first as usize].start as usize);
            let message = format!(
                "duplicate key `{}`; it is also on line {line}",
                self.value(key)
            );
            let range = (node.start as usize, node.end as usize);
            self.faults
                .push(Fault::new(&code::DUPLICATE_KEY, Some(range), message));
        }
    }

    /// The keys of a mapping that is complete.
    fn keys(&self, mapping: Id) -> Vec<(&str, Id)> {
        let (mut key, end) = (mapping + 1, self.nodes[mapping as usize].next);
        let mut keys = Vec::new();
        while key < end {
            keys.push((self.value(key), key));
            let value = self.nodes[key as usize].next;
            key = self
                .nodes
                .get(value as usize)
                .map_or(end, |value| value.next);
        }
        keys
    }

    fn value(&self, id: Id) -> &str {
        let node = &self.nodes[id as usize];
        let whole = if node.is_unescaped {
            &self.unescaped
        } else {
            self.text
        };
        whole
            .get(node.value.0 as usize..node.value.1 as usize)
            .unwrap_or_default()
    }

    fn anchor(&mut self, anchor: usize, node: Id, extent: Extent) {
        if let Some(message) = self.anchors.define(anchor, node, extent) {
            let range = self
                .nodes
                .get(node as usize)
                .map_or((0, 0), |node| (node.start as usize, node.end as usize));
            self.refuse(&code::ALIAS_BUDGET, range, message, "");
        }
    }

    /// Other readers end the name of an anchor where a character is not one of these.
    fn anchor_name(&mut self, name: &str, range: ByteRange) {
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        if !name.bytes().all(is_plain) {
            let message = format!("`{name}` is not a valid name of an anchor");
            self.refuse(
                &code::YAML_SYNTAX,
                range,
                message,
                "use ASCII letters, digits, `_` and `-`",
            );
        }
    }

    fn alias(&mut self, anchor: usize, range: ByteRange) {
        match self.anchors.refer(anchor) {
            Ok((node, extent)) => {
                self.counted = self.counted.and(extent);
                self.push(Kind::Alias(node), range, true);
            }
            Err(message) => self.refuse(&code::ALIAS_BUDGET, range, message, ""),
        }
    }
}

#[cfg(test)]
mod tests;
