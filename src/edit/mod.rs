//! What `bump`, `pin`, `new`, `init` and `lock` make of a declaration: text to text, before
//! anything is written.

pub mod adopt;
pub mod bump;
pub mod declaration;
pub mod pin;
pub mod service;
pub mod starter;
pub mod version;

pub use bump::{Bump, BumpError, BumpRequest, BumpStep, bump};
pub use pin::{PinError, PinTarget, Pinned, pin, pin_targets};
pub use service::{NewError, Scaffold, scaffold};
