//! Rendering and comparing, part by part: what is equal is dropped at once, so a large fleet needs
//! little memory and all cores.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};

use super::failure::Failure;
use super::listing::{Listed, Listing, SCAN_DEPTH, list};
use super::loaded::Loaded;
use super::neighbours::Neighbours;
use super::part::Part;
use super::progress::Meter;
use crate::artifact::{ArtifactPath, ArtifactSet, lies_in};
use crate::drift::{
    DiskEntry, DiskState, Drift, DriftReport, Territory, compare_declared, compare_strays,
};
use crate::fleet::Fleet;
use crate::fleet::outputs::USUAL_PATHS;
use crate::parallel::{joined, threads, try_map_parts};
use crate::render::trace::located;
use crate::render::{Progress, Renderer, Templates, seal};
use crate::report::page;
use crate::workspace::{self, Workspace};

/// How many files are rendered and compared at a time.
const PART: usize = 32;
/// From how many files on more than one thread pays for its start.
const PARALLEL_FROM: usize = 512;

/// What every part of a comparison needs.
struct Ground<'a> {
    workspace: &'a Workspace,
    fleet: &'a Fleet,
    templates: &'a Templates,
    neighbours: Neighbours<'a>,
}

impl<'a> Ground<'a> {
    fn of(loaded: &'a Loaded, fleet: &'a Fleet) -> Self {
        let workspace = &loaded.workspace;
        Self {
            workspace,
            fleet,
            templates: &loaded.templates,
            neighbours: Neighbours::new(workspace, &fleet.file),
        }
    }
}

/// A finished comparison.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) report: DriftReport,
    /// The paths of all declared files, sorted.
    pub(super) declared: Vec<ArtifactPath>,
}

/// Renders a fleet and compares it with the disk; nothing is compared while the declaration has
/// errors.
pub(super) fn compared(loaded: &Loaded) -> Result<Comparison, Failure> {
    compared_and(loaded, &|_, _| Ok(()), Missing::Rendered)
}

/// The same to be looked at alone.
pub(super) fn compared_to_look(loaded: &Loaded) -> Result<DriftReport, Failure> {
    Ok(compared_and(loaded, &|_, _| Ok(()), Missing::Named)?.report)
}

/// What a comparison says of files that are missing: a large fleet's are most of its memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Missing {
    /// What they should hold, so that they can be written.
    Rendered,
    /// Their paths.
    Named,
}

/// Looks at each part that is rendered for a comparison.
pub(super) type Look<'a> = dyn Fn(&Renderer<'_>, &ArtifactSet) -> Result<(), Failure> + Sync + 'a;

/// The same, with a look at everything that is rendered on the way.
pub(super) fn compared_and(
    loaded: &Loaded,
    look: &Look<'_>,
    missing: Missing,
) -> Result<Comparison, Failure> {
    let Some(fleet) = &loaded.fleet else {
        return Ok(Comparison::default());
    };
    let progress = Arc::new(Progress::default());
    let _watchdog = loaded.watchdog(&progress);
    let renderer = Renderer::new(fleet, &loaded.templates)?.watched(progress);
    let declared = renderer.paths();
    let ground = Ground::of(loaded, fleet);
    let report = thread::scope(|scope| {
        let strays = || {
            strays(
                &ground,
                declared,
                loaded.listing.as_ref().and_then(Listing::take),
            )
        };
        let strays = if threads(declared.len(), PARALLEL_FROM) > 1 {
            Err(scope.spawn(strays))
        } else {
            Ok(strays())
        };
        let report = declared_report(&ground, &renderer, (look, missing))?;
        let strays = strays.unwrap_or_else(joined);
        Ok::<_, Failure>(DriftReport::joined([report, strays?]))
    })?;
    Ok(Comparison {
        report,
        declared: declared.to_vec(),
    })
}

