//! Test runners, linters and the like in images.

use std::collections::BTreeSet;

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::{Code, Severity};

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "dev-dep-in-image",
        severity: Severity::Error,
        summary: "an image installs a development package",
        explanation: "pytest, mypy, ruff and similar tools run on your machine and in CI. In an \
                      image they add size and attack surface. Put them into a set with \
                      `development: true`, which no image may use. `policy.development` adds \
                      packages to the built-in list.",
        example: "services: { svc-a: { kind: web, port: 8000, pip: [pytest] } }\n",
        fixed: "requirements: { dev: { development: true, packages: [pytest] } }\n",
        ..PLAIN
    },
    check,
};

/// Packages that nothing needs at run time, by normalised name.
const DEVELOPMENT: [&str; 47] = [
    "autopep8",
    "bandit",
    "black",
    "build",
    "bumpversion",
    "commitizen",
    "coverage",
    "debugpy",
    "django-debug-toolbar",
    "factory-boy",
    "flake8",
    "freezegun",
    "hypothesis",
    "ipdb",
    "ipython",
    "isort",
    "jupyter",
    "jupyterlab",
    "mkdocs",
    "mypy",
    "notebook",
    "nox",
    "pdbpp",
    "pip-audit",
    "pip-tools",
    "pre-commit",
    "pudb",
    "pycodestyle",
    "pydocstyle",
    "pyflakes",
    "pylint",
    "pyright",
    "pytest",
    "pyupgrade",
    "responses",
    "respx",
    "ruff",
    "safety",
    "sphinx",
    "testcontainers",
    "tox",
    "twine",
    "vcrpy",
    "viztracer",
    "vulture",
    "xdoctest",
    "yapf",
];
/// What the names of plugins and stubs begin with.
const PREFIXES: [&str; 5] = ["pytest-", "flake8-", "types-", "sphinx-", "mypy-"];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let more: BTreeSet<&str> = ground
        .fleet
        .policy
        .development
        .iter()
        .map(String::as_str)
        .collect();
    let is_for_development = |name: &str| {
        DEVELOPMENT.binary_search(&name).is_ok()
            || PREFIXES.iter().any(|prefix| name.starts_with(prefix))
            || more.contains(name)
    };
    let known = ground.classified(|name| is_for_development(name).then_some(()));
    if known.iter().all(Option::is_none) {
        return;
    }
    for (at, image) in ground.images() {
        for entry in ground
            .entries(at)
            .filter(|entry| known[entry.package].is_some())
        {
            let name = ground.name(entry.package);
            judge.value(Some(image), name, entry.origin, || {
                let way = entry.via.map_or_else(String::new, |(set, _)| {
                    format!(" through the set `{}`", set.name)
                });
                let message = format!(
                    "`{name}` is a development package, but reaches {}{way}",
                    image.name
                );
                (
                    message,
                    format!("move `{name}` to a set with `development: true`"),
                )
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_sorted_for_the_search() {
        assert!(DEVELOPMENT.is_sorted());
    }
}
