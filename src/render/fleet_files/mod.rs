//! The files for the fleet as a whole: what their templates may print, each value already a word of
//! the file's language.

mod bake;
mod compose;
mod encode;
mod origin;
mod workflow;

use minijinja::Value;
use minijinja::value::Serde;

use super::links::Use;
use super::pen::Pen;
use crate::fleet::Fleet;

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
    pub(super) fn context(self, pen: &Pen, fleet: &Fleet, uses: &[Vec<Use>]) -> Value {
        match self {
            Self::Bake => Value::from(Serde(bake::BakeContext::of(pen, fleet, uses))),
            Self::Compose => Value::from(Serde(compose::ComposeContext::of(pen, fleet))),
            Self::Workflow => Value::from(Serde(workflow::WorkflowContext::of(pen, fleet))),
        }
    }
}
