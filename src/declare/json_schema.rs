//! The JSON Schema of services.yaml, for editors and for the did-you-mean of unknown fields.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema};
use serde_json::Value;

use super::include::IncludedDecl;
use super::schema::FleetDecl;
use crate::diagnostic::{DeclPath, Step};

/// The schema as JSON Schema 2020-12, derived from [`FleetDecl`].
#[must_use]
pub fn json_schema() -> Value {
    schema_of::<FleetDecl>()
}

/// The schema of a file that services.yaml includes.
#[must_use]
pub(crate) fn included_json_schema() -> Value {
    schema_of::<IncludedDecl>()
}

fn schema_of<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12()
        .with_transform(RecursiveTransform(join_lines))
        .into_generator()
        .into_root_schema_for::<T>()
        .to_value()
}

/// Doc comments are wrapped where their line ends; editors show a description as it is.
pub(crate) fn join_lines(schema: &mut Schema) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        let paragraphs: Vec<String> = text
            .split("\n\n")
            .map(|one| one.replace('\n', " "))
            .collect();
        *text = paragraphs.join("\n\n");
    }
}

/// What is expected at the places of a declaration.
pub(super) struct Places(Value);

impl Default for Places {
    fn default() -> Self {
        Self(json_schema())
    }
}

impl Places {
    /// Whether a mapping can stand there as well.
    pub(super) fn holds_mapping(&self, path: &DeclPath) -> bool {
        nodes_at(&self.0, &path.0)
            .iter()
            .any(|node| is_of_type(node, "object"))
    }

    /// Whether it is a field that need not be there.
    pub(super) fn can_be_left_out(&self, path: &DeclPath) -> bool {
        let Some((Step::Key(field), above)) = path.0.split_last() else {
            return false;
        };
        let owners = nodes_at(&self.0, above);
        let is_required = |owner: &Value| {
            let required = owner.get("required").and_then(Value::as_array);
            required.is_some_and(|names| names.iter().any(|name| name == field.as_str()))
        };
        let is_field = |owner: &Value| {
            owner
                .get("properties")
                .is_some_and(|fields| fields.get(field).is_some())
        };
        owners
            .iter()
            .any(|owner| is_field(owner) && !is_required(owner))
    }
}

fn is_of_type(node: &Value, wanted: &str) -> bool {
    match node.get("type") {
        Some(Value::Array(types)) => types.iter().any(|one| one == wanted),
        Some(one) => one == wanted,
        None => false,
    }
}

/// The schema nodes of a path, with references followed and alternatives spread out.
fn nodes_at<'a>(root: &'a Value, path: &[Step]) -> Vec<&'a Value> {
    let mut nodes = alternatives(root, root);
    for step in path {
        nodes = nodes
            .into_iter()
            .filter_map(|node| child(node, step))
            .flat_map(|node| alternatives(root, node))
            .collect();
    }
    nodes
}

/// The names of the fields that a mapping at this path may have; empty where any name goes.
pub(super) fn fields_at(path: &[Step]) -> Vec<String> {
    let root = json_schema();
    let nodes = nodes_at(&root, path);
    let properties = nodes
        .into_iter()
        .filter_map(|node| node.get("properties")?.as_object());
    properties
        .flat_map(|fields| fields.keys().cloned())
        .collect()
}

fn child<'a>(node: &'a Value, step: &Step) -> Option<&'a Value> {
    match step {
        Step::Key(key) => node
            .get("properties")
            .and_then(|fields| fields.get(key))
            .or_else(|| node.get("additionalProperties")),
        Step::Index(_) => node.get("items"),
    }
}

/// A schema node with its references followed and its alternatives spread out.
pub(super) fn alternatives<'a>(root: &'a Value, node: &'a Value) -> Vec<&'a Value> {
    if let Some(reference) = node.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#'));
        return target.map_or_else(Vec::new, |target| alternatives(root, target));
    }
    match node.get("anyOf").and_then(Value::as_array) {
        // Of the root it says which fields must be there.
        Some(_) if node.get("properties").is_some() => vec![node],
        Some(choices) => choices
            .iter()
            .flat_map(|choice| alternatives(root, choice))
            .collect(),
        None => vec![node],
    }
}

/// The fields beside the last step of a path.
pub(crate) fn fields_beside(path: &DeclPath) -> Vec<String> {
    path.0
        .split_last()
        .map_or_else(Vec::new, |(_, above)| fields_at(above))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_through_references_and_short_forms() {
        assert!(fields_beside(&DeclPath::of(&["x"])).contains(&"registry".to_owned()));
        assert!(fields_beside(&DeclPath::of(&["services", "a", "x"])).contains(&"port".to_owned()));
        assert!(
            fields_beside(&DeclPath::of(&["services", "a", "healthcheck", "x"]))
                .contains(&"path".to_owned())
        );
        assert!(
            fields_beside(&DeclPath::of(&["requirements", "a", "x"]))
                .contains(&"development".to_owned())
        );
        assert_eq!(
            fields_beside(&DeclPath::of(&["bases", "a", "secrets"]).index(0).key("x")),
            ["id", "target"]
        );
    }
}
