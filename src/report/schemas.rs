//! The JSON Schemas of what commands print for programs, made of the shapes that are printed.

use schemars::generate::SchemaSettings;
use schemars::transform::RecursiveTransform;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

use super::adopt::AdoptV1;
use super::diff::DiffV1;
use super::html::FleetReport;
use super::json::{CheckV1, GenerateV1, ListV1};
use super::plan::{Matrix, PlanV1};
use super::sizes_change::ComparisonV1;
use super::why::WhyV1;
use crate::declare::join_lines;
use crate::sizes::Ledger;

/// An output of a command.
struct Output {
    /// The name of its schema.
    name: &'static str,
    /// What prints it.
    command: &'static str,
    shape: fn(SchemaGenerator) -> Schema,
}

impl Output {
    const fn new(
        name: &'static str,
        command: &'static str,
        shape: fn(SchemaGenerator) -> Schema,
    ) -> Self {
        Self {
            name,
            command,
            shape,
        }
    }
}

fn shape<T: JsonSchema>(generator: SchemaGenerator) -> Schema {
    generator.into_root_schema_for::<T>()
}

const OUTPUTS: [Output; 11] = [
    Output::new("adopt", "adopt --format json", shape::<AdoptV1<'_>>),
    Output::new("check", "check --format json", shape::<CheckV1<'_>>),
    Output::new("diff", "diff --format json", shape::<DiffV1<'_>>),
    Output::new(
        "generate",
        "generate --format json",
        shape::<GenerateV1<'_>>,
    ),
    Output::new("list", "list --format json", shape::<ListV1>),
    Output::new("plan", "plan --format json", shape::<PlanV1>),
    Output::new("plan-matrix", "plan --format matrix", shape::<Matrix>),
    Output::new("report", "report -o NAME.json", shape::<FleetReport>),
    Output::new("sizes", "sizes --format json", shape::<Ledger>),
    Output::new(
        "sizes-compare",
        "sizes --compare OLD --format json",
        shape::<ComparisonV1<'_>>,
    ),
    Output::new("why", "why PACKAGE --format json", shape::<WhyV1<'_>>),
];

/// The names of the schemas.
pub fn output_names() -> impl Iterator<Item = &'static str> {
    OUTPUTS.iter().map(|output| output.name)
}

/// The schema of an output; nothing where no output has that name.
#[must_use]
pub fn output_schema(name: &str) -> Option<Value> {
    let output = OUTPUTS.iter().find(|output| output.name == name)?;
    let generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .with_transform(RecursiveTransform(join_lines))
        .into_generator();
    let mut schema = (output.shape)(generator);
    let title = format!("What `dockwright {}` prints", output.command);
    schema.insert("title".to_owned(), title.into());
    Some(schema.to_value())
}
