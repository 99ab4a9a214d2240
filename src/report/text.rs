//! The text for people: which files differ and in which way, what changed and what is behind it, and the commands that mend it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use indexmap::IndexSet;

use super::diagnostics::diagnostics_text;
use super::inert::inert;
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::{Findings, Outcome, shell_word};
use crate::artifact::ArtifactPath;
use crate::diagnostic::{Diagnostic, Spot};
use crate::drift::{
    Action, ChangeGroup, Changes, DiskEntry, Drift, DriftKind, DriftReport, Lines, deletes_most_images, group_changes,
};
use crate::fleet::model::Section;

/// How many lines of one side of a change are shown.
const SHOWN_LINES: usize = 30;
/// How many changes are shown.
const SHOWN_CHANGES: usize = 60;
/// How many files of one kind or one change are named.
const NAMED_FILES: usize = 20;

/// What `check` prints.
#[must_use]
pub fn check_text(findings: &Findings<'_>) -> String {
    let mut page = diagnostics_text(findings.diagnostics, findings.sources);
    let errors = findings.diagnostics.iter().filter(|found| found.is_error()).count();
    let Some(fleet) = findings.fleet else {
        page.push_str(&errors_summary(findings, errors));
        return page;
    };
    if findings.report.is_clean() {
        let images = findings.images_checked.unwrap_or(fleet.images.len());
        let as_said = format!("{} files of {images} images are as {} says", findings.report.compared, fleet.file);
        page.push_str(&settled(findings, errors, &as_said));
        page.push_str(&part_note(findings));
        return page;
    }
    page.push_str(&drift_list(findings.report, &fleet.file));
    page.push_str(&change_list(findings));
    page.push_str(&remedies(findings));
    page.push_str(&part_note(findings));
    page
}

/// Where not all images were checked, the line that says so; else nothing.
#[must_use]
pub fn part_note(findings: &Findings<'_>) -> String {
    let (Some(checked), Some(fleet)) = (findings.images_checked, findings.fleet) else {
        return String::new();
    };
    let all = findings.command("check");
    format!(
        "{}: only {checked} of {} images were checked; {all} checks all\n",
        paint(YELLOW, "in part"),
        fleet.images.len()
    )
}

/// The last line where no file differs: clean, or files in order under a declaration with errors.
fn settled(findings: &Findings<'_>, errors: usize, as_said: &str) -> String {
    let Some(first) = findings.diagnostics.iter().find(|found| found.is_error()) else {
        return format!("clean: {as_said}\n");
    };
    let noun = if errors == 1 { "error" } else { "errors" };
    let explain = format!("dockwright explain {}", first.code.id);
    format!("{errors} {noun}, though {as_said}; {} tells more\n", paint(BOLD, &explain))
}

fn errors_summary(findings: &Findings<'_>, errors: usize) -> String {
    let first = findings.diagnostics.iter().find(|found| found.is_error()).map_or("", |found| found.code.id);
    let noun = if errors == 1 { "error" } else { "errors" };
    let explain = paint(BOLD, &format!("dockwright explain {first}"));
    format!("{errors} {noun}: nothing was compared or written; {explain} tells more\n")
}

