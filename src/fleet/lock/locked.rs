//! What a lock is, as it was read.

use std::sync::Arc;

use pep440_rs::{Operator, Version};

use crate::fleet::origin::Origin;
use crate::values::requirement::Requirement;

/// Whether what an image installs is locked.
#[derive(Debug, Clone, Default)]
pub(crate) enum Locked {
    /// It is not to be.
    #[default]
    No,
    /// It is to be, but there is no lock that can be read.
    Missing,
    /// By this lock.
    By(Arc<Lock>),
}

impl Locked {
    /// Whether there is to be a lock.
    #[must_use]
    pub(crate) fn is_wanted(&self) -> bool {
        !matches!(self, Self::No)
    }

    /// Whether there is to be one, and is none.
    #[must_use]
    pub(crate) fn is_missing(&self) -> bool {
        matches!(self, Self::Missing)
    }

    /// The lock.
    #[must_use]
    pub(crate) fn lock(&self) -> Option<&Lock> {
        if let Self::By(lock) = self {
            Some(lock)
        } else {
            None
        }
    }
}

/// A lock: everything that pip installs into an image beyond what the bases below have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// The digest over what it was resolved from.
    pub(crate) digest: String,
    /// What it was resolved from, as its header tells.
    pub(crate) inputs: Inputs,
    /// The packages, by name.
    pub(crate) pins: Vec<Pin>,
    /// The positions of [`Lock::pins`], ordered by name.
    by_name: Vec<usize>,
}

impl Lock {
    /// A lock of these pins.
    #[must_use]
    pub(crate) fn new(digest: String, inputs: Inputs, pins: Vec<Pin>) -> Self {
        let mut by_name: Vec<usize> = (0..pins.len()).collect();
        by_name.sort_by_key(|at| pins.get(*at).map(|pin| pin.requirement.normalized_name()));
        Self {
            digest,
            inputs,
            pins,
            by_name,
        }
    }

    /// The pins of a package, by its normalised name.
    pub(crate) fn pins_of<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Pin> + use<'a> {
        let name_of = |at: &usize| {
            self.pins
                .get(*at)
                .map_or("", |pin| pin.requirement.normalized_name())
        };
        let first = self.by_name.partition_point(|at| name_of(at) < name);
        let rest = &self.by_name[first..];
        let of_name = &rest[..rest.partition_point(|at| name_of(at) == name)];
        of_name.iter().map(|at| &self.pins[*at])
    }
}

/// One package of a lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pin {
    /// One version or one URL, without extras; with a marker where it is not for every platform.
    pub(crate) requirement: Requirement,
    /// What its files may hash to, each as 64 hexadecimal digits of SHA-256.
    pub(crate) hashes: Vec<String>,
    /// The packages that require it, normalised; [`super::DECLARED`] for the declaration itself.
    pub(crate) via: Vec<String>,
}

impl Pin {
    /// The version; nothing for a URL.
    #[must_use]
    pub(crate) fn version(&self) -> Option<Version> {
        pinned_version(&self.requirement)
    }

    /// What it is pinned to, for people: a version or a URL.
    #[must_use]
    pub(crate) fn shown(&self) -> String {
        if let Some(version) = self.version() {
            return version.to_string();
        }
        let url = self.requirement.url();
        url.expect("a pin without a version has a URL").to_owned()
    }
}

/// The version of a requirement that takes one alone.
#[must_use]
pub(crate) fn pinned_version(requirement: &Requirement) -> Option<Version> {
    let specifiers = requirement.specifiers()?;
    match &*specifiers {
        [only] if *only.operator() == Operator::Equal => Some(only.version().clone()),
        _ => None,
    }
}

/// One thing that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Input {
    /// What it is: `python`, `platform`, `index`, `source-builds`, `below` or `requirement`.
    pub(crate) key: String,
    /// Its text.
    pub(crate) value: String,
    /// Where it is declared; nothing for what a lock recorded.
    pub(crate) origin: Option<Origin>,
}

/// All of it, in one order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Inputs(pub(crate) Vec<Input>);
