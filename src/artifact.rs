//! What a render produces: file contents in memory, keyed by a path that cannot leave the root.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use camino::Utf8Path;
use thiserror::Error;

/// The longest path component that every common file system takes, in bytes.
const COMPONENT_LIMIT: usize = 255;
/// The longest artifact path, in bytes.
const PATH_LIMIT: usize = 1024;

/// Why a text is not an artifact path.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{path}` is no path for a generated file: {reason}")]
pub struct InvalidPath {
    /// The text as given.
    pub(crate) path: String,
    /// What is wrong with it.
    pub(crate) reason: &'static str,
}

/// The path of a generated file: relative to the root, `/`-separated, without `.` and `..`. A copy
/// shares its text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ArtifactPath(Arc<str>);

impl ArtifactPath {
    /// Reads a path such as `generated/svc-ocr/Dockerfile`.
    ///
    /// # Errors
    /// Refuses what is absolute, empty, longer than the limits, or has a `.`, `..`, `.git` or empty
    /// component, a backslash, a colon or a control character.
    pub fn parse(text: &str) -> Result<Self, InvalidPath> {
        match Self::fault(text) {
            Some(reason) => Err(InvalidPath {
                path: text.to_owned(),
                reason,
            }),
            None => Ok(Self(text.into())),
        }
    }

    /// The path of something that was found below the root: any name that a file system has, still
    /// relative and without `..`.
    #[must_use]
    pub fn found(text: &str) -> Option<Self> {
        let is_name = |component: &str| !matches!(component, "" | "." | "..");
        (text.split('/').all(is_name) && !text.contains('\0')).then(|| Self(text.into()))
    }

    fn fault(text: &str) -> Option<&'static str> {
        if text.is_empty() {
            return Some("it is empty");
        }
        if text.len() > PATH_LIMIT {
            return Some("it is longer than 1024 bytes");
        }
        let is_refused = |byte: u8| byte.is_ascii_control() || matches!(byte, b'\\' | b':');
        if text.bytes().any(is_refused) || (!text.is_ascii() && text.contains(char::is_control)) {
            return Some("it has a backslash, a colon or a control character");
        }
        text.split('/').find_map(|component| match component {
            "" => Some("it is absolute or has an empty component"),
            "." | ".." => Some("it has a `.` or `..` component"),
            git if git.eq_ignore_ascii_case(".git") => Some("it points into .git"),
            long if long.len() > COMPONENT_LIMIT => {
                Some("it has a component of more than 255 bytes")
            }
            _ => None,
        })
    }

    /// The path as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path for file operations below the root.
    #[must_use]
    pub fn as_path(&self) -> &Utf8Path {
        Utf8Path::new(&self.0)
    }
}

impl fmt::Display for ArtifactPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The rendered content of every file that a declaration stands for, ordered by path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ArtifactSet(BTreeMap<ArtifactPath, String>);

impl ArtifactSet {
    /// The content at a path.
    #[must_use]
    pub(crate) fn get(&self, path: &ArtifactPath) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    /// All paths and contents, by path.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&ArtifactPath, &str)> {
        self.0
            .iter()
            .map(|(path, content)| (path, content.as_str()))
    }

    /// How many files.
    #[must_use]
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<(ArtifactPath, String)> for ArtifactSet {
    /// Collects files that have different paths, which is quick where they come in order; of two
    /// for one path the later stays.
    fn from_iter<I: IntoIterator<Item = (ArtifactPath, String)>>(files: I) -> Self {
        Self(files.into_iter().collect())
    }
}

/// Whether a path is a folder or lies in it; everything lies in the root, written as the empty
/// path.
#[must_use]
pub(crate) fn lies_in(path: &str, folder: &str) -> bool {
    folder.is_empty()
        || path == folder
        || path
            .strip_prefix(folder)
            .is_some_and(|rest| rest.starts_with('/'))
}

/// A path and the folders above it, the root first, which is the empty path.
pub(crate) fn with_folders(path: &str) -> impl Iterator<Item = &str> {
    let above = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
    std::iter::once("").chain(above).chain([path])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_root() {
        for bad in [
            "", "/etc/x", "../x", "a/../x", "a//b", "./x", "a/.GIT/x", "C:/x", "a\\b", "a\nb", "a/",
        ] {
            assert!(ArtifactPath::parse(bad).is_err(), "{bad:?} was taken");
        }
        assert!(ArtifactPath::parse("generated/svc-ocr/Dockerfile.dockerignore").is_ok());
    }

    #[test]
    fn a_found_path_may_have_any_name_but_stays_below_the_root() {
        assert!(ArtifactPath::found("generated/a\nb:\\c").is_some());
        for bad in ["", "/x", "a/../x", "a//b"] {
            assert_eq!(ArtifactPath::found(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn one_path_holds_one_file() -> Result<(), InvalidPath> {
        let path = ArtifactPath::parse("a/b")?;
        let files = ["1", "2"].map(|content| (path.clone(), content.to_owned()));
        let set = ArtifactSet::from_iter(files);
        assert_eq!((set.len(), set.get(&path)), (1, Some("2")));
        Ok(())
    }
}
