//! Fleet → artifacts: templates print what the context holds, and every file gets its seal.

mod choice;
mod context;
mod environment;
mod error;
pub mod fingerprint;
mod fleet_files;
mod job;
mod joined;
pub mod links;
mod order;
mod pen;
mod progress;
mod removed;
mod renderer;
pub mod seal;
mod templates;
pub mod trace;
mod unknown;

pub use choice::Choice;
pub use environment::TEMPLATE_BYTES;
pub use error::{RenderError, TemplateFault};
pub use job::{dockerfile_path, dockerfile_template};
pub use order::link;
pub use progress::Progress;
pub use renderer::Renderer;
pub use templates::{Source, Templates};
pub use unknown::check_templates;
