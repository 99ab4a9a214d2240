//! Bare words and numbers in the place of a text: refused with what to write, in every field that
//! the schema knows, and taken as they are in quotes.

use dockwright::declare::{json_schema, parse, parse_included};
use serde_json::Value;

use crate::support::{MINIMAL, Root, repository};

const WORDS: &str = "y Y yes Yes YES n N no No NO on On ON off Off OFF true True TRUE false False \
 FALSE ~ null Null NULL";
const NUMBERS: &str = "0o17 0x1F 0b101 012 09 08.5 1_000 1_0.5 12:30 1:30:00 3.10 8000 -1 1e3 .5 .inf -.INF .nan 1e400 2024-01-01 \
     2024-01-01T10:00:00Z";

fn scalars() -> impl Iterator<Item = &'static str> {
    WORDS.split(' ').chain(NUMBERS.split(' '))
}

/// The places of a schema where any text goes, as documents with `@` there and the path to it.
fn places(
    root: &Value,
    node: &Value,
    before: &str,
    after: &str,
    path: &str,
    found: &mut Vec<(String, String)>,
) {
    if path.matches('.').count() > 5 {
        return;
    }
    if let Some(reference) = node["$ref"].as_str() {
        return places(
            root,
            root.pointer(reference.trim_start_matches('#')).unwrap(),
            before,
            after,
            path,
            found,
        );
    }
    for choice in node["anyOf"]
        .as_array()
        .into_iter()
        .flatten()
        .filter(|_| node.get("properties").is_none())
    {
        places(root, choice, before, after, path, found);
    }
    let is_string = node["type"] == "string"
        || node["type"]
            .as_array()
            .is_some_and(|types| types.contains(&"string".into()));
    if is_string && node.get("enum").is_none() && node.get("const").is_none() {
        found.push((format!("{before}@{after}\n"), path.to_owned()));
    }
    let below = |key: &str| {
        (
            format!("{before}{{ {key}: "),
            format!(" }}{after}"),
            format!("{path}.{key}"),
        )
    };
    for (key, field) in node["properties"].as_object().into_iter().flatten() {
        let (before, after, path) = below(key);
        places(root, field, &before, &after, &path, found);
    }
    if node["additionalProperties"].is_object() {
        let (before, after, path) = below("x");
        places(
            root,
            &node["additionalProperties"],
            &before,
            &after,
            &path,
            found,
        );
    }
    if node["items"].is_object() {
        places(
            root,
            &node["items"],
            &format!("{before}["),
            &format!("]{after}"),
            &format!("{path}[0]"),
            found,
        );
    }
}

fn text_places() -> Vec<(String, String)> {
    let schema = json_schema();
    let mut found = Vec::new();
    places(&schema, &schema, "", "", "", &mut found);
    found.sort();
    found.dedup();
    found
}

/// The codes and messages of what is wrong with the shape of a text.
fn shape(text: &str) -> Vec<(&'static str, String)> {
    let found = match parse("services.yaml", text.as_bytes()) {
        Ok(parsed) => parsed.diagnostics,
        Err(found) => found,
    };
    let found = found
        .into_iter()
        .filter(|one| one.code.id != "invalid-include");
    found
        .map(|one| {
            (
                one.code.id,
                format!("{}; {}", one.message, one.help.unwrap_or_default()),
            )
        })
        .collect()
}

/// Whether a bare number is a text at a place.
fn takes_numbers(path: &str) -> bool {
    let fields = [".ports", ".status", ".groups", ".user"];
    fields.iter().any(|field| path.contains(field))
}

