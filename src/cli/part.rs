//! A check of some images: what the command line names, and nothing that costs more than that.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::choose::read_changed;
use super::failure::Failure;
use super::loaded::Loaded;
use crate::artifact::lies_in;
use crate::fleet::owners::Owners;
use crate::fleet::{Fleet, ImageId};
use crate::images::{UnknownImage, id_of};
use crate::render::Choice;

/// What limits a check.
#[derive(Debug, clap::Args)]
pub(super) struct PartArgs {
    /// Only the files of these images
    #[arg(long, value_name = "IMAGE", num_args = 1..)]
    only: Vec<String>,
    /// Only what these files and folders concern: `-` reads their paths from standard input, by
    /// line or by NUL
    #[arg(long, value_name = "-", value_parser = ["-"], conflicts_with = "only")]
    changed_files: Option<String>,
}

impl PartArgs {
    /// Whether the fleet is looked at as a whole.
    pub(super) fn is_whole(&self) -> bool {
        self.only.is_empty() && self.changed_files.is_none()
    }
}

/// The files that are looked at.
pub(super) struct Part<'a> {
    /// Those that the fleet stands for.
    pub(super) choice: Choice,
    /// Changed paths of no image where generated files belong: what stands there, or in there, may
    /// be one that nothing declares.
    pub(super) candidates: Vec<String>,
    owners: Owners<'a>,
}

impl Part<'_> {
    /// Whether a file that was found is one to look at: in the folder of a chosen image, and not in
    /// that of another one below it.
    pub(super) fn covers(&self, path: &str) -> bool {
        self.owners
            .of(path)
            .is_some_and(|image| self.choice.images.contains(&image))
    }
}

/// What the command line limits the check to; `None` where it is a whole one, also because a
/// changed path concerns every image.
pub(super) fn part<'a>(
    args: &PartArgs,
    file: &Utf8Path,
    fleet: &'a Fleet,
) -> Result<Option<Part<'a>>, Failure> {
    if args.changed_files.is_some() {
        let changed = read_changed(file)?;
        return Ok((!changed.iter().any(|path| concerns_all(fleet, path)))
            .then(|| of_changed(fleet, &changed)));
    }
    if args.only.is_empty() {
        return Ok(None);
    }
    let images: Result<BTreeSet<ImageId>, UnknownImage> =
        args.only.iter().map(|name| id_of(fleet, name)).collect();
    let choice = Choice {
        images: images?,
        paths: BTreeSet::new(),
    };
    Ok(Some(Part {
        choice,
        candidates: Vec::new(),
        owners: Owners::new(fleet),
    }))
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

/// The images that changed paths concern, and changed paths that belong to none.
fn of_changed<'a>(fleet: &'a Fleet, changed: &BTreeSet<String>) -> Part<'a> {
    let owners = Owners::new(fleet);
    let folders = fleet.layout.output_folders();
    let mut part = Part {
        choice: Choice::default(),
        candidates: Vec::new(),
        owners,
    };
    for path in changed {
        part.choice.images.extend(part.owners.concerned(path));
        part.choice.paths.insert(path.clone());
        if part.owners.of(path).is_none() && folders.iter().any(|folder| lies_in(path, folder)) {
            part.candidates.push(path.clone());
        }
    }
    part
}

/// How many images a check looks at.
pub(super) fn images(part: Option<&Part<'_>>, loaded: &Loaded) -> Option<usize> {
    let whole = loaded.fleet.as_ref().map_or(0, |fleet| fleet.images.len());
    part.map(|part| part.choice.images.len())
        .filter(|images| *images < whole)
}
