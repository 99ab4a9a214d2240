//! The files of two images, and their folders.

use std::collections::BTreeSet;

use super::super::ignore::Ignore;
use super::super::installing::{is_install_file, is_requirement_file};
use super::super::meaning::{Asked, FolderMeaning, Meaning, Origin};
use super::rules::{
    BUILD_TOOL_GONE, CODE_READ_ONLY, HarmlessRule, IGNORED_FILES, INSTALL_FILES_GONE, MORE_FILES,
};
use super::{Aspect, Found, some_of};

/// What no program needs: version control, environments, caches, settings of editors, secrets of
/// developers, and what describes builds.
const IGNORED: &str = "**/.git
**/.gitignore
**/.gitattributes
**/.github
**/.hg
**/.svn
**/.venv
**/venv
**/node_modules
**/__pycache__
**/*.pyc
**/.env*
**/*.pem
**/*.key
**/id_rsa*
**/.pytest_cache
**/.mypy_cache
**/.ruff_cache
**/.tox
**/.coverage
**/htmlcov
**/.idea
**/.vscode
**/.DS_Store
**/Dockerfile
**/Dockerfile.*
**/*.Dockerfile
**/.dockerignore
**/compose.y*ml
**/compose.*.y*ml
**/docker-compose*.y*ml
";

/// What becomes of a file, for files that are reported together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Change {
    Added,
    Gone,
    Replaced,
}

pub(super) fn files(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let ignore = Ignore::parse(IGNORED);
    let known = Folders::of(before);
    let mut groups: Vec<(Change, Option<&'static HarmlessRule>, Vec<String>)> = Vec::new();
    let mut note = |change: Change, rule: Option<&'static HarmlessRule>, path: &str| match groups
        .iter_mut()
        .find(|(other, judged, _)| *other == change && *judged == rule)
    {
        Some((_, _, paths)) => paths.push(path.to_owned()),
        None => groups.push((change, rule, vec![path.to_owned()])),
    };
    for (path, origin) in &after.files {
        match before.files.get(path) {
            Some(other) if other == origin => {}
            Some(_) => note(Change::Replaced, None, path),
            None => note(Change::Added, known.rule_of_added(path, origin), path),
        }
    }
    for (path, origin) in &before.files {
        if !after.files.contains_key(path) {
            let rule = match origin {
                Origin::Repository(source) if is_installed(before, source) => {
                    Some(&INSTALL_FILES_GONE)
                }
                _ => rule_of_gone(&ignore, path, origin),
            };
            let rule = rule.filter(|_| !after.steps.iter().any(|step| step.names(path)));
            note(Change::Gone, rule, path);
        }
    }
    groups.sort_by(|one, other| one.0.cmp(&other.0));
    for (change, rule, paths) in groups {
        let verb = match change {
            Change::Added => "adds",
            Change::Gone => "no longer has",
            Change::Replaced => "has another origin for",
        };
        found.judged(Aspect::Files, rule, format!("{verb} {}", some_of(&paths)));
    }
}

/// Whether pip was asked for what a file of the repository says, whatever it is called.
fn is_installed(meaning: &Meaning, source: &str) -> bool {
    let is_file = |asked: &Asked| matches!(asked, Asked::File(path) if path == source);
    meaning.asked.iter().any(is_file)
}

fn rule_of_gone(ignore: &Ignore, path: &str, origin: &Origin) -> Option<&'static HarmlessRule> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let Origin::Repository(source) = origin else {
        return matches!(name, "uv" | "uvx" | "poetry").then_some(&BUILD_TOOL_GONE);
    };
    if is_install_file(path) {
        return Some(&INSTALL_FILES_GONE);
    }
    ignore.excludes(source).then_some(&IGNORED_FILES)
}

/// Which folders of the repository are copied where.
struct Folders(BTreeSet<(String, String)>);

impl Folders {
    fn of(meaning: &Meaning) -> Self {
        let mut folders = BTreeSet::new();
        for (path, origin) in &meaning.files {
            if let Origin::Repository(source) = origin {
                let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
                let (from, other) = source.rsplit_once('/').unwrap_or(("", source));
                if name == other {
                    folders.insert((folder.to_owned(), from.to_owned()));
                }
            }
        }
        Self(folders)
    }

