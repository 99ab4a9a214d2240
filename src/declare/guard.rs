//! One pass over the YAML events, before anything is built: what a loader would silently lose or choke on becomes a diagnostic.
//!
//! `serde_yaml` keeps the last of two equal keys, expands aliases without bound and takes seconds for deep nesting; this pass refuses
//! all three in linear time, together with byte-order marks, other encodings and multiple documents.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Span};

use super::offsets::Offsets;
use crate::diagnostic::{Code, Diagnostic, Location, Spot, code};

/// The largest services.yaml that is read, in bytes; together with the files that it includes.
pub const SIZE_LIMIT: usize = 32 * 1024 * 1024;
/// The deepest nesting of lists and mappings; the schema needs five.
const DEPTH_LIMIT: usize = 32;
/// How many duplicate keys are reported: each takes another look at the text.
const DUPLICATE_LIMIT: usize = 20;
/// How many keys, values, lists and mappings a text may have: each takes some 100 bytes while it is loaded.
const NODE_LIMIT: usize = 1_200_000;
/// How many keys one mapping may have: an image takes a kilobyte before anything is known about it.
pub const KEY_LIMIT: usize = 80_000;
/// How many nodes aliases may stand for in all, and how many bytes of text.
const ALIAS_NODE_LIMIT: usize = 100_000;
const ALIAS_BYTE_LIMIT: usize = 1024 * 1024;
/// How many anchors there may be.
const ANCHOR_LIMIT: usize = 10_000;

/// A text that is safe to load.
pub(super) struct Guarded<'a> {
    pub(super) text: &'a str,
    /// Where its services stand, unless they are written in another way than line by line, or an anchor ties something together.
    pub(super) services: Option<Services>,
    /// The start of the key `services`, in bytes.
    pub(super) services_key: Option<usize>,
}

/// Where the services of a text stand, in bytes.
pub(super) struct Services {
    /// The starts of their keys.
    pub(super) entries: Vec<usize>,
    /// The start of the key that follows `services`; `None` where it is the last.
    pub(super) end: Option<usize>,
}

/// The text that bytes are, or why they are none that is read.
pub(super) fn text<'a>(file: &str, bytes: &'a [u8]) -> Result<&'a str, Vec<Diagnostic>> {
    let fault = |code: &'static Code, spot, message: String| {
        Diagnostic::new(code, Location { file: file.to_owned(), spot }, message)
    };
    if bytes.len() > SIZE_LIMIT {
        let message = format!("{} bytes; at most {SIZE_LIMIT} are read", bytes.len());
        return Err(vec![fault(&code::FILE_TOO_LARGE, Spot::File, message)]);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to();
        vec![fault(&code::NOT_UTF_8, Spot::File, format!("byte {at} is not UTF-8")).with_help("save the file as UTF-8")]
    })?;
    if text.starts_with('\u{feff}') {
        let found = fault(&code::BYTE_ORDER_MARK, Spot::File, "the file starts with a byte-order mark".to_owned());
        return Err(vec![found.with_help("save the file as UTF-8 without a byte-order mark")]);
    }
    if let Some((at, found)) = line_separator(text) {
        let (point, end) = (u32::from(found), at + found.len_utf8());
        let message = format!("U+{point:04X} ends a line for some readers of YAML and for others not");
        let found = fault(&code::YAML_SYNTAX, Spot::Bytes { start: at, end }, message);
        return Err(vec![found.with_help(format!("take it out, or write \"\\u{point:04X}\" in double quotes"))]);
    }
    Ok(text)
}

/// The first of the characters that end a line in YAML 1.1 and not in 1.2: the loader would see lines, comments' ends and keys that the
/// guard's parser and people do not see.
fn line_separator(text: &str) -> Option<(usize, char)> {
    let is_separator = |(_, character): &(usize, char)| matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}');
    if text.is_ascii() { None } else { text.char_indices().find(is_separator) }
}

/// Where the name of an anchor ends for the loader and goes on for the guard's parser, which takes anything but blanks, commas and
/// brackets. What looks like one in a text is not told apart: it matters only beside anchors.
fn long_anchor(text: &str) -> Option<usize> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    memchr::memchr_iter(b'&', text.as_bytes()).find_map(|at| {
        let (before, name) = text.as_bytes().split_at_checked(at)?;
        let end = at + 1 + name.get(1..)?.iter().take_while(|byte| is_name(byte)).count();
        let goes_on = matches!(text.as_bytes().get(end), Some(b'?' | b':' | b'%' | b'@' | b'`'));
        (goes_on && end > at + 1 && !before.last().is_some_and(u8::is_ascii_alphanumeric)).then_some(end)
    })
}

