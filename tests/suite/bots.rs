//! The recipes of docs/bots.md find what they promise, and are what their bots take.

use std::path::Path;
use std::process::Command;

use regex::Regex;
use serde_json::Value;

use crate::support::has;

const RENOVATE: &str = include_str!("../fixtures/bots/renovate.json");
const DEPENDABOT: &str = include_str!("../fixtures/bots/dependabot.yml");
const SERVICES: &str = include_str!("../fixtures/bots/services.yaml");

/// Name and version of everything that a manager finds. Renovate's patterns run on RE2, and these
/// crates share its dialect.
fn found(manager: &Value, text: &str) -> Vec<(String, String)> {
    let name = manager["depNameTemplate"].as_str();
    let mut all = Vec::new();
    for pattern in manager["matchStrings"].as_array().unwrap() {
        let pattern = Regex::new(pattern.as_str().unwrap()).unwrap();
        all.extend(pattern.captures_iter(text).map(|captures| {
            let name = name.map_or_else(|| captures["depName"].to_owned(), str::to_owned);
            let digest = captures
                .name("currentDigest")
                .map(|digest| format!("@{}", digest.as_str().len()));
            (
                name,
                captures["currentValue"].to_owned() + &digest.unwrap_or_default(),
            )
        }));
    }
    all
}

fn pairs(found: &[(String, String)]) -> Vec<(&str, &str)> {
    found
        .iter()
        .map(|(name, version)| (name.as_str(), version.as_str()))
        .collect()
}

#[test]
fn each_version_of_a_declaration_is_found_by_one_manager() {
    let config: Value = serde_json::from_str(RENOVATE).unwrap();
    let managers = config["customManagers"].as_array().unwrap();
    let found: Vec<_> = managers
        .iter()
        .map(|manager| found(manager, SERVICES))
        .collect();
    let pins = [
        ("fastapi", "0.115.6"),
        ("uvicorn", "0.34.0"),
        ("httpx", "0.28.1"),
        ("torch", "2.5.1"),
        ("numpy", "2.2.1"),
        ("stripe", "11.4.1"),
    ];
    assert_eq!(pairs(&found[0]), pins);
    let images = [
        ("mirror.example.com/library/python", "3.12.7-slim@71"),
        ("nvidia/cuda", "12.6.3-runtime-ubuntu24.04"),
    ];
    assert_eq!(pairs(&found[1]), images);
    assert_eq!(pairs(&found[2]), [("python", "3.12")]);
}

#[test]
fn our_own_declaration_is_found_too() {
    let config: Value = serde_json::from_str(RENOVATE).unwrap();
    let text = include_str!("../../services.yaml").replace("- httpx\n", "- httpx==0.28.1\n");
    let all: Vec<_> = config["customManagers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|manager| found(manager, &text))
        .collect();
    assert_eq!(pairs(&all[0]), [("httpx", "0.28.1")]);
    assert_eq!(pairs(&all[2]), [("python", "3.12")]);
}

#[test]
fn the_managers_read_declarations_alone() {
    let config: Value = serde_json::from_str(RENOVATE).unwrap();
    for manager in config["customManagers"].as_array().unwrap() {
        let pattern = manager["managerFilePatterns"][0]
            .as_str()
            .unwrap()
            .trim_matches('/');
        let pattern = Regex::new(pattern).unwrap();
        assert!(pattern.is_match("services.yaml") && pattern.is_match("team/services.yaml"));
        assert!(
            !pattern.is_match("generated/svc-a/requirements.txt")
                && !pattern.is_match("myservices.yaml")
        );
    }
}

#[test]
fn the_fixture_is_a_fleet_without_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("services.yaml"), SERVICES).unwrap();
    let program = env!("CARGO_BIN_EXE_dockwright");
    let output = Command::new(program)
        .arg("generate")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[test]
fn the_page_shows_the_fixtures() {
    let page = include_str!("../../docs/bots.md");
    assert!(page.contains(&format!("```json\n{RENOVATE}```")));
    assert!(page.contains(&format!("```yaml\n{DEPENDABOT}```")));
}

#[test]
fn the_bots_take_their_configurations() {
    if !has(&["check-jsonschema"]) {
        return;
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bots");
    for (schema, file) in [
        ("vendor.renovate", "renovate.json"),
        ("vendor.dependabot", "dependabot.yml"),
    ] {
        let mut command = Command::new("check-jsonschema");
        let output = command
            .args(["--builtin-schema", schema])
            .arg(fixtures.join(file))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
    }
}
