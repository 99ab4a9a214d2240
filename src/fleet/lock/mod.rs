//! Lock files: what the requirements of an image resolve to, with hashes, as committed text.
//!
//! A lock is an input like services.yaml: written by `dockwright lock`, read by everything else,
//! and believed only after it was parsed. Its header says what it was resolved from, so that
//! `check` tells without a network whether lock and declaration still belong together.

mod causes;
mod inputs;
mod locked;
mod text;

pub(crate) use inputs::below;
pub(crate) use inputs::{constraints_below, locks_below};
pub(crate) use locked::{Input, Inputs, Lock, Locked, Pin};
pub(crate) use text::DECLARED;
pub use text::format_lock;
pub use text::parse_lock;

/// The longest lock that is read, in bytes: 130 packages with the hashes of all their files take
/// some 700 KB.
pub(crate) const LOCK_LIMIT: usize = 8 * 1024 * 1024;
