//! Which characters hide, move or cover others.

/// One unit of content.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(in crate::report) enum Unit {
    Scalar(char),
    InvalidByte(u8),
}

/// Whether a unit would not be seen as it is, or would change how others are seen.
pub(in crate::report) fn is_hidden(unit: Unit) -> bool {
    match unit {
        Unit::InvalidByte(_) => true,
        Unit::Scalar('\t' | ' '..='~') => false,
        Unit::Scalar(c) => {
            c.is_control() || c.is_whitespace() || is_noncharacter(c) || within(HIDDEN, c)
        }
    }
}

/// Marks that combine with any base character, so also with the `-` or `+` that a diff prints
/// before the content: U+20D2 makes a `-` look like a `+`.
pub(super) fn is_overlay(unit: Unit) -> bool {
    matches!(unit, Unit::Scalar(c) if within(OVERLAYS, c))
}

fn is_noncharacter(c: char) -> bool {
    u32::from(c) & 0xfffe == 0xfffe || within(&[('\u{fdd0}', '\u{fdef}')], c)
}

fn within(ranges: &[(char, char)], c: char) -> bool {
    ranges.iter().any(|&(first, last)| first <= c && c <= last)
}

/// As of Unicode 15: general category Cf and `Default_Ignorable_Code_Point`, reserved code points
/// of the latter included, and the few other characters that draw nothing. Control and white space
/// characters are told by their property instead.
const HIDDEN: &[(char, char)] = &[
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{600}', '\u{605}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{6dd}', '\u{6dd}'),
    ('\u{70f}', '\u{70f}'),
    ('\u{890}', '\u{891}'),
    ('\u{8e2}', '\u{8e2}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{202a}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'), // braille pattern blank
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{110bd}', '\u{110bd}'),
    ('\u{110cd}', '\u{110cd}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{16fe4}', '\u{16fe4}'), // Khitan small script filler
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d159}', '\u{1d159}'), // musical symbol null notehead
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// The blocks of combining marks that belong to no script, and the Cyrillic and kana marks that are
/// used the same way.
const OVERLAYS: &[(char, char)] = &[
    ('\u{300}', '\u{36f}'),
    ('\u{483}', '\u{489}'),
    ('\u{1ab0}', '\u{1aff}'),
    ('\u{1dc0}', '\u{1dff}'),
    ('\u{20d0}', '\u{20ff}'),
    ('\u{302a}', '\u{302f}'),
    ('\u{3099}', '\u{309a}'),
    ('\u{fe20}', '\u{fe2f}'),
];
