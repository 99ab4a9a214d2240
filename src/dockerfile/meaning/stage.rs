//! A stage while it is read.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Instruction;
use super::super::lexer::Variables;
use super::accounts::Accounts;
use super::below::workdir_of;
use super::files::{Files, join, lies_in, moved};
use super::health::Health;
use super::install::{Asked, Install};
use super::model::{Base, Copied, Launch, Step};
use super::steps::Script;
use crate::values::image_reference::is_python;

/// What is known of a folder that is made or given away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderMeaning {
    /// The account that it belongs to, where that was said.
    pub owner: Option<String>,
    /// The mode, where that was said.
    pub mode: Option<String>,
    /// Whether it was made as a folder: what only gets an owner or a mode can be a file.
    pub made: bool,
}

/// Something installed, and the folder that it lies in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placed {
    pub(super) folder: String,
    pub(super) install: Install,
}

/// The folder that Python installs into where nothing else is said.
pub(super) const SYSTEM: &str = "/usr/local";

/// The state of a stage.
#[derive(Debug, Clone)]
pub(super) struct Stage {
    pub(super) name: Option<String>,
    pub(super) base: Base,
    /// The stages that it is built on or takes something from.
    pub(super) takes: BTreeSet<usize>,
    pub(super) env: BTreeMap<String, String>,
    /// What instructions and shells see: `ENV` and `ARG`, the later one first.
    pub(super) variables: BTreeMap<String, String>,
    pub(super) workdir: String,
    pub(super) is_workdir_set: bool,
    pub(super) user: Option<String>,
    pub(super) shell: Option<Vec<String>>,
    pub(super) entrypoint: Option<Launch>,
    pub(super) command: Option<Launch>,
    /// Whether `CMD` stands in this stage itself.
    pub(super) sets_command: bool,
    pub(super) ports: BTreeSet<String>,
    pub(super) health: Option<Health>,
    pub(super) volumes: BTreeSet<String>,
    pub(super) stop_signal: Option<String>,
    pub(super) labels: BTreeMap<String, String>,
    pub(super) triggers: Vec<Instruction>,
    pub(super) files: Files,
    pub(super) placed: Vec<Placed>,
    /// What pip was asked for, with the folders that it was put into.
    pub(super) asked: Vec<(String, Asked)>,
    pub(super) copied: Vec<Copied>,
    /// Requirement files that steps wrote, and what they hold.
    pub(super) written: BTreeMap<String, BTreeSet<Install>>,
    pub(super) indexes: BTreeSet<String>,
    pub(super) tools: BTreeSet<String>,
    /// Virtual environments, by their folders.
    pub(super) environments: BTreeSet<String>,
    pub(super) packages: BTreeSet<String>,
    pub(super) accounts: Accounts,
    pub(super) folders: BTreeMap<String, FolderMeaning>,
    pub(super) steps: Vec<Step>,
    /// The commands of each `RUN`, by its line.
    pub(super) scripts: BTreeMap<usize, Script>,
    /// Build arguments with their values; nothing for those that the builder sets.
    pub(super) arguments: BTreeMap<String, Option<String>>,
}

impl Stage {
    /// A stage on an image that is not built here.
    pub(super) fn on_image(base: Base) -> Self {
        let workdir = workdir_of(&base.reference).to_owned();
        Self {
            name: None,
            base,
            takes: BTreeSet::new(),
            env: BTreeMap::new(),
            variables: BTreeMap::new(),
            workdir,
            is_workdir_set: false,
            user: None,
            shell: None,
            entrypoint: None,
            command: None,
            sets_command: false,
            ports: BTreeSet::new(),
            health: None,
            volumes: BTreeSet::new(),
            stop_signal: None,
            labels: BTreeMap::new(),
            triggers: Vec::new(),
            files: Files::default(),
            placed: Vec::new(),
            asked: Vec::new(),
            copied: Vec::new(),
            written: BTreeMap::new(),
            indexes: BTreeSet::new(),
            tools: BTreeSet::new(),
            environments: BTreeSet::new(),
            packages: BTreeSet::new(),
            accounts: Accounts::default(),
            folders: BTreeMap::new(),
            steps: Vec::new(),
            scripts: BTreeMap::new(),
            arguments: BTreeMap::new(),
        }
    }

    /// A stage on an earlier one (`dispatchState.init`): everything but the triggers of `ONBUILD`
    /// carries over; a `CMD` there does not count as one of this stage.
    pub(super) fn on_stage(below: &Self, position: usize) -> Self {
        Self {
            name: None,
            takes: BTreeSet::from([position]),
            sets_command: false,
            triggers: Vec::new(),
            ..below.clone()
        }
    }

    /// A path seen from the working folder.
    pub(super) fn path(&self, path: &str) -> String {
        join(&self.workdir, path)
    }

