//! The programs that give Python its packages: which one a command starts, and for which Python.

use std::collections::BTreeSet;

use super::files::join;
use super::install::LockTool;
use super::model::Claimant;
use super::run::Run;
use super::shell::Command;
use super::stage::SYSTEM;

impl Run<'_, '_> {
    /// Carries out a command of Python's tools; nothing for any other.
    pub(super) fn python_tool(&mut self, command: &Command) -> Option<Claimant> {
        let program = command.program();
        let path = command.words.first().map_or("", String::as_str);
        let words = command.arguments();
        if is_pip(program) {
            return Some(self.pip(path, words));
        }
        if is_python(program) {
            return self.module(path, words);
        }
        match program {
            "uv" => Some(self.uv(words)),
            "poetry" => Some(self.poetry(words)),
            "pipenv" => Some(self.pipenv(words)),
            "pdm" => Some(self.pdm(words)),
            "pipx" => Some(self.pipx(words)),
            "virtualenv" | "virtualenv3" => Some(self.environment(words)),
            _ => None,
        }
    }

    /// `python -m MODULE …`
    fn module(&mut self, path: &str, words: &[String]) -> Option<Claimant> {
        let words: Vec<String> = words
            .iter()
            .skip_while(|word| word.as_str() != "-m" && word.starts_with('-'))
            .cloned()
            .collect();
        let (flag, rest) = words.split_first()?;
        if flag != "-m" {
            return None;
        }
        let (module, rest) = rest.split_first()?;
        match module.as_str() {
            "pip" => Some(self.pip(path, rest)),
            "venv" | "virtualenv" => Some(self.environment(rest)),
            "ensurepip" | "compileall" => Some(Claimant::Housekeeping),
            "uv" => Some(self.uv(rest)),
            "poetry" => Some(self.poetry(rest)),
            "pipenv" => Some(self.pipenv(rest)),
            _ => None,
        }
    }

    /// Makes a virtual environment.
    pub(super) fn environment(&mut self, words: &[String]) -> Claimant {
        let mut folders = Vec::new();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            if matches!(word.as_str(), "-p" | "--python" | "--prompt" | "--seed") {
                words.next();
            } else if !word.starts_with('-') {
                folders.push(join(&self.folder, word));
            }
        }
        if folders.is_empty() {
            folders.push(join(&self.folder, ".venv"));
        }
        self.reading.stage_mut().environments.extend(folders);
        Claimant::Installs
    }

    /// `. FOLDER/bin/activate` puts the environment's programs first, in this shell.
    pub(super) fn activate(&mut self, words: &[String]) -> Claimant {
        let Some(folder) = words
            .first()
            .and_then(|word| word.strip_suffix("/bin/activate"))
        else {
            return Claimant::Step;
        };
        let folder = join(&self.folder, folder);
        let path = self
            .variables
            .get("PATH")
            .cloned()
            .unwrap_or_else(|| "${PATH}".to_owned());
        self.variables
            .insert("PATH".to_owned(), format!("{folder}/bin:{path}"));
        self.variables
            .insert("VIRTUAL_ENV".to_owned(), folder.clone());
        self.reading.stage_mut().environments.insert(folder);
        Claimant::Installs
    }

    /// The folder that the Python of a program installs into.
    pub(super) fn folder_of_program(&self, path: &str) -> String {
        match path.rsplit_once("/bin/") {
            Some(("/usr", _)) => SYSTEM.to_owned(),
            Some((root, _)) => join(&self.folder, root),
            None => self.reading.stage().python_folder(&self.variables),
        }
    }

    fn pipx(&mut self, words: &[String]) -> Claimant {
        match words {
            [verb, names @ ..] if verb == "install" => {
                for name in names.iter().filter(|name| !name.starts_with('-')) {
                    let name = name.split("==").next().unwrap_or_default().to_owned();
                    self.reading.stage_mut().tools.insert(name);
                }
                Claimant::Installs
            }
            _ => Claimant::Housekeeping,
        }
    }

    /// Installs what a lock of the working folder, or of one above, holds.
    pub(super) fn lock(
        &mut self,
        tool: LockTool,
        folder: &str,
        groups: BTreeSet<String>,
        extras: BTreeSet<String>,
        package: Option<String>,
    ) -> Option<super::Install> {
        let lock = self.found_above(folder, tool.file());
        let manifest = self.found_above(folder, tool.manifest());
        match (lock, manifest) {
            (Some(path), _) => Some(super::Install::Lock {
                path,
                tool,
                package,
                groups,
                extras,
            }),
            (None, Some(path)) => Some(super::Install::Manifest(path)),
            (None, None) => None,
        }
    }

    /// The file of the repository by a name in a folder of the image, or in one above.
    fn found_above(&self, folder: &str, name: &str) -> Option<String> {
        let mut folder = join(&self.folder, folder);
        loop {
            if let Some(path) = self.repository_path(&join(&folder, name)) {
                return Some(path);
            }
            if folder == "/" {
                return None;
            }
            folder = join(&folder, "..");
        }
    }
}

pub(super) fn is_pip(program: &str) -> bool {
    let rest = program.strip_prefix("pip").unwrap_or("x");
    rest.chars()
        .all(|part| part.is_ascii_digit() || part == '.')
}

fn is_python(program: &str) -> bool {
    let rest = program.strip_prefix("python").unwrap_or("x");
    rest.chars()
        .all(|part| part.is_ascii_digit() || part == '.')
}
