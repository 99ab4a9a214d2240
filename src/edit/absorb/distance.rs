//! How far what a declaration renders is from what somebody made of it.

use std::collections::BTreeSet;

use super::error::AbsorbError;
use super::target::{DERIVED, Target};
use crate::artifact::ArtifactPath;
use crate::dockerfile::judge::{HARMLESS_RULES, judge};
use crate::drift::{changes, lines as lines_of};

/// How far the rendered file is from the edited one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Distance {
    /// How much differs in the image; nothing for a file that is not a Dockerfile.
    pub(super) image: Option<usize>,
    /// How many lines differ.
    pub(super) lines: usize,
}

impl Distance {
    /// That of a file that is not declared.
    pub(super) const ENDLESS: Self = Self {
        image: None,
        lines: usize::MAX,
    };

    /// That of a file, and what the images differ in.
    pub(super) fn of(target: &Target<'_>) -> (Self, Vec<String>) {
        let (old, new) = (
            lines_of(target.rendered.as_bytes()),
            lines_of(target.edited.as_bytes()),
        );
        let lines = changes(&old, &new)
            .iter()
            .map(|change| change.old.len() + change.new.len())
            .sum();
        let denied: BTreeSet<String> = HARMLESS_RULES
            .iter()
            .map(|rule| rule.id.to_owned())
            .collect();
        let meanings = target.meanings();
        let differences = meanings
            .map(|[rendered, edited]| judge(rendered, edited, &denied))
            .unwrap_or_default();
        let told = differences.into_iter().map(|found| found.text);
        let told: Vec<String> = told.filter(|text| !follows_from_the_rest(text)).collect();
        let image = meanings.map(|_| told.len());
        (Self { image, lines }, told)
    }

    /// Whether a candidate is worth its edit: for a Dockerfile the image counts, and lines only
    /// where all of them are right.
    pub(super) fn is_nearer_than(self, now: Self) -> bool {
        match (self.image, now.image) {
            (Some(image), Some(before)) => image < before || self.lines == 0,
            _ => self.lines < now.lines,
        }
    }

    /// Why a file is not absorbed that is still so far away; `refusal` is an error that the
    /// declaration would have.
    pub(super) fn refused(
        self,
        path: &ArtifactPath,
        rest: &[String],
        refusal: Option<&str>,
    ) -> AbsorbError {
        let mut reason = match (self.image, rest.first()) {
            (Some(0), _) => {
                "the edit changes nothing in the image, and no field says it".to_owned()
            }
            (_, Some(first)) => {
                let more = rest.len() - 1;
                let more = if more == 0 {
                    String::new()
                } else {
                    format!(" (and {more} more)")
                };
                format!("no field of services.yaml says what it does: {first}{more}")
            }
            _ => "no field of services.yaml says what it changes".to_owned(),
        };
        if let Some(refusal) = refusal {
            reason = format!("{reason}; the declaration would have an error: {refusal}");
        }
        AbsorbError::NotDeclarable {
            path: path.to_string(),
            reason,
        }
    }
}

/// Whether a label says what FROM or the version of a base says.
fn follows_from_the_rest(difference: &str) -> bool {
    let label = difference.strip_prefix("changes the label ");
    label.is_some_and(|label| DERIVED.iter().any(|derived| label.starts_with(derived)))
}
