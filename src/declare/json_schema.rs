//! The JSON Schema of services.yaml, for editors and for the did-you-mean of unknown fields.

use serde_json::Value;

use super::include::IncludedDecl;
use super::schema::FleetDecl;
use crate::diagnostic::{DeclPath, Step};

/// The schema as JSON Schema 2020-12, derived from [`FleetDecl`].
#[must_use]
pub fn json_schema() -> Value {
    schemars::schema_for!(FleetDecl).to_value()
}

/// The schema of a file that services.yaml includes.
#[must_use]
pub fn included_json_schema() -> Value {
    schemars::schema_for!(IncludedDecl).to_value()
}

/// The names of the fields that a mapping at this path may have; empty where any name goes.
pub(super) fn fields_at(path: &[Step]) -> Vec<String> {
    let root = json_schema();
    let mut nodes = alternatives(&root, &root);
    for step in path {
        nodes =
            nodes.into_iter().filter_map(|node| child(node, step)).flat_map(|node| alternatives(&root, node)).collect();
    }
    let properties = nodes.into_iter().filter_map(|node| node.get("properties")?.as_object());
    properties.flat_map(|fields| fields.keys().cloned()).collect()
}

fn child<'a>(node: &'a Value, step: &Step) -> Option<&'a Value> {
    match step {
        Step::Key(key) => {
            node.get("properties").and_then(|fields| fields.get(key)).or_else(|| node.get("additionalProperties"))
        }
        Step::Index(_) => node.get("items"),
    }
}

/// A schema node with its references followed and its alternatives spread out.
fn alternatives<'a>(root: &'a Value, node: &'a Value) -> Vec<&'a Value> {
    if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#'));
        return target.map_or_else(Vec::new, |target| alternatives(root, target));
    }
    match node.get("anyOf").and_then(Value::as_array) {
        // Of the root it says which fields must be there.
        Some(_) if node.get("properties").is_some() => vec![node],
        Some(choices) => choices.iter().flat_map(|choice| alternatives(root, choice)).collect(),
        None => vec![node],
    }
}

/// The fields beside the last step of a path.
pub(super) fn fields_beside(path: &DeclPath) -> Vec<String> {
    path.0.split_last().map_or_else(Vec::new, |(_, above)| fields_at(above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_through_references_and_short_forms() {
        assert!(fields_beside(&DeclPath::of(&["x"])).contains(&"registry".to_owned()));
        assert!(fields_beside(&DeclPath::of(&["services", "a", "x"])).contains(&"port".to_owned()));
        assert!(fields_beside(&DeclPath::of(&["services", "a", "healthcheck", "x"])).contains(&"path".to_owned()));
        assert!(fields_beside(&DeclPath::of(&["requirements", "a", "x"])).contains(&"development".to_owned()));
        assert_eq!(fields_beside(&DeclPath::of(&["bases", "a", "secrets"]).index(0).key("x")), ["id", "target"]);
    }
}
