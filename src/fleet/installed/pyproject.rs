//! pyproject.toml, as far as images need it: the name of a project and what it asks for.
//! <https://packaging.python.org/en/latest/specifications/pyproject-toml/>

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::requirement_file::Line;
use crate::values::requirement::{Requirement, normalized};

/// A project of the repository.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct PyProject {
    /// What it asks for, with the first byte of each.
    pub(super) requirements: Vec<Line<Requirement>>,
    /// What its extras ask for, by name.
    extras: BTreeMap<String, Vec<Line<Requirement>>>,
    /// Whether it says what it asks for under `project`, as every installer reads it.
    pub(super) is_standard: bool,
    /// Whether poetry's own table says it.
    pub(super) is_poetry: bool,
    /// Whether all of it stands here, and no program computes it when the project is built.
    pub(super) is_complete: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct File {
    project: Option<Project>,
    tool: Tools,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
struct Project {
    dependencies: Vec<Spanned<String>>,
    optional_dependencies: BTreeMap<String, Vec<Spanned<String>>>,
    dynamic: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Tools {
    poetry: Option<toml::Table>,
}

impl PyProject {
    /// Reads a project.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text)
            .map_err(|_| "it is not valid TOML, or not a project".to_owned())?;
        let poetry = file.tool.poetry.as_ref();
        let is_poetry = poetry.is_some_and(|poetry| poetry.contains_key("dependencies"));
        let is_standard = file.project.is_some();
        let project = file.project.unwrap_or_default();
        let is_computed = |field: &String| field.ends_with("dependencies");
        let is_complete = is_standard && !project.dynamic.iter().any(is_computed);
        let extras = project.optional_dependencies.iter();
        let mut written = (project.optional_dependencies.values())
            .chain([&project.dependencies])
            .flatten();
        // With a line that is not understood it could ask for anything.
        let is_read = written.all(|text| Requirement::parse(text.get_ref()).is_ok());
        let extras = extras.map(|(name, asked)| (normalized(name), lines(asked)));
        Ok(Self {
            requirements: lines(&project.dependencies),
            extras: extras.collect(),
            is_standard,
            is_poetry,
            is_complete: is_complete && is_read,
        })
    }

    /// What it asks for with some of its extras.
    pub(super) fn with_extras(&self, extras: &[String]) -> Vec<Line<Requirement>> {
        let more = extras
            .iter()
            .filter_map(|extra| self.extras.get(&normalized(extra)));
        let all = self.requirements.iter().chain(more.flatten());
        all.cloned().collect()
    }

    /// Names with their versions, as uv records them in a lock.
    pub(super) fn asked(&self) -> BTreeSet<(String, String)> {
        let all = self
            .requirements
            .iter()
            .chain(self.extras.values().flatten());
        let asked = all.map(|line| {
            let specifiers = line.value.specifiers();
            let text = specifiers.map_or_else(String::new, |all| all.to_string());
            (line.value.normalized_name().to_owned(), text)
        });
        asked.collect()
    }
}

fn lines(texts: &[Spanned<String>]) -> Vec<Line<Requirement>> {
    let line = |text: &Spanned<String>| {
        Some(Line {
            start: text.span().start,
            value: Requirement::parse(text.get_ref()).ok()?,
        })
    };
    texts.iter().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dependencies_have_their_places() {
        let text = "[project]\nname = \"A\"\ndependencies = [\n  \"httpx>=0.27\",\n  \"common\",\n]\n\
                    [project.optional-dependencies]\nFast = [\"orjson\"]\n";
        let project = PyProject::read(text).unwrap();
        let found = project.with_extras(&["fast".to_owned()]);
        let places: Vec<&str> = found.iter().map(|line| &text[line.start..][..6]).collect();
        assert_eq!(places, ["\"httpx", "\"commo", "\"orjso"]);
        assert!(project.is_standard && !project.is_poetry);
        let recorded = ("httpx".to_owned(), ">=0.27".to_owned());
        assert!(project.asked().contains(&recorded));
    }

    #[test]
    fn what_poetry_alone_understands_is_known_as_such() {
        let text = "[tool.poetry]\nname = \"a\"\n[tool.poetry.dependencies]\npython = \"^3.12\"\n";
        let project = PyProject::read(text).unwrap();
        assert!(project.is_poetry && !project.is_standard);
        assert!(PyProject::read("[project\n").is_err());
    }
}
