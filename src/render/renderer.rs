//! A fleet with its templates compiled.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use minijinja::Value;

use super::choice::Choice;
use super::context::declared_paths;
use super::environment::Engine;
use super::error::RenderError;
use super::fleet_files::FleetFile;
use super::job::{Job, JobKind, chosen_jobs, jobs};
use super::links::{Use, fleet_uses, says_from, templates_name};
use super::pen::Pen;
use super::progress::Progress;
use super::seal;
use super::templates::Templates;
use crate::artifact::{ArtifactPath, ArtifactSet};
use crate::dockerfile::{
    NamedImage, Refusal, Segment, long_line, named_images, refusal, segment, taken,
};
use crate::fleet::outputs::BAKE_PATH;
use crate::fleet::{Fleet, Image};

/// A fleet with its templates compiled, so that its files can be rendered in parts and by several
/// threads.
pub(crate) struct Renderer<'a> {
    fleet: &'a Fleet,
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
    pub(crate) fn new(fleet: &'a Fleet, templates: &'a Templates) -> Result<Self, RenderError> {
        Self::of(fleet, templates, jobs(fleet)?)
    }

    /// The same for some of the files.
    ///
    /// # Errors
    /// As [`Renderer::new`].
    pub(crate) fn chosen(
        fleet: &'a Fleet,
        templates: &'a Templates,
        choice: &Choice,
    ) -> Result<Self, RenderError> {
        Self::of(fleet, templates, chosen_jobs(fleet, choice)?)
    }

    /// Compiles the templates for some of the files.
    pub(super) fn of(
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
        let templates_name = templates_name(templates);
        Ok(Self {
            fleet,
            engine,
            jobs,
            paths,
            progress: None,
            templates_name,
        })
    }

    /// The same, telling which template it is at.
    #[must_use]
    pub(crate) fn watched(self, progress: Arc<Progress>) -> Self {
        Self {
            progress: Some(progress),
            ..self
        }
    }

    /// The paths of all files, sorted.
    #[must_use]
    pub(crate) fn paths(&self) -> &[ArtifactPath] {
        &self.paths
    }

    /// Renders the files at these positions of [`Self::paths`].
    ///
    /// # Errors
    /// Names the template and its line.
    pub(crate) fn render(&self, range: Range<usize>) -> Result<ArtifactSet, RenderError> {
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
    pub(crate) fn render_image(&self, image: &'a Image) -> Result<[String; 2], RenderError> {
        let body = |kind: JobKind<'a>| self.body(&kind.job(self.fleet)?);
        Ok([
            body(JobKind::Dockerfile(image))?,
            body(JobKind::Ignore(image))?,
        ])
    }

    /// The bake file of the fleet without a header, declared or not.
    ///
    /// # Errors
    /// Names the template and its line.
    ///
    /// # Panics
    /// Never: the usual path of the file is valid.
    pub(crate) fn render_bake(&self) -> Result<String, RenderError> {
        let kind = JobKind::Fleet(FleetFile::Bake);
        #[expect(clippy::expect_used, reason = "a constant of ours")]
        let path = ArtifactPath::parse(BAKE_PATH).expect("the usual path is valid");
        self.body(&Job { path, kind })
    }

    /// What a job's template may print. The bake file alone has to know what every Dockerfile
    /// names.
    pub(super) fn context(&self, job: &Job<'_>, pen: &Pen) -> Result<Value, RenderError> {
        let names_all = matches!(job.kind, JobKind::Fleet(FleetFile::Bake));
        let uses = if names_all {
            self.all_uses()?
        } else {
            Vec::new()
        };
        let taken = match job.kind {
            JobKind::Ignore(image) if self.may_take(image) => Some(self.taken(image)?),
            _ => None,
        };
        Ok(job.context(pen, self.fleet, (&uses, taken)))
    }

    /// Whether an image's Dockerfile could take more than is declared: a hook says so, or a
    /// template of the fleet's own could.
    fn may_take(&self, image: &Image) -> bool {
        let mut lines = image.hooks.iter().flat_map(|hook| &hook.lines);
        let mut steps = image.steps.iter();
        self.fleet.templates.is_some()
            || lines.any(|line| takes(&line.value))
            || steps.any(|step| takes(&step.line))
    }

    /// Whether a file of the build context that `is_met` could be one that an image is made of, as
    /// far as can be said without its Dockerfile: rather once too often than once too seldom.
    ///
    /// A dockerignore file keeps just what is declared, so nothing else gets into the image.
    pub(crate) fn may_be_made_of(&self, image: &Image, is_met: impl Fn(&str) -> bool) -> bool {
        if image.kept.is_some() || self.may_take(image) || is_met(&image.folder) {
            return true;
        }
        let declared = declared_paths(&Pen::default(), self.fleet, image);
        declared.iter().any(|path| is_met(path.text()))
    }

    /// What the Dockerfile of an image takes from the build context, as paths and patterns of a
    /// dockerignore file.
    fn taken(&self, image: &'a Image) -> Result<Vec<String>, RenderError> {
        let body = self.body(&JobKind::Dockerfile(image).job(self.fleet)?)?;
        let segments = segment(&body);
        let instructions = segments.iter().filter_map(Segment::instruction);
        let mut paths: Vec<String> = instructions
            .flat_map(taken)
            .map(|(_, path)| context_path(&path))
            .collect();
        paths.sort();
        paths.dedup();
        Ok(paths)
    }

    /// The Dockerfile of an image: rendered, or as a person keeps it.
    fn dockerfile(&self, image: &'a Image) -> Result<Cow<'a, str>, RenderError> {
        match &image.kept {
            Some(kept) => Ok(kept.text.as_deref().unwrap_or_default().into()),
            None => Ok(self
                .body(&JobKind::Dockerfile(image).job(self.fleet)?)?
                .into()),
        }
    }

    pub(super) fn body(&self, job: &Job<'_>) -> Result<String, RenderError> {
        let template = job.template();
        if let Some(progress) = &self.progress {
            progress.set(&template);
        }
        let body = self.printed(job, &template)?;
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
            Some(Refusal { line, reason }) => Err(RenderError::Refused {
                template: template.into_owned(),
                path: job.path.clone(),
                line,
                reason,
            }),
            None => Ok(body),
        }
    }

    /// What a template prints. Where the fleet has none of its own, nearly every image gets by with
    /// the short form of the built-in one.
    fn printed(&self, job: &Job<'_>, template: &str) -> Result<String, RenderError> {
        let is_built_in = self.fleet.templates.is_none();
        let context = is_built_in.then(|| job.plain_context(self.fleet)).flatten();
        let whole = || self.context(job, &Pen::default());
        let path = job.path.as_str();
        match context {
            Some(Ok(plain)) => self.engine.render_plain(template, plain).or_else(|error| {
                let printed = self.engine.render(template, path, whole()?)?;
                debug_assert!(false, "the short form of {template} fails alone: {error}");
                Ok(printed)
            }),
            Some(Err(values)) => self.engine.render(template, path, values),
            None => self.engine.render(template, path, whole()?),
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

    /// The bases that each image takes files from, by position; only where a hook or an own
    /// template could say so is anything rendered.
    ///
    /// # Errors
    /// As [`Renderer::render`].
    pub(crate) fn all_uses(&self) -> Result<Vec<Vec<Use>>, RenderError> {
        let named = |image: &'a Image| -> Result<Vec<NamedImage>, RenderError> {
            if !self.may_name(image) {
                return Ok(Vec::new());
            }
            Ok(named_images(&segment(&self.dockerfile(image)?)))
        };
        let all = self
            .fleet
            .images
            .iter()
            .map(named)
            .collect::<Result<Vec<_>, _>>()?;
        Ok(fleet_uses(self.fleet, &all))
    }

    /// Whether the image's Dockerfile could name another base: a hook says `from`, or a template
    /// that could be part of it.
    fn may_name(&self, image: &Image) -> bool {
        if image.kept.is_some() {
            return true;
        }
        let (mut copies, mut steps) = (image.copies.iter(), image.steps.iter());
        if copies.any(|copy| copy.image.is_some()) || steps.any(|step| says_from(&step.line)) {
            return true;
        }
        image
            .hooks
            .iter()
            .flat_map(|hook| &hook.lines)
            .any(|line| says_from(&line.value))
            || self.templates_name
    }
}

fn starts_a_stage(line: &str) -> bool {
    line.split_ascii_whitespace()
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case("FROM"))
}

/// Whether a line could take something from the build context.
fn takes(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    ["copy", "add", "mount"]
        .iter()
        .any(|word| line.contains(word))
}

/// A path as an instruction has it, as a dockerignore file does; a folder above where a part of it
/// is only known in the build.
fn context_path(written: &str) -> String {
    let names = written
        .split('/')
        .filter(|name| !matches!(*name, "" | "."))
        .take_while(|name| !name.contains(['$', '"', '\'', '\\']));
    let path = names.collect::<Vec<_>>().join("/");
    if path.is_empty() {
        ".".to_owned()
    } else {
        path
    }
}
