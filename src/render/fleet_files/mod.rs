//! The files for the fleet as a whole: what their templates may print, each value already a word of the file's language.

mod bake;
mod compose;
mod encode;
mod workflow;

use super::links::Use;
use super::{As, context};
use crate::fleet::{Fleet, Origin};

/// A file for the fleet as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FleetFile {
    /// What `docker buildx bake` reads.
    Bake,
    /// What `docker compose` reads.
    Compose,
    /// What GitHub and Gitea Actions read.
    Workflow,
}

impl FleetFile {
    /// The files that a fleet declares.
    pub(super) fn declared(fleet: &Fleet) -> impl Iterator<Item = Self> + use<> {
        let outputs = &fleet.outputs;
        let declared = [
            outputs.bake.as_ref().map(|_| Self::Bake),
            outputs.compose.as_ref().map(|_| Self::Compose),
            outputs.workflow.as_ref().map(|_| Self::Workflow),
        ];
        declared.into_iter().flatten()
    }

    /// Where it is generated.
    pub(super) fn path(self, fleet: &Fleet) -> String {
        let outputs = &fleet.outputs;
        let path = match self {
            Self::Bake => outputs.bake.as_ref().map(|output| &output.path),
            Self::Compose => outputs.compose.as_ref().map(|output| &output.path),
            Self::Workflow => outputs.workflow.as_ref().map(|output| &output.path),
        };
        path.map(|path| path.value.to_string()).unwrap_or_default()
    }

    /// The name of its template.
    pub(super) fn template(self) -> &'static str {
        match self {
            Self::Bake => "fleet/docker-bake.hcl.j2",
            Self::Compose => "fleet/compose.yaml.j2",
            Self::Workflow => "fleet/workflow.yaml.j2",
        }
    }

    /// What its template may print.
    pub(super) fn context<A: As>(self, fleet: &Fleet, uses: &[Vec<Use>]) -> A::Form {
        match self {
            Self::Bake => A::form(bake::BakeContext::of(fleet, uses)),
            Self::Compose => A::form(compose::ComposeContext::of(fleet)),
            Self::Workflow => A::form(workflow::WorkflowContext::of(fleet)),
        }
    }
}

/// Where the value at a path of a fleet file's context was declared, as far as one entry can be named.
pub(super) fn origin(fleet: &Fleet, value_path: &str) -> Option<Origin> {
    let mut parts = value_path.split('.');
    match (parts.next()?, parts.next().and_then(|number| number.parse::<usize>().ok())) {
        ("registry", _) => Some(fleet.registry.origin),
        ("owner", _) => Some(fleet.owner.origin),
        ("install", _) => fleet.outputs.workflow.as_ref().map(|output| output.install.origin),
        ("runner", _) => fleet.outputs.workflow.as_ref().map(|output| output.runner.origin),
        ("branch", _) => fleet.outputs.workflow.as_ref().map(|output| output.branch.origin),
        ("platforms", _) => fleet.platforms.first().map(|platform| platform.origin),
        ("targets", Some(at)) => fleet.images.get(at).map(|image| Origin::field(image.section, "")),
        ("services", Some(at)) => {
            let mut services = fleet.images.iter().filter(|image| image.service().is_some());
            services.nth(at).map(|image| Origin::field(image.section, ""))
        }
        _ => None,
    }
}