    /// The home folder of the account that steps run as.
    pub(super) fn home(&self) -> String {
        let name = self.user.as_deref().unwrap_or_default();
        self.accounts
            .home(name.split(':').next().unwrap_or_default())
    }

    /// Whether a folder is one that installers keep for themselves and that nothing was put into:
    /// no step names it, and no Python of uv's own lies there.
    pub(super) fn is_empty_home(&self, folder: &str) -> bool {
        let is_named =
            |step: &Step| step.text.contains(".local") || step.text.contains("uv python");
        let has_python = (self.variables.get("UV_PYTHON_PREFERENCE"))
            .is_some_and(|value| value == "only-managed");
        folder == "/root/.local" && !has_python && !self.steps.iter().any(is_named)
    }

    /// The virtual environment whose programs are found first, else the system's Python.
    pub(super) fn python_folder(&self, variables: &BTreeMap<String, String>) -> String {
        let path = variables.get("PATH").map_or("", String::as_str);
        for folder in path.split(':') {
            if let Some(root) = folder.strip_suffix("/bin")
                && (self.environments.contains(root) || is_environment_name(root))
            {
                return root.to_owned();
            }
        }
        SYSTEM.to_owned()
    }

    /// What is installed in a folder or below it, or in one that it is a part of, such as
    /// `site-packages`.
    pub(super) fn placed_at(&self, folder: &str) -> Vec<Placed> {
        let touches = |placed: &&Placed| touches(&placed.folder, folder);
        self.placed.iter().filter(touches).cloned().collect()
    }

    /// Adds what a folder of another stage holds, which is copied to a path here.
    pub(super) fn take_installs(&mut self, other: &Self, from: &str, to: &str) -> bool {
        let taken = other.placed_at(from);
        for environment in &other.environments {
            self.environments.extend(moved(environment, from, to));
        }
        let found = !taken.is_empty();
        for placed in taken {
            let folder = moved(&placed.folder, from, to).unwrap_or_else(|| SYSTEM.to_owned());
            self.place(folder, placed.install);
        }
        if found {
            self.indexes.extend(other.indexes.iter().cloned());
        }
        for (folder, asked) in other.asked_at(from) {
            let folder = moved(&folder, from, to).unwrap_or_else(|| SYSTEM.to_owned());
            self.ask(&folder, asked);
        }
        found
    }

    /// What pip was asked to put into a folder, as [`Self::placed_at`] has it.
    pub(super) fn asked_at(&self, folder: &str) -> Vec<(String, Asked)> {
        let touches = |(place, _): &&(String, Asked)| touches(place, folder);
        self.asked.iter().filter(touches).cloned().collect()
    }

    /// Notes what pip was asked for, once a folder.
    pub(super) fn ask(&mut self, folder: &str, asked: Asked) {
        let asked = (folder.to_owned(), asked);
        if !self.asked.contains(&asked) {
            self.asked.push(asked);
        }
    }

    /// Notes what is copied from another stage that copied it from the repository.
    pub(super) fn take_copied(&mut self, other: &Self, (from, to): (&str, &str), line: usize) {
        for copied in &other.copied {
            let whole = moved(&copied.to, from, to).map(|to| (copied.from.clone(), to));
            let part = moved(from, &copied.to, &format!("/{}", copied.from))
                .map(|from| (from.trim_start_matches('/').to_owned(), to.to_owned()));
            if let Some((from, to)) = whole.or(part) {
                self.copied.push(Copied { line, from, to });
            }
        }
    }

    /// Notes something installed, once.
    pub(super) fn place(&mut self, folder: String, install: Install) {
        let placed = Placed { folder, install };
        if !self.placed.contains(&placed) {
            self.placed.push(placed);
        }
    }

    /// A folder that steps make or change.
    pub(super) fn folder(&mut self, path: &str) -> &mut FolderMeaning {
        self.folders.entry(path.to_owned()).or_default()
    }
}

/// Whether what is installed into a folder lies in another one, or that is a part of it.
fn touches(place: &str, folder: &str) -> bool {
    lies_in(place, folder) || (lies_in(folder, place) && folder.contains("/lib"))
}

/// Variables that images of Python bring, beside those that begin with `PYTHON_`.
const BROUGHT: [&str; 4] = ["GPG_KEY", "LANG", "LC_ALL", "PATH"];

impl Variables for Stage {
    fn value(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    /// What images of Python set is known; of other images it is not.
    fn unknown(&self, name: &str) -> String {
        let is_python = is_python(&self.base.reference);
        let is_set = BROUGHT.contains(&name)
            || name.starts_with("PYTHON_")
            || self.arguments.contains_key(name);
        if is_python && !is_set {
            String::new()
        } else {
            format!("${{{name}}}")
        }
    }
}

/// Whether a folder is called as virtual environments are.
fn is_environment_name(folder: &str) -> bool {
    let name = folder.rsplit('/').next().unwrap_or_default();
    matches!(name, "venv" | ".venv" | "env" | "virtualenv")
}
