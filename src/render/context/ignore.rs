//! What the dockerignore file of an image may print.

use serde::Serialize;

use super::constraints::{constraints, constraints_of};
use super::path::{copies, generated, requirements_path, service};
use super::requirements::has_requirements;
use crate::artifact::lies_in;
use crate::fleet::{Fleet, Image};
use crate::render::pen::{Pen, Printed};

/// What the template of a dockerignore file may print.
#[derive(Debug, Serialize)]
pub(in crate::render) struct IgnoreContext<'a> {
    /// The paths that the build context keeps.
    context: Vec<Printed<'a>>,
    /// Generated files below a copied folder that the image has no use for.
    excluded: Vec<Printed<'a>>,
}

impl<'a> IgnoreContext<'a> {
    pub(in crate::render) fn of(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Self {
        let mut context =
            service(image).map_or_else(Vec::new, |service| copies(pen, fleet, image, service));
        if has_requirements(image) {
            context.push(generated(pen, image, requirements_path(image)));
            context.extend(constraints_of(fleet, image).map(|base| constraints(pen, fleet, base)));
        }
        let shared = fleet.shared.iter().map(|folder| folder.value.as_str());
        let mut copied = service(image)
            .into_iter()
            .flat_map(|service| shared.clone().chain([service.source.as_str()]));
        let excluded = copied.any(|folder| lies_in(&image.folder, folder));
        let excluded =
            excluded.then(|| generated(pen, image, format!("{}/Dockerfile*", image.folder)));
        Self {
            context,
            excluded: excluded.into_iter().collect(),
        }
    }
}
