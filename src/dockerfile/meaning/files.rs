//! The files of an image, and where each comes from.

use std::collections::BTreeMap;

/// Where the content of a file comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// A file of the repository, by its path below the root.
    Repository(String),
    /// A path of another image.
    Image {
        /// The image.
        reference: String,
        /// The path in it.
        path: String,
    },
    /// A path that the steps of another stage made.
    Made(String),
    /// A text in the Dockerfile.
    Inline(String),
    /// A download.
    Url(String),
}

/// The files of a stage, by absolute path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Files(pub(crate) BTreeMap<String, Origin>);

impl Files {
    /// Puts a file at a path, in place of what was there.
    pub(super) fn put(&mut self, path: String, origin: Origin) {
        self.0.insert(path, origin);
    }

    /// What is at a path.
    pub(super) fn get(&self, path: &str) -> Option<&Origin> {
        self.0.get(path)
    }

    /// The file of the repository that is at a path.
    pub(super) fn repository_path(&self, path: &str) -> Option<&str> {
        match self.get(path) {
            Some(Origin::Repository(path)) => Some(path),
            _ => None,
        }
    }

    /// Whether something is known to lie below a path.
    pub(super) fn has_folder(&self, folder: &str) -> bool {
        self.below(folder).next().is_some()
    }

    /// The files below a folder with their paths in it.
    pub(super) fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = (&'a str, &'a Origin)> {
        let prefix = if folder == "/" {
            "/".to_owned()
        } else {
            format!("{folder}/")
        };
        let start = prefix.clone();
        self.0
            .range(start..)
            .map_while(move |(path, origin)| Some((path.strip_prefix(&prefix)?, origin)))
    }

    /// Removes a path and what is below it.
    pub(super) fn remove(&mut self, path: &str) {
        self.0.remove(path);
        let below: Vec<String> = self.below(path).map(|(rest, _)| join(path, rest)).collect();
        for path in below {
            self.0.remove(&path);
        }
    }
}

/// A path with another one joined to it, cleaned: an absolute one replaces it, `.` and `..` are
/// resolved, and nothing is above the root (Go's `path.Clean`).
pub(super) fn join(folder: &str, path: &str) -> String {
    let all = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("{folder}/{path}")
    };
    format!("/{}", super::super::ignore::clean(&all))
}

/// Whether a path is a folder or lies below it.
pub(super) fn lies_in(path: &str, folder: &str) -> bool {
    path == folder
        || folder == "/"
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// A path that lies in a folder, moved with it.
pub(super) fn moved(path: &str, from: &str, to: &str) -> Option<String> {
    if !lies_in(path, from) {
        return None;
    }
    let rest = path.get(from.len()..).unwrap_or_default();
    Some(join(to, rest.trim_start_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_as_docker_joins_them() {
        for (folder, path, expected) in [
            ("/app", "a/./b//c/", "/app/a/b/c"),
            ("/app", "/srv", "/srv"),
            ("/app", "../..", "/"),
            ("/", "", "/"),
        ] {
            assert_eq!(join(folder, path), expected);
        }
        assert_eq!(moved("/a/b/c", "/a", "/x").unwrap(), "/x/b/c");
        assert_eq!(moved("/a", "/a", "/x").unwrap(), "/x");
        assert_eq!(moved("/a", "/", "/x").unwrap(), "/x/a");
        assert_eq!(moved("/ab", "/a", "/x"), None);
    }

    #[test]
    fn what_is_below_a_folder_is_found_and_removed() {
        let mut files = Files::default();
        for path in ["/a/b", "/a/c/d", "/a-b", "/b"] {
            files.put(path.to_owned(), Origin::Repository(path.to_owned()));
        }
        let below: Vec<&str> = files.below("/a").map(|(path, _)| path).collect();
        assert_eq!(below, ["b", "c/d"]);
        files.remove("/a");
        assert_eq!(files.0.len(), 2);
    }
}
