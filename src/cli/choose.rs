//! Which images a command line means: named ones, all, or what changed files affect.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::sync::{Arc, OnceLock};

use camino::{Utf8Path, Utf8PathBuf};

use super::comparison::{Missing, compared_and};
use super::failure::Failure;
use super::loaded::Loaded;
use super::watchdog::Watchdog;
use crate::artifact::{ArtifactPath, ArtifactSet};
use crate::fleet::{Fleet, Image, ImageId};
use crate::images::changed::read_list;
use crate::images::state::input_digests;
use crate::images::{Graph, Inputs, Plan, Query, inputs, plan};
use crate::parallel::try_map_parts;
use crate::render::trace::located;
use crate::render::{Progress, Renderer, dockerfile_path};
use crate::workspace::absolute_spellings;
use crate::workspace::git::{changed_since, files_of};

/// The longest list of changed files that is read, in bytes.
const LIST_LIMIT: u64 = 64 * 1024 * 1024;
/// From how many images on more than one thread pays for its start.
const PARALLEL_FROM: usize = 128;

/// What decides which images are meant; `plan` and `build` share it.
#[derive(Debug, clap::Args)]
pub(super) struct ChosenArgs {
    /// Only what differs between a revision and the files as they are now
    #[arg(long, value_name = "REF", conflicts_with_all = ["all", "changed_files"])]
    changed_since: Option<String>,
    /// Only what these files affect: `-` reads their paths from standard input, by line or by NUL
    #[arg(long, value_name = "-", value_parser = ["-"], conflicts_with = "all")]
    changed_files: Option<String>,
    /// All images, which is also the default
    #[arg(long)]
    all: bool,
    /// Also what builds on the images that were named
    #[arg(long)]
    with_dependents: bool,
}

impl ChosenArgs {
    /// Whether images are chosen without being named.
    pub(super) fn says_which(&self) -> bool {
        self.all || self.changed_since.is_some() || self.changed_files.is_some()
    }
}

/// The images that the command line stands for.
pub(super) fn chosen(
    args: &ChosenArgs,
    only: &[String],
    file: &Utf8Path,
    loaded: &Loaded,
    fleet: &Fleet,
) -> Result<Plan, Failure> {
    let mut changed = match (&args.changed_since, &args.changed_files) {
        (Some(revision), _) => Some(changed_since(&folder(file), revision)?),
        (None, Some(_)) => Some(read_changed(file)?),
        (None, None) => None,
    };
    let (graph, inputs) = match &mut changed {
        Some(changed) => {
            let inputs = if may_be_stale(changed, fleet) {
                let (drifted, inputs) = compare_and_read(loaded, fleet)?;
                changed.extend(drifted);
                inputs
            } else {
                read_inputs(loaded, fleet)?
            };
            (Graph::read(fleet, &inputs), inputs)
        }
        None => (declared_graph(loaded, fleet)?, Vec::new()),
    };
    let query = Query {
        changed,
        only: only.to_vec(),
        with_dependents: args.with_dependents,
    };
    Ok(plan(fleet, graph, &inputs, &query)?)
}

/// The digest of what each image is made of at HEAD, by position.
pub(super) fn digests(
    file: &Utf8Path,
    loaded: &Loaded,
    fleet: &Fleet,
) -> Result<Vec<String>, Failure> {
    let folder = folder(file);
    let inputs = read_inputs(loaded, fleet)?;
    let graph = Graph::read(fleet, &inputs);
    let files = files_of(&folder, "HEAD")?;
    let changed = changed_since(&folder, "HEAD")?;
    Ok(input_digests(fleet, &graph, &inputs, &files, &changed)?)
}

/// The folder of a declaration.
pub(super) fn folder(file: &Utf8Path) -> Utf8PathBuf {
    file.parent().map(Utf8Path::to_owned).unwrap_or_default()
}

/// The list of changed files on standard input, as paths from the folder of the declaration on.
pub(super) fn read_changed(file: &Utf8Path) -> Result<BTreeSet<String>, Failure> {
    Ok(read_list(
        &standard_input()?,
        &absolute_spellings(&folder(file)),
    )?)
}

