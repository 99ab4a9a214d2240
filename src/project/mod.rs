//! From a folder to an answer about its fleet, in one line that every command, test and fuzz target
//! takes: [`Inputs`] → [`load()`] → [`Loaded`] → [`check()`] → [`Checked`] → [`apply()`].
//!
//! [`Inputs`] is everything that is read, on disk or in memory. What is loaded is a value; only
//! [`apply()`] and [`Written`] change anything.

mod addition;
mod apply;
mod building;
mod check;
mod compare;
mod declared;
mod disk;
mod engine;
mod error;
mod files;
mod in_tree;
mod include;
mod inputs;
mod installed;
mod load;
mod loaded;
mod locking;
mod neighbours;
mod open;
mod overwrite;
mod part;
mod plan;
mod registry;
mod sizes;
mod sources;
mod strays;
mod tree;
mod watch;
mod write;

pub use addition::{Addition, Undone, only_kept_differ};
pub use apply::{Applied, apply};
pub use building::{Building, Built};
pub use check::{Ask, Checked, check};
pub use compare::Missing;
pub use declared::Declared;
pub use engine::{Ambiguous, Engine, Local, local_images};
pub use error::{Error, VERSION};
pub use files::{Edited, Files};
pub use in_tree::InTree;
pub use inputs::Inputs;
pub use load::load;
pub use loaded::{Loaded, WatchedTracer};
pub use locking::Locking;
pub use open::Project;
pub use overwrite::overwritten;
pub use plan::{bake_file, digests, plan};
pub use registry::{ask, is_there};
pub use sizes::{ImageSource, MeasureError, ledger, read_images, read_ledger};
pub use sources::{Position, Sources};
pub use tree::DiskTree;
pub use watch::{Guard, Meter, Step, Unwatched, Watcher};
pub use write::{Written, unchanged, write_declaration};
