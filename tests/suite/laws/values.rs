//! The law of `fuzz/src/values.rs` over the corpus of hostile values and over random texts.

use std::fs;

use proptest::prelude::*;
use serde_json::Value;

use super::config;
use crate::fuzz::values::Read::{self, Command, Env};
use crate::fuzz::values::{EVERY_FIELD, FIELDS, holds};
use crate::support::{is_long, repository};

/// The texts of the corpus that hurt other generators.
fn corpus(file: &str) -> Vec<String> {
    fn texts(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::String(text) => found.push(text.clone()),
            Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
            Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
            _ => {}
        }
    }
    let path = repository().join("tests/fixtures/hostile").join(file);
    let mut found = Vec::new();
    texts(
        &serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap(),
        &mut found,
    );
    found
}

#[test]
fn every_text_of_the_declaration_is_a_field_and_reads_back() {
    let mut rest = serde_yaml::from_str::<Value>(EVERY_FIELD)
        .unwrap()
        .to_string();
    for (field, read) in FIELDS {
        assert!(rest.contains(&format!("{field:?}")), "{field}");
        assert!(holds(field, read, field), "{field}");
        rest = rest.replace(&format!("{field:?}"), "");
    }
}

#[test]
fn hostile_values_are_refused_or_inert() {
    let values = corpus("values.json");
    let hostile = [values.clone(), corpus("paths.json")].concat();
    assert!(hostile.len() > 80, "{}", hostile.len());
    let mut taken = 0;
    for (number, (field, read)) in FIELDS.into_iter().enumerate() {
        let behind = values
            .iter()
            .filter(|text| text.len() < 300)
            .map(|text| format!("{field}{text}"));
        let all = hostile.iter().cloned().chain(behind);
        // The short form puts a quarter of the values into each field, others into the next one.
        let (first, step) = if is_long() { (0, 1) } else { (number % 4, 4) };
        for text in all.skip(first).step_by(step) {
            taken += usize::from(holds(field, read, &text));
        }
    }
    assert!(taken > 100, "free text must be taken: {taken}");
}

/// Harmless texts with something put into them, the corpus, and any text at all.
fn text(field: &'static str) -> impl Strategy<Value = String> {
    let pieces = [corpus("values.json"), corpus("paths.json")].concat();
    let pieces: Vec<String> = pieces
        .into_iter()
        .filter(|piece| piece.len() < 300)
        .collect();
    let piece = prop_oneof![
        3 => prop::sample::select(pieces),
        3 => "[ -~]{1,2}",
        1 => any::<char>().prop_map(String::from),
        1 => prop::sample::select(&["\n", "\r\n", "\\\n", "\u{2028}", "\0", "'", "\"", "\\", "`", "$", "#", ",", "=", ";"][..])
            .prop_map(str::to_owned),
    ];
    prop_oneof![
        4 => (piece.clone(), any::<prop::sample::Index>()).prop_map(move |(piece, at)| {
            let at = at.index(field.len() + 1);
            format!("{}{piece}{}", &field[..at], &field[at..])
        }),
        2 => prop::collection::vec(piece, 1..4).prop_map(|pieces| pieces.concat()),
        1 => any::<String>(),
    ]
}

fn any_field() -> impl Strategy<Value = ((&'static str, Read), String)> {
    prop::sample::select(&FIELDS[..]).prop_flat_map(|field| (Just(field), text(field.0)))
}

proptest! {
    #![proptest_config(config(500))]

    #[test]
    fn no_declared_value_can_add_remove_or_change_an_instruction(((field, read), text) in any_field()) {
        let _ = holds(field, read, &text);
    }
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn visible_free_text_is_taken_and_reads_back(text in "[ \
     -~\u{e0}-\u{ff}\u{4e00}-\u{4eff}]{1,40}") {
        for (field, read) in [("slim value", Env), ("above value", Env), ("base value", Env), ("second-word", Command)] {
            prop_assert!(holds(field, read, &text), "{} refuses {:?}", field, text);
        }
    }
}
