//! The templates: built-in ones in one table, and a fleet's own, which win by name.

use std::borrow::Cow;
use std::collections::BTreeMap;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// The built-in templates: name below templates/, and text.
        const BUILT_IN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../templates/", $name)))),*];
    };
}

built_in![
    "base/on-base.Dockerfile.j2",
    "base/python-slim.Dockerfile.j2",
    "fleet/compose.yaml.j2",
    "fleet/docker-bake.hcl.j2",
    "fleet/workflow.yaml.j2",
    "image/Dockerfile.dockerignore.j2",
    "image/constraints.txt.j2",
    "image/requirements.txt.j2",
    "partials/apk.j2",
    "partials/apt-build.j2",
    "partials/apt.j2",
    "partials/args.j2",
    "partials/base-args.j2",
    "partials/build-setup.j2",
    "partials/cache-mount.j2",
    "partials/constraint-mount.j2",
    "partials/entrypoint.j2",
    "partials/env.j2",
    "partials/get-dockwright.j2",
    "partials/healthcheck.j2",
    "partials/labels.j2",
    "partials/layer-times.j2",
    "partials/lock.j2",
    "partials/pip-on-base.j2",
    "partials/poetry.j2",
    "partials/projects.j2",
    "partials/python-env.j2",
    "partials/requirement-mounts.j2",
    "partials/root.j2",
    "partials/secret-mounts.j2",
    "partials/user.j2",
    "partials/uv.j2",
    "partials/venv-stage.j2",
    "partials/wheel-stage.j2",
    "service/ml-on-base.Dockerfile.j2",
    "service/multi-stage-slim.Dockerfile.j2",
    "service/on-base.Dockerfile.j2",
    "service/runtime-on-base.Dockerfile.j2",
    "service/service.Dockerfile.j2",
];

/// How the names of templates of Dockerfiles end.
pub(super) const DOCKERFILE: &str = ".Dockerfile.j2";

/// The prefix under which a fleet's own template reaches the built-in one that it replaces.
pub(super) const BUILT_IN_PREFIX: &str = "builtin/";

/// The text of a built-in template, by its name with or without [`BUILT_IN_PREFIX`].
pub(super) fn built_in(name: &str) -> Option<&'static str> {
    let name = name.strip_prefix(BUILT_IN_PREFIX).unwrap_or(name);
    BUILT_IN
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, text)| *text)
}

/// Where a template comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// It is part of the program.
    BuiltIn,
    /// It is a file of the fleet, by its path below the root.
    File(String),
}

/// A template and where it comes from.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) text: Cow<'static, str>,
    pub(super) source: Source,
}

/// All templates by name.
#[derive(Debug, Clone)]
pub struct Templates(BTreeMap<String, Template>);

impl Default for Templates {
    fn default() -> Self {
        let built_in = |(name, text): &(&str, &'static str)| {
            let template = Template {
                text: Cow::Borrowed(*text),
                source: Source::BuiltIn,
            };
            ((*name).to_owned(), template)
        };
        Self(BUILT_IN.iter().map(built_in).collect())
    }
}

impl Templates {
    /// Adds a fleet's own template; it wins over a built-in one of the same name, which stays
    /// reachable as `builtin/<name>`.
    pub(crate) fn add(&mut self, name: &str, text: String, path: String) {
        let own = Template {
            text: Cow::Owned(text),
            source: Source::File(path),
        };
        if let Some(replaced) = self.0.insert(name.to_owned(), own) {
            self.0.insert(format!("{BUILT_IN_PREFIX}{name}"), replaced);
        }
    }

    /// The names and where each comes from, without those that a fleet's own replaced.
    pub fn origins(&self) -> impl Iterator<Item = (&str, &Source)> {
        self.0
            .iter()
            .filter(|(name, _)| !name.starts_with(BUILT_IN_PREFIX))
            .map(|(name, template)| (name.as_str(), &template.source))
    }

    /// Whether a template of this name exists.
    #[must_use]
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The name of the template that a word stands for: its name, or its name without folder and
    /// ending.
    ///
    /// # Errors
    /// Says which templates the word could mean, or which there are.
    pub(crate) fn find(&self, wanted: &str) -> Result<&str, String> {
        let stem = |name: &str| {
            let file = name.rsplit('/').next().unwrap_or(name);
            file.trim_end_matches(".j2")
                .trim_end_matches(".Dockerfile")
                .to_owned()
        };
        let names: Vec<&str> = self.origins().map(|(name, _)| name).collect();
        if let Some(name) = names.iter().find(|name| **name == wanted) {
            return Ok(name);
        }
        let meant: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| stem(name) == wanted)
            .collect();
        match meant.as_slice() {
            [one] => Ok(one),
            [] => Err(format!(
                "unknown template `{wanted}`; templates: {}",
                names.join(", ")
            )),
            several => Err(format!("`{wanted}` could be {}", several.join(" or "))),
        }
    }

    /// The text of a template.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|template| template.text.as_ref())
    }

    /// The path that people know a template by: its file, or `builtin/<name>`.
    #[must_use]
    pub(crate) fn display_path(&self, name: &str) -> String {
        match self.0.get(name).map(|template| &template.source) {
            Some(Source::File(path)) => path.clone(),
            _ => format!(
                "{BUILT_IN_PREFIX}{}",
                name.trim_start_matches(BUILT_IN_PREFIX)
            ),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Template)> {
        self.0
            .iter()
            .map(|(name, template)| (name.as_str(), template))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fleets_own_template_wins_and_the_built_in_stays_reachable() {
        let mut templates = Templates::default();
        templates.add(
            "partials/apt.j2",
            "own".to_owned(),
            "docker/partials/apt.j2".to_owned(),
        );
        assert_eq!(templates.text("partials/apt.j2"), Some("own"));
        assert_eq!(
            templates.text("builtin/partials/apt.j2"),
            Templates::default().text("partials/apt.j2")
        );
        assert_eq!(
            templates.display_path("partials/apt.j2"),
            "docker/partials/apt.j2"
        );
    }

    #[test]
    #[expect(
        clippy::disallowed_methods,
        reason = "the folder itself is what the table is held against"
    )]
    fn the_table_names_every_file_of_the_folder() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        let mut files = Vec::new();
        let mut folders = vec![root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(name) = path.strip_prefix(&root) {
                    files.push(name.display().to_string());
                }
            }
        }
        files.sort();
        assert_eq!(
            files,
            BUILT_IN.iter().map(|(name, _)| *name).collect::<Vec<_>>()
        );
    }
}
