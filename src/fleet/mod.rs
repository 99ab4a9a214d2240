//! The domain: a fleet that is valid by construction, and how a declaration becomes one.

mod health;
mod id;
pub mod install;
pub mod installed;
pub mod joined;
pub mod layout;
pub mod lock;
pub mod model;
pub(crate) mod order;
mod origin;
pub mod outputs;
pub mod owners;
pub mod placeholder;
pub mod policy;
pub mod provenance;
mod resolve;

pub use id::{ImageId, SetId};
pub use model::{Fleet, Image, Origin, Role, Sourced};
pub use resolve::{Resolved, layout_of, resolve};
