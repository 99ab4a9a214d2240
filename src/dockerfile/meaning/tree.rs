//! The files that a build finds.

use std::collections::BTreeMap;

use super::super::glob::Glob;

/// The files of a repository, all below one root.
pub trait Tree: Sync {
    /// The path of every file, sorted by bytes.
    fn paths(&self) -> &[String];

    /// The text of a file; nothing for one that cannot be read.
    fn text(&self, path: &str) -> Option<String>;
}

/// A tree in memory, for tests and for what was read before.
#[derive(Debug, Default, Clone)]
pub struct MemoryTree {
    paths: Vec<String>,
    texts: BTreeMap<String, String>,
}

impl MemoryTree {
    /// The tree of these files and their texts.
    #[must_use]
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let own = |(path, text): (&str, &str)| (path.to_owned(), text.to_owned());
        let texts: BTreeMap<String, String> = files.into_iter().map(own).collect();
        Self {
            paths: texts.keys().cloned().collect(),
            texts,
        }
    }
}

impl Tree for MemoryTree {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn text(&self, path: &str) -> Option<String> {
        self.texts.get(path).cloned()
    }
}

/// What a path is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Absent,
}

/// What a path of a tree is.
pub(super) fn kind(tree: &dyn Tree, path: &str) -> Kind {
    if path.is_empty() {
        return Kind::Folder;
    }
    let paths = tree.paths();
    if paths
        .binary_search_by(|other| other.as_str().cmp(path))
        .is_ok()
    {
        return Kind::File;
    }
    if below(tree, path).is_empty() {
        Kind::Absent
    } else {
        Kind::Folder
    }
}

/// The files below a folder.
pub(super) fn below<'a>(tree: &'a dyn Tree, folder: &str) -> &'a [String] {
    let paths = tree.paths();
    if folder.is_empty() {
        return paths;
    }
    let prefix = format!("{folder}/");
    let start = paths.partition_point(|path| path.as_str() < prefix.as_str());
    let rest = paths.get(start..).unwrap_or_default();
    let length = rest.partition_point(|path| path.starts_with(&prefix));
    rest.get(..length).unwrap_or_default()
}

/// The files and folders that a pattern of a `COPY` names, as deep as the pattern is
/// (`path/filepath.Match`, which `**` crosses folders in).
pub(super) fn matching(tree: &dyn Tree, pattern: &str) -> Vec<String> {
    let depth = pattern.split('/').count();
    let fixed: Vec<&str> = pattern
        .split('/')
        .take_while(|name| !name.contains(['*', '?', '[']))
        .collect();
    let glob = Glob::of_copy(pattern);
    let crosses = pattern.contains("**");
    let mut found: Vec<String> = Vec::new();
    for path in below(tree, &fixed.join("/")) {
        let entry = if crosses {
            path.as_str()
        } else {
            first_names(path, depth)
        };
        let is_new = found.last().is_none_or(|last| last != entry);
        if is_new && entry.split('/').count() >= depth.min(1) && glob.matches(entry) {
            found.push(entry.to_owned());
        }
    }
    found
}

/// The first names of a path; all where it has fewer.
fn first_names(path: &str, number: usize) -> &str {
    let mut slashes = path.match_indices('/');
    match slashes.nth(number - 1) {
        Some((end, _)) => path.get(..end).unwrap_or(path),
        None => path,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> MemoryTree {
        MemoryTree::new(
            [
                "a/b.txt",
                "a/c/d.py",
                "a-b",
                "requirements.txt",
                "z/requirements.txt",
            ]
            .map(|path| (path, "")),
        )
    }

    #[test]
    fn paths_are_files_folders_or_absent() {
        let tree = tree();
        for (path, expected) in [
            ("a", Kind::Folder),
            ("a/b.txt", Kind::File),
            ("a/c", Kind::Folder),
            ("a-b", Kind::File),
            ("b", Kind::Absent),
            ("", Kind::Folder),
        ] {
            assert_eq!(kind(&tree, path), expected, "{path}");
        }
        assert_eq!(below(&tree, "a"), ["a/b.txt", "a/c/d.py"]);
    }

    #[test]
    fn a_pattern_names_entries_of_its_own_depth() {
        let tree = tree();
        assert_eq!(matching(&tree, "require*.txt"), ["requirements.txt"]);
        assert_eq!(matching(&tree, "a/*"), ["a/b.txt", "a/c"]);
        assert_eq!(
            matching(&tree, "*/requirements.txt"),
            ["z/requirements.txt"]
        );
        assert!(matching(&tree, "q*").is_empty());
    }
}
