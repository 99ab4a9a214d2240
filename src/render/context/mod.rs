//! What templates may print: the whole contract between Rust and the templates, documented for
//! people in docs/templates.md.
//!
//! Every value is text that is already encoded for its place, so a template decides nothing and
//! quotes nothing; and every value knows where it was declared ([`super::pen`]).

mod account;
mod constraints;
mod dockerfile;
mod ignore;
mod install;
mod path;
mod probe;
mod requirements;
mod routes;
mod running;
mod stages;
mod steps;

pub(super) use constraints::{PinsContext, has_pins};
pub(super) use dockerfile::DockerfileContext;
pub(super) use ignore::{IgnoreContext, declared_paths};
pub(super) use path::{constraints_path, dockerfile_path, requirements_path};
pub(super) use probe::{probe_origins, probe_words};
pub(super) use requirements::{RequirementsContext, has_requirements};
