//! The fleet as everything after `resolve` sees it. Each value remembers where it was declared.

use std::sync::{Arc, OnceLock};

use super::absent::Absent;
use super::account::Account;
use super::budgets::Budgets;
pub(crate) use super::build::{After, BuildStep, Copy, HOOK_POINTS, Hook, Secret, StepMount};
pub use super::external::ExternalImage;
pub(crate) use super::health::{HealthCheck, HttpProbe, Probe};
use super::id::{ImageId, SetId};
pub(crate) use super::install::{InstalledFile, ReadFile};
use super::joined::Joined;
use super::kept::KeptDockerfile;
use super::layout::Layout;
use super::lock::Locked;
pub(crate) use super::origin::{Origin, Section, Sourced};
use super::outputs::Outputs;
pub(crate) use super::package_index::PackageIndex;
use super::policy::Policy;
pub use super::started::Command;
pub(crate) use super::started::ServiceRole;
pub(crate) use super::workdir::Workdir;
use crate::artifact::lies_in;
use crate::declare::Included;
use crate::diagnostic::{Location, Spot};
use crate::values::requirement::Requirement;
use crate::values::{
    AptPackage, Duration, EnvKey, Fingerprint, FreeText, IndexUrl, KindName, LabelKey, LinuxPath,
    Owner, PackageName, PackageVersion, Platform, Port, PythonVersion, Registry, RelPath,
    ServiceName, SetName, StopSignal, TemplateName, Version,
};

/// Everything that services.yaml declares, checked and with defaults filled in.
#[derive(Debug, Clone)]
pub struct Fleet {
    /// The declaration's path below the root, such as services.yaml.
    pub(crate) file: String,
    /// Which of the files that it includes holds what.
    pub(crate) included: Included,
    /// Where images are pushed to.
    pub(crate) registry: Sourced<Registry>,
    /// The name space of the images in the registry.
    pub(crate) owner: Sourced<Owner>,
    /// The Python version of images that do not say otherwise.
    pub(crate) python: Sourced<PythonVersion>,
    /// Folders that every service image copies.
    pub shared: Arc<[Sourced<RelPath>]>,
    /// Patterns of what no image takes.
    pub(crate) ignore: Arc<[Sourced<String>]>,
    /// The folder of the fleet's own templates.
    pub(crate) templates: Option<Sourced<RelPath>>,
    /// The path patterns.
    pub(crate) layout: Layout,
    /// The platforms that images are built for; empty for the builder's own.
    pub(crate) platforms: Vec<Sourced<Platform>>,
    /// Where lock files are; nothing is locked where there is no such folder.
    pub(crate) locks: Option<Sourced<RelPath>>,
    /// Whether the sources of services are never in this tree.
    pub(crate) has_no_sources: bool,
    /// Where the sources of the images are.
    pub(crate) source_url: Option<Sourced<IndexUrl>>,
    /// Files for the fleet as a whole.
    pub(crate) outputs: Outputs,
    /// The requirement sets.
    pub(crate) sets: Vec<RequirementSet>,
    /// Base images, each after the one it builds on; then the services, as declared.
    pub images: Vec<Image>,
    /// More processes of images, as declared.
    pub(crate) processes: Vec<Process>,
    /// How strictly rules are taken.
    pub(crate) policy: Policy,
    /// How large images may be.
    pub(crate) budgets: Budgets,
    /// The requirement files of the repository that images install, once they were read.
    pub(crate) files: Vec<ReadFile>,
    /// What images copy or start and this tree does not have, once it was looked for.
    pub(crate) absent: Vec<Absent>,
}

impl Fleet {
    /// The place of a value.
    #[must_use]
    pub(crate) fn value_at(&self, origin: Origin) -> Location {
        if let Section::Files(at) = origin.section {
            let start = origin.item.map_or(0, usize::from);
            return Location {
                file: self.files[usize::from(at)].path.clone(),
                spot: Spot::Bytes { start, end: start },
            };
        }
        origin.value(&self.file, &self.included)
    }

    /// The place of a key.
    #[must_use]
    pub(crate) fn key_at(&self, origin: Origin) -> Location {
        origin.key(&self.file, &self.included)
    }

    /// Whether a file may have a say in any generated file: the declaration, one that it includes
    /// or would include, a template or a lock.
    #[must_use]
    pub(crate) fn is_input(&self, path: &str) -> bool {
        let folders = [&self.templates, &self.locks];
        let meets = |folder: &str| lies_in(path, folder) || lies_in(folder, path);
        let is_in_folder = folders
            .into_iter()
            .flatten()
            .any(|folder| meets(folder.value.as_str()));
        lies_in(&self.file, path)
            || self.included.covers(path)
            || self.included.reaches_into(path)
            || self.installs(path)
            || is_in_folder
    }

