//! Where candidates are tried: each is loaded and rendered, and the first that comes nearer is
//! taken, until the edited file is there.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::distance::Distance;
use super::error::AbsorbError;
use super::lines::{self, Moved};
use super::target::{Candidate, Entry, Target};
use super::{listed, meant};
use crate::artifact::ArtifactPath;
use crate::edit::bump::{BumpRequest, bump};
use crate::images::Scope;
use crate::project::{Ask, Checked, Edited, Loaded, Missing, compare, load};
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
        }
    }

    /// The file of the declaration that changed, with its new text.
    pub(super) fn changed(&self) -> Option<(&str, &str)> {
        let (file, loaded) = self.edited.as_ref()?;
        Some((file, loaded.declaration_text(file)))
    }

    /// The same with the declaration.
    pub(super) fn into_changed(self) -> Option<(String, Loaded)> {
        self.edited
    }

    /// Takes the edit of one file in.
    pub(super) fn absorb(&mut self, path: &ArtifactPath, edited: &str) -> Result<(), AbsorbError> {
        let mut trials = Trials::default();
        while let Some(Tried { file, text, loaded }) = self.step((path, edited), &mut trials)? {
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
        }
        Ok(())
    }

    /// The next candidate to take; nothing where the file is there, or its image is and nothing
    /// leads to its bytes.
    fn step(
        &self,
        (path, edited): (&ArtifactPath, &str),
        trials: &mut Trials,
    ) -> Result<Option<Tried>, AbsorbError> {
        let loaded = match &self.edited {
            Some((_, loaded)) => loaded,
            None => self.original,
        };
        if trials.is_there {
            return Ok(None);
        }
        let checked = self.checked(path, loaded)?;
        let Some(target) = Target::of(self.workspace, &checked, (path, edited)) else {
            return Err(Distance::ENDLESS.refused(path, &[], None));
        };
        if target.is_there() {
            return Ok(None);
        }
        let now = Now {
            target: &target,
            distance: OnceCell::new(),
        };
        if let Some(tried) = self.nearer(&now, trials)? {
            return Ok(Some(tried));
        }
        let (now, rest) = now.distance();
        if now.image == Some(0) && self.edited.is_some() {
            return Ok(None);
        }
        Err(now.refused(path, rest, trials.refusal.as_deref()))
    }

    /// The first candidate that comes nearer.
    fn nearer(&self, now: &Now<'_>, trials: &mut Trials) -> Result<Option<Tried>, AbsorbError> {
        let target = now.target;
        // Where the image is right already, only other values can give the same bytes.
        let is_right = self.edited.is_some() && now.distance().0.image == Some(0);
        let moved = lines::moved(target);
        let entry = Entry::of(target);
        let mut seen = BTreeSet::new();
        for way in Way::ALL {
            if is_right && way.is_for_images() {
                continue;
            }
            for candidate in way.candidates(target, entry.as_ref(), &moved) {
                if trials.left == 0 || !seen.insert(candidate.text.clone()) {
                    continue;
                }
                trials.left -= 1;
                let tried = self.tried(candidate)?;
                if self.is_nearer(now, &tried, trials)? {
                    return Ok(Some(tried));
                }
            }
        }
        Ok(None)
    }

    /// Whether a candidate comes nearer than what there is.
    fn is_nearer(
        &self,
        now: &Now<'_>,
        tried: &Tried,
        trials: &mut Trials,
    ) -> Result<bool, AbsorbError> {
        let target = now.target;
        if tried.loaded.fleet().is_none() {
            let mut found = tried.loaded.diagnostics.iter();
            let error = found.find(|found| found.is_error());
            let message = error.map(|found| found.message.clone());
            trials.refusal = trials.refusal.take().or(message);
            return Ok(false);
        }
        let checked = self.checked(target.path, &tried.loaded)?;
        let Some(then) = Target::of(self.workspace, &checked, (target.path, target.edited)) else {
            return Ok(false);
        };
        trials.is_there = then.is_there();
        Ok(trials.is_there || Distance::of(&then).0.is_nearer_than(now.distance().0))
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
        Ok(compare(self.workspace, loaded, &ask)?)
    }
}

/// What there is before the next candidate.
struct Now<'t> {
    target: &'t Target<'t>,
    distance: OnceCell<(Distance, Vec<String>)>,
}

impl Now<'_> {
    /// How far it is from the edited file, and what the images differ in: found out when it is
    /// asked for, as most edits are taken in by the first candidate.
    fn distance(&self) -> &(Distance, Vec<String>) {
        self.distance.get_or_init(|| Distance::of(self.target))
    }
}

/// What trials come to for one file.
struct Trials {
    /// How many more candidates are tried.
    left: usize,
    /// Why the declaration with a candidate was refused: the first reason.
    refusal: Option<String>,
    /// Whether the candidate that was taken last renders the file as it was edited.
    is_there: bool,
}

impl Default for Trials {
    fn default() -> Self {
        Self {
            left: TRIALS,
            refusal: None,
            is_there: false,
        }
    }
}

/// Where edits of the declaration come from that may lead from what is rendered to what was
/// edited.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    OwnValues,
    Meaning,
    OwnLists,
    Values,
    Lists,
    Sets,
    Hooks,
}

impl Way {
    /// In the order in which they are tried.
    const ALL: [Self; 7] = [
        Self::OwnValues,
        Self::Meaning,
        Self::OwnLists,
        Self::Values,
        Self::Lists,
        Self::Sets,
        Self::Hooks,
    ];

    /// Whether it is about what the image holds, and not only about its bytes.
    fn is_for_images(self) -> bool {
        matches!(self, Self::Meaning | Self::Sets | Self::Hooks)
    }

    /// The edits; a file of no image has those of what is shared.
    fn candidates(
        self,
        target: &Target<'_>,
        entry: Option<&Entry>,
        moved: &Moved,
    ) -> Vec<Candidate> {
        match (self, entry) {
            (Self::Values, _) => lines::shared(target, moved),
            (Self::Lists, entry) => listed::shared(target, entry),
            (Self::OwnValues, Some(entry)) => lines::own(target, entry, moved),
            (Self::Meaning, Some(entry)) => meant::candidates(target, entry),
            (Self::OwnLists, Some(entry)) => listed::own(target, entry),
            (Self::Sets, Some(entry)) => listed::of_sets(target, entry),
            (Self::Hooks, Some(entry)) => lines::hooks(target, entry),
            (_, None) => Vec::new(),
        }
    }
}
