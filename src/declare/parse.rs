//! Text → [`FleetDecl`]: every wrong type and every unknown field at once, each at its place.

use super::foreign;
use super::include::{IncludedDecl, join, read_patterns};
use super::schema::FleetDecl;
use super::shape::{faults, misfits};
use crate::diagnostic::{Diagnostic, Location};
use crate::yaml::{Tree, load, read};

/// What a text says, as far as it could be read, and what is wrong with its shape.
#[derive(Debug)]
pub struct Parsed {
    /// The declaration; values of a wrong type are left out.
    pub decl: FleetDecl,
    /// Wrong types, unknown fields, and what is wrong with included files.
    pub diagnostics: Vec<Diagnostic>,
    /// The text with its places.
    pub(crate) tree: Tree,
}

/// What an included file says, as far as it could be read, and everything that is wrong with its
/// text.
#[derive(Debug)]
pub struct Part {
    file: String,
    decl: IncludedDecl,
    pub(super) diagnostics: Vec<Diagnostic>,
    tree: Option<Tree>,
}

impl Part {
    /// Whether the file is one of requirements and services without a fault, so that its lines may
    /// be shown.
    #[must_use]
    pub(crate) fn is_ours(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// How many services and requirement sets it declares.
    #[must_use]
    pub(crate) fn entries(&self) -> usize {
        self.decl
            .services
            .as_ref()
            .map_or(0, indexmap::IndexMap::len)
            + self.decl.requirements.len()
    }

    /// The file's path and the places of its text, once; nothing where it could not be read.
    pub(crate) fn take_tree(&mut self) -> Option<(&str, Tree)> {
        Some((&self.file, self.tree.take()?))
    }
}

/// Reads services.yaml. `file` names it in diagnostics.
///
/// # Errors
/// Why the text is not read at all: syntax errors, duplicate keys, other encodings, bombs.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Parsed, Vec<Diagnostic>> {
    let tree = read(bytes).map_err(|found| faults(file, found))?;
    let (mut decl, findings) = load::<FleetDecl>(&tree);
    let mut diagnostics = misfits(file, &tree, findings);
    diagnostics.extend(read_patterns(file, &mut decl));
    Ok(Parsed {
        decl,
        diagnostics,
        tree,
    })
}

/// Reads a file that services.yaml includes, by the same rules. Of one with a fault nothing is
/// taken and nothing is repeated.
#[must_use]
pub fn parse_included(file: &str, bytes: &[u8]) -> Part {
    let foreign = |diagnostics| Part {
        file: file.to_owned(),
        decl: IncludedDecl::default(),
        diagnostics,
        tree: None,
    };
    let tree = match read(bytes) {
        Ok(tree) => tree,
        Err(found) => return foreign(foreign::faults(file, found)),
    };
    match load(&tree) {
        (decl, findings) if findings.is_empty() => Part {
            file: file.to_owned(),
            decl,
            diagnostics: Vec::new(),
            tree: Some(tree),
        },
        (_, findings) => foreign(foreign::misfits(file, &tree, &findings)),
    }
}