#[test]
fn every_text_of_the_declaration_wants_quotes_around_what_is_none() {
    let places = text_places();
    assert!(places.len() > 80, "{}", places.len());
    for (document, path) in places.iter().filter(|(_, path)| !takes_numbers(path)) {
        for scalar in scalars() {
            let found = shape(&document.replace('@', scalar));
            if path.rsplit('.').next() == Some("until") && scalar.starts_with("2024") {
                assert_eq!(found, [], "{document}{scalar}");
                continue;
            }
            let path = path.trim_start_matches('.');
            let inherits = ["bases", "defaults", "indexes", "kinds", "services"]
                .iter()
                .any(|section| path.starts_with(section) || path == "ignore");
            if inherits && found.is_empty() && ["~", "null", "Null", "NULL"].contains(&scalar) {
                // It takes back what is inherited.
                continue;
            }
            assert_eq!(found.len(), 1, "{document} {scalar}: {found:?}");
            let (code, told) = &found[0];
            assert_eq!(*code, "not-a-string", "{document} {scalar}: {told}");
            assert!(
                told.contains(&format!("`{path}`")),
                "{document} {scalar}: {told}"
            );
            let is_duration = ["interval", "timeout", "start_period"]
                .iter()
                .any(|field| path.ends_with(field));
            let is_told = told.contains(&format!("put it in quotes: \"{scalar}\""));
            assert!(
                is_told
                    || (is_duration && told.contains("with its unit"))
                    || told.contains("for no health check write `none`"),
                "{document} {scalar}: {told}"
            );
        }
        if path.ends_with("healthcheck") {
            // Only `none` and paths are texts there.
            continue;
        }
        for scalar in ["no", "~", "012", "3.10", "12:30", "2024-01-01"] {
            for quoted in [format!("\"{scalar}\""), format!("'{scalar}'")] {
                assert_eq!(
                    shape(&document.replace('@', &quoted)),
                    [],
                    "{document} {quoted}"
                );
            }
        }
        for text in ["none-such", "nothing", "1.0.1", "8080:80", "no-op"] {
            assert_eq!(shape(&document.replace('@', text)), [], "{document} {text}");
        }
    }
}

#[test]
fn names_want_quotes_as_well() {
    for section in ["services", "bases", "kinds", "requirements", "images"] {
        for scalar in scalars() {
            let value = if section == "requirements" {
                "[]"
            } else {
                "{}"
            };
            let found = shape(&format!("{section}: {{ {scalar}: {value} }}\n"));
            assert_eq!(found.len(), 1, "{section} {scalar}: {found:?}");
            assert!(
                found[0].0 == "not-a-string" && found[0].1.contains(&format!("\"{scalar}\"")),
                "{found:?}"
            );
            assert_eq!(
                shape(&format!("{section}: {{ \"{scalar}\": {value} }}\n")),
                [],
                "{section} {scalar}"
            );
        }
    }
    for field in ["env", "args"] {
        let found = shape(&format!(
            "services:\n  a:\n    {field}:\n      Y: 'x'\n      8000: 'x'\n"
        ));
        assert_eq!(found.len(), 2, "{found:?}");
    }
}

#[test]
fn every_fault_of_a_text_is_told_at_once() {
    let text = "python: 3.10\nlocks: no\nowner: on\nservices:\n  no: { kind: off, port: yes, env: \
     { A: 0x1, B: 012 }, pip: [y, x, null] }\n";
    let codes: Vec<&str> = shape(text).into_iter().map(|(code, _)| code).collect();
    assert_eq!(
        codes.iter().filter(|code| **code == "not-a-string").count(),
        9,
        "{:?}",
        shape(text)
    );
    assert_eq!(
        codes.iter().filter(|code| **code == "wrong-type").count(),
        1,
        "{:?}",
        shape(text)
    );
}

#[test]
fn what_is_no_text_keeps_its_words() {
    let text = "outputs: { bake: { cache: true, sbom: false } }\nservices:\n  a: { port: 8000, machine_learning: True }\n\
                requirements: { a: { packages: [], development: TRUE } }\n";
    assert_eq!(shape(text), []);
    for empty in [
        "services: ~\n",
        "services: null\n",
        "services: { a: { port: ~, healthcheck: null } }\n",
        "owner:\n",
    ] {
        assert_eq!(shape(empty), [], "{empty}");
    }
}

