//! `pip` and `uv pip` (`pip/_internal/cli/cmdoptions.py`, `uv pip install --help`).

use std::collections::BTreeSet;

use super::files::join;
use super::filesystem::is_computed;
use super::install::{Asked, Install};
use super::model::Claimant;
use super::requirement_file::{Requirements, is_archive, is_local, local, split_extras};
use super::run::Run;
use super::stage::SYSTEM;

/// Options of one word whose value is the next one, beyond those that are read.
const VALUED: [&str; 48] = [
    "--timeout",
    "--retries",
    "--trusted-host",
    "--cache-dir",
    "--proxy",
    "--upgrade-strategy",
    "--progress-bar",
    "--platform",
    "--python-version",
    "--implementation",
    "--abi",
    "--src",
    "--config-settings",
    "-C",
    "--global-option",
    "--build-option",
    "--install-option",
    "--report",
    "--log",
    "--cert",
    "--client-cert",
    "--use-feature",
    "--use-deprecated",
    "--exists-action",
    "--root-user-action",
    "-c",
    "--constraint",
    "--no-binary",
    "--only-binary",
    "--index-strategy",
    "--link-mode",
    "--torch-backend",
    "--python-platform",
    "--keyring-provider",
    "--resolution",
    "--prerelease",
    "--exclude-newer",
    "--no-binary-package",
    "--no-build-package",
    "--refresh-package",
    "--upgrade-package",
    "-P",
    "--build-constraint",
    "--override",
    "--allow-insecure-host",
    "--reinstall-package",
    "--no-build-isolation-package",
    "--default-timeout",
];

/// Packages that install others.
const TOOLS: [&str; 16] = [
    "pip",
    "setuptools",
    "wheel",
    "uv",
    "poetry",
    "poetry-core",
    "pipenv",
    "virtualenv",
    "pip-tools",
    "pdm",
    "hatch",
    "build",
    "poetry-plugin-export",
    "poetry-dynamic-versioning",
    "pipx",
    "setuptools-scm",
];

/// The name of a package that installs others.
pub(super) fn tool(install: &Install) -> Option<&str> {
    install.package_name().filter(|name| TOOLS.contains(name))
}

/// A command of pip, read.
#[derive(Default)]
pub(super) struct PipCommand {
    folder: Option<String>,
    files: Vec<String>,
    words: Vec<String>,
    editables: Vec<String>,
    indexes: BTreeSet<String>,
    extra_indexes: BTreeSet<String>,
    /// The folder that wheels are written to.
    wheel_folder: Option<String>,
    verb: Option<String>,
    groups: Vec<String>,
    extras: BTreeSet<String>,
}

impl Run<'_, '_> {
    /// Carries out `pip …`, `path` being the program.
    pub(super) fn pip(&mut self, path: &str, words: &[String]) -> Claimant {
        if words.iter().any(|word| is_computed(word)) {
            return Claimant::Step;
        }
        let mut command = self.read(words);
        if command.folder.is_none() {
            command.folder = Some(self.folder_of_program(path));
        }
        match command.verb.as_deref() {
            Some("install") => self.installed(&command),
            Some("wheel" | "download") => self.wheels(&command),
            Some("uninstall") => self.uninstalled(&command),
            None
            | Some(
                "list" | "freeze" | "check" | "cache" | "config" | "show" | "debug" | "help"
                | "tree",
            ) => Claimant::Housekeeping,
            Some(_) => Claimant::Step,
        }
    }

    /// Carries out `uv pip …`.
    pub(super) fn uv_pip(&mut self, words: &[String]) -> Claimant {
        let mut command = self.read(words);
        let is_system = words.iter().any(|word| word == "--system")
            || self.variables.contains_key("UV_SYSTEM_PYTHON");
        if command.folder.is_none() {
            command.folder = Some(match self.variables.get("VIRTUAL_ENV") {
                _ if is_system => SYSTEM.to_owned(),
                Some(folder) => folder.clone(),
                None => self.environment_here(),
            });
        }
        match command.verb.as_deref() {
            Some("install" | "sync") => self.installed(&command),
            Some("compile") => Claimant::Step,
            Some("uninstall") => self.uninstalled(&command),
            _ => Claimant::Housekeeping,
        }
    }

    /// The environment in the working folder, else the one on the path.
    pub(super) fn environment_here(&self) -> String {
        let here = join(&self.folder, ".venv");
        if self.reading.stage().environments.contains(&here) {
            return here;
        }
        self.reading.stage().python_folder(&self.variables)
    }

