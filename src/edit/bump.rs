//! A new version of a base or of Python, and every base that has to follow so that no tag comes to
//! mean something else.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::version::{Step, compare, next};
use crate::diagnostic::{Diagnostic, did_you_mean};
use crate::edit::declaration::{BaseEdit, EditError, set_bases, set_python};
use crate::fleet::{Fleet, ImageId, Origin, Role, Sourced};
use crate::project::{self, Edited, Inputs, Loaded, load};
use crate::render::fingerprint::{BaseContent, base_contents, contents_of, judge_bases};
use crate::render::{RenderError, Templates};
use crate::values::{Fingerprint, InvalidValue, PythonVersion, Version};

/// What is to get another version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BumpRequest {
    /// The fleet's Python.
    Python(String),
    /// One base, to this version.
    Base(String, String),
    /// One base, a step further.
    BaseStep(String, Step),
    /// Nothing but the bases whose content changed, a patch further.
    Changed,
    /// All bases, a step further.
    AllBases(Step),
}

/// One version that changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BumpStep {
    /// A base, or `python`.
    pub(crate) name: String,
    /// The version before.
    pub(crate) from: String,
    /// The version after.
    pub(crate) to: String,
    /// Why a base follows that nobody named.
    pub(crate) because: Option<String>,
}

/// A declaration with new versions.
#[derive(Debug, Clone)]
pub(crate) struct Bump {
    /// The whole new text.
    pub(crate) text: String,
    /// What changed, in build order.
    pub(crate) steps: Vec<BumpStep>,
}

/// Why there is nothing to be done. No text was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BumpError {
    /// No base has this name.
    #[error("unknown base `{name}`; {help}")]
    UnknownBase {
        /// As given.
        name: String,
        /// The name that may have been meant, or all.
        help: String,
    },
    /// The new version is not higher.
    #[error("{name} is already at {from}, and {to} is {word}; to allow it: --allow-downgrade")]
    NotHigher {
        /// What.
        name: String,
        /// Its version.
        from: String,
        /// The one asked for.
        to: String,
        /// In which way it is not.
        word: &'static str,
    },
    /// The next version cannot be told.
    #[error("cannot compute the version after {version} of {name}; {help}")]
    NoNext {
        /// The base.
        name: String,
        /// Its version.
        version: String,
        /// What to type.
        help: String,
    },
    /// The new version is not a valid version.
    #[error("`{text}` is {source}")]
    Invalid {
        /// As given.
        text: String,
        /// What is wrong with it.
        source: InvalidValue,
    },
    /// The declaration has errors, before or after.
    #[error("services.yaml has errors")]
    Declaration(Vec<Diagnostic>),
    /// A template is broken.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// A file cannot be read again.
    #[error(transparent)]
    Project(#[from] project::Error),
    /// The text cannot be edited safely.
    #[error("services.yaml: {0}")]
    Edit(#[from] EditError),
}

/// Bumps what was asked for, then every base whose content would change under its old version,
/// patch by patch, and records all. The fleet is taken out of what was loaded and changed: a large
/// one is half of the memory.
///
/// # Errors
/// [`BumpError`]; the text stays as it is.
pub(crate) fn bump(
    inputs: &dyn Inputs,
    loaded: &mut Loaded,
    request: &BumpRequest,
    allow_downgrade: bool,
) -> Result<Bump, BumpError> {
    let before = editable(loaded)?;
    let published = published(&base_contents(before, &loaded.templates, &Arc::default())?);
    let fleet = loaded.take_fleet();
    let templates = &loaded.templates;
    let mut change = Change {
        inputs,
        loaded,
        text: loaded.text().to_owned(),
        fleet,
        edits: BTreeMap::new(),
        steps: Vec::new(),
        bumped: BTreeSet::new(),
        allow_downgrade,
    };
    change.ask(request)?;
    for level in levels(&change.fleet) {
        change.follow(templates, &level, &published)?;
    }
    change.finish(templates)
}

/// The text with the content of bases recorded under their versions: the way out for tags that were
/// never published.
///
/// # Errors
/// [`BumpError`]; the text stays as it is.
pub(crate) fn amend(loaded: &Loaded, bases: &[String]) -> Result<String, BumpError> {
    let fleet = editable(loaded)?;
    let contents = base_contents(fleet, &loaded.templates, &Arc::default())?;
    let mut edits = BTreeMap::new();
    for base in bases {
        known(fleet, base)?;
        let content = contents
            .iter()
            .find(|content| content.image.name.as_str() == base);
        let edit = BaseEdit {
            version: None,
            fingerprint: content.map(BaseContent::record),
        };
        edits.insert(base.clone(), edit);
    }
    Ok(set_bases(loaded.text(), &edits)?)
}

/// The fleet that an edit starts from: a stale lock and a base that changed are for `check` to
/// tell, and no errors here.
pub(super) fn editable(loaded: &Loaded) -> Result<&Fleet, BumpError> {
    let errors = || loaded.diagnostics.iter().filter(|found| found.is_error());
    loaded
        .editable_fleet()
        .ok_or_else(|| BumpError::Declaration(errors().cloned().collect()))
}

/// By base, the version and the digest that its version stood for before: as recorded where it is,
/// else as it is.
type Published = BTreeMap<String, (String, String)>;

fn published(contents: &[BaseContent<'_>]) -> Published {
    let stood_for = |content: &BaseContent<'_>| match &content.image.fingerprint {
        Some(recorded) => (
            recorded.value.version().to_owned(),
            recorded.value.digest().to_owned(),
        ),
        None => (content.version.to_owned(), content.digest.clone()),
    };
    contents
        .iter()
        .map(|content| (content.image.name.to_string(), stood_for(content)))
        .collect()
}

/// The bases by how many bases stand below: what has one level does not build on each
/// other.
fn levels(fleet: &Fleet) -> Vec<BTreeSet<ImageId>> {
    let mut levels: Vec<BTreeSet<ImageId>> = Vec::new();
    for (id, base) in fleet.numbered_bases() {
        let level = fleet.bases_of(base).count();
        if levels.len() <= level {
            levels.resize_with(level + 1, BTreeSet::new);
        }
        levels[level].insert(id);
    }
    levels
}

/// The place of a base among the bases, and its version.
fn known<'a>(fleet: &'a Fleet, base: &str) -> Result<(ImageId, &'a str), BumpError> {
    let versions = fleet
        .numbered_bases()
        .filter_map(|(id, image)| match &image.role {
            Role::Base(version) => Some((image.name.as_str(), (id, version.value.as_str()))),
            Role::Service(_) => None,
        });
    let versions: Vec<(&str, (ImageId, &str))> = versions.collect();
    if let Some((_, found)) = versions.iter().find(|(name, _)| *name == base) {
        return Ok(*found);
    }
    let names: Vec<&str> = versions
        .iter()
        .map(|(name, _)| *name)
        .chain(["python"])
        .collect();
    let help = match did_you_mean(base, names.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known: {}", names.join(", ")),
    };
    Err(BumpError::UnknownBase {
        name: base.to_owned(),
        help,
    })
}