#[test]
fn included_files_are_held_to_the_same() {
    for scalar in scalars() {
        let text = format!("services: {{ a: {{ depends_on: [{scalar}] }} }}\n");
        let part = parse_included("more.yaml", text.as_bytes());
        let parsed = parse("services.yaml", b"owner: x\n").unwrap();
        let parsed = parsed.including("services.yaml", vec![part], &|_| String::new());
        assert!(!parsed.diagnostics.is_empty(), "{scalar}");
    }
}

#[test]
fn a_large_declaration_is_held_to_the_same() {
    let services: Vec<String> = (0..6_000)
        .map(|n| format!("  svc-{n}: {{ kind: web, port: 8000 }}\n"))
        .collect();
    let services = services.concat();
    let text = format!("{MINIMAL}{services}");
    assert_eq!(shape(&text), []);
    for (from, to) in [
        ("svc-4321:", "no:"),
        ("svc-4321: { kind: web", "svc-4321: { kind: off"),
        ("owner: acme", "owner: yes"),
    ] {
        let found = shape(&text.replace(from, to));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].0, "not-a-string");
    }
}

#[test]
fn a_word_in_place_of_a_path_writes_nothing_and_says_what_to_write() {
    for (overlay, told) in [
        (
            "locks: no\n",
            "put it in quotes: \"no\"; or leave `locks` out",
        ),
        (
            "locks: ~\n",
            "put it in quotes: \"~\"; or leave `locks` out",
        ),
        (
            "locks: yes\n",
            "put it in quotes: \"yes\"; or write `locks: {}` for its defaults",
        ),
        ("locks: true\n", "or write `locks: {}` for its defaults"),
        ("locks: 0o17\n", "put it in quotes: \"0o17\""),
        (
            "outputs: { compose: yes }\n",
            "or write `compose: {}` for its defaults",
        ),
        (
            "outputs: { bake: on }\n",
            "or write `bake: {}` for its defaults",
        ),
        ("outputs: { workflow: off }\n", "or leave `workflow` out"),
        ("templates: no\n", "or leave `templates` out"),
        ("shared: [no]\n", "put it in quotes: \"no\""),
    ] {
        let root = Root::new(&format!("{MINIMAL}{overlay}"));
        let before = root.tree();
        for command in [
            &["generate"][..],
            &["check"],
            &["lock"],
            &["new", "svc-z", "--kind", "web"],
        ] {
            let run = root.run(command);
            assert_eq!(run.status, 1, "{overlay}{command:?}: {}", run.told());
            let all = run.stdout + &run.stderr;
            assert!(
                all.contains("error[not-a-string]") && all.contains(told),
                "{overlay}{command:?}: {all}"
            );
            assert_eq!(
                all.matches("error[").count(),
                1,
                "{overlay}: nothing that only follows: {all}"
            );
        }
        assert_eq!(root.tree(), before, "{overlay}");
    }
    let quoted = format!("{MINIMAL}shared: [\"no\"]\n");
    assert_eq!(Root::new(&quoted).run(&["generate"]).status, 0);
}

#[test]
fn what_this_repository_shows_needs_no_more_quotes() {
    for file in ["services.yaml", "examples"] {
        let path = repository().join(file);
        let files: Vec<_> = if path.is_dir() {
            let entries = path
                .read_dir_utf8()
                .unwrap()
                .map(|entry| entry.unwrap().into_path());
            entries
                .filter(|path| path.extension() == Some("yaml"))
                .collect()
        } else {
            vec![path]
        };
        for file in files {
            let text = std::fs::read_to_string(&file).unwrap();
            let found = shape(&text);
            assert!(
                found.iter().all(|(code, _)| *code != "not-a-string"),
                "{file}: {found:?}"
            );
        }
    }
}
