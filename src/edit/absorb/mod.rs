//! The way back: a hand edit of a generated file becomes edits of the declaration.
//!
//! Candidates come from the lines that differ, by the trace that leads from each rendered line to
//! the values in it, and from what the two Dockerfiles mean. None is trusted: each is spliced into
//! the text, loaded and rendered, and taken only where the rendered file comes nearer to the edited
//! one. What is left at the end decides whether the edit is absorbed.

mod lines;
mod meant;
mod place;
mod target;

use std::collections::BTreeSet;

use self::target::{Candidate, DERIVED, Entry, Target};
use crate::artifact::ArtifactPath;
use crate::dockerfile::judge::{HARMLESS_RULES, judge};
use crate::drift::{Drift, DriftKind, changes, lines as lines_of};
use crate::edit::bump::{BumpRequest, bump};
use crate::edit::eject::unsealed;
use crate::images::Scope;
use crate::project::{self, Ask, Checked, Edited, Loaded, Meanings, Missing, Side, check, load};
use crate::workspace::Workspace;

/// How many candidates are tried for one file.
const TRIALS: usize = 120;

/// An edited declaration that stands for what was edited by hand.
pub(crate) struct Absorbed {
    /// The file of the declaration that changes.
    pub(crate) file: String,
    /// Its text before.
    pub(crate) before: String,
    /// The declaration with the new text.
    pub(crate) loaded: Loaded,
    /// The files that were absorbed, and whether each is rendered byte for byte as it was edited.
    pub(crate) files: Vec<(ArtifactPath, bool)>,
    /// The other generated files that change with them.
    pub(crate) followers: Vec<ArtifactPath>,
}

/// Why an edit was not absorbed. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AbsorbError {
    /// It is not a generated file that was edited by hand.
    #[error("{path}: {reason}")]
    NotEdited {
        /// The file.
        path: String,
        /// What it is instead.
        reason: String,
    },
    /// No edit of the declaration gives the file back.
    #[error("{path}: {reason}")]
    NotDeclarable {
        /// The file.
        path: String,
        /// What stays different.
        reason: String,
    },
    /// Two files of the declaration would change.
    #[error(
        "{path} needs an edit of {file}, and another file of the declaration changes already; \
         absorb one file at a time"
    )]
    TwoFiles {
        /// The generated file.
        path: String,
        /// The file of the declaration.
        file: String,
    },
    /// A file cannot be read or rendered.
    #[error(transparent)]
    Project(#[from] project::Error),
}

/// How far the rendered file is from the edited one.
#[derive(Debug, Clone, Copy)]
struct Distance {
    /// How much differs in the image; nothing for a file that is not a Dockerfile.
    image: Option<usize>,
    /// How many lines differ.
    lines: usize,
}

impl Distance {
    /// Whether a candidate is worth its edit: for a Dockerfile the image counts, and lines only
    /// where all of them are right.
    fn is_nearer_than(self, now: Self) -> bool {
        match (self.image, now.image) {
            (Some(image), Some(before)) => image < before || self.lines == 0,
            _ => self.lines < now.lines,
        }
    }
}

/// Takes the edits of these files into the declaration, in memory.
///
/// # Errors
/// [`AbsorbError`]; nothing was changed.
pub(crate) fn absorb(
    workspace: &Workspace,
    loaded: &Loaded,
    drifts: &[&Drift],
) -> Result<Absorbed, AbsorbError> {
    let mut absorbing = Absorbing {
        workspace,
        original: loaded,
        edited: None,
        refusal: None,
    };
    let mut files = Vec::new();
    for drift in drifts {
        files.push((drift.path.clone(), absorbing.file(drift)?));
    }
    let Some((file, edited)) = absorbing.edited else {
        // `file` refuses an edit that needs no change of the declaration.
        return Err(AbsorbError::NotEdited {
            path: loaded.file.clone(),
            reason: "no generated file was edited by hand".to_owned(),
        });
    };
    let absorbed: BTreeSet<&ArtifactPath> = drifts.iter().map(|drift| &drift.path).collect();
    let followers = followers(workspace, (loaded, &edited, &file), &absorbed)?;
    Ok(Absorbed {
        before: loaded.sources.text(&file).unwrap_or_default().to_owned(),
        file,
        loaded: edited,
        files,
        followers,
    })
}

/// The other generated files that are rendered otherwise than before.
fn followers(
    workspace: &Workspace,
    (before, after, file): (&Loaded, &Loaded, &str),
    absorbed: &BTreeSet<&ArtifactPath>,
) -> Result<Vec<ArtifactPath>, AbsorbError> {
    let text = after.sources.text(file).unwrap_or_default();
    let edited = Edited::new(workspace, file, text);
    let scope = Scope::default();
    let ask = Ask::undated(&scope, Missing::Rendered);
    let [old, new] = [
        check(workspace, before, &ask)?,
        check(&edited, after, &ask)?,
    ];
    let moved = |one: &Checked<'_>, other: &Checked<'_>| -> BTreeSet<ArtifactPath> {
        let drifts = one.report().drifts.iter();
        let differs = drifts.filter(|drift| {
            let there = find(other, drift.path.as_str());
            there.map(|there| &there.expected) != Some(&drift.expected)
        });
        differs.map(|drift| drift.path.clone()).collect()
    };
    let mut paths = moved(&old, &new);
    paths.extend(moved(&new, &old));
    paths.retain(|path| !absorbed.contains(path));
    Ok(paths.into_iter().collect())
}

