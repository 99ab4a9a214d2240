//! Files in the folders of generated ones that nothing declares.

use std::collections::BTreeSet;

use camino::{Utf8Path, Utf8PathBuf};

use super::disk::Disk;
use super::error::Error;
use super::inputs::SCAN_DEPTH;
use super::part::Part;
use crate::artifact::{ArtifactPath, lies_in};
use crate::drift::{DiskEntry, DiskState, DriftReport, Territory, compare_strays};
use crate::fleet::Fleet;
use crate::fleet::outputs::USUAL_PATHS;
use crate::render::seal;

/// All of them.
pub(super) fn strays(disk: &Disk<'_>, declared: &[ArtifactPath]) -> Result<DriftReport, Error> {
    let layout = &disk.fleet.layout;
    let mut paths = Vec::new();
    for folder in layout.output_folders() {
        let found = disk.inputs.scan(Utf8Path::new(folder), SCAN_DEPTH)?;
        let dedicated = layout.is_dedicated(folder);
        let ours = undeclared(&found, declared)
            .filter(|path| dedicated || is_generated_name(path.file_name().unwrap_or_default()));
        let ours = ours.filter(|path| !is_kept(disk.fleet, path.as_str()));
        paths.extend(ours.filter_map(|path| ArtifactPath::found(path.as_str())));
    }
    let mut found = disk.read(&paths)?;
    found.extend(former_outputs(disk, declared)?);
    Ok(judged(disk, &found))
}

/// Those of some images, and those at changed paths of none.
pub(super) fn strays_of_part(
    disk: &Disk<'_>,
    part: &Part<'_>,
    declared: &[ArtifactPath],
) -> Result<DriftReport, Error> {
    let fleet = disk.fleet;
    let mut paths = BTreeSet::new();
    for image in part.choice.images.iter().map(|id| fleet.image(*id)) {
        let found = disk.inputs.scan(Utf8Path::new(&image.folder), SCAN_DEPTH)?;
        let covered = found
            .into_iter()
            .filter(|path| is_ours(fleet, path) && part.covers(path.as_str()))
            .filter(|path| !is_kept(fleet, path.as_str()));
        paths.extend(covered);
    }
    for path in &part.candidates {
        let found = disk.inputs.scan(Utf8Path::new(path), SCAN_DEPTH)?;
        paths.extend(found.into_iter().filter(|path| is_ours(fleet, path)));
    }
    let common = common_paths(fleet);
    let is_declared = |path: &ArtifactPath| {
        declared.binary_search(path).is_ok() || common.contains(path.as_str())
    };
    let named = paths
        .into_iter()
        .filter_map(|path| ArtifactPath::found(path.as_str()));
    let strays: Vec<ArtifactPath> = named.filter(|path| !is_declared(path)).collect();
    let mut found = disk.read(&strays)?;
    let former = former_outputs(disk, declared)?.into_iter();
    found.extend(former.filter(|(path, _)| part.choice.names(path.as_str()) && !is_declared(path)));
    Ok(judged(disk, &found))
}

/// Those that a comparison of some images found, as they are now: no other files are looked for.
pub(super) fn strays_again(disk: &Disk<'_>, before: &DriftReport) -> Result<DriftReport, Error> {
    let drifts = before.drifts.iter();
    let strays = drifts.filter(|drift| drift.expected.is_none());
    let paths: Vec<ArtifactPath> = strays.map(|drift| drift.path.clone()).collect();
    Ok(judged(disk, &disk.read(&paths)?))
}

/// Whether a file lies beside a Dockerfile that a person keeps where it was generated once: all of
/// that folder is theirs.
fn is_kept(fleet: &Fleet, path: &str) -> bool {
    let mut kept = fleet
        .images
        .iter()
        .filter_map(|image| Some((image, image.kept.as_ref()?)));
    kept.any(|(image, kept)| {
        lies_in(path, &image.folder) && lies_in(kept.path.value.as_str(), &image.folder)
    })
}

/// What each of these files is.
fn judged(disk: &Disk<'_>, strays: &DiskState) -> DriftReport {
    let fleet = disk.fleet;
    let dedicated = fleet
        .layout
        .output_folders()
        .into_iter()
        .filter(|folder| fleet.layout.is_dedicated(folder));
    let territory = Territory {
        declaration: fleet.file.clone(),
        dedicated: dedicated.map(str::to_owned).collect(),
        neighbours: disk.neighbours.of(strays.iter().map(|(_, entry)| entry)),
    };
    compare_strays(&territory, strays)
}

/// The paths of declared files that belong to no image: a part need not have rendered one that
/// stands in an image's folder.
fn common_paths(fleet: &Fleet) -> BTreeSet<String> {
    let sets = fleet
        .sets
        .iter()
        .filter(|set| set.file.is_none())
        .map(|set| fleet.layout.requirements.of_set(set.name.as_str()));
    sets.chain(fleet.outputs.paths().map(ToString::to_string))
        .collect()
}

/// Whether a file that was found can be a generated one: in a folder shared with sources, only by
/// its name.
fn is_ours(fleet: &Fleet, path: &Utf8Path) -> bool {
    let folder = fleet
        .layout
        .output_folders()
        .into_iter()
        .find(|folder| lies_in(path.as_str(), folder));
    folder.is_some_and(|folder| fleet.layout.is_dedicated(folder))
        || is_generated_name(path.file_name().unwrap_or_default())
}

/// Of sorted paths those that are not declared: both lists are gone through once, side by side.
fn undeclared<'a>(
    found: &'a [Utf8PathBuf],
    declared: &'a [ArtifactPath],
) -> impl Iterator<Item = &'a Utf8Path> {
    let mut declared = declared.iter().map(ArtifactPath::as_str).peekable();
    found.iter().map(Utf8PathBuf::as_path).filter(move |path| {
        while declared.next_if(|next| *next < path.as_str()).is_some() {}
        declared.peek() != Some(&path.as_str())
    })
}

/// Sealed files where the outputs of a fleet usually are: one that is declared no more is found
/// there too, and a person's own file, in whatever form, is none of our business.
fn former_outputs(
    disk: &Disk<'_>,
    declared: &[ArtifactPath],
) -> Result<Vec<(ArtifactPath, DiskEntry)>, Error> {
    let usual = USUAL_PATHS
        .iter()
        .filter_map(|path| ArtifactPath::parse(path).ok());
    let undeclared: Vec<ArtifactPath> = usual
        .filter(|path| declared.binary_search(path).is_err())
        .collect();
    let is_sealed = |entry: &DiskEntry| match entry {
        DiskEntry::File { bytes, .. } => seal::read(bytes).is_some(),
        _ => false,
    };
    let found = disk.inputs.state(&undeclared)?;
    Ok(found
        .into_iter()
        .filter(|(_, entry)| is_sealed(entry))
        .collect())
}

/// The file names that generated files have: in a folder shared with sources, only these are looked
/// into.
fn is_generated_name(name: &str) -> bool {
    matches!(
        name,
        "Dockerfile" | "Dockerfile.dockerignore" | "constraints.txt"
    ) || Utf8Path::new(name).extension() == Some("txt")
}
