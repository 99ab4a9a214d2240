//! The workflow: drift check, then bases, then services, built, scanned and pushed.

use serde::Serialize;

use super::encode::yaml;
use super::origin::{entry, output as declared};
use crate::fleet::outputs::{Actions, Install, WorkflowOutput};
use crate::fleet::{Fleet, Image, Origin, Sourced};
use crate::render::pen::{Pen, Printed};
use crate::values::{ActionReference, Sha256};

/// How many jobs a matrix may have on GitHub.
const MATRIX: usize = 256;
/// Monday morning, at a minute that few others chose.
const WEEKLY: &str = "17 4 * * 1";

/// What the template of the workflow may print: YAML scalars, and names whose grammars need no
/// quotes.
#[derive(Debug, Serialize)]
pub(super) struct WorkflowContext<'a> {
    registry: Printed<'a>,
    /// The reference of the image that a job of the matrix builds, without a tag.
    reference: Printed<'a>,
    runner: Printed<'a>,
    branch: Printed<'a>,
    /// The expression that says whether a run pushes.
    pushes: Printed<'a>,
    install: InstallContext<'a>,
    actions: ActionsContext<'a>,
    /// Present where GitHub reads the workflow; Gitea knows less.
    #[serde(skip_serializing_if = "Option::is_none")]
    is_github: Option<Printed<'a>>,
    /// Present where a matrix of the affected images is computed.
    #[serde(skip_serializing_if = "Option::is_none")]
    affected: Option<Printed<'static>>,
    /// Present where the bake file has caches.
    #[serde(skip_serializing_if = "Option::is_none")]
    cache: Option<Printed<'static>>,
    /// Present where a platform is not the runner's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    emulated: Option<Printed<'a>>,
    /// When updates are asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    update: Option<Printed<'a>>,
    /// Present where locks are declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    locks: Option<Printed<'a>>,
    /// Present where waivers are declared, which count on a day alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    waived: Option<Printed<'a>>,
    bases: Vec<BaseContext<'a>>,
    /// The services, as many a part as a matrix can have.
    parts: Vec<PartContext<'a>>,
    parts_count: Printed<'a>,
}

#[derive(Debug, Serialize)]
struct BaseContext<'a> {
    name: Printed<'a>,
    reference: Printed<'a>,
}

/// A job over some of the services.
#[derive(Debug, Serialize)]
struct PartContext<'a> {
    name: Printed<'a>,
    /// The expressions that hand the matrix from the first job to this one.
    output: Printed<'a>,
    condition: Printed<'a>,
    matrix: Printed<'a>,
    services: Vec<Printed<'a>>,
}

#[derive(Debug, Serialize)]
struct ActionsContext<'a> {
    checkout: Printed<'a>,
    login: Printed<'a>,
    setup_buildx: Printed<'a>,
    setup_qemu: Printed<'a>,
    setup_trivy: Printed<'a>,
    upload_artifact: Printed<'a>,
}

