//! What services.yaml can say: its shape, how its text becomes that, and edits of the text.

pub mod dockerfile;
mod flexible;
mod follows;
mod foreign;
mod health;
mod include;
mod included;
pub(crate) mod indexes;
mod installed;
mod json_schema;
pub(crate) mod locks;
mod nullable;
pub(crate) mod outputs;
mod parse;
mod paths;
mod reference;
pub(crate) mod running;
pub(crate) mod schema;
mod shape;
mod steps;
mod text;
pub(crate) mod tools;

pub(crate) use crate::yaml::KEY_LIMIT;
pub(crate) use flexible::Flexible;
pub(crate) use follows::Follows;
pub(crate) use include::{Pattern, patterns, without_match};
pub(crate) use included::Included;
pub(crate) use json_schema::fields_beside;
pub(crate) use json_schema::included_json_schema;
pub use json_schema::json_schema;
pub(crate) use nullable::{Nullable, OneOrMany, Variables};
pub(crate) use parse::{Parsed, Part};
pub use parse::{parse, parse_included};
pub(crate) use reference::field_reference;
pub use schema::FleetDecl;
pub(crate) use text::Text;