/// The files of each kind of difference, with the reason in words.
fn drift_list(report: &DriftReport, declaration: &str) -> String {
    let extra = report.drifts.iter().filter(|drift| drift.expected.is_none()).count();
    let declared = report.drifts.len() - extra;
    let mut page =
        format!("{declared} of {} generated files differ from what {declaration} stands for", report.compared);
    if extra > 0 {
        let _ = write!(page, ", {extra} more should not be there");
    }
    page.push('\n');
    let mut kinds: BTreeMap<&DriftKind, Vec<&Drift>> = BTreeMap::new();
    for drift in &report.drifts {
        kinds.entry(&drift.kind).or_default().push(drift);
    }
    for (kind, drifts) in kinds {
        let style = if is_mended_by_generate(kind) { YELLOW } else { RED };
        let _ = writeln!(page, "\n{}: {}", paint(style, kind.word()), reason(kind));
        for drift in drifts.iter().take(NAMED_FILES) {
            let _ = writeln!(page, "  {}", path_text(&drift.path));
        }
        if drifts.len() > NAMED_FILES {
            let _ = writeln!(page, "  … {} more", drifts.len() - NAMED_FILES);
        }
    }
    page
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
pub fn drift_kind_text(word: &str) -> Option<String> {
    let kind = DriftKind::all().into_iter().find(|kind| kind.word() == word)?;
    let remedy = if is_mended_by_generate(&kind) {
        "`dockwright generate` puts it right."
    } else {
        "`dockwright generate` leaves it alone: a person's work could be lost. `dockwright check` prints the command that mends it."
    };
    Some(format!(
        "{word}: {}\n\nA generated file that differs from what services.yaml stands for. {remedy}\n",
        reason(&kind)
    ))
}

fn reason(kind: &DriftKind) -> &'static str {
    match kind {
        DriftKind::Missing => "declared, but not there",
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
pub(super) fn change_list(findings: &Findings<'_>) -> String {
    let Changes { groups, unshown, .. } = group_changes(&findings.report.drifts);
    let too_large = unshown_list(&unshown);
    if groups.is_empty() {
        return too_large;
    }
    let noun = if groups.len() == 1 { "change" } else { "changes" };
    let legend = format!("({} on disk, {} as it should be)", paint(RED, "-"), paint(GREEN, "+"));
    let mut page = format!("\n{} {noun} {legend}\n", groups.len());
    for (number, group) in groups.iter().take(SHOWN_CHANGES).enumerate() {
        page.push_str(&change(findings, number + 1, group));
    }
    if groups.len() > SHOWN_CHANGES {
        let whole = findings.command("check --format patch");
        let _ = writeln!(page, "\n… {} more changes; {whole} shows all", groups.len() - SHOWN_CHANGES);
    }
    page + &too_large
}

/// The files that differ in too much to be shown.
fn unshown_list(unshown: &BTreeMap<ArtifactPath, usize>) -> String {
    let mut page = if unshown.is_empty() { String::new() } else { "\n".to_owned() };
    for (path, bytes) in unshown.iter().take(NAMED_FILES) {
        let _ = writeln!(page, "{}: differs, {bytes} bytes, not shown", path_text(path));
    }
    if unshown.len() > NAMED_FILES {
        let _ = writeln!(page, "… {} more files differ, not shown", unshown.len() - NAMED_FILES);
    }
    page
}

fn change(findings: &Findings<'_>, number: usize, group: &ChangeGroup) -> String {
    let mut page = format!("\n{} {}\n", paint(BOLD, &format!("{number}.")), headline(group));
    for line in behind(findings, group) {
        let _ = writeln!(page, "   {}", paint(DIM, &line));
    }
    let (before, after) = &group.context;
    page.extend(before.iter().skip_while(|line| is_blank(line)).map(|line| shown(line, ' ', None)));
    page.push_str(&side(&group.removed, '-', RED));
    page.push_str(&side(&group.added, '+', GREEN));
    let visible = after.iter().enumerate().filter(|(_, line)| !is_blank(line)).last().map_or(0, |(last, _)| last + 1);
    page.extend(after.iter().take(visible).map(|line| shown(line, ' ', None)));
    page
}

/// A path as it may be printed: found files can have any name.
fn path_text(path: &ArtifactPath) -> String {
    inert(path.as_str().as_bytes())
}

/// The file and line of a change, or the files.
fn headline(group: &ChangeGroup) -> String {
    let Some(first) = group.places.first() else {
        return String::new();
    };
    let place = format!("{}:{}", path_text(&first.path), first.old_line + 1);
    if group.places.len() == 1 {
        return place;
    }
    let mut page = format!("the same in {} places:", group.places.len());
    for place in group.places.iter().take(NAMED_FILES) {
        let _ = write!(page, "\n     {}:{}", path_text(&place.path), place.old_line + 1);
    }
    if group.places.len() > NAMED_FILES {
        let _ = write!(page, "\n     … {} more", group.places.len() - NAMED_FILES);
    }
    page
}

fn side(lines: &Lines, sign: char, style: anstyle::Style) -> String {
    let mut page: String = lines.iter().take(SHOWN_LINES).map(|line| shown(line, sign, Some(style))).collect();
    if lines.len() > SHOWN_LINES {
        let _ = writeln!(page, "   {sign} … {} more lines", lines.len() - SHOWN_LINES);
    }
    page
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

fn shown(line: &[u8], sign: char, style: Option<anstyle::Style>) -> String {
    let content = line.strip_suffix(b"\n").unwrap_or(line);
    let end = if line.ends_with(b"\n") { "" } else { " (no line end)" };
    let text = format!("   {sign} {}{end}", inert(content));
    let text = text.trim_end();
    style.map_or_else(|| format!("{text}\n"), |style| paint(style, text) + "\n")
}

/// The template line and the declared values behind the added lines of a change.
pub(super) fn behind(findings: &Findings<'_>, group: &ChangeGroup) -> Vec<String> {
    let (Some(fleet), Some(tracer), Some(place)) = (findings.fleet, findings.tracer, group.places.first()) else {
        return Vec::new();
    };
    let Ok(lines) = tracer.lines(&place.path) else {
        return Vec::new();
    };
    let behind = lines.iter().skip(place.new_line).take(group.added.len()).flatten();
    let mut templates: Vec<String> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    for trace in behind {
        if templates.len() >= SHOWN_TEMPLATES && values.len() >= SHOWN_VALUES {
            break;
        }
        if templates.len() < SHOWN_TEMPLATES {
            push_once(&mut templates, format!("template {}:{}", trace.template, trace.line));
        }
        let shared =
            |origin: &&crate::fleet::Origin| group.places.len() == 1 || !matches!(origin.section, Section::Services(_));
        for origin in trace.values.iter().filter(shared) {
            if values.len() >= SHOWN_VALUES {
                break;
            }
            let location = fleet.value_at(*origin);
            let Spot::Value(path) = &location.spot else { continue };
            if !findings.sources.holds(&location.file, path) {
                continue;
            }
            let path = findings.sources.readable(&location.file, path);
            push_once(&mut values, format!("declared {} {path}", findings.sources.place(&location)));
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
    [clearing(&obstacles), repair(findings), surrender(findings), removal(drifts, &obstacles)]
        .into_iter()
        .flatten()
        .collect()
}

/// What stands where a generated file belongs, or on the way there, and is no file that `--overwrite` could give up.
fn obstacles(drifts: &[Drift]) -> IndexSet<String> {
    let mut obstacles = IndexSet::new();
    for drift in drifts.iter().filter(|drift| stands_in_the_way(drift)) {
        let obstacle = match &drift.actual {
            DiskEntry::BehindSymlink { folder, .. } => folder.as_str(),
            DiskEntry::BehindFile { file } => file.as_str(),
            _ => drift.path.as_str(),
        };
        obstacles.insert(obstacle.to_owned());
    }
    obstacles
}

fn stands_in_the_way(drift: &Drift) -> bool {
    drift.expected.is_some() && drift.kind == DriftKind::NotAFile
}

/// Makes room, so that the next commands can write.
fn clearing(obstacles: &IndexSet<String>) -> Option<Remedy> {
    let words: Vec<String> = obstacles.iter().map(|path| shell_word(path)).collect();
    let effect = "makes room for generated files; look into it first".to_owned();
    (!words.is_empty()).then(|| Remedy { command: format!("rm -r {}", words.join(" ")), effect })
}

/// Away with files that nothing declares and that `generate` does not delete.
fn removal(drifts: &[Drift], obstacles: &IndexSet<String>) -> Option<Remedy> {
    let is_stray = |drift: &&Drift| drift.expected.is_none() && drift.kind != DriftKind::Orphaned;
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

fn remedies(findings: &Findings<'_>) -> String {
    let mut page = "\nto mend:\n".to_owned();
    for remedy in remedy_list(findings) {
        let _ = writeln!(page, "  {}\n      {}", paint(BOLD, &remedy.command), paint(DIM, &remedy.effect));
    }
    page
}

/// What `generate` prints: a line a file, then what stayed different and why.
#[must_use]
pub fn generate_text(findings: &Findings<'_>, outcome: &Outcome<'_>) -> String {
    let mut page = diagnostics_text(findings.diagnostics, findings.sources);
    let errors = findings.diagnostics.iter().filter(|found| Diagnostic::is_error(found)).count();
    let Some(fleet) = findings.fleet else {
        page.push_str(&errors_summary(findings, errors));
        return page;
    };
    if outcome.steps.is_empty() {
        let (files, images) = (findings.report.compared, fleet.images.len());
        let as_said = format!("{files} files of {images} images are as {} says; nothing to write", fleet.file);
        page.push_str(&settled(findings, errors, &as_said));
        return page;
    }
    page.push_str(&step_list(outcome));
    page.push_str(&leftovers(findings, outcome));
    page
}

/// A line a file, with what happened to it.
pub(super) fn step_list(outcome: &Outcome<'_>) -> String {
    let mut page = String::new();
    let mut steps: Vec<_> = outcome.steps.iter().collect();
    steps.sort_by_key(|(step, _)| step.action);
    for (step, error) in steps {
        let (word, style) = action_word(step.action, outcome.dry_run);
        let note = match (error, step.action) {
            (Some(error), _) => format!("  failed: {}", inert(error.as_bytes())),
            (None, Action::Keep) => format!("  {}", paint(DIM, reason(&step.drift.kind))),
            (None, Action::KeepWithoutPrune) => {
                format!("  {}", paint(DIM, "more than half of the images would go; --prune allows it"))
            }
            (None, Action::KeepForErrors) => {
                format!("  {}", paint(DIM, "nothing is deleted while services.yaml has errors"))
            }
            _ => String::new(),
        };
        let _ = writeln!(page, "{} {}{note}", paint(style, &format!("{word:<12}")), path_text(&step.drift.path));
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
pub(super) fn leftovers(findings: &Findings<'_>, outcome: &Outcome<'_>) -> String {
    if outcome.dry_run {
        let command = findings.command("generate");
        return format!("\nnothing was written; {} does it\n", paint(BOLD, &command));
    }
    if findings.report.is_clean() {
        let (files, images) = (findings.report.compared, findings.fleet.map_or(0, |fleet| fleet.images.len()));
        let errors = findings.diagnostics.iter().filter(|found| found.is_error()).count();
        let files = format!("{files} files of {images} images");
        return settled(findings, errors, &if errors == 0 { files } else { files + " are in order" });
    }
    change_list(findings) + &remedies(findings)
}
