//! Fleet → artifacts: templates print what the context holds, and every file gets its seal.

mod context;
mod environment;
mod error;
pub mod fingerprint;
mod fleet_files;
mod joined;
pub mod links;
mod pen;
pub mod seal;
mod templates;
pub mod trace;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Arc, Mutex};

use context::{DockerfileContext, IgnoreContext, PinsContext, RequirementsContext};
use environment::Engine;
pub use environment::TEMPLATE_BYTES;
pub use error::{RenderError, TemplateFault};
use fleet_files::FleetFile;
use links::Use;
use minijinja::Value;
use minijinja::value::Serde;
use pen::Pen;
pub use templates::{Source, Templates};
use trace::Tracer;

use crate::artifact::{ArtifactPath, ArtifactSet};
use crate::diagnostic::{Diagnostic, FINDINGS_LIMIT, Location, code, did_you_mean};
use crate::dockerfile::{Refusal, long_line, refusal};
use crate::fleet::lock::LOCK_LIMIT;
use crate::fleet::{Fleet, Image, Role};
use crate::parallel::try_map_parts;

/// The largest file that a template may produce, in bytes: real Dockerfiles stay far below.
const OUTPUT_LIMIT: usize = 1024 * 1024;
/// What a file for the fleet as a whole may take more for each image, in bytes.
const OUTPUT_PER_IMAGE: usize = 4096;

/// From how many files on more than one thread pays for its start.
const PARALLEL_FROM: usize = 4096;

/// How the names of templates of Dockerfiles end.
const DOCKERFILE: &str = ".Dockerfile.j2";

/// Renders every file that a fleet stands for. Nothing is written, so a broken template costs
/// nothing.
///
/// # Errors
/// Names the template and its line, or the two images that claim one path.
pub fn render(fleet: &Fleet, templates: &Templates) -> Result<ArtifactSet, RenderError> {
    let renderer = Renderer::new(fleet, templates)?;
    renderer.render(0..renderer.paths().len())
}

/// Which template is being rendered, for whoever watches from another thread.
#[derive(Debug, Default)]
pub struct Progress(Mutex<String>);

impl Progress {
    /// The template that was started last.
    #[must_use]
    pub fn template(&self) -> String {
        self.0.lock().map_or_else(
            |poisoned| poisoned.into_inner().clone(),
            |template| template.clone(),
        )
    }

    fn set(&self, template: &str) {
        if let Ok(mut current) = self.0.lock() {
            template.clone_into(&mut current);
        }
    }
}

/// A fleet with its templates compiled, so that its files can be rendered in parts and by several
/// threads.
pub struct Renderer<'a> {
    fleet: &'a Fleet,
    templates: &'a Templates,
    engine: Engine<'a>,
    jobs: Vec<Job<'a>>,
    /// Of each job.
    paths: Vec<ArtifactPath>,
    progress: Option<Arc<Progress>>,
    /// Whether the fleet's own templates could name other images.
    templates_name: bool,
}

impl<'a> Renderer<'a> {
    /// Compiles the templates and lists the files.
    ///
    /// # Errors
    /// A template with a syntax error, or two files with one path.
    pub fn new(fleet: &'a Fleet, templates: &'a Templates) -> Result<Self, RenderError> {
        Self::of(fleet, templates, jobs(fleet)?)
    }

    /// The same for some of the files.
    ///
    /// # Errors
    /// As [`Renderer::new`].
    pub fn chosen(
        fleet: &'a Fleet,
        templates: &'a Templates,
        choice: &Choice,
    ) -> Result<Self, RenderError> {
        Self::of(fleet, templates, chosen_jobs(fleet, choice)?)
    }

    /// Compiles the templates for some of the files.
    fn of(
        fleet: &'a Fleet,
        templates: &'a Templates,
        mut jobs: Vec<Job<'a>>,
    ) -> Result<Self, RenderError> {
        let engine = Engine::new(templates, fleet.images.len())?;
        jobs.sort_by(|one, other| one.path.cmp(&other.path));
        let paths: Vec<ArtifactPath> = jobs.iter().map(|job| job.path.clone()).collect();
        if let Some(twice) = paths
            .array_windows()
            .find_map(|[first, second]| (first == second).then_some(first))
        {
            return Err(RenderError::Collision {
                path: twice.clone(),
            });
        }
        let templates_name = links::templates_name(templates);
        Ok(Self {
            fleet,
            templates,
            engine,
            jobs,
            paths,
            progress: None,
            templates_name,
        })
    }

