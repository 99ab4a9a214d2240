//! What a scope means for a comparison: some images, and nothing that costs more than they do.

use std::collections::BTreeSet;

use crate::artifact::lies_in;
use crate::fleet::Fleet;
use crate::fleet::owners::Owners;
use crate::images::{Scope, UnknownImage, id_of};
use crate::render::Choice;

/// The files that are looked at.
pub(super) struct Part<'a> {
    /// Those that the fleet stands for.
    pub(super) choice: Choice,
    /// Changed paths of no image where generated files belong: what stands there, or in there, may
    /// be one that nothing declares.
    pub(super) candidates: Vec<String>,
    owners: Owners<'a>,
}

impl<'a> Part<'a> {
    /// What a scope limits a comparison to; `None` where it is a whole one, also because a changed
    /// path concerns every image.
    pub(super) fn of(scope: &Scope, fleet: &'a Fleet) -> Result<Option<Self>, UnknownImage> {
        if let Some(changed) = &scope.changed {
            let is_whole = changed.iter().any(|path| concerns_all(fleet, path));
            return Ok((!is_whole).then(|| Self::of_changed(fleet, changed)));
        }
        if scope.only.is_empty() {
            return Ok(None);
        }
        let mut part = Self::nothing(fleet);
        for name in &scope.only {
            part.choice.images.insert(id_of(fleet, name)?);
        }
        Ok(Some(part))
    }

    fn nothing(fleet: &'a Fleet) -> Self {
        Self {
            choice: Choice::default(),
            candidates: Vec::new(),
            owners: Owners::new(fleet),
        }
    }

    /// The images that changed paths concern, and changed paths that belong to none.
    fn of_changed(fleet: &'a Fleet, changed: &BTreeSet<String>) -> Self {
        let folders = fleet.layout.output_folders();
        let mut part = Self::nothing(fleet);
        for path in changed {
            part.choice.images.extend(part.owners.concerned(path));
            part.choice.paths.insert(path.clone());
            if part.owners.of(path).is_none() && folders.iter().any(|folder| lies_in(path, folder))
            {
                part.candidates.push(path.clone());
            }
        }
        part
    }

    /// Whether a file that was found is one to look at: in the folder of a chosen image, and not in
    /// that of another one below it.
    pub(super) fn covers(&self, path: &str) -> bool {
        self.owners
            .of(path)
            .is_some_and(|image| self.choice.images.contains(&image))
    }
}

/// Whether a changed path has a say in every generated file, or is a folder above them.
fn concerns_all(fleet: &Fleet, path: &str) -> bool {
    fleet.is_input(path)
        || fleet
            .layout
            .output_folders()
            .iter()
            .any(|folder| lies_in(folder, path))
}
