//! The value that a Dockerfile is read into.

use std::collections::{BTreeMap, BTreeSet};

use super::{Asked, FolderMeaning, Health, Install, Origin, Script, User};

/// What an image is, as far as its Dockerfile says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meaning {
    /// The image below.
    pub base: Base,
    /// Where the files come from, by their paths in the image.
    pub files: BTreeMap<String, Origin>,
    /// What Python is given to import.
    pub installs: BTreeSet<Install>,
    /// The indexes that packages come from, as they are written.
    pub indexes: BTreeSet<String>,
    /// Tools that install packages and stay in the image: pip, uv, poetry.
    pub tools: BTreeSet<String>,
    /// Packages of the distribution (Debian, Alpine) in the image, with versions as written.
    pub packages: BTreeSet<String>,
    /// Packages of the distribution in the stages before the last one alone.
    pub build_packages: BTreeSet<String>,
    /// Variables, those aside that only say where Python's packages are.
    pub env: BTreeMap<String, String>,
    /// The working folder.
    pub workdir: String,
    /// Whether a WORKDIR says so; else it is that of the image below.
    pub is_workdir_set: bool,
    /// The account that the command runs as.
    pub user: User,
    /// Whether a USER says so; else it is that of the image below.
    pub is_user_set: bool,
    /// What is started.
    pub entrypoint: Option<Launch>,
    /// What is started, or the arguments of the entrypoint.
    pub command: Option<Launch>,
    /// Ports such as `8000/tcp`.
    pub ports: BTreeSet<String>,
    /// The health check; nothing where the image below decides.
    pub health: Option<Health>,
    /// Volumes.
    pub volumes: BTreeSet<String>,
    /// The signal that ends the command.
    pub stop_signal: Option<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// Folders that are made or given to an account, by path.
    pub folders: BTreeMap<String, FolderMeaning>,
    /// What remains, in order.
    pub steps: Vec<Step>,
    /// What pip was asked for, as it is written: what `installs` was made of.
    pub(crate) asked: Vec<Asked>,
    /// What was copied from the repository, in order: what `files` was made of.
    pub(crate) copied: Vec<Copied>,
    /// The lines of steps that run in other stages.
    pub(crate) steps_elsewhere: BTreeSet<usize>,
    /// The commands of each `RUN`, by its line.
    pub(crate) scripts: BTreeMap<usize, Script>,
    /// Build arguments with their values; nothing for those that the builder sets.
    pub(crate) arguments: BTreeMap<String, Option<String>>,
    /// What the tree does not hold.
    pub missing: Vec<Missing>,
    /// Who answers for each instruction, in order.
    pub claims: Vec<Claim>,
}

/// The image below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The reference with its build arguments filled in. A variable without a value stays.
    pub reference: String,
    /// The platform, where FROM names one.
    pub platform: Option<String>,
    /// The line of its FROM.
    pub(crate) line: usize,
}

/// A command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Launch {
    /// Words, without a shell.
    Exec(Vec<String>),
    /// A text for a shell.
    Shell(String),
}

/// Something that is done in the build and that no other part of the meaning holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The line of its instruction.
    pub(crate) line: usize,
    /// The keyword of its instruction.
    pub(crate) keyword: String,
    /// What is compared: the words, with known variables filled in.
    pub key: String,
    /// What is shown: the text as written, without the values of variables.
    pub text: String,
    /// The folder that it runs in.
    pub(crate) folder: String,
}

/// A file or folder of the repository that was copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Copied {
    /// The line of its instruction.
    pub line: usize,
    /// The path below the tree's root; empty for all of it.
    pub(crate) from: String,
    /// Where the file, or the content of the folder, lands.
    pub(crate) to: String,
}

/// A path that an instruction needs and the tree does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The line of the instruction.
    pub line: usize,
    /// The path below the tree's root.
    pub path: String,
}

/// Who answers for an instruction, or for a command of a `RUN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// The line of the instruction.
    pub line: usize,
    /// Its keyword.
    pub(crate) keyword: String,
    /// The command, for one of several in a `RUN`.
    pub(crate) command: Option<String>,
    /// Who answers.
    pub by: Claimant,
}

/// What an instruction becomes part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Claimant {
    /// The base, or the order of stages.
    Base,
    /// A build argument, whose value counts where it is used.
    Argument,
    /// The files.
    Files,
    /// What Python is given to import.
    Installs,
    /// Packages of the distribution.
    Packages,
    /// Variables.
    Env,
    /// The working folder.
    Workdir,
    /// The account.
    User,
    /// Folders made or given away.
    Folders,
    /// The entrypoint.
    Entrypoint,
    /// The command.
    Command,
    /// Ports.
    Ports,
    /// The health check.
    Health,
    /// Volumes.
    Volumes,
    /// The stop signal.
    StopSignal,
    /// Labels.
    Labels,
    /// Something that leaves nothing in the image: package lists, caches, versions printed.
    Housekeeping,
    /// A stage that the image takes nothing from.
    OtherStage,
    /// A step.
    Step,
}

/// Why a text has no meaning.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unread {
    /// No FROM.
    #[error("it has no FROM")]
    NoStage,
    /// The target is not there.
    #[error("it has no stage `{0}`")]
    NoTarget(String),
    /// An instruction that `BuildKit` refuses.
    #[error("line {line} {reason}")]
    Refused {
        /// The line.
        line: usize,
        /// What is wrong with it, as a phrase that begins with a verb.
        reason: String,
    },
}

impl Launch {
    /// The words, where no shell is needed to find them: an exec form, or a text of plain words.
    #[must_use]
    pub(crate) fn plain_words(&self) -> Option<Vec<String>> {
        match self {
            Self::Exec(words) => Some(words.clone()),
            Self::Shell(text) => super::shell::plain_words(text),
        }
    }
}

impl Meaning {
    /// The number of instructions and commands that became steps, and of all.
    #[must_use]
    pub fn share_of_steps(&self) -> (usize, usize) {
        let steps = self
            .claims
            .iter()
            .filter(|claim| claim.by == Claimant::Step);
        (steps.count(), self.claims.len())
    }
}