/// A text that is a YAML document that is safe to load, or what stands against that.
pub(super) fn guard<'a>(file: &str, text: &'a str) -> Result<Guarded<'a>, Vec<Diagnostic>> {
    let mut walk = Walk {
        file,
        text,
        offsets: OnceCell::new(),
        frames: Vec::new(),
        anchors: BTreeMap::new(),
        has_many_keys: false,
        so_far: Extent::default(),
        of_aliases: Extent::default(),
        documents: 0,
        found: Vec::new(),
        section: Section::default(),
    };
    walk.run();
    let has_anchors = !walk.anchors.is_empty() && walk.found.is_empty();
    if let Some(at) = has_anchors.then(|| long_anchor(text)).flatten() {
        let message =
            "the name of an anchor ends here for some readers of YAML and for others not; put a blank after it";
        walk.report(&code::YAML_SYNTAX, at, at + 1, message.to_owned());
    }
    if !walk.found.is_empty() {
        return Err(walk.found);
    }
    let offsets = walk.offsets.take().unwrap_or_else(|| Offsets::of(text));
    let services_key = walk.section.key.map(|key| offsets.byte(key));
    Ok(Guarded { text, services: walk.section.services(&offsets), services_key })
}

/// What the pass notes about the section `services`; positions count characters.
#[derive(Default)]
struct Section {
    /// Whether the walk is in it.
    is_open: bool,
    /// Whether it, or anything that is tied together, is written in a way that it cannot be cut.
    is_tied: bool,
    key: Option<usize>,
    entries: Vec<usize>,
    end: Option<usize>,
}

impl Section {
    /// Takes note of a key of the document or of one of its sections.
    fn key(&mut self, depth: usize, name: &str, start: usize) {
        if depth == 2 && self.is_open {
            self.entries.push(start);
        } else if depth == 1 {
            if self.is_open {
                self.end = Some(start);
            }
            self.is_open = name == "services";
            if self.is_open {
                self.key = Some(start);
            }
        }
    }

    fn services(self, offsets: &Offsets<'_>) -> Option<Services> {
        if self.is_tied || self.entries.is_empty() {
            return None;
        }
        let entries = self.entries.iter().map(|entry| offsets.byte(*entry)).collect();
        Some(Services { entries, end: self.end.map(|end| offsets.byte(end)) })
    }
}

/// An open list or mapping.
struct Frame<'a> {
    /// The keys seen, where it is a mapping.
    keys: Option<BTreeSet<Cow<'a, str>>>,
    /// Whether the next node of a mapping is a key.
    key_next: bool,
    anchor: usize,
    before: Extent,
}

/// How much something is.
#[derive(Clone, Copy, Default)]
struct Extent {
    nodes: usize,
    /// Of scalars.
    bytes: usize,
}

impl Extent {
    fn and(self, other: Self) -> Self {
        Self { nodes: self.nodes.saturating_add(other.nodes), bytes: self.bytes.saturating_add(other.bytes) }
    }

    fn since(self, before: Self) -> Self {
        Self { nodes: self.nodes - before.nodes, bytes: self.bytes - before.bytes }
    }
}

struct Walk<'a> {
    file: &'a str,
    text: &'a str,
    /// Made where a place is first asked for.
    offsets: OnceCell<Offsets<'a>>,
    frames: Vec<Frame<'a>>,
    anchors: BTreeMap<usize, Extent>,
    has_many_keys: bool,
    so_far: Extent,
    of_aliases: Extent,
    documents: usize,
    found: Vec<Diagnostic>,
    section: Section,
}

