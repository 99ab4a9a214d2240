//! Requirement files as pip reads them (`pip/_internal/req/req_file.py`).

use std::collections::BTreeSet;

use super::super::ignore::clean;
use super::install::Install;
use super::tree::{self, Kind, Tree};

/// How deep `-r` may lead from file to file.
const DEPTH: usize = 64;

/// What requirement files say.
#[derive(Debug, Default)]
pub(super) struct Requirements {
    pub(super) installs: BTreeSet<Install>,
    pub(super) indexes: BTreeSet<String>,
    /// Files that are named and not there.
    pub(super) missing: BTreeSet<String>,
    /// Files that were read, by their paths below the root.
    pub(super) files: BTreeSet<String>,
}

/// Options of a line that a value follows, and what it says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Option_ {
    File,
    Editable,
    Index,
    Other,
}

impl Requirements {
    /// Reads a file and those that it names.
    pub(super) fn read(&mut self, tree: &dyn Tree, path: &str) {
        self.read_at(tree, path, DEPTH);
    }

    fn read_at(&mut self, tree: &dyn Tree, path: &str, depth: usize) {
        if depth == 0 || !self.files.insert(path.to_owned()) {
            return;
        }
        let Some(text) = tree.text(path) else {
            self.missing.insert(path.to_owned());
            self.installs.insert(Install::MissingFile(path.to_owned()));
            return;
        };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for line in logical_lines(&text) {
            self.line(tree, folder, &line, depth);
        }
    }

    fn line(&mut self, tree: &dyn Tree, folder: &str, line: &str, depth: usize) {
        if !line.starts_with('-') {
            self.installs.insert(in_file(tree, folder, line));
            return;
        }
        let (name, value) = option(line);
        match kind_of(name) {
            Option_::File => {
                let path = clean(&format!("{folder}/{value}"));
                self.read_at(tree, &path, depth - 1);
            }
            Option_::Editable => {
                self.installs.insert(in_file(tree, folder, value));
            }
            Option_::Index => {
                self.indexes.insert(value.to_owned());
            }
            Option_::Other => {}
        }
    }
}

/// A requirement without its options for pip, such as hashes.
fn without_options(line: &str) -> &str {
    let end = line.find(" --").unwrap_or(line.len());
    line.get(..end).unwrap_or(line).trim_end()
}

fn in_file(tree: &dyn Tree, folder: &str, line: &str) -> Install {
    let text = without_options(line);
    if !is_local(text) {
        return Install::of_requirement(text);
    }
    let (path, extras) = split_extras(text);
    // pip counts a path from the folder that it was started in; people mean either.
    let path = path.strip_prefix("file:").unwrap_or(path);
    let beside = clean(&format!("{folder}/{path}"));
    let from_root = clean(path);
    let path = match tree::kind(tree, &beside) {
        Kind::Absent if tree::kind(tree, &from_root) != Kind::Absent => from_root,
        _ => beside,
    };
    local(path, extras)
}

/// A project or an archive, by its path below the root.
pub(super) fn local(path: String, extras: BTreeSet<String>) -> Install {
    if is_archive(&path) {
        Install::Archive(path)
    } else {
        Install::Project { path, extras }
    }
}

pub(super) fn is_archive(path: &str) -> bool {
    [".whl", ".tar.gz", ".zip", ".tar.bz2"]
        .iter()
        .any(|ending| path.ends_with(ending))
}

/// Whether a word names a path and no package (pip's `is_url` and `looks_like_path`).
pub(super) fn is_local(word: &str) -> bool {
    let first = word
        .split([' ', ';', '[', '=', '<', '>', '!', '~'])
        .next()
        .unwrap_or_default();
    if word.contains("://") || word.contains('@') {
        return false;
    }
    first.starts_with('.') || first.contains('/') || is_archive(first)
}

/// A path and the extras behind it.
pub(super) fn split_extras(word: &str) -> (&str, BTreeSet<String>) {
    let Some((path, rest)) = word.split_once('[') else {
        return (word, BTreeSet::new());
    };
    let inside = rest.split(']').next().unwrap_or_default();
    let extras = inside.split(',').map(|extra| extra.trim().to_owned());
    (path, extras.filter(|extra| !extra.is_empty()).collect())
}

/// The name of an option and its value.
fn option(line: &str) -> (&str, &str) {
    let end = line.find([' ', '=', '\t']).unwrap_or(line.len());
    let (name, rest) = line.split_at(end);
    if name.len() > 2 && !name.starts_with("--") {
        // `-rother.txt`
        let (name, value) = line.split_at(2);
        return (name, value.trim());
    }
    (
        name,
        rest.trim_start_matches([' ', '=', '\t'])
            .trim_matches(['"', '\'']),
    )
}

fn kind_of(name: &str) -> Option_ {
    match name {
        "-r" | "--requirement" => Option_::File,
        "-e" | "--editable" => Option_::Editable,
        "-i" | "--index-url" | "--extra-index-url" | "--find-links" | "-f" => Option_::Index,
        _ => Option_::Other,
    }
}

/// The lines of a file, joined where a backslash continues one, without comments and blank lines.
fn logical_lines(text: &str) -> Vec<String> {
    let mut lines = Vec::new();
    let mut open = String::new();
    for line in text.trim_start_matches('\u{feff}').lines() {
        let line = without_comment(line);
        if let Some(begun) = line.trim_end().strip_suffix('\\') {
            open.push_str(begun);
            continue;
        }
        open.push_str(line);
        let done = std::mem::take(&mut open);
        if !done.trim().is_empty() {
            lines.push(done.trim().to_owned());
        }
    }
    if !open.trim().is_empty() {
        lines.push(open.trim().to_owned());
    }
    lines
}

/// A comment begins at a `#` at the start of a line or behind a blank.
fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        return "";
    }
    let comment = line.find(" #").or_else(|| line.find("\t#"));
    line.get(..comment.unwrap_or(line.len())).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::super::tree::MemoryTree;
    use super::*;

    fn read(files: &[(&str, &str)], path: &str) -> Requirements {
        let tree = MemoryTree::new(files.iter().copied());
        let mut requirements = Requirements::default();
        requirements.read(&tree, path);
        requirements
    }

    fn shown(requirements: &Requirements) -> Vec<String> {
        requirements
            .installs
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    #[test]
    fn files_are_followed_and_options_are_told_apart() {
        let found = read(
            &[
                (
                    "s/r.txt",
                    "# note\n-r ../base.txt\nA_b==1 # why\nc>=1 \\\n  --hash=sha256:00\n-e ./lib[x]\n--extra-index-url https://h.example/simple\n./w/a.whl\n-cother.txt\n",
                ),
                ("base.txt", "\u{feff}base\r\n\r\n-r s/r.txt\n"),
                ("s/lib/pyproject.toml", ""),
            ],
            "s/r.txt",
        );
        assert_eq!(
            shown(&found),
            [
                "pip a-b==1",
                "pip base",
                "pip c>=1",
                "the project s/lib[x]",
                "s/w/a.whl"
            ]
        );
        assert_eq!(found.indexes.len(), 1);
        assert_eq!(found.files.len(), 2);
    }

    #[test]
    fn what_is_missing_is_named_and_circles_end() {
        let found = read(
            &[("a.txt", "-r b.txt\n-r a.txt\n-r ../../c.txt\n")],
            "a.txt",
        );
        assert_eq!(found.missing.len(), 2);
        assert_eq!(
            shown(&found),
            [
                "b.txt, which is not in the tree",
                "c.txt, which is not in the tree"
            ]
        );
    }
}
