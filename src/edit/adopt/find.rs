//! Which Dockerfiles a tree holds, and what each is built with.

use std::collections::{BTreeMap, BTreeSet};

use super::compose::{Built, builds};
use crate::dockerfile::meaning::{Tree, context_of};
use crate::dockerfile::{Segment, segment};
use crate::values::ServiceName;

/// A Dockerfile, and what it is built with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// Its path below the root.
    pub path: String,
    /// Its text.
    pub text: String,
    /// The build context, below the root; empty for the root.
    pub context: String,
    /// The stage; nothing for the last one.
    pub target: Option<String>,
    /// Build arguments.
    pub arguments: BTreeMap<String, String>,
    /// The name that its service gets.
    pub name: String,
    /// What its image is called elsewhere in the repository.
    pub references: BTreeSet<String>,
}

/// Folders that hold no Dockerfiles of a person.
const PASSED: [&str; 8] = [
    ".git",
    "node_modules",
    "site-packages",
    ".venv",
    "venv",
    "vendor",
    "third_party",
    ".terraform",
];
/// Words of stages and files that are not for production.
const DEVELOPMENT: [&str; 8] = [
    "dev",
    "develop",
    "development",
    "test",
    "tests",
    "testing",
    "debug",
    "local",
];
/// Folders whose names say nothing of what is in them.
const GENERIC: [&str; 12] = [
    "",
    ".",
    "docker",
    "src",
    "build",
    "deploy",
    "deployment",
    "dockerfiles",
    "container",
    "containers",
    ".docker",
    "images",
];

/// The Dockerfiles at these paths and below them that are not generated; all of them where no path
/// is given. A name does not depend on which were asked for.
pub(super) fn originals(
    tree: &dyn Tree,
    below: &[String],
    is_generated: &dyn Fn(&str) -> bool,
) -> Vec<Original> {
    let builds = builds(tree);
    let mut names = Names::default();
    let mut found = Vec::new();
    // What is generated takes no name away from what it was proposed for.
    let is_own = |path: &&String| is_dockerfile(path) && !is_generated(path);
    for path in tree.paths().iter().filter(is_own) {
        if let Some(text) = tree.text(path) {
            found.push(original(tree, path, text, &builds, &mut names));
        }
    }
    found.retain(|original| {
        let path = &original.path;
        let is_asked = |folder: &String| {
            folder.is_empty() || path == folder || path.starts_with(&format!("{folder}/"))
        };
        below.is_empty() || below.iter().any(is_asked)
    });
    found
}

fn original(
    tree: &dyn Tree,
    path: &str,
    text: String,
    builds: &[Built],
    names: &mut Names,
) -> Original {
    let of: Vec<&Built> = builds
        .iter()
        .filter(|built| built.dockerfile == path)
        .collect();
    let guessed = context_of(tree, path, &text);
    let said = of.iter().map(|built| &built.context);
    // A compose file can be out of date: where what is copied lies elsewhere, that counts.
    let context = said
        .clone()
        .find(|context| **context == guessed)
        .or_else(|| said.clone().find(|context| holds(tree, context, &text)))
        .cloned()
        .unwrap_or(guessed);
    let stages = stages(&text);
    let is_stage = |target: &String| stages.contains(&target.to_ascii_lowercase());
    let targets = of
        .iter()
        .filter_map(|built| built.target.clone())
        .filter(is_stage);
    let mut targets: Vec<String> = targets.collect();
    targets.sort_by_key(|target| is_development(target));
    let target = targets.into_iter().find(|target| !is_development(target));
    let arguments = of
        .iter()
        .rev()
        .flat_map(|built| built.arguments.clone())
        .collect();
    let service = of.first().map(|built| built.service.as_str());
    Original {
        name: names.take(service, path),
        path: path.to_owned(),
        context,
        target: target.or_else(|| production_stage(&stages)),
        arguments,
        references: of.iter().filter_map(|built| built.image.clone()).collect(),
        text,
    }
}

/// Whether a context holds at least as much of what is copied as the guessed one would.
fn holds(tree: &dyn Tree, context: &str, text: &str) -> bool {
    let inside = if context.is_empty() {
        "Dockerfile".to_owned()
    } else {
        format!("{context}/Dockerfile")
    };
    context_of(tree, &inside, text) == context
}

/// The names of the stages, in order, in lower case.
fn stages(text: &str) -> Vec<String> {
    let segments = segment(text);
    let instructions = segments.iter().filter_map(Segment::instruction);
    let froms = instructions.filter(|instruction| instruction.keyword() == "FROM");
    froms
        .map(|from| {
            let words = from.values().unwrap_or_default();
            words
                .get(2)
                .map_or_else(String::new, |name| name.to_ascii_lowercase())
        })
        .collect()
}

