//! services.yaml as text and as written: guarded against hostile input, loaded, and locatable.

pub mod edit;
mod flexible;
mod follows;
mod guard;
mod include;
mod json_schema;
pub mod locate;
pub mod locks;
mod offsets;
pub mod outputs;
mod parse;
mod parts;
mod pieces;
pub mod schema;
mod text;

pub use flexible::Flexible;
pub use follows::Follows;
pub use guard::{KEY_LIMIT, SIZE_LIMIT};
pub use include::{Included, IncludedDecl, Pattern, patterns, without_match};
pub use json_schema::{included_json_schema, json_schema};
pub use parse::{DeclText, Parsed, Part, parse, parse_included};
pub use parts::Parts;
pub use schema::FleetDecl;
pub use text::Text;
