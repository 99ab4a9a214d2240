//! The code quality report of GitLab: a list of issues, each with a fingerprint of its own.

use serde::Serialize;

use super::finding::{Finding, findings as all};
use super::in_json::print;
use super::{Findings, Page};

#[derive(Serialize)]
struct Issue<'a> {
    description: &'a str,
    check_name: &'static str,
    fingerprint: &'a str,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
}

/// What `check --format gitlab` prints.
#[must_use]
pub(crate) fn gitlab(findings: &Findings<'_>) -> Page {
    let all = all(findings);
    print(&all.iter().map(issue).collect::<Vec<_>>())
}

fn issue(found: &Finding) -> Issue<'_> {
    Issue {
        description: &found.message,
        check_name: found.code,
        fingerprint: &found.fingerprint,
        severity: match found.level {
            "error" => "major",
            "warning" => "minor",
            _ => "info",
        },
        location: Location {
            path: &found.path,
            lines: Lines { begin: found.line },
        },
    }
}
