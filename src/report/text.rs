//! The text for people: which files differ and in which way, what changed and what is behind it,
//! and the result.

use std::collections::BTreeMap;

use super::changes::change_list;
use super::diagnostics::{advice_text, errors_text};
use super::kinds::{label, reason, withheld_note};
use super::remedy::{Remedies, Remedy, remedies};
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::{Findings, Outcome, Page, add, counted, page};
use crate::drift::{Action, Drift, DriftKind, DriftReport, Step};

/// How many files of one kind or one change are named.
const NAMED_FILES: usize = 20;

/// What `check` prints: first what fails it and what to type, then warnings, then how many hints
/// there are, and the result.
#[must_use]
pub fn check_text(findings: &Findings<'_>) -> Page {
    let mut page = errors_text(findings);
    if findings.fleet.is_some() && !findings.report.is_clean() {
        page.push(&drift_list(findings));
        page.push(&change_list(findings));
        page.push(&remedies_text(findings));
        add!(page, "\n");
    }
    page.push(&advice_text(findings));
    page.push(&result(findings).prose());
    page.push(&part_note(findings).prose());
    page
}

/// Where not all images were checked, the line that says so; else nothing.
#[must_use]
pub(crate) fn part_note(findings: &Findings<'_>) -> Page {
    let (Some(checked), Some(fleet)) = (findings.images_checked, findings.fleet) else {
        return Page::default();
    };
    page!(
        "{}: only {} of {} images were checked; {} checks all\n",
        paint(YELLOW, "in part"),
        checked,
        fleet.images.len(),
        Page::command_line(&findings.command("check"))
    )
}

/// The line that names the result, which is the last one of a log.
pub(super) fn result(findings: &Findings<'_>) -> Page {
    let count = findings
        .diagnostics
        .iter()
        .filter(|found| found.is_error())
        .count();
    let errors = counted(count, "error", "errors");
    let first = findings
        .diagnostics
        .iter()
        .find(|found| found.is_error())
        .map_or("", |found| found.code.id);
    let explain = page!(
        "for details: {}",
        paint(BOLD, &page!("dockwright explain {}", first))
    );
    let Some(fleet) = findings.fleet else {
        return page!(
            "{}: nothing was compared or written; {}\n",
            paint(RED, &errors),
            explain
        );
    };
    let report = findings.report;
    let files = counted(report.compared, "file", "files");
    let images = counted(
        findings.images_checked.unwrap_or(fleet.images.len()),
        "image",
        "images",
    );
    match (count, report.is_clean()) {
        (0, true) => {
            let waived = match findings.waived.len() {
                0 => Page::default(),
                count => page!(" but for {} waived", counted(count, "file", "files")),
            };
            let word = page!("up to date{}", waived);
            page!("{}: {} for {}\n", paint(GREEN, &word), files, images)
        }
        (0, false) => page!("{}\n", paint(RED, &headline(report, &fleet.file))),
        (_, true) => page!(
            "{}, although {} for {} are up to date; {}\n",
            paint(RED, &errors),
            files,
            images,
            explain
        ),
        (_, false) => page!(
            "{}, and {}; {}\n",
            paint(RED, &errors),
            headline(report, &fleet.file),
            explain
        ),
    }
}

/// How many files differ, in words.
pub(super) fn headline(report: &DriftReport, declaration: &str) -> Page {
    let extra = report
        .drifts
        .iter()
        .filter(|drift| drift.expected.is_none())
        .count();
    let differing = report.drifts.len() - extra;
    let verb = if differing == 1 { "does" } else { "do" };
    let files = if report.compared == 1 {
        "file"
    } else {
        "files"
    };
    let strays = counted(extra, "file is", "files are");
    match (differing, extra) {
        (0, _) => {
            page!(
                "{} not declared in {}; all {} generated {} match",
                strays,
                declaration,
                report.compared,
                files
            )
        }
        (_, 0) => page!(
            "{} of {} generated {} {} not match {}",
            differing,
            report.compared,
            files,
            verb,
            declaration
        ),
        _ => page!(
            "{} of {} generated {} {} not match {}; {} not declared in it",
            differing,
            report.compared,
            files,
            verb,
            declaration,
            strays
        ),
    }
}

/// The files of each kind of difference, with the reason in words.
fn drift_list(findings: &Findings<'_>) -> Page {
    let report = findings.report;
    let file = findings.fleet.map_or("", |fleet| fleet.file.as_str());
    let mut page = page!("{}\n", headline(report, file)).prose();
    let mut kinds: BTreeMap<&DriftKind, Vec<&Drift>> = BTreeMap::new();
    for drift in &report.drifts {
        kinds.entry(&drift.kind).or_default().push(drift);
    }
    for (kind, drifts) in kinds {
        let style = if drifts.iter().all(|drift| drift.fix().is_automatic()) {
            YELLOW
        } else {
            RED
        };
        let title = page!("\n{}: {}\n", paint(style, label(kind)), reason(kind));
        page.push(&title.prose());
        for drift in drifts.iter().take(NAMED_FILES) {
            let note = withheld_note(drift).map(|note| page!("  {}", paint(DIM, &note)));
            add!(page, "  {}{}\n", drift.path, note.unwrap_or_default());
        }
        if drifts.len() > NAMED_FILES {
            add!(page, "  … {} more\n", drifts.len() - NAMED_FILES);
        }
    }
    page
}

