//! services.yaml as text and as written: guarded against hostile input, loaded, and locatable.

pub mod edit;
mod flexible;
mod guard;
mod json_schema;
pub mod locate;
pub mod outputs;
mod parse;
pub mod schema;
mod text;

pub use flexible::Flexible;
pub use json_schema::json_schema;
pub use parse::{Parsed, follows, parse};
pub use schema::FleetDecl;
pub use text::Text;
