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
mod outcome;
pub mod plan;
pub mod progress;
mod scope;
pub mod state;

pub use affected::{Because, Taken, affected};
pub use graph::Graph;
pub use inputs::{Inputs, inputs};
pub use outcome::{BuildOutcome, BuildRow, Size};
pub use plan::{Plan, PlannedImage, UnknownImage, id_of, plan};
pub use scope::Scope;
