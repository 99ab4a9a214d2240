//! One file to render: where it lies, its template, and what that may print.

use std::borrow::Cow;
use std::collections::BTreeSet;

use minijinja::Value;
use minijinja::value::Serde;

use super::choice::Choice;
use super::context::{self, DockerfileContext, IgnoreContext, PinsContext, RequirementsContext};
use super::error::RenderError;
use super::fleet_files::FleetFile;
use super::links::Use;
use super::pen::Pen;
use super::templates::DOCKERFILE;
use crate::artifact::ArtifactPath;
use crate::fleet::lock::LOCK_LIMIT;
use crate::fleet::{Fleet, Image, ImageId, Role, SetId};
use crate::parallel::try_map_parts;

/// The largest file that a template may produce, in bytes: real Dockerfiles stay far below.
const OUTPUT_LIMIT: usize = 1024 * 1024;
/// What a file for the fleet as a whole may take more for each image, in bytes.
const OUTPUT_PER_IMAGE: usize = 4096;

/// From how many files on more than one thread pays for its start.
const PARALLEL_FROM: usize = 4096;

/// One file to render.
#[derive(Debug, Clone)]
pub(super) struct Job<'a> {
    pub(super) path: ArtifactPath,
    pub(super) kind: JobKind<'a>,
}

#[derive(Debug, Clone, Copy)]
pub(super) enum JobKind<'a> {
    Dockerfile(&'a Image),
    Requirements(&'a Image),
    Constraints(&'a Image),
    Ignore(&'a Image),
    Set(SetId),
    Fleet(FleetFile),
}

impl Job<'_> {
    /// The name of the template that prints the file.
    pub(super) fn template(&self) -> Cow<'static, str> {
        match self.kind {
            JobKind::Dockerfile(image) => dockerfile_template(image).into(),
            JobKind::Requirements(_) | JobKind::Set(_) => "image/requirements.txt.j2".into(),
            JobKind::Constraints(_) => "image/constraints.txt.j2".into(),
            JobKind::Ignore(_) => "image/Dockerfile.dockerignore.j2".into(),
            JobKind::Fleet(file) => file.template().into(),
        }
    }

    /// What the template of a plain image may print, or else what that of any other may; nothing
    /// for other files.
    pub(super) fn plain_context(&self, fleet: &Fleet) -> Option<Result<Value, Value>> {
        let JobKind::Dockerfile(image) = self.kind else {
            return None;
        };
        let context = DockerfileContext::of(&Pen::default(), fleet, image);
        let plain = context.plain().map(|plain| Value::from(Serde(plain)));
        Some(plain.ok_or_else(|| Value::from(Serde(context))))
    }

    /// What its template may print.
    pub(super) fn context(
        &self,
        pen: &Pen,
        fleet: &Fleet,
        (uses, taken): (&[Vec<Use>], Option<Vec<String>>),
    ) -> Value {
        match self.kind {
            JobKind::Dockerfile(image) => {
                Value::from(Serde(DockerfileContext::of(pen, fleet, image)))
            }
            JobKind::Requirements(image) => {
                Value::from(Serde(RequirementsContext::of_image(pen, fleet, image)))
            }
            JobKind::Constraints(image) => Value::from(Serde(PinsContext::of(pen, fleet, image))),
            JobKind::Ignore(image) => {
                Value::from(Serde(IgnoreContext::of(pen, fleet, image, taken)))
            }
            JobKind::Set(set) => {
                Value::from(Serde(RequirementsContext::of_set(pen, fleet.set(set))))
            }
            JobKind::Fleet(file) => file.context(pen, fleet, uses),
        }
    }

    /// The most that the file may take, in bytes.
    pub(super) fn limit(&self, fleet: &Fleet) -> usize {
        match self.kind {
            JobKind::Fleet(_) => OUTPUT_LIMIT + fleet.images.len() * OUTPUT_PER_IMAGE,
            // A lock may hold more; what it holds was read under a limit of its own.
            JobKind::Requirements(image) if image.locked.lock().is_some() => 2 * LOCK_LIMIT,
            _ => OUTPUT_LIMIT,
        }
    }
}

impl<'a> JobKind<'a> {
    pub(super) fn job(self, fleet: &Fleet) -> Result<Job<'a>, RenderError> {
        let path = match self {
            Self::Dockerfile(image) => context::dockerfile_path(image),
            Self::Requirements(image) => context::requirements_path(image),
            Self::Constraints(image) => context::constraints_path(image),
            Self::Ignore(image) => context::dockerfile_path(image) + ".dockerignore",
            Self::Set(set) => {
                let name = &fleet.set(set).name;
                fleet.layout.requirements.of_set(name.as_str())
            }
            Self::Fleet(file) => file.path(fleet),
        };
        Ok(Job {
            path: ArtifactPath::parse(&path).map_err(RenderError::Path)?,
            kind: self,
        })
    }
}

