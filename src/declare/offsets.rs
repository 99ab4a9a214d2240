//! From characters, as the event parser counts, to bytes.

use saphyr_parser::Span;

use super::locate::ByteRange;

/// How many characters a look-up goes through at the most.
const STEP: usize = 64;

/// The bytes of a text's characters: made once, since looking each place up from the start would take time that grows with the square.
pub(super) struct Offsets<'a> {
    text: &'a str,
    /// The byte of every [`STEP`]th character; empty where every character is one byte.
    marks: Vec<usize>,
}

impl<'a> Offsets<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let marks = text.char_indices().step_by(STEP).map(|(byte, _)| byte);
        Self { text, marks: if text.is_ascii() { Vec::new() } else { marks.collect() } }
    }

    /// The byte of a character; the text's end for one that is not there.
    pub(super) fn byte(&self, character: usize) -> usize {
        let length = self.text.len();
        if self.marks.is_empty() {
            return character.min(length);
        }
        let Some(mark) = self.marks.get(character / STEP) else { return length };
        let rest = self.text.get(*mark..).unwrap_or_default();
        rest.char_indices().nth(character % STEP).map_or(length, |(byte, _)| mark + byte)
    }

    /// The bytes of a span of the event parser.
    pub(super) fn range(&self, span: Span) -> ByteRange {
        let start = self.byte(span.start.index());
        (start, self.byte(span.end.index()).max(start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_up_agrees_with_the_count() {
        for text in ["", "abc", "é", "aé\u{1f600}b", &"aé\u{1f600}\n".repeat(100)] {
            let offsets = Offsets::of(text);
            let bytes: Vec<usize> = text.char_indices().map(|(byte, _)| byte).collect();
            for character in 0..bytes.len() + 200 {
                let expected = bytes.get(character).copied().unwrap_or(text.len());
                assert_eq!(offsets.byte(character), expected, "{character} of {text:?}");
            }
        }
    }
}
