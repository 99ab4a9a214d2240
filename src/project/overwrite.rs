//! What `generate --overwrite` and `absorb` name: files, images and folders.

use std::collections::BTreeSet;

use super::check::Checked;
use crate::artifact::ArtifactPath;
use crate::diagnostic::did_you_mean;
use crate::drift::{Drift, DriftKind};
use crate::fleet::owners::Owners;
use crate::fleet::{Fleet, ImageId};
use crate::images::Scope;

/// The files that the words of a command line give up. A word that means nothing is a mistake worth
/// stopping for.
///
/// # Errors
/// Names the word, and what may have been meant.
pub(crate) fn overwritten(
    words: &[String],
    checked: &Checked<'_>,
) -> Result<BTreeSet<ArtifactPath>, String> {
    let found = differing(words, checked).map_err(|reason| format!("--overwrite {reason}"))?;
    Ok(found.into_iter().map(|drift| drift.path.clone()).collect())
}

/// The files with a difference that could be given up among those that words mean, by path.
///
/// # Errors
/// Names the word, and what may have been meant.
pub(crate) fn differing<'a>(
    words: &[String],
    checked: &'a Checked<'_>,
) -> Result<Vec<&'a Drift>, String> {
    // Without a fleet nothing is compared, and its errors come first.
    let Some(fleet) = checked.loaded.fleet().filter(|_| !words.is_empty()) else {
        return Ok(Vec::new());
    };
    let differing = Differing {
        fleet,
        owners: Owners::new(fleet),
        checked,
    };
    let mut found = Vec::new();
    for word in words {
        found.extend(differing.named(word)?);
    }
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found.dedup_by(|one, other| one.path == other.path);
    Ok(found)
}

/// What a check has to look at so that [`differing`] can tell what words mean: their images, and
/// the files of the fleet as a whole. Where a word means no image everything is looked at.
pub(crate) fn scope_of(words: &[String], fleet: &Fleet) -> Scope {
    let owners = Owners::new(fleet);
    let mut changed: BTreeSet<String> = fleet.outputs.paths().map(ToString::to_string).collect();
    for word in words {
        let path = word.trim_start_matches("./").trim_end_matches('/');
        let mut images = owners.concerned(path);
        images.extend(fleet.id_named(word));
        if images.is_empty() || path.is_empty() || path == "." {
            return Scope::default();
        }
        changed.extend(images.iter().map(|id| fleet.image(*id).folder.clone()));
    }
    Scope {
        changed: (!words.is_empty()).then_some(changed),
        ..Scope::default()
    }
}

/// The files that differ, and whose they are.
struct Differing<'a> {
    fleet: &'a Fleet,
    owners: Owners<'a>,
    checked: &'a Checked<'a>,
}

impl<'a> Differing<'a> {
    /// A file is looked for first, then an image, then a folder; a slash at the end means a folder.
    fn named(&self, word: &str) -> Result<Vec<&'a Drift>, String> {
        let path = word.trim_start_matches("./").trim_end_matches('/');
        let path = if word == "." { "" } else { path };
        if path.is_empty() && word.starts_with('.') {
            return Ok(self
                .drifts()
                .iter()
                .filter(|drift| can_be_given_up(drift))
                .collect());
        }
        if !word.ends_with('/') {
            match self.checked.report().find(path) {
                Some(drift) if can_be_given_up(drift) => return Ok(vec![drift]),
                Some(_) => {
                    return Err(format!(
                        "{word}: services.yaml does not declare it; remove it or move it"
                    ));
                }
                None => {}
            }
            if self
                .declared()
                .binary_search_by(|declared| declared.as_str().cmp(path))
                .is_ok()
            {
                return Err(format!("{word}: this file matches services.yaml already"));
            }
            if let Some(id) = self.fleet.id_named(word) {
                return Ok(self.of_image(id));
            }
        }
        self.folder(path).ok_or_else(|| self.unknown(word, path))
    }

    fn drifts(&self) -> &'a [Drift] {
        &self.checked.report().drifts
    }

    fn declared(&self) -> &'a [ArtifactPath] {
        self.checked.declared()
    }

    /// What differs in an image's folder, but not in that of another image below it.
    fn of_image(&self, id: ImageId) -> Vec<&'a Drift> {
        let below = self.below(&self.fleet.image(id).folder);
        below
            .into_iter()
            .filter(|drift| self.owners.of(drift.path.as_str()) == Some(id))
            .collect()
    }

    /// What differs in a folder; nothing where generated files neither are nor belong.
    fn folder(&self, path: &str) -> Option<Vec<&'a Drift>> {
        let found = self.below(path);
        let inside = format!("{path}/");
        let next = self
            .declared()
            .partition_point(|declared| declared.as_str() < inside.as_str());
        let is_declared = self
            .declared()
            .get(next)
            .is_some_and(|declared| declared.as_str().starts_with(&inside));
        (is_declared || !found.is_empty()).then_some(found)
    }

    /// The files in a folder that may be given up; both lists are sorted by path.
    fn below(&self, folder: &str) -> Vec<&'a Drift> {
        let inside = format!("{folder}/");
        let first = self
            .drifts()
            .partition_point(|drift| drift.path.as_str() < inside.as_str());
        let rest = self.drifts().get(first..).unwrap_or_default().iter();
        rest.take_while(|drift| drift.path.as_str().starts_with(&inside))
            .filter(|drift| can_be_given_up(drift))
            .collect()
    }

    fn unknown(&self, word: &str, path: &str) -> String {
        if let Err(invalid) = ArtifactPath::parse(path) {
            return format!("{word}: {invalid}");
        }
        let images = self
            .fleet
            .images
            .iter()
            .flat_map(|image| [image.name.as_str(), image.folder.as_str()]);
        let files = self
            .drifts()
            .iter()
            .filter(|drift| can_be_given_up(drift))
            .map(|drift| drift.path.as_str());
        let folders = self.fleet.layout.output_folders();
        let help = did_you_mean(path, images.chain(files).chain(folders)).map_or_else(
            || {
                "paths are relative to the folder of services.yaml; `dockwright check` lists what \
                 differs"
                    .to_owned()
            },
            |meant| format!("did you mean `{meant}`?"),
        );
        format!(
            "{word}: no image, no folder of generated files and no differing file has \
             this name; {help}"
        )
    }
}

/// Whether naming a file gives up something: never a person's own file that was not generated and
/// that nothing declares.
fn can_be_given_up(drift: &Drift) -> bool {
    drift.expected.is_some() || drift.kind == DriftKind::EditedOrphan
}
