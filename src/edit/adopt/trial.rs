//! A proposal tried: loaded and rendered in memory, and each image compared with its original.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Spot, Step};
use crate::dockerfile::ignore::Ignore;
use crate::dockerfile::judge::{Difference, judge};
use crate::dockerfile::meaning::{Build, Meaning, Tree, meaning};
use crate::fleet::Fleet;
use crate::project::{Error, InTree, Unwatched, load};
use crate::render::seal::body;
use crate::render::{Renderer, dockerfile_path};
use crate::rules;

/// The name of the declaration.
pub const DECLARATION: &str = "services.yaml";

/// What became of a proposal.
pub(super) enum Tried {
    /// Errors of the declaration, and where they are: the service and the field.
    Refused(Vec<Refusal>),
    /// What each image means, by name, and errors of rules.
    Rendered(Rendered),
}

/// An error of a proposal.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    /// The path in the declaration: keys and positions as text.
    pub(super) path: Vec<String>,
    /// The file that it is in.
    pub(super) file: String,
    /// What is wrong.
    pub(super) message: String,
}

impl Refusal {
    /// The path with positions as numbers.
    pub(super) fn place(&self) -> Vec<(usize, &str)> {
        let number = |step: &str| step.parse().unwrap_or_default();
        self.path
            .iter()
            .map(|text| (number(text), text.as_str()))
            .collect()
    }
}

/// A proposal, rendered.
#[derive(Debug, Default)]
pub(super) struct Rendered {
    /// The meanings by the names of images.
    pub(super) meanings: BTreeMap<String, Meaning>,
    /// The texts of generated files without their headers, by path.
    pub(super) bodies: BTreeMap<String, String>,
    /// Rules that fail.
    pub(super) rules: FailedRules,
}

/// Rules that fail, each with the service that it is about.
pub(super) type FailedRules = BTreeSet<(&'static str, Option<String>)>;

/// Loads and renders a proposal.
pub(super) fn tried(tree: &dyn Tree, text: &str) -> Result<Tried, Error> {
    let inputs = InTree::new(tree, DECLARATION, text);
    let loaded = load(&inputs, DECLARATION, &Unwatched)?;
    let refused: Vec<Refusal> = loaded
        .diagnostics
        .iter()
        .filter(|found| found.is_error())
        .map(refusal)
        .collect();
    let Some(fleet) = loaded.fleet().filter(|_| refused.is_empty()) else {
        return Ok(Tried::Refused(refused));
    };
    let renderer = Renderer::new(fleet, &loaded.templates).map_err(Error::Render)?;
    let count = renderer.paths().len();
    let artifacts = renderer.render(0..count).map_err(Error::Render)?;
    let with = With::new(
        tree,
        artifacts.iter().map(|(path, text)| (path.as_str(), text)),
    );
    let mut told = Rendered::default();
    for image in &fleet.images {
        let path = dockerfile_path(image);
        // One that a person keeps is not rendered, and may be missing.
        let Some(text) = with.text(&path) else {
            continue;
        };
        let ignore = with
            .text(&format!("{path}.dockerignore"))
            .unwrap_or_default();
        let ignore = Ignore::parse(&ignore);
        if let Ok(mut found) = meaning(&Build::of_generated(&text, &ignore, &with)) {
            // The builder is told the platform, not the Dockerfile.
            if let [only] = image.platforms.as_slice() {
                found.base.platform = Some(only.value.to_string());
            }
            told.meanings.insert(image.name.to_string(), found);
        }
    }
    told.rules = failed_rules(fleet);
    let bodies = artifacts.iter();
    told.bodies = bodies
        .map(|(path, text)| (path.to_string(), body(text).to_owned()))
        .collect();
    Ok(Tried::Rendered(told))
}

/// The rules that fail, each with the service that it is about.
pub(super) fn failed_rules(fleet: &Fleet) -> FailedRules {
    let mut failed = BTreeSet::new();
    for found in rules::judge(fleet, None)
        .iter()
        .filter(|found| found.is_error())
    {
        let path = refusal(found).path;
        let service = match path.as_slice() {
            [section, name, ..] if section == "services" => {
                let position = name.parse::<usize>().ok();
                let services = || {
                    fleet
                        .images
                        .iter()
                        .filter(|image| image.service().is_some())
                };
                position
                    .and_then(|at| services().nth(at))
                    .map(|image| image.name.to_string())
            }
            _ => None,
        };
        failed.insert((found.code.id, service));
    }
    failed
}

/// What an original and its image differ in.
pub(super) fn differences(before: &Meaning, after: &Meaning) -> Vec<Difference> {
    judge(before, after, &BTreeSet::new())
}

fn refusal(found: &Diagnostic) -> Refusal {
    let steps = match &found.location.spot {
        Spot::Value(path) | Spot::Key(path) => path.0.as_slice(),
        _ => &[],
    };
    let step = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(at) => at.to_string(),
    };
    Refusal {
        path: steps.iter().map(step).collect(),
        file: found.location.file.clone(),
        message: found.message.clone(),
    }
}

/// A tree with more files in it.
pub(crate) struct With<'a> {
    tree: &'a dyn Tree,
    paths: Vec<String>,
    texts: BTreeMap<&'a str, &'a str>,
}

impl<'a> With<'a> {
    /// The files lie over those of the tree, each with its path.
    pub(crate) fn new(tree: &'a dyn Tree, files: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let texts: BTreeMap<&str, &str> = files.collect();
        let mut paths = tree.paths().to_vec();
        paths.extend(texts.keys().map(|path| (*path).to_owned()));
        paths.sort_unstable();
        paths.dedup();
        Self { tree, paths, texts }
    }
}

impl Tree for With<'_> {
    fn paths(&self) -> &[String] {
        &self.paths
    }

    fn text(&self, path: &str) -> Option<String> {
        match self.texts.get(path) {
            Some(text) => Some((*text).to_owned()),
            None => self.tree.text(path),
        }
    }
}
