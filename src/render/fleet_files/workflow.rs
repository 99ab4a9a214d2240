//! The workflow: drift check, then bases, then services, built, scanned and pushed.

use serde::Serialize;

use super::encode::yaml;
use crate::fleet::Fleet;

/// What the template of the workflow may print: YAML scalars.
#[derive(Debug, Serialize)]
pub(super) struct WorkflowContext {
    registry: String,
    /// The reference of the image that a job of the matrix builds.
    reference: String,
    runner: String,
    branch: String,
    install: String,
    /// Present where a matrix of the affected images is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    affected: Option<&'static str>,
    /// Present where the bake file has caches.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<&'static str>,
    bases: Vec<String>,
    services: Vec<String>,
}

impl WorkflowContext {
    pub(super) fn of(fleet: &Fleet) -> Option<Self> {
        let output = fleet.outputs.workflow.as_ref()?;
        let (bases, services): (Vec<_>, Vec<_>) = fleet.images.iter().partition(|image| image.version().is_some());
        Some(Self {
            registry: yaml(fleet.registry.value.as_str()),
            reference: yaml(&format!(
                "{}/{}/${{{{ matrix.image }}}}:${{{{ github.sha }}}}",
                fleet.registry.value, fleet.owner.value
            )),
            runner: yaml(output.runner.value.as_str()),
            branch: yaml(output.branch.value.as_str()),
            install: yaml(output.install.value.as_str()),
            affected: output.affected_only.then_some("computed"),
            cache: fleet.outputs.bake.as_ref().is_some_and(|bake| bake.cache).then_some("declared"),
            bases: bases.iter().map(|image| yaml(image.name.as_str())).collect(),
            services: services.iter().map(|image| yaml(image.name.as_str())).collect(),
        })
    }
}
