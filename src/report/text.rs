//! The text for people: which files differ and in which way, what changed and what is behind it,
//! and the result.

use std::collections::BTreeMap;

use super::alike::{Alike, alike};
use super::diagnostics::{advice_text, errors_text};
use super::remedy::{is_fixed_by_generate, remedies_text};
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::{Bytes, Findings, Outcome, Page, add, counted, page};
use crate::artifact::ArtifactPath;
use crate::diagnostic::Spot;
use crate::drift::{
    Action, ChangeGroup, Changes, Drift, DriftKind, DriftReport, Lines, group_changes,
};

/// How many lines of one side of a change are shown.
const SHOWN_LINES: usize = 30;
/// How many changes are shown.
const SHOWN_CHANGES: usize = 60;
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
    page.push(&result(findings));
    page.push(&part_note(findings));
    page
}

/// Where not all images were checked, the line that says so; else nothing.
#[must_use]
pub fn part_note(findings: &Findings<'_>) -> Page {
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
        (0, true) => page!("{}: {} for {}\n", paint(GREEN, "up to date"), files, images),
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
            "{} of {} generated {} {} not match {}, {} not declared in it",
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
    let mut page = page!("{}\n", headline(report, file));
    let mut kinds: BTreeMap<&DriftKind, Vec<&Drift>> = BTreeMap::new();
    for drift in &report.drifts {
        kinds.entry(&drift.kind).or_default().push(drift);
    }
    for (kind, drifts) in kinds {
        let style = if is_fixed_by_generate(kind) {
            YELLOW
        } else {
            RED
        };
        add!(page, "\n{}: {}\n", paint(style, label(kind)), reason(kind));
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

/// What is told of a file in place of its content, where that is not shown.
pub(super) fn withheld_note(drift: &Drift) -> Option<String> {
    let counted = |bytes| {
        format!(
            "{} {}, not shown",
            grouped(bytes),
            if bytes == 1 { "byte" } else { "bytes" }
        )
    };
    drift.withheld().map(counted)
}

/// A number with a comma before each group of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let is_group = |at: usize| at > 0 && (digits.len() - at).is_multiple_of(3);
    let parts = digits.chars().enumerate().map(|(at, digit)| {
        if is_group(at) {
            format!(",{digit}")
        } else {
            digit.into()
        }
    });
    parts.collect()
}

/// What `dockwright explain` says about a kind of difference, by its code or by what reports call
/// it.
#[must_use]
pub fn drift_kind_text(word: &str) -> Option<Page> {
    let kind = DriftKind::all()
        .into_iter()
        .find(|kind| kind.word() == word || label(kind) == word)?;
    let remedy = if is_fixed_by_generate(&kind) {
        "`dockwright generate` fixes it."
    } else {
        "`dockwright generate` leaves it alone, so that nobody's work is lost. `dockwright check` \
         prints the command that fixes it."
    };
    let code = if label(&kind) == kind.word() {
        Page::default()
    } else {
        page!(" ({} in JSON)", kind.word())
    };
    Some(page!(
        "{}{}: {}\n\nA generated file that does not match services.yaml. {}\n",
        label(&kind),
        code,
        reason(&kind),
        remedy
    ))
}

/// What reports for people call a kind.
pub(super) fn label(kind: &DriftKind) -> &'static str {
    match kind {
        DriftKind::Stale => "out of date",
        DriftKind::HandEdited { .. } => "edited by hand",
        DriftKind::LineEnds => "line ends",
        DriftKind::EditedOrphan => "edited orphan",
        DriftKind::Symlink => "symbolic link",
        DriftKind::NotAFile => "not a file",
        DriftKind::Missing | DriftKind::Executable | DriftKind::Orphaned | DriftKind::Unmanaged => {
            kind.word()
        }
    }
}

