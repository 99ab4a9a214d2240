//! What `bump`, `pin`, `new`, `init` and `lock` make of a declaration: text to text, before
//! anything is written.

pub(crate) mod absorb;
pub mod adopt;
pub(crate) mod bump;
pub mod declaration;
pub(crate) mod eject;
pub(crate) mod first;
pub(crate) mod found;
pub(crate) mod pin;
pub(crate) mod service;
pub(crate) mod starter;
pub(crate) mod version;

pub(crate) use bump::{BumpError, BumpRequest, BumpStep, bump};
pub(crate) use pin::{PinError, PinTarget, Pinned, pin, pin_targets};
pub(crate) use service::{NewError, Scaffold, scaffold};