/// What `check --format patch` says beside the patch of the files that it leaves out, with what to
/// type for them. Nothing where it leaves out none.
#[must_use]
pub(crate) fn left_out_note(left_out: &Findings<'_>) -> Page {
    let drifts = &left_out.report.drifts;
    let mut page = Page::default();
    if drifts.is_empty() {
        return page;
    }
    let noun = if drifts.len() == 1 { "file" } else { "files" };
    add!(page, "the patch leaves out {} {}:\n", drifts.len(), noun);
    for drift in drifts.iter().take(NAMED_FILES) {
        let note = withheld_note(drift)
            .map(|note| page!("; {}", note))
            .unwrap_or_default();
        add!(
            page,
            "  {}: {}: {}{}\n",
            drift.path,
            label(&drift.kind),
            reason(&drift.kind),
            note
        );
    }
    if drifts.len() > NAMED_FILES {
        add!(page, "  … {} more\n", drifts.len() - NAMED_FILES);
    }
    page.push(&remedies_text(left_out));
    page
}

/// What `generate` prints: errors, a line a file, what stayed different and why, then as `check`
/// does.
#[must_use]
pub(crate) fn generate_text(findings: &Findings<'_>, outcome: &Outcome<'_>) -> Page {
    let mut page = errors_text(findings);
    page.push(&step_list(outcome));
    let leftovers = leftovers(findings, outcome);
    let advice = advice_text(findings);
    if !outcome.steps.is_empty() && leftovers.is_empty() && (outcome.dry_run || !advice.is_empty())
    {
        add!(page, "\n");
    }
    for part in [leftovers, advice, ending(findings, outcome)] {
        page.push(&part);
    }
    page
}

/// What to type, so that `check` passes.
fn remedies_text(findings: &Findings<'_>) -> Page {
    let Remedies { commands, notes } = remedies(findings);
    let mut page = page!("\nTo fix:\n");
    for Remedy { command, effect } in commands {
        add!(page, "  {}\n", paint(BOLD, &Page::command_line(&command)));
        page.push(&page!("      {}\n", paint(DIM, &effect)).prose());
    }
    for note in notes {
        page.push(&page!("  {}\n", note).prose());
    }
    page
}

/// A line a file, with what happened to it.
pub(super) fn step_list(outcome: &Outcome<'_>) -> Page {
    let mut page = Page::default();
    let mut steps: Vec<_> = outcome.steps.iter().collect();
    steps.sort_by_key(|(step, _)| step.action);
    for (step, error) in steps {
        let (word, style) = if error.is_some() {
            ("failed", RED)
        } else {
            action_word(step.action, outcome.dry_run)
        };
        let note = note(step, error.as_deref());
        add!(
            page,
            "{} {}{}\n",
            paint(style, &page!("{}", word).padded(12)),
            step.drift.path,
            note
        );
    }
    page
}

/// Why a file stays as it is, or could not be written.
fn note(step: &Step<'_>, error: Option<&str>) -> Page {
    match (error, step.action) {
        (Some(error), _) => page!("  {}", error),
        (None, Action::Keep) => {
            let note = withheld_note(step.drift)
                .map(|note| page!("; {}", note))
                .unwrap_or_default();
            page!(
                "  {}",
                paint(
                    DIM,
                    &page!(
                        "{}: {}{}",
                        label(&step.drift.kind),
                        reason(&step.drift.kind),
                        note
                    )
                )
            )
        }
        (None, Action::KeepTogether) => {
            page!(
                "  {}",
                paint(
                    DIM,
                    "the Dockerfile beside it is not generated; an image's files are written \
                         all or none"
                )
            )
        }
        (None, Action::KeepWithoutPrune) => {
            page!(
                "  {}",
                paint(
                    DIM,
                    "more than half of the images would go; --prune allows it"
                )
            )
        }
        (None, Action::KeepWaived) => {
            page!(
                "  {}",
                paint(
                    DIM,
                    "waived in services.yaml; --overwrite with its path replaces it"
                )
            )
        }
        (None, Action::KeepForErrors) => {
            page!(
                "  {}",
                paint(DIM, "nothing is deleted while services.yaml has errors")
            )
        }
        _ => Page::default(),
    }
}

fn action_word(action: Action, dry_run: bool) -> (&'static str, anstyle::Style) {
    match (action, dry_run) {
        (Action::Create, false) => ("created", GREEN),
        (Action::Update, false) => ("updated", GREEN),
        (Action::Delete, false) => ("deleted", GREEN),
        (Action::Create, true) => ("would create", GREEN),
        (Action::Update, true) => ("would update", GREEN),
        (Action::Delete, true) => ("would delete", GREEN),
        (
            Action::Keep
            | Action::KeepTogether
            | Action::KeepWithoutPrune
            | Action::KeepForErrors
            | Action::KeepWaived,
            _,
        ) => ("left alone", YELLOW),
    }
}

/// The differences that stay, with their changes and commands.
pub(super) fn leftovers(findings: &Findings<'_>, outcome: &Outcome<'_>) -> Page {
    if outcome.dry_run || findings.fleet.is_none() || findings.report.is_clean() {
        return Page::default();
    }
    page!("{}{}\n", change_list(findings), remedies_text(findings))
}

/// The last line of what wrote.
pub(super) fn ending(findings: &Findings<'_>, outcome: &Outcome<'_>) -> Page {
    if outcome.dry_run && !outcome.steps.is_empty() {
        return page!("dry run: nothing was written\n");
    }
    result(findings)
}
