//! Finding the repository of a folder, without git: it takes a bare repository made of checked-in
//! files for one too.

use std::ffi::OsStr;
use std::io::{self, Read as _};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, Mode, OFlags, fstat, openat};
use rustix::io::Errno;

use super::config::{self, Variable, has_worktree_config};
use super::error::Error;
use super::settings::Settings;
use super::stat::Time;

/// The longest configuration, reference or list of rules that is read, in bytes.
pub(super) const TEXT_LIMIT_BYTES: u64 = 1 << 20;

/// A repository with a work tree.
#[derive(Debug)]
pub(super) struct Repository {
    /// The top folder of the work tree.
    pub(super) top: PathBuf,
    /// What belongs to this work tree alone: HEAD and the index.
    pub(super) git_dir: PathBuf,
    /// What all work trees share: objects, references, configuration.
    pub(super) common_dir: PathBuf,
    pub(super) settings: Settings,
    pub(super) variables: Vec<Variable>,
}

/// The person's own folders, where git looks for settings too.
#[derive(Debug, Default, Clone)]
pub(super) struct Home {
    home: Option<PathBuf>,
    /// The folder of git's own files: `$XDG_CONFIG_HOME/git`.
    standard: Option<PathBuf>,
}

impl Home {
    /// The folders that the environment names. No variable of git's own has a say.
    pub(super) fn of_environment() -> Self {
        let named = |name: &str| {
            let found = std::env::vars_os().find(|(key, _)| key == name);
            found
                .map(|(_, value)| PathBuf::from(value))
                .filter(|path| path.is_absolute())
        };
        let home = named("HOME");
        let config =
            named("XDG_CONFIG_HOME").or_else(|| home.as_ref().map(|home| home.join(".config")));
        Self {
            home,
            standard: config.map(|config| config.join("git")),
        }
    }
}

impl Repository {
    /// The repository that a folder is in: the nearest folder at or above it that has a `.git`.
    ///
    /// # Errors
    /// [`Error::NoRepository`], or what cannot be read.
    pub(super) fn find(folder: &Path, home: &Home) -> Result<Self, Error> {
        for top in folder.ancestors() {
            if let Some(repository) = Self::at(top, home)? {
                return Ok(repository);
            }
        }
        Err(Error::NoRepository {
            folder: folder.display().to_string(),
        })
    }

    /// The repository whose work tree begins at `top`.
    ///
    /// # Errors
    /// What cannot be read: a `.git` file that leads nowhere, or a configuration that is not valid.
    pub(super) fn at(top: &Path, home: &Home) -> Result<Option<Self>, Error> {
        let Some(git_dir) = git_dir(top)? else {
            return Ok(None);
        };
        let common_dir = match text(&git_dir.join("commondir"))? {
            Some(path) => git_dir.join(as_path(trimmed(&path))),
            None => git_dir.clone(),
        };
        let is_there = |name: &str| fstat_path(&common_dir.join(name)).is_some();
        if !is_there("objects") || !(is_there("refs") || is_there("reftable")) {
            return Ok(None);
        }
        let mut variables = Vec::new();
        if let (Some(home), Some(standard)) = (&home.home, &home.standard) {
            for path in [standard.join("config"), home.join(".gitconfig")] {
                variables.extend(own_variables(&path)?);
            }
        }
        let shared = variables_of(&common_dir.join("config"))?;
        let has_more = has_worktree_config(&shared);
        variables.extend(shared);
        if has_more {
            variables.extend(variables_of(&git_dir.join("config.worktree"))?);
        }
        let settings = Settings::of(&variables, home.home.as_deref(), home.standard.as_deref())
            .map_err(|unknown| {
                let reason = format!(
                    "it needs the extension `{}`, which dockwright does not know",
                    unknown.0
                );
                Error::invalid(&common_dir.join("config"), reason)
            })?;
        Ok(Some(Self {
            top: top.to_owned(),
            git_dir,
            common_dir,
            settings,
            variables,
        }))
    }
}

/// The folder that `.git` in a work tree is or names; `None` where there is none. As for git, a
/// `.git` folder without a HEAD is no repository, and a `.git` file that leads nowhere is an error.
fn git_dir(top: &Path) -> Result<Option<PathBuf>, Error> {
    let git = top.join(".git");
    let has_head = |folder: &Path| folder.join("HEAD").symlink_metadata().is_ok();
    match fstat_path(&git) {
        None => Ok(None),
        Some(true) => Ok(has_head(&git).then_some(git)),
        Some(false) => {
            let named = text(&git)?.unwrap_or_default();
            let named = trimmed(&named).strip_prefix(b"gitdir: ");
            let folder = named
                .map(|named| top.join(as_path(named)))
                .filter(|folder| has_head(folder));
            folder
                .map(Some)
                .ok_or_else(|| Error::invalid(&git, "it does not name a git repository"))
        }
    }
}

/// Whether there is a folder at a path; `None` where there is nothing that can be looked at.
fn fstat_path(path: &Path) -> Option<bool> {
    rustix::fs::stat(path)
        .ok()
        .map(|stat| rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir())
}

fn as_path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

fn trimmed(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_end()
}

fn variables_of(path: &Path) -> Result<Vec<Variable>, Error> {
    let Some(bytes) = text(path)? else {
        return Ok(Vec::new());
    };
    config::parse(&bytes).map_err(|line| Error::invalid(path, format!("line {line} is not valid")))
}

/// The same for a file in the person's home, which a sandbox may keep from us.
fn own_variables(path: &Path) -> Result<Vec<Variable>, Error> {
    match variables_of(path) {
        Err(Error::Unreadable { source, .. })
            if source.kind() == io::ErrorKind::PermissionDenied =>
        {
            Ok(Vec::new())
        }
        read => read,
    }
}

/// The content of a text of git's own; `None` where there is none.
///
/// # Errors
/// What cannot be read, or is too long.
pub(super) fn text(path: &Path) -> Result<Option<Vec<u8>>, Error> {
    bytes(path, TEXT_LIMIT_BYTES).map(|read| read.map(|(bytes, _)| bytes))
}

/// The content of a regular file with the time of its last change; `None` where there is nothing.
///
/// # Errors
/// What cannot be read, or has more than `limit` bytes.
pub(super) fn bytes(path: &Path, limit: u64) -> Result<Option<(Vec<u8>, Time)>, Error> {
    // A pipe must not block.
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK | OFlags::NOCTTY;
    let handle = match openat(CWD, path, flags, Mode::empty()) {
        Ok(handle) => handle,
        Err(Errno::NOENT | Errno::NOTDIR) => return Ok(None),
        Err(errno) => return Err(Error::unreadable(path, errno)),
    };
    let stat = fstat(&handle).map_err(|errno| Error::unreadable(path, errno))?;
    if !rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() {
        return Err(Error::invalid(path, "it is not a regular file"));
    }
    let mut bytes = Vec::new();
    let read = std::fs::File::from(handle)
        .take(limit + 1)
        .read_to_end(&mut bytes);
    read.map_err(|error| Error::unreadable(path, error))?;
    if bytes.len() as u64 > limit {
        return Err(Error::invalid(
            path,
            format!("it is longer than {limit} bytes"),
        ));
    }
    Ok(Some((bytes, super::stat::modified(&stat))))
}
