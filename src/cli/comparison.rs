//! Rendering and comparing, part by part: what is equal is dropped at once, so a large fleet needs little memory and all cores.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use camino::{Utf8Path, Utf8PathBuf};

use super::load::{Failure, Loaded};
use super::neighbours::Neighbours;
use super::part::Part;
use super::progress::Meter;
use crate::artifact::{ArtifactPath, ArtifactSet, lies_in};
use crate::drift::{DiskEntry, DiskState, DriftReport, Territory, compare_declared, compare_strays};
use crate::fleet::Fleet;
use crate::fleet::outputs::USUAL_PATHS;
use crate::parallel::threads;
use crate::render::{Progress, Renderer, seal};
use crate::workspace::Workspace;

/// How deep generated folders are searched for files that nothing declares.
const SCAN_DEPTH: usize = 16;
/// How many files are rendered and compared at a time.
const PART: usize = 128;
/// From how many files on more than one thread pays for its start.
const PARALLEL_FROM: usize = 512;

/// What every part of a comparison needs.
struct Ground<'a> {
    workspace: &'a Workspace,
    fleet: &'a Fleet,
    neighbours: Neighbours<'a>,
}

impl<'a> Ground<'a> {
    fn of(loaded: &'a Loaded, fleet: &'a Fleet) -> Self {
        let workspace = &loaded.workspace;
        Self { workspace, fleet, neighbours: Neighbours::new(workspace, &fleet.file) }
    }
}

/// A finished comparison.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) report: DriftReport,
    /// The paths of all declared files, sorted.
    declared: Vec<ArtifactPath>,
}

/// Renders a fleet and compares it with the disk; nothing is compared while the declaration has errors.
pub(super) fn compared(loaded: &Loaded) -> Result<Comparison, Failure> {
    compared_and(loaded, &|_, _| Ok(()))
}

/// Looks at each part that is rendered for a comparison.
pub(super) type Look<'a> = dyn Fn(&Renderer<'_>, &ArtifactSet) -> Result<(), Failure> + Sync + 'a;

/// The same, with a look at everything that is rendered on the way.
pub(super) fn compared_and(loaded: &Loaded, look: &Look<'_>) -> Result<Comparison, Failure> {
    let Some(fleet) = &loaded.fleet else { return Ok(Comparison::default()) };
    let progress = Arc::new(Progress::default());
    let _watchdog = loaded.watchdog(&progress);
    let renderer = Renderer::new(fleet, &loaded.templates)?.watched(progress);
    let declared = renderer.sorted_paths();
    let ground = Ground::of(loaded, fleet);
    let report = thread::scope(|scope| {
        let strays = || strays(&ground, declared);
        let strays = if threads(declared.len(), PARALLEL_FROM) > 1 { Err(scope.spawn(strays)) } else { Ok(strays()) };
        let report = declared_report(&ground, &renderer, look)?;
        let strays =
            strays.or_else(thread::ScopedJoinHandle::join).unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        Ok::<_, Failure>(DriftReport::joined([report, strays?]))
    })?;
    Ok(Comparison { report, declared: declared.to_vec() })
}

/// The same for a part of the fleet: its files, and what else is in their folders.
pub(super) fn compared_in_part(loaded: &Loaded, fleet: &Fleet, part: &Part<'_>) -> Result<DriftReport, Failure> {
    let progress = Arc::new(Progress::default());
    let _watchdog = loaded.watchdog(&progress);
    let renderer = Renderer::chosen(fleet, &loaded.templates, &part.choice)?.watched(progress);
    let declared = renderer.sorted_paths();
    let ground = Ground::of(loaded, fleet);
    let report = declared_report(&ground, &renderer, &|_, _| Ok(()))?;
    let mut paths = Vec::new();
    for image in part.choice.images.iter().filter_map(|position| fleet.images.get(*position)) {
        let found = loaded.workspace.scan(Utf8Path::new(&image.folder), SCAN_DEPTH)?;
        paths.extend(found.into_iter().filter(|path| is_ours(fleet, path) && part.covers(path.as_str())));
    }
    paths.extend(part.candidates.iter().map(|path| path.as_path().to_owned()).filter(|path| is_ours(fleet, path)));
    let named = paths.into_iter().filter_map(|path| ArtifactPath::found(path.as_str()));
    let strays: Vec<ArtifactPath> = named.filter(|path| declared.binary_search(path).is_err()).collect();
    let disk = read(&loaded.workspace, &strays)?;
    let strays = compare_strays(&territory(&ground, &disk), &disk);
    // How many images an orphan is one of cannot be told from a part: the others count as there.
    Ok(DriftReport { dockerfiles_on_disk: fleet.images.len(), ..DriftReport::joined([report, strays]) })
}

/// Whether a file that was found can be a generated one: in a folder shared with sources, only by its name.
fn is_ours(fleet: &Fleet, path: &Utf8Path) -> bool {
    let folder = fleet.layout.output_folders().into_iter().find(|folder| lies_in(path.as_str(), folder));
    folder.is_some_and(|folder| fleet.layout.is_dedicated(folder))
        || is_generated_name(path.file_name().unwrap_or_default())
}

