//! Generate the Dockerfiles of a fleet of Python services from one services.yaml, and check that
//! none has drifted.
//!
//! ```text
//! services.yaml ─read─▶ text ─parse─▶ FleetDecl ─resolve─▶ Fleet ─render─▶ ArtifactSet ─compare(+DiskState)─▶ DriftReport
//!                                         └──── Diagnostics ◀────┘                      check:    report, exit 0 or 1
//!                                                                                       generate: WritePlan ─apply─▶ disk, compare again
//! ```
//!
//! Everything between *read* and *apply* is a pure function on values; [`workspace`] alone touches
//! files. `check` and `generate` share one computation, so they cannot disagree. ARCHITECTURE.md
//! tells the rooms and the laws.

// Elsewhere the library is empty, so that the one error is that of the program, which says what to
// do. Effects rely on `openat`, links and renames as Unix has them.
#![cfg(unix)]

pub mod artifact;
pub mod cli;
pub mod declare;
pub mod diagnostic;
pub mod dockerfile;
pub mod drift;
pub mod edit;
mod exit;
pub mod fleet;
pub mod images;
mod lock;
mod parallel;
pub mod project;
pub mod published;
pub mod render;
pub mod report;
pub mod rules;
pub mod sizes;
pub mod values;
pub mod workspace;
pub mod yaml;
