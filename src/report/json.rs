//! The findings as JSON: versioned structures, so that a reader can rely on their fields.
//!
//! Within a version fields are only added. Lines and columns count from 1, columns in characters.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use super::behind::behind;
use super::in_json::print;
use super::list::{rows, template_rows};
use super::meaning::{MeaningV1, meaning_json};
use super::remedy::remedies;
use super::{Findings, Outcome, Page};
use crate::diagnostic::Diagnostic;
use crate::drift::{Action, ChangeGroup, DriftKind, Lines, group_changes};
use crate::fleet::Fleet;
use crate::project::Waived;
use crate::render::Templates;

/// How many changes are shown with what they mean.
const MEANINGS: usize = 60;

#[derive(Serialize, JsonSchema)]
pub(super) struct CheckV1<'a> {
    #[schemars(extend("const" = 1))]
    version: u8,
    #[schemars(extend("const" = "check"))]
    command: &'static str,
    clean: bool,
    files: usize,
    images: usize,
    /// How many of the images were checked; fewer than all only where the command line said so.
    images_checked: usize,
    diagnostics: Vec<DiagnosticV1<'a>>,
    drifts: Vec<DriftV1<'a>>,
    changes: Vec<ChangeV1>,
    /// What differs and a waiver allows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    waived: Vec<WaivedV1<'a>>,
    commands: Vec<CommandV1>,
}

#[derive(Serialize, JsonSchema)]
struct DiagnosticV1<'a> {
    code: &'a str,
    severity: &'static str,
    file: &'a str,
    line: usize,
    column: usize,
    message: &'a str,
    help: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct DriftV1<'a> {
    path: &'a str,
    kind: &'static str,
    /// For a file edited by hand: whether services.yaml or a template changed as well since it was
    /// generated.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved_on: Option<bool>,
    /// The size of a file whose content is not shown: one that is not a generated file, or differs
    /// in too much.
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes_not_shown: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
struct WaivedV1<'a> {
    path: &'a str,
    line: usize,
    kind: &'static str,
    reason: &'a str,
    until: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct ChangeV1 {
    removed: Vec<String>,
    added: Vec<String>,
    places: Vec<PlaceV1>,
    /// What is behind the added lines: a template with its line, then declared values with their
    /// places.
    behind: Vec<String>,
    /// What the change of the first place's file means, where it is a Dockerfile and no change
    /// before told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    meaning: Option<MeaningV1>,
}

#[derive(Serialize, JsonSchema)]
struct PlaceV1 {
    path: String,
    line: usize,
}

#[derive(Serialize, JsonSchema)]
struct CommandV1 {
    command: String,
    effect: String,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct GenerateV1<'a> {
    #[schemars(extend("const" = 1))]
    version: u8,
    #[schemars(extend("const" = "generate"))]
    command: &'static str,
    dry_run: bool,
    clean: bool,
    diagnostics: Vec<DiagnosticV1<'a>>,
    steps: Vec<StepV1<'a>>,
    commands: Vec<CommandV1>,
}

#[derive(Serialize, JsonSchema)]
struct StepV1<'a> {
    path: &'a str,
    action: &'static str,
    kind: &'static str,
    error: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct ListV1 {
    #[schemars(extend("const" = 1))]
    version: u8,
    #[schemars(extend("const" = "list"))]
    command: &'static str,
    images: Vec<ImageV1>,
    templates: Vec<TemplateV1>,
}

#[derive(Serialize, JsonSchema)]
struct ImageV1 {
    name: String,
    kind: String,
    template: String,
    base: String,
    port: Option<u16>,
    path: String,
}

#[derive(Serialize, JsonSchema)]
struct TemplateV1 {
    name: String,
    from: String,
}

/// What `check --format json` prints.
#[must_use]
pub fn check_json(findings: &Findings<'_>) -> Page {
    let errors = findings.diagnostics.iter().any(Diagnostic::is_error);
    let changes = group_changes(&findings.report.drifts);
    let drifts = findings.report.drifts.iter().map(|drift| DriftV1 {
        path: drift.path.as_str(),
        kind: drift.kind.word(),
        moved_on: if let DriftKind::HandEdited { moved_on } = drift.kind {
            Some(moved_on)
        } else {
            None
        },
        bytes_not_shown: drift
            .withheld()
            .or_else(|| changes.unshown.get(&drift.path).map(|bytes| *bytes as u64)),
    });
    let images = findings.fleet.map_or(0, |fleet| fleet.images.len());
    print(&CheckV1 {
        version: 1,
        command: "check",
        clean: !errors && findings.report.is_clean(),
        files: findings.report.compared,
        images,
        images_checked: findings.images_checked.unwrap_or(images),
        diagnostics: diagnostics(findings),
        drifts: drifts.collect(),
        changes: changes
            .groups
            .iter()
            .zip(meanings(findings, &changes.groups))
            .map(|(group, meaning)| change(findings, group, meaning))
            .collect(),
        waived: findings.waived.iter().map(waived).collect(),
        commands: commands(findings),
    })
}

