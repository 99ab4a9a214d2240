//! The workflow: drift check, then bases, then services, built, scanned and pushed.

use serde::Serialize;

use super::encode::yaml;
use super::{Pen, Printed, entry};
use crate::fleet::Fleet;

/// What the template of the workflow may print: YAML scalars.
#[derive(Debug, Serialize)]
pub(super) struct WorkflowContext<'a> {
    registry: Printed<'a>,
    /// The reference of the image that a job of the matrix builds.
    reference: Printed<'a>,
    runner: Printed<'a>,
    branch: Printed<'a>,
    install: Printed<'a>,
    /// Present where a matrix of the affected images is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    affected: Option<Printed<'static>>,
    /// Present where the bake file has caches.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<Printed<'static>>,
    bases: Vec<Printed<'a>>,
    services: Vec<Printed<'a>>,
}

impl<'a> WorkflowContext<'a> {
    pub(super) fn of(pen: &Pen, fleet: &'a Fleet) -> Option<Self> {
        let output = fleet.outputs.workflow.as_ref()?;
        let (bases, services): (Vec<_>, Vec<_>) = fleet.images.iter().partition(|image| image.version().is_some());
        let (registry, owner) = (&fleet.registry, &fleet.owner);
        let reference = format!("{}/{}/${{{{ matrix.image }}}}:${{{{ github.sha }}}}", registry.value, owner.value);
        Some(Self {
            registry: pen.write(yaml(registry.value.as_str()), [registry.origin]),
            reference: pen.write(yaml(&reference), [registry.origin, owner.origin]),
            runner: pen.write(yaml(output.runner.value.as_str()), [output.runner.origin]),
            branch: pen.write(yaml(output.branch.value.as_str()), [output.branch.origin]),
            install: pen.write(yaml(output.install.value.as_str()), [output.install.origin]),
            affected: output.affected_only.then_some(Printed::fixed("computed")),
            cache: fleet.outputs.bake.as_ref().is_some_and(|bake| bake.cache).then_some(Printed::fixed("declared")),
            bases: bases.iter().map(|image| pen.write(yaml(image.name.as_str()), [entry(image)])).collect(),
            services: services.iter().map(|image| pen.write(yaml(image.name.as_str()), [entry(image)])).collect(),
        })
    }
}
