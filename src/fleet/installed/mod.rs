//! Files of the repository that images install. They stay where they are and stay the truth: builds
//! mount them, nothing of them is rendered but their paths, and rules read what they ask for.

mod attach;
mod files;
mod requirement_file;

pub(crate) use attach::attach;
pub(crate) use files::{FILE_LIMIT, Files, named};