/// What `generate --format json` prints.
#[must_use]
pub(crate) fn generate_json(findings: &Findings<'_>, outcome: &Outcome<'_>) -> Page {
    let errors = findings.diagnostics.iter().any(Diagnostic::is_error);
    let step = |action| match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Delete => "delete",
        Action::Keep => "keep",
        Action::KeepTogether => "keep-together",
        Action::KeepWithoutPrune => "keep-without-prune",
        Action::KeepForErrors => "keep-for-errors",
        Action::KeepWaived => "keep-waived",
    };
    let steps = outcome.steps.iter().map(|(planned, error)| StepV1 {
        path: planned.drift.path.as_str(),
        action: step(planned.action),
        kind: planned.drift.kind.word(),
        error: error.as_deref(),
    });
    print(&GenerateV1 {
        version: 1,
        command: "generate",
        dry_run: outcome.dry_run,
        clean: !errors && findings.report.is_clean(),
        diagnostics: diagnostics(findings),
        steps: steps.collect(),
        commands: if findings.report.is_clean() {
            Vec::new()
        } else {
            commands(findings)
        },
    })
}

/// What `list --format json` prints.
#[must_use]
pub(crate) fn list_json(fleet: &Fleet, templates: &Templates) -> Page {
    let image = |row: super::list::Row| ImageV1 {
        name: row.name,
        kind: row.kind,
        template: row.template,
        base: row.base,
        port: row.port,
        path: row.path,
    };
    print(&ListV1 {
        version: 1,
        command: "list",
        images: rows(fleet).into_iter().map(image).collect(),
        templates: template_rows(fleet, templates)
            .into_iter()
            .map(|(name, from)| TemplateV1 { name, from })
            .collect(),
    })
}

fn diagnostics<'a>(findings: &'a Findings<'_>) -> Vec<DiagnosticV1<'a>> {
    let one = |found: &'a Diagnostic| {
        let position = findings.sources.position(&found.location);
        DiagnosticV1 {
            code: found.code.id,
            severity: found.severity.word(),
            file: &found.location.file,
            line: position.line,
            column: position.column,
            message: &found.message,
            help: found.whole_help(),
        }
    };
    findings.diagnostics.iter().map(one).collect()
}

fn waived(waived: &Waived) -> WaivedV1<'_> {
    WaivedV1 {
        path: waived.drift.path.as_str(),
        line: waived.line,
        kind: waived.drift.kind.word(),
        reason: &waived.reason,
        until: waived.until.as_str(),
    }
}

/// What each of the first changes means, as far as none before told it.
fn meanings(findings: &Findings<'_>, groups: &[ChangeGroup]) -> Vec<Option<MeaningV1>> {
    let mut told = BTreeSet::new();
    let mut meaning = |(position, group): (usize, &ChangeGroup)| {
        let path = group.places.first()?.path.as_str();
        let meanings = findings.meanings.filter(|_| position < MEANINGS)?;
        let is_new = told.insert(path.to_owned());
        Some(meaning_json(&meanings.of(path).filter(|_| is_new)?))
    };
    groups.iter().enumerate().map(&mut meaning).collect()
}

fn change(findings: &Findings<'_>, group: &ChangeGroup, meaning: Option<MeaningV1>) -> ChangeV1 {
    let text = |lines: &Lines| {
        lines
            .iter()
            .map(|line| {
                String::from_utf8_lossy(line)
                    .trim_end_matches('\n')
                    .to_owned()
            })
            .collect()
    };
    ChangeV1 {
        removed: text(&group.removed),
        added: text(&group.added),
        places: group
            .places
            .iter()
            .map(|place| PlaceV1 {
                path: place.path.to_string(),
                line: place.old_line + 1,
            })
            .collect(),
        behind: behind(findings, group),
        meaning,
    }
}

fn commands(findings: &Findings<'_>) -> Vec<CommandV1> {
    let one = |remedy: super::remedy::Remedy| CommandV1 {
        command: remedy.command,
        effect: remedy.effect,
    };
    remedies(findings).commands.into_iter().map(one).collect()
}
