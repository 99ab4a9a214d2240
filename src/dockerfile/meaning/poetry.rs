//! Tools with locks: uv, poetry, pipenv and pdm.

use std::collections::BTreeSet;

use super::files::join;
use super::install::{Install, LockTool};
use super::model::Claimant;
use super::run::Run;

/// Options with their values, and words, of a command of one of these tools.
struct Options {
    options: Vec<(String, Option<String>)>,
    words: Vec<String>,
}

/// Options that take a value, of any of these tools.
const VALUED: [&str; 34] = [
    "--only",
    "--with",
    "--without",
    "-E",
    "--extras",
    "--extra",
    "--group",
    "--package",
    "-p",
    "--python",
    "--directory",
    "-C",
    "--project",
    "-P",
    "-o",
    "--output",
    "--output-file",
    "-f",
    "--format",
    "--no-install-package",
    "--only-group",
    "--no-group",
    "-G",
    "--link-mode",
    "--index",
    "--default-index",
    "--cache-dir",
    "--config-file",
    "--index-url",
    "--prune",
    "--no-default-group",
    "-d",
    "--refresh-package",
    "--python-platform",
];

impl Options {
    fn read(words: &[String]) -> Self {
        let mut read = Self {
            options: Vec::new(),
            words: Vec::new(),
        };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with('-')) {
                read.options.push((name.to_owned(), Some(value.to_owned())));
            } else if word.starts_with('-') {
                let value = if VALUED.contains(&word.as_str()) {
                    words.next().cloned()
                } else {
                    None
                };
                read.options.push((word.clone(), value));
            } else {
                read.words.push(word.clone());
            }
        }
        read
    }

    fn has(&self, names: &[&str]) -> bool {
        self.options
            .iter()
            .any(|(name, _)| names.contains(&name.as_str()))
    }

    fn value(&self, names: &[&str]) -> Option<String> {
        let is_asked = |(name, _): &&(String, Option<String>)| names.contains(&name.as_str());
        self.options
            .iter()
            .find(is_asked)
            .and_then(|(_, value)| value.clone())
    }

    /// All values of options, which may be lists with commas or blanks.
    fn values(&self, names: &[&str]) -> BTreeSet<String> {
        let is_asked = |(name, _): &&(String, Option<String>)| names.contains(&name.as_str());
        let values = self
            .options
            .iter()
            .filter(is_asked)
            .filter_map(|(_, value)| value.as_deref());
        values
            .flat_map(|value| value.split([',', ' ']))
            .filter(|name| !name.is_empty())
            .map(str::to_owned)
            .collect()
    }
}

impl Run<'_, '_> {
    /// Carries out `uv …`.
    pub(super) fn uv(&mut self, words: &[String]) -> Claimant {
        let at = words
            .iter()
            .position(|word| !word.starts_with('-'))
            .unwrap_or(words.len());
        let rest = words.get(at + 1..).unwrap_or_default();
        match words.get(at).map(String::as_str) {
            Some("pip") => self.uv_pip(rest),
            Some("sync") => self.uv_sync(rest),
            Some("venv") => self.environment(rest),
            Some("export") => self.export("uv", rest, None),
            Some("tool") => self.uv_tool(rest),
            Some("python" | "cache" | "self" | "version" | "lock") | None => Claimant::Housekeeping,
            Some(_) => Claimant::Step,
        }
    }

    fn uv_tool(&mut self, words: &[String]) -> Claimant {
        if let [verb, name, ..] = words
            && verb == "install"
        {
            let name = name
                .split(['=', '@', '<', '>'])
                .next()
                .unwrap_or_default()
                .to_owned();
            self.reading.stage_mut().tools.insert(name);
            return Claimant::Installs;
        }
        Claimant::Step
    }

