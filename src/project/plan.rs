//! Which images a scope means to be built, and in which order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use super::compare::{Comparison, Missing};
use super::disk::Disk;
use super::error::Error;
use super::inputs::Inputs;
use super::loaded::Loaded;
use super::waivers;
use super::watch::Guard;
use crate::artifact::{ArtifactPath, ArtifactSet};
use crate::fleet::{Fleet, Image, ImageId};
use crate::images::state::{Uncommitted, input_digests};
use crate::images::{Graph, Inputs as Taken, Plan, Reach, Scope, inputs as all_taken};
use crate::parallel::try_map_parts;
use crate::render::{Progress, Renderer, dockerfile_path};
use crate::values::Date;

/// From how many images on more than one thread pays for its start.
const PARALLEL_FROM: usize = 128;

/// The images that a scope stands for, bases first.
///
/// # Errors
/// A template is broken, a file cannot be read, or the scope names an image that is not there.
pub fn plan(
    inputs: &dyn Inputs,
    loaded: &Loaded,
    fleet: &Fleet,
    scope: &Scope,
) -> Result<Plan, Error> {
    plan_on(inputs, loaded, fleet, (scope, None))
}

/// The same on a day: what a waiver allows in place of a generated file is what a build reads.
///
/// # Errors
/// As of [`plan`].
pub(crate) fn plan_on(
    inputs: &dyn Inputs,
    loaded: &Loaded,
    fleet: &Fleet,
    (scope, today): (&Scope, Option<&Date>),
) -> Result<Plan, Error> {
    let Some(changed) = &scope.changed else {
        let graph = declared_graph(loaded, fleet)?;
        return Ok(crate::images::plan(fleet, graph, &[], scope)?);
    };
    let (waived, is_stale) = (waived(inputs, fleet, today)?, may_be_stale(changed, fleet));
    if waived.is_empty() && !is_stale {
        let (graph, taken) = read_met(loaded, fleet, &Reach::of(changed))?;
        return Ok(crate::images::plan(fleet, graph, &taken, scope)?);
    }
    let (drifted, mut taken) = if is_stale {
        compare_and_read(inputs, loaded, fleet)?
    } else {
        (Vec::new(), read_inputs(loaded, fleet)?)
    };
    take_as_waived((loaded, fleet), &waived, &mut taken)?;
    let mut scope = scope.clone();
    scope.changed.get_or_insert_default().extend(drifted);
    let graph = Graph::read(fleet, &taken);
    Ok(crate::images::plan(fleet, graph, &taken, &scope)?)
}

/// The digest of what each image is made of in a commit, by position: `files` are those of the
/// commit, `changed` the paths that differ from it now.
///
/// # Errors
/// A template is broken; within, an image takes a changed file.
pub(crate) fn digests(
    inputs: &dyn Inputs,
    (loaded, fleet, today): (&Loaded, &Fleet, Option<&Date>),
    files: &[(String, String)],
    changed: &BTreeSet<String>,
) -> Result<Result<Vec<String>, Uncommitted>, Error> {
    let mut taken = read_inputs(loaded, fleet)?;
    take_as_waived((loaded, fleet), &waived(inputs, fleet, today)?, &mut taken)?;
    let graph = Graph::read(fleet, &taken);
    Ok(input_digests(fleet, &graph, &taken, files, changed))
}

/// The bake file, for a builder that needs one where services.yaml declares none.
///
/// # Errors
/// A template is broken.
pub(crate) fn bake_file(loaded: &Loaded, fleet: &Fleet) -> Result<String, Error> {
    let (renderer, _guard) = watched(loaded, fleet)?;
    renderer
        .render_bake()
        .map_err(|error| loaded.located(error))
}

/// Whether the declaration, a template or a lock changed: generated files may not have followed
/// yet, and change as soon as they do.
fn may_be_stale(changed: &BTreeSet<String>, fleet: &Fleet) -> bool {
    changed.iter().any(|path| fleet.is_input(path))
}

/// The generated files that differ from the disk, and what every Dockerfile takes: both from one
/// rendering.
fn compare_and_read(
    inputs: &dyn Inputs,
    loaded: &Loaded,
    fleet: &Fleet,
) -> Result<(Vec<String>, Vec<Taken>), Error> {
    let read: Vec<OnceLock<Taken>> = fleet.images.iter().map(|_| OnceLock::new()).collect();
    for (id, image) in fleet.numbered() {
        if let Some(kept) = &image.kept {
            // Set once: nothing is rendered of it.
            let _ = read[id].set(Taken::of_kept(kept));
        }
    }
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
            let taken = if let Some(ignore) = ignore.as_ref().and_then(|path| artifacts.get(path)) {
                Taken::of(path.as_str(), dockerfile, ignore)
            } else {
                let [_, ignore] = renderer.render_image(fleet.image(*id))?;
                Taken::of(path.as_str(), dockerfile, &ignore)
            };
            // Set once: every path is rendered once.
            let _ = read[*id].set(taken);
        }
        Ok(())
    };
    let comparison = Comparison {
        disk: Disk::of(inputs, fleet),
        loaded,
    };
    let report = comparison.run(None, Missing::Named, &look)?.report;
    let drifted = report
        .drifts
        .into_iter()
        .map(|drift| drift.path.to_string())
        .collect();
    let read: Option<Vec<Taken>> = read.into_iter().map(OnceLock::into_inner).collect();
    Ok((
        drifted,
        read.map_or_else(
            || read_inputs(loaded, fleet),
            |read| Ok(all_taken(fleet, read)),
        )?,
    ))
}

