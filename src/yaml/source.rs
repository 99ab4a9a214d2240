//! From bytes to a text that every reader of YAML splits into the same lines.

use memchr::memmem;

use super::Fault;
use super::build::build;
use super::tree::Tree;
use crate::diagnostic::code;

/// The largest text that is read, in bytes.
pub(crate) const SIZE_LIMIT: usize = 32 * 1024 * 1024;
/// How many conflict markers are reported.
const MARKER_LIMIT: usize = 20;

/// Reads the tree of a document.
///
/// # Errors
/// Everything that is in the way of reading it.
pub fn read(bytes: &[u8]) -> Result<Tree, Vec<Fault>> {
    let text = text(bytes).map_err(|fault| vec![fault])?;
    let markers = conflict_markers(text);
    if !markers.is_empty() {
        return Err(markers);
    }
    build(text.to_owned())
}

/// The text that bytes are.
fn text(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.len() > SIZE_LIMIT {
        let message = format!("{} bytes; at most {SIZE_LIMIT} are read", bytes.len());
        return Err(Fault::new(&code::FILE_TOO_LARGE, None, message));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let message = format!("byte {} is not UTF-8", error.valid_up_to());
        Fault::new(&code::NOT_UTF_8, None, message).with_help("save the file as UTF-8")
    })?;
    if text.starts_with('\u{feff}') {
        let fault = Fault::new(
            &code::BYTE_ORDER_MARK,
            None,
            "the file starts with a byte-order mark",
        );
        return Err(fault.with_help("save the file as UTF-8 without a byte-order mark"));
    }
    match disputed(text) {
        Some(fault) => Err(fault),
        None => Ok(text),
    }
}

/// The first character that YAML parsers disagree about: U+0085, U+2028 and U+2029 end a line in
/// YAML 1.1 alone, and U+FEFF is skipped by some.
fn disputed(text: &str) -> Option<Fault> {
    if text.is_ascii() {
        return None;
    }
    let (start, found) = text
        .char_indices()
        .find(|(_, character)| is_disputed(*character))?;
    let point = u32::from(found);
    let message = match found {
        '\u{feff}' => {
            "some YAML parsers skip U+FEFF, a byte-order mark, and others keep it".to_owned()
        }
        _ => format!("U+{point:04X} ends a line for some YAML parsers, but not for others"),
    };
    let fault = Fault::new(
        &code::YAML_SYNTAX,
        Some((start, start + found.len_utf8())),
        message,
    );
    Some(fault.with_help(format!(
        "delete it, or write \"\\u{point:04X}\" in double quotes"
    )))
}

fn is_disputed(character: char) -> bool {
    matches!(character, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

/// The conflicts that a merge left in the text, each at its first marker.
fn conflict_markers(text: &str) -> Vec<Fault> {
    let mut lines: Vec<usize> = Vec::new();
    for marker in ["<<<<<<<", "|||||||", "=======", ">>>>>>>"] {
        lines.extend(
            memmem::find_iter(text.as_bytes(), marker).filter(|at| is_marker(text, *at, marker)),
        );
    }
    lines.sort_unstable();
    let mut faults = Vec::new();
    let mut is_open = false;
    for start in lines {
        let first = text.as_bytes().get(start).copied();
        if first == Some(b'<') || !is_open {
            let fault = Fault::new(
                &code::YAML_SYNTAX,
                Some((start, start + 7)),
                "merge conflict marker",
            );
            faults.push(
                fault.with_help(
                    "keep one side of the conflict, and delete the lines with its markers",
                ),
            );
        }
        is_open = first != Some(b'>');
        if faults.len() == MARKER_LIMIT {
            break;
        }
    }
    faults
}

/// Whether a marker begins a line and ends with it or with a space.
fn is_marker(text: &str, start: usize, marker: &str) -> bool {
    let bytes = text.as_bytes();
    let begins = start == 0 || bytes.get(start - 1) == Some(&b'\n');
    let after = bytes.get(start + marker.len());
    let is_line = after.is_none_or(|byte| matches!(byte, b'\n' | b'\r'));
    begins && (is_line || (after == Some(&b' ') && marker != "======="))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(bytes: &[u8]) -> Vec<(&'static str, Option<(usize, usize)>)> {
        read(bytes).map_or_else(
            |found| found.iter().map(|one| (one.code.id, one.range)).collect(),
            |_| Vec::new(),
        )
    }

    #[test]
    fn other_encodings_and_disputed_characters_are_refused() {
        assert_eq!(faults(b"a: \xff\n"), [("not-utf-8", None)]);
        assert_eq!(
            faults("\u{feff}a: 1\n".as_bytes()),
            [("byte-order-mark", None)]
        );
        for character in ['\u{85}', '\u{2028}', '\u{2029}', '\u{feff}'] {
            for text in [
                "a: 1 # b~c: 2\n",
                "a: { b: 1, ~b: 2 }\n",
                "a: &a [~*a]\n",
                "a: \"~\"\n",
            ] {
                let start = text.find('~').unwrap();
                let text = text.replace('~', &character.to_string());
                let range = Some((start, start + character.len_utf8()));
                assert_eq!(
                    faults(text.as_bytes()),
                    [("yaml-syntax", range)],
                    "{text:?}"
                );
            }
        }
        assert_eq!(faults("a: \"é\\u2028\" # é\n".as_bytes()), []);
    }

    #[test]
    fn each_conflict_is_reported_at_its_first_marker() {
        let conflict = "<<<<<<< HEAD\na: 1\n||||||| base\na: 0\n=======\na: 2\n>>>>>>> other\n";
        let two = format!("b: 1\n{conflict}c: 1\n{}", conflict.replace('\n', "\r\n"));
        let second = 5 + conflict.len() + 5;
        let expected = [5, second].map(|start| ("yaml-syntax", Some((start, start + 7))));
        assert_eq!(faults(two.as_bytes()), expected);
        for left in ["=======\n", ">>>>>>> x\n", "|||||||\n", "a: 1\n<<<<<<<"] {
            assert_eq!(faults(left.as_bytes()).len(), 1, "{left}");
        }
        let message = read(conflict.as_bytes())
            .err()
            .map(|found| found[0].message.clone());
        assert_eq!(message.as_deref(), Some("merge conflict marker"));
        for text in [
            "a: '<<<<<<< x'\n",
            "# =======\n#>>>>>>>\n",
            "a: |\n  =======\n  <<<<<<< x\n",
        ] {
            assert_eq!(faults(text.as_bytes()), [], "{text}");
        }
        assert_eq!(
            faults("<<<<<<< a\n".repeat(5_000).as_bytes()).len(),
            MARKER_LIMIT
        );
    }

    #[test]
    fn a_text_of_more_than_32_mebibytes_is_refused() {
        assert_eq!(
            faults(&vec![b'#'; SIZE_LIMIT + 1]),
            [("file-too-large", None)]
        );
        assert_eq!(faults(&vec![b'#'; SIZE_LIMIT]), []);
    }
}
