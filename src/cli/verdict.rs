//! The one question of `check`, `generate` and `build`: is everything as services.yaml says?
//!
//! The answers come in this order, and each is told only where the ones before leave something to
//! judge: the version that the declaration requires (before it is parsed, once there is such a
//! field), its syntax, its meaning, the rules, and then drift. Warnings and hints are told and
//! decide nothing.

use std::thread;

use super::comparison::compared_to_look;
use super::failure::Failure;
use super::loaded::Loaded;
use super::output;
use crate::drift::DriftReport;
use crate::exit::ExitStatus;
use crate::parallel::{joined, threads};
use crate::report::check_text;
use crate::values::Date;

/// From how many images on more than one thread pays for its start.
const PARALLEL_FROM: usize = 512;

/// Judges the rules as on a day, and compares the whole fleet.
pub(super) fn judged(loaded: &mut Loaded, today: Option<&Date>) -> Result<DriftReport, Failure> {
    judged_with(loaded, today, compared_to_look)
}

/// The same with a comparison of the caller's, at the same time where the fleet is large: neither
/// needs the other.
pub(super) fn judged_with(
    loaded: &mut Loaded,
    today: Option<&Date>,
    compare: impl FnOnce(&Loaded) -> Result<DriftReport, Failure>,
) -> Result<DriftReport, Failure> {
    let images = loaded.fleet.as_ref().map_or(0, |fleet| fleet.images.len());
    let shared = &*loaded;
    let (report, found) = if threads(images, PARALLEL_FROM) == 1 {
        (compare(shared)?, shared.rule_findings(today))
    } else {
        thread::scope(|scope| {
            let judging = scope.spawn(|| shared.rule_findings(today));
            let report = compare(shared)?;
            Ok::<_, Failure>((report, joined(judging)))
        })?
    };
    loaded.diagnostics.extend(found);
    Ok(report)
}

/// Whether nothing stands against a fleet: no error of the declaration or of a rule, and no drift.
pub(super) fn passes(loaded: &Loaded, report: &DriftReport) -> bool {
    !loaded.has_errors() && report.is_clean()
}

/// The status that says so.
pub(super) fn status(loaded: &Loaded, report: &DriftReport) -> ExitStatus {
    if passes(loaded, report) {
        ExitStatus::Clean
    } else {
        ExitStatus::Findings
    }
}

/// Says on standard error what stands against a fleet, in the words of `check`, where something
/// does.
pub(super) fn refused(loaded: &Loaded, report: &DriftReport) -> Option<ExitStatus> {
    if passes(loaded, report) {
        return None;
    }
    let tracer = if report.is_clean() {
        None
    } else {
        loaded.tracer()
    };
    output::fail_styled(&output::quoting(check_text(
        &loaded.findings(report, tracer.as_deref()),
    )));
    Some(ExitStatus::Findings)
}

/// Says what is wrong with the declaration: without a fleet there is nothing to compare.
pub(super) fn declaration_errors(loaded: &Loaded) -> ExitStatus {
    output::fail_styled(&output::quoting(check_text(
        &loaded.findings(&DriftReport::default(), None),
    )));
    ExitStatus::Findings
}
