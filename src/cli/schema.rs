//! The JSON Schemas of what people write and of what programs read.

use serde_json::Value;

use crate::declare::{included_json_schema, json_schema};
use crate::report::output_schema;

/// The JSON Schema as it is committed: of services.yaml, or of the files that it includes.
#[must_use]
pub fn schema_text(included: bool) -> String {
    let schema = if included {
        included_json_schema()
    } else {
        json_schema()
    };
    printed(&schema)
}

/// The JSON Schema of what a command prints, as it is committed.
pub(super) fn output_schema_text(name: &str) -> String {
    printed(&output_schema(name).expect("only names of outputs are accepted"))
}

fn printed(schema: &Value) -> String {
    serde_json::to_string_pretty(schema).expect("a JSON value is JSON") + "\n"
}
