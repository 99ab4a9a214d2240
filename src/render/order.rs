//! Puts each base after those that it takes files from.

use std::sync::Arc;

use super::error::RenderError;
use super::job::{JobKind, base_jobs, dockerfile_template};
use super::links::{fleet_uses, says_from, templates_name};
use super::progress::Progress;
use super::renderer::Renderer;
use super::templates::Templates;
use crate::diagnostic::{Diagnostic, code};
use crate::dockerfile::{named_images, segment};
use crate::fleet::model::{Origin, Parent};
use crate::fleet::{Fleet, Image, ImageId};

/// Puts each base of a fleet after those that it builds on or takes files from; gives the circle
/// where there is one, which stays as it is.
///
/// # Errors
/// A broken template, as in [`Renderer::render`].
pub fn link(
    fleet: &mut Fleet,
    templates: &Templates,
    progress: &Arc<Progress>,
) -> Result<Option<Diagnostic>, RenderError> {
    match order(fleet, templates, progress)? {
        None => Ok(None),
        Some(Err(circle)) => Ok(Some(told(fleet, &circle))),
        Some(Ok(order)) => {
            reorder(fleet, &order);
            Ok(None)
        }
    }
}

/// The bases in build order, or those on a circle; nothing where they are in order.
type Order = Option<Result<Vec<ImageId>, Vec<ImageId>>>;

fn order(
    fleet: &Fleet,
    templates: &Templates,
    progress: &Arc<Progress>,
) -> Result<Order, RenderError> {
    let bases: Vec<&Image> = fleet.bases().collect();
    if !bases
        .iter()
        .all(|base| templates.contains(&dockerfile_template(base)))
    {
        return Ok(None);
    }
    let hooked = bases
        .iter()
        .flat_map(|base| &base.hooks)
        .flat_map(|hook| &hook.lines);
    if !templates_name(templates) && !hooked.into_iter().any(|line| says_from(&line.value)) {
        return Ok(None);
    }
    let renderer = Renderer::of(fleet, templates, base_jobs(fleet)?)?.watched(Arc::clone(progress));
    let named = |image: &&Image| {
        Ok(named_images(&segment(
            &renderer.body(&JobKind::Dockerfile(image).job(fleet)?)?,
        )))
    };
    let named = bases
        .iter()
        .map(named)
        .collect::<Result<Vec<_>, RenderError>>()?;
    let below: Vec<Vec<ImageId>> = fleet_uses(fleet, &named)
        .iter()
        .zip(&bases)
        .map(|(uses, base)| {
            let uses = uses.iter().map(|used| used.base);
            base.base().into_iter().chain(uses).collect()
        })
        .collect();
    Ok(Some(sorted(&below)))
}

/// All bases, each after those below it; or a circle. Steps are kept in a list, since a chain can
/// be longer than the stack is deep.
fn sorted(below: &[Vec<ImageId>]) -> Result<Vec<ImageId>, Vec<ImageId>> {
    let mut order = Vec::with_capacity(below.len());
    let mut is_done = vec![false; below.len()];
    // Of each, its place on the path.
    let mut on_path: Vec<Option<usize>> = vec![None; below.len()];
    for start in ImageId::all(below.len()) {
        // Each with how many of those below it were taken.
        let mut path: Vec<(ImageId, usize)> = vec![(start, 0)];
        while let Some((at, taken)) = path.pop() {
            if is_done[at] {
                continue;
            }
            if taken == 0 {
                on_path[at] = Some(path.len());
            }
            let Some(next) = below[at].get(taken).copied() else {
                is_done[at] = true;
                on_path[at] = None;
                order.push(at);
                continue;
            };
            path.push((at, taken + 1));
            if let Some(place) = on_path[next] {
                return Err(path.iter().skip(place).map(|(at, _)| *at).collect());
            }
            path.push((next, 0));
        }
    }
    Ok(order)
}

fn told(fleet: &Fleet, circle: &[ImageId]) -> Diagnostic {
    let images: Vec<&Image> = circle.iter().map(|id| fleet.image(*id)).collect();
    let names: Vec<&str> = images
        .iter()
        .chain(images.first())
        .map(|image| image.name.as_str())
        .collect();
    let message = format!(
        "these bases need each other's files in a circle: {}",
        names.join(" → ")
    );
    let origin = images.first().map_or(fleet.registry.origin, |image| {
        Origin::field(image.section, "")
    });
    Diagnostic::new(&code::BASE_CYCLE, fleet.key_at(origin), message)
        .with_help("what `--from` or FROM names is built first, like `from`".to_owned())
}

/// Puts the bases in this order, and every parent at its new position.
fn reorder(fleet: &mut Fleet, order: &[ImageId]) {
    if order.is_sorted() {
        return;
    }
    let mut moved: Vec<Image> = order.iter().map(|id| fleet.image(*id).clone()).collect();
    moved.extend(fleet.images.drain(..).skip(order.len()));
    let mut places: Vec<ImageId> = order.to_vec();
    for (place, old) in ImageId::all(order.len()).zip(order) {
        places[*old] = place;
    }
    for image in &mut moved {
        if let Parent::Base(parent) = &mut image.parent {
            parent.value = places[parent.value];
        }
    }
    fleet.images = moved;
}