    /// The image of a number.
    #[must_use]
    pub fn image(&self, id: ImageId) -> &Image {
        &self.images[id]
    }

    /// The number of the image of a name.
    #[must_use]
    pub(crate) fn id_named(&self, name: &str) -> Option<ImageId> {
        let mut named = self.numbered();
        let found = named.find(|(_, image)| image.name.as_str() == name);
        found.map(|(id, _)| id)
    }

    /// The requirement set of a number.
    #[must_use]
    pub(crate) fn set(&self, id: SetId) -> &RequirementSet {
        &self.sets[id]
    }

    /// The numbers of all images, in order.
    #[must_use]
    pub(crate) fn ids(&self) -> impl DoubleEndedIterator<Item = ImageId> + Clone + use<> {
        ImageId::all(self.images.len())
    }

    /// All images with their numbers.
    #[must_use]
    pub(crate) fn numbered(&self) -> impl DoubleEndedIterator<Item = (ImageId, &Image)> {
        self.ids().map(|id| (id, self.image(id)))
    }

    /// The base images with their numbers.
    pub(crate) fn numbered_bases(&self) -> impl Iterator<Item = (ImageId, &Image)> {
        self.numbered()
            .take_while(|(_, image)| matches!(image.role, Role::Base(_)))
    }

    /// Whether a file decides which files a build mounts to install them.
    fn installs(&self, path: &str) -> bool {
        let files = self.images.iter().flat_map(|image| &image.install);
        files
            .into_iter()
            .any(|file| file.reached.iter().any(|one| one == path))
            || self.kept().any(|kept| kept.is_of(path))
    }

    /// The Dockerfiles that persons keep.
    pub(crate) fn kept(&self) -> impl Iterator<Item = &KeptDockerfile> {
        self.images.iter().filter_map(|image| image.kept.as_deref())
    }

    /// The platforms that an image is built for; none where that is the builder's own.
    #[must_use]
    pub(crate) fn platforms_of<'a>(&'a self, image: &'a Image) -> &'a [Sourced<Platform>] {
        if image.platforms.is_empty() {
            &self.platforms
        } else {
            &image.platforms
        }
    }

    /// The base image that an image builds on.
    #[must_use]
    pub fn base_of(&self, image: &Image) -> Option<&Image> {
        image.base().map(|base| self.image(base))
    }

    /// The external image below an image and all of its bases; nothing where a kept Dockerfile says
    /// it.
    #[must_use]
    pub(crate) fn external_of<'a>(&'a self, image: &'a Image) -> Option<&'a ExternalImage> {
        let lowest = self.bases_of(image).last().unwrap_or(image);
        match &lowest.parent {
            Parent::External(external) => Some(external),
            Parent::Base(_) | Parent::Kept(_) => None,
        }
    }

    /// The base image that an image builds on, that one's base, and so on.
    pub(crate) fn bases_of<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = &'a Image> {
        std::iter::successors(self.base_of(image), |base| self.base_of(base))
    }

    /// An image's reference without a tag.
    #[must_use]
    pub(crate) fn repository(&self, image: &Image) -> String {
        format!(
            "{}/{}/{}",
            self.registry.value, self.owner.value, image.name
        )
    }

    /// The reference of a base with its version; a service has no tag of its own.
    #[must_use]
    pub fn reference(&self, image: &Image) -> Option<String> {
        image
            .version()
            .map(|version| format!("{}:{version}", self.repository(image)))
    }

    /// The path of an image's lock file, where it is to have one.
    #[must_use]
    pub(crate) fn lock_path(&self, image: &Image) -> Option<String> {
        let folder = self.locks.as_ref().filter(|_| image.locked.is_wanted())?;
        Some(format!("{}/{}.txt", folder.value, image.name))
    }

    /// Everything that an image itself asks pip for: sets first, requirement files last.
    pub fn requirements_of<'a>(
        &'a self,
        image: &'a Image,
    ) -> impl Iterator<Item = &'a Sourced<Requirement>> {
        let declared = self.declared_requirements_of(image);
        declared.chain(self.requirements_in_files(image))
    }

    /// What an image asks pip for in the declaration itself, which generated files may repeat; sets
    /// first.
    pub(crate) fn declared_requirements_of<'a>(
        &'a self,
        image: &'a Image,
    ) -> impl Iterator<Item = &'a Sourced<Requirement>> {
        let sets = image.sets.iter().map(|set| self.set(set.value));
        sets.flat_map(|set| &set.requirements).chain(&image.pip)
    }

    /// What the requirement files of an image ask for.
    pub(crate) fn requirements_in_files<'a>(
        &'a self,
        image: &'a Image,
    ) -> impl Iterator<Item = &'a Sourced<Requirement>> {
        let files = self.files_of(image);
        files.flat_map(|file| file.requirements.iter())
    }

    /// The requirement files of an image that were read.
    pub(crate) fn files_of<'a>(&'a self, image: &'a Image) -> impl Iterator<Item = &'a ReadFile> {
        let files = image.install.iter().filter_map(|file| file.file);
        files.map(|at| &self.files[at])
    }

    /// The base images.
    pub fn bases(&self) -> impl Iterator<Item = &Image> {
        self.images
            .iter()
            .take_while(|image| matches!(image.role, Role::Base(_)))
    }
}

