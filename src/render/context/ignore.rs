//! What the dockerignore file of an image may print, and what no image takes by default.

use serde::Serialize;

use super::constraints::{constraints, constraints_of};
use super::path::{copies, generated, requirements_path, service};
use super::requirements::has_requirements;
use crate::artifact::lies_in;
use crate::fleet::{Fleet, Image};
use crate::render::pen::{Pen, Printed};

/// What stays out of every image at any depth: secrets, histories, environments and caches of
/// tools, and files of builders. The template has them as text, since a loop over them would cost
/// more than everything else in that file; a test holds both equal.
const LEFT_OUT: [&str; 26] = [
    ".git",
    ".hg",
    ".svn",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    "*.pyc",
    ".env*",
    "*.pem",
    "*.key",
    "id_rsa*",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".coverage",
    "htmlcov",
    ".idea",
    ".vscode",
    ".DS_Store",
    "Dockerfile",
    "Dockerfile.*",
    "compose.y*ml",
    "compose.*.y*ml",
    "docker-compose*.y*ml",
];

/// What the template of a dockerignore file may print.
#[derive(Debug, Serialize)]
pub(in crate::render) struct IgnoreContext<'a> {
    /// The paths that the build context keeps.
    context: Vec<Printed<'a>>,
    /// Generated files below a copied folder that the image has no use for.
    excluded: Vec<Printed<'a>>,
    /// Those paths of `context` that [`LEFT_OUT`] would take away: a declaration names them.
    kept: Vec<Printed<'a>>,
}

impl<'a> IgnoreContext<'a> {
    pub(in crate::render) fn of(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Self {
        let context = context(pen, fleet, image);
        let is_left_out = |path: &Printed<'_>| is_left_out(path.text());
        let kept = if context.iter().any(is_left_out) {
            self::context(pen, fleet, image)
        } else {
            Vec::new()
        };
        let shared = fleet.shared.iter().map(|folder| folder.value.as_str());
        let mut copied = service(image)
            .into_iter()
            .flat_map(|service| shared.clone().chain([service.source.as_str()]));
        let excluded = copied.any(|folder| lies_in(&image.folder, folder));
        let excluded =
            excluded.then(|| generated(pen, image, format!("{}/Dockerfile*", image.folder)));
        Self {
            context,
            excluded: excluded.into_iter().collect(),
            kept: kept.into_iter().filter(is_left_out).collect(),
        }
    }
}

/// What the Dockerfile mounts or copies.
fn context<'a>(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Vec<Printed<'a>> {
    let mut context =
        service(image).map_or_else(Vec::new, |service| copies(pen, fleet, image, service));
    if has_requirements(image) {
        context.push(generated(pen, image, requirements_path(image)));
        context.extend(constraints_of(fleet, image).map(|base| constraints(pen, fleet, base)));
    }
    context
}

/// Whether a name in a path is one of [`LEFT_OUT`].
fn is_left_out(path: &str) -> bool {
    let is_name = |name: &str| LEFT_OUT.iter().any(|pattern| matches(pattern, name));
    path.split('/').any(is_name)
}

/// Whether a name matches a pattern, in which `*` stands for any text.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(start) else {
        return false;
    };
    loop {
        if matches(rest, name) {
            return true;
        }
        let mut characters = name.chars();
        if characters.next().is_none() {
            return false;
        }
        name = characters.as_str();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::templates::built_in;

    #[test]
    fn the_template_has_the_same_patterns() {
        let text = built_in("image/Dockerfile.dockerignore.j2").expect("a built-in template");
        let patterns: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("**/"))
            .collect();
        assert_eq!(patterns, LEFT_OUT);
    }

    #[test]
    fn names_match_whole_and_stars_stand_for_anything() {
        for path in [
            "venv",
            "a/.env",
            "a/.env.production",
            "tls/server.key",
            "docker-compose.dev.yaml",
            "x/Dockerfile.dev/y",
        ] {
            assert!(is_left_out(path), "{path}");
        }
        for path in [
            "venvs",
            "env",
            "key",
            "compose.yamls",
            "apps/dockerfile",
            "",
        ] {
            assert!(!is_left_out(path), "{path}");
        }
    }
}
