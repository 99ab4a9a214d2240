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
mod first_files;
mod in_tree;
mod include;
mod inputs;
mod installed;
mod kept;
mod load;
mod loaded;
mod locking;
mod meanings;
mod neighbours;
mod open;
mod overwrite;
mod part;
mod plan;
mod presence;
mod registry;
mod remote;
mod sizes;
mod sources;
mod strays;
mod tree;
mod waivers;
mod watch;
mod write;

pub(crate) use addition::{Addition, Undone, only_kept_differ};
pub(crate) use apply::apply;
pub(crate) use building::Building;
pub(crate) use check::compare;
pub use check::{Ask, Checked, check};
pub use compare::Missing;
pub(crate) use declared::Declared;
pub(crate) use engine::{Ambiguous, Engine, local_images};
pub(crate) use error::{Error, VERSION};
pub(crate) use files::Edited;
pub use files::Files;
pub(crate) use first_files::{AgentsTold, Attributes, entry, tell_agents, write_first};
pub(crate) use in_tree::InTree;
pub(crate) use inputs::Inputs;
pub use load::load;
pub use loaded::Loaded;
pub(crate) use locking::Locking;
pub(crate) use meanings::{ChangeMeaning, Meanings, Side};
pub(crate) use open::Project;
pub(crate) use overwrite::{differing, overwritten, scope_of};
pub use plan::plan;
pub(crate) use plan::{bake_file, digests, plan_on};
pub(crate) use registry::{ask, is_there};
pub(crate) use remote::{RemoteSource, remote_images};
pub(crate) use sizes::{
    ImageSource, MeasureError, dockerfiles, judged, ledger, read_images, read_ledger, remote_ledger,
};
pub(crate) use sources::Sources;
pub(crate) use tree::DiskTree;
pub(crate) use waivers::Waived;
pub use watch::Unwatched;
pub(crate) use watch::{Guard, Meter, Step, Watcher};
pub(crate) use write::{Written, unchanged, write_declaration};
