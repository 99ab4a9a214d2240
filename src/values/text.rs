//! Free text: what people may write in values that no grammar narrows.

use super::invalid::{Grammar, InvalidValue, Refusal, shown, text_traits};

/// One line of text that shows everything it holds: an environment value, a label value, a word of
/// a command.
///
/// Any Unicode text of at most 4,096 bytes, also none at all, without control characters, line
/// separators, blanks other than U+0020, bidirectional controls, zero-width and other invisible
/// characters, and noncharacters. Quotes, dollars, backslashes and every other visible character
/// are allowed: [`Quote`](super::Quote) writes them safely.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FreeText(String);

const FREE_TEXT: Grammar<()> = Grammar {
    what: "text",
    max_bytes: 4096,
    read: check_visible,
    correct: visible,
};

impl FreeText {
    /// Reads such a text.
    ///
    /// # Errors
    /// [`InvalidValue`] where it is too long or holds a character that does not show.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        if !value.is_empty() {
            FREE_TEXT.apply(value)?;
        }
        Ok(Self(value.to_owned()))
    }

    /// The text as it was declared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

text_traits!(FreeText);

fn check_visible(value: &str) -> Result<(), Refusal> {
    value.chars().find_map(refused).map_or(Ok(()), Err)
}

fn refused(character: char) -> Option<Refusal> {
    let kind = match character {
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => "a line break",
        ' ' => return None,
        other if other.is_control() => "a control character",
        other if other.is_whitespace() => "a blank other than a plain one",
        other if is_hidden(other) => "an invisible character",
        _ => return None,
    };
    Some(Refusal::new(format!(
        "must not hold {kind} ({})",
        shown(character)
    )))
}

/// The text with plain blanks and without what cannot be seen.
fn visible(value: &str) -> String {
    let plain = |c: char| {
        if c.is_whitespace() && !matches!(c, '\n' | '\r') {
            ' '
        } else {
            c
        }
    };
    value
        .chars()
        .filter(|&character| !is_hidden(character))
        .map(plain)
        .collect()
}

/// Characters without a glyph of their own, by code point, both ends included.
///
/// These are the Unicode 16 properties `Default_Ignorable_Code_Point` and
/// `Noncharacter_Code_Point`, and the general category Cf less the prepended number signs of
/// Arabic, Syriac and Kaithi, which show; and the Braille blank. The noncharacters at the end of
/// every plane are told by their last bits.
const HIDDEN: [(u32, u32); 20] = [
    (0x00AD, 0x00AD),
    (0x034F, 0x034F),
    (0x061C, 0x061C),
    (0x115F, 0x1160),
    (0x17B4, 0x17B5),
    (0x180B, 0x180F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0x2800, 0x2800),
    (0x3164, 0x3164),
    (0xFDD0, 0xFDEF),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0),
    (0xFFF0, 0xFFFB),
    (0x1_3430, 0x1_343F),
    (0x1_BCA0, 0x1_BCA3),
    (0x1_D173, 0x1_D17A),
    (0xE_0000, 0xE_0FFF),
];

fn is_hidden(character: char) -> bool {
    let code = u32::from(character);
    let is_noncharacter = code & 0xFFFE == 0xFFFE;
    is_noncharacter
        || HIDDEN
            .iter()
            .any(|&(first, last)| (first..=last).contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_text_of_any_script_is_accepted() {
        for text in [
            "",
            "x y",
            r#"C:\dir "quoted" 'it' $HOME ${X} `id` $(id) #x ; && | <<EOF {{ 7*7 }} %0a::error::x"#,
            "stra\u{df}e \u{5e2}\u{5d1}\u{5e8}\u{5d9}\u{5ea} \u{65e5}\u{672c}",
            "\u{1f600}",
            "e\u{301}",
        ] {
            assert_eq!(FreeText::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn characters_that_do_not_show_are_refused_by_number() {
        for (character, reason) in [
            ('\n', "a line break (U+000A)"),
            ('\r', "a line break (U+000D)"),
            ('\u{85}', "a line break (U+0085)"),
            ('\u{2028}', "a line break (U+2028)"),
            ('\t', "a control character (U+0009)"),
            ('\0', "a control character (U+0000)"),
            ('\u{1b}', "a control character (U+001B)"),
            ('\u{9b}', "a control character (U+009B)"),
            ('\u{a0}', "a blank other than a plain one (U+00A0)"),
            ('\u{3000}', "a blank other than a plain one (U+3000)"),
            ('\u{202e}', "an invisible character (U+202E)"),
            ('\u{2066}', "an invisible character (U+2066)"),
            ('\u{200b}', "an invisible character (U+200B)"),
            ('\u{feff}', "an invisible character (U+FEFF)"),
            ('\u{fe0f}', "an invisible character (U+FE0F)"),
            ('\u{e0041}', "an invisible character (U+E0041)"),
            ('\u{fffe}', "an invisible character (U+FFFE)"),
            ('\u{5ffff}', "an invisible character (U+5FFFF)"),
        ] {
            let invalid = FreeText::parse(&format!("x{character}y")).unwrap_err();
            assert_eq!(
                invalid.to_string(),
                format!("not a valid text: must not hold {reason}")
            );
        }
    }

    #[test]
    fn invisible_characters_are_left_out_of_the_suggestion() {
        assert_eq!(
            FreeText::parse("x\u{a0}y\u{200b}")
                .unwrap_err()
                .suggestion(),
            Some("x y")
        );
        assert_eq!(FreeText::parse("x\nRUN y").unwrap_err().suggestion(), None);
    }

    #[test]
    fn text_is_limited_to_4096_bytes() {
        assert!(FreeText::parse(&"x".repeat(4096)).is_ok());
        assert!(FreeText::parse(&"x".repeat(4097)).is_err());
    }
}
