//! Rendered against on disk: what differs, why, and what `generate` would do about it.

mod compare;
mod diff;
pub mod disk_state;
mod fix;
mod kind;
mod lines;
mod shown;
mod write_plan;

pub(crate) use compare::{DriftReport, Territory, compare_declared, compare_strays};
pub(crate) use diff::{ChangeGroup, Changes, Lines, Place, group_changes, rendered_lines};
pub use disk_state::DiskEntry;
pub(crate) use disk_state::DiskState;
pub(crate) use fix::Fix;
pub use kind::DriftKind;
pub(crate) use lines::Change;
pub use lines::changes;
pub use lines::lines;
pub(crate) use shown::{Drift, Shown};
pub use write_plan::Action;
pub use write_plan::Consent;
pub use write_plan::plan;
pub(crate) use write_plan::{Step, WritePlan, deletes_most_images};