    fn read(&self, words: &[String]) -> PipCommand {
        let mut command = PipCommand::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            let (name, mut value) = match word.split_once('=').filter(|_| word.starts_with("--")) {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => split_letter(word),
            };
            let mut next = || {
                value
                    .take()
                    .or_else(|| words.next().cloned())
                    .unwrap_or_default()
            };
            match name.as_str() {
                "-r" | "--requirement" | "--requirements" => command.files.push(next()),
                "-e" | "--editable" => command.editables.push(next()),
                "-i" | "--index-url" | "--pypi-url" | "--default-index" => {
                    command.indexes.insert(next());
                }
                "--extra-index-url" | "--index" => {
                    command.extra_indexes.insert(next());
                }
                "-f" | "--find-links" => {
                    let place = next();
                    if place.contains("://") {
                        command.indexes.insert(place);
                    }
                }
                "-t" | "--target" | "--prefix" | "--root" => {
                    command.folder = Some(join(&self.folder, &next()));
                }
                "-p" | "--python" => command.folder = Some(self.folder_of_python(&next())),
                "-w" | "--wheel-dir" | "-d" | "--dest" => {
                    command.wheel_folder = Some(join(&self.folder, &next()));
                }
                "--user" => {
                    command.folder = Some(format!("{}/.local", self.reading.stage().home()));
                }
                "--group" => command.groups.push(next()),
                "--extra" => {
                    command.extras.insert(next());
                }
                name if VALUED.contains(&name) => drop(next()),
                name if name.starts_with('-') => {}
                _ if command.verb.is_none() => command.verb = Some(word.clone()),
                _ => command.words.push(word.clone()),
            }
        }
        command
    }

    fn folder_of_python(&self, python: &str) -> String {
        match python.rsplit_once("/bin/") {
            Some(_) => self.folder_of_program(python),
            None if python.starts_with('/') => python.to_owned(),
            None => self.reading.stage().python_folder(&self.variables),
        }
    }

    fn installed(&mut self, command: &PipCommand) -> Claimant {
        let folder = command.folder.clone().unwrap_or_else(|| SYSTEM.to_owned());
        let installs = self.asked_for(command, &folder);
        for install in installs {
            match tool(&install).map(str::to_owned) {
                Some(name) => drop(self.reading.stage_mut().tools.insert(name)),
                None => self.reading.stage_mut().place(folder.clone(), install),
            }
        }
        self.note_indexes(command, &folder);
        if folder != SYSTEM && folder.contains("venv") {
            self.reading.stage_mut().environments.insert(folder);
        }
        Claimant::Installs
    }

    /// Wheels lie in a folder until they are installed from there.
    fn wheels(&mut self, command: &PipCommand) -> Claimant {
        let here = self.folder.clone();
        let folder = command.wheel_folder.clone().unwrap_or(here);
        for install in self.asked_for(command, &folder) {
            self.reading.stage_mut().place(folder.clone(), install);
        }
        self.note_indexes(command, &folder);
        Claimant::Installs
    }

    fn note_indexes(&mut self, command: &PipCommand, folder: &str) {
        let stage = self.reading.stage_mut();
        for (urls, is_extra) in [(&command.indexes, false), (&command.extra_indexes, true)] {
            stage.indexes.extend(urls.iter().cloned());
            for url in urls {
                let url = url.clone();
                stage.ask(folder, Asked::Index { url, is_extra });
            }
        }
    }

    fn uninstalled(&mut self, command: &PipCommand) -> Claimant {
        for word in &command.words {
            let install = Install::of_requirement(word);
            let Some(name) = install.package_name() else {
                return Claimant::Step;
            };
            let stage = self.reading.stage_mut();
            stage.tools.remove(name);
            stage
                .placed
                .retain(|placed| placed.install.package_name() != Some(name));
        }
        Claimant::Installs
    }

    /// Everything that a command asks for, to be put into a folder.
    fn asked_for(&mut self, command: &PipCommand, folder: &str) -> BTreeSet<Install> {
        let mut installs = BTreeSet::new();
        for file in &command.files {
            self.file(file, folder, &mut installs);
        }
        for word in command.words.iter().chain(&command.editables) {
            self.word(word, (&command.extras, folder), &mut installs);
        }
        installs
    }

    fn file(&mut self, file: &str, folder: &str, installs: &mut BTreeSet<Install>) {
        let at = join(&self.folder, file);
        if let Some(written) = self.reading.stage().written.get(&at) {
            installs.extend(written.iter().cloned());
            return;
        }
        let Some(path) = self.repository_path(file) else {
            installs.insert(Install::MissingFile(file.to_owned()));
            return;
        };
        if path.ends_with("pyproject.toml")
            || path.ends_with("setup.py")
            || path.ends_with("setup.cfg")
        {
            installs.insert(Install::Manifest(path));
            return;
        }
        self.reading
            .stage_mut()
            .ask(folder, Asked::File(path.clone()));
        let mut requirements = Requirements::default();
        requirements.read(self.reading.build().tree, &path);
        installs.append(&mut requirements.installs);
        self.reading
            .stage_mut()
            .indexes
            .append(&mut requirements.indexes);
        for path in requirements.missing {
            let line = self.line;
            self.reading
                .note_missing(super::model::Missing { line, path });
        }
    }

    fn word(
        &mut self,
        word: &str,
        (extras, into): (&BTreeSet<String>, &str),
        installs: &mut BTreeSet<Install>,
    ) {
        let path = word.strip_prefix("file://").unwrap_or(word);
        if !is_local(path) {
            let install = Install::of_requirement(word);
            if tool(&install).is_none() {
                let asked = Asked::Requirement(word.to_owned());
                self.reading.stage_mut().ask(into, asked);
            }
            installs.insert(install);
            return;
        }
        let (path, mut named) = split_extras(path);
        named.extend(extras.iter().cloned());
        let folder = join(&self.folder, path);
        let wheels = self.wheels_in(&folder);
        if !wheels.is_empty() {
            installs.extend(wheels);
            self.ask_for_wheels(&folder, into);
            return;
        }
        let found = if is_archive(path) {
            self.repository_path(path)
        } else {
            None
        };
        match found.or_else(|| self.repository_folder(path)) {
            Some(path) => {
                installs.insert(local(path, named));
            }
            None if path.contains('*') => self.archives(path, installs),
            None => {
                installs.insert(Install::MissingFile(path.to_owned()));
            }
        }
    }

    /// Wheels that were built in a folder, or in one that a pattern such as `/wheels/*` is in.
    fn wheels_in(&self, path: &str) -> Vec<Install> {
        let folder = folder_of_wheels(path);
        let mounted = self.mounts.iter().flat_map(|mount| mount.placed.iter());
        let own = self.reading.stage().placed.iter();
        let is_there = |placed: &&super::stage::Placed| placed.folder == folder && folder != SYSTEM;
        mounted
            .chain(own)
            .filter(is_there)
            .map(|placed| placed.install.clone())
            .collect()
    }

    /// Notes what the wheels of a mounted folder were asked for.
    fn ask_for_wheels(&mut self, path: &str, into: &str) {
        let folder = folder_of_wheels(path);
        let mounted = self.mounts.iter().flat_map(|mount| mount.asked.iter());
        for (_, asked) in mounted.filter(|(place, _)| place == folder) {
            self.reading.stage_mut().ask(into, asked.clone());
        }
    }

    /// Wheels of the repository that a pattern names.
    fn archives(&self, pattern: &str, installs: &mut BTreeSet<Install>) {
        let at = join(&self.folder, pattern);
        let folder = at.rsplit_once('/').map_or("/", |(folder, _)| folder);
        for (name, origin) in self.reading.stage().files.below(folder) {
            if let super::Origin::Repository(path) = origin
                && is_archive(name)
                && !name.contains('/')
            {
                installs.insert(Install::Archive(path.clone()));
            }
        }
    }
}

/// The folder of wheels: the one itself, or that of a file or a pattern in it.
fn folder_of_wheels(path: &str) -> &str {
    match path.rsplit_once('/') {
        Some((folder, name)) if name.contains('*') || is_archive(name) => folder,
        _ => path,
    }
}

/// `-rfile` as `-r` and its value; any other word as it is.
fn split_letter(word: &str) -> (String, Option<String>) {
    for letter in ["-r", "-e", "-i", "-t", "-w"] {
        if let Some(value) = word
            .strip_prefix(letter)
            .filter(|value| !value.is_empty() && !value.starts_with('-'))
        {
            return (
                letter.to_owned(),
                Some(value.trim_start_matches('=').to_owned()),
            );
        }
    }
    (word.to_owned(), None)
}
