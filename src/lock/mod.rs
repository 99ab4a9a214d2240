//! Locks: whether they belong to their declaration, and how new ones are made.
//!
//! What a lock *is* stands in [`crate::fleet::lock`].

mod attach;
mod judge;
mod outcome;
pub(crate) mod resolver;

pub(crate) use attach::{LockTexts, attach, unused};
pub(crate) use judge::is_fresh;
pub(crate) use outcome::{LockOutcome, LockRow};