    /// An added file is harmless where files beside it, or in a folder above it that is not the
    /// repository's root, were copied to the same place before; a requirement file below the root
    /// as well, since whoever takes all of the repository takes what is generated there.
    fn rule_of_added(&self, path: &str, origin: &Origin) -> Option<&'static HarmlessRule> {
        let Origin::Repository(source) = origin else {
            return None;
        };
        let (mut to, mut from) = (path, source.as_str());
        while let Some((folder, name)) = to.rsplit_once('/') {
            let (above, other) = from.rsplit_once('/').unwrap_or(("", from));
            if name != other || from.is_empty() {
                return None;
            }
            (to, from) = (folder, above);
            let is_beside = path.len() == to.len() + 1 + name.len();
            let is_near = is_beside || !from.is_empty() || is_requirement_file(path);
            if is_near && self.0.contains(&(to.to_owned(), from.to_owned())) {
                return Some(&MORE_FILES);
            }
        }
        None
    }
}

/// Whether the account that the command runs as can write to a folder: by its owner or its mode.
fn can_write(meaning: &Meaning, path: &str) -> bool {
    let Some(folder) = meaning.folders.get(path) else {
        return false;
    };
    let names: Vec<String> = meaning
        .user
        .name
        .iter()
        .cloned()
        .chain(meaning.user.uid.map(|uid| uid.to_string()))
        .collect();
    let owner = folder.owner.as_deref().unwrap_or_default();
    let owner = owner.split(':').next().unwrap_or_default();
    is_open(folder) || names.iter().any(|name| name == owner)
}

/// Whether the mode of a folder lets its group or everyone write.
fn is_open(folder: &FolderMeaning) -> bool {
    folder.mode.as_deref().is_some_and(|mode| {
        mode.ends_with('7')
            || mode.ends_with('6')
            || matches!(
                mode,
                "a+w" | "o+w" | "a+rwx" | "a+rw" | "+w" | "ugo+w" | "ugo+rw" | "ugo+rwx"
            )
    })
}

pub(super) fn folders(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let mut locked: Vec<(bool, String)> = Vec::new();
    for path in before.folders.keys() {
        let writable_before = before.user.is_root() || can_write(before, path);
        let is_given = before
            .folders
            .get(path)
            .is_some_and(|folder| folder.owner.is_some() || is_open(folder));
        let above = above(path);
        let writable_after = path == "/tmp"
            || after.user.is_root()
            || above.iter().any(|folder| can_write(after, folder));
        if is_given && writable_before && !writable_after {
            let is_code = holds_code(before, path) || is_environment(path);
            locked.push((is_code, path.clone()));
        } else if !is_given && !exists(after, path) && !exists_by_user(path) {
            found.different(Aspect::Folders, format!("no longer makes {path}"));
        }
    }
    for (is_code, path) in locked {
        let rule = is_code.then_some(&CODE_READ_ONLY);
        found.judged(
            Aspect::Folders,
            rule,
            format!("can no longer write to {path}"),
        );
    }
    for (path, folder) in &after.folders {
        // A volume is a folder as well.
        let is_new = !before.folders.contains_key(path)
            && !exists(before, path)
            && !before.volumes.contains(path);
        if is_new && !holds_code(after, path) && !exists_by_user(path) {
            let what = if folder.owner.is_some() {
                "makes and gives away"
            } else {
                "makes"
            };
            found.different(Aspect::Folders, format!("{what} {path}"));
        }
    }
}

/// Whether a folder is called as those that Python's packages are in.
fn is_environment(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    matches!(name, "venv" | ".venv" | "site-packages") || path.contains("/site-packages/")
}

/// A path and the folders above it.
fn above(path: &str) -> Vec<&str> {
    let ends = path
        .match_indices('/')
        .filter_map(|(at, _)| path.get(..at.max(1)));
    ends.chain([path]).collect()
}

fn holds_code(meaning: &Meaning, path: &str) -> bool {
    let prefix = format!("{}/", path.trim_end_matches('/'));
    meaning.files.contains_key(path)
        || meaning
            .files
            .range(prefix.clone()..)
            .next()
            .is_some_and(|(file, _)| file.starts_with(&prefix))
        || format!("{}/", meaning.workdir).starts_with(&prefix)
}

fn exists(meaning: &Meaning, path: &str) -> bool {
    let prefix = format!("{}/", path.trim_end_matches('/'));
    meaning
        .folders
        .keys()
        .any(|other| other == path || other.starts_with(&prefix))
        || holds_code(meaning, path)
}

/// Folders that every image has, or that accounts bring.
fn exists_by_user(path: &str) -> bool {
    path.starts_with("/home/")
        || matches!(
            path,
            "/" | "/app"
                | "/root"
                | "/tmp"
                | "/opt"
                | "/srv"
                | "/var"
                | "/usr/src"
                | "/etc"
                | "/home"
                | "/usr/local/bin"
        )
}