/// The same in a sentence.
pub(super) fn reason(kind: &DriftKind) -> &'static str {
    match kind {
        DriftKind::Missing => "declared, but absent or empty",
        DriftKind::Stale => {
            "services.yaml, a template or dockwright changed since it was generated"
        }
        DriftKind::HandEdited { moved_on: false } => "services.yaml and the template are unchanged",
        DriftKind::HandEdited { moved_on: true } => "services.yaml or a template changed as well",
        DriftKind::LineEnds => {
            "lines end in CR LF; `.gitattributes` can keep LF: generated/** text eol=lf"
        }
        DriftKind::Executable => "the content is right, but the file is executable",
        DriftKind::Orphaned => "generated, but services.yaml no longer declares it",
        DriftKind::EditedOrphan => "edited by hand, and services.yaml no longer declares it",
        DriftKind::Unmanaged => "not generated from here, but where generated files belong",
        DriftKind::Symlink => "in place of a file; it is never followed",
        DriftKind::NotAFile => {
            "a folder, a device or something too large where a generated file belongs"
        }
    }
}

/// The changes, equal ones once.
pub(super) fn change_list(findings: &Findings<'_>) -> Page {
    let Changes {
        groups, unshown, ..
    } = group_changes(&findings.report.drifts);
    let too_large = unshown_list(&unshown);
    if groups.is_empty() {
        return too_large;
    }
    let changes = alike(findings.fleet, &groups);
    let legend = page!(
        "({} on disk, {} expected)",
        paint(RED, "-"),
        paint(GREEN, "+")
    );
    let mut page = page!(
        "\n{} {}\n",
        counted(changes.len(), "change", "changes"),
        legend
    );
    for (number, alike) in changes.iter().take(SHOWN_CHANGES).enumerate() {
        page.push(&change(findings, number + 1, alike));
    }
    if changes.len() > SHOWN_CHANGES {
        let whole = Page::command_line(&findings.command("check --format patch"));
        add!(
            page,
            "\n… {} more changes; {} shows all\n",
            changes.len() - SHOWN_CHANGES,
            whole
        );
    }
    page.push(&too_large);
    page
}

/// The files that differ in too much to be shown.
fn unshown_list(unshown: &BTreeMap<ArtifactPath, usize>) -> Page {
    let mut page = Page::default();
    if !unshown.is_empty() {
        add!(page, "\n");
    }
    for (path, bytes) in unshown.iter().take(NAMED_FILES) {
        add!(page, "{}: differs, {} bytes, not shown\n", path, bytes);
    }
    if unshown.len() > NAMED_FILES {
        add!(
            page,
            "… {} more files differ, not shown\n",
            unshown.len() - NAMED_FILES
        );
    }
    page
}

fn change(findings: &Findings<'_>, number: usize, alike: &Alike<'_>) -> Page {
    let group = alike.first;
    let mut page = page!(
        "\n{} {}\n",
        paint(BOLD, &page!("{}.", number)),
        places(alike)
    );
    for line in behind(findings, group) {
        add!(page, "   {}\n", paint(DIM, &line));
    }
    let (before, after) = &group.context;
    for line in before.iter().skip_while(|line| is_blank(line)) {
        page.push(&shown(line, ' ', None));
    }
    page.push(&side(&group.removed, '-', RED));
    page.push(&side(&group.added, '+', GREEN));
    let visible = after
        .iter()
        .enumerate()
        .filter(|(_, line)| !is_blank(line))
        .last()
        .map_or(0, |(last, _)| last + 1);
    for line in after.iter().take(visible) {
        page.push(&shown(line, ' ', None));
    }
    page
}

/// The file and line of a change, or the files.
pub(super) fn places(alike: &Alike<'_>) -> Page {
    let Some(first) = alike.places.first() else {
        return Page::default();
    };
    let place = page!("{}:{}", first.path, first.old_line + 1);
    if alike.places.len() == 1 {
        return place;
    }
    let but = if alike.has_names {
        "but for the name "
    } else {
        ""
    };
    let mut page = page!("the same {}in {} places:", but, alike.places.len());
    for place in alike.places.iter().take(NAMED_FILES) {
        add!(page, "\n     {}:{}", place.path, place.old_line + 1);
    }
    if alike.places.len() > NAMED_FILES {
        add!(page, "\n     … {} more", alike.places.len() - NAMED_FILES);
    }
    page
}

