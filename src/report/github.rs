//! Annotations for GitHub Actions and what understands its workflow commands.

use std::collections::BTreeMap;

use super::Findings;
use super::inert::{annotation_data, annotation_property, inert_lines};
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
pub fn annotations(findings: &Findings<'_>) -> String {
    let all: Vec<Annotation> = diagnostics(findings).chain(drifts(findings)).collect();
    let of_level = |level| aggregated(all.iter().filter(|annotation| annotation.level == level).collect());
    of_level("error") + &of_level("warning") + &of_level("notice")
}

fn aggregated(annotations: Vec<&Annotation>) -> String {
    if annotations.len() <= SHOWN {
        return annotations.into_iter().map(|annotation| line(annotation, &annotation.message)).collect();
    }
    let (shown, rest) = annotations.split_at(SHOWN - 1);
    let mut page: String = shown.iter().map(|annotation| line(annotation, &annotation.message)).collect();
    if let Some(first) = rest.first() {
        let names: Vec<String> = rest
            .iter()
            .map(|annotation| format!("{}:{}: {}", annotation.file, annotation.line, annotation.message))
            .collect();
        page.push_str(&line(first, &format!("{} more:\n{}", rest.len(), names.join("\n"))));
    }
    page
}

fn line(annotation: &Annotation, message: &str) -> String {
    format!(
        "::{} file={},line={},col={},title={}::{}\n",
        annotation.level,
        annotation_property(&inert_lines(annotation.file.as_bytes())),
        annotation.line,
        annotation.column,
        annotation_property(&annotation.title),
        annotation_data(&inert_lines(message.as_bytes())),
    )
}

fn diagnostics(findings: &Findings<'_>) -> impl Iterator<Item = Annotation> {
    findings.diagnostics.iter().map(|found| {
        let position = findings.sources.position(&found.location);
        let help = found.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
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
            message: format!("{} is {}; run `{command}` to see why and what to type", drift.path, drift.kind.word()),
        }
    })
}
