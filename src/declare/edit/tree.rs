//! The document as nodes with the exact bytes of their content, for splicing.
//!
//! Beside the spans of the event parser this knows where a node really ends (the parser lets the end of a flow collection reach over
//! the following comment, and that of a block scalar into the next line's indentation), how a scalar is quoted, and whether an anchor or
//! alias ties the node to another place.

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use crate::declare::offsets::Offsets;

/// A node and its bytes.
#[derive(Debug)]
pub(super) struct Node {
    /// The first byte, before an anchor or tag.
    pub(super) start: usize,
    /// The byte after the last of the content; for a block scalar the start of the line that follows it.
    pub(super) end: usize,
    /// Whether it has an anchor or a tag, or is an alias.
    pub(super) tied: bool,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(super) enum Kind {
    Alias,
    /// No content at all: `key:`.
    Null,
    Scalar {
        value: String,
        style: ScalarStyle,
    },
    Items {
        flow: bool,
    },
    Entries {
        flow: bool,
        entries: Vec<Entry>,
    },
}

/// A key and its value.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: Node,
    pub(super) value: Node,
}

impl Entry {
    /// The whole document, as the value of no key.
    pub(super) fn root(text: &str) -> Option<Self> {
        let key = Node { start: 0, end: 0, tied: false, kind: Kind::Null };
        Some(Self { key, value: Node::root(text)? })
    }

    /// The key's text; empty for a key that is no scalar.
    pub(super) fn name(&self) -> &str {
        if let Kind::Scalar { value, .. } = &self.key.kind { value } else { "" }
    }

    /// The byte after the entry.
    pub(super) fn end(&self) -> usize {
        self.value.end.max(self.key.end)
    }
}

impl Node {
    /// The root of a document that the guard let through.
    pub(super) fn root(text: &str) -> Option<Self> {
        let offsets = Offsets::of(text);
        let mut events = Events { parser: Parser::new_from_str(text), text, offsets, last_end: 0 };
        loop {
            match events.next()? {
                (Event::StreamStart | Event::DocumentStart(_), _) => {}
                (event, span) => return events.node(&event, span),
            }
        }
    }

    /// The entries, where it is a mapping.
    pub(super) fn entries(&self) -> Option<(bool, &[Entry])> {
        if let Kind::Entries { flow, entries } = &self.kind { Some((*flow, entries)) } else { None }
    }

    /// The entry of a key.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries()?.1.iter().find(|entry| entry.name() == key)
    }
}

struct Events<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    text: &'a str,
    offsets: Offsets<'a>,
    /// The end of the last node that has content.
    last_end: usize,
}

impl<'a> Events<'a> {
    fn next(&mut self) -> Option<(Event<'a>, Span)> {
        self.parser.next_event()?.ok()
    }

    /// The node that an event starts. The guard bounds the depth of this recursion.
    fn node(&mut self, event: &Event<'a>, span: Span) -> Option<Node> {
        let (start, end) = self.offsets.range(span);
        let node = match event {
            Event::Alias(_) => Node { start, end, tied: true, kind: Kind::Alias },
            Event::Scalar(value, style, anchor, tag) => {
                let tied = *anchor > 0 || tag.is_some();
                self.scalar((start, end), value, *style, tied)
            }
            Event::SequenceStart(anchor, tag) => {
                let flow = self.is_flow(start, end, '[');
                self.last_end = end;
                let end = self.items(flow)?;
                Node { start, end, tied: *anchor > 0 || tag.is_some(), kind: Kind::Items { flow } }
            }
            Event::MappingStart(anchor, tag) => {
                let flow = self.is_flow(start, end, '{');
                self.last_end = end;
                let (entries, end) = self.mapping(flow)?;
                Node { start, end, tied: *anchor > 0 || tag.is_some(), kind: Kind::Entries { flow, entries } }
            }
            _ => return None,
        };
        self.last_end = node.end;
        Some(node)
    }

    fn is_flow(&self, start: usize, end: usize, bracket: char) -> bool {
        self.text.get(start..end).is_some_and(|text| text.trim_end().ends_with(bracket))
    }

    fn scalar(&self, (start, end): (usize, usize), value: &str, style: ScalarStyle, tied: bool) -> Node {
        if style == ScalarStyle::Plain && value.is_empty() {
            // The parser points before the colon of the key, or at whatever follows.
            return Node { start: self.last_end, end: self.last_end, tied, kind: Kind::Null };
        }
        let written = self.text.get(start..end).unwrap_or_default();
        let end = match style {
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let rest = written.rfind('\n').map_or("", |at| written.get(at + 1..).unwrap_or_default());
                let end = if rest.trim().is_empty() { end - rest.len() } else { end };
                // `|+` keeps the empty lines below, which the span does not always hold.
                if value.ends_with("\n\n") { past_empty_lines(self.text, end) } else { end }
            }
            ScalarStyle::Plain => start + written.split(" #").next().unwrap_or(written).trim_end().len(),
            ScalarStyle::SingleQuoted => start + quoted_length(written, '\'').unwrap_or(written.len()),
            ScalarStyle::DoubleQuoted => start + quoted_length(written, '"').unwrap_or(written.len()),
        };
        Node { start, end, tied, kind: Kind::Scalar { value: value.to_owned(), style } }
    }

    /// The end of a collection: behind the bracket, or where its last node ends.
    fn close(&self, flow: bool, span: Span) -> usize {
        if flow { self.offsets.range(span).0 + 1 } else { self.last_end }
    }

    /// Passes over the items; gives the end.
    fn items(&mut self, flow: bool) -> Option<usize> {
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd) {
                return Some(self.close(flow, span));
            }
            self.node(&event, span)?;
        }
    }

    fn mapping(&mut self, flow: bool) -> Option<(Vec<Entry>, usize)> {
        let mut entries = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                return Some((entries, self.close(flow, span)));
            }
            let key = self.node(&event, span)?;
            let (event, span) = self.next()?;
            let value = self.node(&event, span)?;
            entries.push(Entry { key, value });
        }
    }
}

fn past_empty_lines(text: &str, end: usize) -> usize {
    let rest = text.get(end..).unwrap_or_default();
    end + rest.split_inclusive('\n').take_while(|line| line.trim().is_empty()).map(str::len).sum::<usize>()
}

/// The length of a quoted scalar up to its closing quote; the parser lets the span reach over a comment behind it.
fn quoted_length(written: &str, quote: char) -> Option<usize> {
    let mut characters = written.char_indices().skip_while(|(_, character)| *character != quote).skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        if character == '\\' && quote == '"' {
            characters.next();
        } else if character == quote {
            let doubled = quote == '\'' && characters.peek().is_some_and(|(_, next)| *next == quote);
            if !doubled {
                return Some(at + 1);
            }
            characters.next();
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_end_where_their_content_ends() {
        let text = "a: { x: [1] }   # c\nb: |\n  t\n# note\nc: 'q'  # d\nd:\n";
        let root = Node::root(text).unwrap();
        let of = |key: &str| {
            let node = &root.entry(key).unwrap().value;
            text.get(node.start..node.end).unwrap()
        };
        assert_eq!((of("a"), of("c"), of("d")), ("{ x: [1] }", "'q'", ""));
        assert!(of("b").ends_with("t\n"));
    }
}
