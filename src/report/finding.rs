//! What `check` found, one thing after another, as formats for other programs have it.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use super::Findings;
use super::kinds::{label, reason, withheld_note};
use crate::artifact::ArtifactPath;
use crate::drift::group_changes;

/// A diagnostic or a difference.
pub(super) struct Finding {
    /// `error`, `warning` or `hint`.
    pub(super) level: &'static str,
    /// What was found, in kebab case.
    pub(super) code: &'static str,
    /// The same in words.
    pub(super) summary: &'static str,
    /// The file, from the top folder of the repository.
    pub(super) path: String,
    /// From 1.
    pub(super) line: usize,
    /// From 1, in characters.
    pub(super) column: usize,
    pub(super) message: String,
    /// Stays while lines move: a digest over code, path and message, and the number of equal ones
    /// before it.
    pub(super) fingerprint: String,
}

/// Everything, diagnostics first.
pub(super) fn findings(findings: &Findings<'_>) -> Vec<Finding> {
    let mut all: Vec<Finding> = diagnostics(findings).chain(drifts(findings)).collect();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for found in &mut all {
        let text = format!("{}\n{}\n{}", found.code, found.path, found.message);
        let count = seen.entry(text.clone()).or_default();
        let digest = Sha256::digest(format!("{text}\n{count}"));
        found.fingerprint = base16ct::lower::encode_string(&digest);
        *count += 1;
    }
    all
}

/// What is wrong with the declaration.
pub(super) fn diagnostics(findings: &Findings<'_>) -> impl Iterator<Item = Finding> {
    findings.diagnostics.iter().map(|found| {
        let position = findings.sources.position(&found.location);
        let help = found.help.as_ref().map(|help| format!("; {help}"));
        Finding {
            level: found.severity.word(),
            code: found.code.id,
            summary: found.code.summary,
            path: findings.path_from_top(&found.location.file),
            line: position.line,
            column: position.column,
            message: format!("{}{}", found.message, help.unwrap_or_default()),
            fingerprint: String::new(),
        }
    })
}

fn drifts(findings: &Findings<'_>) -> impl Iterator<Item = Finding> {
    let groups = group_changes(&findings.report.drifts);
    let command = findings.command("check");
    let mut first_lines: BTreeMap<ArtifactPath, usize> = BTreeMap::new();
    for place in groups.groups.into_iter().flat_map(|group| group.places) {
        let first = first_lines.entry(place.path).or_insert(place.old_line + 1);
        *first = (*first).min(place.old_line + 1);
    }
    findings.report.drifts.iter().map(move |drift| {
        let line = first_lines.get(&drift.path).copied();
        let note = withheld_note(drift).map(|note| format!(", {note}"));
        Finding {
            level: "error",
            code: drift.kind.word(),
            summary: reason(&drift.kind),
            path: findings.path_from_top(drift.path.as_str()),
            line: line.unwrap_or(1),
            column: 1,
            message: format!(
                "{} is {}{}; run `{command}` to see why and what to type",
                drift.path,
                label(&drift.kind),
                note.unwrap_or_default()
            ),
            fingerprint: String::new(),
        }
    })
}
