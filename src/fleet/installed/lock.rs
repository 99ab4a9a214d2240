//! What an image takes of what it installs: of a lock only what its package needs.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::closure::{Closure, Numbers, sourced};
use super::files::{Files, Found};
use super::pyproject::PyProject;
use super::uv_lock::{Asked, UvLock};
use crate::diagnostic::{Code, code, did_you_mean};
use crate::fleet::install::{Form, InstalledFile, LocalProject, ReadFile, in_folder};
use crate::values::PythonVersion;

/// Why an image cannot install something.
pub(super) struct Fault {
    pub(super) code: &'static Code,
    pub(super) message: String,
    pub(super) help: String,
}

/// What decides what an image takes of a file: images with the same share one answer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Use {
    path: String,
    package: Option<String>,
    extras: Vec<String>,
    groups: Vec<String>,
    with_project: bool,
    python: String,
}

/// Takes what was read into the items of `install`, one after the other.
pub(super) struct Reader<'f> {
    files: &'f Files,
    numbers: Numbers<'f>,
    /// What was read: first the files with places in them by their numbers, then what images take.
    pub(super) read: Vec<ReadFile>,
    known: BTreeMap<Use, (usize, Vec<LocalProject>)>,
}

impl<'f> Reader<'f> {
    pub(super) fn of(files: &'f Files) -> Self {
        let texts = files.texts().enumerate();
        let numbers: Numbers<'f> = texts.map(|(at, (path, _))| (path, at)).collect();
        let file = |path: &&str| ReadFile {
            path: (*path).to_owned(),
            ..ReadFile::default()
        };
        Self {
            files,
            read: numbers.keys().map(file).collect(),
            numbers,
            known: BTreeMap::new(),
        }
    }

    /// Takes one item in; what is missing or broken is told elsewhere.
    pub(super) fn take(
        &mut self,
        installed: &mut InstalledFile,
        python: &PythonVersion,
    ) -> Result<(), Fault> {
        let key = Use {
            path: installed.path.value.to_string(),
            package: installed.package.clone(),
            extras: installed.extras.clone(),
            groups: installed.groups.clone(),
            with_project: installed.with_project,
            python: python.to_string(),
        };
        if !self.known.contains_key(&key) {
            let Some((file, projects)) = self.read(installed, python)? else {
                return Ok(());
            };
            self.read.push(file);
            let known = (self.read.len() - 1, projects);
            self.known.insert(key.clone(), known);
        }
        let (at, projects) = &self.known[&key];
        installed.file = Some(*at);
        installed.projects.clone_from(projects);
        if installed.form == Form::Requirements {
            let closure = Closure::of(&key.path, self.files);
            installed.reached = closure.paths().map(str::to_owned).collect();
        }
        Ok(())
    }

    /// What one item says, with the projects of the repository that it installs; nothing for what
    /// could not be read.
    fn read(
        &self,
        installed: &InstalledFile,
        python: &PythonVersion,
    ) -> Result<Option<(ReadFile, Vec<LocalProject>)>, Fault> {
        let path = installed.path.value.as_str();
        if installed.form == Form::Project {
            let manifest = in_folder(path, "pyproject.toml");
            let read = self.files.manifest(&manifest);
            let file = read.map(|(_, project)| self.manifest(&manifest, project, installed));
            return Ok(file.map(|file| (file, Vec::new())));
        }
        let Some(found) = self.files.get(path) else {
            return Ok(None);
        };
        let read = match found {
            Found::Requirements { .. } => {
                let closure = Closure::of(path, self.files);
                (closure.read(path, self.files, &self.numbers), Vec::new())
            }
            Found::Manifest { project, .. } => {
                refuse_poetry(path, project)?;
                let own = installed
                    .with_project
                    .then(|| LocalProject::beside(installed));
                let own = own.into_iter().collect();
                (self.manifest(path, project, installed), own)
            }
            Found::Uv(lock) => of_uv(lock, installed, python)?,
            Found::Poetry(lock) => {
                let (groups, extras) = (&installed.groups, &installed.extras);
                let projects = lock.libraries(path, groups, extras);
                let file = ReadFile {
                    path: path.to_owned(),
                    pins: lock.pins(groups, extras).into(),
                    without_wheels: lock.without_wheels(groups, extras).into(),
                    digest: lock.digest(groups, extras),
                    ..ReadFile::default()
                };
                let mut projects = projects.map_err(unsupported)?;
                if installed.with_project {
                    projects.push(LocalProject::beside(installed));
                }
                (file, projects)
            }
            Found::Nothing | Found::There | Found::Broken(_) => return Ok(None),
        };
        Ok(Some(read))
    }

    fn manifest(&self, path: &str, project: &PyProject, installed: &InstalledFile) -> ReadFile {
        let lines = project.with_extras(&installed.extras);
        let mut hash = Sha256::new();
        for line in &lines {
            hash.update(format!("{}\n", line.value));
        }
        let number = self.numbers.get(path).copied();
        let asked = number.map(|number| sourced(&lines, number).collect());
        ReadFile {
            path: path.to_owned(),
            requirements: asked.unwrap_or_default(),
            digest: base16ct::lower::encode_string(&hash.finalize()),
            ..ReadFile::default()
        }
    }
}

/// What an image takes of a lock of uv.
fn of_uv(
    lock: &UvLock,
    installed: &InstalledFile,
    python: &PythonVersion,
) -> Result<(ReadFile, Vec<LocalProject>), Fault> {
    let path = installed.path.value.as_str();
    let asked = Asked {
        package: installed.package.as_deref(),
        extras: &installed.extras,
        groups: &installed.groups,
        python,
    };
    let closure = lock.closure(path, asked);
    let closure = closure.ok_or_else(|| unknown_project(lock, path, asked.package))?;
    let mut projects = closure.libraries();
    if installed.with_project {
        projects.extend(closure.project());
    }
    projects.retain(|project| project.is_package);
    let file = ReadFile {
        path: path.to_owned(),
        pins: closure.pins().into(),
        without_wheels: closure.without_wheels().map(str::to_owned).collect(),
        digest: closure.digest(),
        ..ReadFile::default()
    };
    Ok((file, projects))
}

fn unknown_project(lock: &UvLock, path: &str, named: Option<&str>) -> Fault {
    let members: Vec<&str> = lock.members().collect();
    let Some(name) = named else {
        return Fault {
            code: &code::UNKNOWN_PROJECT,
            message: format!("{path} has no project in its own folder"),
            help: format!(
                "name the one that the image runs: {{ path: {path}, package: {} }}",
                members.first().unwrap_or(&"api")
            ),
        };
    };
    let help = match did_you_mean(name, members.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("its projects are {}", members.join(", ")),
    };
    Fault {
        code: &code::UNKNOWN_PROJECT,
        message: format!("`{name}` is not a project of {path}"),
        help,
    }
}

/// A manifest whose dependencies only poetry reads.
fn refuse_poetry(path: &str, project: &PyProject) -> Result<(), Fault> {
    if project.is_standard || !project.is_poetry {
        return Ok(());
    }
    Err(Fault {
        code: &code::UNSUPPORTED_FILE,
        message: format!("only poetry can read what {path} asks for"),
        help: "install the poetry.lock beside it, or move the dependencies to `project`".to_owned(),
    })
}

fn unsupported(message: String) -> Fault {
    Fault {
        code: &code::UNSUPPORTED_FILE,
        message,
        help: "move it below that folder, or keep a Dockerfile of your own".to_owned(),
    }
}
