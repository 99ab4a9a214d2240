//! A long declaration in pieces that can be loaded each alone, on all cores: loading takes longer than anything else before rendering.
//!
//! The guard's pass tells where the services begin. Each piece is some of them, line by line as they are written, under a `services:` of its
//! own; what is left is the rest of the declaration. Anything unusual (an anchor, a flow mapping, a directive) and the text stays whole; and
//! when a piece does not load, the whole is loaded instead, so that errors are the same.

use super::guard::Guarded;
use crate::parallel::threads;

/// From how many bytes on pieces pay.
const FROM: usize = 128 * 1024;

/// A text in pieces.
pub(super) struct Pieces {
    /// Everything but the services.
    pub(super) rest: String,
    /// The services, as declarations of their own, in order.
    pub(super) services: Vec<String>,
}

/// The pieces of a text, one for each core; `None` where it is short, or written in a way that cannot be cut.
pub(super) fn pieces(guarded: &Guarded<'_>) -> Option<Pieces> {
    cut(guarded, threads(guarded.text.len(), FROM))
}

/// The same in about so many pieces.
pub(super) fn cut(guarded: &Guarded<'_>, count: usize) -> Option<Pieces> {
    let text = guarded.text;
    let services = guarded.services.as_ref()?;
    if count < 2 || text.starts_with('%') || text.contains("\n%") || has_tag(text) {
        return None;
    }
    let lines: Option<Vec<usize>> = services.entries.iter().map(|entry| line_start(text, *entry)).collect();
    let lines = lines?;
    let end = services.end.map_or(Some(text.len()), |key| line_start(text, key).filter(|line| *line == key))?;
    let first = *lines.first()?;
    let mut starts: Vec<usize> =
        lines.chunks(lines.len().div_ceil(count)).filter_map(<[usize]>::first).copied().collect();
    starts.push(end);
    let piece = |part: &[usize]| match part {
        [from, to] => Some(format!("services:\n{}", text.get(*from..*to)?)),
        _ => None,
    };
    let services: Option<Vec<String>> = starts.windows(2).map(piece).collect();
    Some(Pieces { rest: format!("{}{}", text.get(..first)?, text.get(end..)?), services: services? })
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
    use super::*;
    use crate::declare::guard::guard;

    fn cut_of(text: &str, count: usize) -> Option<Pieces> {
        cut(&guard("f", text.as_bytes()).unwrap(), count)
    }

    #[test]
    fn pieces_hold_whole_entries_and_the_rest_everything_else() {
        let text = "owner: a\nservices: # ours\n  # first\n  a: { port: 1 }\n  b:\n    port: 2\n  # third\n  c: {}\npython: x\n";
        let pieces = cut_of(text, 2).unwrap();
        assert_eq!(pieces.rest, "owner: a\nservices: # ours\n  # first\npython: x\n");
        let expected = ["services:\n  a: { port: 1 }\n  b:\n    port: 2\n  # third\n", "services:\n  c: {}\n"];
        assert_eq!(pieces.services, expected);
        assert_eq!(cut_of("services:\n  a: {}\n  b: {}", 4).unwrap().services.len(), 2);
    }

    #[test]
    fn what_cannot_be_cut_stays_whole() {
        for text in [
            "services: { a: {}, b: {} }\n",
            "services: {\n  a: {},\n  b: {}\n}\n",
            "services:\n  a: &x {}\n  b: *x\n",
            "x: &y 1\nservices:\n  a: {}\n  b: {}\n",
            "%YAML 1.2\n---\nservices:\n  a: {}\n  b: {}\n",
            "services:\n  ? a\n  : {}\n  b: {}\n",
            "{ services: { a: {} }, owner: x }\n",
            "--- {services: {}}\n",
            "owner: a\n",
            "services: !x\n  a: {}\n  b: {}\n",
        ] {
            assert!(cut_of(text, 2).is_none(), "{text}");
        }
    }
}