impl Parsed {
    /// The same with the entries of included files, in the order of their paths. `place` turns a
    /// location into text for people.
    #[must_use]
    pub fn including(
        mut self,
        file: &str,
        mut parts: Vec<Part>,
        place: &dyn Fn(&Location) -> String,
    ) -> Self {
        parts.sort_by(|left, right| left.file.cmp(&right.file));
        let mut decls = Vec::new();
        for part in parts {
            self.diagnostics.extend(part.diagnostics);
            decls.push((part.file, part.decl));
        }
        self.diagnostics
            .extend(join(file, &mut self.decl, decls, place));
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::Follows;
    use crate::diagnostic::{DeclPath, Spot, code};

    fn found(text: &str) -> Vec<(String, String, Option<String>)> {
        let diagnostics = match parse("services.yaml", text.as_bytes()) {
            Ok(parsed) => parsed.diagnostics,
            Err(diagnostics) => diagnostics,
        };
        diagnostics
            .into_iter()
            .map(|one| (one.code.id.to_owned(), one.message, one.help))
            .collect()
    }

    #[test]
    fn a_bare_version_is_quoted_as_it_was_written() {
        let found = found("python: 3.10\n");
        assert_eq!(found[0].0, "not-a-string");
        assert_eq!(found[0].2.as_deref(), Some("put it in quotes: \"3.10\""));
    }

    #[test]
    fn all_wrong_types_and_unknown_fields_come_at_once() {
        let text = "python: 3.10\nservices:\n  a: { port: eight, prot: 1, apt: x }\n  b: { \
         healthcheck: { pth: /x } }\n";
        let codes: Vec<String> = found(text).into_iter().map(|one| one.0).collect();
        assert_eq!(
            codes,
            [
                "not-a-string",
                "wrong-type",
                "unknown-field",
                "wrong-type",
                "unknown-field"
            ]
        );
    }

    #[test]
    fn only_what_may_come_from_a_left_out_value_is_held_back() {
        let text = "kinds: { web: 5 }\nservices:\n  a: { kind: web, prot: 1 }\n  b: { base: x }\n";
        let shape = match parse("f", text.as_bytes()) {
            Ok(parsed) => parsed.diagnostics,
            Err(diagnostics) => diagnostics,
        };
        let at = |code: &'static crate::diagnostic::Code, keys: &[&str]| {
            let location = Location {
                file: "f".to_owned(),
                spot: Spot::Value(DeclPath::of(keys)),
            };
            let tree = read(text.as_bytes()).unwrap();
            let readable = |_: &str, path: &DeclPath| tree.readable(path);
            Follows::of(&shape, &readable)
                .hold_back(&Diagnostic::new(code, location, "x"), &readable)
        };
        assert!(at(&code::UNKNOWN_KIND, &["services", "a", "kind"]));
        assert!(at(&code::MISSING_FIELD, &["services", "a", "port"]));
        assert!(!at(&code::MISSING_FIELD, &["services", "b", "port"]));
        assert!(!at(&code::UNKNOWN_BASE, &["services", "b", "base"]));
    }

    #[test]
    fn a_merge_key_is_pointed_to_kinds() {
        let found = found("kinds: { w: &w { port: 1 } }\nservices:\n  a: { <<: *w, kind: w }\n");
        assert_eq!(
            found[0].2.as_deref(),
            Some("merge keys are not supported: put what several services share into a kind")
        );
    }

    #[test]
    fn a_bare_duration_is_shown_with_its_unit() {
        let found = found("services:\n  a: { healthcheck: { interval: 5, retries: -1 } }\n");
        assert_eq!(found[0].2.as_deref(), Some("write it with its unit: 5s"));
        assert!(
            found[1]
                .1
                .ends_with("is `-1`; expected a whole number, 0 or more"),
            "{}",
            found[1].1
        );
    }

    #[test]
    fn an_unknown_field_suggests_its_neighbour() {
        let found = found("services:\n  a: { prot: 1 }\n");
        assert_eq!(found[0].1, "`services.a` has no field `prot`");
        assert_eq!(found[0].2.as_deref(), Some("did you mean `port`?"));
    }

    #[test]
    fn short_and_long_forms_mean_the_same() -> Result<(), Vec<Diagnostic>> {
        let short = parse("f", b"requirements: { a: [x] }\n")?.decl;
        let long = parse("f", b"requirements: { a: { packages: [x] } }\n")?.decl;
        assert_eq!(
            short.requirements["a"].packages,
            long.requirements["a"].packages
        );
        assert!(
            parse("f", b"services: { a: { healthcheck: none } }\n")?
                .diagnostics
                .is_empty()
        );
        Ok(())
    }

    #[test]
    fn an_empty_file_is_an_empty_declaration() -> Result<(), Vec<Diagnostic>> {
        assert_eq!(parse("f", b"")?.decl, FleetDecl::default());
        assert_eq!(
            parse("f", b"# only a comment\n")?.decl,
            FleetDecl::default()
        );
        Ok(())
    }

    #[test]
    fn the_second_of_two_ways_to_write_a_field_is_a_duplicate() {
        let text = "services:\n  a:\n    healthcheck: { start-period: 1s, start_period: 2s, \
         retries: x }\n";
        let parsed = parse("f", text.as_bytes()).unwrap();
        let at: Vec<&str> = parsed
            .diagnostics
            .iter()
            .map(|one| {
                let (start, end) = parsed.tree.range(&one.location.spot);
                &text[start..end]
            })
            .collect();
        assert_eq!(at, ["start_period", "x"]);
        assert_eq!(parsed.diagnostics[0].code.id, "duplicate-key");
    }