/// The same for a part of the fleet: its files, and what else is in their folders.
pub(super) fn compared_in_part(
    loaded: &Loaded,
    fleet: &Fleet,
    part: &Part<'_>,
) -> Result<DriftReport, Failure> {
    let progress = Arc::new(Progress::default());
    let _watchdog = loaded.watchdog(&progress);
    let renderer = Renderer::chosen(fleet, &loaded.templates, &part.choice)?.watched(progress);
    let declared = renderer.paths();
    let ground = Ground::of(loaded, fleet);
    let report = declared_report(&ground, &renderer, (&|_, _| Ok(()), Missing::Rendered))?;
    let mut paths = BTreeSet::new();
    for image in part.choice.images.iter().map(|id| fleet.image(*id)) {
        let found = loaded
            .workspace
            .scan(Utf8Path::new(&image.folder), SCAN_DEPTH)?;
        paths.extend(
            found
                .into_iter()
                .filter(|path| is_ours(fleet, path) && part.covers(path.as_str())),
        );
    }
    for path in &part.candidates {
        let found = loaded.workspace.scan(Utf8Path::new(path), SCAN_DEPTH)?;
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
    let mut disk = read(&loaded.workspace, &strays)?;
    let former = former_outputs(&loaded.workspace, declared)?.into_iter();
    disk.extend(former.filter(|(path, _)| part.choice.names(path.as_str()) && !is_declared(path)));
    let strays = compare_strays(&territory(&ground, &disk), &disk);
    // How many images an orphan is one of cannot be told from a part: the others count as there.
    Ok(DriftReport {
        dockerfiles_on_disk: fleet.images.len(),
        ..DriftReport::joined([report, strays])
    })
}

/// The paths of declared files that belong to no image: a part need not have rendered one that
/// stands in an image's folder.
fn common_paths(fleet: &Fleet) -> BTreeSet<String> {
    let sets = fleet
        .sets
        .iter()
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

/// The differences of declared files.
fn declared_report(
    ground: &Ground<'_>,
    renderer: &Renderer<'_>,
    (look, missing): (&Look<'_>, Missing),
) -> Result<DriftReport, Failure> {
    let count = renderer.paths().len();
    let meter = &Meter::start(page!("comparing"), count);
    let positions: Vec<usize> = (0..count).collect();
    let reports = try_map_parts(&positions, (PARALLEL_FROM, PART), |part| {
        let (Some(first), Some(last)) = (part.first(), part.last()) else {
            return Ok::<_, Failure>(DriftReport::default());
        };
        let report = part_report(ground, renderer, (*first..last + 1, look), meter)?;
        Ok(if missing == Missing::Named {
            report.without_missing_contents()
        } else {
            report
        })
    });
    Ok(DriftReport::joined(reports?))
}

fn part_report(
    ground: &Ground<'_>,
    renderer: &Renderer<'_>,
    (part, look): (Range<usize>, &Look<'_>),
    meter: &Meter,
) -> Result<DriftReport, Failure> {
    let artifacts = renderer
        .render(part.clone())
        .map_err(|error| located(ground.fleet, ground.templates, error))?;
    look(renderer, &artifacts)?;
    let disk = read(
        ground.workspace,
        renderer.paths().get(part).unwrap_or_default(),
    )?;
    meter.advance(artifacts.len());
    Ok(declared(ground, &artifacts, &disk))
}

/// Compares declared files, and leaves those to another fleet that it wrote.
fn declared(ground: &Ground<'_>, artifacts: &ArtifactSet, disk: &DiskState) -> DriftReport {
    let report = compare_declared(artifacts, disk);
    let neighbours = ground
        .neighbours
        .of(report.drifts.iter().map(Drift::on_disk));
    report.without_files_of(&neighbours)
}

fn read(workspace: &Workspace, paths: &[ArtifactPath]) -> Result<DiskState, Failure> {
    Ok(workspace.read_declared(paths)?.into_iter().collect())
}

/// Files in the folders of generated ones that nothing declares.
fn strays(
    ground: &Ground<'_>,
    declared: &[ArtifactPath],
    listed: Option<Result<Listed, workspace::Error>>,
) -> Result<DriftReport, Failure> {
    let Ground {
        workspace, fleet, ..
    } = ground;
    let mut paths = Vec::new();
    for (folder, found) in listed.unwrap_or_else(|| list(workspace, &fleet.layout))? {
        let dedicated = fleet.layout.is_dedicated(&folder);
        let ours = undeclared(&found, declared)
            .filter(|path| dedicated || is_generated_name(path.file_name().unwrap_or_default()));
        paths.extend(ours.filter_map(|path| ArtifactPath::found(path.as_str())));
    }
    let mut disk = read(workspace, &paths)?;
    disk.extend(former_outputs(workspace, declared)?);
    let territory = territory(ground, &disk);
    Ok(compare_strays(&territory, &disk))
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
    workspace: &Workspace,
    declared: &[ArtifactPath],
) -> Result<Vec<(ArtifactPath, DiskEntry)>, Failure> {
    let usual = USUAL_PATHS
        .iter()
        .filter_map(|path| ArtifactPath::parse(path).ok());
    let undeclared: Vec<ArtifactPath> = usual
        .filter(|path| declared.binary_search(path).is_err())
        .collect();
    let is_sealed = |entry: &DiskEntry| matches!(entry, DiskEntry::File { bytes, .. } if seal::read(bytes).is_some());
    let found = workspace.read_declared(&undeclared)?;
    Ok(found
        .into_iter()
        .filter(|(_, entry)| is_sealed(entry))
        .collect())
}

fn territory(ground: &Ground<'_>, strays: &DiskState) -> Territory {
    let fleet = ground.fleet;
    let neighbours = ground.neighbours.of(strays.iter().map(|(_, entry)| entry));
    let dedicated = fleet
        .layout
        .output_folders()
        .into_iter()
        .filter(|folder| fleet.layout.is_dedicated(folder));
    Territory {
        declaration: fleet.file.clone(),
        dedicated: dedicated.map(str::to_owned).collect(),
        neighbours,
    }
}

/// Compares the files that differed with the disk, again.
pub(super) fn recompared(loaded: &Loaded, before: &Comparison) -> Result<DriftReport, Failure> {
    let Some(fleet) = &loaded.fleet else {
        return Ok(DriftReport::default());
    };
    let ground = Ground::of(loaded, fleet);
    let mut reports = vec![strays(&ground, &before.declared, None)?];
    // In parts, so that a large fleet's contents are not there twice.
    for drifts in before.report.drifts.chunks(1024) {
        let expected = drifts
            .iter()
            .filter_map(|drift| Some((drift.path.clone(), drift.expected.clone()?)));
        let artifacts: ArtifactSet = expected.collect();
        let paths: Vec<ArtifactPath> = artifacts.iter().map(|(path, _)| path.clone()).collect();
        reports.push(declared(
            &ground,
            &artifacts,
            &read(&loaded.workspace, &paths)?,
        ));
    }
    let report = DriftReport::joined(reports);
    Ok(DriftReport {
        compared: before.report.compared,
        ..report
    })
}

/// The file names that generated files have: in a folder shared with sources, only these are looked
/// into.
fn is_generated_name(name: &str) -> bool {
    matches!(
        name,
        "Dockerfile" | "Dockerfile.dockerignore" | "constraints.txt"
    ) || Utf8Path::new(name).extension() == Some("txt")
}