/// A named set of pip requirements.
#[derive(Debug, Clone)]
pub(crate) struct RequirementSet {
    /// Its name.
    pub(crate) name: SetName,
    /// Its entry in services.yaml.
    pub(crate) entry: Origin,
    /// Its requirements.
    pub(crate) requirements: Vec<Sourced<Requirement>>,
    /// The requirement file of the repository that it is, in place of a list.
    pub(crate) file: Option<Sourced<RelPath>>,
    /// Whether it is for development only.
    pub(crate) development: bool,
}

/// An environment variable or build argument, and its value.
pub(crate) type Variable = (EnvKey, Sourced<FreeText>);

/// A label and its value.
pub(crate) type Label = (LabelKey, Sourced<FreeText>);

/// An image that this fleet builds.
#[derive(Debug, Clone)]
pub struct Image {
    /// Its name in the registry.
    pub name: ServiceName,
    /// Its entry in services.yaml.
    pub(crate) section: Section,
    /// Base or service, and what only that one has.
    pub(crate) role: Role,
    /// What the version of a base stands for; a service has none, and a base without one is not
    /// judged.
    pub(crate) fingerprint: Option<Sourced<Fingerprint>>,
    /// The Dockerfile that a person keeps, in place of a generated one.
    pub(crate) kept: Option<Box<KeptDockerfile>>,
    /// The template of its Dockerfile; without effect on one that is kept.
    pub(crate) template: Sourced<TemplateName>,
    /// The folder of its generated files, below the root.
    pub folder: String,
    /// What it builds on.
    pub parent: Parent,
    /// The external image of its builder stage, where that is another one.
    pub(crate) builder: Option<Box<Sourced<Arc<ExternalImage>>>>,
    /// Alpine packages of the image.
    pub(crate) apk: Vec<Sourced<AptPackage>>,
    /// Alpine packages of the build alone.
    pub(crate) apk_build: Vec<Sourced<AptPackage>>,
    /// The Python version inside.
    pub(crate) python: Sourced<PythonVersion>,
    /// The folder that commands run in.
    pub(crate) workdir: Workdir,
    /// Debian packages of the image.
    pub apt: Joined<Sourced<AptPackage>>,
    /// Debian packages of the build alone.
    pub(crate) apt_build: Joined<Sourced<AptPackage>>,
    /// Python packages that are built from source, beside wheels.
    pub(crate) source_builds: Vec<Sourced<PackageName>>,
    /// Requirement sets, but for those that are files.
    pub(crate) sets: Joined<Sourced<SetId>>,
    /// Requirement files and wheels of the repository; sets that are files first.
    pub(crate) install: Vec<InstalledFile>,
    /// Requirements of this image alone.
    pub(crate) pip: Joined<Sourced<Requirement>>,
    /// Whether what it installs is locked, and its lock once that is read.
    pub(crate) locked: Locked,
    /// Package indexes; the first replaces pip's default.
    pub(crate) index_urls: Arc<[Sourced<IndexUrl>]>,
    /// Indexes that packages come from by name.
    pub(crate) indexes: Vec<PackageIndex>,
    /// The version of uv, where that installs packages and not pip; the origin is that of the
    /// choice.
    pub(crate) uv: Option<Sourced<PackageVersion>>,
    /// The version of poetry, where a lock of it is installed; the origin is that of the lock.
    pub(crate) poetry: Option<Sourced<PackageVersion>>,
    /// Build secrets.
    pub(crate) secrets: Joined<Secret>,
    /// Environment variables.
    pub env: Joined<Variable>,
    /// Labels beside those that every image has.
    pub(crate) labels: Vec<Label>,
    /// Whom it runs as.
    pub(crate) account: Arc<Account>,
    /// Folders that its user may write, as a shell in the workdir names them.
    pub(crate) dirs: Vec<Sourced<String>>,
    /// What it copies beside sources, in order: from images first.
    pub(crate) copies: Vec<Copy>,
    /// Steps of its build.
    pub(crate) steps: Vec<BuildStep>,
    /// What it is built for, where that is less than the fleet's platforms.
    pub(crate) platforms: Vec<Sourced<Platform>>,
    /// Build arguments with their defaults.
    pub(crate) args: Joined<Variable>,
    /// Raw Dockerfile lines by point.
    pub(crate) hooks: Joined<Hook>,
    /// Whether it or a base below pins anything, once that was asked for; only after locks were
    /// read.
    pub(crate) has_pins: OnceLock<bool>,
}