    /// The same, telling which template it is at.
    #[must_use]
    pub fn watched(self, progress: Arc<Progress>) -> Self {
        Self {
            progress: Some(progress),
            ..self
        }
    }

    /// The paths of all files, sorted.
    #[must_use]
    pub fn paths(&self) -> &[ArtifactPath] {
        &self.paths
    }

    /// Renders the files at these positions of [`Self::paths`].
    ///
    /// # Errors
    /// Names the template and its line.
    pub fn render(&self, range: Range<usize>) -> Result<ArtifactSet, RenderError> {
        let file = |job: &Job<'_>| {
            let sealed = seal::seal(
                &self.fleet.file,
                &job.path,
                &job.template(),
                &self.body(job)?,
            );
            Ok((job.path.clone(), sealed))
        };
        self.jobs
            .get(range)
            .unwrap_or_default()
            .iter()
            .map(file)
            .collect()
    }

    /// Renders an image's Dockerfile and `.dockerignore` file, both without a header.
    ///
    /// # Errors
    /// Names the template and its line.
    pub fn render_image(&self, image: &'a Image) -> Result<[String; 2], RenderError> {
        let body = |kind: JobKind<'a>| self.body(&kind.job(self.fleet)?);
        Ok([
            body(JobKind::Dockerfile(image))?,
            body(JobKind::Ignore(image))?,
        ])
    }

    /// What a job's template may print. The bake file alone has to know what every Dockerfile
    /// names.
    fn context(&self, job: &Job<'_>, pen: &Pen) -> Result<Value, RenderError> {
        let names_all = matches!(job.kind, JobKind::Fleet(FleetFile::Bake));
        let uses = if names_all {
            self.all_uses()?
        } else {
            Vec::new()
        };
        Ok(job.context(pen, self.fleet, &uses))
    }

    fn body(&self, job: &Job<'_>) -> Result<String, RenderError> {
        let template = job.template();
        if let Some(progress) = &self.progress {
            progress.set(&template);
        }
        let body = self.engine.render(
            &template,
            job.path.as_str(),
            self.context(job, &Pen::default())?,
        )?;
        if body.len() > job.limit(self.fleet) {
            return Err(RenderError::TooLarge {
                template: template.into_owned(),
                path: job.path.to_string(),
            });
        }
        if memchr::memchr(b'\r', body.as_bytes()).is_some() {
            return Err(RenderError::CarriageReturn {
                template: template.into_owned(),
                path: job.path.to_string(),
            });
        }
        if matches!(job.kind, JobKind::Dockerfile(_)) && !body.lines().any(starts_a_stage) {
            return Err(RenderError::NoStage {
                template: template.into_owned(),
                path: job.path.to_string(),
            });
        }
        match self.refused(job, &body) {
            Some(refusal) => Err(self.refusal_error(job, &template, &refusal)),
            None => Ok(body),
        }
    }

    /// What `BuildKit` refuses in a file that it reads. Only templates of the fleet's own can print
    /// more than long lines.
    fn refused(&self, job: &Job<'_>, body: &str) -> Option<Refusal> {
        match job.kind {
            JobKind::Dockerfile(_) if self.fleet.templates.is_some() => refusal(body),
            JobKind::Dockerfile(_) | JobKind::Ignore(_) => long_line(body),
            _ => None,
        }
    }

    /// The same with the line of the template that printed it.
    fn refusal_error(&self, job: &Job<'_>, template: &str, refusal: &Refusal) -> RenderError {
        let traced = Tracer::new(self.fleet, self.templates)
            .body_lines(&job.path)
            .unwrap_or_default();
        let printed = traced.into_iter().take(refusal.line).flatten().last();
        let (name, line) = printed.map_or_else(
            || (self.templates.display_path(template), 0),
            |printed| (printed.template, printed.line),
        );
        let own = self
            .templates
            .iter()
            .find(|(known, _)| self.templates.display_path(known) == name);
        RenderError::Template(Box::new(TemplateFault {
            text: own
                .map(|(_, template)| template.text.to_string())
                .unwrap_or_default(),
            name,
            line,
            range: None,
            reason: format!("the rendered file {}", refusal.reason),
            rendering: job.path.to_string(),
        }))
    }
}

