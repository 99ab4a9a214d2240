//! How values get into what a template may print: each with the places where it was declared, so
//! that a trace needs no table of its own.
//!
//! A [`Pen`] writes values as they are. For a trace it writes a mark in front of each, which leads
//! from the generated line back to those places. Contexts hold nothing but [`Printed`] values, so
//! no value can come without them.

use std::borrow::Cow;
use std::cell::RefCell;

use serde::Serialize;

use crate::fleet::Origin;

/// The characters that open and close a mark: STX and ETX, which no declared value can hold.
pub(super) const OPEN: char = '\u{2}';
pub(super) const CLOSE: char = '\u{3}';
/// What a mark of a value begins with.
const VALUE: &str = "value";

/// A text that a template may print, encoded for its place.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub(crate) struct Printed<'a>(Cow<'a, str>);

impl Printed<'_> {
    /// A text of the program's own, which nobody declared.
    pub(crate) const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The text itself, without the mark of a trace.
    pub(in crate::render) fn text(&self) -> &str {
        &self.0[mark_of(&self.0).map_or(0, str::len)..]
    }
}

/// Writes the values of one context.
#[derive(Debug, Default)]
pub(crate) struct Pen {
    /// The origins of each mark; nothing where values are written as they are.
    marks: Option<RefCell<Vec<Vec<Origin>>>>,
}

impl Pen {
    /// One that marks each value.
    pub(super) fn marking() -> Self {
        Self {
            marks: Some(RefCell::default()),
        }
    }

    /// A value with the places that decide it, the most telling first.
    pub(crate) fn write<'a>(
        &self,
        text: impl Into<Cow<'a, str>>,
        origins: impl IntoIterator<Item = Origin>,
    ) -> Printed<'a> {
        let text = text.into();
        let Some(marks) = &self.marks else {
            return Printed(text);
        };
        let mut marks = marks.borrow_mut();
        let number = marks.len();
        marks.push(origins.into_iter().collect());
        Printed(format!("{OPEN}{VALUE}:{number}{CLOSE}{text}").into())
    }

    /// The places behind a mark, given what stands between its first and its last character;
    /// nothing for marks of another kind.
    pub(super) fn origins(&self, mark: &str) -> Vec<Origin> {
        let number = mark
            .strip_prefix(VALUE)
            .and_then(|rest| rest.strip_prefix(':')?.parse::<usize>().ok());
        let (Some(marks), Some(number)) = (&self.marks, number) else {
            return Vec::new();
        };
        // A template of the fleet's own can print what looks like a mark.
        marks.borrow().get(number).cloned().unwrap_or_default()
    }
}

/// The mark in front of a text, where there is one.
pub(super) fn mark_of(text: &str) -> Option<&str> {
    let end = text.strip_prefix(OPEN)?.find(CLOSE)? + OPEN.len_utf8() + CLOSE.len_utf8();
    text.get(..end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::model::Section;

    #[test]
    fn a_mark_leads_back_to_every_place_of_a_value() {
        let origins = [
            Origin::field(Section::Fleet, "registry"),
            Origin::field(Section::Services(3.into()), "port"),
        ];
        let plain = Pen::default().write("x", origins);
        assert_eq!(plain.0, "x");
        let pen = Pen::marking();
        let first = pen.write("x", []).0;
        let second = pen.write("y", origins).0;
        assert_eq!(
            (first.as_ref(), second.as_ref()),
            ("\u{2}value:0\u{3}x", "\u{2}value:1\u{3}y")
        );
        assert_eq!(
            (mark_of(&second), mark_of("y")),
            (Some("\u{2}value:1\u{3}"), None)
        );
        assert_eq!(pen.origins("value:1"), origins);
        assert_eq!(
            [
                pen.origins("value:0"),
                pen.origins("line:1"),
                pen.origins("value:9")
            ],
            [vec![], vec![], vec![]]
        );
    }
}