    /// `uv sync` installs the group `dev` too, and the project itself, unless told otherwise.
    fn uv_sync(&mut self, words: &[String]) -> Claimant {
        let options = Options::read(words);
        let here = options
            .value(&["--directory", "--project"])
            .unwrap_or_else(|| ".".to_owned());
        let mut groups = options.values(&["--group", "--only-group"]);
        let leaves_dev = options.has(&["--no-dev", "--no-default-groups", "--only-group"])
            || self.variables.contains_key("UV_NO_DEV");
        if !leaves_dev {
            groups.insert("dev".to_owned());
        }
        let mut extras = options.values(&["--extra"]);
        if options.has(&["--all-extras"]) {
            extras.insert("*".to_owned());
        }
        let package = options.value(&["--package"]);
        let folder = match self.variables.get("UV_PROJECT_ENVIRONMENT") {
            Some(folder) => join(&self.folder, folder),
            None => join(&join(&self.folder, &here), ".venv"),
        };
        let member = package.clone();
        let Some(lock) = self.lock(LockTool::Uv, &here, groups, extras, package) else {
            return Claimant::Step;
        };
        let leaves_project = options.has(&["--no-install-project", "--no-install-workspace"]);
        let project = match &member {
            _ if leaves_project => None,
            Some(name) => self.member(name),
            None => self.repository_folder(&here),
        };
        let project = project.filter(|folder| self.is_package(folder));
        self.synced(folder, lock, project)
    }

    /// Whether uv installs a project itself: it says how it is built, or that it is a package
    /// (`tool.uv.package`).
    fn is_package(&self, folder: &str) -> bool {
        let path = format!("{folder}/pyproject.toml");
        let text = self.reading.build().tree.text(path.trim_start_matches('/'));
        let text = text.unwrap_or_default();
        let says = |wanted: &str| text.lines().any(|line| line.trim() == wanted);
        (says("[build-system]") || says("package = true")) && !says("package = false")
    }

    /// The folder of the project of a workspace by its name.
    fn member(&self, name: &str) -> Option<String> {
        let tree = self.reading.build().tree;
        let line = format!("name = \"{name}\"");
        let is_its = |path: &&String| {
            let text = tree.text(path).unwrap_or_default();
            text.lines().any(|read| read.trim() == line)
        };
        let manifests = tree.paths().iter();
        let mut manifests = manifests.filter(|path| path.ends_with("pyproject.toml"));
        let folder = manifests.find(is_its)?.strip_suffix("pyproject.toml")?;
        Some(folder.trim_end_matches('/').to_owned())
    }

    /// Notes what a lock installs, and the project itself where it does that too.
    pub(super) fn synced(
        &mut self,
        folder: String,
        lock: Install,
        project: Option<String>,
    ) -> Claimant {
        let stage = self.reading.stage_mut();
        stage.environments.insert(folder.clone());
        stage.place(folder.clone(), lock);
        if let Some(path) = project {
            stage.place(
                folder,
                Install::Project {
                    path,
                    extras: BTreeSet::new(),
                },
            );
        }
        Claimant::Installs
    }

    /// Carries out `poetry …`.
    pub(super) fn poetry(&mut self, words: &[String]) -> Claimant {
        let options = Options::read(words);
        match options.words.first().map(String::as_str) {
            Some("config") => {
                if let [_, name, value] = options.words.as_slice() {
                    let name = format!(
                        "POETRY_{}",
                        name.to_ascii_uppercase().replace(['.', '-'], "_")
                    );
                    let value = value.clone();
                    self.variables.insert(name.clone(), value.clone());
                    self.reading.stage_mut().variables.insert(name, value);
                }
                Claimant::Housekeeping
            }
            Some("install" | "sync") => self.poetry_install(&options),
            Some("export") => self.export("poetry", words, None),
            Some("check" | "show" | "cache" | "env" | "self" | "lock" | "version") => {
                Claimant::Housekeeping
            }
            _ => Claimant::Step,
        }
    }

