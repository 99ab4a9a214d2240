//! A fleet's folder in memory, for laws, fuzzing and benches; and the disk with other texts in
//! place of some files.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Path, Utf8PathBuf};

use super::inputs::Inputs;
use crate::artifact::{ArtifactPath, lies_in};
use crate::drift::DiskEntry;
use crate::workspace::{Entries, Error, ListCaps};

/// Files by path below the root, all of them regular.
#[derive(Debug, Clone, Default)]
pub struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// A folder that holds this services.yaml alone.
    #[must_use]
    pub fn declaring(text: impl Into<Vec<u8>>) -> Self {
        let mut files = Self::default();
        files.put("services.yaml", text);
        files
    }

    /// Puts a file there, over what was.
    pub fn put(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        self.0.insert(path.to_owned(), content.into());
    }

    /// The paths below a folder, each with what follows the folder's name.
    fn below(&self, folder: &Utf8Path) -> impl Iterator<Item = (&str, &str)> {
        let folder = folder.as_str().trim_end_matches('/');
        let all = self.0.keys().map(String::as_str);
        all.filter(move |path| *path != folder && lies_in(path, folder))
            .filter_map(move |path| Some((path, path.get(folder.len()..)?.trim_start_matches('/'))))
    }
}

impl Inputs for Files {
    fn text(&self, path: &Utf8Path, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        match self.0.get(path.as_str()) {
            Some(bytes) if bytes.len() as u64 > limit => Err(Error::TooLarge {
                path: path.to_owned(),
                cap_bytes: limit,
            }),
            found => Ok(found.cloned()),
        }
    }

    fn list(&self, folder: &Utf8Path, caps: ListCaps) -> Result<Option<Vec<Utf8PathBuf>>, Error> {
        let found = self.scan(folder, usize::MAX)?;
        let too_many = |cap, unit| Error::TooMany {
            path: folder.to_owned(),
            cap,
            unit,
        };
        if found.len() > caps.entries {
            return Err(too_many(caps.entries, "entries"));
        }
        if self.scan(folder, caps.depth)?.len() < found.len() {
            return Err(too_many(caps.depth, "levels of folders"));
        }
        Ok((!found.is_empty()).then_some(found))
    }

    fn entries(&self, folder: &Utf8Path) -> Result<Option<Entries>, Error> {
        let mut folders = BTreeSet::new();
        let mut found = Entries::default();
        for (path, rest) in self.below(folder) {
            match rest.split_once('/') {
                None => found.files.push(path.into()),
                Some((name, _)) => drop(folders.insert(folder.join(name))),
            }
        }
        found.folders = folders.into_iter().collect();
        let is_there = !found.files.is_empty() || !found.folders.is_empty();
        Ok(is_there.then_some(found))
    }

    fn scan(&self, folder: &Utf8Path, depth: usize) -> Result<Vec<Utf8PathBuf>, Error> {
        let within = self
            .below(folder)
            .filter(|(_, rest)| rest.matches('/').count() <= depth);
        Ok(within.map(|(path, _)| path.into()).collect())
    }

    fn state(&self, paths: &[ArtifactPath]) -> Result<Vec<(ArtifactPath, DiskEntry)>, Error> {
        let entry = |path: &ArtifactPath| match self.0.get(path.as_str()) {
            Some(bytes) => DiskEntry::File {
                bytes: bytes.clone(),
                executable: false,
            },
            None => DiskEntry::Absent,
        };
        Ok(paths
            .iter()
            .map(|path| (path.clone(), entry(path)))
            .collect())
    }
}

/// Other inputs with some texts edited.
pub(crate) struct Edited<'a> {
    below: &'a dyn Inputs,
    texts: BTreeMap<&'a str, &'a str>,
}

impl<'a> Edited<'a> {
    /// The same with this text at a path, be there a file or not.
    #[must_use]
    pub(crate) fn new(below: &'a dyn Inputs, path: &'a str, text: &'a str) -> Self {
        Self {
            below,
            texts: BTreeMap::from([(path, text)]),
        }
    }

    /// The same with several texts, by path.
    #[must_use]
    pub(crate) fn with(below: &'a dyn Inputs, texts: &'a BTreeMap<String, String>) -> Self {
        let texts = texts
            .iter()
            .map(|(path, text)| (path.as_str(), text.as_str()));
        Self {
            below,
            texts: texts.collect(),
        }
    }
}

impl Inputs for Edited<'_> {
    fn text(&self, path: &Utf8Path, limit: u64) -> Result<Option<Vec<u8>>, Error> {
        match self.texts.get(path.as_str()) {
            Some(text) => Ok(Some(text.as_bytes().to_vec())),
            None => self.below.text(path, limit),
        }
    }

    fn list(&self, folder: &Utf8Path, caps: ListCaps) -> Result<Option<Vec<Utf8PathBuf>>, Error> {
        self.below.list(folder, caps)
    }

    fn entries(&self, folder: &Utf8Path) -> Result<Option<Entries>, Error> {
        let found = self.below.entries(folder)?;
        let mut alone = Files::default();
        for (path, text) in &self.texts {
            alone.put(path, *text);
        }
        let Some(edited) = alone.entries(folder)? else {
            return Ok(found);
        };
        let mut all = found.unwrap_or_default();
        all.files.extend(edited.files);
        all.folders.extend(edited.folders);
        for paths in [&mut all.files, &mut all.folders] {
            paths.sort_unstable_by(|one, other| one.as_str().cmp(other.as_str()));
            paths.dedup();
        }
        Ok(Some(all))
    }

    fn scan(&self, folder: &Utf8Path, depth: usize) -> Result<Vec<Utf8PathBuf>, Error> {
        self.below.scan(folder, depth)
    }

    fn state(&self, paths: &[ArtifactPath]) -> Result<Vec<(ArtifactPath, DiskEntry)>, Error> {
        self.below.state(paths)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files() -> Files {
        let mut files = Files::declaring("a: 1\n");
        for path in ["d/a.yaml", "d/e/b.yaml", "da/c.yaml"] {
            files.put(path, "x");
        }
        files
    }

    #[test]
    fn a_folder_in_memory_is_listed_as_one_on_disk() {
        let files = files();
        let folder = Utf8Path::new("d");
        let scanned = |depth| files.scan(folder, depth).unwrap();
        assert_eq!(scanned(0), ["d/a.yaml"]);
        assert_eq!(scanned(9), ["d/a.yaml", "d/e/b.yaml"]);
        let entries = files.entries(folder).unwrap().unwrap();
        assert_eq!(
            (entries.files, entries.folders),
            (vec!["d/a.yaml".into()], vec!["d/e".into()])
        );
        assert_eq!(files.entries(Utf8Path::new("x")).unwrap(), None);
        let root = files.entries(Utf8Path::new("")).unwrap().unwrap();
        assert_eq!(root.folders, ["d", "da"]);
        assert!(files.text(Utf8Path::new("d/a.yaml"), 0).is_err());
    }

    #[test]
    fn an_edited_text_is_there_whether_the_file_is_or_not() {
        let files = files();
        for (path, count) in [("d/a.yaml", 1), ("d/new.yaml", 2)] {
            let edited = Edited::new(&files, path, "new");
            let entries = edited.entries(Utf8Path::new("d")).unwrap().unwrap();
            assert_eq!(entries.files.len(), count);
            let text = edited.text(Utf8Path::new(path), 9).unwrap();
            assert_eq!(text.as_deref(), Some(b"new".as_slice()));
        }
        let edited = Edited::new(&files, "n/new.yaml", "new");
        assert!(edited.entries(Utf8Path::new("n")).unwrap().is_some());
    }
}
