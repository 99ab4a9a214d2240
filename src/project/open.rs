//! A project: the folder of a fleet, and the path of its declaration.

use std::mem::ManuallyDrop;

use camino::Utf8Path;

use super::declared::Declared;
use super::error::Error;
use super::files::Edited;
use super::load::load;
use super::loaded::Loaded;
use super::sources::Sources;
use super::watch::{Step, Watcher};
use crate::values::RelPath;
use crate::workspace::Workspace;

/// The folder of a fleet, and the file in it that declares the fleet.
pub(crate) struct Project {
    /// The folder, open.
    pub(crate) workspace: Workspace,
    /// The name of the file in it.
    pub(crate) file: String,
    /// Its path, as it was given.
    path: String,
    watcher: &'static dyn Watcher,
}

impl Project {
    /// Opens the folder of a declaration.
    ///
    /// # Errors
    /// The path cannot be that of a declaration, or the folder cannot be opened.
    pub(crate) fn open(path: &Utf8Path, watcher: &'static dyn Watcher) -> Result<Self, Error> {
        let file = declaration_name(path)?.to_owned();
        let workspace = Workspace::open(path.parent().unwrap_or(Utf8Path::new("")))?;
        Ok(Self {
            workspace,
            file,
            path: path.to_string(),
            watcher,
        })
    }

    /// The same for a command that edits the declaration: no other one does until it is dropped, so
    /// that none loses the other's edit.
    ///
    /// # Errors
    /// As [`Project::open`], and where another command edits it for long.
    pub(crate) fn open_to_edit(
        path: &Utf8Path,
        watcher: &'static dyn Watcher,
    ) -> Result<Self, Error> {
        let project = Self::open(path, watcher)?;
        project.workspace.lock()?;
        Ok(project)
    }

    /// What `--file` names, where it is not services.yaml.
    #[must_use]
    pub(crate) fn option(&self) -> Option<&str> {
        (self.path != "services.yaml").then_some(self.path.as_str())
    }

    /// Loads the declaration. Nothing takes it apart: the process ends when its command does, and
    /// piece by piece a large fleet would be 5 % of a check.
    ///
    /// # Errors
    /// As [`super::load()`].
    pub(crate) fn load(&self) -> Result<ManuallyDrop<Loaded>, Error> {
        let _meter = self.watcher.step(Step::Reading(&self.path), 0);
        load(&self.workspace, &self.file, self.watcher)
            .map(ManuallyDrop::new)
            .map_err(|error| self.named(error))
    }

    /// Reads the declaration, and resolves nothing of it.
    ///
    /// # Errors
    /// As [`Project::load`].
    pub(crate) fn declared(&self) -> Result<Declared, Error> {
        Declared::read(&self.workspace, &self.file, &mut Sources::default())
            .map_err(|error| self.named(error))
    }

    /// The same error with the path as it was given.
    fn named(&self, error: Error) -> Error {
        match error {
            Error::NoDeclaration { beside, .. } => Error::NoDeclaration {
                path: self.path.as_str().into(),
                beside,
            },
            other => other,
        }
    }

    /// Loads the declaration with another text of one of its files.
    ///
    /// # Errors
    /// As [`super::load()`].
    pub(crate) fn load_edited(&self, file: &str, text: &str) -> Result<Loaded, Error> {
        let edited = Edited::new(&self.workspace, file, text);
        load(&edited, &self.file, self.watcher)
    }
}

/// The file name of a declaration. Every generated file says it in its header, so it is held to the
/// grammar of paths.
fn declaration_name(path: &Utf8Path) -> Result<&str, Error> {
    let refused = |reason: &str| {
        let shown: String = path.as_str().escape_debug().collect();
        Error::Path(format!("--file `{shown}`: {reason}"))
    };
    if path.as_str().is_empty() {
        return Err(Error::Path(
            "--file is empty; give the path of a services.yaml".to_owned(),
        ));
    }
    let Some(name) = path.file_name().filter(|_| !path.as_str().ends_with('/')) else {
        return Err(refused(
            "this is a folder; give the path of the services.yaml in it",
        ));
    };
    if path.as_str().contains(is_invisible) {
        return Err(refused(
            "a control or formatting character is in this path; rename the file or its folder",
        ));
    }
    match RelPath::parse(name) {
        Ok(_) => Ok(name),
        Err(invalid) => Err(refused(&format!(
            "the name of the file {}; generated files repeat it in their headers, so rename it",
            invalid.reason()
        ))),
    }
}

/// Whether a character could change what a reader sees of the text around it.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(character, '\u{2066}'..='\u{2069}' | '\u{feff}')
}
