//! Rendered against on disk: what differs, why, and what `generate` would do about it.

mod compare;
mod diff;
pub mod disk_state;
mod fix;
mod kind;
mod lines;
mod shown;
mod write_plan;

pub use compare::{DriftReport, Territory, compare_declared, compare_strays};
pub use diff::{ChangeGroup, Changes, Lines, Place, group_changes, rendered_lines};
pub use disk_state::{DiskEntry, DiskState};
pub use fix::Fix;
pub use kind::DriftKind;
pub use lines::{Change, changes, lines};
pub use shown::{Drift, Shown};
pub use write_plan::{Action, Consent, Step, WritePlan, deletes_most_images, plan};
