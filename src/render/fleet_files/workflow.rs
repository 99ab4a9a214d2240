//! The workflow: drift check, then bases, then services, built, scanned and pushed.

use serde::Serialize;

use super::encode::yaml;
use crate::fleet::Fleet;
use crate::fleet::names::Sha256;
use crate::fleet::outputs::Install;

/// What the template of the workflow may print: YAML scalars.
#[derive(Debug, Serialize)]
pub(super) struct WorkflowContext {
    registry: String,
    /// The reference of the image that a job of the matrix builds.
    reference: String,
    runner: String,
    branch: String,
    install: InstallContext,
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
            install: InstallContext::of(&output.install.value),
            affected: output.affected_only.then_some("computed"),
            cache: fleet.outputs.bake.as_ref().is_some_and(|bake| bake.cache).then_some("declared"),
            bases: bases.iter().map(|image| yaml(image.name.as_str())).collect(),
            services: services.iter().map(|image| yaml(image.name.as_str())).collect(),
        })
    }
}

/// How the jobs get dockwright: only what the chosen form has is there.
#[derive(Debug, Default, Serialize)]
struct InstallContext {
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wheel: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<String>,
    /// A line of a requirements file, with its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    requirement: Option<String>,
    /// Of what `url` or `path` names.
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

impl InstallContext {
    fn of(install: &Install) -> Self {
        let nothing = Self::default();
        // pip compares digests in lower case.
        let digits = |sha256: &Sha256| sha256.as_str().to_ascii_lowercase();
        match install {
            Install::Line(line) => Self { line: Some(yaml(line.as_str())), ..nothing },
            Install::Url { url, sha256 } => {
                Self { url: Some(yaml(url.as_str())), sha256: Some(yaml(&digits(sha256))), ..nothing }
            }
            Install::Path { path, sha256 } => {
                Self { path: Some(yaml(path.as_str())), sha256: Some(yaml(&digits(sha256))), ..nothing }
            }
            Install::Wheel(path) => Self { wheel: Some(yaml(path.as_str())), ..nothing },
            Install::Image(image) => Self { image: Some(yaml(image.as_str())), ..nothing },
            Install::Package { name, version, sha256 } => {
                let requirement = format!("{name}=={version} --hash=sha256:{}", digits(sha256));
                Self { requirement: Some(yaml(&requirement)), ..nothing }
            }
        }
    }
}
