//! Locks: whether they belong to their declaration, and how new ones are made.
//!
//! What a lock *is* stands in [`crate::fleet::lock`].

mod attach;
mod judge;
mod outcome;
pub mod resolver;

pub use attach::{LockTexts, attach, unused};
pub use judge::{is_fresh, unmet};
pub use outcome::{LockOutcome, LockRow};
