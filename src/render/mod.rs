//! Fleet → artifacts: templates print what the context holds, and every file gets its seal.

mod choice;
mod context;
mod environment;
mod error;
pub(crate) mod fingerprint;
mod fleet_files;
mod job;
mod joined;
pub(crate) mod links;
mod order;
mod pen;
mod plain;
mod progress;
mod removed;
mod renderer;
pub mod seal;
mod templates;
pub(crate) mod trace;
mod unknown;

pub(crate) use choice::Choice;
pub(crate) use environment::TEMPLATE_BYTES;
pub(crate) use error::RenderError;
pub use job::dockerfile_path;
pub(crate) use job::dockerfile_template;
pub(crate) use order::link;
pub(crate) use progress::Progress;
pub(crate) use renderer::Renderer;
pub(crate) use templates::Source;
pub use templates::Templates;
pub(crate) use unknown::check_templates;
