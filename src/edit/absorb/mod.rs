//! The way back: a hand edit of a generated file becomes edits of the declaration.
//!
//! Candidates come from the lines that differ, by the trace that leads from each rendered line to
//! the values in it, and from what the two Dockerfiles mean. None is trusted: each is spliced into
//! the text, loaded and rendered, and taken only where the rendered file comes nearer to the edited
//! one. What is left at the end decides whether the edit is absorbed.
//!
//! That happens on the part of the declaration that the image needs ([`part`]), and what comes of
//! it is judged once more in the whole ([`Absorbed::judge`]).

mod distance;
mod error;
mod ground;
mod hunks;
mod lines;
mod listed;
mod local;
mod meant;
mod part;
mod place;
mod target;

use std::collections::{BTreeMap, BTreeSet};

use self::distance::Distance;
pub(crate) use self::error::AbsorbError;
use self::ground::Ground;
use self::part::Part;
use self::target::Target;
use crate::artifact::ArtifactPath;
use crate::drift::{Drift, DriftKind};
use crate::edit::eject::unsealed;
use crate::fleet::owners::Owners;
use crate::images::Scope;
use crate::project::{Checked, Edited, Loaded, load};
use crate::workspace::Workspace;
use crate::yaml;

/// Up to how many images edits are tried on the whole declaration, which then is loaded once more
/// and not three times.
const WHOLE_UP_TO: usize = 24;

/// An edited declaration that stands for what was edited by hand.
pub(crate) struct Absorbed {
    /// The file of the declaration that changes.
    pub(crate) file: String,
    /// Its text before.
    pub(crate) before: String,
    /// The declaration with the new text.
    pub(crate) loaded: Loaded,
    /// The images whose entries alone changed; nothing where something else did.
    images: Option<BTreeSet<String>>,
    /// The files that were absorbed, as they were edited.
    edited: Vec<(ArtifactPath, String)>,
}

/// What an edited declaration comes to.
#[derive(Debug)]
pub(crate) struct Judged {
    /// The files that were absorbed, and whether each is rendered byte for byte as it was edited.
    pub(crate) files: Vec<(ArtifactPath, bool)>,
    /// The other generated files that change with them.
    pub(crate) followers: Vec<ArtifactPath>,
    /// Whether one of these belongs to another image or to the fleet.
    pub(crate) reaches_others: bool,
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
        changed: None,
        whole: None,
    };
    let mut edited = Vec::new();
    for drift in drifts {
        let text = edited_text(drift)?;
        absorbing.file(&drift.path, &text)?;
        edited.push((drift.path.clone(), text));
    }
    let Absorbing { changed, whole, .. } = absorbing;
    let Some((file, text)) = changed else {
        // `file` refuses an edit that needs no change of the declaration.
        return Err(AbsorbError::NotEdited {
            path: loaded.file.clone(),
            reason: "no generated file was edited by hand".to_owned(),
        });
    };
    let after = match whole {
        Some(after) => after,
        None => load(
            &Edited::new(workspace, &file, &text),
            &loaded.file,
            loaded.watcher(),
        )?,
    };
    let trees = [loaded, &after].map(|loaded| loaded.declaration_tree(&file));
    Ok(Absorbed {
        before: loaded.declaration_text(&file).to_owned(),
        images: local::services_that_differ(trees[0], trees[1]),
        loaded: after,
        edited,
        file,
    })
}

impl Absorbed {
    /// The new text.
    #[must_use]
    pub(crate) fn text(&self) -> &str {
        self.loaded.declaration_text(&self.file)
    }

    /// Which files can change with the edit: those that were looked at, where only entries of their
    /// images changed, else all.
    #[must_use]
    pub(crate) fn scope(&self, before: &Loaded, looked_at: Scope) -> Scope {
        let Some(fleet) = before.fleet() else {
            return Scope::default();
        };
        let owners = Owners::new(fleet);
        let owners = self.edited.iter().map(|(path, _)| owners.of(path.as_str()));
        let named: BTreeSet<&str> = owners
            .flatten()
            .map(|id| fleet.image(id).name.as_str())
            .collect();
        let is_named = |image: &String| named.contains(image.as_str());
        match &self.images {
            Some(images) if images.iter().all(is_named) => looked_at,
            _ => Scope::default(),
        }
    }

