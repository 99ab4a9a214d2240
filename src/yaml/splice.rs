//! Replacements of bytes: everything else of a text stays as it is.

use super::quote;
use super::tree::{Id, Kind, Style, Tree};

/// One replacement of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Splice {
    /// The first byte that is replaced.
    pub(crate) start: usize,
    /// The byte after the last.
    pub(crate) end: usize,
    /// What is written there.
    pub(crate) text: String,
}

impl Splice {
    pub(super) fn at(position: usize, text: String) -> Self {
        Self {
            start: position,
            end: position,
            text,
        }
    }
}

/// The text with splices applied, which are in order and do not overlap.
#[must_use]
pub(crate) fn spliced(text: &str, splices: &[Splice]) -> Option<String> {
    let mut edited = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for splice in splices {
        edited.push_str(text.get(done..splice.start)?);
        edited.push_str(&splice.text);
        done = splice.end;
    }
    edited.push_str(text.get(done..)?);
    Some(edited)
}

/// The line end that a text uses; `\n` where it has none.
#[must_use]
pub(crate) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if at > 0 && text.as_bytes().get(at - 1) == Some(&b'\r') => "\r\n",
        _ => "\n",
    }
}

/// The replacement of a scalar, in its own quote style; `None` where another place would change
/// too.
#[must_use]
pub(crate) fn replace(tree: &Tree, node: Id, value: &str) -> Option<Splice> {
    let Kind::Scalar(style) = tree.kind(node) else {
        return None;
    };
    if tree.is_tied(node) {
        return None;
    }
    let (start, end) = tree.bytes(node);
    if start == end {
        // Nothing is written; the value goes behind the colon.
        let rest = tree.text().get(end..)?;
        let colon = end + rest.len()
            - rest
                .trim_start_matches([' ', '\t'])
                .strip_prefix(':')?
                .len();
        return Some(Splice::at(colon, format!(" {}", quote::like(style, value))));
    }
    if style != Style::Block {
        return Some(Splice {
            start,
            end,
            text: quote::like(style, value),
        });
    }
    // A block scalar of one line: the content of that line alone is replaced.
    let old = tree.value(node).trim_end();
    let at = start + tree.written(node).find(old)?;
    Some(Splice {
        start: at,
        end: at + old.len(),
        text: value.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read;

    fn replaced(text: &str, value: &str) -> Option<String> {
        let tree = read(text.as_bytes()).unwrap();
        let entry = tree.entry(tree.root().unwrap(), "a").unwrap();
        spliced(text, &[replace(&tree, entry.value, value)?])
    }

    #[test]
    fn a_scalar_is_replaced_in_its_own_style() {
        for (before, after) in [
            ("a: x # c\nb: 1\n", "a: \"3.13\" # c\nb: 1\n"),
            ("a: 'x'  # c\n", "a: '3.13'  # c\n"),
            ("{ a: \"x\" }", "{ a: \"3.13\" }"),
            ("a: |\n  x\nb: 1\n", "a: |\n  3.13\nb: 1\n"),
            ("a:\nb: 1\n", "a: \"3.13\"\nb: 1\n"),
            ("a : # c\n", "a : \"3.13\" # c\n"),
            ("{ a: , b: 1 }", "{ a: \"3.13\" , b: 1 }"),
        ] {
            assert_eq!(replaced(before, "3.13").as_deref(), Some(after));
        }
        for tied in [
            "a: &x 1\nb: *x\n",
            "b: &x 1\na: *x\n",
            "a: [x]\n",
            "a: { b: 1 }\n",
            "{ a, b: 1 }",
        ] {
            assert_eq!(replaced(tied, "3.13"), None, "{tied}");
        }
    }
}