fn starts_a_stage(line: &str) -> bool {
    line.split_ascii_whitespace()
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("FROM"))
}

/// One file to render.
#[derive(Debug, Clone)]
pub(crate) struct Job<'a> {
    pub(crate) path: ArtifactPath,
    kind: JobKind<'a>,
}

#[derive(Debug, Clone, Copy)]
enum JobKind<'a> {
    Dockerfile(&'a Image),
    Requirements(&'a Image),
    Constraints(&'a Image),
    Ignore(&'a Image),
    Set(usize),
    Fleet(FleetFile),
}

/// Some of a fleet's files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Images, by position: all of their files.
    pub images: BTreeSet<usize>,
    /// Files that belong to no image, by path: what stands there, in there, or on the way there;
    /// others count for nothing.
    pub paths: BTreeSet<String>,
}

impl Choice {
    /// Whether a file that belongs to no image is one of them.
    #[must_use]
    pub fn names(&self, path: &str) -> bool {
        let inside = format!("{path}/");
        let mut at_or_above = path
            .match_indices('/')
            .filter_map(|(at, _)| path.get(..at))
            .chain([path]);
        at_or_above.any(|path| self.paths.contains(path))
            || self
                .paths
                .range(inside.clone()..)
                .next()
                .is_some_and(|path| path.starts_with(&inside))
    }
}

/// The files of a fleet.
pub(crate) fn jobs<'a>(fleet: &'a Fleet) -> Result<Vec<Job<'a>>, RenderError> {
    let images = fleet
        .images
        .iter()
        .flat_map(|image| image_jobs(fleet, image));
    let sets = (0..fleet.sets.len()).map(JobKind::Set);
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

/// The files of some images, by their positions.
fn jobs_of<'a>(fleet: &'a Fleet, positions: &BTreeSet<usize>) -> Result<Vec<Job<'a>>, RenderError> {
    let images = positions
        .iter()
        .filter_map(|position| fleet.images.get(*position));
    images
        .flat_map(|image| image_jobs(fleet, image))
        .map(|kind| kind.job(fleet))
        .collect()
}

/// The files of a fleet's bases.
fn base_jobs(fleet: &Fleet) -> Result<Vec<Job<'_>>, RenderError> {
    fleet
        .bases()
        .flat_map(|image| image_jobs(fleet, image))
        .map(|kind| kind.job(fleet))
        .collect()
}

fn chosen_jobs<'a>(fleet: &'a Fleet, choice: &Choice) -> Result<Vec<Job<'a>>, RenderError> {
    let images = choice
        .images
        .iter()
        .filter_map(|position| fleet.images.get(*position));
    let images = images
        .flat_map(|image| image_jobs(fleet, image))
        .map(|kind| kind.job(fleet));
    let common = (0..fleet.sets.len())
        .map(JobKind::Set)
        .chain(FleetFile::declared(fleet).map(JobKind::Fleet));
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

fn image_jobs<'a>(fleet: &Fleet, image: &'a Image) -> impl Iterator<Item = JobKind<'a>> + use<'a> {
    let constraints = matches!(image.role, Role::Base(_)) && context::has_pins(fleet, image);
    let kinds = [
        Some(JobKind::Dockerfile(image)),
        Some(JobKind::Ignore(image)),
        context::has_requirements(image).then_some(JobKind::Requirements(image)),
        constraints.then_some(JobKind::Constraints(image)),
    ];
    kinds.into_iter().flatten()
}

