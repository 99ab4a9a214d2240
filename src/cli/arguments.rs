//! Options that several commands have.

use std::collections::BTreeSet;
use std::io::{self, Read};

use camino::{Utf8Path, Utf8PathBuf};
use clap::{Args, ValueEnum};

use super::answer::failed;
use super::complete;
use super::failure::Failure;
use super::nearest::{DECLARATION, nearest_declaration};
use super::output::note;
use super::terminal::TERMINAL;
use crate::images::Scope;
use crate::images::changed::read_list;
use crate::project::{Error, Project};
use crate::report::page;
use crate::values::{Date, InvalidValue};
use crate::workspace::git::changed_since;
use crate::workspace::{Durability, absolute_spellings, today};

/// The longest list of changed files that is read, in bytes.
const LIST_LIMIT: u64 = 64 * 1024 * 1024;

/// Options of every command that reads a fleet.
#[derive(Debug, Args)]
pub(super) struct FleetArgs {
    /// The services.yaml to use; files are generated below its folder [default: services.yaml in
    /// this folder or a folder above, up to the top of the Git work tree]
    #[arg(short, long, value_name = "PATH", global = true)]
    file: Option<Utf8PathBuf>,
}

impl FleetArgs {
    /// The project that the command is about.
    pub(super) fn project(&self) -> Result<Project, Error> {
        Project::open(&self.declaration(), &TERMINAL)
    }

    /// The same for a command that writes: a declaration in a folder above is named first.
    pub(super) fn project_to_write(&self) -> Result<Project, Error> {
        self.name_far_declaration();
        self.project()
    }

    /// The same for a command that edits the declaration, unless it only shows what it would do.
    pub(super) fn project_to_edit(&self, dry_run: bool) -> Result<Project, Error> {
        if dry_run {
            self.project()
        } else {
            self.name_far_declaration();
            Project::open_to_edit(&self.declaration(), &TERMINAL)
        }
    }

    /// The path of the declaration.
    fn declaration(&self) -> Utf8PathBuf {
        self.file.clone().unwrap_or_else(nearest_declaration)
    }

    fn name_far_declaration(&self) {
        let path = self.declaration();
        if self.file.is_none() && path != DECLARATION {
            note(&page!("using {}\n", path));
        }
    }

    /// Whether no declaration was named.
    pub(super) fn is_default(&self) -> bool {
        self.file.is_none()
    }

    /// The folder of the declaration.
    pub(super) fn folder(&self) -> Utf8PathBuf {
        self.declaration()
            .parent()
            .map(Utf8Path::to_owned)
            .unwrap_or_default()
    }

    /// What a word of the command line names, from the folder of the declaration on: paths are
    /// taken from there and from here.
    pub(super) fn inside(&self, word: &str) -> String {
        let folder = self.folder();
        let word = word.trim_start_matches("./");
        let folder = folder.as_str().trim_start_matches("./");
        let rest = word.strip_prefix(folder).filter(|_| !folder.is_empty());
        let inside = rest.and_then(|rest| rest.strip_prefix('/'));
        inside.unwrap_or(word).to_owned()
    }
}

/// Options of the commands that judge rules.
#[derive(Debug, Args)]
pub(super) struct PolicyArgs {
    /// The date to use as today, YYYY-MM-DD or `now`, to see which waivers and allowances of
    /// services.yaml have expired; without it, waivers are ignored and allowances never expire
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub(super) today: Option<Date>,
}

/// The day that a word stands for.
fn day(word: &str) -> Result<Date, InvalidValue> {
    if word == "now" {
        return Ok(Date::of(today()));
    }
    Date::parse(word)
}

/// The harmless differences that the declaration around this folder denies; none without one.
pub(super) fn denied_by_policy() -> Result<BTreeSet<String>, Failure> {
    let project = Project::open(&nearest_declaration(), &TERMINAL)?;
    let loaded = match project.load() {
        Err(Error::NoDeclaration { .. }) => return Ok(BTreeSet::new()),
        other => other?,
    };
    match loaded.unsettled_fleet() {
        Some(fleet) => Ok(fleet.policy.denied.clone()),
        None => Err(failed(&page!(
            "{} has errors, so what its policy denies is unknown; `dockwright check` shows them",
            loaded.file
        ))),
    }
}

