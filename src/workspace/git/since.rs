//! What changed since a revision.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};

use super::compare::compare_with;
use super::error::Error;
use super::plumbing::Plumbing;
use super::repository::{Home, Repository};
use super::submodule::Submodules;

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

/// The files below `root` that a revision has, counted from `root` and in git's order, each with
/// its mode and object name as text: equal texts stand for equal contents.
///
/// # Errors
/// As [`changed_since`].
pub(crate) fn files_of(root: &Utf8Path, revision: &str) -> Result<Vec<(String, String)>, Error> {
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

/// The path of a file of this name in the current folder, or in the nearest folder above it that
/// has one, up to the top folder of its repository: `../../services.yaml`.
///
/// Outside of a repository only the current folder counts: what lies above can be anyone's.
#[must_use]
pub(crate) fn nearest_above(name: &str) -> Option<Utf8PathBuf> {
    if Path::new(name).is_file() {
        return Some(name.into());
    }
    let here = std::fs::canonicalize(".").ok()?;
    let has = |folder: &Path, name: &str| folder.join(name).symlink_metadata().is_ok();
    let top = here.ancestors().position(|folder| has(folder, ".git"))?;
    let steps = (1..=top).zip(here.ancestors().skip(1));
    let (up, _) = steps.into_iter().find(|(_, folder)| has(folder, name))?;
    Some(Utf8PathBuf::from("../".repeat(up)).join(name))
}

/// A folder from the top folder of its repository on, with a slash at its end: `deploy/`. Empty
/// where it is the top folder, where there is no repository, or where its name is not UTF-8.
///
/// The nearest folder that has a `.git` counts, as for git; nothing is opened.
#[must_use]
pub(crate) fn below_top(folder: &Utf8Path) -> String {
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
