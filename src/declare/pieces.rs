//! A long declaration in pieces that can be read each alone, on all cores: reading takes longer than anything else before rendering.
//!
//! Where services begin is told by the looks of lines. That is a guess until the guard has passed each piece by itself and seen its services
//! begin at those very lines; then the pieces mean what the whole means, since a line that begins an entry ends everything before it. Anything
//! unusual (an anchor, a tag, a flow mapping, a directive) and the text stays whole; and when a piece is refused, the whole is read
//! instead, so that errors are the same.

use std::cmp::Ordering;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use super::guard::{Guarded, KEY_LIMIT, guard};
use super::include::IncludedDecl;
use super::parse::{HasServices, load};
use crate::diagnostic::DeclPath;
use crate::parallel::map_parts;

/// A text in pieces.
pub(super) struct Pieces<'a> {
    /// Everything but the services.
    pub(super) rest: String,
    /// Where the key `services` begins.
    key: usize,
    /// The services, as declarations of their own, in order.
    pub(super) services: Vec<Piece<'a>>,
    /// Where the lines of each service begin, and last where those of the last one end.
    pub(super) lines: Vec<usize>,
}

/// The key that makes some services a declaration of their own.
const HEAD: &str = "services:\n";

/// Some services.
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    /// As [`Pieces::lines`], in this text below [`HEAD`].
    pub(super) lines: Vec<usize>,
}

/// A text in about so many pieces; `None` where it is written in a way that cannot be cut.
pub(super) fn cut(text: &str, count: usize) -> Option<Pieces<'_>> {
    if count < 2 {
        return None;
    }
    let (key, lines) = lines_by_looks(text).filter(|(_, lines)| lines.len() <= KEY_LIMIT + 1)?;
    let (end, entries) = lines.split_last()?;
    let piece = |part: &[usize]| {
        let (first, last) = (*part.first()?, part.last()?);
        let next = lines.partition_point(|line| line <= last);
        let to = *lines.get(next)?;
        let local = part.iter().chain([&to]).map(|line| line - first + HEAD.len()).collect();
        Some(Piece { text: text.get(first..to)?, lines: local })
    };
    let services: Option<Vec<Piece<'_>>> = entries.chunks(entries.len().div_ceil(count).max(1)).map(piece).collect();
    let rest = [text.get(..*entries.first()?)?, text.get(*end..)?].concat();
    Some(Pieces { rest, key, services: services?, lines })
}

/// Where the key `services` and the lines of services begin, and where they end, as far as lines can tell.
fn lines_by_looks(text: &str) -> Option<(usize, Vec<usize>)> {
    if text.starts_with('%') || text.contains("\n%") {
        return None;
    }
    let (mut lines, mut next, mut end) = (Vec::new(), 0, text.len());
    let (mut key, mut indent) = (None, None);
    for line in text.split_inclusive('\n') {
        let start = next;
        next += line.len();
        let content = line.trim_start_matches(' ');
        let depth = line.len() - content.len();
        if matches!(content.bytes().next(), None | Some(b'#' | b'\n')) || (depth > 0 && key.is_none()) {
            continue;
        }
        if depth > 0 {
            match depth.cmp(indent.get_or_insert(depth)) {
                Ordering::Less => return None,
                Ordering::Equal => lines.push(start),
                Ordering::Greater => {}
            }
        } else if key.is_none() {
            key = (line.trim_end() == "services:").then_some(start);
        } else if content.starts_with(|first: char| first.is_ascii_alphabetic()) {
            end = start;
            break;
        } else {
            // Only a key can follow; anything else is for the guard to judge as a whole.
            return None;
        }
    }
    lines.push(end);
    Some((key?, lines)).filter(|(_, lines)| lines.len() > 1)
}