/// A bump on its way. What changes is changed in the fleet at once, and in the text at the end.
struct Change<'a> {
    inputs: &'a dyn Inputs,
    loaded: &'a Loaded,
    text: String,
    fleet: Fleet,
    /// What changes in bases.
    edits: BTreeMap<String, BaseEdit>,
    steps: Vec<BumpStep>,
    /// The names of the steps.
    bumped: BTreeSet<String>,
    allow_downgrade: bool,
}

impl Change<'_> {
    fn ask(&mut self, request: &BumpRequest) -> Result<(), BumpError> {
        match request {
            BumpRequest::Python(to) => self.python(to),
            BumpRequest::Base(name, to) => {
                let from = known(&self.fleet, name)?.1.to_owned();
                Version::parse(to).map_err(|source| BumpError::Invalid {
                    text: to.clone(),
                    source,
                })?;
                self.check_order(name, &from, to, compare(to, &from))?;
                let id = self.id(name)?;
                self.base(id, to, None)
            }
            BumpRequest::BaseStep(name, step) => {
                let id = self.id(name)?;
                self.base_step(id, *step, None)
            }
            BumpRequest::Changed => Ok(()),
            BumpRequest::AllBases(step) => ImageId::all(self.fleet.bases().count())
                .try_for_each(|id| self.base_step(id, *step, None)),
        }
    }

    fn id(&self, name: &str) -> Result<ImageId, BumpError> {
        Ok(known(&self.fleet, name)?.0)
    }

    fn python(&mut self, to: &str) -> Result<(), BumpError> {
        let invalid = |source| BumpError::Invalid {
            text: to.to_owned(),
            source,
        };
        let version = PythonVersion::parse(to).map_err(invalid)?;
        let from = self.fleet.python.value.clone();
        self.check_order("python", from.as_str(), to, Some(version.cmp(&from)))?;
        self.text = set_python(&self.text, to)?;
        let edited = Edited::new(self.inputs, &self.loaded.file, &self.text);
        let mut loaded = load(&edited, &self.loaded.file, self.loaded.watcher())?;
        editable(&loaded)?;
        self.fleet = loaded.take_fleet();
        self.push("python", from.as_str(), to, None);
        Ok(())
    }

    fn check_order(
        &self,
        name: &str,
        from: &str,
        to: &str,
        order: Option<Ordering>,
    ) -> Result<(), BumpError> {
        let word = match order {
            Some(Ordering::Equal) => "the same",
            Some(Ordering::Less) if !self.allow_downgrade => "lower",
            _ => return Ok(()),
        };
        Err(BumpError::NotHigher {
            name: name.to_owned(),
            from: from.to_owned(),
            to: to.to_owned(),
            word,
        })
    }

    fn base_step(
        &mut self,
        id: ImageId,
        step: Step,
        because: Option<String>,
    ) -> Result<(), BumpError> {
        let Some((name, from)) = self.base_at(id) else {
            return Ok(());
        };
        let to = next(&from, step).ok_or_else(|| BumpError::NoNext {
            help: format!("give it in full first: `dockwright bump {name} <version>`"),
            name,
            version: from,
        })?;
        self.base(id, &to, because)
    }

    /// The name and the version of a base.
    fn base_at(&self, id: ImageId) -> Option<(String, String)> {
        let image = self.fleet.image(id);
        Some((image.name.to_string(), image.version()?.to_owned()))
    }

    fn base(&mut self, id: ImageId, to: &str, because: Option<String>) -> Result<(), BumpError> {
        let Some((name, from)) = self.base_at(id) else {
            return Ok(());
        };
        let version = Version::parse(to).map_err(|source| BumpError::Invalid {
            text: to.to_owned(),
            source,
        })?;
        if let Role::Base(known) = &mut self.fleet.images[id].role {
            known.value = version;
        }
        self.edits.entry(name.clone()).or_default().version = Some(to.to_owned());
        self.push(&name, &from, to, because);
        Ok(())
    }

    fn push(&mut self, name: &str, from: &str, to: &str, because: Option<String>) {
        let (name, from, to) = (name.to_owned(), from.to_owned(), to.to_owned());
        self.bumped.insert(name.clone());
        self.steps.push(BumpStep {
            name,
            from,
            to,
            because,
        });
    }

    /// Bumps those bases of a level whose content no longer is what their version stood for, and
    /// records what it is now.
    fn follow(
        &mut self,
        templates: &Templates,
        level: &BTreeSet<ImageId>,
        published: &Published,
    ) -> Result<(), BumpError> {
        let moved = self.moved(templates, level, published)?;
        for (id, because) in &moved {
            if let Some(because) = because {
                self.base_step(*id, Step::Patch, Some(because.clone()))?;
            }
        }
        // With the new version, which a template may print.
        let ids: BTreeSet<ImageId> = moved.into_keys().collect();
        let contents = contents_of(&self.fleet, templates, &ids, &Arc::default())?;
        let records: Vec<String> = contents.iter().map(BaseContent::record).collect();
        for (id, record) in ids.into_iter().zip(records) {
            self.record(id, record)?;
        }
        Ok(())
    }

    /// The bases of a level that moved; with a reason where the version did not.
    fn moved(
        &self,
        templates: &Templates,
        level: &BTreeSet<ImageId>,
        published: &Published,
    ) -> Result<BTreeMap<ImageId, Option<String>>, BumpError> {
        let contents = contents_of(&self.fleet, templates, level, &Arc::default())?;
        let moved = level.iter().zip(&contents).filter_map(|(id, content)| {
            let (version, digest) = published.get(content.image.name.as_str())?;
            let is_bumped = content.version != version;
            let because = || self.because(content);
            (is_bumped || content.digest != *digest).then(|| (*id, (!is_bumped).then(because)))
        });
        Ok(moved.collect())
    }

    fn record(&mut self, id: ImageId, record: String) -> Result<(), BumpError> {
        let image = &mut self.fleet.images[id];
        let value = Fingerprint::parse(&record).map_err(|source| BumpError::Invalid {
            text: record.clone(),
            source,
        })?;
        image.fingerprint = Some(Sourced {
            value,
            origin: Origin::field(image.section, "fingerprint"),
        });
        self.edits
            .entry(image.name.to_string())
            .or_default()
            .fingerprint = Some(record);
        Ok(())
    }

    /// Why a base follows: what it builds on, Python, or a change that was there before.
    fn because(&self, content: &BaseContent<'_>) -> String {
        let below = self
            .fleet
            .base_of(content.image)
            .map(|base| base.name.as_str());
        match below.filter(|below| self.bumped.contains(*below)) {
            Some(below) => format!("builds on {below}"),
            None if self.bumped.contains("python") => "has the fleet's Python".to_owned(),
            None => "its content changed".to_owned(),
        }
    }

    /// Writes all of it into the text; what is changed has no error then.
    fn finish(mut self, templates: &Templates) -> Result<Bump, BumpError> {
        let places: BTreeMap<&str, usize> = self
            .fleet
            .bases()
            .enumerate()
            .map(|(position, base)| (base.name.as_str(), position + 1))
            .collect();
        self.steps
            .sort_by_key(|step| places.get(step.name.as_str()).copied());
        let found = judge_bases(&self.fleet, templates, &Arc::default())?;
        let left: Vec<Diagnostic> = found.into_iter().filter(Diagnostic::is_error).collect();
        if !left.is_empty() {
            return Err(BumpError::Declaration(left));
        }
        drop(self.fleet);
        if !self.edits.is_empty() {
            self.text = set_bases(&self.text, &self.edits)?;
        }
        Ok(Bump {
            text: self.text,
            steps: self.steps,
        })
    }
}

#[cfg(test)]
mod tests;