fn find<'a>(checked: &'a Checked<'_>, path: &str) -> Option<&'a Drift> {
    let drifts = &checked.report().drifts;
    let at = drifts
        .binary_search_by(|drift| drift.path.as_str().cmp(path))
        .ok()?;
    drifts.get(at)
}

/// An absorption on its way.
struct Absorbing<'a> {
    workspace: &'a Workspace,
    original: &'a Loaded,
    /// The file of the declaration that changed, and the declaration with its new text.
    edited: Option<(String, Loaded)>,
    /// Why the declaration with a candidate was refused: the first reason of the last file.
    refusal: Option<String>,
}

impl Absorbing<'_> {
    fn loaded(&self) -> &Loaded {
        self.edited
            .as_ref()
            .map_or(self.original, |(_, loaded)| loaded)
    }

    /// Absorbs the edit of one file; whether it is rendered byte for byte.
    fn file(&mut self, drift: &Drift) -> Result<bool, AbsorbError> {
        let path = drift.path.to_string();
        let edited = edited_text(drift)?;
        self.refusal = None;
        let mut left = TRIALS;
        let mut is_touched = false;
        loop {
            let (now, rest) = self.distance(&drift.path, &edited, self.loaded(), None)?;
            if now.lines == 0 {
                return Ok(true);
            }
            let candidates = self.candidates(&drift.path, &edited)?;
            let Some((file, loaded)) =
                self.nearer(&drift.path, &edited, (now, &mut left), candidates)?
            else {
                if now.image == Some(0) && is_touched {
                    return Ok(false);
                }
                return Err(self.refused(path, now, &rest));
            };
            if self
                .edited
                .as_ref()
                .is_some_and(|(known, _)| *known != file)
            {
                return Err(AbsorbError::TwoFiles { path, file });
            }
            is_touched = true;
            self.edited = Some((file, loaded));
        }
    }

    /// The first candidate that comes nearer, loaded.
    fn nearer(
        &mut self,
        path: &ArtifactPath,
        edited: &str,
        (now, left): (Distance, &mut usize),
        candidates: Vec<Candidate>,
    ) -> Result<Option<(String, Loaded)>, AbsorbError> {
        let mut tried = BTreeSet::new();
        for candidate in candidates {
            if *left == 0 || !tried.insert(candidate.text.clone()) {
                continue;
            }
            *left -= 1;
            let (candidate, loaded) = self.tried(candidate)?;
            if loaded.fleet().is_none() {
                let mut errors = loaded.diagnostics.iter().filter(|found| found.is_error());
                let message = errors.next().map(|found| found.message.clone());
                self.refusal = self.refusal.take().or(message);
                continue;
            }
            let at = (candidate.file.as_str(), candidate.text.as_str());
            let (distance, _) = self.distance(path, edited, &loaded, Some(at))?;
            if distance.is_nearer_than(now) {
                return Ok(Some((candidate.file, loaded)));
            }
        }
        Ok(None)
    }

    /// A candidate, loaded; the bases whose content it changes get their next patch versions.
    fn tried(&self, candidate: Candidate) -> Result<(Candidate, Loaded), AbsorbError> {
        let file = &self.original.file;
        let inputs = Edited::new(self.workspace, &candidate.file, &candidate.text);
        let loaded = load(&inputs, file, self.original.watcher())?;
        let is_base = loaded.fleet().is_none() && loaded.editable_fleet().is_some();
        if !is_base || candidate.file != *file {
            return Ok((candidate, loaded));
        }
        let Ok(bumped) = bump(&inputs, &loaded, &BumpRequest::Changed, false) else {
            return Ok((candidate, loaded));
        };
        let text = bumped.text;
        let inputs = Edited::new(self.workspace, file, &text);
        let loaded = load(&inputs, file, self.original.watcher())?;
        let file = file.clone();
        Ok((Candidate { file, text }, loaded))
    }

    /// How far a declaration's file is from the edited one, and what the images differ in.
    fn distance(
        &self,
        path: &ArtifactPath,
        edited: &str,
        loaded: &Loaded,
        text: Option<(&str, &str)>,
    ) -> Result<(Distance, Vec<String>), AbsorbError> {
        let target = self.target(path, edited, loaded, text)?;
        let Some(target) = target else {
            let nowhere = Distance {
                image: None,
                lines: usize::MAX,
            };
            return Ok((nowhere, Vec::new()));
        };
        let (old, new) = (
            lines_of(target.rendered.as_bytes()),
            lines_of(edited.as_bytes()),
        );
        let count = changes(&old, &new)
            .iter()
            .map(|change| change.old.len() + change.new.len())
            .sum();
        let denied: BTreeSet<String> = HARMLESS_RULES
            .iter()
            .map(|rule| rule.id.to_owned())
            .collect();
        let differences = target
            .meanings
            .as_ref()
            .map(|[rendered, edited]| judge(rendered, edited, &denied))
            .unwrap_or_default();
        let told = differences.into_iter().map(|found| found.text);
        let told = told.filter(|text| !follows_from_the_rest(text));
        let told: Vec<String> = told.collect();
        let image = target.meanings.as_ref().map(|_| told.len());
        let lines = count;
        Ok((Distance { image, lines }, told))
    }

    /// What a declaration renders for a file; nothing where it does not declare it.
    fn target<'t>(
        &self,
        path: &'t ArtifactPath,
        edited: &'t str,
        loaded: &'t Loaded,
        text: Option<(&str, &str)>,
    ) -> Result<Option<Target<'t>>, AbsorbError> {
        let Some(fleet) = loaded.fleet() else {
            return Ok(None);
        };
        let text = text.or_else(|| {
            let (file, loaded) = self.edited.as_ref()?;
            Some((file.as_str(), loaded.sources.text(file)?))
        });
        let (file, text) = text.unwrap_or((self.original.file.as_str(), self.original.text()));
        let inputs = Edited::new(self.workspace, file, text);
        let scope = Scope {
            changed: Some(BTreeSet::from([path.to_string()])),
            ..Scope::default()
        };
        let checked = check(&inputs, loaded, &Ask::undated(&scope, Missing::Rendered))?;
        if checked.declared().binary_search(path).is_err() {
            return Ok(None);
        }
        let expected = find(&checked, path.as_str()).and_then(|drift| drift.expected.as_deref());
        let rendered = expected.map_or_else(|| edited.to_owned(), unsealed);
        let meanings = Meanings::of_check(self.workspace, &checked);
        let read = |side| meanings.read(path.as_str(), side);
        let is_dockerfile = path.as_str().ends_with("/Dockerfile");
        let meanings = match (read(Side::Expected), read(Side::Disk)) {
            (Some(expected), Some(disk)) if is_dockerfile => Some([expected, disk]),
            _ => None,
        };
        Ok(Some(Target {
            path,
            fleet,
            loaded,
            rendered,
            edited,
            meanings,
        }))
    }

    /// Edits of the declaration that may lead from what is rendered to what was edited.
    fn candidates(&self, path: &ArtifactPath, edited: &str) -> Result<Vec<Candidate>, AbsorbError> {
        let Some(target) = self.target(path, edited, self.loaded(), None)? else {
            return Ok(Vec::new());
        };
        let Some(entry) = Entry::of(&target) else {
            return Ok(lines::shared(&target));
        };
        let mut found = lines::own(&target, &entry);
        found.extend(meant::candidates(&target, &entry));
        found.extend(lines::shared(&target));
        found.extend(lines::hooks(&target, &entry));
        Ok(found)
    }

    fn refused(&self, path: String, now: Distance, rest: &[String]) -> AbsorbError {
        let mut reason = match (now.image, rest.first()) {
            (Some(0), _) => {
                "the edit changes nothing in the image, and no field says it".to_owned()
            }
            (_, Some(first)) => {
                let more = rest.len() - 1;
                let more = if more == 0 {
                    String::new()
                } else {
                    format!(" (and {more} more)")
                };
                format!("no field of services.yaml says what it does: {first}{more}")
            }
            _ => "no field of services.yaml says what it changes".to_owned(),
        };
        if let Some(refusal) = &self.refusal {
            reason = format!("{reason}; the declaration would have an error: {refusal}");
        }
        AbsorbError::NotDeclarable { path, reason }
    }
}

/// Whether a label says what FROM or the version of a base says.
fn follows_from_the_rest(difference: &str) -> bool {
    let label = difference.strip_prefix("changes the label ");
    label.is_some_and(|label| DERIVED.iter().any(|derived| label.starts_with(derived)))
}

/// What somebody made of a generated file, without its header.
fn edited_text(drift: &Drift) -> Result<String, AbsorbError> {
    let refuse = |reason: &str| AbsorbError::NotEdited {
        path: drift.path.to_string(),
        reason: reason.to_owned(),
    };
    let is_edit = matches!(drift.kind, DriftKind::HandEdited { .. });
    if !is_edit || drift.expected.is_none() {
        return Err(refuse("it is not a generated file that was edited by hand"));
    }
    let bytes = drift
        .shown_bytes()
        .ok_or_else(|| refuse("its seal is for another path"))?;
    let text = std::str::from_utf8(bytes).map_err(|_| refuse("it is not UTF-8"))?;
    Ok(unsealed(text))
}