fn side(lines: &Lines, sign: char, style: anstyle::Style) -> Page {
    let mut page = Page::joined(
        lines
            .iter()
            .take(SHOWN_LINES)
            .map(|line| shown(line, sign, Some(style))),
        "",
    );
    if lines.len() > SHOWN_LINES {
        add!(
            page,
            "   {} … {} more lines\n",
            sign,
            lines.len() - SHOWN_LINES
        );
    }
    page
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

fn shown(line: &[u8], sign: char, style: Option<anstyle::Style>) -> Page {
    let content = line.strip_suffix(b"\n").unwrap_or(line);
    let end = if line.ends_with(b"\n") {
        ""
    } else {
        " (no line end)"
    };
    let text = page!("   {} {}{}", sign, Bytes(content), end).trimmed();
    page!(
        "{}\n",
        style.map_or_else(|| text.clone(), |style| paint(style, &text))
    )
}

/// In how many files the values behind a change are looked up: equal lines of other files come from
/// values like these.
const TRACED_PLACES: usize = 4;

/// The template line and the declared values behind the added lines of a change.
pub(super) fn behind(findings: &Findings<'_>, group: &ChangeGroup) -> Vec<String> {
    let (Some(fleet), Some(tracer)) = (findings.fleet, findings.tracer) else {
        return Vec::new();
    };
    let mut templates: Vec<String> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    for place in group.places.iter().take(TRACED_PLACES) {
        let Ok(lines) = tracer.lines(&place.path) else {
            continue;
        };
        for trace in lines
            .iter()
            .skip(place.new_line)
            .take(group.added.len())
            .flatten()
        {
            if templates.len() < SHOWN_TEMPLATES {
                push_once(
                    &mut templates,
                    format!("template {}:{}", trace.template, trace.line),
                );
            }
            for origin in &trace.values {
                // Places are looked up in the text, which takes a while for a line of a thousand
                // values.
                if values.len() >= SHOWN_VALUES {
                    break;
                }
                let location = fleet.value_at(*origin);
                let Spot::Value(path) = &location.spot else {
                    continue;
                };
                if findings.sources.holds(&location.file, path) {
                    let path = findings.sources.readable(&location.file, path);
                    push_once(
                        &mut values,
                        format!("declared {} {path}", findings.sources.place(&location)),
                    );
                }
            }
        }
    }
    templates.into_iter().chain(values).collect()
}

/// How many template lines are named behind a change, and how many declared values.
const SHOWN_TEMPLATES: usize = 3;
const SHOWN_VALUES: usize = 4;

fn push_once(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}

/// What `check --format patch` says beside the patch of the files that it leaves out, with what to
/// type for them. Nothing where it leaves out none.
#[must_use]
pub fn left_out_note(left_out: &Findings<'_>) -> Page {
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
pub fn generate_text(findings: &Findings<'_>, outcome: &Outcome<'_>) -> Page {
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
        let note = match (error, step.action) {
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
            (None, Action::KeepWithoutPrune) => {
                page!(
                    "  {}",
                    paint(
                        DIM,
                        "more than half of the images would go; --prune allows it"
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
        };
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

fn action_word(action: Action, dry_run: bool) -> (&'static str, anstyle::Style) {
    match (action, dry_run) {
        (Action::Create, false) => ("created", GREEN),
        (Action::Update, false) => ("updated", GREEN),
        (Action::Delete, false) => ("deleted", GREEN),
        (Action::Create, true) => ("would create", GREEN),
        (Action::Update, true) => ("would update", GREEN),
        (Action::Delete, true) => ("would delete", GREEN),
        (Action::Keep | Action::KeepWithoutPrune | Action::KeepForErrors, _) => {
            ("left alone", YELLOW)
        }
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