/// Reads pieces over all cores and puts them together; `None` where one is refused, or is not what it looks like.
pub(super) fn load_pieces<T: DeserializeOwned + HasServices>(
    pieces: Pieces<'_>,
) -> Option<(T, Vec<DeclPath>, Vec<usize>)> {
    let mut unknown = Vec::new();
    if guard("", &pieces.rest).ok()?.services_key != Some(pieces.key) {
        return None;
    }
    let mut whole: T = load(serde_yaml::Deserializer::from_str(&pieces.rest), &mut unknown).ok()?;
    let load_piece = |piece: &Piece<'_>| -> Option<(IncludedDecl, Vec<DeclPath>)> {
        let text = [HEAD, piece.text].concat();
        let guarded = guard("", &text).ok()?;
        if service_lines(&guarded).as_ref() != Some(&piece.lines) {
            return None;
        }
        let mut unknown = Vec::new();
        let part = load(serde_yaml::Deserializer::from_str(&text), &mut unknown).ok()?;
        Some((part, unknown))
    };
    let parts = map_parts(&pieces.services, (2, 1), |part| part.iter().map(load_piece).collect::<Vec<_>>());
    let mut services = IndexMap::with_capacity(pieces.lines.len());
    for part in parts.into_iter().flatten() {
        let (part, of_part) = part?;
        services.extend(part.services.into_iter().flatten());
        unknown.extend(of_part);
    }
    // Fewer than there are lines: a name stands in two pieces.
    if services.len() + 1 != pieces.lines.len() {
        return None;
    }
    *whole.services() = Some(services);
    Some((whole, unknown, pieces.lines))
}

/// As [`Pieces::lines`], by what the guard has seen; `None` where the services are not written line by line.
pub(super) fn service_lines(guarded: &Guarded<'_>) -> Option<Vec<usize>> {
    let text = guarded.text;
    let services = guarded.services.as_ref()?;
    if text.starts_with('%') || text.contains("\n%") || has_tag(text) {
        return None;
    }
    let end = services.end.map_or(Some(text.len()), |key| line_start(text, key).filter(|line| *line == key))?;
    let lines = services.entries.iter().map(|entry| line_start(text, *entry));
    lines.chain([Some(end)]).collect()
}

/// Whether there may be a tag such as `!!map`; the comparison `!=` of a requirement is none.
fn has_tag(text: &str) -> bool {
    text.match_indices(" !").any(|(at, _)| text.as_bytes().get(at + 2) != Some(&b'='))
}

