//! The files that a resolver reads.

use super::question::{CONSTRAINTS, Question, REQUIREMENTS};
use super::uv::{UV_OUTPUT, project};

/// The file of what the lock pinned before.
pub(super) const PREFERENCES: &str = "preferences.txt";

/// The files that a resolver reads, by name.
#[must_use]
pub(crate) fn files(question: &Question<'_>) -> Vec<(&'static str, String)> {
    let preferences = text(question.preferences.iter().map(String::as_str));
    vec![
        (REQUIREMENTS, text(question.requirements.iter().copied())),
        (
            CONSTRAINTS,
            text(question.constraints.iter().map(String::as_str)),
        ),
        (UV_OUTPUT, preferences.clone()),
        (PREFERENCES, preferences),
        ("pyproject.toml", project(question)),
    ]
}

/// Lines, each ended.
fn text<'a>(lines: impl Iterator<Item = &'a str>) -> String {
    lines.flat_map(|line| [line, "\n"]).collect()
}