/// How generated files are written.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct WriteArgs {
    /// Show what would change and write nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Wait until every generated file is on disk; without it, a power failure can leave files
    /// empty or missing
    #[arg(long)]
    pub(super) durable: bool,
}

impl WriteArgs {
    /// How the files are written; nothing where they are not.
    pub(super) fn durability(self) -> Option<Durability> {
        match self {
            Self { dry_run: true, .. } => None,
            Self { durable: true, .. } => Some(Durability::Synced),
            Self { .. } => Some(Durability::WrittenBack),
        }
    }
}

/// What limits a check.
#[derive(Debug, Args)]
pub(super) struct PartArgs {
    /// Check only the files of these images
    #[arg(long, value_name = "IMAGE", num_args = 1.., add = complete::images())]
    only: Vec<String>,
    /// Check only the images that the paths on standard input affect (write `-`); newline or NUL
    /// separates them
    #[arg(long, value_name = "STDIN", value_parser = ["-"], hide_possible_values = true,
          conflicts_with = "only")]
    changed_files: Option<String>,
}

impl PartArgs {
    /// The images that are checked.
    pub(super) fn scope(&self, fleet: &FleetArgs) -> Result<Scope, Failure> {
        let changed = self.changed_files.as_ref().map(|_| read_changed(fleet));
        Ok(Scope {
            only: self.only.clone(),
            changed: changed.transpose()?,
            with_dependents: false,
        })
    }
}

/// What decides which images are meant; `plan` and `build` share it.
#[derive(Debug, Args)]
pub(super) struct ChosenArgs {
    /// Only images that differ between this revision and the current files
    #[arg(long, value_name = "REF", conflicts_with_all = ["all", "changed_files"])]
    changed_since: Option<String>,
    /// Only images that the paths on standard input affect (write `-`); newline or NUL separates
    /// them
    #[arg(long, value_name = "STDIN", value_parser = ["-"], hide_possible_values = true,
          conflicts_with = "all")]
    changed_files: Option<String>,
    /// All images
    #[arg(long)]
    all: bool,
    /// Also the images that build on the selected ones
    #[arg(long)]
    with_dependents: bool,
}

impl ChosenArgs {
    /// Whether images are chosen without being named.
    pub(super) fn says_which(&self) -> bool {
        self.all || self.changed_since.is_some() || self.changed_files.is_some()
    }

    /// The images that are meant.
    pub(super) fn scope(&self, only: &[String], fleet: &FleetArgs) -> Result<Scope, Failure> {
        let changed = match (&self.changed_since, &self.changed_files) {
            (Some(revision), _) => Some(changed_since(&fleet.folder(), revision)?),
            (None, Some(_)) => Some(read_changed(fleet)?),
            (None, None) => None,
        };
        Ok(Scope {
            only: only.to_vec(),
            changed,
            with_dependents: self.with_dependents,
        })
    }
}

/// The list of changed files on standard input, as paths from the folder of the declaration on.
fn read_changed(fleet: &FleetArgs) -> Result<BTreeSet<String>, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .take(LIST_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(Failure::StandardInput)?;
    if bytes.len() as u64 > LIST_LIMIT {
        return Err(Failure::StandardInput(io::Error::from(
            io::ErrorKind::FileTooLarge,
        )));
    }
    Ok(read_list(&bytes, &absolute_spellings(&fleet.folder()))?)
}

/// How `check` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum CheckFormat {
    /// For people
    Text,
    /// For programs
    Json,
    /// For people, with annotations for GitHub Actions
    Github,
    /// For `git apply`
    Patch,
    /// For job summaries and comments on pull requests
    Markdown,
    /// For code scanning services
    Sarif,
    /// For the code quality reports of GitLab
    Gitlab,
}

/// How `generate` and `list` print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum TextOrJson {
    /// For people
    Text,
    /// For programs
    Json,
}