impl Image {
    /// What only a service has; nothing for a base.
    #[must_use]
    pub fn service(&self) -> Option<&Service> {
        if let Role::Service(service) = &self.role {
            Some(service)
        } else {
            None
        }
    }

    /// The base of the fleet that it builds on; nothing where that is an external image.
    #[must_use]
    pub(crate) fn base(&self) -> Option<ImageId> {
        match &self.parent {
            Parent::Base(base) => Some(base.value),
            Parent::External(_) | Parent::Kept(_) => None,
        }
    }

    /// The version of a base; nothing for a service.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        if let Role::Base(version) = &self.role {
            Some(version.value.as_str())
        } else {
            None
        }
    }

    /// The name of the image's target in a bake file, where dots are not allowed. Two names cannot
    /// meet: they would share a module.
    #[must_use]
    pub(crate) fn target(&self) -> String {
        self.name.as_str().replace('.', "_")
    }
}

/// What an image is for.
#[derive(Debug, Clone)]
pub(crate) enum Role {
    /// Others build on it.
    Base(Sourced<Version>),
    /// It runs.
    Service(Box<Service>),
}

/// What only a service has.
#[derive(Debug, Clone)]
pub struct Service {
    /// The kind it was declared with.
    pub(crate) kind: Option<KindName>,
    /// The folder of its sources, below the root; `.` for all of it, nothing where it has none.
    pub source: Option<Sourced<String>>,
    /// Where the content of that folder lands in the image.
    pub(crate) target: Sourced<LinuxPath>,
    /// Folders and files that keep their path below `/app`.
    pub(crate) shared: Joined<Sourced<RelPath>>,
    /// Patterns of what it does not take, as in a dockerignore file, in order.
    pub(crate) ignore: Joined<Sourced<String>>,
    /// The port it listens on.
    pub port: Option<Sourced<Port>>,
    /// What the container runs. Where neither `app` nor `cmd` says it, the layout of sources does.
    pub command: Sourced<Command>,
    /// What the command is given to, word by word.
    pub(crate) entrypoint: Option<Sourced<Arc<[FreeText]>>>,
    /// Whether the image below starts what is started: its entrypoint stays.
    pub(crate) inherits_entrypoint: bool,
    /// Further ports, as EXPOSE has them.
    pub(crate) ports: Vec<Sourced<String>>,
    /// Folders that are volumes, by their whole paths.
    pub(crate) volumes: Vec<Sourced<LinuxPath>>,
    /// Web service, worker or job.
    pub(crate) role: Sourced<ServiceRole>,
    /// How the container's health is asked for.
    pub health_check: Option<HealthCheck>,
    /// The signal that asks it to end.
    pub(crate) stop_signal: Option<Sourced<StopSignal>>,
    /// How long it may take to end.
    pub(crate) stop_grace_period: Option<Sourced<Duration>>,
    /// The services that must be up first, by name.
    pub(crate) depends_on: Joined<Sourced<ServiceName>>,
    /// Whether it is declared to be for machine learning.
    pub(crate) machine_learning: bool,
}

impl Service {
    /// Whether a container needs a command when it is started: neither the entrypoint nor the
    /// command says one.
    #[must_use]
    pub(crate) fn starts_nothing(&self) -> bool {
        let has_words = |words: &Sourced<Arc<[FreeText]>>| !words.value.is_empty();
        let is_empty = matches!(&self.command.value, Command::Exec(words) if words.is_empty());
        is_empty && !self.inherits_entrypoint && !self.entrypoint.as_ref().is_some_and(has_words)
    }
}

/// A service that runs the image of another one.
#[derive(Debug, Clone)]
pub(crate) struct Process {
    /// Its name.
    pub(crate) name: ServiceName,
    /// Its entry in services.yaml.
    pub(crate) section: Section,
    /// The service whose image it runs.
    pub(crate) image: Sourced<ServiceName>,
    /// What it runs and listens on.
    pub(crate) service: Service,
    /// Environment variables beside those of the image.
    pub(crate) env: Joined<Variable>,
}

/// What an image builds on.
#[derive(Debug, Clone)]
pub enum Parent {
    /// An image from elsewhere, which all that build on it share.
    External(Arc<ExternalImage>),
    /// A base of this fleet.
    Base(Sourced<ImageId>),
    /// What the last FROM of a kept Dockerfile says, as it is written there.
    Kept(String),
}
