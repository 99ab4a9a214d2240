//! What `bump` and `new` did to services.yaml, and which images are to be built again, bases first.

use std::collections::{BTreeMap, BTreeSet};

use super::changes::change_list;
use super::diagnostics::diagnostics_text;
use super::style::{BOLD, DIM, GREEN, RED, paint};
use super::text::{leftovers, result, step_list};
use super::{Bytes, Findings, Outcome, Page, add, page};
use crate::artifact::ArtifactPath;
use crate::diagnostic::{Diagnostic, code};
use crate::dockerfile::rerun;
use crate::drift::{Drift, DriftReport, changes, lines};
use crate::edit::BumpStep;
use crate::fleet::{Fleet, Image, Role};

/// What a bump changes.
pub(crate) struct BumpView<'a> {
    /// The findings with the comparison from before anything was written.
    pub(crate) before: &'a Findings<'a>,
    /// The findings with the comparison afterwards.
    pub(crate) after: &'a Findings<'a>,
    /// The text of the declaration before and after.
    pub(crate) texts: (&'a str, &'a str),
    /// The versions that change.
    pub(crate) steps: &'a [BumpStep],
    /// What happened to each file.
    pub(crate) outcome: &'a Outcome<'a>,
}

/// What `bump` prints.
#[must_use]
pub(crate) fn bump_text(view: &BumpView<'_>) -> Page {
    let Some(fleet) = view.before.fleet else {
        return Page::default();
    };
    let mut page = Page::default();
    if view.steps.is_empty() {
        add!(page, "no version changes\n");
    }
    for step in view.steps {
        let because = step
            .because
            .as_ref()
            .map(|because| page!("  ({})", because))
            .unwrap_or_default();
        add!(
            page,
            "{} {} → {}{}\n",
            paint(BOLD, &step.name),
            step.from,
            step.to,
            paint(DIM, &because)
        );
    }
    page.push(&declaration_changes(&fleet.file, view.texts));
    page.push(&change_list(view.before));
    add!(page, "\n");
    page.push(&step_list(view.outcome));
    page.push(&rebuilds(fleet, view));
    page.push(&unpinned(view.after));
    add!(page, "\n");
    if view.outcome.dry_run {
        add!(page, "dry run: nothing was written\n");
    } else {
        page.push(&leftovers(view.after, view.outcome));
        page.push(&result(view.after));
    }
    page
}

/// The tags that lost their digest: another Python has other tags, and only a registry knows what
/// is under them.
fn unpinned(findings: &Findings<'_>) -> Page {
    let is_unpinned = |found: &&Diagnostic| found.code == &code::UNPINNED_TAG;
    let found: Vec<Diagnostic> = findings
        .diagnostics
        .iter()
        .filter(is_unpinned)
        .cloned()
        .collect();
    let text = diagnostics_text(&found, findings.sources);
    if text.is_empty() {
        text
    } else {
        page!("\n{}\n", text.trimmed())
    }
}

/// The lines of the declaration that changed.
#[must_use]
pub(crate) fn declaration_changes(file: &str, (before, after): (&str, &str)) -> Page {
    let (old, new) = (lines(before.as_bytes()), lines(after.as_bytes()));
    let mut page = Page::default();
    for change in changes(&old, &new) {
        add!(page, "\n{}:{}\n", file, change.new.start + 1);
        let sides = [
            (old.get(change.old), '-', RED),
            (new.get(change.new), '+', GREEN),
        ];
        for (side, sign, style) in sides {
            for line in side.unwrap_or_default() {
                add!(
                    page,
                    "{}\n",
                    paint(
                        style,
                        &page!("   {} {}", sign, Bytes(line.trim_ascii_end()))
                    )
                );
            }
        }
    }
    page
}

