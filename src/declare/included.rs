//! The files that a declaration includes, and which of them holds each entry.

use indexmap::IndexSet;

use super::include::Pattern;

/// The files of a declaration beside services.yaml, and which of them holds each entry.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Included {
    /// The patterns, as far as they could be read, each once.
    pub(super) patterns: IndexSet<Pattern>,
    pub(super) files: Vec<String>,
    pub(super) requirements: Entries,
    pub(super) services: Entries,
}

/// Where the entries of a section come from: first those of services.yaml, then, file by file,
/// those of included ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Entries {
    /// How many services.yaml itself has.
    pub(super) own: usize,
    /// The file and the position there of each further one.
    pub(super) further: Vec<(usize, usize)>,
}

impl Included {
    /// Whether a path is one that the patterns mean, be it there or not.
    #[must_use]
    pub(crate) fn covers(&self, path: &str) -> bool {
        let path: Vec<&str> = path.split('/').collect();
        self.patterns
            .iter()
            .any(|pattern| pattern.matches_names(&path))
    }

    /// Whether the patterns can mean something below a folder.
    #[must_use]
    pub(crate) fn reaches_into(&self, folder: &str) -> bool {
        self.patterns
            .iter()
            .any(|pattern| pattern.reaches_into(folder))
    }

    /// The included file that holds a service and its position there; `None` for one of
    /// services.yaml itself.
    #[must_use]
    pub(crate) fn service(&self, position: usize) -> Option<(&str, usize)> {
        self.place(&self.services, position)
    }

    /// The same for a requirement set.
    #[must_use]
    pub(crate) fn requirement(&self, position: usize) -> Option<(&str, usize)> {
        self.place(&self.requirements, position)
    }

    fn place(&self, entries: &Entries, position: usize) -> Option<(&str, usize)> {
        let (file, local) = entries.further.get(position.checked_sub(entries.own)?)?;
        Some((self.files.get(*file)?, *local))
    }
}
