//! What the dockerignore file of an image may print, and what no image takes by default.

use serde::Serialize;

use super::constraints::{constraints, constraints_of};
use super::path::{entry, generated, requirements_path, service, taken};
use super::requirements::{has_requirements, installed_files};
use crate::artifact::lies_in;
use crate::fleet::{Fleet, Image, Sourced};
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
    /// Whether the whole repository is taken, so that nothing is left out at first.
    whole: bool,
    /// The paths that the build context keeps.
    context: Vec<Printed<'a>>,
    /// Generated files below a copied folder that the image has no use for.
    excluded: Vec<Printed<'a>>,
    /// What the declaration leaves out.
    ignore: Vec<Printed<'a>>,
    /// Those paths of `context` that these patterns or [`LEFT_OUT`] would take away: a declaration
    /// names them.
    kept: Vec<Printed<'a>>,
}

impl<'a> IgnoreContext<'a> {
    /// `read` is what the rendered Dockerfile takes, where hooks or templates of the fleet's own
    /// could take more than is declared.
    pub(in crate::render) fn of(
        pen: &Pen,
        fleet: &'a Fleet,
        image: &'a Image,
        read: Option<Vec<String>>,
    ) -> Self {
        let mut paths = declared_paths(pen, fleet, image);
        if let Some(read) = read {
            paths = with_read(pen, image, paths, read);
        }
        let whole = paths.iter().any(|path| path.text() == WHOLE);
        let patterns = patterns(fleet, image);
        let is_excluded = paths.iter().any(|path| {
            let path = path.text();
            path == WHOLE || lies_in(&image.folder, path)
        });
        let excluded =
            is_excluded.then(|| generated(pen, image, format!("{}/Dockerfile*", image.folder)));
        let is_kept = |path: &Printed<'_>| {
            let path = path.text();
            path != WHOLE && (is_left_out(path) || is_ignored(path, &patterns))
        };
        let kept = paths.iter().filter(|path| is_kept(path)).cloned().collect();
        paths.retain(|path| !whole || path.text() != WHOLE);
        Self {
            whole,
            context: if whole { Vec::new() } else { paths },
            excluded: excluded.into_iter().collect(),
            ignore: patterns
                .into_iter()
                .map(|pattern| pen.write(pattern.value.as_str(), [pattern.origin]))
                .collect(),
            kept,
        }
    }
}

/// The patterns that are declared for an image: a base has those of the fleet where it takes
/// anything.
fn patterns<'a>(fleet: &'a Fleet, image: &'a Image) -> Vec<&'a Sourced<String>> {
    match service(image) {
        Some(service) => service.ignore.iter().collect(),
        None if image.copies.is_empty() => Vec::new(),
        None => fleet.ignore.iter().collect(),
    }
}

/// The path of the whole build context.
const WHOLE: &str = ".";

/// What the Dockerfile mounts or copies because it is declared.
pub(in crate::render) fn declared_paths<'a>(
    pen: &Pen,
    fleet: &'a Fleet,
    image: &'a Image,
) -> Vec<Printed<'a>> {
    let mut context = taken(pen, image);
    if has_requirements(image) {
        context.push(generated(pen, image, requirements_path(image)));
    }
    if has_requirements(image) || !installed_files(image).is_empty() {
        context.extend(constraints_of(fleet, image).map(|base| constraints(pen, fleet, base)));
    }
    for file in installed_files(image) {
        let reached = file.reached.iter();
        context.extend(reached.map(|path| pen.write(path.as_str(), [file.path.origin])));
        let folders = file
            .folders()
            .map(|folder| if folder.is_empty() { WHOLE } else { folder });
        context.extend(folders.map(|folder| pen.write(folder, [file.path.origin])));
    }
    context
}

/// The same with what the rendered Dockerfile takes beside it: that comes from hooks, and from the
/// templates that a fleet has of its own.
fn with_read<'a>(
    pen: &Pen,
    image: &'a Image,
    mut paths: Vec<Printed<'a>>,
    read: Vec<String>,
) -> Vec<Printed<'a>> {
    for path in read {
        if paths.iter().any(|known| known.text() == path) {
            continue;
        }
        let hooks = image.hooks.iter().flat_map(|hook| &hook.lines);
        let origins = hooks.map(|line| line.origin).chain([entry(image)]);
        paths.push(pen.write(path, origins));
    }
    paths
}

/// Whether a pattern that is declared takes a path away.
fn is_ignored(path: &str, patterns: &[&Sourced<String>]) -> bool {
    patterns.iter().any(|pattern| {
        let pattern = pattern.value.as_str();
        match pattern.strip_prefix("**/") {
            Some(name) => path.split('/').any(|one| matches(name, one)),
            None => matches(pattern, path) || lies_in(path, pattern),
        }
    })
}

/// Whether a name in a path is one of [`LEFT_OUT`].
fn is_left_out(path: &str) -> bool {
    let is_name = |name: &str| {
        let first = name.as_bytes().first();
        LEFT_OUT.iter().any(|pattern| match pattern.as_bytes()[0] {
            // It has no other star.
            b'*' => name.ends_with(&pattern[1..]),
            // Most patterns are out of the question by their first letter.
            letter => Some(&letter) == first && matches(pattern, name),
        })
    };
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
        let ends = LEFT_OUT
            .iter()
            .filter_map(|pattern| pattern.strip_prefix('*'));
        assert!(ends.clone().all(|end| !end.contains('*')) && ends.count() == 3);
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
