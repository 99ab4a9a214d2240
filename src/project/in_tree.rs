//! A tree of files, as they stand in a repository, as the inputs of a fleet that is being proposed.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::inputs::Inputs;
use crate::artifact::ArtifactPath;
use crate::dockerfile::meaning::Tree;
use crate::drift::DiskEntry;
use crate::workspace::{Entries, Error, ListCaps};

/// A tree with a declaration laid over it, in which nothing is generated yet.
pub(crate) struct InTree<'a> {
    tree: &'a dyn Tree,
    file: &'a str,
    text: &'a str,
}

impl<'a> InTree<'a> {
    /// The tree with this text as its declaration at `file`.
    #[must_use]
    pub(crate) fn new(tree: &'a dyn Tree, file: &'a str, text: &'a str) -> Self {
        Self { tree, file, text }
    }

    fn below(&self, folder: &str) -> &[String] {
        let paths = self.tree.paths();
        if folder.is_empty() {
            return paths;
        }
        let prefix = format!("{folder}/");
        let start = paths.partition_point(|path| path.as_str() < prefix.as_str());
        let rest = paths.get(start..).unwrap_or_default();
        let length = rest.partition_point(|path| path.starts_with(&prefix));
        rest.get(..length).unwrap_or_default()
    }
}

impl Inputs for InTree<'_> {
    fn text(&self, path: &Utf8Path, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        if path.as_str() == self.file {
            return Ok(Some(self.text.as_bytes().to_vec()));
        }
        let paths = self.tree.paths();
        if paths
            .binary_search_by(|known| known.as_str().cmp(path.as_str()))
            .is_err()
        {
            return Ok(None);
        }
        let bytes = self
            .tree
            .text(path.as_str())
            .unwrap_or_default()
            .into_bytes();
        if bytes.len() as u64 > limit {
            return Err(Error::TooLarge {
                path: path.to_owned(),
                cap_bytes: limit,
            });
        }
        Ok(Some(bytes))
    }

    fn list(&self, folder: &Utf8Path, caps: ListCaps) -> Result<Option<Vec<Utf8PathBuf>>, Error> {
        let found = self.below(folder.as_str().trim_end_matches('/'));
        let found: Vec<Utf8PathBuf> = found
            .iter()
            .take(caps.entries)
            .map(Utf8PathBuf::from)
            .collect();
        Ok((!found.is_empty()).then_some(found))
    }

    fn entries(&self, folder: &Utf8Path) -> Result<Option<Entries>, Error> {
        let name = folder.as_str().trim_end_matches('/');
        let mut folders = BTreeSet::new();
        let mut found = Entries::default();
        for path in self.below(name) {
            let rest = path
                .get(name.len()..)
                .unwrap_or_default()
                .trim_start_matches('/');
            match rest.split_once('/') {
                None => found.files.push(path.into()),
                Some((first, _)) => drop(folders.insert(folder.join(first))),
            }
        }
        found.folders = folders.into_iter().collect();
        let is_there = !found.files.is_empty() || !found.folders.is_empty();
        Ok(is_there.then_some(found))
    }

    fn scan(&self, folder: &Utf8Path, depth: usize) -> Result<Vec<Utf8PathBuf>, Error> {
        let name = folder.as_str().trim_end_matches('/');
        let within = |path: &&String| {
            let rest = path
                .get(name.len()..)
                .unwrap_or_default()
                .trim_start_matches('/');
            rest.matches('/').count() <= depth
        };
        Ok(self
            .below(name)
            .iter()
            .filter(within)
            .map(Utf8PathBuf::from)
            .collect())
    }

    fn state(&self, paths: &[ArtifactPath]) -> Result<Vec<(ArtifactPath, DiskEntry)>, Error> {
        Ok(paths
            .iter()
            .map(|path| (path.clone(), DiskEntry::Absent))
            .collect())
    }
}