impl<'a> WorkflowContext<'a> {
    pub(super) fn of(pen: &Pen, fleet: &'a Fleet) -> Option<Self> {
        let output = fleet.outputs.workflow.as_ref()?;
        let (bases, services): (Vec<_>, Vec<_>) = fleet
            .images
            .iter()
            .partition(|image| image.version().is_some());
        let (registry, owner) = (&fleet.registry, &fleet.owner);
        let reference = format!("{}/{}/${{{{ matrix.image }}}}", registry.value, owner.value);
        let said = |origin| pen.write("said", [origin]);
        let of_bake = fleet.outputs.bake.as_ref();
        let foreign = foreign_platform(fleet, output);
        let parts: Vec<PartContext<'_>> = services
            .chunks(MATRIX)
            .enumerate()
            .map(|(at, part)| PartContext::of(pen, at, part, !bases.is_empty()))
            .collect();
        Some(Self {
            registry: pen.write(yaml(registry.value.as_str()), [registry.origin]),
            reference: pen.write(yaml(&reference), [registry.origin, owner.origin]),
            runner: pen.write(yaml(output.runner.value.as_str()), [output.runner.origin]),
            branch: pen.write(yaml(output.branch.value.as_str()), [output.branch.origin]),
            pushes: pen.write(
                yaml(&pushes(output.branch.value.as_str())),
                [output.branch.origin],
            ),
            install: InstallContext::of(pen, &output.install),
            actions: ActionsContext::of(pen, &output.actions),
            is_github: (!output.path.value.as_str().starts_with(".gitea/"))
                .then(|| said(output.path.origin)),
            affected: output.affected_only.then_some(Printed::fixed("computed")),
            cache: of_bake
                .is_some_and(|bake| bake.cache)
                .then_some(Printed::fixed("declared")),
            emulated: foreign.map(said),
            update: output
                .updates_weekly
                .then(|| pen.write(yaml(WEEKLY), [declared("outputs.workflow.update")])),
            locks: fleet.locks.as_ref().map(|locks| said(locks.origin)),
            waived: (!fleet.policy.waivers.is_empty()).then(|| said(declared("policy.waivers"))),
            bases: bases
                .iter()
                .map(|image| BaseContext {
                    name: pen.write(image.name.as_str(), [entry(image)]),
                    reference: pen.write(
                        fleet.reference(image).expect("bases have references"),
                        [entry(image), registry.origin, owner.origin],
                    ),
                })
                .collect(),
            parts_count: pen.write(parts.len().to_string(), []),
            parts,
        })
    }
}

/// The expression for whether a run pushes: on the branch itself, and neither for a pull request
/// nor from a merge queue.
fn pushes(branch: &str) -> String {
    let branch = branch.replace('\'', "''");
    format!(
        "${{{{ github.ref == 'refs/heads/{branch}' && (github.event_name == 'push' || \
         github.event_name == 'workflow_dispatch') }}}}"
    )
}

/// The place of a platform that the runner has to emulate.
fn foreign_platform(fleet: &Fleet, output: &WorkflowOutput) -> Option<Origin> {
    let is_arm = output.runner.value.as_str().contains("arm");
    let own = if is_arm { "linux/arm64" } else { "linux/amd64" };
    let mut platforms = fleet.platforms.iter();
    let foreign = platforms.find(|platform| platform.value.as_str() != own);
    foreign.map(|platform| platform.origin)
}

impl<'a> PartContext<'a> {
    fn of(pen: &Pen, at: usize, services: &[&'a Image], has_bases: bool) -> Self {
        let name = if at == 0 {
            "services".to_owned()
        } else {
            format!("services_{}", at + 1)
        };
        let is_ready = if has_bases {
            "!cancelled() && needs.check.result == 'success' && (needs.bases.result == 'success' \
             || needs.bases.result == 'skipped') && "
        } else {
            ""
        };
        let list = format!("needs.check.outputs.{name}");
        let expression = |text: String| pen.write(yaml(&format!("${{{{ {text} }}}}")), []);
        Self {
            output: expression(format!("steps.plan.outputs.{name}")),
            condition: expression(format!("{is_ready}{list} != '[]'")),
            matrix: expression(format!("fromJSON({list})")),
            services: services
                .iter()
                .map(|image| pen.write(yaml(image.name.as_str()), [entry(image)]))
                .collect(),
            name: pen.write(name, []),
        }
    }
}

impl<'a> ActionsContext<'a> {
    fn of(pen: &Pen, actions: &'a Actions) -> Self {
        // The grammar needs no quotes, and a bot finds the comment behind the commit.
        let action = |action: &'a Sourced<ActionReference>| {
            pen.write(action.value.as_str(), [action.origin])
        };
        Self {
            checkout: action(&actions.checkout),
            login: action(&actions.login),
            setup_buildx: action(&actions.setup_buildx),
            setup_qemu: action(&actions.setup_qemu),
            setup_trivy: action(&actions.setup_trivy),
            upload_artifact: action(&actions.upload_artifact),
        }
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