impl<'a> JobKind<'a> {
    fn job(self, fleet: &Fleet) -> Result<Job<'a>, RenderError> {
        let path = match self {
            Self::Dockerfile(image) => context::dockerfile_path(image),
            Self::Requirements(image) => context::requirements_path(image),
            Self::Constraints(image) => context::constraints_path(image),
            Self::Ignore(image) => context::dockerfile_path(image) + ".dockerignore",
            Self::Set(set) => {
                let name = fleet
                    .sets
                    .get(set)
                    .map(|set| set.name.as_str())
                    .unwrap_or_default();
                fleet.layout.requirements.of_set(name)
            }
            Self::Fleet(file) => file.path(fleet),
        };
        Ok(Job {
            path: ArtifactPath::parse(&path).map_err(RenderError::Path)?,
            kind: self,
        })
    }
}

impl Job<'_> {
    /// The name of the template that prints the file.
    pub(crate) fn template(&self) -> Cow<'static, str> {
        match self.kind {
            JobKind::Dockerfile(image) => dockerfile_template(image).into(),
            JobKind::Requirements(_) | JobKind::Set(_) => "image/requirements.txt.j2".into(),
            JobKind::Constraints(_) => "image/constraints.txt.j2".into(),
            JobKind::Ignore(_) => "image/Dockerfile.dockerignore.j2".into(),
            JobKind::Fleet(file) => file.template().into(),
        }
    }

    /// What its template may print.
    fn context(&self, pen: &Pen, fleet: &Fleet, uses: &[Vec<Use>]) -> Value {
        match self.kind {
            JobKind::Dockerfile(image) => {
                Value::from(Serde(DockerfileContext::of(pen, fleet, image)))
            }
            JobKind::Requirements(image) => {
                Value::from(Serde(RequirementsContext::of_image(pen, fleet, image)))
            }
            JobKind::Constraints(image) => Value::from(Serde(PinsContext::of(pen, fleet, image))),
            JobKind::Ignore(image) => Value::from(Serde(IgnoreContext::of(pen, fleet, image))),
            JobKind::Set(set) => Value::from(Serde(
                fleet
                    .sets
                    .get(set)
                    .map(|set| RequirementsContext::of_set(pen, set)),
            )),
            JobKind::Fleet(file) => file.context(pen, fleet, uses),
        }
    }

    /// The most that the file may take, in bytes.
    fn limit(&self, fleet: &Fleet) -> usize {
        match self.kind {
            JobKind::Fleet(_) => OUTPUT_LIMIT + fleet.images.len() * OUTPUT_PER_IMAGE,
            // A lock may hold more; what it holds was read under a limit of its own.
            JobKind::Requirements(image) if image.locked.lock().is_some() => 2 * LOCK_LIMIT,
            _ => OUTPUT_LIMIT,
        }
    }
}

/// Says which of the templates that a declaration names do not exist.
#[must_use]
pub fn check_templates(
    needed: &BTreeMap<String, Location>,
    templates: &Templates,
) -> Vec<Diagnostic> {
    let unknown = needed
        .iter()
        .filter(|(needed, _)| !templates.contains(&format!("{needed}{DOCKERFILE}")));
    unknown
        .take(FINDINGS_LIMIT)
        .map(|(needed, place)| unknown_template(needed, place.clone(), templates))
        .collect()
}

fn unknown_template(needed: &str, place: Location, templates: &Templates) -> Diagnostic {
    let (folder, name) = needed.split_once('/').unwrap_or_default();
    let in_folder = |known: &str| {
        Some(
            known
                .strip_prefix(folder)?
                .strip_prefix('/')?
                .strip_suffix(DOCKERFILE)?
                .to_owned(),
        )
    };
    let known: Vec<String> = templates
        .origins()
        .filter_map(|(known, _)| in_folder(known))
        .collect();
    let help = match did_you_mean(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known: {}", known.join(", ")),
    };
    let message = format!("there is no template {needed}{DOCKERFILE}");
    Diagnostic::new(&code::UNKNOWN_TEMPLATE, place, message).with_help(help)
}

/// The name of the template of an image's Dockerfile, below the templates folder.
#[must_use]
pub fn dockerfile_template(image: &Image) -> String {
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
