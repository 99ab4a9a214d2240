//! The plan: the images to build, bases first, each with the reason.

use thiserror::Error;

use super::affected::{Because, affected, with_dependents};
use super::graph::Graph;
use super::inputs::Inputs;
use super::scope::Scope;
use crate::diagnostic::did_you_mean;
use crate::fleet::{Fleet, ImageId};

/// The images to build, each after its base.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The images.
    pub images: Vec<PlannedImage>,
    /// What they need.
    pub(crate) graph: Graph,
}

/// One image of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedImage {
    /// Its number in the fleet.
    pub id: ImageId,
    /// Why it is in the plan.
    pub(crate) because: Because,
}

impl Plan {
    /// Why an image is in the plan.
    #[must_use]
    pub(crate) fn because(&self, id: ImageId) -> Option<&Because> {
        let found = self
            .images
            .binary_search_by_key(&id, |image| image.id)
            .ok()?;
        Some(&self.images[found].because)
    }
}

/// An image was named that the fleet does not have.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown image `{name}`; {help}")]
pub struct UnknownImage {
    /// The name as given.
    pub(crate) name: String,
    /// The name that was most likely meant, or where to find all.
    pub(crate) help: String,
}

/// The image of a name.
///
/// # Errors
/// The fleet has none of that name.
pub(crate) fn id_of(fleet: &Fleet, name: &str) -> Result<ImageId, UnknownImage> {
    let known = || fleet.images.iter().map(|image| image.name.as_str());
    fleet.id_named(name).ok_or_else(|| {
        let help = did_you_mean(name, known()).map_or_else(
            || "`dockwright list` shows them".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        UnknownImage {
            name: name.to_owned(),
            help,
        }
    })
}

/// Chooses the images to build. `inputs` is only looked into where files changed.
///
/// # Errors
/// Names an image that the fleet does not have.
pub(crate) fn plan(
    fleet: &Fleet,
    graph: Graph,
    inputs: &[Inputs],
    scope: &Scope,
) -> Result<Plan, UnknownImage> {
    let mut reasons = match &scope.changed {
        Some(changed) => affected(&graph, inputs, changed),
        None => vec![Some(Because::Asked); fleet.images.len()],
    };
    if !scope.only.is_empty() {
        let wanted = wanted(fleet, &graph, scope)?;
        for (wanted, reason) in wanted.into_iter().zip(&mut reasons) {
            match (wanted, &reason) {
                (None, _) => *reason = None,
                (wanted, Some(Because::Asked)) => *reason = wanted,
                _ => {}
            }
        }
    }
    let planned = |(id, because): (ImageId, Option<Because>)| {
        Some(PlannedImage {
            id,
            because: because?,
        })
    };
    Ok(Plan {
        images: fleet.ids().zip(reasons).filter_map(planned).collect(),
        graph,
    })
}

fn wanted(
    fleet: &Fleet,
    graph: &Graph,
    scope: &Scope,
) -> Result<Vec<Option<Because>>, UnknownImage> {
    let mut wanted: Vec<Option<Because>> = vec![None; fleet.images.len()];
    for name in &scope.only {
        wanted[id_of(fleet, name)?] = Some(Because::Asked);
    }
    if scope.with_dependents {
        with_dependents(graph, &mut wanted);
    }
    Ok(wanted)
}
