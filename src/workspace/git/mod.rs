//! Which files changed since a revision. Only `plan` and `build` ask; `check` needs no git.
//!
//! git is never asked about the work tree. To compare files it runs what configuration and
//! attributes name: filters, a file system monitor, hooks, helpers that fetch what is missing. The
//! list grows with its versions, and a bare repository made of checked-in files can bring a
//! configuration along. So git is asked for two things that it answers from objects alone, in a
//! folder with a configuration of ours (`plumbing`): which commit a revision names, and which files
//! its tree has. Everything else is read here: where the repository is (`repository`), its settings
//! (`config`), its index (`index`, `split`), its rules (`attributes`, `ignore`, `pattern`,
//! `rules`), and the files (`compare`, `content`, `stat`, `submodule`).
//!
//! A file counts as unchanged only where that is certain: its bytes are the blob, or become it by
//! conversions of git's own, or the index knows it by stat(2), or it is the content of the Git LFS
//! pointer that the revision has. A filter of the repository's own does not run; a file that is not
//! fresh in the index then counts as changed, which costs a build. The flag `assume-unchanged` is
//! not believed. A state that cannot be read is an error, never "nothing changed".

mod attributes;
mod compare;
mod config;
mod content;
mod ignore;
mod index;
mod known;
mod oid;
mod pattern;
mod plumbing;
mod repository;
mod rules;
mod settings;
mod split;
mod stat;
mod submodule;

use std::collections::BTreeSet;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use camino::Utf8Path;

use super::program;
use compare::Comparison;
use known::Tracked;
use oid::Oid;
use plumbing::Plumbing;
use repository::{Home, Repository};
use submodule::Submodules;

/// Why it cannot be told what changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// No folder at or above this one has a `.git`.
    #[error("{folder} is not in a git repository: no folder at or above it has a .git")]
    NoRepository {
        /// The folder.
        folder: String,
    },
    /// git does not know the revision.
    #[error("`{revision}` names no commit here; fetch it first (a shallow clone may lack it)")]
    UnknownRevision {
        /// The revision as given.
        revision: String,
    },
    /// The system refused or failed.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// On what.
        path: String,
        /// The system's reason.
        source: io::Error,
    },
    /// A file of git's own is not as git writes it, or too long.
    #[error("cannot use {path} of this git repository: {reason}")]
    Invalid {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The folder that git runs in cannot be made.
    #[error("cannot prepare a temporary folder for git: {0}")]
    Scratch(io::Error),
    /// git is missing, or failed.
    #[error(transparent)]
    Program(#[from] program::Error),
}

impl Error {
    fn unreadable(path: &Path, source: impl Into<io::Error>) -> Self {
        Self::Unreadable {
            path: path.display().to_string(),
            source: source.into(),
        }
    }

    fn invalid(path: &Path, reason: impl Into<String>) -> Self {
        Self::Invalid {
            path: path.display().to_string(),
            reason: reason.into(),
        }
    }
}

/// The paths below `root` that differ between a revision and the files that are there now, counted
/// from `root`.
///
/// The two ends of a rename both count, so do deleted files and new ones that git does not ignore.
/// Compared is the revision's own tree, not its merge base: what is built there has that tree's
/// content. A submodule counts by its folder.
///
/// # Errors
/// Where git is missing, `root` is in no repository, the revision names no commit, or something
/// cannot be read.
pub fn changed_since(root: &Utf8Path, revision: &str) -> Result<BTreeSet<String>, Error> {
    let home = Home::of_environment();
    let (repository, below) = repository_of(root, &home)?;
    let plumbing = Plumbing::new(&repository)?;
    let commit = plumbing.commit(revision)?;
    let submodules = Submodules {
        home: &home,
        depth: 0,
    };
    let changed = compare_with(&repository, &plumbing, &submodules, commit, &below)?;
    let from_root = changed
        .iter()
        .filter_map(|path| path.strip_prefix(below.as_slice()));
    Ok(from_root
        .map(|path| String::from_utf8_lossy(path).into_owned())
        .collect())
}

/// The files below `root` that a revision has, counted from `root` and in git's order, each with its
/// mode and object name as text: equal texts stand for equal contents.
///
/// # Errors
/// As [`changed_since`].
pub fn files_of(root: &Utf8Path, revision: &str) -> Result<Vec<(String, String)>, Error> {
    let (repository, below) = repository_of(root, &Home::of_environment())?;
    let plumbing = Plumbing::new(&repository)?;
    let entries = plumbing.tree(plumbing.commit(revision)?, &below)?;
    let files = entries.iter().filter(|(_, entry)| entry.mode != FOLDER);
    Ok(files
        .filter_map(|(path, entry)| {
            let path = String::from_utf8_lossy(path.strip_prefix(below.as_slice())?);
            Some((
                path.into_owned(),
                format!("{:o} {}", entry.mode, entry.oid.to_hex()),
            ))
        })
        .collect())
}

/// The mode of a folder in a tree.
const FOLDER: u32 = 0o40000;

/// The repository of a folder, and the folder from its top on, with a slash at its end where it is
/// not the top.
fn repository_of(root: &Utf8Path, home: &Home) -> Result<(Repository, Vec<u8>), Error> {
    let root = if root.as_str().is_empty() {
        Utf8Path::new(".")
    } else {
        root
    };
    let folder = std::fs::canonicalize(root)
        .map_err(|error| Error::unreadable(root.as_std_path(), error))?;
    let repository = Repository::find(&folder, home)?;
    // The folder is at or below the top, by how the top was found.
    let below = folder
        .strip_prefix(&repository.top)
        .unwrap_or(Path::new(""))
        .as_os_str()
        .as_bytes();
    let below = if below.is_empty() {
        Vec::new()
    } else {
        [below, b"/"].concat()
    };
    Ok((repository, below))
}

/// The paths below a folder that differ from a commit, counted from the top.
fn compare_with(
    repository: &Repository,
    plumbing: &Plumbing,
    submodules: &Submodules<'_>,
    commit: Oid,
    below: &[u8],
) -> Result<BTreeSet<Vec<u8>>, Error> {
    let tracked = Tracked::read(repository, plumbing, commit, below)?;
    Comparison::new(repository, submodules, tracked)?.changed(below)
}

/// A folder from the top folder of its repository on, with a slash at its end: `deploy/`. Empty
/// where it is the top folder, where there is no repository, or where its name is not UTF-8.
///
/// The nearest folder that has a `.git` counts, as for git; nothing is opened.
#[must_use]
pub fn below_top(folder: &Utf8Path) -> String {
    let folder = if folder.as_str().is_empty() {
        Utf8Path::new(".")
    } else {
        folder
    };
    let Ok(folder) = std::fs::canonicalize(folder) else {
        return String::new();
    };
    let is_top = |folder: &&Path| folder.join(".git").symlink_metadata().is_ok();
    let below = folder
        .ancestors()
        .find(is_top)
        .and_then(|top| folder.strip_prefix(top).ok()?.to_str());
    match below {
        Some(below) if !below.is_empty() => format!("{below}/"),
        _ => String::new(),
    }
}
