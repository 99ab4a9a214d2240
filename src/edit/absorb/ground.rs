//! Where candidates are tried: each is loaded and rendered, and the first that comes nearer is
//! taken, until the edited file is there.

use std::collections::{BTreeMap, BTreeSet};

use super::distance::Distance;
use super::error::AbsorbError;
use super::target::{Candidate, Entry, Target};
use super::{lines, listed, meant};
use crate::artifact::ArtifactPath;
use crate::edit::bump::{BumpRequest, bump};
use crate::images::Scope;
use crate::project::{Ask, Checked, Edited, Loaded, Missing, check, load};
use crate::workspace::Workspace;

/// How many candidates are tried for one file.
const TRIALS: usize = 120;

/// A declaration, or a part of one.
pub(super) struct Ground<'a> {
    workspace: &'a Workspace,
    /// As it was at first.
    original: &'a Loaded,
    /// The texts that are not those on disk, by path.
    texts: BTreeMap<String, String>,
    /// The declaration with what was taken so far, and its file that changed.
    edited: Option<(String, Loaded)>,
    /// Why the declaration with a candidate was refused: the first reason.
    refusal: Option<String>,
}

/// A candidate that was loaded, with its text as it is now.
struct Tried {
    file: String,
    text: String,
    loaded: Loaded,
}

impl<'a> Ground<'a> {
    pub(super) fn new(
        workspace: &'a Workspace,
        original: &'a Loaded,
        texts: BTreeMap<String, String>,
    ) -> Self {
        Self {
            workspace,
            original,
            texts,
            edited: None,
            refusal: None,
        }
    }

    /// The file of the declaration that changed, with its new text.
    pub(super) fn changed(&self) -> Option<(&str, &str)> {
        let (file, loaded) = self.edited.as_ref()?;
        Some((file, loaded.declaration_text(file)))
    }

    /// Takes the edit of one file in.
    pub(super) fn absorb(&mut self, path: &ArtifactPath, edited: &str) -> Result<(), AbsorbError> {
        let mut left = TRIALS;
        loop {
            let (now, rest, candidates) = self.next(path, edited)?;
            if now.lines == 0 {
                return Ok(());
            }
            let Some(tried) = self.nearer((path, edited), (now, &mut left), candidates)? else {
                if now.image == Some(0) && self.edited.is_some() {
                    return Ok(());
                }
                return Err(now.refused(path, &rest, self.refusal.as_deref()));
            };
            let (Tried { file, text, loaded }, is_there) = tried;
            if self
                .edited
                .as_ref()
                .is_some_and(|(known, _)| *known != file)
            {
                let path = path.to_string();
                return Err(AbsorbError::TwoFiles { path, file });
            }
            self.texts.insert(file.clone(), text);
            self.edited = Some((file, loaded));
            if is_there {
                return Ok(());
            }
        }
    }

    /// How far the declaration is as it is now, what the images differ in, and what may bring it
    /// nearer.
    fn next(
        &self,
        path: &ArtifactPath,
        edited: &str,
    ) -> Result<(Distance, Vec<String>, Vec<Candidate>), AbsorbError> {
        let loaded = match &self.edited {
            Some((_, loaded)) => loaded,
            None => self.original,
        };
        let checked = self.checked(path, loaded)?;
        let target = Target::of(self.workspace, &checked, (path, edited));
        let (now, rest) = Distance::of(target.as_ref());
        let is_right = now.image == Some(0) && self.edited.is_some();
        let candidates = match &target {
            Some(target) if now.lines > 0 => candidates(target, is_right),
            _ => Vec::new(),
        };
        Ok((now, rest, candidates))
    }

    /// The first candidate that comes nearer, and whether the file is there with it.
    fn nearer(
        &mut self,
        (path, edited): (&ArtifactPath, &str),
        (now, left): (Distance, &mut usize),
        candidates: Vec<Candidate>,
    ) -> Result<Option<(Tried, bool)>, AbsorbError> {
        let mut seen = BTreeSet::new();
        for candidate in candidates {
            if *left == 0 || !seen.insert(candidate.text.clone()) {
                continue;
            }
            *left -= 1;
            let tried = self.tried(candidate)?;
            if tried.loaded.fleet().is_none() {
                let mut errors = tried
                    .loaded
                    .diagnostics
                    .iter()
                    .filter(|found| found.is_error());
                let message = errors.next().map(|found| found.message.clone());
                self.refusal = self.refusal.take().or(message);
                continue;
            }
            let checked = self.checked(path, &tried.loaded)?;
            let target = Target::of(self.workspace, &checked, (path, edited));
            let (distance, _) = Distance::of(target.as_ref());
            drop(target);
            drop(checked);
            if distance.is_nearer_than(now) {
                return Ok(Some((tried, distance.lines == 0)));
            }
        }
        Ok(None)
    }

    /// A candidate, loaded; the bases whose content it changes get their next patch versions.
    fn tried(&self, candidate: Candidate) -> Result<Tried, AbsorbError> {
        let Candidate { file, text } = candidate;
        let mut loaded = self.loaded(&file, &text)?;
        let is_base = loaded.fleet().is_none() && loaded.editable_fleet().is_some();
        if !is_base || file != self.original.file {
            return Ok(Tried { file, text, loaded });
        }
        let texts = self.with(&file, &text);
        let inputs = Edited::with(self.workspace, &texts);
        match bump(&inputs, &mut loaded, &BumpRequest::Changed, false) {
            Ok(bumped) => Ok(Tried {
                loaded: self.loaded(&file, &bumped.text)?,
                text: bumped.text,
                file,
            }),
            Err(_) => Ok(Tried { file, text, loaded }),
        }
    }

    fn with(&self, file: &str, text: &str) -> BTreeMap<String, String> {
        let mut texts = self.texts.clone();
        texts.insert(file.to_owned(), text.to_owned());
        texts
    }

    /// The declaration with another text of a file.
    fn loaded(&self, file: &str, text: &str) -> Result<Loaded, AbsorbError> {
        let texts = self.with(file, text);
        let inputs = Edited::with(self.workspace, &texts);
        Ok(load(&inputs, &self.original.file, self.original.watcher())?)
    }

    /// What a declaration stands for at a path and in its image.
    fn checked<'l>(
        &self,
        path: &ArtifactPath,
        loaded: &'l Loaded,
    ) -> Result<Checked<'l>, AbsorbError> {
        let scope = Scope {
            changed: Some(BTreeSet::from([path.to_string()])),
            ..Scope::default()
        };
        let ask = Ask::undated(&scope, Missing::Rendered);
        Ok(check(self.workspace, loaded, &ask)?)
    }
}

/// Edits of the declaration that may lead from what is rendered to what was edited. Where the image
/// is right already, only other values can give the same bytes.
fn candidates(target: &Target<'_>, is_right: bool) -> Vec<Candidate> {
    let moved = lines::moved(target);
    let Some(entry) = Entry::of(target) else {
        let mut found = lines::shared(target, &moved);
        found.extend(listed::shared(target, None));
        return found;
    };
    let mut found = lines::own(target, &entry, &moved);
    if !is_right {
        found.extend(meant::candidates(target, &entry));
    }
    found.extend(listed::own(target, &entry));
    found.extend(lines::shared(target, &moved));
    found.extend(listed::shared(target, Some(&entry)));
    if !is_right {
        found.extend(listed::of_sets(target, &entry));
        found.extend(lines::hooks(target, &entry));
    }
    found
}
