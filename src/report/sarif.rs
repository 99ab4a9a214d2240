//! SARIF 2.1.0 (OASIS), as code scanning services read it: diagnostics and differences as results.
//!
//! Paths are relative references from the top folder of the repository, and columns count
//! characters.

use std::collections::BTreeMap;

use serde::Serialize;

use super::finding::{Finding, findings as all};
use super::in_json::print;
use super::{Findings, Page};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Outcome>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
struct Driver {
    name: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    short_description: Text,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: String,
    level: &'static str,
    message: Text,
    locations: [Place; 1],
    partial_fingerprints: BTreeMap<&'static str, String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Place {
    physical_location: PhysicalLocation,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}

/// What `check --format sarif` prints.
#[must_use]
pub(crate) fn sarif(findings: &Findings<'_>) -> Page {
    let all = all(findings);
    let rules: BTreeMap<&str, &str> = all
        .iter()
        .map(|found| (found.code, found.summary))
        .collect();
    let rule = |(id, summary): (&str, &str)| Rule {
        id: id.to_owned(),
        short_description: Text {
            text: summary.to_owned(),
        },
    };
    print(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "dockwright",
                    rules: rules.into_iter().map(rule).collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            results: all.iter().map(result).collect(),
        }],
    })
}

fn result(found: &Finding) -> Outcome {
    Outcome {
        rule_id: found.code.to_owned(),
        level: match found.level {
            "hint" => "note",
            level => level,
        },
        message: Text {
            text: found.message.clone(),
        },
        locations: [Place {
            physical_location: PhysicalLocation {
                artifact_location: ArtifactLocation {
                    uri: reference(&found.path),
                },
                region: Region {
                    start_line: found.line,
                    start_column: found.column,
                },
            },
        }],
        partial_fingerprints: BTreeMap::from([("dockwright/v1", found.fingerprint.clone())]),
    }
}

/// A path as a relative reference (RFC 3986): everything but unreserved characters and slashes is
/// encoded.
fn reference(path: &str) -> String {
    let encoded = path.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
            char::from(byte).to_string()
        }
        other => format!("%{other:02X}"),
    });
    encoded.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_relative_references() {
        assert_eq!(reference("a/b-c_d.txt"), "a/b-c_d.txt");
        assert_eq!(reference("a b:c%é"), "a%20b%3Ac%25%C3%A9");
    }
}