    /// `poetry install` installs the main group and every group that is not optional, and the
    /// project itself, unless told otherwise.
    fn poetry_install(&mut self, options: &Options) -> Claimant {
        let here = options
            .value(&["--directory", "-C", "--project", "-P"])
            .unwrap_or_else(|| ".".to_owned());
        let mut groups = options.values(&["--with"]);
        let only = options.values(&["--only"]);
        let leaves_dev = options.has(&["--no-dev", "--only-root"])
            || options.values(&["--without"]).contains("dev")
            || !only.is_empty();
        groups.extend(only.into_iter().filter(|group| group != "main"));
        if !leaves_dev {
            groups.insert("dev".to_owned());
        }
        let mut extras = options.values(&["-E", "--extras"]);
        if options.has(&["--all-extras"]) {
            extras.insert("*".to_owned());
        }
        let Some(lock) = self.lock(LockTool::Poetry, &here, groups, extras, None) else {
            return Claimant::Step;
        };
        let is_set =
            |name: &str, value: &str| self.variables.get(name).is_some_and(|set| set == value);
        let active = self.variables.get("VIRTUAL_ENV").cloned();
        let folder = if let Some(active) = active {
            active
        } else if is_set("POETRY_VIRTUALENVS_CREATE", "false")
            || is_set("POETRY_VIRTUALENVS_CREATE", "0")
        {
            self.reading.stage().python_folder(&self.variables)
        } else {
            join(&self.folder, ".venv")
        };
        let project = if options.has(&["--no-root"]) {
            None
        } else {
            self.repository_folder(&here)
        };
        self.synced(folder, lock, project)
    }

    /// Carries out `pipenv …`.
    pub(super) fn pipenv(&mut self, words: &[String]) -> Claimant {
        let options = Options::read(words);
        match options.words.first().map(String::as_str) {
            Some("install" | "sync") if options.words.len() == 1 => {
                let mut groups = BTreeSet::new();
                if options.has(&["--dev", "-d"]) {
                    groups.insert("dev".to_owned());
                }
                let is_system = options.has(&["--system"]);
                let folder = if is_system {
                    self.reading.stage().python_folder(&self.variables)
                } else {
                    join(&self.folder, ".venv")
                };
                self.pins(folder, groups)
            }
            Some("requirements") => self.export("pipenv", words, None),
            Some("lock" | "check" | "--version") => Claimant::Housekeeping,
            _ => Claimant::Step,
        }
    }

    /// Carries out `pdm …`.
    pub(super) fn pdm(&mut self, words: &[String]) -> Claimant {
        let options = Options::read(words);
        match options.words.first().map(String::as_str) {
            Some("install" | "sync") => {
                let mut groups = options.values(&["-G", "--group"]);
                if !options.has(&["--prod", "--production", "--no-dev"]) {
                    groups.insert("dev".to_owned());
                }
                let folder = join(&self.folder, ".venv");
                let Some(lock) = self.lock(LockTool::Pdm, ".", groups, BTreeSet::new(), None)
                else {
                    return Claimant::Step;
                };
                let project = if options.has(&["--no-self"]) {
                    None
                } else {
                    self.repository_folder(".")
                };
                self.synced(folder, lock, project)
            }
            Some("config" | "lock" | "info") => Claimant::Housekeeping,
            Some("export") => self.export("pdm", words, None),
            _ => Claimant::Step,
        }
    }

    /// A requirement file written from a lock: what installs it later installs the lock.
    pub(super) fn export(
        &mut self,
        program: &str,
        words: &[String],
        target: Option<String>,
    ) -> Claimant {
        let tool = match program {
            "uv" => LockTool::Uv,
            "poetry" => LockTool::Poetry,
            "pipenv" => LockTool::Pipenv,
            _ => LockTool::Pdm,
        };
        let options = Options::read(words);
        let named = options.value(&["-o", "--output", "--output-file"]);
        let Some(target) = target.or_else(|| named.map(|file| join(&self.folder, &file))) else {
            return Claimant::Step;
        };
        let mut groups = options.values(&["--with", "--group", "--only-group"]);
        let leaves_dev = match tool {
            LockTool::Uv => options.has(&["--no-dev", "--no-default-groups"]),
            _ => !options.has(&["--dev", "--with-dev"]),
        };
        if !leaves_dev {
            groups.insert("dev".to_owned());
        }
        let extras = options.values(&["-E", "--extras", "--extra"]);
        let package = options.value(&["--package"]);
        let Some(lock) = self.lock(tool, ".", groups, extras, package) else {
            return Claimant::Step;
        };
        self.reading
            .stage_mut()
            .written
            .insert(target, BTreeSet::from([lock]));
        Claimant::Installs
    }
}
