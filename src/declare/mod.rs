//! What services.yaml can say: its shape, how its text becomes that, and edits of the text.

mod flexible;
mod follows;
mod foreign;
mod health;
mod include;
mod included;
mod json_schema;
pub mod locks;
mod nullable;
pub mod outputs;
mod parse;
mod paths;
mod reference;
mod running;
pub mod schema;
mod shape;
mod steps;
mod text;
pub mod tools;

pub use crate::yaml::KEY_LIMIT;
pub use flexible::Flexible;
pub use follows::Follows;
pub use include::{IncludedDecl, Pattern, patterns, without_match};
pub use included::Included;
pub(crate) use json_schema::fields_beside;
pub use json_schema::{included_json_schema, json_schema};
pub use nullable::{Nullable, OneOrMany, Variables};
pub use parse::{Parsed, Part, parse, parse_included};
pub use reference::field_reference;
pub use schema::FleetDecl;
pub use text::{DateText, NumberText, Text};
