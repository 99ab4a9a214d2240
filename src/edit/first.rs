//! The first services.yaml of a repository: what its Dockerfiles and its folders of sources show,
//! else a commented example.

use std::collections::BTreeMap;

use crate::dockerfile::meaning::Tree;
use crate::edit::adopt::{Adopted, Ask, Fate, Proposal, With, adopt};
use crate::edit::found::{Found, found};
use crate::edit::starter::starter;
use crate::project::{Error, VERSION};
use crate::values::range_from;

/// A first declaration, and what it is made from.
pub(crate) struct First {
    /// The text of services.yaml.
    pub(crate) text: String,
    /// The services that come from folders without a Dockerfile: their folders, sorted.
    pub(crate) folders: Vec<String>,
    /// What became of the Dockerfiles that are there.
    pub(crate) dockerfiles: Vec<Adopted>,
    /// Folders of services that are not declared, since no declaration fits them, and why.
    pub(crate) refused: BTreeMap<String, String>,
    /// Folders of services that are not declared, since nothing was found that starts them.
    pub(crate) idle: Vec<String>,
    /// Folders of services that are not declared, since no field can have such a path.
    pub(crate) unfit: Vec<String>,
}

impl First {
    /// Reads a repository without a declaration.
    ///
    /// # Errors
    /// A file is over a bound.
    pub(crate) fn of(tree: &dyn Tree) -> Result<Self, Error> {
        let mut found = found(tree);
        let mut proposal = proposed(tree, &found)?;
        let refused = refused(&proposal, &found);
        if !refused.is_empty() {
            found
                .drafts
                .retain(|path, _| !refused.contains_key(folder(path)));
            proposal = proposed(tree, &found)?;
        }
        let is_draft = |image: &Adopted| found.drafts.contains_key(&image.original.path);
        let declared = proposal.images.iter().filter(|image| is_draft(image));
        let declared = declared.filter(|image| image.likeness().is_some());
        let folders = declared.map(|image| folder(&image.original.path).to_owned());
        Ok(Self {
            folders: folders.collect(),
            text: proposal.text.unwrap_or_else(|| starter(VERSION)),
            dockerfiles: proposal
                .images
                .into_iter()
                .filter(|image| !is_draft(image))
                .collect(),
            refused,
            idle: found.idle,
            unfit: found.unfit,
        })
    }

    /// Whether the text declares something of the repository.
    pub(crate) fn is_of_repository(&self) -> bool {
        let is_declared = |image: &Adopted| image.likeness().is_some();
        !self.folders.is_empty() || self.dockerfiles.iter().any(is_declared)
    }
}

fn proposed(tree: &dyn Tree, found: &Found) -> Result<Proposal, Error> {
    let drafts = found.drafts.iter();
    let with = With::new(
        tree,
        drafts.map(|(path, text)| (path.as_str(), text.as_str())),
    );
    let ask = Ask {
        below: &[],
        existing: None,
        required_version: Some(range_from(VERSION)),
        origin: "Created by `dockwright init` from this repository; review each line",
    };
    adopt(&with, &ask)
}

/// The folders of drafts that could not be declared, and why.
fn refused(proposal: &Proposal, found: &Found) -> BTreeMap<String, String> {
    let mut refused = BTreeMap::new();
    for image in &proposal.images {
        let path = &image.original.path;
        if let (Fate::Kept(why), true) = (&image.fate, found.drafts.contains_key(path)) {
            refused.insert(folder(path).to_owned(), why.clone());
        }
    }
    refused
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or(".", |(folder, _)| folder)
}
