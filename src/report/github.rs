//! Annotations for GitHub Actions and what understands its workflow commands.

use std::collections::BTreeMap;

use super::text::{label, withheld_note};
use super::{Findings, Page, page};
use crate::artifact::ArtifactPath;
use crate::diagnostic::Severity;

/// How many annotations of a level a run shows: GitHub drops the rest without a word.
const SHOWN: usize = 10;

struct Annotation {
    level: &'static str,
    file: String,
    line: usize,
    column: usize,
    title: String,
    message: String,
}

/// One line an annotation; what would be dropped is put into the last one of its level.
#[must_use]
pub fn annotations(findings: &Findings<'_>) -> Page {
    let all: Vec<Annotation> = diagnostics(findings).chain(drifts(findings)).collect();
    let of_level = |level| {
        aggregated(
            all.iter()
                .filter(|annotation| annotation.level == level)
                .collect(),
        )
    };
    Page::joined(["error", "warning", "notice"].map(of_level), "")
}

fn aggregated(annotations: Vec<&Annotation>) -> Page {
    if annotations.len() <= SHOWN {
        return Page::joined(
            annotations
                .into_iter()
                .map(|annotation| line(annotation, &message(annotation))),
            "",
        );
    }
    let (shown, rest) = annotations.split_at(SHOWN - 1);
    let mut page = Page::joined(
        shown
            .iter()
            .map(|annotation| line(annotation, &message(annotation))),
        "",
    );
    if let Some(first) = rest.first() {
        let names = rest.iter().map(|annotation| {
            page!(
                "{}:{}: {}",
                annotation.file,
                annotation.line,
                annotation.message
            )
        });
        page.push(&line(
            first,
            &page!("{} more:\n{}", rest.len(), Page::joined(names, "\n")),
        ));
    }
    page
}

fn message(annotation: &Annotation) -> Page {
    page!("{}", annotation.message)
}

fn line(annotation: &Annotation, message: &Page) -> Page {
    let properties = [
        ("file", page!("{}", annotation.file)),
        ("line", page!("{}", annotation.line)),
        ("col", page!("{}", annotation.column)),
        ("title", page!("{}", annotation.title)),
    ];
    Page::annotation(annotation.level, &properties, message)
}

fn diagnostics(findings: &Findings<'_>) -> impl Iterator<Item = Annotation> {
    findings.diagnostics.iter().map(|found| {
        let position = findings.sources.position(&found.location);
        let help = found
            .help
            .as_ref()
            .map(|help| format!("; {help}"))
            .unwrap_or_default();
        Annotation {
            level: match found.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Hint => "notice",
            },
            file: found.location.file.clone(),
            line: position.line,
            column: position.column,
            title: format!("dockwright {}", found.code.id),
            message: format!("{}{help}", found.message),
        }
    })
}

fn drifts(findings: &Findings<'_>) -> impl Iterator<Item = Annotation> {
    let groups = crate::drift::group_changes(&findings.report.drifts);
    let command = findings.command("check");
    let mut first_lines: BTreeMap<ArtifactPath, usize> = BTreeMap::new();
    for place in groups.groups.into_iter().flat_map(|group| group.places) {
        let first = first_lines.entry(place.path).or_insert(place.old_line + 1);
        *first = (*first).min(place.old_line + 1);
    }
    findings.report.drifts.iter().map(move |drift| {
        let line = first_lines.get(&drift.path).copied();
        Annotation {
            level: "error",
            file: drift.path.to_string(),
            line: line.unwrap_or(1),
            column: 1,
            title: format!("dockwright {}", drift.kind.word()),
            message: format!(
                "{} is {}{}; run `{command}` to see why and what to type",
                drift.path,
                label(&drift.kind),
                withheld_note(drift)
                    .map(|note| format!(", {note}"))
                    .unwrap_or_default()
            ),
        }
    })
}
