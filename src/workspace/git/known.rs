//! What git knows of each path: what the revision has there, and what the index has.

use std::collections::BTreeMap;

use super::entry::Entry;
use super::error::Error;
use super::index::{self, FOLDER};
use super::oid::Oid;
use super::plumbing::{Plumbing, TreeEntry};
use super::repository::{Repository, bytes};
use super::split;
use super::stat::Time;

/// The mode of a submodule.
pub(super) const SUBMODULE: u32 = 0o160_000;
/// The longest index that is read, in bytes: millions of files.
const INDEX_LIMIT_BYTES: u64 = 256 << 20;

/// What git knows of a path.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What the revision has.
    pub(super) then: Option<TreeEntry>,
    /// What the index has.
    pub(super) staged: Option<Entry>,
    /// A merge is not resolved.
    pub(super) is_unmerged: bool,
    /// Something is there on disk.
    pub(super) is_seen: bool,
}

/// Everything that git knows of the paths below a folder.
#[derive(Debug)]
pub(super) struct Tracked {
    pub(super) paths: BTreeMap<Vec<u8>, Known>,
    /// When the index was written.
    pub(super) index_time: Time,
}

impl Tracked {
    /// Reads a revision's tree and the index. `below` is a folder with a slash at its end, or
    /// empty.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn read(
        repository: &Repository,
        plumbing: &Plumbing,
        commit: Oid,
        below: &[u8],
    ) -> Result<Self, Error> {
        let mut paths: BTreeMap<Vec<u8>, Known> = BTreeMap::new();
        let mut folders = BTreeMap::new();
        for (path, entry) in plumbing.tree(commit, below)? {
            if entry.mode == FOLDER {
                folders.insert(path, entry.oid);
            } else {
                let mode = plain_mode(entry.mode);
                paths.insert(
                    path,
                    Known {
                        then: Some(TreeEntry { mode, ..entry }),
                        ..Known::default()
                    },
                );
            }
        }
        let (entries, index_time) = read_index(repository)?;
        let mut tracked = Self { paths, index_time };
        for entry in entries {
            if entry.mode == FOLDER {
                tracked.expand(&entry, &folders, plumbing, below)?;
            } else if entry.path.starts_with(below) {
                tracked.stage(entry);
            }
        }
        Ok(tracked)
    }

    fn stage(&mut self, entry: Entry) {
        let known = self.paths.entry(entry.path.clone()).or_default();
        known.is_unmerged |= entry.stage != 0;
        known.staged = Some(Entry {
            mode: plain_mode(entry.mode),
            ..entry
        });
    }

    /// Takes a folder of a sparse index for the files in it: those of its tree.
    fn expand(
        &mut self,
        folder: &Entry,
        folders: &BTreeMap<Vec<u8>, Oid>,
        plumbing: &Plumbing,
        below: &[u8],
    ) -> Result<(), Error> {
        let is_related = folder.path.starts_with(below) || below.starts_with(&folder.path);
        if !is_related {
            return Ok(());
        }
        let name = folder.path.strip_suffix(b"/").unwrap_or(&folder.path);
        let of_revision = (folders.get(name) == Some(&folder.oid)).then(|| {
            let in_folder = self.paths.range(folder.path.clone()..);
            let in_folder = in_folder.take_while(|(path, _)| path.starts_with(&folder.path));
            in_folder
                .filter_map(|(path, known)| known.then.map(|entry| (path.clone(), entry)))
                .collect::<Vec<_>>()
        });
        let files = match of_revision {
            Some(files) => files,
            None => plumbing
                .tree(folder.oid, b"")?
                .into_iter()
                .map(|(path, entry)| ([folder.path.as_slice(), &path].concat(), entry))
                .collect(),
        };
        let is_file =
            |(path, entry): &(Vec<u8>, TreeEntry)| path.starts_with(below) && entry.mode != FOLDER;
        for (path, TreeEntry { mode, oid }) in files.into_iter().filter(is_file) {
            self.stage(Entry {
                path,
                mode,
                oid,
                ..folder.clone()
            });
        }
        Ok(())
    }

    /// Whether git knows a path in a folder.
    pub(super) fn has_in(&self, folder: &[u8]) -> bool {
        let start = [folder, b"/"].concat();
        self.paths
            .range(start.clone()..)
            .next()
            .is_some_and(|(path, _)| path.starts_with(&start))
    }
}

/// Old versions of git stored other permissions than these two.
fn plain_mode(mode: u32) -> u32 {
    match (mode & 0o170_000, mode & 0o100) {
        (0o100_000, 0) => 0o100_644,
        (0o100_000, _) => 0o100_755,
        (kind, _) => kind,
    }
}

/// The entries of the index with the time at which it was written. Without an index nothing is
/// tracked.
fn read_index(repository: &Repository) -> Result<(Vec<Entry>, Time), Error> {
    let path = repository.git_dir.join("index");
    let format = repository.settings.format;
    let Some((content, time)) = bytes(&path, INDEX_LIMIT_BYTES)? else {
        return Ok((Vec::new(), (0, 0)));
    };
    let invalid = |reason| Error::invalid(&path, reason);
    let index = index::parse(&content, format).map_err(invalid)?;
    let Some(link) = index.link.filter(split::Link::has_base) else {
        return Ok((index.entries, time));
    };
    let shared = repository
        .git_dir
        .join(format!("sharedindex.{}", link.base.to_hex()));
    let Some((content, _)) = bytes(&shared, INDEX_LIMIT_BYTES)? else {
        return Err(Error::invalid(
            &shared,
            "it is missing, and the index needs it",
        ));
    };
    let base = index::parse(&content, format).map_err(|reason| Error::invalid(&shared, reason))?;
    let entries = split::join(base.entries, index.entries, &link);
    Ok((
        entries.ok_or_else(|| invalid("it does not belong to its shared index"))?,
        time,
    ))
}