/// A renderer, and what ends a run in which a template of the fleet's own does not: built-in ones
/// end, so they need no watching.
fn watched<'a>(
    loaded: &'a Loaded,
    fleet: &'a Fleet,
) -> Result<(Renderer<'a>, Option<Guard>), Error> {
    let progress = Arc::new(Progress::default());
    let guard = loaded.watch_templates(&progress);
    Ok((
        Renderer::new(fleet, &loaded.templates)?.watched(progress),
        guard,
    ))
}

/// The texts that a waiver allows in place of generated files, by path.
fn waived(
    inputs: &dyn Inputs,
    fleet: &Fleet,
    today: Option<&Date>,
) -> Result<BTreeMap<String, String>, Error> {
    match today {
        Some(today) => waivers::texts(inputs, fleet, today),
        None => Ok(BTreeMap::new()),
    }
}

/// What images take whose Dockerfile or dockerignore file a waiver allows to differ: what stands on
/// the disk says it.
fn take_as_waived(
    (loaded, fleet): (&Loaded, &Fleet),
    waived: &BTreeMap<String, String>,
    taken: &mut [Taken],
) -> Result<(), Error> {
    if waived.is_empty() {
        return Ok(());
    }
    let (renderer, _guard) = watched(loaded, fleet)?;
    for (image, taken) in fleet.images.iter().zip(taken) {
        let path = dockerfile_path(image);
        let paths = [path.clone(), format!("{path}.dockerignore")];
        if image.kept.is_some() || !paths.iter().any(|path| waived.contains_key(path)) {
            continue;
        }
        let texts = renderer
            .render_image(image)
            .map_err(|error| loaded.located(error))?;
        let [dockerfile, ignore] = [0, 1].map(|at| {
            let on_disk = paths.get(at).and_then(|path| waived.get(path));
            on_disk.unwrap_or(&texts[at])
        });
        *taken = Taken::of(&path, dockerfile, ignore);
    }
    Ok(())
}

/// What every image needs, where no file is looked at.
fn declared_graph(loaded: &Loaded, fleet: &Fleet) -> Result<Graph, Error> {
    let (renderer, _guard) = watched(loaded, fleet)?;
    let uses = renderer.all_uses().map_err(|error| loaded.located(error))?;
    Ok(Graph::of(fleet, &uses))
}

/// What every image needs, and what those take that a change may meet: nothing is rendered of the
/// others, which take nothing here.
fn read_met(
    loaded: &Loaded,
    fleet: &Fleet,
    changed: &Reach<'_>,
) -> Result<(Graph, Vec<Taken>), Error> {
    let (renderer, _guard) = watched(loaded, fleet)?;
    let uses = renderer.all_uses().map_err(|error| loaded.located(error))?;
    let read_part = |images: &[Image]| {
        let met = images.iter().map(|image| {
            if renderer.may_be_made_of(image, |path| changed.meets(path)) {
                read(&renderer, loaded, image)
            } else {
                Ok(Taken::none())
            }
        });
        met.collect::<Result<Vec<_>, _>>()
    };
    let read = try_map_parts(&fleet.images, (PARALLEL_FROM, PARALLEL_FROM), read_part)?.concat();
    Ok((Graph::of(fleet, &uses), all_taken(fleet, read)))
}

/// What every Dockerfile takes: rendered and read part by part, over all cores for a large fleet.
fn read_inputs(loaded: &Loaded, fleet: &Fleet) -> Result<Vec<Taken>, Error> {
    let (renderer, _guard) = watched(loaded, fleet)?;
    let read_part = |images: &[Image]| {
        let read = images.iter().map(|image| read(&renderer, loaded, image));
        read.collect::<Result<Vec<_>, _>>()
    };
    Ok(all_taken(
        fleet,
        try_map_parts(&fleet.images, (PARALLEL_FROM, PARALLEL_FROM), read_part)?.concat(),
    ))
}

/// What a Dockerfile takes.
fn read(renderer: &Renderer<'_>, loaded: &Loaded, image: &Image) -> Result<Taken, Error> {
    if let Some(kept) = &image.kept {
        return Ok(Taken::of_kept(kept));
    }
    let [dockerfile, ignore] = renderer
        .render_image(image)
        .map_err(|error| loaded.located(error))?;
    Ok(Taken::of(&dockerfile_path(image), &dockerfile, &ignore))
}
