//! Submodules: repositories of their own, whose files are in the build context like any other.

use std::path::Path;

use super::compare::{Nested, compare_with};
use super::error::Error;
use super::oid::Oid;
use super::plumbing::Plumbing;
use super::repository::{Home, Repository};

/// How deep submodules are looked at; one that is deeper counts as changed.
const DEPTH_LIMIT: u8 = 16;

/// How submodules are looked at.
#[derive(Debug)]
pub(super) struct Submodules<'a> {
    pub(super) home: &'a Home,
    pub(super) depth: u8,
}

impl Nested for Submodules<'_> {
    fn has_repository(&self, folder: &Path) -> Result<bool, Error> {
        match Repository::at(folder, self.home) {
            // Untracked files may be anything, also a `.git` that leads nowhere: then the folder
            // counts too.
            Err(Error::Invalid { .. }) => Ok(true),
            found => Ok(found?.is_some()),
        }
    }

    fn differs(&self, folder: &Path, staged: Oid, then: Oid) -> Result<bool, Error> {
        let Some(repository) = Repository::at(folder, self.home)? else {
            return Ok(staged != then);
        };
        if self.depth == DEPTH_LIMIT {
            return Ok(true);
        }
        let plumbing = Plumbing::new(&repository)?;
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
