//! What is said of an included file that is not one of ours: place and kind of its faults, and nothing that stands in it.
//!
//! `include` can name any YAML file of the repository, also one that a pull request has no business to read: a compose file with
//! passwords, values of a chart. A file is ours where it reads as [`super::IncludedDecl`] without a fault: a mapping of `requirements`
//! and `services` with known fields of the right types alone. Of every other file no line, key or value is repeated.

use super::locate::SpanTree;
use super::parse::NO_FURTHER;
use crate::diagnostic::{Diagnostic, Location, Spot, code};

/// What a value should have been, in words that only the schema has; the last word of serde's message may hold text of the file.
const EXPECTED: [&str; 7] =
    ["text", "a list", "a mapping", "a boolean", "a whole number, 0 or more,", "the short form or a mapping", "`none`"];
/// In place of a line.
const NOT_SHOWN: &str = "no line is shown before the whole file reads as requirements and services";

/// The same findings without anything that stands in the file.
pub(super) fn without_content(bytes: &[u8], found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let tree = SpanTree::of(std::str::from_utf8(bytes).unwrap_or_default());
    found.into_iter().map(|one| told(one, &tree)).collect()
}

fn told(found: Diagnostic, tree: &SpanTree) -> Diagnostic {
    let message = message(&found);
    // The help for an unknown field names fields of the schema alone.
    let help = found.help.filter(|_| found.code.id == code::UNKNOWN_FIELD.id);
    let spot = match found.location.spot {
        // Its keys are keys of the file.
        Spot::Value(_) | Spot::Key(_) => {
            let (start, end) = tree.range(&found.location.spot);
            Spot::Bytes { start, end }
        }
        spot => spot,
    };
    let location = Location { file: found.location.file, spot };
    Diagnostic::new(found.code, location, message).with_help(help.unwrap_or_else(|| NOT_SHOWN.to_owned()))
}

fn message(found: &Diagnostic) -> String {
    let said = match found.code.id {
        id if id == code::YAML_SYNTAX.id => "not valid YAML here",
        id if id == code::NESTING_TOO_DEEP.id => "lists and mappings nest too deep here",
        id if id == code::DUPLICATE_KEY.id => "a key appears a second time in its mapping",
        _ if found.message == NO_FURTHER => NO_FURTHER,
        id if id == code::UNKNOWN_FIELD.id => "this is not a field of an included file",
        id if id == code::NOT_A_STRING.id => "a number or a boolean without quotes, but text is needed",
        id if id == code::WRONG_TYPE.id => {
            return match expected(&found.message) {
                Some(expected) => format!("a value of another type, but {expected} is needed"),
                None => "a value of the wrong type".to_owned(),
            };
        }
        // What is said of a file as a whole: its size, its encoding, how many documents and aliases it has.
        _ => return found.message.clone(),
    };
    said.to_owned()
}

/// What the message of a wrong type asks for.
fn expected(message: &str) -> Option<&'static str> {
    let (_, asked) = message.strip_suffix(" is needed")?.rsplit_once(", but ")?;
    EXPECTED.into_iter().find(|known| *known == asked)
}

#[cfg(test)]
mod tests {
    use super::super::parse::parse_included;

    const SECRET: &str = "hunter2swordfish";

    /// Every way in which a file is not ours, with the code of its first fault.
    const FOREIGN: [(&str, &str); 22] = [
        ("~", "wrong-type"),
        ("[~]", "wrong-type"),
        ("- a: ~\n", "wrong-type"),
        ("~: 1\n", "unknown-field"),
        ("requirements: { ~: { ~: 1 } }\n", "unknown-field"),
        ("services: { ~: { ~: 1 } }\n", "unknown-field"),
        ("services: { a: { kind: web, environment: { A: ~ } } }\n", "unknown-field"),
        ("services: { a: { healthcheck: ~ } }\n", "wrong-type"),
        ("services: { a: { port: \"~, expected ~\" } }\n", "wrong-type"),
        ("services: { a: { port: \"x, but ~ is needed\" } }\n", "wrong-type"),
        ("services: { ~: ~ }\n", "wrong-type"),
        ("services: [~]\n", "wrong-type"),
        ("services: ~\n", "wrong-type"),
        ("services: { ~: { env: { ~: 12 } } }\n", "not-a-string"),
        ("services: {}\n~: &~ [*~]\n", "alias-budget"),
        ("services: {}\n---\n~: 1\n", "multiple-documents"),
        ("~: 1\n~: 2\n", "duplicate-key"),
        ("a: [~\n", "yaml-syntax"),
        ("a: *~\n", "yaml-syntax"),
        ("%~ ~\n---\n~\n", "yaml-syntax"),
        ("services: {}\n\t~: [\n", "yaml-syntax"),
        ("services: { a: !~ { port: ~ } }\n", "wrong-type"),
    ];

    #[test]
    fn nothing_of_a_foreign_file_is_said() {
        for (text, code) in FOREIGN {
            let text = text.replace('~', SECRET);
            let part = parse_included("x.yaml", text.as_bytes());
            assert!(!part.is_ours(), "{text}");
            let found = part.diagnostics();
            assert_eq!(found.first().map(|one| one.code.id), Some(code), "{text}: {found:?}");
            for pieces in SECRET.as_bytes().windows(5) {
                let piece = std::str::from_utf8(pieces).unwrap();
                assert!(!format!("{found:?}{part:?}").contains(piece), "{text}: {found:?}");
            }
        }
    }

    #[test]
    fn a_file_without_a_fault_is_ours() {
        for text in ["", "# none\n", "services: {}\n", "requirements: { a: [x] }\nservices: { a: { port: 1 } }\n"] {
            assert!(parse_included("x.yaml", text.as_bytes()).is_ours(), "{text}");
        }
    }

    #[test]
    fn what_was_expected_is_said_in_words_of_the_schema() {
        let said = |text: &str| {
            parse_included("x.yaml", text.as_bytes())
                .diagnostics()
                .iter()
                .map(|one| one.message.clone())
                .collect::<Vec<_>>()
        };
        let asks = |expected: &str| format!("a value of another type, but {expected} is needed");
        assert_eq!(
            said("services: { a: { port: x, apt: y } }\n"),
            [asks("a whole number, 0 or more,"), asks("a list")]
        );
        assert_eq!(said("[]\n"), [asks("a mapping")]);
    }
}