fn standard_input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    io::stdin()
        .take(LIST_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(Failure::StandardInput)?;
    if bytes.len() as u64 > LIST_LIMIT {
        return Err(Failure::StandardInput(io::Error::from(
            io::ErrorKind::FileTooLarge,
        )));
    }
    Ok(bytes)
}

/// Whether the declaration, a template or a lock changed: generated files may not have followed
/// yet, and change as soon as they do.
fn may_be_stale(changed: &BTreeSet<String>, fleet: &Fleet) -> bool {
    changed.iter().any(|path| fleet.is_input(path))
}

/// The generated files that differ from the disk, and what every Dockerfile takes: both from one
/// rendering.
fn compare_and_read(loaded: &Loaded, fleet: &Fleet) -> Result<(Vec<String>, Vec<Inputs>), Failure> {
    let read: Vec<OnceLock<Inputs>> = fleet.images.iter().map(|_| OnceLock::new()).collect();
    let by_path: BTreeMap<String, ImageId> = fleet
        .numbered()
        .map(|(id, image)| (dockerfile_path(image), id))
        .collect();
    let look = |renderer: &Renderer<'_>, artifacts: &ArtifactSet| {
        for (path, dockerfile) in artifacts.iter() {
            let Some(id) = by_path.get(path.as_str()) else {
                continue;
            };
            let ignore = ArtifactPath::parse(&format!("{path}.dockerignore")).ok();
            // At the end of a part, the file beside the Dockerfile is in the next one.
            let inputs = if let Some(ignore) = ignore.as_ref().and_then(|path| artifacts.get(path))
            {
                Inputs::of(path.as_str(), dockerfile, ignore)
            } else {
                let [_, ignore] = renderer.render_image(fleet.image(*id))?;
                Inputs::of(path.as_str(), dockerfile, &ignore)
            };
            // Set once: every path is rendered once.
            let _ = read[*id].set(inputs);
        }
        Ok(())
    };
    let report = compared_and(loaded, &look, Missing::Named)?.report;
    let drifted = report
        .drifts
        .into_iter()
        .map(|drift| drift.path.to_string())
        .collect();
    let read: Option<Vec<Inputs>> = read.into_iter().map(OnceLock::into_inner).collect();
    Ok((
        drifted,
        read.map_or_else(
            || read_inputs(loaded, fleet),
            |read| Ok(inputs(fleet, read)),
        )?,
    ))
}

/// A renderer, and what ends a run in which a template of the fleet's own does not: built-in ones
/// end, so they need no watching.
pub(super) fn watched<'a>(
    loaded: &'a Loaded,
    fleet: &'a Fleet,
) -> Result<(Renderer<'a>, Option<Watchdog>), Failure> {
    let progress = Arc::new(Progress::default());
    let watchdog = fleet
        .templates
        .is_some()
        .then(|| Watchdog::start(Arc::clone(&progress)));
    Ok((
        Renderer::new(fleet, &loaded.templates)?.watched(progress),
        watchdog,
    ))
}

/// What every image needs, where no file is looked at.
fn declared_graph(loaded: &Loaded, fleet: &Fleet) -> Result<Graph, Failure> {
    let (renderer, _watchdog) = watched(loaded, fleet)?;
    Ok(Graph::of(fleet, &renderer.all_uses()?))
}

/// What every Dockerfile takes: rendered and read part by part, over all cores for a large fleet.
fn read_inputs(loaded: &Loaded, fleet: &Fleet) -> Result<Vec<Inputs>, Failure> {
    let (renderer, _watchdog) = watched(loaded, fleet)?;
    let read = |image: &Image| -> Result<Inputs, Failure> {
        let [dockerfile, ignore] = renderer
            .render_image(image)
            .map_err(|error| located(fleet, &loaded.templates, error))?;
        Ok(Inputs::of(&dockerfile_path(image), &dockerfile, &ignore))
    };
    let read_part = |images: &[Image]| images.iter().map(read).collect::<Result<Vec<_>, _>>();
    Ok(inputs(
        fleet,
        try_map_parts(&fleet.images, (PARALLEL_FROM, PARALLEL_FROM), read_part)?.concat(),
    ))
}
