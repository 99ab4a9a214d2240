//! Pipfile.lock: what it pins, as requirements (`pipenv/utils/dependencies.py`).

use std::collections::BTreeSet;

use serde_json::Value;

use super::install::{Asked, Install, LockTool};
use super::model::Claimant;
use super::pip::tool;
use super::run::Run;

/// What a lock holds.
struct Pins {
    requirements: Vec<String>,
    indexes: Vec<String>,
}

impl Run<'_, '_> {
    /// Installs what a Pipfile.lock pins, package by package; as a whole where it cannot be read.
    pub(super) fn pins(&mut self, folder: String, groups: BTreeSet<String>) -> Claimant {
        let is_dev = groups.contains("dev");
        let Some(lock) = self.lock(LockTool::Pipenv, ".", groups, BTreeSet::new(), None) else {
            return Claimant::Step;
        };
        let pins = match &lock {
            Install::Lock { path, .. } => self.reading.build().tree.text(path),
            _ => None,
        };
        let Some(pins) = pins.and_then(|text| read(&text, is_dev)) else {
            return self.synced(folder, lock, None);
        };
        let stage = self.reading.stage_mut();
        stage.environments.insert(folder.clone());
        for url in pins.indexes {
            stage.indexes.insert(url.clone());
            let is_extra = false;
            stage.ask(&folder, Asked::Index { url, is_extra });
        }
        for text in pins.requirements {
            let install = Install::of_requirement(&text);
            match tool(&install).map(str::to_owned) {
                Some(name) => drop(stage.tools.insert(name)),
                None => stage.place(folder.clone(), install),
            }
            stage.ask(&folder, Asked::Requirement(text));
        }
        Claimant::Installs
    }
}

/// Nothing for a text that is no lock, or that installs a folder.
fn read(text: &str, is_dev: bool) -> Option<Pins> {
    let lock: Value = serde_json::from_str(text).ok()?;
    let mut requirements = Vec::new();
    for section in ["default", "develop"] {
        if section == "develop" && !is_dev {
            continue;
        }
        for (name, entry) in lock.get(section)?.as_object()? {
            requirements.push(requirement(name, entry)?);
        }
    }
    let sources = lock.pointer("/_meta/sources").and_then(Value::as_array);
    let urls = sources.into_iter().flatten();
    let urls = urls.filter_map(|source| source.get("url")?.as_str());
    let is_own = |url: &&str| !url.trim_end_matches('/').ends_with("pypi.org/simple");
    let indexes = urls.filter(is_own).map(str::to_owned).collect();
    Some(Pins {
        requirements,
        indexes,
    })
}

fn requirement(name: &str, entry: &Value) -> Option<String> {
    let text = |key: &str| entry.get(key).and_then(Value::as_str);
    let extras = entry.get("extras").and_then(Value::as_array);
    let extras: Vec<&str> = extras
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let mut line = name.to_owned();
    if !extras.is_empty() {
        line.extend(["[", &extras.join(","), "]"]);
    }
    if let Some(url) = text("git") {
        let revision = text("ref").map_or_else(String::new, |revision| format!("@{revision}"));
        let scheme = if url.starts_with("git+") { "" } else { "git+" };
        line.extend([" @ ", scheme, url, &revision]);
    } else {
        line.push_str(text("version").filter(|version| *version != "*")?);
    }
    if let Some(markers) = text("markers") {
        line.extend(["; ", markers]);
    }
    Some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_become_requirements() {
        let lock = r#"{
            "_meta": { "sources": [{ "url": "https://pypi.org/simple" }, { "url": "https://i.example/s" }] },
            "default": {
                "Flask": { "version": "==3.0.0", "markers": "python_version >= '3.8'", "hashes": [] },
                "psycopg": { "version": "==3.1", "extras": ["binary"] },
                "tool": { "git": "https://h.example/tool.git", "ref": "abc" }
            },
            "develop": { "pytest": { "version": "==8.0.0" } }
        }"#;
        let pins = read(lock, false).unwrap();
        assert_eq!(
            pins.requirements,
            [
                "Flask==3.0.0; python_version >= '3.8'",
                "psycopg[binary]==3.1",
                "tool @ git+https://h.example/tool.git@abc",
            ]
        );
        assert_eq!(pins.indexes, ["https://i.example/s"]);
        assert_eq!(read(lock, true).unwrap().requirements.len(), 4);
        for broken in [
            "",
            "{}",
            r#"{"default": {"a": {"path": "."}}}"#,
            r#"{"default": {"a": {"version": "*"}}}"#,
        ] {
            assert!(read(broken, false).is_none(), "{broken}");
        }
    }
}
