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
use crate::fleet::order::ordered;
use crate::fleet::{Fleet, Image, ImageId};

/// Puts each base of a fleet after those that it builds on or takes files from; gives the cycle
/// where there is one, which stays as it is.
///
/// # Errors
/// A broken template, as in [`Renderer::render`].
pub(crate) fn link(
    fleet: &mut Fleet,
    templates: &Templates,
    progress: &Arc<Progress>,
) -> Result<Option<Diagnostic>, RenderError> {
    match order(fleet, templates, progress)? {
        None => Ok(None),
        Some(Err(cycle)) => Ok(Some(told(fleet, &cycle))),
        Some(Ok(order)) => {
            reorder(fleet, &order);
            Ok(None)
        }
    }
}

/// The bases in build order, or those on a cycle; nothing where they are in order.
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
    let needs: Vec<Vec<usize>> = fleet_uses(fleet, &named)
        .iter()
        .zip(&bases)
        .map(|(uses, base)| {
            let uses = uses.iter().map(|used| used.base);
            let needs = base.base().into_iter().chain(uses);
            needs.map(ImageId::position).collect()
        })
        .collect();
    let order = ordered(&needs);
    let ids = |positions: &[usize]| positions.iter().copied().map(ImageId::at).collect();
    Ok(Some(match order.cycles.first() {
        Some(cycle) => Err(ids(cycle)),
        None => Ok(ids(&order.all)),
    }))
}

fn told(fleet: &Fleet, cycle: &[ImageId]) -> Diagnostic {
    let images: Vec<&Image> = cycle.iter().map(|id| fleet.image(*id)).collect();
    let names: Vec<&str> = images
        .iter()
        .chain(images.first())
        .map(|image| image.name.as_str())
        .collect();
    let message = format!(
        "these bases need each other's files in a cycle: {}",
        names.join(" → ")
    );
    let origin = images.first().map_or(fleet.registry.origin, |image| {
        Origin::field(image.section, "")
    });
    Diagnostic::new(&code::BASE_CYCLE, fleet.key_at(origin), message)
        .with_help("an image that `--from` or FROM names is built first, like `from`".to_owned())
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
