//! What a rule is.

use super::ground::Ground;
use super::judge::Judge;
use crate::diagnostic::{Code, Severity};

/// A rule about the fleet.
pub struct Rule {
    /// Its code, with its severity where the policy does not say otherwise.
    pub code: Code,
    pub(super) check: fn(&Ground<'_>, &mut Judge<'_>),
}

/// The part of a code that is the same for every rule.
pub(super) const PLAIN: Code = Code {
    id: "",
    severity: Severity::Warning,
    optional: false,
    follows: false,
    summary: "",
    explanation: "",
    example: "",
    fixed: "",
};
