//! The reference of all fields, as a page for people: made from the schema, so it cannot be behind.

use std::collections::VecDeque;
use std::fmt::Write as _;

use serde_json::Value;

use super::json_schema::{alternatives, json_schema};

/// What stands at the top of the page.
const HEAD: &str = "# The fields of services.yaml\n\nMade by `dockwright schema --fields`; do not \
                    edit. A text value needs quotes if a YAML parser would read it as\nsomething \
                    else. `null` is listed for fields where it removes the inherited value.\n";

/// A mapping with fixed fields, and where it may stand.
struct Section<'s> {
    node: &'s Value,
    places: Vec<String>,
}

/// The page, in Markdown.
#[must_use]
pub(crate) fn field_reference() -> String {
    let root = json_schema();
    let mut page = HEAD.to_owned();
    for section in sections(&root) {
        let places: Vec<String> = section
            .places
            .iter()
            .map(|place| format!("`{place}`"))
            .collect();
        let _ = write!(page, "\n## {}\n\n", places.join(", "));
        if let Some(text) = section.node.get("description").and_then(Value::as_str) {
            let _ = write!(page, "{}\n\n", cell(text));
        }
        page.push_str("| field | form | meaning |\n| --- | --- | --- |\n");
        for (field, node) in fields(section.node) {
            let text = node.get("description").and_then(Value::as_str);
            let meaning = cell(text.unwrap_or_default());
            let _ = writeln!(page, "| `{field}` | {} | {meaning} |", form(&root, node));
        }
    }
    page
}

/// All mappings with fixed fields, in the order in which a reader meets them.
fn sections(root: &Value) -> Vec<Section<'_>> {
    let mut sections: Vec<Section<'_>> = Vec::new();
    let mut ahead = VecDeque::from([("services.yaml".to_owned(), root)]);
    while let Some((place, node)) = ahead.pop_front() {
        if let Some(known) = sections
            .iter_mut()
            .find(|known| std::ptr::eq(known.node, node))
        {
            known.places.push(place);
            continue;
        }
        let above = place.strip_prefix("services.yaml").unwrap_or(&place);
        let at = |field: &str| {
            if above.is_empty() {
                field.to_owned()
            } else {
                format!("{above}.{field}")
            }
        };
        for (field, node) in fields(node) {
            let below = below(root, &at(field), node);
            ahead.extend(below);
        }
        sections.push(Section {
            node,
            places: vec![place],
        });
    }
    sections
}

/// The mappings with fixed fields that a field can hold, directly, as items or by names.
fn below<'s>(root: &'s Value, place: &str, node: &'s Value) -> Vec<(String, &'s Value)> {
    let mut found = Vec::new();
    for node in alternatives(root, node) {
        if node.get("properties").is_some() {
            found.push((place.to_owned(), node));
        }
        if let Some(items) = node.get("items") {
            found.extend(below(root, &format!("{place}[]"), items));
        }
        if let Some(entries) = node.get("additionalProperties").filter(|it| it.is_object()) {
            found.extend(below(root, &format!("{place}.<name>"), entries));
        }
    }
    found
}

fn fields(node: &Value) -> impl Iterator<Item = (&String, &Value)> {
    node.get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

/// What may stand in a field, in words.
fn form(root: &Value, node: &Value) -> String {
    let mut forms: Vec<String> = Vec::new();
    for node in alternatives(root, node) {
        let types = match node.get("type") {
            Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(one)) => vec![one.as_str()],
            _ => Vec::new(),
        };
        let words = node.get("enum").into_iter().chain(node.get("oneOf"));
        let words: Vec<String> = words
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(|word| word.as_str().or_else(|| word.get("const")?.as_str()))
            .map(|word| format!("`{word}`"))
            .collect();
        if !words.is_empty() {
            forms.push(words.join(", "));
            continue;
        }
        forms.extend(
            types
                .into_iter()
                .filter(|one| *one != "null")
                .map(|one| match one {
                    "string" => "text".to_owned(),
                    "integer" => "number".to_owned(),
                    "boolean" => "true or false".to_owned(),
                    "array" => "list".to_owned(),
                    _ => "mapping".to_owned(),
                }),
        );
    }
    forms.dedup();
    forms.join(" or ")
}

/// A text as it stands in a cell of a table.
fn cell(text: &str) -> String {
    text.replace('\n', " ").replace('|', "\\|")
}
