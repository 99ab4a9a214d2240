//! The domain: a fleet that is valid by construction, and how a declaration becomes one.

pub mod image_reference;
pub mod joined;
pub mod layout;
pub mod lock;
pub mod model;
pub mod names;
pub mod outputs;
pub mod owners;
pub mod policy;
pub mod provenance;
pub mod requirement;
mod resolve;
pub mod rules;

pub use model::{Fleet, Image, Origin, Role, Sourced};
pub use resolve::{Resolved, layout_of, resolve};
