//! What `pin` asked the registries for, what they have, and what follows.

use super::bump::{declaration_changes, reference};
use super::style::{BOLD, DIM, paint};
use super::{Findings, Page, add, page};
use crate::edit::{PinTarget, Pinned};
use crate::fleet::model::Parent;
use crate::fleet::{Fleet, Image};
use crate::images::affected::with_dependents;
use crate::images::digest::Manifest;
use crate::images::{Because, Graph};
use crate::values::Platform;

/// What `pin` found and changes.
pub(crate) struct PinView<'a> {
    /// What was asked for, and the answers.
    pub(crate) answers: &'a [(PinTarget, Manifest)],
    /// The edited declaration.
    pub(crate) pinned: &'a Pinned,
    /// What its images need.
    pub(crate) graph: &'a Graph,
    /// The text of the declaration before and after.
    pub(crate) texts: (&'a str, &'a str),
    /// Whether nothing was to be written.
    pub(crate) dry_run: bool,
}

/// What `pin` prints.
#[must_use]
pub(crate) fn pin_text(findings: &Findings<'_>, view: &PinView<'_>) -> Page {
    let fleet = &view.pinned.after;
    let mut page = Page::default();
    for (target, manifest) in view.answers {
        let (old, new) = (
            target
                .digest
                .as_ref()
                .map_or("no digest", |digest| digest.as_str()),
            manifest.digest.as_str(),
        );
        let change = if old == new {
            page!("{}, as before", new)
        } else {
            page!("{} → {}", old, new)
        };
        let title = paint(BOLD, &target.reference.as_str());
        add!(
            page,
            "{}  {}\n  {}\n",
            title,
            paint(DIM, &page!("({}) {}", target.name, kind(manifest))),
            change
        );
        if let Some(missing) = missing_platforms(fleet, manifest) {
            add!(
                page,
                "  it has no image for {}, which services.yaml declares under `platforms`\n",
                missing
            );
        }
    }
    if view.texts.0 == view.texts.1 {
        add!(
            page,
            "\nevery digest is the one that the registry has; nothing to write\n"
        );
        return page;
    }
    page.push(&declaration_changes(&fleet.file, view.texts));
    page.push(&rebuilds(view));
    if view.dry_run {
        add!(page, "\ndry run: nothing was written\n");
    } else {
        page.push(&next(findings, view.pinned));
    }
    page
}

fn kind(manifest: &Manifest) -> String {
    match &manifest.platforms {
        None => "one image, no index".to_owned(),
        Some(platforms) if platforms.len() == 1 => "index of 1 platform".to_owned(),
        Some(platforms) => format!("index of {} platforms", platforms.len()),
    }
}

/// The declared platforms that an index lacks. The manifest of one image does not say its platform,
/// but it has one alone.
fn missing_platforms(fleet: &Fleet, manifest: &Manifest) -> Option<String> {
    let declared: Vec<&str> = fleet
        .platforms
        .iter()
        .map(|platform| platform.value.as_str())
        .collect();
    let has = |platform: &str| {
        let variant = format!("{platform}/");
        let listed = manifest.platforms.as_ref()?.iter();
        Some(
            listed
                .map(Platform::as_str)
                .any(|listed| listed == platform || listed.starts_with(&variant)),
        )
    };
    let missing: Vec<&str> = match &manifest.platforms {
        Some(_) => declared
            .into_iter()
            .filter(|platform| has(platform) == Some(false))
            .collect(),
        None if declared.len() > 1 => {
            return Some(format!("more than one of {}", declared.join(", ")));
        }
        None => Vec::new(),
    };
    (!missing.is_empty()).then(|| missing.join(", "))
}

/// The images on what changed, each after what it builds on.
fn rebuilds(view: &PinView<'_>) -> Page {
    let pinned = view.pinned;
    let reference_of = |image: &Image| match &image.parent {
        Parent::External(external) => Some(external.reference.clone()),
        Parent::Base(_) | Parent::Kept(_) => None,
    };
    let images = pinned.before.images.iter().zip(&pinned.after.images);
    let mut reasons: Vec<Option<Because>> = images
        .map(|(old, new)| (reference_of(old) != reference_of(new)).then_some(Because::Asked))
        .collect();
    with_dependents(view.graph, &mut reasons);
    let affected = pinned
        .after
        .images
        .iter()
        .zip(&reasons)
        .filter(|(_, reason)| reason.is_some());
    let lines = affected.map(|(image, _)| page!("  {}\n", reference(image)));
    page!(
        "\nto build and push again, bases first\n{}",
        Page::joined(lines, "")
    )
}

/// The command that carries the digests on: a base whose content is recorded gets a new version
/// with it.
fn next(findings: &Findings<'_>, pinned: &Pinned) -> Page {
    let (command, effect) = if pinned.to_bump.is_empty() {
        (
            findings.command("generate"),
            page!("writes the Dockerfiles that name the digests"),
        )
    } else {
        let amend = findings.command(&format!(
            "generate --amend-base {}",
            pinned.to_bump.join(" ")
        ));
        let effect = page!(
            "gives {} a new version, since the content changes, and generates; for versions that \
             were never published: {}",
            Page::joined(&pinned.to_bump, ", "),
            Page::command_line(&amend)
        );
        (findings.command("bump --changed"), effect)
    };
    page!(
        "\nnext:\n  {}  {}\n",
        paint(BOLD, &Page::command_line(&command)),
        effect
    )
}
