//! How strictly a fleet takes the rules about its dependencies, and what it allows all the same.

use std::collections::{BTreeMap, BTreeSet};

use super::origin::Origin;
use crate::diagnostic::Severity;
use crate::values::{Date, RelPath, Sha256};

/// The level of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Level {
    /// It is looked for, with this severity.
    Report(Severity),
    /// The rule is off.
    Allow,
}

/// The policy of a fleet.
#[derive(Debug, Clone, Default)]
pub(crate) struct Policy {
    /// How rules are taken, by code, where the fleet says so.
    pub(crate) rules: BTreeMap<&'static str, Level>,
    /// How rules are taken for single images: by image, then by code.
    pub(crate) images: BTreeMap<String, BTreeMap<&'static str, Severity>>,
    /// Further packages for development only, by normalised name.
    pub(crate) development: Vec<String>,
    /// Packages that the fleet does not want.
    pub(crate) replacements: Vec<Replacement>,
    /// Findings that are allowed. allowances: [{ rule: secret-in-env, image: svc-api, reason: a
    /// public key }]
    pub(crate) allowances: Vec<Allowance>,
    /// Generated files that may differ for a while.
    pub(crate) waivers: Vec<Waiver>,
    /// Harmless differences of images that count as different all the same, by name.
    pub(crate) denied: BTreeSet<String>,
}

/// A package that is not wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Replacement {
    /// Its normalised name.
    pub(crate) package: String,
    /// What to take instead; nothing where it is to be left out.
    pub(crate) with: Option<String>,
    /// Why.
    pub(crate) reason: String,
}

/// An exception from a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Allowance {
    /// Its entry in services.yaml.
    pub(crate) origin: Origin,
    /// The code of the rule.
    pub(crate) rule: &'static str,
    /// The image; every image where there is none.
    pub(crate) image: Option<String>,
    /// The subject: a package by its normalised name, a variable, a set or an index; every one
    /// where there is none.
    pub(crate) package: Option<String>,
    /// Why.
    pub(crate) reason: String,
    /// The last day.
    pub(crate) until: Option<Date>,
}

/// A generated file that may differ until a day, as long as it has exactly these bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Waiver {
    /// Its entry in services.yaml.
    pub(crate) origin: Origin,
    /// The file, below the root.
    pub(crate) file: RelPath,
    /// The digest of its content.
    pub(crate) sha256: Sha256,
    /// Why.
    pub(crate) reason: String,
    /// The last day.
    pub(crate) until: Date,
}

impl Waiver {
    /// Whether its last day is over.
    pub(crate) fn is_over(&self, today: &Date) -> bool {
        *today > self.until
    }
}