/// The images that differ from those that were built last, each after what it builds on, with an
/// estimate of the work.
fn rebuilds(fleet: &Fleet, view: &BumpView<'_>) -> Page {
    let bumped: BTreeSet<&str> = view.steps.iter().map(|step| step.name.as_str()).collect();
    let is_bumped = |image: &Image| bumped.contains(image.name.as_str());
    let mut by_folder = contents(view.before.report);
    let kept: BTreeSet<&ArtifactPath> = view
        .outcome
        .steps
        .iter()
        .filter(|(step, _)| step.action.keeps())
        .map(|(step, _)| &step.drift.path)
        .collect();
    let affected: Vec<(&Image, Vec<&Drift>)> = fleet
        .images
        .iter()
        .map(|image| {
            (
                image,
                by_folder.remove(image.folder.as_str()).unwrap_or_default(),
            )
        })
        .filter(|(image, drifts)| !drifts.is_empty() || is_bumped(image))
        .collect();
    if affected.is_empty() {
        return Page::default();
    }
    let mut page = page!(
        "\nimages to rebuild and push, bases first {}\n",
        paint(DIM, "(estimated from the Dockerfiles)")
    );
    let (edited, affected): (Vec<_>, Vec<_>) = affected
        .into_iter()
        .partition(|(_, drifts)| first_of(&kept, drifts).is_some());
    if affected.is_empty() {
        page = Page::default();
    } else {
        add!(page, "{}", estimates(&affected));
    }
    for (image, drifts) in &edited {
        let path = first_of(&kept, drifts)
            .map(|drift| drift.path.as_str())
            .unwrap_or_default();
        add!(
            page,
            "\nnot {} yet: {} was edited by hand and is not changed\n",
            reference(image),
            path
        );
    }
    page
}

/// A line an image: its name, and what runs again.
fn estimates(affected: &[(&Image, Vec<&Drift>)]) -> Page {
    let mut page = Page::default();
    let names: Vec<Page> = affected
        .iter()
        .map(|(image, _)| page!("{}", reference(image)))
        .collect();
    let width = names.iter().map(Page::width).max().unwrap_or_default();
    for ((image, drifts), name) in affected.iter().zip(names) {
        add!(
            page,
            "  {}  {}\n",
            name.padded(width),
            estimate(image, drifts)
        );
    }
    page
}

/// The file of an image that was left alone, so that a build would not have what the bump changes.
fn first_of<'a>(kept: &BTreeSet<&ArtifactPath>, drifts: &[&'a Drift]) -> Option<&'a Drift> {
    drifts
        .iter()
        .find(|drift| kept.contains(&drift.path))
        .copied()
}

/// The files that end up in an image and differ, by the folder of its files.
fn contents(report: &DriftReport) -> BTreeMap<&str, Vec<&Drift>> {
    let mut contents: BTreeMap<&str, Vec<&Drift>> = BTreeMap::new();
    for drift in report
        .drifts
        .iter()
        .filter(|drift| drift.expected.is_some())
    {
        let (folder, name) = drift.path.as_str().rsplit_once('/').unwrap_or_default();
        if matches!(name, "Dockerfile" | "requirements.txt" | "constraints.txt") {
            contents.entry(folder).or_default().push(drift);
        }
    }
    contents
}

/// The name and, for a base, the tag to push.
pub(super) fn reference(image: &Image) -> String {
    match &image.role {
        Role::Base(version) => format!("{}:{}", image.name, version.value),
        Role::Service(_) => image.name.to_string(),
    }
}

fn estimate(image: &Image, drifts: &[&Drift]) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let counted = |text: &str| -> Vec<String> {
        text.lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
            .map(str::to_owned)
            .collect()
    };
    let sides = |drift: &Drift| {
        (
            drift.shown_bytes().map(text).unwrap_or_default(),
            drift.expected.clone().unwrap_or_default(),
        )
    };
    let dockerfile = format!("{}/Dockerfile", image.folder);
    let changed: Vec<String> = drifts
        .iter()
        .filter(|drift| {
            let (old, new) = sides(drift);
            drift.path.as_str() != dockerfile && counted(&old) != counted(&new)
        })
        .map(|drift| drift.path.to_string())
        .collect();
    match drifts
        .iter()
        .find(|drift| drift.path.as_str() == dockerfile)
    {
        Some(drift) => {
            let (old, new) = sides(drift);
            rerun(&old, &new, &changed).words()
        }
        None if changed.is_empty() => "new tag and labels, no new layer".to_owned(),
        None => "runs pip install again".to_owned(),
    }
}
