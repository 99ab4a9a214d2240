//! Hostile texts in every place of services.yaml, as its schema has them: as values, as items, as
//! keys and as fields that are unknown.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use super::{assert_nothing_raw, hostile_texts};
use crate::support::{MINIMAL, Root, is_long, tell};

/// One step from a value of the declaration to one in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Field(String),
    /// A name that the fleet chooses.
    Entry,
    Item,
}

/// What prints the declaration, in turn: each format of each command that reads it.
const COMMANDS: [&[&str]; 16] = [
    &["check"],
    &["check", "--format", "github"],
    &["check", "--format", "json"],
    &["check", "--format", "patch"],
    &["list"],
    &["list", "--format", "json"],
    &["plan"],
    &["plan", "--format", "json"],
    &["plan", "--format", "matrix"],
    &["plan", "--format", "mermaid"],
    &["plan", "--format", "dot"],
    &["why", "fastapi"],
    &["why", "fastapi", "--format", "json"],
    &["generate", "--dry-run"],
    &["bump", "python", "3.13", "--dry-run"],
    &["new", "svc-b", "--kind", "web", "--dry-run"],
];

/// Every place that the schema knows, each once.
fn places() -> Vec<Vec<Step>> {
    let schema: serde_json::Value =
        serde_json::from_str(&dockwright::cli::schema_text(false)).unwrap();
    let mut places = Vec::new();
    collect(&schema, &schema, &mut Vec::new(), &mut places);
    places.sort();
    places.dedup();
    places
}

fn collect(
    root: &serde_json::Value,
    schema: &serde_json::Value,
    at: &mut Vec<Step>,
    places: &mut Vec<Vec<Step>>,
) {
    if at.len() > 5 {
        return;
    }
    if let Some(name) = schema["$ref"]
        .as_str()
        .and_then(|name| name.strip_prefix("#/$defs/"))
    {
        collect(root, &root["$defs"][name], at, places);
    }
    for choice in ["anyOf", "oneOf", "allOf"] {
        for schema in schema[choice].as_array().into_iter().flatten() {
            collect(root, schema, at, places);
        }
    }
    let fields = schema["properties"].as_object().into_iter().flatten();
    let fields = fields.map(|(name, schema)| (Step::Field(name.clone()), schema));
    let entries = schema
        .get("additionalProperties")
        .filter(|schema| schema.is_object() || **schema == true);
    let inner = fields.chain(entries.map(|schema| (Step::Entry, schema)));
    for (step, schema) in inner.chain(schema.get("items").map(|schema| (Step::Item, schema))) {
        at.push(step);
        places.push(at.clone());
        collect(root, schema, at, places);
        at.pop();
    }
}

/// The name of an entry that is there, so that everything but the place at hand stays right.
fn known(section: Option<&Step>) -> &'static str {
    let known = BTreeMap::from([
        ("services", "svc-a"),
        ("kinds", "web"),
        ("bases", "base-runtime"),
        ("requirements", "base"),
        ("images", "slim"),
    ]);
    match section {
        Some(Step::Field(name)) => known.get(name.as_str()).copied().unwrap_or("KEY"),
        _ => "KEY",
    }
}

/// Puts a text at a place: as a value, or at the last name on the way as a key.
fn put(value: &mut Value, before: Option<&Step>, steps: &[Step], text: &str, as_key: bool) {
    let Some((step, rest)) = steps.split_first() else {
        *value = Value::from(text);
        return;
    };
    if *step == Step::Item {
        if !value.is_sequence() {
            *value = Value::Sequence(vec![Value::Null]);
        }
        let items = value.as_sequence_mut().unwrap();
        items.truncate(1);
        items.resize(1, Value::Null);
        return put(&mut items[0], Some(step), rest, text, as_key);
    }
    if !value.is_mapping() {
        *value = Value::Mapping(Mapping::new());
    }
    let fields = value.as_mapping_mut().unwrap();
    if rest.is_empty() && as_key {
        fields.insert(Value::from(text), Value::Mapping(Mapping::new()));
        return;
    }
    let name = if let Step::Field(name) = step {
        name.as_str()
    } else {
        known(before)
    };
    put(
        fields.entry(Value::from(name)).or_insert(Value::Null),
        Some(step),
        rest,
        text,
        as_key,
    );
}

#[test]
fn no_place_of_the_declaration_is_printed_raw() {
    let (places, texts) = (places(), hostile_texts(6));
    let root = Root::generated(MINIMAL);
    let (mut turn, mut runs) = (0, 0);
    for (number, place) in places.iter().enumerate() {
        for (as_key, text) in [false, true]
            .into_iter()
            .zip(texts.iter().cycle().skip(number * 2))
        {
            let mut declaration: Value = serde_yaml::from_str(MINIMAL).unwrap();
            put(&mut declaration, None, place, text, as_key);
            root.write(
                "services.yaml",
                serde_yaml::to_string(&declaration).unwrap(),
            );
            // The short form takes one of the two, in turn.
            let both = [COMMANDS[number % 4], COMMANDS[turn / 2 % COMMANDS.len()]];
            let chosen = if is_long() {
                &both[..]
            } else {
                &both[(turn + number) % 2..][..1]
            };
            for command in chosen {
                assert_nothing_raw(&root, command, b"", turn / 2);
                runs += 1;
            }
            turn += 1;
        }
    }
    tell(&format!(
        "{} places of services.yaml, {runs} runs",
        places.len()
    ));
    assert!(places.len() > 80, "{places:?}");
}

#[test]
fn no_place_of_the_names_that_every_output_has_is_printed_raw() {
    let places: [&[&str]; 7] = [
        &["services", ""],
        &["bases", ""],
        &["kinds", ""],
        &["requirements", ""],
        &["services", "svc-a", "kind"],
        &["services", "svc-a", ""],
        &[""],
    ];
    let root = Root::generated(MINIMAL);
    for (number, text) in hostile_texts(2).iter().enumerate() {
        for (at, place) in places.iter().enumerate() {
            let as_key = place.last() == Some(&"");
            let step = |name: &&str| {
                if name.is_empty() {
                    Step::Entry
                } else {
                    Step::Field((*name).to_owned())
                }
            };
            let steps: Vec<Step> = place.iter().map(step).collect();
            let mut declaration: Value = serde_yaml::from_str(MINIMAL).unwrap();
            put(&mut declaration, None, &steps, text, as_key);
            root.write(
                "services.yaml",
                serde_yaml::to_string(&declaration).unwrap(),
            );
            assert_nothing_raw(&root, COMMANDS[(number + at) % COMMANDS.len()], b"", number);
            assert_nothing_raw(&root, COMMANDS[(number + at) % 3], b"", at);
        }
    }
}
