//! How `BuildKit` cuts an instruction's arguments into flags and words
//! (`split_command.go` and `line_parsers.go` of its parser).

use serde_json::Value;

/// The white space that separates words on a line. Unlike `char::is_whitespace`
/// it leaves out everything beyond ASCII.
const SEPARATORS: [char; 5] = ['\t', '\u{b}', '\u{c}', '\r', ' '];

/// What an argument that may be a JSON array turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ExecForm {
    /// An array of strings.
    Array(Vec<String>),
    /// An array with something else in it, which `BuildKit` refuses.
    NotStrings,
    /// No JSON array, so the text is meant as it stands.
    Text,
}

/// The strings of a JSON array, as in `CMD ["nginx", "-g", "daemon off;"]`.
///
/// `arguments` is the text after the keyword and after any flags. Answers `None`
/// for text in shell form and for an array that holds anything but strings
/// (`BuildKit` refuses the latter).
#[must_use]
pub(crate) fn exec_form(arguments: &str) -> Option<Vec<String>> {
    match read_exec_form(arguments) {
        ExecForm::Array(strings) => Some(strings),
        ExecForm::NotStrings | ExecForm::Text => None,
    }
}

pub(super) fn read_exec_form(arguments: &str) -> ExecForm {
    match serde_json::from_str(arguments.trim_start()) {
        Ok(Value::Array(items)) => items
            .into_iter()
            .map(|item| match item {
                Value::String(text) => Some(text),
                _ => None,
            })
            .collect::<Option<_>>()
            .map_or(ExecForm::NotStrings, ExecForm::Array),
        _ => ExecForm::Text,
    }
}

/// Cuts a logical line into its first word and the rest, without the white space
/// around either.
pub(super) fn split_keyword(line: &str) -> (&str, &str) {
    let line = line.trim();
    split_once_at_separators(line).unwrap_or((line, ""))
}

/// Cuts text at its first run of separators.
pub(super) fn split_once_at_separators(text: &str) -> Option<(&str, &str)> {
    text.split_once(SEPARATORS)
        .map(|(first, rest)| (first, rest.trim_start_matches(SEPARATORS)))
}