    /// What the edit comes to, by checks of the declaration before and after it.
    ///
    /// # Errors
    /// The declaration as a whole does not give an edited file back.
    pub(crate) fn judge(
        &self,
        (before, after): (&Checked<'_>, &Checked<'_>),
        workspace: &Workspace,
    ) -> Result<Judged, AbsorbError> {
        let mut files = Vec::new();
        for (path, edited) in &self.edited {
            let target = Target::of(workspace, after, (path, edited));
            let Some(target) = target else {
                return Err(Distance::ENDLESS.refused(path, &[], None));
            };
            if !target.is_there() {
                let (now, rest) = Distance::of(&target);
                if now.image != Some(0) {
                    return Err(now.refused(path, &rest, None));
                }
            }
            files.push((path.clone(), target.is_there()));
        }
        let absorbed: BTreeSet<&ArtifactPath> = self.edited.iter().map(|(path, _)| path).collect();
        let mut followers = moved(before, after);
        followers.extend(moved(after, before));
        // The files of one image follow from each other.
        let fleet = self.loaded.fleet();
        let owners = fleet.map(Owners::new);
        let owner = |path: &ArtifactPath| owners.as_ref()?.of(path.as_str());
        let edited: BTreeSet<_> = absorbed.iter().filter_map(|path| owner(path)).collect();
        let is_own = |path: &ArtifactPath| owner(path).is_some_and(|id| edited.contains(&id));
        followers.retain(|path| !absorbed.contains(path));
        Ok(Judged {
            reaches_others: !followers.iter().all(is_own),
            files,
            followers: followers.into_iter().collect(),
        })
    }
}

/// The files that are rendered otherwise than in another check.
fn moved(one: &Checked<'_>, other: &Checked<'_>) -> BTreeSet<ArtifactPath> {
    let drifts = one.report().drifts.iter();
    let differs = drifts.filter(|drift| {
        let there = other.report().find(drift.path.as_str());
        there.map(|there| &there.expected) != Some(&drift.expected)
    });
    differs.map(|drift| drift.path.clone()).collect()
}

/// An absorption on its way.
struct Absorbing<'a> {
    workspace: &'a Workspace,
    original: &'a Loaded,
    /// The file of the declaration that changed, with its new text.
    changed: Option<(String, String)>,
    /// The declaration with it, where the last edit was tried on the whole.
    whole: Option<Loaded>,
}

impl Absorbing<'_> {
    /// Takes the edit of one file into the text of the declaration.
    fn file(&mut self, path: &ArtifactPath, edited: &str) -> Result<(), AbsorbError> {
        let (file, text) = match self.in_part(path, edited)? {
            Some(found) => {
                self.whole = None;
                found
            }
            None => self.in_whole(path, edited)?,
        };
        if self
            .changed
            .as_ref()
            .is_some_and(|(known, _)| *known != file)
        {
            let path = path.to_string();
            return Err(AbsorbError::TwoFiles { path, file });
        }
        self.changed = Some((file, text));
        Ok(())
    }

    /// The same on what of the declaration the image needs; nothing where that alone is not
    /// declarable, the file belongs to no image, or the whole is small.
    fn in_part(
        &self,
        path: &ArtifactPath,
        edited: &str,
    ) -> Result<Option<(String, String)>, AbsorbError> {
        let fleet = self.original.fleet();
        let Some(fleet) = fleet.filter(|fleet| fleet.images.len() > WHOLE_UP_TO) else {
            return Ok(None);
        };
        let Some(image) = Owners::new(fleet).of(path.as_str()) else {
            return Ok(None);
        };
        let image = fleet.image(image);
        let entry = fleet.value_at(crate::fleet::Origin::field(image.section, ""));
        let changed = self.changed.as_ref();
        let changed = changed.and_then(|(_, text)| yaml::read(text.as_bytes()).ok());
        let tree = |file| match (&self.changed, &changed) {
            (Some((of, _)), Some(tree)) if of == file => tree,
            _ => self.original.declaration_tree(file),
        };
        let files = BTreeSet::from([self.original.file.as_str(), entry.file.as_str()]);
        let trees = files.into_iter().map(|file| (file, tree(file)));
        let Some(part) = Part::of(trees, image.name.as_str()) else {
            return Ok(None);
        };
        let inputs = Edited::with(self.workspace, &part.texts);
        let loaded = load(&inputs, &self.original.file, self.original.watcher())?;
        if loaded.fleet().is_none() {
            return Ok(None);
        }
        let mut ground = Ground::new(self.workspace, &loaded, part.texts.clone());
        ground.absorb(path, edited)?;
        Ok(ground
            .changed()
            .and_then(|(file, text)| Some((file.to_owned(), part.whole(file, text)?))))
    }

    fn in_whole(
        &mut self,
        path: &ArtifactPath,
        edited: &str,
    ) -> Result<(String, String), AbsorbError> {
        let changed = self.changed.clone().into_iter();
        let texts: BTreeMap<String, String> = changed.collect();
        if self.whole.is_none() && !texts.is_empty() {
            let inputs = Edited::with(self.workspace, &texts);
            self.whole = Some(load(&inputs, &self.original.file, self.original.watcher())?);
        }
        let loaded = self.whole.as_ref().unwrap_or(self.original);
        let mut ground = Ground::new(self.workspace, loaded, texts);
        ground.absorb(path, edited)?;
        match ground.into_changed() {
            Some((file, loaded)) => {
                let text = loaded.declaration_text(&file).to_owned();
                self.whole = Some(loaded);
                Ok((file, text))
            }
            // An edit before this one brought this one along.
            None => Ok(self
                .changed
                .clone()
                .expect("a file that was edited by hand differs")),
        }
    }
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
