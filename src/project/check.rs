//! The one question of `check`, `generate` and `build`: is everything as services.yaml says?
//!
//! The answers come in this order, and each is told only where the ones before leave something to
//! judge: the version that the declaration requires (before it is parsed, once there is such a
//! field), its syntax, its meaning, the rules, and then drift. Warnings and hints are told and
//! decide nothing.

use std::collections::BTreeSet;

use super::compare::{Compared, Comparison, Missing};
use super::disk::Disk;
use super::error::Error;
use super::inputs::Inputs;
use super::loaded::{Loaded, WatchedTracer};
use super::part::Part;
use super::waivers::{self, Waived};
use crate::artifact::ArtifactPath;
use crate::diagnostic::Diagnostic;
use crate::drift::{Consent, DriftReport};
use crate::fleet::Fleet;
use crate::images::Scope;
use crate::parallel::both;
use crate::rules::judge;
use crate::values::Date;

/// From how many images on rules are judged while files are compared: neither waits for the other.
const PARALLEL_FROM: usize = 512;

/// What a check is to tell.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// Which images it looks at.
    pub scope: &'a Scope,
    /// The day that allowances are held against; without one none is over.
    pub today: Option<&'a Date>,
    /// Whether waivers of drift count, where the day is known.
    pub waivers: bool,
    /// What it keeps of missing files.
    pub missing: Missing,
}

impl<'a> Ask<'a> {
    /// On no day.
    #[must_use]
    pub(crate) fn undated(scope: &'a Scope, missing: Missing) -> Self {
        Self {
            scope,
            today: None,
            waivers: true,
            missing,
        }
    }
}

/// A fleet, judged and compared.
pub struct Checked<'a> {
    /// What was checked.
    pub(crate) loaded: &'a Loaded,
    /// What is wrong with the declaration, then what the rules found.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// How many images were looked at, where not all were.
    pub(crate) images: Option<usize>,
    /// What differs and is allowed for now.
    pub(crate) waived: Vec<Waived>,
    /// The files that a waiver would allow were the day known.
    undated: BTreeSet<ArtifactPath>,
    compared: Compared,
}

/// Judges the rules and compares; while the declaration has errors nothing is.
///
/// # Errors
/// A template is broken, a file cannot be read, or the scope names an image that is not there.
pub fn check<'a>(
    inputs: &dyn Inputs,
    loaded: &'a Loaded,
    ask: &Ask<'_>,
) -> Result<Checked<'a>, Error> {
    checked(inputs, loaded, (ask, true))
}

/// The same without the rules: what is rendered, and how it differs from the disk.
///
/// # Errors
/// As [`check`].
pub(crate) fn compare<'a>(
    inputs: &dyn Inputs,
    loaded: &'a Loaded,
    ask: &Ask<'_>,
) -> Result<Checked<'a>, Error> {
    checked(inputs, loaded, (ask, false))
}

fn checked<'a>(
    inputs: &dyn Inputs,
    loaded: &'a Loaded,
    (ask, has_rules): (&Ask<'_>, bool),
) -> Result<Checked<'a>, Error> {
    let mut checked = Checked {
        loaded,
        diagnostics: loaded.diagnostics.clone(),
        images: None,
        waived: Vec::new(),
        undated: BTreeSet::new(),
        compared: Compared::default(),
    };
    let Some(fleet) = loaded.fleet() else {
        return Ok(checked);
    };
    let part = Part::of(ask.scope, fleet)?;
    let comparison = Comparison {
        disk: Disk::of(inputs, fleet),
        loaded,
    };
    let (found, compared) = both(
        (fleet.images.len(), PARALLEL_FROM),
        || has_rules.then(|| judge(fleet, ask.today)),
        || comparison.run(part.as_ref(), ask.missing, &|_, _| Ok(())),
    );
    checked.diagnostics.extend(found.into_iter().flatten());
    checked.compared = compared?;
    if ask.waivers {
        checked.honor_waivers(fleet, (ask.today, part.is_some()));
    }
    checked.images = part
        .map(|part| part.choice.images.len())
        .filter(|images| *images < fleet.images.len());
    Ok(checked)
}

impl Checked<'_> {
    fn honor_waivers(&mut self, fleet: &Fleet, asked: (Option<&Date>, bool)) {
        let judged = waivers::judge(fleet, &mut self.compared, asked);
        self.waived = judged.waived;
        self.undated = judged.undated;
        self.diagnostics.extend(judged.diagnostics);
    }

    /// Takes waivers back from files that somebody gives up by their paths.
    pub(crate) fn give_up_waived(&mut self, paths: &[String]) {
        let is_named = |path: &ArtifactPath| {
            let named = |word: &String| word.trim_start_matches("./") == path.as_str();
            paths.iter().any(named)
        };
        let waived = std::mem::take(&mut self.waived);
        let (given_up, kept) = waived
            .into_iter()
            .partition(|waived| is_named(&waived.drift.path));
        self.waived = kept;
        self.undated.retain(|path| !is_named(path));
        let given_up: Vec<Waived> = given_up;
        let drifts = &mut self.compared.report.drifts;
        drifts.extend(given_up.into_iter().map(|waived| waived.drift));
        drifts.sort_by(|one, other| one.path.cmp(&other.path));
    }

    /// What a command may write that was told nothing of files.
    #[must_use]
    pub(crate) fn consent(&self) -> Consent {
        Consent {
            waived: self.undated.clone(),
            ..Consent::default()
        }
    }

    /// What differs.
    #[must_use]
    pub fn report(&self) -> &DriftReport {
        &self.compared.report
    }

    /// The paths of all files that were compared, sorted.
    #[must_use]
    pub fn declared(&self) -> &[ArtifactPath] {
        &self.compared.declared
    }

    /// Whether the declaration or a rule has an error.
    #[must_use]
    pub(crate) fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(Diagnostic::is_error)
    }

    /// Whether nothing stands against the fleet: no error, and no drift.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.passes_with(self.report())
    }

    /// The same with what differs now.
    #[must_use]
    pub(crate) fn passes_with(&self, now: &DriftReport) -> bool {
        !self.has_errors() && now.is_clean()
    }

    /// From lines back to templates and values, where something differs.
    #[must_use]
    pub(crate) fn tracer(&self) -> Option<WatchedTracer<'_>> {
        if self.report().is_clean() {
            None
        } else {
            self.loaded.tracer()
        }
    }

    /// Compares the files that differed with what is there now, without rendering them again.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn compare_again(&self, inputs: &dyn Inputs) -> Result<DriftReport, Error> {
        match self.loaded.fleet() {
            Some(fleet) => {
                let comparison = Comparison {
                    disk: Disk::of(inputs, fleet),
                    loaded: self.loaded,
                };
                comparison.again(&self.compared)
            }
            None => Ok(DriftReport::default()),
        }
    }
}
