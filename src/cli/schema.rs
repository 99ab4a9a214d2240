//! The JSON Schema of what people write.

use crate::declare::{included_json_schema, json_schema};

/// The JSON Schema as it is committed: of services.yaml, or of the files that it includes.
#[must_use]
pub fn schema_text(included: bool) -> String {
    let schema = if included {
        included_json_schema()
    } else {
        json_schema()
    };
    serde_json::to_string_pretty(&schema).expect("a JSON value is JSON") + "\n"
}
