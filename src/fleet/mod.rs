//! The domain: a fleet that is valid by construction, and how a declaration becomes one.

mod absent;
pub(crate) mod account;
pub(crate) mod budgets;
mod build;
mod external;
mod health;
mod id;
pub(crate) mod indexes;
pub(crate) mod install;
pub(crate) mod installed;
pub(crate) mod joined;
pub(crate) mod kept;
mod known;
pub(crate) mod layout;
pub mod lock;
pub mod model;
pub(crate) mod order;
mod origin;
pub(crate) mod outputs;
pub(crate) mod owners;
mod package_index;
pub(crate) mod placeholder;
pub(crate) mod policy;
pub(crate) mod provenance;
mod resolve;
mod started;
mod workdir;

pub(crate) use absent::{Absent, AbsentThing};
pub(crate) use id::{ImageId, SetId};
pub use model::{Fleet, Image};
pub(crate) use model::{Origin, Role, Sourced};
pub(crate) use resolve::{Resolved, resolve};
