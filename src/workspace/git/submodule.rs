//! Submodules: repositories of their own, whose files are in the build context like any other.

use std::path::Path;

use super::oid::Oid;
use super::repository::{Home, Repository};
use super::{Error, compare_with};

/// How deep submodules are looked at; one that is deeper counts as changed.
const DEPTH_LIMIT: u8 = 16;

/// How submodules are looked at.
#[derive(Debug)]
pub(super) struct Submodules<'a> {
    pub(super) home: &'a Home,
    pub(super) depth: u8,
}

impl Submodules<'_> {
    /// Whether a folder is the top of a repository.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn has_repository(&self, folder: &Path) -> Result<bool, Error> {
        match Repository::at(folder, self.home) {
            // Untracked files may be anything, also a `.git` that leads nowhere: then the folder
            // counts too.
            Err(Error::Invalid { .. }) => Ok(true),
            found => Ok(found?.is_some()),
        }
    }

    /// Whether a submodule is not what the revision has: its own commit differs, or any file that
    /// is not ignored in it differs from that commit, new files included. One that is not checked
    /// out is as the index has it.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn differs(&self, folder: &Path, staged: Oid, then: Oid) -> Result<bool, Error> {
        let Some(repository) = Repository::at(folder, self.home)? else {
            return Ok(staged != then);
        };
        if self.depth == DEPTH_LIMIT {
            return Ok(true);
        }
        let plumbing = super::plumbing::Plumbing::new(&repository)?;
        match plumbing.commit("HEAD") {
            Ok(head) if head == then => {
                let below = Submodules {
                    home: self.home,
                    depth: self.depth + 1,
                };
                Ok(!compare_with(&repository, &plumbing, &below, head, b"")?.is_empty())
            }
            Ok(_) | Err(Error::UnknownRevision { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }
}