/// The start of a position's line, where only blanks stand before it.
fn line_start(text: &str, position: usize) -> Option<usize> {
    let before = text.get(..position)?;
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    before.get(line..)?.bytes().all(|byte| byte == b' ').then_some(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::declare::FleetDecl;

    type Loaded = (FleetDecl, Vec<DeclPath>, Vec<usize>);

    fn in_pieces(text: &str, count: usize) -> Option<Loaded> {
        load_pieces(cut(text, count)?)
    }

    /// The same of the whole, with the lines where the guard knows them: an anchor elsewhere is no matter for pieces.
    fn whole(text: &str, lines: &[usize]) -> Option<Loaded> {
        let guarded = guard("f", text).ok()?;
        let mut unknown = Vec::new();
        let decl = load(serde_yaml::Deserializer::from_str(text), &mut unknown).ok()?;
        Some((decl, unknown, service_lines(&guarded).unwrap_or_else(|| lines.to_vec())))
    }

    #[test]
    fn pieces_hold_whole_entries_and_the_rest_everything_else() {
        let text =
            "owner: a\nservices: \n  # first\n  a: { port: 1 }\n  b:\n    port: 2\n  # third\n  c: {}\npython: x\n";
        let pieces = cut(text, 2).unwrap();
        assert_eq!(pieces.rest, "owner: a\nservices: \n  # first\npython: x\n");
        let texts: Vec<&str> = pieces.services.iter().map(|piece| piece.text).collect();
        assert_eq!(texts, ["  a: { port: 1 }\n  b:\n    port: 2\n  # third\n", "  c: {}\n"]);
        assert_eq!(cut("services:\n  a: {}\n  b: {}", 4).unwrap().services.len(), 2);
    }

    #[test]
    fn pieces_stand_for_what_the_whole_does() {
        let own = include_str!("../../services.yaml");
        let odd = "owner: hé\nservices:\n  # é\n  b: { port: 1, prt: 2 }\n  a:\n    cmd:\n      - |\n        services:\n          x\n  \
                   c:\n\n# end\npython: \"3.12\"\n";
        for text in [own, odd] {
            for count in 2..6 {
                let pieces = in_pieces(text, count).unwrap();
                let whole = whole(text, &[]).unwrap();
                assert!(pieces.0.services.iter().flatten().eq(whole.0.services.iter().flatten()));
                assert_eq!(pieces, whole);
            }
        }
    }

    #[test]
    fn what_cannot_be_cut_stays_whole() {
        for text in [
            "services: { a: {}, b: {} }\n",
            "services: {\n  a: {},\n  b: {}\n}\n",
            "services:\n  a: &x {}\n  b: *x\n",
            "services:\n  a: {}\n  b: *x\nx: &x {}\n",
            "%YAML 1.2\n---\nservices:\n  a: {}\n  b: {}\n",
            "services:\n  ? a\n  : {}\n  b: {}\n",
            "{ services: { a: {} }, owner: x }\n",
            "--- {services: {}}\n",
            "owner: a\n",
            "services: !x\n  a: {}\n  b: {}\n",
            "services:\n  a: !x {}\n  b: {}\n",
            "services:\n    a: {}\n  b: {}\n",
            "services:\n  a: {}\n  b: {}\n- c\n",
            "services:\n  a: {}\n  b: {}\n---\nowner: x\n",
            "services:\n  a: { env: { X: \"one\n  b: two\" } }\n  c: {}\n",
            "services:\n  a: { apt: [x,\n  b] }\n  c: {}\n",
            "services:\n  a: {}\n  b: {}\nservices:\n  c: {}\n",
            "services:\n  a: {}\n  b: {}\n  a: {}\n",
            "services:\n  a: {}\n  b: {}\r  c: {}\n",
            "services:\n  - a\n  - b\n",
            "x: |\n  y\nservices:\n  a\n  b\n",
            "x: \"\nservices:\n  a: {}\n  b: {}\ny\"\n",
            "x: [\nservices:\n  a: {},\n  b: {},\ny]\n",
        ] {
            assert!(in_pieces(text, 2).is_none(), "{text}");
        }
    }

    /// Lines that go together in ways nobody wants to think of.
    const LINES: [&str; 48] = [
        "x: \"one",
        "y\"",
        "z: [",
        "w: |",
        "owner: x",
        "services:",
        "services: # c",
        "  a: {}",
        "  b:",
        "    port: 1",
        "    apt: [x,",
        "  c: \"one",
        "  two\"",
        "- z",
        "---",
        "...",
        "  d: |",
        "  - q",
        "    # c",
        "# c",
        "",
        "  &a e: {}",
        "  f: *a",
        "  ? g",
        "  : h",
        "python: '3",
        "3'",
        "services: {}",
        "\tx: 1",
        "    cmd: >",
        "   odd",
        "  a: { port: 2 }",
        "  'q': {}",
        "kinds:",
        "  k: {}",
        "  \"h: 1",
        "x\": 2",
        "  i: !t {}",
        "  j: # c",
        "}",
        "  l: {",
        "  m: 1 }",
        "%TAG",
        "  n: [",
        "  ]",
        " o: {}",
        "      deep",
        "  p: hé",
    ];

    proptest! {
        #![proptest_config(ProptestConfig { cases: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_read_in_pieces_is_what_the_whole_says(
            above in prop::collection::vec(prop::sample::select(&LINES[..]), 0..3),
            below in prop::collection::vec(prop::sample::select(&LINES[..]), 2..12),
            (end, count) in (prop::sample::select(&["\n", "\n", "\r\n", "\r"][..]), 2_usize..4),
        ) {
            let lines = above.iter().chain(&["services:"]).chain(&below);
            let text: String = lines.flat_map(|line| [*line, end]).collect();
            if let Some(pieces) = in_pieces(&text, count) {
                let whole = whole(&text, &pieces.2);
                prop_assert_eq!(Some(pieces), whole, "{}", text);
            }
        }
    }
}
