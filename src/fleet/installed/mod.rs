//! What images install from the repository, as it is read. Files stay where they are and stay the
//! truth: builds mount them, nothing of them is rendered but their paths, and rules read what they
//! ask for.

mod attach;
mod closure;
mod files;
mod lock;
mod poetry_hash;
mod poetry_lock;
mod pyproject;
mod requirement_file;
mod stale;
mod uv_file;
mod uv_lock;

pub(crate) use attach::{Near, attach};
pub(crate) use files::{Files, Look, Wanted, wanted};
