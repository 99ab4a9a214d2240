//! The judge: what two meanings differ in, and whether that matters.
//!
//! Three words, everywhere: two images are *same* where nothing differs, *harmless* where every
//! difference is of a kind that a [`HarmlessRule`] names, *different* otherwise. The rules have a
//! direction: root that becomes another account is harmless, the way back is not. A policy can
//! deny each of them; what it names then counts as different.

mod below;
mod files;
mod packages;
mod rules;
mod running;

pub use rules::HARMLESS_RULES;
pub(crate) use rules::{HarmlessRule, find_rule};

use std::collections::BTreeSet;

use super::meaning::{Meaning, in_words};

/// One difference, seen from the first image to the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub(crate) aspect: Aspect,
    /// What the second image does otherwise, as a phrase that begins with a verb. It holds text of
    /// the two Dockerfiles.
    pub text: String,
    /// Whether it matters.
    pub verdict: Verdict,
}

/// What a difference is about, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Aspect {
    /// The image below.
    Base,
    /// Packages of the distribution.
    Packages,
    /// Packages of Python and what installs them.
    Python,
    /// Files.
    Files,
    /// Folders, and whom they belong to.
    Folders,
    /// Steps.
    Steps,
    /// Variables.
    Env,
    /// The account.
    User,
    /// What is started, and where.
    Command,
    /// Ports, volumes, the stop signal.
    Interface,
    /// The health check.
    Health,
    /// Labels.
    Labels,
}

/// Whether a difference matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It does not, by a rule.
    Harmless(&'static HarmlessRule),
    /// It may.
    Different,
}

/// What two images are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Likeness {
    /// Nothing differs.
    Same,
    /// What differs is harmless.
    Harmless,
    /// Something differs that may matter.
    Different,
}

impl Likeness {
    /// What differences add up to.
    #[must_use]
    pub fn of(differences: &[Difference]) -> Self {
        let is_different = |found: &Difference| found.verdict == Verdict::Different;
        if differences.is_empty() {
            Self::Same
        } else if differences.iter().any(is_different) {
            Self::Different
        } else {
            Self::Harmless
        }
    }

    /// The one word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Harmless => "harmless",
            Self::Different => "different",
        }
    }
}

/// Compares two images. `denied` holds the names of rules that do not count.
#[must_use]
pub fn judge(before: &Meaning, after: &Meaning, denied: &BTreeSet<String>) -> Vec<Difference> {
    let mut found = Found {
        differences: Vec::new(),
        denied,
    };
    packages::base(&mut found, before, after);
    packages::distribution(&mut found, before, after);
    packages::python(&mut found, before, after);
    files::files(&mut found, before, after);
    files::folders(&mut found, before, after);
    running::steps(&mut found, before, after);
    running::env(&mut found, before, after);
    running::user(&mut found, before, after);
    running::commands(&mut found, before, after);
    running::interface(&mut found, before, after);
    running::health(&mut found, before, after);
    running::labels(&mut found, before, after);
    let is_same = before.base.reference == after.base.reference;
    let image = Some(before.base.reference.as_str()).filter(|_| is_same);
    for difference in &mut found.differences {
        difference.text = in_words(&difference.text, image.unwrap_or("the image below"));
    }
    found.differences
}

/// Counts what these rules call harmless as different.
pub(crate) fn deny(differences: &mut [Difference], denied: &BTreeSet<String>) {
    for found in differences {
        let is_denied =
            matches!(found.verdict, Verdict::Harmless(rule) if denied.contains(rule.id));
        if is_denied {
            found.verdict = Verdict::Different;
        }
    }
}

/// Differences while they are gathered.
struct Found<'a> {
    differences: Vec<Difference>,
    denied: &'a BTreeSet<String>,
}

impl Found<'_> {
    fn different(&mut self, aspect: Aspect, text: String) {
        self.differences.push(Difference {
            aspect,
            text,
            verdict: Verdict::Different,
        });
    }

    /// A difference that a rule names; different where the rule is denied.
    fn harmless(&mut self, aspect: Aspect, rule: &'static HarmlessRule, text: String) {
        let verdict = if self.denied.contains(rule.id) {
            Verdict::Different
        } else {
            Verdict::Harmless(rule)
        };
        self.differences.push(Difference {
            aspect,
            text,
            verdict,
        });
    }

    /// A difference that is harmless where a rule holds.
    fn judged(&mut self, aspect: Aspect, rule: Option<&'static HarmlessRule>, text: String) {
        match rule {
            Some(rule) => self.harmless(aspect, rule, text),
            None => self.different(aspect, text),
        }
    }
}

/// Some of a list, and how many more there are.
fn some_of(names: &[String]) -> String {
    const SHOWN: usize = 3;
    let shown = names
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}