/// The words of text in which quotes mean nothing.
pub(super) fn plain_words(text: &str) -> Vec<String> {
    text.split(SEPARATORS)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The words of text in which quotes and escapes hold a word together. Both stay
/// in the words, to be removed by the lexer later.
pub(super) fn quoted_words(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        if c == escape && quote != Some('\'') {
            // An escape character at the very end is dropped.
            word.extend(rest.next().into_iter().flat_map(|next| [c, next]));
            continue;
        }
        match quote {
            None if c.is_whitespace() => {
                words.push(std::mem::take(&mut word));
                continue;
            }
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(open) if c == open => quote = None,
            _ => {}
        }
        word.push(c);
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// Takes the leading `--flag` words off the arguments and gives the rest.
///
/// `BuildKit` reads flags byte by byte and takes each byte for a character, so a
/// flag beyond ASCII comes out garbled, here as there. Where it takes a byte inside
/// a character for a space, the rest here starts with the next whole character.
pub(super) fn split_flags(arguments: &str) -> (Vec<String>, &str) {
    let bytes = arguments.as_bytes();
    let mut flags = Vec::new();
    let mut at = 0;
    loop {
        let rest = &bytes[at..];
        at += rest.iter().take_while(|byte| is_space(**byte)).count();
        let rest = &bytes[at..];
        if !rest.starts_with(b"--") {
            break;
        }
        let (word, length) = flag_word(rest);
        at += length;
        if word == "--" {
            break;
        }
        flags.push(word);
    }
    let rest = (at..=bytes.len()).find_map(|start| arguments.get(start..));
    (flags, rest.expect("the end is a boundary").trim())
}

/// The first word of `bytes`, quotes and escapes removed, and its length in bytes
/// as written. The escape character of flags is always the backslash.
fn flag_word(bytes: &[u8]) -> (String, usize) {
    let mut word = String::new();
    let mut quote = None;
    let mut rest = bytes.iter().copied().enumerate();
    while let Some((at, byte)) = rest.next() {
        match quote {
            None if is_space(byte) => return (word, at),
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            Some(open) if byte == open => quote = None,
            _ if byte == b'\\' => word.extend(rest.next().map(|(_, next)| char::from(next))),
            _ => word.push(char::from(byte)),
        }
    }
    (word, bytes.len())
}

/// Go's `unicode.IsSpace` for a byte taken as a character.
fn is_space(byte: u8) -> bool {
    char::from(byte).is_whitespace()
}

/// Cuts a health check's arguments into its type (`CMD`, `NONE`) and the rest.
///
/// `BuildKit` looks for the end of the type byte by byte, so a character beyond
/// ASCII may be cut in two; the type then ends in a replacement character.
pub(super) fn split_health_check(operands: &str) -> (String, &str) {
    let bytes = operands.as_bytes();
    let end = bytes.iter().take_while(|byte| !is_space(**byte)).count();
    let (kind, rest) = bytes.split_at_checked(end).unwrap_or((bytes, &[]));
    let spaces = rest.iter().take_while(|byte| is_space(**byte)).count();
    (
        String::from_utf8_lossy(kind).into_owned(),
        (end + spaces..=bytes.len())
            .find_map(|start| operands.get(start..))
            .expect("the end is a boundary"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exec_form_takes_only_arrays_of_strings() {
        let strings = |list: &[&str]| Some(list.iter().map(ToString::to_string).collect());
        assert_eq!(exec_form(r#"["a", "b c\n"]"#), strings(&["a", "b c\n"]));
        assert_eq!(exec_form("  []"), strings(&[]));
        assert_eq!(exec_form(r#"["a"] tail"#), None);
        assert_eq!(exec_form("['a']"), None);
        assert_eq!(exec_form(r#"["a", 1]"#), None);
        assert_eq!(read_exec_form("[1]"), ExecForm::NotStrings);
        assert_eq!(read_exec_form("[ -f x ]"), ExecForm::Text);
        assert_eq!(read_exec_form(r#"{"a": "b"}"#), ExecForm::Text);
    }

    #[test]
    fn keyword_ends_at_ascii_white_space_only() {
        assert_eq!(split_keyword("  RUN \t\u{b}a  b  "), ("RUN", "a  b"));
        assert_eq!(split_keyword("RUN\u{a0}a"), ("RUN\u{a0}a", ""));
        assert_eq!(split_keyword(""), ("", ""));
    }

    #[test]
    fn quotes_and_escapes_hold_words_together() {
        assert_eq!(
            quoted_words(r#"a=b\ c  "d e"'f g'=h "i\" j" 'k\'"#, '\\'),
            [r"a=b\ c", r#""d e"'f g'=h"#, r#""i\" j""#, r"'k\'"]
        );
        assert_eq!(quoted_words("a=b` c \\ d`", '`'), ["a=b` c", "\\", "d"]);
        assert_eq!(quoted_words("a=\"open b", '\\'), ["a=\"open b"]);
        assert!(quoted_words(" \u{a0} ", '\\').is_empty());
    }

    #[test]
    fn flags_are_taken_off_up_to_the_first_plain_word() {
        let (flags, rest) = split_flags(r#"--from=x  --chown="a b"\ c a --late b"#);
        assert_eq!(flags, ["--from=x", "--chown=a b c"]);
        assert_eq!(rest, "a --late b");
        assert_eq!(split_flags("-- --x"), (Vec::new(), "--x"));
        assert_eq!(split_flags("-a b"), (Vec::new(), "-a b"));
        assert_eq!(split_flags("--only"), (vec!["--only".to_owned()], ""));
    }

    #[test]
    fn flags_are_read_byte_by_byte() {
        let (flags, rest) = split_flags("--m=\u{2020} c");
        assert_eq!(
            (flags.as_slice(), rest),
            (["--m=\u{e2}\u{80}".to_owned()].as_slice(), "c")
        );
    }

    #[test]
    fn rest_after_a_cut_character_starts_with_a_whole_one() {
        assert_eq!(split_flags("--m=\u{180e}[1] /x").1, "[1] /x");
    }

    #[test]
    fn health_check_has_a_type_before_its_command() {
        assert_eq!(split_health_check("CMD  a b"), ("CMD".to_owned(), "a b"));
        assert_eq!(split_health_check("NONE"), ("NONE".to_owned(), ""));
        assert_eq!(split_health_check(""), (String::new(), ""));
        assert_eq!(
            split_health_check("CMD\u{a0} x"),
            ("CMD\u{fffd}".to_owned(), "x")
        );
    }
}
