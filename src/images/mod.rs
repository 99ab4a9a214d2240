//! What has to be built, in which order and because of what: external images → bases → services.
//!
//! Building itself is `BuildKit`'s job. This module hands it an exact plan: [`inputs()`] reads
//! which files each Dockerfile takes, [`affected`](mod@affected) which images a set of changed
//! files reaches, [`plan()`] puts both into one answer, [`builder`] turns that into command lines.

pub(crate) mod affected;
pub(crate) mod builder;
pub(crate) mod changed;
pub(crate) mod digest;
pub(crate) mod graph;
pub(crate) mod inputs;
mod outcome;
pub(crate) mod plan;
pub(crate) mod progress;
mod reach;
mod scope;
pub(crate) mod state;

pub(crate) use affected::{Because, Taken};
pub(crate) use graph::Graph;
pub use inputs::Inputs;
pub(crate) use inputs::inputs;
pub(crate) use outcome::{BuildOutcome, BuildRow, Size};
pub(crate) use plan::{Plan, PlannedImage, UnknownImage, id_of, plan};
pub(crate) use reach::Reach;
pub use scope::Scope;