impl<'a> Walk<'a> {
    fn offsets(&self) -> &Offsets<'a> {
        self.offsets.get_or_init(|| Offsets::of(self.text))
    }

    fn run(&mut self) {
        let mut parser = Parser::new_from_str(self.text);
        while let Some(next) = parser.next_event() {
            let going_on = match next {
                Ok((event, span)) => self.event(event, span),
                Err(error) => {
                    let at = self.offsets().byte(error.marker().index());
                    // The scanner reads ahead in flow style and has a limit of its own there.
                    let too_deep = error.info().contains("recursion limit");
                    let code = if too_deep { &code::NESTING_TOO_DEEP } else { &code::YAML_SYNTAX };
                    self.report(code, at, at + 1, error.info().to_owned());
                    false
                }
            };
            if !going_on {
                return;
            }
        }
    }

    fn report(&mut self, code: &'static Code, start: usize, end: usize, message: String) {
        let spot = Spot::Bytes { start, end };
        self.found.push(Diagnostic::new(code, Location { file: self.file.to_owned(), spot }, message));
    }

    /// Takes one event; false ends the pass.
    fn event(&mut self, event: Event<'a>, span: Span) -> bool {
        match event {
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    return self.stop(&code::MULTIPLE_DOCUMENTS, span, "a second document starts here");
                }
            }
            Event::Scalar(value, ScalarStyle::Plain, ..) if value.starts_with('?') => {
                return self.stop(
                    &code::YAML_SYNTAX,
                    span,
                    "in braces `?` begins a key for some readers; put the text in quotes",
                );
            }
            Event::Scalar(value, _, anchor, _) => {
                let extent = Extent { nodes: 1, bytes: value.len() };
                self.anchor(anchor, extent);
                self.scalar(value, span);
                return self.count(extent, span) && self.found.len() < DUPLICATE_LIMIT;
            }
            Event::SequenceStart(anchor, _) => return self.open(None, anchor, span),
            Event::MappingStart(anchor, _) => {
                return self.open(Some(BTreeSet::new()), anchor, span);
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => return self.alias(anchor, span),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
        true
    }

    fn stop(&mut self, code: &'static Code, span: Span, message: &str) -> bool {
        let (start, end) = self.offsets().range(span);
        self.report(code, start, end, message.to_owned());
        false
    }

    fn scalar(&mut self, value: Cow<'a, str>, span: Span) {
        let depth = self.frames.len();
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(keys) = &mut frame.keys else { return };
        let is_key = frame.key_next;
        frame.key_next = !is_key;
        if !is_key {
            return;
        }
        if !keys.contains(&value) {
            self.section.key(depth, &value, span.start.index());
            keys.insert(value);
            self.has_many_keys |= keys.len() > KEY_LIMIT;
            return;
        }
        let (start, end) = self.offsets().range(span);
        self.report(&code::DUPLICATE_KEY, start, end, format!("`{value}` stands here a second time"));
    }

    /// A key or a value of a mapping is complete.
    fn turn(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.key_next = frame.keys.is_some() && !frame.key_next;
        }
    }

    fn open(&mut self, keys: Option<BTreeSet<Cow<'a, str>>>, anchor: usize, span: Span) -> bool {
        if self.frames.len() >= DEPTH_LIMIT {
            return self.stop(&code::NESTING_TOO_DEEP, span, "lists and mappings nest deeper than 32 levels");
        }
        if self.frames.len() == 1 && self.section.is_open {
            // Only a mapping in braces or a list starts with a bracket.
            let start = self.offsets().byte(span.start.index());
            self.section.is_tied |= self.text.as_bytes().get(start).is_none_or(|byte| matches!(byte, b'{' | b'['));
        }
        let key_next = keys.is_some();
        self.frames.push(Frame { keys, key_next, anchor, before: self.so_far });
        self.count(Extent { nodes: 1, bytes: 0 }, span)
    }

    /// Adds to what there is so far; false where that is too much.
    fn count(&mut self, extent: Extent, span: Span) -> bool {
        self.so_far = self.so_far.and(extent);
        if self.has_many_keys {
            let message = format!("the mapping has more than {KEY_LIMIT} keys up to here");
            return self.stop(&code::FILE_TOO_LARGE, span, &message);
        }
        if self.anchors.len() > ANCHOR_LIMIT {
            let message = format!("more than {ANCHOR_LIMIT} anchors up to here");
            return self.stop(&code::ALIAS_BUDGET, span, &message);
        }
        if self.so_far.nodes > NODE_LIMIT {
            let message = format!("more than {NODE_LIMIT} keys, values, lists and mappings up to here");
            return self.stop(&code::FILE_TOO_LARGE, span, &message);
        }
        true
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.anchor(frame.anchor, self.so_far.since(frame.before));
        }
        self.turn();
    }

    /// Remembers how much an anchor stands for; 0 is no anchor.
    fn anchor(&mut self, anchor: usize, extent: Extent) {
        if anchor != 0 {
            self.section.is_tied = true;
            self.anchors.insert(anchor, extent);
        }
    }

    fn alias(&mut self, anchor: usize, span: Span) -> bool {
        let Some(&extent) = self.anchors.get(&anchor) else {
            return self.stop(&code::ALIAS_BUDGET, span, "the alias stands inside of what it refers to");
        };
        self.of_aliases = self.of_aliases.and(extent);
        if self.of_aliases.nodes > ALIAS_NODE_LIMIT {
            return self.stop(&code::ALIAS_BUDGET, span, "the aliases up to here stand for more than 100000 nodes");
        }
        if self.of_aliases.bytes > ALIAS_BYTE_LIMIT {
            return self.stop(&code::ALIAS_BUDGET, span, "the aliases up to here stand for more than 1 MiB of text");
        }
        self.turn();
        self.count(extent, span)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_guard(bytes: &[u8]) -> Result<Guarded<'_>, Vec<Diagnostic>> {
        guard("services.yaml", super::text("services.yaml", bytes)?)
    }

    fn codes(text: &str) -> Vec<&'static str> {
        text_guard(text.as_bytes()).map_or_else(|found| found.iter().map(|one| one.code.id).collect(), |_| Vec::new())
    }

    #[test]
    fn a_plain_document_passes() {
        assert_eq!(codes("a: 1\nb: [x, y]\nc: {d: *e}\n".replace("*e", "f").as_str()), Vec::<&str>::new());
        assert_eq!(codes("a: &x [1, 2]\nb: *x\nc: 3\n"), Vec::<&str>::new());
    }

    #[test]
    fn every_duplicate_key_is_reported_at_once() {
        assert_eq!(codes("a: 1\na: 2\nb: {c: 1, \"c\": 2}\n"), ["duplicate-key", "duplicate-key"]);
        assert_eq!(codes("a: {b: 1}\nc: {b: 1}\n"), Vec::<&str>::new());
    }

    #[test]
    fn bombs_are_refused_quickly() {
        assert_eq!(codes(&"[".repeat(100_000)), ["nesting-too-deep"]);
        let mut laughs = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for level in 1..10 {
            let below = format!("*a{}", level - 1);
            let copies = vec![below; 10].join(", ");
            laughs += &["a", &level.to_string(), ": &a", &level.to_string(), " [", &copies, "]\n"].concat();
        }
        assert_eq!(codes(&laughs), ["alias-budget"]);
        assert_eq!(codes("a: &a [*a]\n"), ["alias-budget"]);
    }

    #[test]
    fn what_ends_a_line_for_the_loader_alone_is_refused() {
        for separator in ['\u{85}', '\u{2028}', '\u{2029}'] {
            for text in ["a: 1 # b~c: 2\n", "a: { b: 1, ~b: 2 }\n", "a: &a [~*a]\n", "a: \"~\"\n"] {
                let text = text.replace('~', &separator.to_string());
                let found = text_guard(text.as_bytes()).err().unwrap();
                assert_eq!(found[0].code.id, "yaml-syntax", "{text:?}");
            }
        }
        assert_eq!(codes("a: \"é\\u2028\" # é\n"), Vec::<&str>::new());
    }

    #[test]
    fn an_anchor_that_ends_elsewhere_for_the_loader_is_refused() {
        for text in ["&a:: b", "&a:b c", "x: &a?b c\n", "{ &a: b }", "- &a%b\n", "x: [&a@ b]"] {
            assert_eq!(codes(text), ["yaml-syntax"], "{text}");
        }
        assert_eq!(codes("x: &a b\ny: [&c d, *a]\nz: R&D\n"), Vec::<&str>::new());
        assert_eq!(codes("x: \" &a: b\" # &a:b\n"), Vec::<&str>::new());
    }

    #[test]
    fn other_encodings_and_documents_are_refused() {
        assert_eq!(codes("\u{feff}a: 1\n"), ["byte-order-mark"]);
        assert_eq!(codes("a: 1\n---\nb: 1\n"), ["multiple-documents"]);
        assert_eq!(codes("a: [1\n"), ["yaml-syntax"]);
        assert!(text_guard(b"a: \xff\n").is_err());
    }
}
