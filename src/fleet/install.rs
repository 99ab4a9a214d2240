//! What images install from the repository.

use std::sync::Arc;

use camino::Utf8Path;

use super::id::SetId;
use super::origin::Sourced;
use crate::values::RelPath;
use crate::values::requirement::Requirement;

/// What a file or folder of the repository is to whoever installs it, as its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// A requirement file.
    Requirements,
    /// A wheel.
    Wheel,
    /// The folder of a project, which is built and installed.
    Project,
    /// A pyproject.toml: what its project depends on.
    Manifest,
    /// A uv.lock.
    UvLock,
    /// A poetry.lock.
    PoetryLock,
}

impl Form {
    /// The form of a path; nothing for what cannot be installed.
    #[must_use]
    pub(crate) fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().expect("a split has a last part");
        match (name, Utf8Path::new(name).extension()) {
            ("uv.lock", _) => Some(Self::UvLock),
            ("poetry.lock", _) => Some(Self::PoetryLock),
            ("pyproject.toml", _) => Some(Self::Manifest),
            (_, Some("txt" | "in")) => Some(Self::Requirements),
            (_, Some("whl")) => Some(Self::Wheel),
            (_, None) => Some(Self::Project),
            _ => None,
        }
    }

    /// Whether it is a lock of another tool.
    #[must_use]
    pub(crate) fn is_lock(self) -> bool {
        matches!(self, Self::UvLock | Self::PoetryLock)
    }
}

/// Something of the repository that an image installs.
#[derive(Debug, Clone)]
pub(crate) struct InstalledFile {
    /// Its path below the root.
    pub(crate) path: Sourced<RelPath>,
    /// What it is.
    pub(crate) form: Form,
    /// The requirement set that it is; nothing for an item of `install`.
    pub(crate) set: Option<SetId>,
    /// The package of a uv workspace, where one is named.
    pub(crate) package: Option<String>,
    /// Extras of the project.
    pub(crate) extras: Vec<String>,
    /// Dependency groups beside the main one.
    pub(crate) groups: Vec<String>,
    /// Whether a lock's own project is installed as well.
    pub(crate) with_project: bool,
    /// The files that the build mounts for it: itself and all that it leads to, once they were
    /// read.
    pub(crate) reached: Vec<String>,
    /// The projects of the repository that a lock installs, once it was read.
    pub(crate) projects: Vec<LocalProject>,
    /// What it says, once it was read: a position among the fleet's files.
    pub(crate) file: Option<usize>,
    /// The lock of another tool that stands beside a pyproject.toml, once that was looked for.
    pub(crate) lock_beside: Option<String>,
}

impl InstalledFile {
    /// A file of a form that was not read yet.
    #[must_use]
    pub(crate) fn new(path: Sourced<RelPath>, form: Form, set: Option<SetId>) -> Self {
        let mut reached = Vec::new();
        if form != Form::Project {
            reached.push(path.value.to_string());
        }
        if form.is_lock() {
            reached.push(manifest_beside(path.value.as_str()));
        }
        Self {
            path,
            form,
            set,
            package: None,
            extras: Vec::new(),
            groups: Vec::new(),
            with_project: false,
            reached,
            projects: Vec::new(),
            file: None,
            lock_beside: None,
        }
    }

    /// The folders of projects that the build mounts for it, without those in them.
    pub(crate) fn folders(&self) -> impl Iterator<Item = &str> {
        let own = (self.form == Form::Project).then(|| self.path.value.as_str());
        let of_lock = self.projects.iter().map(|project| project.folder.as_str());
        own.into_iter().chain(of_lock)
    }

    /// The folder that it lies in, below the root; empty for the root itself.
    #[must_use]
    pub(crate) fn folder(&self) -> &str {
        folder_of(self.path.value.as_str())
    }
}

/// A project of the repository that a lock names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LocalProject {
    /// Its name, normalized.
    pub(crate) name: String,
    /// Its folder below the root; empty for the root itself.
    pub(crate) folder: String,
    /// Whether it is a package that can be installed.
    pub(crate) is_package: bool,
}

impl LocalProject {
    /// The project that a lock or a manifest stands beside.
    pub(crate) fn beside(installed: &InstalledFile) -> Self {
        Self {
            name: String::new(),
            folder: installed.folder().to_owned(),
            is_package: true,
        }
    }
}

/// A file of requirements or a lock that was read, with all that it leads to.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadFile {
    /// Its path below the root.
    pub(crate) path: String,
    /// What it and the files that it leads to ask for.
    pub(crate) requirements: Arc<[Sourced<Requirement>]>,
    /// Which versions the files hold that it leads to by `-c`.
    pub(crate) constraints: Arc<[Sourced<Requirement>]>,
    /// The packages of a lock with their versions.
    pub(crate) pins: Arc<[Requirement]>,
    /// Those of them that no wheel exists of.
    pub(crate) without_wheels: Arc<[String]>,
    /// A digest of what the build takes of all these files, in hexadecimal.
    pub(crate) digest: String,
}

/// The pyproject.toml in the folder of a file.
#[must_use]
pub(crate) fn manifest_beside(path: &str) -> String {
    in_folder(folder_of(path), "pyproject.toml")
}

/// A file of a folder below the root; the empty folder is the root itself.
#[must_use]
pub(crate) fn in_folder(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// The folder of a path; empty for the root itself.
#[must_use]
pub(crate) fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_say_what_a_path_is() {
        for (path, form) in [
            ("services/a/requirements.txt", Some(Form::Requirements)),
            ("dev.in", Some(Form::Requirements)),
            ("x-1-py3-none-any.whl", Some(Form::Wheel)),
            ("libs/common", Some(Form::Project)),
            ("services/a/pyproject.toml", Some(Form::Manifest)),
            ("uv.lock", Some(Form::UvLock)),
            ("a/poetry.lock", Some(Form::PoetryLock)),
            ("environment.yml", None),
            ("pdm.lock", None),
        ] {
            assert_eq!(Form::of(path), form, "{path}");
        }
        assert_eq!(manifest_beside("uv.lock"), "pyproject.toml");
        assert_eq!(manifest_beside("a/b/uv.lock"), "a/b/pyproject.toml");
    }
}
