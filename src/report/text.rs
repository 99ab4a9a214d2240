//! The text for people: which files differ and in which way, what changed and what is behind it, and the commands that mend it.

use std::collections::BTreeMap;

use indexmap::IndexSet;

use super::diagnostics::diagnostics_text;
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::{Bytes, Findings, Outcome, Page, add, page, shell_word};
use crate::artifact::ArtifactPath;
use crate::diagnostic::{Diagnostic, Spot};
use crate::drift::{
    Action, ChangeGroup, Changes, Drift, DriftKind, DriftReport, Lines, deletes_most_images, group_changes,
};

/// How many lines of one side of a change are shown.
const SHOWN_LINES: usize = 30;
/// How many changes are shown.
const SHOWN_CHANGES: usize = 60;
/// How many files of one kind or one change are named.
const NAMED_FILES: usize = 20;

/// What `check` prints.
#[must_use]
pub fn check_text(findings: &Findings<'_>) -> Page {
    let mut page = diagnostics_text(findings.diagnostics, findings.sources);
    let errors = findings.diagnostics.iter().filter(|found| found.is_error()).count();
    let Some(fleet) = findings.fleet else {
        page.push(&errors_summary(findings, errors));
        return page;
    };
    if findings.report.is_clean() {
        let images = findings.images_checked.unwrap_or(fleet.images.len());
        let as_said = page!("{} files of {} images are as {} says", findings.report.compared, images, fleet.file);
        page.push(&settled(findings, errors, &as_said));
        page.push(&part_note(findings));
        return page;
    }
    page.push(&drift_list(findings.report, &fleet.file));
    page.push(&change_list(findings));
    page.push(&remedies(findings));
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

/// The last line where no file differs: clean, or files in order under a declaration with errors.
fn settled(findings: &Findings<'_>, errors: usize, as_said: &Page) -> Page {
    let Some(first) = findings.diagnostics.iter().find(|found| found.is_error()) else {
        return page!("clean: {}\n", as_said);
    };
    let noun = if errors == 1 { "error" } else { "errors" };
    let explain = paint(BOLD, &page!("dockwright explain {}", first.code.id));
    page!("{} {}, though {}; {} tells more\n", errors, noun, as_said, explain)
}

fn errors_summary(findings: &Findings<'_>, errors: usize) -> Page {
    let first = findings.diagnostics.iter().find(|found| found.is_error()).map_or("", |found| found.code.id);
    let noun = if errors == 1 { "error" } else { "errors" };
    let explain = paint(BOLD, &page!("dockwright explain {}", first));
    page!("{} {}: nothing was compared or written; {} tells more\n", errors, noun, explain)
}

/// The files of each kind of difference, with the reason in words.
fn drift_list(report: &DriftReport, declaration: &str) -> Page {
    let extra = report.drifts.iter().filter(|drift| drift.expected.is_none()).count();
    let declared = report.drifts.len() - extra;
    let compared = report.compared;
    let mut page = page!("{} of {} generated files differ from what {} stands for", declared, compared, declaration);
    if extra > 0 {
        add!(page, ", {} more should not be there", extra);
    }
    add!(page, "\n");
    let mut kinds: BTreeMap<&DriftKind, Vec<&Drift>> = BTreeMap::new();
    for drift in &report.drifts {
        kinds.entry(&drift.kind).or_default().push(drift);
    }
    for (kind, drifts) in kinds {
        let style = if is_mended_by_generate(kind) { YELLOW } else { RED };
        add!(page, "\n{}: {}\n", paint(style, &kind.word()), reason(kind));
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
    let counted = |bytes| format!("{} {}, not shown", grouped(bytes), if bytes == 1 { "byte" } else { "bytes" });
    drift.withheld().map(counted)
}

/// A number with a comma before each group of three digits.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let is_group = |at: usize| at > 0 && (digits.len() - at).is_multiple_of(3);
    let parts =
        digits.chars().enumerate().map(|(at, digit)| if is_group(at) { format!(",{digit}") } else { digit.into() });
    parts.collect()
}

/// Whether a plain `generate` puts it right.
fn is_mended_by_generate(kind: &DriftKind) -> bool {
    matches!(
        kind,
        DriftKind::Missing | DriftKind::Stale | DriftKind::LineEnds | DriftKind::Executable | DriftKind::Orphaned
    )
}

/// What `dockwright explain` says about a kind of difference, by its word.
#[must_use]
pub fn drift_kind_text(word: &str) -> Option<Page> {
    let kind = DriftKind::all().into_iter().find(|kind| kind.word() == word)?;
    let remedy = if is_mended_by_generate(&kind) {
        "`dockwright generate` puts it right."
    } else {
        "`dockwright generate` leaves it alone: a person's work could be lost. `dockwright check` prints the command that mends it."
    };
    Some(page!(
        "{}: {}\n\nA generated file that differs from what services.yaml stands for. {}\n",
        word,
        reason(&kind),
        remedy
    ))
}

fn reason(kind: &DriftKind) -> &'static str {
    match kind {
        DriftKind::Missing => "declared, but absent or empty",
        DriftKind::Stale => "nobody touched it; the declaration or a template moved on",
        DriftKind::HandEdited { moved_on: false } => "changed by hand; declaration and template are as they were",
        DriftKind::HandEdited { moved_on: true } => {
            "changed by hand, and the declaration or a template moved on as well"
        }
        DriftKind::LineEnds => "lines end in CR LF; `.gitattributes` can keep LF: generated/** text eol=lf",
        DriftKind::Executable => "the content is right, but the file is executable",
        DriftKind::Orphaned => "nothing declares it any more",
        DriftKind::EditedOrphan => "nothing declares it any more, and it was changed by hand",
        DriftKind::Unmanaged => "not generated from here, but where generated files belong",
        DriftKind::Symlink => "a symbolic link; it is never followed",
        DriftKind::NotAFile => "a folder, a device or something too large where a generated file belongs",
    }
}

