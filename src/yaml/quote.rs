//! Text as a YAML scalar that every reader takes for the same text. `serde_yaml` prints what needs
//! quotes.

use super::plain::mistaken;
use super::tree::Style;

/// A value without quotes where no reader could mistake it, else in double quotes: on one line,
/// also in brackets and braces.
#[must_use]
pub(crate) fn scalar(value: &str) -> String {
    if is_plain(value) {
        value.to_owned()
    } else {
        double(value)
    }
}

/// A value in the quote style of the one that it replaces.
pub(super) fn like(style: Style, value: &str) -> String {
    match style {
        Style::SingleQuoted if is_printable(value) => format!("'{}'", value.replace('\'', "''")),
        Style::SingleQuoted | Style::DoubleQuoted => double(value),
        Style::Plain | Style::Block => scalar(value),
    }
}

/// Whether a value has nothing that only double quotes can hold.
fn is_printable(value: &str) -> bool {
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
    double(value) == format!("\"{quoted}\"")
}

/// Whether a value needs no quotes, in block and in flow style: names, packages and versions mostly
/// do not.
fn is_plain(value: &str) -> bool {
    let is_allowed =
        |character: char| character.is_ascii_alphanumeric() || "._/+@-".contains(character);
    // Options of commands and paths of images are text to every reader too.
    let first_word = value.trim_start_matches(['-', '/']);
    let starts_as_text = first_word.starts_with(|first: char| first.is_ascii_alphabetic());
    // 1.0.1 is not a number to any reader.
    let is_version = value.starts_with(|first: char| first.is_ascii_digit())
        && value.matches('.').count() >= 2
        && value
            .chars()
            .all(|character| character.is_ascii_alphanumeric() || character == '.');
    (starts_as_text || is_version) && value.chars().all(is_allowed) && mistaken(value).is_none()
}

fn double(value: &str) -> String {
    // A character that has to be escaped makes the printer choose double quotes.
    let printed = serde_yaml::to_string(&format!("{value}\u{7}")).expect("a text is YAML");
    match printed.trim_end().strip_suffix("\\a\"") {
        Some(printed) => format!("{printed}\""),
        None => unreachable!("`\\a` is how YAML writes U+0007, and it is last"),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::yaml::read;

    #[test]
    fn what_readers_could_mistake_is_quoted() {
        for (value, written) in [
            ("v1.0.1", "v1.0.1"),
            ("1.0.1", "1.0.1"),
            ("3.13", "\"3.13\""),
            ("1e3", "\"1e3\""),
            ("no", "\"no\""),
            ("-c", "-c"),
            ("--no", "--no"),
            ("---", "\"---\""),
            ("-.inf", "\"-.inf\""),
            ("/app", "/app"),
            ("Null", "\"Null\""),
            ("", "\"\""),
            ("12:30", "\"12:30\""),
            ("uvicorn[standard]", "\"uvicorn[standard]\""),
            ("httpx>=0.27", "\"httpx>=0.27\""),
            ("{python}-slim", "\"{python}-slim\""),
            ("a\"b\\", "\"a\\\"b\\\\\""),
            ("a\nb\tc\r", "\"a\\nb\\tc\\r\""),
            ("é \u{85}", "\"é \\N\""),
        ] {
            assert_eq!(scalar(value), written);
        }
        assert_eq!(like(Style::SingleQuoted, "it's \"é\""), "'it''s \"é\"'");
        assert_eq!(like(Style::SingleQuoted, "a\nb"), "\"a\\nb\"");
        assert_eq!(like(Style::Plain, "3.13"), "\"3.13\"");
    }

    proptest! {
        /// Each reader has the text back, in a list, as a key, and in any quotes.
        #[test]
        fn what_is_written_reads_back(value in "\\PC{0,12}|[ \
         -~]{0,10}|[\\x00-\\x7f\u{80}-\u{a0}\u{2026}-\u{202a}\u{feff}]{0,6}|[0-9a-z.:_+-]{0,5}") {
            for written in [
                scalar(&value),
                like(Style::SingleQuoted, &value),
                like(Style::DoubleQuoted, &value),
            ] {
                prop_assert!(!written.contains('\n'), "{written}");
                let text = format!("a: [{written}, x]\nb: {written} # c\nc: {{ {written}: 1 }}\n");
                let tree = read(text.as_bytes())
                    .map_err(|faults| TestCaseError::fail(format!("{faults:?} {text}")))?;
                let root = tree.root().unwrap();
                let list = tree.entry(root, "a").unwrap().value;
                prop_assert_eq!(tree.value(tree.children(list).next().unwrap()), &value);
                prop_assert_eq!(tree.value(tree.entry(root, "b").unwrap().value), &value);
                prop_assert!(tree.entry(tree.entry(root, "c").unwrap().value, &value).is_some());
                let other: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
                prop_assert_eq!(other["a"][0].as_str(), Some(value.as_str()), "{}", text);
                prop_assert_eq!(other["b"].as_str(), Some(value.as_str()), "{}", text);
            }
        }
    }
}
