//! What an image means: a Dockerfile and the tree's files, read into one value.
//!
//! [`meaning()`] follows a Dockerfile as `BuildKit` builds it, stage by stage, and keeps what a
//! running image is made of: where each file comes from, what is installed, the variables, the
//! account, the commands, the health check. Shell commands that do one of these (`pip install`,
//! `apt-get install`, `useradd`, `chown` …) are read as such. Every instruction, and every command
//! of a `RUN`, is claimed by exactly one [`Claimant`]; what nothing else claims is a
//! [`Step`].
//!
//! Nothing is run and nothing is guessed: what a base image holds is not known, so a variable that
//! it may set stays as `${NAME}`.
//!
//! `BuildKit`'s rules are those of `frontend/dockerfile/dockerfile2llb/convert.go` and
//! `frontend/dockerfile/instructions/parse.go`; each is named where it is followed.

mod accounts;
mod below;
mod context;
mod copy;
mod debian;
mod files;
mod filesystem;
mod finish;
mod health;
mod install;
mod instruction;
mod look;
mod model;
mod pip;
mod pipfile;
mod poetry;
mod python;
mod requirement_file;
mod run;
mod shell;
mod stage;
mod steps;
mod tree;
mod user;

pub(crate) use below::{WORKDIR_BELOW, in_words, last_name};
pub use context::context_of;
pub(crate) use context::ignore_text;
pub use files::Origin;
pub use health::Probe;
pub(crate) use health::{Health, ProbeTool, Timing};
pub(crate) use install::{Asked, Install, LockTool};
pub(crate) use instruction::is_builders;
pub use model::{Claimant, Launch, Meaning, Unread};
pub(crate) use model::{Copied, Missing, Step};
pub(crate) use stage::FolderMeaning;
pub(crate) use steps::{Part, Script, depends_on_folder};
pub use tree::MemoryTree;
pub(crate) use tree::Tree;
pub(crate) use user::User;

use std::collections::BTreeMap;

use super::ignore::Ignore;
use super::{Segment, segment};
use instruction::Reading;

/// What is built: a Dockerfile, and what `docker build` is told beside it.
#[derive(Clone, Copy)]
pub struct Build<'a> {
    /// The Dockerfile's text.
    pub text: &'a str,
    /// The folder of the build context below the tree's root; empty for the root.
    pub context: &'a str,
    /// What the context leaves out.
    pub ignore: &'a Ignore,
    /// The stage to build; nothing for the last one.
    pub target: Option<&'a str>,
    /// Build arguments.
    pub arguments: &'a BTreeMap<String, String>,
    /// The files that there are.
    pub tree: &'a dyn Tree,
}

/// What a generated Dockerfile is told: nothing, since it says everything itself.
static NO_ARGUMENTS: BTreeMap<String, String> = BTreeMap::new();

impl<'a> Build<'a> {
    /// That of a generated Dockerfile: its context is the root of the tree.
    #[must_use]
    pub(crate) fn of_generated(text: &'a str, ignore: &'a Ignore, tree: &'a dyn Tree) -> Self {
        Self {
            text,
            context: "",
            ignore,
            target: None,
            arguments: &NO_ARGUMENTS,
            tree,
        }
    }
}

/// Reads what a build makes.
///
/// # Errors
/// [`Unread`] for a text without a stage, without the target, or whose FROM names no image.
pub fn meaning(build: &Build<'_>) -> Result<Meaning, Unread> {
    let segments = segment(build.text);
    let mut reading = Reading::new(build);
    for segment in &segments {
        if let Some(instruction) = segment.instruction() {
            reading.instruction(instruction, segment.line)?;
        }
    }
    reading.finish()
}

/// The lines of all instructions of a text, for whoever wants to know that none was lost.
#[must_use]
pub fn instruction_lines(text: &str) -> Vec<usize> {
    let segments = segment(text);
    let is_instruction = |segment: &&Segment<'_>| segment.instruction().is_some();
    segments
        .iter()
        .filter(is_instruction)
        .map(|segment| segment.line)
        .collect()
}
