//! Text as a YAML scalar that every loader reads back as the same text.

use saphyr_parser::ScalarStyle;

/// The words that loaders of YAML 1.1 or 1.2 read as something else than text.
const WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// A value in the quote style of the one that it replaces.
pub(super) fn like(style: ScalarStyle, value: &str) -> String {
    match style {
        ScalarStyle::SingleQuoted if !value.contains('\n') => format!("'{}'", value.replace('\'', "''")),
        ScalarStyle::DoubleQuoted => double(value),
        _ => plain_or_double(value),
    }
}

/// A value without quotes where no loader could mistake it.
#[must_use]
pub fn plain_or_double(value: &str) -> String {
    if is_plain(value) { value.to_owned() } else { double(value) }
}

/// Whether a value needs no quotes, in block and in flow style: names, packages and versions mostly do not.
fn is_plain(value: &str) -> bool {
    let allowed = |character: char| character.is_ascii_alphanumeric() || "._/+@-".contains(character);
    let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(value));
    let starts_as_text = value.starts_with(|first: char| first.is_ascii_alphabetic());
    // 1.0.1 is no number to any loader, and neither a date nor base 60.
    let is_version = value.starts_with(|first: char| first.is_ascii_digit())
        && value.matches('.').count() >= 2
        && value.chars().all(|character| character.is_ascii_alphanumeric() || character == '.');
    (starts_as_text || is_version) && value.chars().all(allowed) && !is_word
}

fn double(value: &str) -> String {
    let mut quoted = String::from("\"");
    for character in value.chars() {
        match character {
            '"' | '\\' => quoted.extend(['\\', character]),
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            '\r' => quoted.push_str("\\r"),
            _ => quoted.push(character),
        }
    }
    quoted + "\""
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_loaders_could_mistake_is_quoted() {
        for (value, written) in [
            ("v1.0.1", "v1.0.1"),
            ("1.0.1", "1.0.1"),
            ("3.13", "\"3.13\""),
            ("1e3", "\"1e3\""),
            ("no", "\"no\""),
            ("uvicorn[standard]", "\"uvicorn[standard]\""),
            ("httpx>=0.27", "\"httpx>=0.27\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
        ] {
            assert_eq!(plain_or_double(value), written);
        }
        assert_eq!(like(ScalarStyle::SingleQuoted, "it's"), "'it''s'");
    }
}
