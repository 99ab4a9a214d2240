//! What is asked for, and what becomes of each Dockerfile.

use super::existing::Existing;
use super::find::Original;
use crate::dockerfile::judge::{Difference, Likeness};

/// What is proposed.
#[derive(Debug)]
pub struct Proposal {
    /// The text of services.yaml; nothing where there is nothing to declare.
    pub text: Option<String>,
    /// What becomes of each Dockerfile, in the order of paths.
    pub images: Vec<Adopted>,
}

impl Proposal {
    /// The names of the services that it declares.
    pub(crate) fn declared(&self) -> impl Iterator<Item = &str> {
        let declared = self
            .images
            .iter()
            .filter(|image| image.likeness().is_some());
        declared.map(|image| image.original.name.as_str())
    }
}

/// A Dockerfile, and what becomes of it.
#[derive(Debug)]
pub struct Adopted {
    /// The Dockerfile and what it is built with.
    pub original: Original,
    /// What becomes of it.
    pub fate: Fate,
    /// What no field says, as phrases.
    pub notes: Vec<String>,
    /// How many of its instructions and commands there are.
    pub instructions: usize,
    /// How many of these are steps of `run`.
    pub steps: usize,
    /// How many instructions became hooks: only images that were generated have them.
    pub hooks: usize,
}

/// What becomes of a Dockerfile.
#[derive(Debug)]
pub enum Fate {
    /// It is declared; what differs.
    Declared(Vec<Difference>),
    /// It is not for Python.
    Foreign,
    /// It cannot be read, or no declaration can say it.
    Kept(String),
}

impl Adopted {
    /// What the image is to its original; nothing where it is not declared.
    #[must_use]
    pub fn likeness(&self) -> Option<Likeness> {
        match &self.fate {
            Fate::Declared(found) => Some(Likeness::of(found)),
            Fate::Foreign | Fate::Kept(_) => None,
        }
    }
}

/// What a proposal is made with.
pub struct Ask<'a> {
    /// Only Dockerfiles at or below these paths; all where there is none.
    pub below: &'a [String],
    /// The declaration that is there: it is extended, and what it declares is passed over.
    pub existing: Option<&'a Existing>,
    /// The versions of dockwright that the declaration is for.
    pub required_version: Option<String>,
    /// What the first line of a new declaration says of where it comes from.
    pub origin: &'a str,
}