/// The files of a fleet.
pub(super) fn jobs<'a>(fleet: &'a Fleet) -> Result<Vec<Job<'a>>, RenderError> {
    let images = fleet
        .images
        .iter()
        .flat_map(|image| image_jobs(fleet, image));
    let sets = sets(fleet);
    let fleet_files = FleetFile::declared(fleet).map(JobKind::Fleet);
    let kinds: Vec<JobKind<'a>> = sets.chain(images).chain(fleet_files).collect();
    let of = |part: &[JobKind<'a>]| {
        part.iter()
            .map(|kind| kind.job(fleet))
            .collect::<Result<Vec<Job<'a>>, _>>()
    };
    Ok(try_map_parts(&kinds, (PARALLEL_FROM, PARALLEL_FROM), of)?
        .into_iter()
        .flatten()
        .collect())
}

/// The files of some images.
pub(super) fn jobs_of<'a>(
    fleet: &'a Fleet,
    ids: &BTreeSet<ImageId>,
) -> Result<Vec<Job<'a>>, RenderError> {
    let images = ids.iter().map(|id| fleet.image(*id));
    images
        .flat_map(|image| image_jobs(fleet, image))
        .map(|kind| kind.job(fleet))
        .collect()
}

/// The files of a fleet's bases.
pub(super) fn base_jobs(fleet: &Fleet) -> Result<Vec<Job<'_>>, RenderError> {
    fleet
        .bases()
        .flat_map(|image| image_jobs(fleet, image))
        .map(|kind| kind.job(fleet))
        .collect()
}

pub(super) fn chosen_jobs<'a>(
    fleet: &'a Fleet,
    choice: &Choice,
) -> Result<Vec<Job<'a>>, RenderError> {
    let images = choice.images.iter().map(|id| fleet.image(*id));
    let images = images
        .flat_map(|image| image_jobs(fleet, image))
        .map(|kind| kind.job(fleet));
    let common = sets(fleet).chain(FleetFile::declared(fleet).map(JobKind::Fleet));
    let is_chosen = |job: &Result<Job<'_>, _>| {
        job.as_ref()
            .is_ok_and(|job| choice.names(job.path.as_str()))
    };
    common
        .map(|kind| kind.job(fleet))
        .filter(is_chosen)
        .chain(images)
        .collect()
}

/// The files of the sets that are lists.
fn sets<'a>(fleet: &Fleet) -> impl Iterator<Item = JobKind<'a>> {
    let is_list = |set: &SetId| fleet.set(*set).file.is_none();
    SetId::all(fleet.sets.len())
        .filter(is_list)
        .map(JobKind::Set)
}

fn image_jobs<'a>(fleet: &Fleet, image: &'a Image) -> impl Iterator<Item = JobKind<'a>> + use<'a> {
    let is_generated = image.kept.is_none();
    let constraints = matches!(image.role, Role::Base(_)) && context::has_pins(fleet, image);
    let kinds = [
        Some(JobKind::Dockerfile(image)),
        Some(JobKind::Ignore(image)),
        context::has_requirements(image).then_some(JobKind::Requirements(image)),
        constraints.then_some(JobKind::Constraints(image)),
    ];
    kinds.into_iter().flatten().filter(move |_| is_generated)
}

/// The name of the template of an image's Dockerfile, below the templates folder.
#[must_use]
pub(crate) fn dockerfile_template(image: &Image) -> String {
    let folder = if matches!(image.role, Role::Base(_)) {
        "base"
    } else {
        "service"
    };
    [folder, "/", image.template.value.as_str(), DOCKERFILE].concat()
}

/// The path of an image's Dockerfile below the root; its `.dockerignore` file stands beside it.
#[must_use]
pub fn dockerfile_path(image: &Image) -> String {
    context::dockerfile_path(image)
}