/// Where the last stage is for development: the last one that is named for production.
fn production_stage(stages: &[String]) -> Option<String> {
    let last = stages.last().filter(|last| is_development(last))?;
    let is_production = |name: &&String| {
        [
            "prod",
            "production",
            "runtime",
            "release",
            "final",
            "runner",
        ]
        .contains(&name.as_str())
    };
    stages
        .iter()
        .filter(|name| *name != last)
        .rev()
        .find(is_production)
        .cloned()
}

fn is_development(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower
        .split(['-', '_', '.'])
        .any(|word| DEVELOPMENT.contains(&word))
}

/// Whether a path is called as Dockerfiles are: `Dockerfile`, `Dockerfile.api`, `api.Dockerfile`.
pub(crate) fn is_dockerfile(path: &str) -> bool {
    let mut names = path.split('/').rev();
    let name = names.next().unwrap_or(path).to_ascii_lowercase();
    if names.any(|folder| PASSED.contains(&folder)) {
        return false;
    }
    let is_other = [
        ".dockerignore",
        ".j2",
        ".md",
        ".tmpl",
        ".template",
        ".tpl",
        ".jinja",
        ".jinja2",
        ".in",
        ".bak",
        ".orig",
        ".py",
        ".sh",
        ".yml",
        ".yaml",
        ".json",
        ".txt",
        ".erb",
        ".mustache",
        ".hbs",
        ".patch",
        ".diff",
        ".cross",
    ]
    .iter()
    .any(|end| name.ends_with(end));
    let (first, rest) = name.split_once(['.', '-', '_']).unwrap_or((&name, ""));
    let is_named = matches!(first, "dockerfile" | "containerfile")
        || rest.ends_with("dockerfile")
        || name.ends_with(".dockerfile");
    is_named && !is_other
}

/// The names that are given, each once.
#[derive(Default)]
struct Names(BTreeSet<String>);

impl Names {
    fn take(&mut self, service: Option<&str>, path: &str) -> String {
        let mut folders: Vec<&str> = path.split('/').collect();
        let file = folders.pop().unwrap_or(path);
        let said: Vec<&str> = folders
            .iter()
            .rev()
            .copied()
            .filter(|name| !GENERIC.contains(&name.to_ascii_lowercase().as_str()))
            .collect();
        let own = variant(file);
        let near = said
            .first()
            .copied()
            .unwrap_or(if own.is_empty() { "app" } else { "" });
        let above = said.get(1).copied().unwrap_or_default();
        let (far, joined) = (
            said.get(2).copied().unwrap_or_default(),
            format!("{near}-{own}"),
        );
        let tried = [
            service.unwrap_or_default().to_owned(),
            if own.is_empty() || folders.last().is_some_and(|last| GENERIC.contains(last)) {
                own.clone()
            } else {
                String::new()
            },
            joined.clone(),
            format!("{above}-{joined}"),
            format!("{far}-{above}-{joined}"),
        ];
        for name in &tried {
            let name = fitted(name);
            if !name.is_empty() && self.0.insert(name.clone()) {
                return name;
            }
        }
        let mut number = 2;
        loop {
            let name = fitted(&format!("{joined}-{number}"));
            let name = if name.is_empty() {
                format!("svc-{number}")
            } else {
                name
            };
            if self.0.insert(name.clone()) {
                return name;
            }
            number += 1;
        }
    }
}

/// What a file's name says beside that it is a Dockerfile.
fn variant(file: &str) -> String {
    let lower = file.to_ascii_lowercase();
    let words = lower
        .split(['.', '-', '_'])
        .filter(|word| !matches!(*word, "dockerfile" | "containerfile" | ""));
    words.collect::<Vec<_>>().join("-")
}

/// A name that a service can have.
fn fitted(name: &str) -> String {
    let lower = name.to_ascii_lowercase();
    let mapped: String = lower
        .chars()
        .map(|character| {
            if character.is_ascii_alphanumeric() {
                character
            } else {
                '-'
            }
        })
        .collect();
    let words: Vec<&str> = mapped.split('-').filter(|word| !word.is_empty()).collect();
    let joined = words.join("-");
    let name = if joined.starts_with(|first: char| first.is_ascii_digit()) {
        format!("svc-{joined}")
    } else {
        joined
    };
    if ServiceName::parse(&name).is_ok() {
        name
    } else {
        String::new()
    }
}