/// The changes, equal ones once.
pub(super) fn change_list(findings: &Findings<'_>) -> Page {
    let Changes { groups, unshown, .. } = group_changes(&findings.report.drifts);
    let too_large = unshown_list(&unshown);
    if groups.is_empty() {
        return too_large;
    }
    let noun = if groups.len() == 1 { "change" } else { "changes" };
    let legend = page!("({} on disk, {} as it should be)", paint(RED, "-"), paint(GREEN, "+"));
    let mut page = page!("\n{} {} {}\n", groups.len(), noun, legend);
    for (number, group) in groups.iter().take(SHOWN_CHANGES).enumerate() {
        page.push(&change(findings, number + 1, group));
    }
    if groups.len() > SHOWN_CHANGES {
        let whole = Page::command_line(&findings.command("check --format patch"));
        add!(page, "\n… {} more changes; {} shows all\n", groups.len() - SHOWN_CHANGES, whole);
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
        add!(page, "… {} more files differ, not shown\n", unshown.len() - NAMED_FILES);
    }
    page
}

fn change(findings: &Findings<'_>, number: usize, group: &ChangeGroup) -> Page {
    let mut page = page!("\n{} {}\n", paint(BOLD, &page!("{}.", number)), headline(group));
    for line in behind(findings, group) {
        add!(page, "   {}\n", paint(DIM, &line));
    }
    let (before, after) = &group.context;
    for line in before.iter().skip_while(|line| is_blank(line)) {
        page.push(&shown(line, ' ', None));
    }
    page.push(&side(&group.removed, '-', RED));
    page.push(&side(&group.added, '+', GREEN));
    let visible = after.iter().enumerate().filter(|(_, line)| !is_blank(line)).last().map_or(0, |(last, _)| last + 1);
    for line in after.iter().take(visible) {
        page.push(&shown(line, ' ', None));
    }
    page
}

/// The file and line of a change, or the files.
fn headline(group: &ChangeGroup) -> Page {
    let Some(first) = group.places.first() else {
        return Page::default();
    };
    let place = page!("{}:{}", first.path, first.old_line + 1);
    if group.places.len() == 1 {
        return place;
    }
    let mut page = page!("the same in {} places:", group.places.len());
    for place in group.places.iter().take(NAMED_FILES) {
        add!(page, "\n     {}:{}", place.path, place.old_line + 1);
    }
    if group.places.len() > NAMED_FILES {
        add!(page, "\n     … {} more", group.places.len() - NAMED_FILES);
    }
    page
}

