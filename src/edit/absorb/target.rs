//! What is absorbed: a generated file with what somebody made of it, and the entry of its image.

use std::cell::OnceCell;

use super::place::Text;
use crate::artifact::ArtifactPath;
use crate::dockerfile::meaning::Meaning;
use crate::edit::eject::unsealed;
use crate::fleet::owners::Owners;
use crate::fleet::{Fleet, Origin};
use crate::project::{Checked, Loaded, Meanings, Side};
use crate::workspace::Workspace;

/// Labels that a template makes of other values.
pub(super) const DERIVED: [&str; 2] = ["dockwright.", "org.opencontainers.image.base."];

/// A new text of a file of the declaration.
pub(super) struct Candidate {
    pub(super) file: String,
    pub(super) text: String,
}

/// One generated file: what is rendered for it now, and what somebody made of it.
pub(super) struct Target<'a> {
    pub(super) path: &'a ArtifactPath,
    pub(super) fleet: &'a Fleet,
    pub(super) loaded: &'a Loaded,
    /// The bodies, without the two lines of the header.
    pub(super) rendered: String,
    pub(super) edited: &'a str,
    workspace: &'a Workspace,
    checked: &'a Checked<'a>,
    meanings: OnceCell<Option<[Meaning; 2]>>,
}

impl<'a> Target<'a> {
    /// What a check expects of a file that somebody edited; nothing where it is not declared.
    pub(super) fn of(
        workspace: &'a Workspace,
        checked: &'a Checked<'_>,
        (path, edited): (&'a ArtifactPath, &'a str),
    ) -> Option<Self> {
        let fleet = checked.loaded.fleet()?;
        checked.declared().binary_search(path).ok()?;
        let drift = checked.report().find(path.as_str());
        let expected = drift.and_then(|drift| drift.expected.as_deref());
        Some(Self {
            path,
            fleet,
            loaded: checked.loaded,
            // What does not differ is as it was edited, header and all.
            rendered: expected.map_or_else(|| edited.to_owned(), unsealed),
            edited,
            workspace,
            checked,
            meanings: OnceCell::new(),
        })
    }

    /// Whether the file is rendered as it was edited.
    pub(super) fn is_there(&self) -> bool {
        self.rendered == self.edited
    }

    /// What each text means, for a Dockerfile: read when it is asked for, as most edits are found
    /// by their lines.
    pub(super) fn meanings(&self) -> Option<&[Meaning; 2]> {
        let read = || {
            let path = self.path.as_str();
            if !path.ends_with("/Dockerfile") {
                return None;
            }
            let meanings = Meanings::of_check(self.workspace, self.checked);
            let [rendered, edited] =
                [Side::Expected, Side::Disk].map(|side| meanings.read(path, side));
            Some([rendered?, edited?])
        };
        self.meanings.get_or_init(read).as_ref()
    }
}

/// The entry of an image: the file of the declaration, its text, and the keys.
pub(super) struct Entry {
    pub(super) file: String,
    pub(super) text: Text,
    pub(super) section: String,
    pub(super) name: String,
}

impl Entry {
    /// The entry of the image that a file belongs to.
    pub(super) fn of(target: &Target<'_>) -> Option<Self> {
        let owner = Owners::new(target.fleet).of(target.path.as_str())?;
        let image = target.fleet.image(owner);
        let location = target.fleet.value_at(Origin::field(image.section, ""));
        let section = if image.version().is_some() {
            "bases"
        } else {
            "services"
        };
        Some(Self {
            text: Text::read(target.loaded.declaration_text(&location.file))?,
            file: location.file,
            section: section.to_owned(),
            name: image.name.to_string(),
        })
    }

    /// The keys of a field of the entry.
    pub(super) fn keys<'k>(&'k self, field: &[&'k str]) -> Vec<&'k str> {
        let mut keys = vec![self.section.as_str(), self.name.as_str()];
        keys.extend(field);
        keys
    }

    pub(super) fn candidate(&self, text: Option<String>) -> Option<Candidate> {
        Some(Candidate {
            file: self.file.clone(),
            text: text?,
        })
    }
}
