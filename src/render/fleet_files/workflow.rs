//! The workflow: drift check, then bases, then services, built, scanned and pushed.

use serde::Serialize;

use super::encode::yaml;
use super::origin::entry;
use crate::fleet::outputs::Install;
use crate::fleet::{Fleet, Sourced};
use crate::render::pen::{Pen, Printed};
use crate::values::Sha256;

/// What the template of the workflow may print: YAML scalars.
#[derive(Debug, Serialize)]
pub(super) struct WorkflowContext<'a> {
    registry: Printed<'a>,
    /// The reference of the image that a job of the matrix builds.
    reference: Printed<'a>,
    runner: Printed<'a>,
    branch: Printed<'a>,
    install: InstallContext<'a>,
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
        let (bases, services): (Vec<_>, Vec<_>) = fleet
            .images
            .iter()
            .partition(|image| image.version().is_some());
        let (registry, owner) = (&fleet.registry, &fleet.owner);
        let reference = format!(
            "{}/{}/${{{{ matrix.image }}}}:${{{{ github.sha }}}}",
            registry.value, owner.value
        );
        Some(Self {
            registry: pen.write(yaml(registry.value.as_str()), [registry.origin]),
            reference: pen.write(yaml(&reference), [registry.origin, owner.origin]),
            runner: pen.write(yaml(output.runner.value.as_str()), [output.runner.origin]),
            branch: pen.write(yaml(output.branch.value.as_str()), [output.branch.origin]),
            install: InstallContext::of(pen, &output.install),
            affected: output.affected_only.then_some(Printed::fixed("computed")),
            cache: fleet
                .outputs
                .bake
                .as_ref()
                .is_some_and(|bake| bake.cache)
                .then_some(Printed::fixed("declared")),
            bases: bases
                .iter()
                .map(|image| pen.write(yaml(image.name.as_str()), [entry(image)]))
                .collect(),
            services: services
                .iter()
                .map(|image| pen.write(yaml(image.name.as_str()), [entry(image)]))
                .collect(),
        })
    }
}

/// How the jobs get dockwright: only what the chosen form has is there.
#[derive(Debug, Default, Serialize)]
struct InstallContext<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wheel: Option<Printed<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Printed<'a>>,
    /// A line of a requirements file, with its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<Printed<'a>>,
    /// Of what `url` or `path` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<Printed<'a>>,
}

impl<'a> InstallContext<'a> {
    fn of(pen: &Pen, install: &'a Sourced<Install>) -> Self {
        let written = |text: &str| Some(pen.write(yaml(text), [install.origin]));
        let nothing = Self::default();
        // pip compares digests in lower case.
        let digits = |sha256: &Sha256| sha256.as_str().to_ascii_lowercase();
        match &install.value {
            Install::Line(line) => Self {
                line: written(line.as_str()),
                ..nothing
            },
            Install::Url { url, sha256 } => Self {
                url: written(url.as_str()),
                sha256: written(&digits(sha256)),
                ..nothing
            },
            Install::Path { path, sha256 } => Self {
                path: written(path.as_str()),
                sha256: written(&digits(sha256)),
                ..nothing
            },
            Install::Wheel(path) => Self {
                wheel: written(path.as_str()),
                ..nothing
            },
            Install::Image(image) => Self {
                image: written(image.as_str()),
                ..nothing
            },
            Install::Package {
                name,
                version,
                sha256,
            } => {
                let requirement = format!("{name}=={version} --hash=sha256:{}", digits(sha256));
                Self {
                    requirement: written(&requirement),
                    ..nothing
                }
            }
        }
    }
}