fn side(lines: &Lines, sign: char, style: anstyle::Style) -> Page {
    let mut page = Page::joined(lines.iter().take(SHOWN_LINES).map(|line| shown(line, sign, Some(style))), "");
    if lines.len() > SHOWN_LINES {
        add!(page, "   {} … {} more lines\n", sign, lines.len() - SHOWN_LINES);
    }
    page
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

fn shown(line: &[u8], sign: char, style: Option<anstyle::Style>) -> Page {
    let content = line.strip_suffix(b"\n").unwrap_or(line);
    let end = if line.ends_with(b"\n") { "" } else { " (no line end)" };
    let text = page!("   {} {}{}", sign, Bytes(content), end).trimmed();
    page!("{}\n", style.map_or_else(|| text.clone(), |style| paint(style, &text)))
}

/// In how many files the values behind a change are looked up: equal lines of other files come from values like these.
const TRACED_PLACES: usize = 4;

/// The template line and the declared values behind the added lines of a change.
pub(super) fn behind(findings: &Findings<'_>, group: &ChangeGroup) -> Vec<String> {
    let (Some(fleet), Some(tracer)) = (findings.fleet, findings.tracer) else { return Vec::new() };
    let mut templates: Vec<String> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    for place in group.places.iter().take(TRACED_PLACES) {
        let Ok(lines) = tracer.lines(&place.path) else { continue };
        for trace in lines.iter().skip(place.new_line).take(group.added.len()).flatten() {
            if templates.len() < SHOWN_TEMPLATES {
                push_once(&mut templates, format!("template {}:{}", trace.template, trace.line));
            }
            for origin in &trace.values {
                // Places are looked up in the text, which takes a while for a line of a thousand values.
                if values.len() >= SHOWN_VALUES {
                    break;
                }
                let location = fleet.value_at(*origin);
                let Spot::Value(path) = &location.spot else { continue };
                if findings.sources.holds(&location.file, path) {
                    let path = findings.sources.readable(&location.file, path);
                    push_once(&mut values, format!("declared {} {path}", findings.sources.place(&location)));
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

/// A command and what it does.
pub(super) struct Remedy {
    pub(super) command: String,
    pub(super) effect: String,
}

/// The commands that make `check` clean, in the order in which they are to be typed.
pub(super) fn remedy_list(findings: &Findings<'_>) -> Vec<Remedy> {
    let drifts = &findings.report.drifts;
    let obstacles = obstacles(drifts);
    let mut remedies = clearing(drifts, &obstacles);
    remedies.extend([repair(findings), surrender(findings), removal(drifts, &obstacles)].into_iter().flatten());
    remedies
}

/// What stands where a generated file belongs, or on the way there, and is no file that `--overwrite` could give up.
fn obstacles(drifts: &[Drift]) -> IndexSet<String> {
    let mut obstacles = IndexSet::new();
    for drift in drifts.iter().filter(|drift| stands_in_the_way(drift)) {
        obstacles.insert(drift.obstacle().to_owned());
    }
    obstacles
}

fn stands_in_the_way(drift: &Drift) -> bool {
    drift.expected.is_some() && drift.kind == DriftKind::NotAFile
}

/// Makes room, so that the next commands can write. A folder can hold anything, so it is moved and never deleted.
fn clearing(drifts: &[Drift], obstacles: &IndexSet<String>) -> Vec<Remedy> {
    let strays = drifts.iter().filter(|drift| drift.expected.is_none() && drift.kind == DriftKind::NotAFile);
    let mut paths = obstacles.clone();
    paths.extend(strays.map(|stray| stray.path.to_string()));
    let moved = |path: &String| {
        let aside = format!("./{}.moved", path.replace('/', "-"));
        let effect =
            format!("look at {} first: it is not a generated file; this moves it out of the way", shell_word(path));
        Remedy { command: format!("mv -n {} {}", shell_word(path), shell_word(&aside)), effect }
    };
    paths.iter().map(moved).collect()
}

/// Away with files that nothing declares and that `generate` does not delete.
fn removal(drifts: &[Drift], obstacles: &IndexSet<String>) -> Option<Remedy> {
    let is_left = |kind: &DriftKind| !matches!(kind, DriftKind::Orphaned | DriftKind::NotAFile);
    let is_stray = |drift: &&Drift| drift.expected.is_none() && is_left(&drift.kind);
    let strays = drifts.iter().filter(is_stray).map(|drift| drift.path.to_string());
    let words: Vec<String> = strays.filter(|path| !obstacles.contains(path)).map(|path| shell_word(&path)).collect();
    let effect = "removes what nothing declares; or move it out of the generated folder".to_owned();
    (!words.is_empty()).then(|| Remedy { command: format!("rm {}", words.join(" ")), effect })
}

/// What `generate` does by itself.
fn repair(findings: &Findings<'_>) -> Option<Remedy> {
    let effect =
        counted(&findings.report.drifts, |drift| is_mended_by_generate(&drift.kind) || stands_in_the_way(drift))?;
    if deletes_most_images(findings.report) {
        let effect = format!("mends {effect}; deletes more than half of the images, so look twice");
        return Some(Remedy { command: findings.command("generate --prune"), effect });
    }
    Some(Remedy { command: findings.command("generate"), effect: format!("mends {effect}") })
}

/// What costs a person's work.
fn surrender(findings: &Findings<'_>) -> Option<Remedy> {
    let drifts = findings.report.drifts.iter();
    let given_up = drifts.filter(|drift| drift.expected.is_some() && needs_consent(&drift.kind));
    let paths: Vec<String> = given_up.map(|drift| shell_word(drift.path.as_str())).collect();
    let effect = "gives up what was changed by hand; to keep it, declare it or put it into a template".to_owned();
    let command = format!("generate --overwrite {}", paths.join(" "));
    (!paths.is_empty()).then(|| Remedy { command: findings.command(&command), effect })
}

fn needs_consent(kind: &DriftKind) -> bool {
    matches!(kind, DriftKind::HandEdited { .. } | DriftKind::Unmanaged | DriftKind::Symlink)
}

/// "1 missing, 2 stale", or nothing.
fn counted(drifts: &[Drift], of: impl Fn(&Drift) -> bool) -> Option<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for drift in drifts.iter().filter(|drift| of(drift)) {
        *counts.entry(drift.kind.word()).or_default() += 1;
    }
    let parts: Vec<String> = counts.into_iter().map(|(word, count)| format!("{count} {word}")).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

fn remedies(findings: &Findings<'_>) -> Page {
    let mut page = page!("\nto mend:\n");
    for remedy in remedy_list(findings) {
        let command = Page::command_line(&remedy.command);
        add!(page, "  {}\n      {}\n", paint(BOLD, &command), paint(DIM, &remedy.effect));
    }
    page
}

/// What `check --format patch` says beside the patch of the files that it leaves out, with what to type for them. Nothing where it
/// leaves out none.
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
        let note = withheld_note(drift).map(|note| page!("; {}", note)).unwrap_or_default();
        add!(page, "  {}: {}{}\n", drift.path, reason(&drift.kind), note);
    }
    if drifts.len() > NAMED_FILES {
        add!(page, "  … {} more\n", drifts.len() - NAMED_FILES);
    }
    page.push(&remedies(left_out));
    page
}

/// What `generate` prints: a line a file, then what stayed different and why.
#[must_use]
pub fn generate_text(findings: &Findings<'_>, outcome: &Outcome<'_>) -> Page {
    let mut page = diagnostics_text(findings.diagnostics, findings.sources);
    let errors = findings.diagnostics.iter().filter(|found| Diagnostic::is_error(found)).count();
    let Some(fleet) = findings.fleet else {
        page.push(&errors_summary(findings, errors));
        return page;
    };
    if outcome.steps.is_empty() {
        let (files, images) = (findings.report.compared, fleet.images.len());
        let as_said = page!("{} files of {} images are as {} says; nothing to write", files, images, fleet.file);
        page.push(&settled(findings, errors, &as_said));
        return page;
    }
    page.push(&step_list(outcome));
    page.push(&leftovers(findings, outcome));
    page
}

/// A line a file, with what happened to it.
pub(super) fn step_list(outcome: &Outcome<'_>) -> Page {
    let mut page = Page::default();
    let mut steps: Vec<_> = outcome.steps.iter().collect();
    steps.sort_by_key(|(step, _)| step.action);
    for (step, error) in steps {
        let (word, style) = if error.is_some() { ("failed", RED) } else { action_word(step.action, outcome.dry_run) };
        let note = match (error, step.action) {
            (Some(error), _) => page!("  {}", error),
            (None, Action::Keep) => {
                let note = withheld_note(step.drift).map(|note| page!("; {}", note)).unwrap_or_default();
                page!("  {}", paint(DIM, &page!("{}{}", reason(&step.drift.kind), note)))
            }
            (None, Action::KeepWithoutPrune) => {
                page!("  {}", paint(DIM, "more than half of the images would go; --prune allows it"))
            }
            (None, Action::KeepForErrors) => {
                page!("  {}", paint(DIM, "nothing is deleted while services.yaml has errors"))
            }
            _ => Page::default(),
        };
        add!(page, "{} {}{}\n", paint(style, &page!("{}", word).padded(12)), step.drift.path, note);
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
        (Action::Keep | Action::KeepWithoutPrune | Action::KeepForErrors, _) => ("left alone", YELLOW),
    }
}

/// The differences that stay, with their changes and commands.
pub(super) fn leftovers(findings: &Findings<'_>, outcome: &Outcome<'_>) -> Page {
    if outcome.dry_run {
        let command = findings.command("generate");
        return page!("\nnothing was written; {} does it\n", paint(BOLD, &Page::command_line(&command)));
    }
    if findings.report.is_clean() {
        let (files, images) = (findings.report.compared, findings.fleet.map_or(0, |fleet| fleet.images.len()));
        let errors = findings.diagnostics.iter().filter(|found| found.is_error()).count();
        let order = if errors == 0 { "" } else { " are in order" };
        return settled(findings, errors, &page!("{} files of {} images{}", files, images, order));
    }
    page!("{}{}", change_list(findings), remedies(findings))
}
