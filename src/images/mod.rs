//! What has to be built, in which order and because of what: external images → bases → services.
//!
//! Building itself is `BuildKit`'s job. This module hands it an exact plan: [`inputs()`] reads
//! which files each Dockerfile takes, [`affected()`] which images a set of changed files reaches,
//! [`plan()`] puts both into one answer, [`builder`] turns that into command lines.

pub mod affected;
pub mod builder;
pub mod changed;
pub mod digest;
pub mod graph;
pub mod inputs;
pub mod plan;
pub mod progress;
pub mod state;

pub use affected::{Because, Taken, affected};
pub use graph::Graph;
pub use inputs::{Inputs, inputs};
pub use plan::{Plan, PlannedImage, Query, UnknownImage, id_of, plan};