/// The differences of declared files.
fn declared_report(ground: &Ground<'_>, renderer: &Renderer<'_>, look: &Look<'_>) -> Result<DriftReport, Failure> {
    let parts = renderer.paths().len().div_ceil(PART);
    let meter = &Meter::start("comparing", renderer.paths().len());
    let threads = threads(renderer.paths().len(), PARALLEL_FROM);
    // Other threads take their turns on the same cores, so each worker takes the next part when it is done with one.
    let next = AtomicUsize::new(0);
    let worker = || -> Result<DriftReport, Failure> {
        let taken = std::iter::from_fn(|| Some(next.fetch_add(1, Ordering::Relaxed)).filter(|part| *part < parts));
        let reports: Result<Vec<_>, _> = taken.map(|part| part_report(ground, renderer, (part, look), meter)).collect();
        Ok(DriftReport::joined(reports?))
    };
    if threads == 1 {
        return worker();
    }
    let reports: Result<Vec<_>, _> = thread::scope(|scope| {
        let workers: Vec<_> = (1..threads).map(|_| scope.spawn(worker)).collect();
        let joined = |worker: thread::ScopedJoinHandle<'_, _>| {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        std::iter::once(worker()).chain(workers.into_iter().map(joined)).collect()
    });
    Ok(DriftReport::joined(reports?))
}

fn part_report(
    ground: &Ground<'_>,
    renderer: &Renderer<'_>,
    (part, look): (usize, &Look<'_>),
    meter: &Meter,
) -> Result<DriftReport, Failure> {
    let end = renderer.paths().len().min((part + 1) * PART);
    let artifacts = renderer.render(part * PART..end)?;
    look(renderer, &artifacts)?;
    let disk = read(ground.workspace, renderer.paths().get(part * PART..end).unwrap_or_default())?;
    meter.advance(artifacts.len());
    Ok(declared(ground, &artifacts, &disk))
}

/// Compares declared files, and leaves those to another fleet that it wrote.
fn declared(ground: &Ground<'_>, artifacts: &ArtifactSet, disk: &DiskState) -> DriftReport {
    let report = compare_declared(artifacts, disk);
    let neighbours = ground.neighbours.of(report.drifts.iter().map(|drift| &drift.actual));
    report.without_files_of(&neighbours)
}

fn read(workspace: &Workspace, paths: &[ArtifactPath]) -> Result<DiskState, Failure> {
    Ok(workspace.read_declared(paths)?.into_iter().collect())
}

/// Files in the folders of generated ones that nothing declares.
fn strays(ground: &Ground<'_>, declared: &[ArtifactPath]) -> Result<DriftReport, Failure> {
    let Ground { workspace, fleet, .. } = ground;
    let mut paths = Vec::new();
    for folder in fleet.layout.output_folders() {
        let dedicated = fleet.layout.is_dedicated(folder);
        let found = workspace.scan(Utf8Path::new(folder), SCAN_DEPTH)?;
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
fn undeclared<'a>(found: &'a [Utf8PathBuf], declared: &'a [ArtifactPath]) -> impl Iterator<Item = &'a Utf8Path> {
    let mut declared = declared.iter().map(ArtifactPath::as_str).peekable();
    found.iter().map(Utf8PathBuf::as_path).filter(move |path| {
        while declared.next_if(|next| *next < path.as_str()).is_some() {}
        declared.peek() != Some(&path.as_str())
    })
}

/// Sealed files where the outputs of a fleet usually are: one that is declared no more is found there too, and a person's own file, in
/// whatever form, is none of our business.
fn former_outputs(workspace: &Workspace, declared: &[ArtifactPath]) -> Result<Vec<(ArtifactPath, DiskEntry)>, Failure> {
    let usual = USUAL_PATHS.iter().filter_map(|path| ArtifactPath::parse(path).ok());
    let undeclared: Vec<ArtifactPath> = usual.filter(|path| declared.binary_search(path).is_err()).collect();
    let is_sealed = |entry: &DiskEntry| matches!(entry, DiskEntry::File { bytes, .. } if seal::read(bytes).is_some());
    let found = workspace.read_declared(&undeclared)?;
    Ok(found.into_iter().filter(|(_, entry)| is_sealed(entry)).collect())
}

fn territory(ground: &Ground<'_>, strays: &DiskState) -> Territory {
    let fleet = ground.fleet;
    let neighbours = ground.neighbours.of(strays.iter().map(|(_, entry)| entry));
    let dedicated = fleet.layout.output_folders().into_iter().filter(|folder| fleet.layout.is_dedicated(folder));
    Territory { declaration: fleet.file.clone(), dedicated: dedicated.map(str::to_owned).collect(), neighbours }
}

/// Compares the files that differed with the disk, again.
pub(super) fn recompared(loaded: &Loaded, before: &Comparison) -> Result<DriftReport, Failure> {
    let Some(fleet) = &loaded.fleet else { return Ok(DriftReport::default()) };
    let mut artifacts = ArtifactSet::default();
    let mut paths = Vec::new();
    for drift in &before.report.drifts {
        let Some(expected) = &drift.expected else { continue };
        paths.push(drift.path.clone());
        // The drifts of a report have different paths.
        let _ = artifacts.insert(drift.path.clone(), expected.clone());
    }
    let ground = Ground::of(loaded, fleet);
    let again = declared(&ground, &artifacts, &read(&loaded.workspace, &paths)?);
    let strays = strays(&ground, &before.declared)?;
    let report = DriftReport::joined([again, strays]);
    Ok(DriftReport { compared: before.report.compared, ..report })
}

/// The file names that generated files have: in a folder shared with sources, only these are looked into.
fn is_generated_name(name: &str) -> bool {
    matches!(name, "Dockerfile" | "Dockerfile.dockerignore" | "constraints.txt")
        || Utf8Path::new(name).extension() == Some("txt")
}