    #[test]
    fn a_document_of_another_kind_is_one_finding() {
        for text in ["5\n", "[a]\n", "text\n"] {
            let found = found(text);
            assert_eq!(found.len(), 1, "{found:?}");
            assert!(found[0].1.ends_with("; expected a mapping"), "{found:?}");
        }
    }

    /// Every place of a declaration where text is expected, as the one that `~` is written in.
    const TEXTS: [&str; 17] = [
        "registry: ~",
        "include: [~]",
        "layout: { source: ~ }",
        "locks: ~",
        "locks: { folder: ~ }",
        "outputs: { bake: ~ }",
        "outputs: { workflow: { branch: ~ } }",
        "requirements: { a: [~] }",
        "requirements: { a: { packages: [x, ~] } }",
        "images: { a: { digests: { \"3.12\": ~ } } }",
        "bases: { a: { env: { A: ~ } } }",
        "bases: { a: { secrets: [~] } }",
        "services: { a: { cmd: [x, ~] } }",
        "services: { a: { env: { A: ~ } } }",
        "services: { a: { hooks: { after_apt: [~] } } }",
        "policy: { replacements: [{ package: ~ }] }",
        "kinds: { a: { python: ~ } }",
    ];
    /// Those of them where `null` takes back what is inherited.
    const TAKEN_BACK: [&str; 2] = [
        "services: { a: { env: { A: ~ } } }",
        "kinds: { a: { python: ~ } }",
    ];
    /// Places where a key is text of the user's own.
    const KEYS: [&str; 7] = [
        "requirements: { ~: [x] }",
        "images: { a: { digests: { ~: x } } }",
        "bases: { ~: { version: v1 } }",
        "kinds: { ~: { port: 1 } }",
        "services: { ~: { kind: x } }",
        "services: { a: { env: { ~: x } } }",
        "policy: { images: { a: { ~: deny } } }",
    ];
    const MISTAKEN: [&str; 24] = [
        "yes",
        "No",
        "ON",
        "off",
        "y",
        "N",
        "true",
        "False",
        "null",
        "~",
        "0o17",
        "017",
        "08",
        "0x1f",
        "12:30",
        "1_000",
        "1.5",
        ".inf",
        ".NaN",
        "1e3",
        "12345678901234567890",
        "2026-01-31",
        "=",
        "-1",
    ];

    #[test]
    fn what_another_reader_takes_for_something_else_is_quoted_everywhere() {
        for word in MISTAKEN {
            let is_null = ["null", "~"].contains(&word);
            for place in TEXTS.iter().chain(&KEYS) {
                if is_null && TAKEN_BACK.contains(place) {
                    continue;
                }
                let text = format!("{}\n", place.replace('~', word));
                let found = found(&text);
                assert_eq!(found.len(), 1, "{text}{found:?}");
                assert_eq!(found[0].0, "not-a-string", "{text}{found:?}");
                let help = found[0].2.clone().unwrap();
                assert!(
                    help.contains(&format!("put it in quotes: \"{word}\"")),
                    "{text}{help}"
                );
                for quote in ['"', '\''] {
                    let text =
                        format!("{}\n", place.replace('~', &format!("{quote}{word}{quote}")));
                    let found = self::found(&text);
                    assert!(
                        found
                            .iter()
                            .all(|one| one.0 != "not-a-string" && one.0 != "wrong-type"),
                        "{text}{found:?}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_date_is_text_where_a_date_is_expected() {
        assert_eq!(
            found("policy: { allowances: [{ until: 2026-12-31 }] }\n"),
            []
        );
        for word in ["2026", "yes", "null"] {
            let found = found(&format!(
                "policy: {{ allowances: [{{ until: {word} }}] }}\n"
            ));
            assert_eq!(found[0].0, "not-a-string", "{word}");
        }
    }

    #[test]
    fn null_is_no_value_where_no_text_is_expected() {
        for null in ["", "~", "null", "Null"] {
            let text = format!(
                "services:\n  a:\n    kind: w\n    requirements: {null}\n    port: {null}\n    \
                 apt: {null}\n    env: {null}\n    healthcheck: {null}\n  b: {null}\n"
            );
            let parsed = parse("f", text.as_bytes()).unwrap();
            assert!(
                parsed.diagnostics.is_empty(),
                "{text}{:?}",
                parsed.diagnostics
            );
            let services = parsed.decl.services.unwrap();
            assert_eq!(services.len(), 2);
            assert!(services["a"].requirements.is_none() && services["a"].port.is_none());
        }
        assert!(found("owner:\nlocks:\n").is_empty());
    }
}
