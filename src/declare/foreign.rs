//! What is said of an included file that is not one of ours: place and kind of its faults, and
//! nothing that stands in it.
//!
//! `include` can name any YAML file of the repository, also one that a pull request has no business
//! to read: a compose file with passwords, values of a chart. A file is ours where it reads as
//! [`super::include::IncludedDecl`] without a fault: a mapping of `requirements` and `services`
//! with known fields of the right types alone. Of every other file no line,
//! key or value is repeated.

use super::shape::{NO_FURTHER, field_out_of_place, wanted};
use crate::diagnostic::{Diagnostic, Location, Spot, code};
use crate::yaml::{Fault, Finding, Problem, Tree};

/// In place of a line.
const NOT_SHOWN: &str = "lines of this file are shown only once it is a valid file of requirements \
                         and services";

/// Why the file is not read, by place and kind.
pub(super) fn faults(file: &str, faults: Vec<Fault>) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for fault in faults {
        let spot = fault
            .range
            .map_or(Spot::File, |(start, end)| Spot::Bytes { start, end });
        let location = Location {
            file: file.to_owned(),
            spot,
        };
        let message = said_of_fault(&fault);
        found.push(Diagnostic::new(fault.code, location, message).with_help(NOT_SHOWN));
    }
    found
}

/// What may be said of a fault: of a file as a whole its size and encoding, and of everything else
/// what kind of fault it is.
fn said_of_fault(fault: &Fault) -> String {
    let said = match fault.code.id {
        _ if fault.range.is_none() => return fault.message.clone(),
        id if id == code::NESTING_TOO_DEEP.id => "lists and mappings nest too deep here",
        id if id == code::DUPLICATE_KEY.id => "a key appears a second time in its mapping",
        id if id == code::MULTIPLE_DOCUMENTS.id => "a second document starts here",
        id if id == code::ALIAS_BUDGET.id => "the aliases up to here refer to too much",
        id if id == code::FILE_TOO_LARGE.id => "the file has too many values and keys",
        _ => "not valid YAML here",
    };
    said.to_owned()
}

/// What does not fit the shape of an included file, by place and kind.
pub(super) fn misfits(file: &str, tree: &Tree, findings: &[Finding]) -> Vec<Diagnostic> {
    findings
        .iter()
        .map(|finding| misfit(file, tree, finding))
        .collect()
}

fn misfit(file: &str, tree: &Tree, finding: &Finding) -> Diagnostic {
    let (start, end) = tree.bytes(finding.node);
    let location = Location {
        file: file.to_owned(),
        spot: Spot::Bytes { start, end },
    };
    let of = |code, message: String| {
        Diagnostic::new(code, location.clone(), message).with_help(NOT_SHOWN)
    };
    match &finding.problem {
        Problem::UnknownField => {
            // Its help names fields of the schema alone.
            let out_of_place = field_out_of_place(file, &tree.path(finding.node));
            let is_include = out_of_place.message == NO_FURTHER;
            let said = if is_include {
                NO_FURTHER
            } else {
                "this is not a field of an included file"
            };
            let found = of(&code::UNKNOWN_FIELD, said.to_owned());
            Diagnostic {
                help: out_of_place.help.or(found.help),
                ..found
            }
        }
        Problem::NotText(_) => of(
            &code::NOT_A_STRING,
            "a word or a number without quotes; expected text".to_owned(),
        ),
        Problem::Wrong {
            expected,
            or_mapping,
        } => {
            let message = format!(
                "a value of another type; expected {}",
                wanted(*expected, *or_mapping)
            );
            of(&code::WRONG_TYPE, message)
        }
        Problem::Refused(_) => of(
            &code::WRONG_TYPE,
            "a value that is not valid here".to_owned(),
        ),
    }
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
        (
            "services: { a: { kind: web, environment: { A: ~ } } }\n",
            "unknown-field",
        ),
        ("services: { a: { healthcheck: ~ } }\n", "wrong-type"),
        (
            "services: { a: { port: \"~, expected ~\" } }\n",
            "wrong-type",
        ),
        (
            "services: { a: { port: \"x, but ~ is needed\" } }\n",
            "wrong-type",
        ),
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
        ("services: { a: !~ { port: ~ } }\n", "yaml-syntax"),
    ];

    #[test]
    fn nothing_of_a_foreign_file_is_said() {
        for (text, code) in FOREIGN {
            let text = text.replace('~', SECRET);
            let part = parse_included("x.yaml", text.as_bytes());
            assert!(!part.is_ours(), "{text}");
            let found = &part.diagnostics;
            assert_eq!(
                found.first().map(|one| one.code.id),
                Some(code),
                "{text}: {found:?}"
            );
            for pieces in SECRET.as_bytes().windows(5) {
                let piece = std::str::from_utf8(pieces).unwrap();
                assert!(
                    !format!("{found:?}{part:?}").contains(piece),
                    "{text}: {found:?}"
                );
            }
        }
    }

    #[test]
    fn a_file_without_a_fault_is_ours() {
        for text in [
            "",
            "# none\n",
            "services: {}\n",
            "requirements: { a: [x] }\nservices: { a: { port: 1 } }\n",
        ] {
            assert!(
                parse_included("x.yaml", text.as_bytes()).is_ours(),
                "{text}"
            );
        }
    }

    #[test]
    fn what_was_expected_is_said_in_words_of_the_schema() {
        let said = |text: &str| {
            parse_included("x.yaml", text.as_bytes())
                .diagnostics
                .iter()
                .map(|one| one.message.clone())
                .collect::<Vec<_>>()
        };
        let asks = |expected: &str| format!("a value of another type; expected {expected}");
        assert_eq!(
            said("services: { a: { port: x, apt: y } }\n"),
            [asks("a whole number, 0 or more"), asks("a list")]
        );
        assert_eq!(said("[]\n"), [asks("a mapping")]);
    }
}
