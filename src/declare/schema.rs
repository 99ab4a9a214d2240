//! The shape of services.yaml, as written: every field optional where a default or a diagnostic can
//! stand in for it.
//!
//! The doc comments here become the descriptions of the JSON Schema, so they speak to the person
//! who edits services.yaml.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::flexible::{Flexible, ShortForm};
pub(crate) use super::health::HealthCheckDecl;
use super::included::Included;
use super::locks::LocksDecl;
use super::nullable::{Nullable, OneOrMany, Variables};
use super::outputs::OutputsDecl;
use super::paths::{FOLDER, INCLUDED_FILES, LAYOUT_FOLDER, REQUIREMENTS_FILE};
pub(crate) use super::running::RoleDecl;
pub(crate) use super::steps::{AfterDecl, CopyDecl, RunDecl, SecretDecl};
use super::text::{DateText, NumberText, Text};
use super::tools::{InstallerDecl, ToolsDecl};

/// A fleet of Python services.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(
    deny_unknown_fields,
    title = "dockwright services.yaml",
    extend("required" = ["registry", "owner", "python"]),
    extend("anyOf" = [{ "required": ["services"] }, { "required": ["include"] }]),
)]
pub struct FleetDecl {
    /// The versions of dockwright that this file is for, such as ">=0.2,<0.4". Another one stops
    /// before it reads anything else. Default: any
    pub(crate) required_version: Option<Text>,
    /// The registry that the images are pushed to: host, or host:port.
    #[schemars(required)]
    pub(crate) registry: Option<Text>,
    /// The owner (namespace) of the images in the registry.
    #[schemars(required)]
    pub(crate) owner: Option<Text>,
    /// The Python version of the fleet, as a quoted string such as "3.12".
    #[schemars(required)]
    pub(crate) python: Option<Text>,
    /// Further YAML files with `requirements:` and `services:` of their own, as path patterns
    /// without leading dots: services.d/*.yaml.
    #[schemars(inner(regex(pattern = INCLUDED_FILES)))]
    pub(crate) include: Vec<Text>,
    /// Where generated files go and where sources are.
    pub(crate) layout: LayoutDecl,
    /// Folders that every service image copies.
    pub shared: Vec<Text>,
    /// Patterns of what no image takes, as in .gitignore: without a slash at any depth, with one
    /// from the folder of services.yaml; `!` takes back. ignore: [tests, "*.ipynb"]
    pub(crate) ignore: OneOrMany<Text>,
    /// A folder whose templates, `*.j2`, win over the built-in ones of the same name; no name in it
    /// may begin with a dot.
    #[schemars(regex(pattern = FOLDER))]
    pub(crate) templates: Option<Text>,
    /// The platforms that images are built for, such as linux/amd64 and linux/arm64. Default: the
    /// builder's own.
    pub(crate) platforms: Vec<Text>,
    /// Lock files: a folder, or a mapping. Without it nothing is locked.
    pub(crate) locks: Option<Flexible<LocksDecl>>,
    /// What installs packages: pip or uv. Default: pip
    pub(crate) installer: Option<InstallerDecl>,
    /// The versions of tools that builds fetch.
    pub(crate) tools: ToolsDecl,
    /// Where the sources of the images are, as the label org.opencontainers.image.source:
    /// <https://git.example.com/acme/fleet>
    pub(crate) source_url: Option<Text>,
    /// Files for the fleet as a whole, each only where it is declared.
    pub(crate) outputs: OutputsDecl,
    /// External images by name. `python-slim` is built in as `python:<python>-slim`; declare it to
    /// use a mirror or a digest.
    pub(crate) images: IndexMap<String, ImageDecl>,
    /// Named sets of pip requirements.
    pub(crate) requirements: IndexMap<String, Flexible<RequirementSetDecl>>,
    /// Base images that services build on, by name.
    pub(crate) bases: IndexMap<String, BaseDecl>,
    /// What every service inherits, with the fields of a kind; kinds and services come after it.
    /// defaults: { source: "services/{name}", healthcheck: /health }
    pub(crate) defaults: Box<ServiceDecl>,
    /// What the services of a kind inherit, after `defaults`. Lists are joined, mappings are
    /// merged by key, single values are overridden by the service; `requirements` and `cmd`
    /// replace.
    pub(crate) kinds: IndexMap<String, ServiceDecl>,
    /// The services, by name.
    pub services: Option<IndexMap<String, Box<ServiceDecl>>>,
    /// How strictly the rules about dependencies are taken, and what is allowed all the same.
    pub(crate) policy: PolicyDecl,
    /// Which included file holds what.
    #[serde(skip)]
    pub(crate) included: Included,
}

/// How strictly the rules are taken. `dockwright explain` lists the rules.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct PolicyDecl {
    /// How each rule is taken, by its code: deny fails the run, warn shows it, allow switches it
    /// off.
    pub(crate) rules: IndexMap<String, LevelDecl>,
    /// The same for single images, by name: deny or warn. What is to be allowed there goes under
    /// `allowances`, with a reason.
    pub(crate) images: IndexMap<String, IndexMap<String, LevelDecl>>,
    /// Further packages that are for development only, beside pytest, mypy and the like.
    pub(crate) development: Vec<Text>,
    /// Packages that this fleet does not want.
    pub(crate) replacements: Vec<ReplacementDecl>,
    /// What is allowed although a rule speaks against it.
    pub(crate) allowances: Vec<AllowanceDecl>,
}

/// How a rule is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LevelDecl {
    /// The run fails.
    Deny,
    /// It is shown.
    Warn,
    /// It is not looked for.
    Allow,
}

/// A package that this fleet does not want.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ReplacementDecl {
    /// The package.
    #[schemars(required)]
    pub(crate) package: Option<Text>,
    /// What to take instead; without it the package is to be left out.
    pub(crate) with: Option<Text>,
    /// Why.
    #[schemars(required)]
    pub(crate) reason: Option<Text>,
}

/// An exception from a rule: for an image, a package, or both.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct AllowanceDecl {
    /// The rule, by its code.
    #[schemars(required)]
    pub(crate) rule: Option<Text>,
    /// The image that it is allowed for. Default: every image
    pub(crate) image: Option<Text>,
    /// The package (or variable, set, index) that it is allowed for. Default: every one
    pub(crate) package: Option<Text>,
    /// Why it is allowed.
    #[schemars(required)]
    pub(crate) reason: Option<Text>,
    /// The last day on which it is allowed, YYYY-MM-DD; judged only against the date that `--today`
    /// gives.
    pub(crate) until: Option<DateText>,
}

/// Path patterns; but for that of sources, no name in them may begin with a dot. `{name}` stands
/// for the image's name (svc-ocr), `{module}` for its Python module (`svc_ocr`), `{set}` for a
/// set's.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct LayoutDecl {
    /// The folder of a service's generated files, such as its Dockerfile. Default: generated/{name}
    #[schemars(regex(pattern = LAYOUT_FOLDER))]
    pub(crate) services: Option<Text>,
    /// The same for a base image. Default: generated/{name}
    #[schemars(regex(pattern = LAYOUT_FOLDER))]
    pub(crate) bases: Option<Text>,
    /// The generated requirements file of a set, `*.txt`. Default: generated/requirements/{set}.txt
    #[schemars(regex(pattern = REQUIREMENTS_FILE))]
    pub(crate) requirements: Option<Text>,
    /// The folder of a service's Python sources. Default: apps/{module}
    pub(crate) source: Option<Text>,
}

/// An external image: one that this fleet does not build.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ImageDecl {
    /// The repository, with its registry where it is not Docker Hub: python, or
    /// mirror.example/library/python.
    #[schemars(required)]
    pub(crate) reference: Option<Text>,
    /// The tag. `{python}` stands for the Python version. Default: {python}-slim
    pub(crate) tag: Option<Text>,
    /// The digest that pins the content: sha256:…
    pub(crate) digest: Option<Text>,
    /// The digests by tag, where the tag holds `{python}`: one for each Python version in use.
    /// Written by `dockwright pin`.
    pub(crate) digests: IndexMap<String, Text>,
    /// The distribution inside, which decides whether `apt` works. Default: told from the tag.
    pub(crate) distribution: Option<DistributionDecl>,
}

/// A Linux distribution, as far as `apt` cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DistributionDecl {
    /// Debian or Ubuntu: has apt-get.
    Debian,
    /// Anything else: has no apt-get.
    Other,
}

/// A named set of pip requirements.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RequirementSetDecl {
    /// PEP 508 requirement lines.
    pub(crate) packages: Vec<Text>,
    /// A requirement file of the repository instead; it stays where it is and is mounted in builds.
    /// file: libs/requirements-ml.txt
    pub(crate) file: Option<Text>,
    /// For development only: may reach no image.
    pub(crate) development: bool,
    /// Whether the set was written as a bare list.
    #[serde(skip)]
    pub(crate) short: bool,
}

impl ShortForm for RequirementSetDecl {
    type Short = Vec<Text>;

    fn from_short(packages: Vec<Text>) -> Self {
        Self {
            packages,
            short: true,
            ..Self::default()
        }
    }
}

/// A base image that this fleet builds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct BaseDecl {
    /// The tag that services use, such as v1.0.1.
    #[schemars(required)]
    pub(crate) version: Option<Text>,
    /// The version and a digest of the content that it stands for. Written by `dockwright bump`,
    /// not by hand.
    pub(crate) fingerprint: Option<Text>,
    /// What it builds on: a base of this fleet or an external image. Default: python-slim
    pub(crate) from: Option<Text>,
    /// The template below base/. Default: python-slim on an external image, on-base on a base.
    pub(crate) template: Option<Text>,
    /// Requirement sets to install.
    pub(crate) requirements: Vec<Text>,
    /// Requirement files and wheels of the repository to install; they stay where they are, and are
    /// mounted in the build. install: libs/requirements-ml.txt
    pub(crate) install: OneOrMany<Text>,
    /// Debian packages to install.
    pub(crate) apt: Vec<Text>,
    /// Debian packages that only the build of Python packages needs.
    pub(crate) apt_build: Vec<Text>,
    /// Further PEP 508 requirements.
    pub(crate) pip: Vec<Text>,
    /// Package indexes: the first is pip's --index-url, the rest are extra indexes. Services
    /// inherit them.
    pub(crate) index_urls: Vec<Text>,
    /// What installs packages: pip or uv. Services inherit it. Default: the base's or the fleet's
    pub(crate) installer: Option<InstallerDecl>,
    /// Build secrets that pip may read.
    pub(crate) secrets: Vec<Flexible<SecretDecl>>,
    /// Environment variables.
    pub(crate) env: IndexMap<String, Text>,
    /// Build arguments with their defaults, for every stage.
    pub(crate) args: IndexMap<String, Text>,
    /// Raw Dockerfile lines at named points.
    pub(crate) hooks: IndexMap<String, Vec<Text>>,
}

/// A service, or what services inherit from `defaults` and from their kind. `null` takes back what
/// is inherited: `apt: null`, or one key as in `env: { DEBUG: null }`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ServiceDecl {
    /// The kind, by name. (A kind itself and `defaults` have none.)
    pub(crate) kind: Option<Text>,
    /// The template below service/: multi-stage-slim, runtime-on-base, ml-on-base, or one of your
    /// own. Default: runtime-on-base with a `base`, else multi-stage-slim
    pub(crate) template: Nullable<Option<Text>>,
    /// The base image to build on, by name.
    pub(crate) base: Nullable<Option<Text>>,
    /// The external image to build on where there is no base. Default: python-slim
    pub(crate) from: Nullable<Option<Text>>,
    /// Another Python version than the fleet's, for images that do not build on a base.
    pub(crate) python: Nullable<Option<Text>>,
    /// The folder of the sources, `.` for the whole repository, or `none`. Default:
    /// `layout.source`. source: services/api
    pub(crate) source: Nullable<Option<Text>>,
    /// Where the content of `source` lands in the image; counts from /app. Default: its own path
    /// below /app. target: /app
    pub(crate) target: Nullable<Option<Text>>,
    /// The folder that commands run in; counts from /app. Default: `target` where that is declared,
    /// else /app. workdir: /srv/app
    pub(crate) workdir: Nullable<Option<Text>>,
    /// Folders, or files with a suffix, that keep their path below /app; joins the fleet's.
    /// shared: libs/common
    pub(crate) shared: Nullable<OneOrMany<Text>>,
    /// Further files and folders: a path that it keeps below /app, or a mapping. copy: { from:
    /// deploy/start.sh, to: bin/ }
    pub(crate) copy: Nullable<OneOrMany<Flexible<CopyDecl>>>,
    /// Patterns of what the image does not take; joins the fleet's. ignore: tests
    pub(crate) ignore: Nullable<OneOrMany<Text>>,
    /// Requirement sets to install; replaces the kind's.
    pub(crate) requirements: Nullable<Option<Vec<Text>>>,
    /// Requirement files and wheels of the repository to install; they stay where they are, and are
    /// mounted in the build. Replaces what is inherited. install: services/api/requirements.txt
    pub(crate) install: Nullable<Option<OneOrMany<Text>>>,
    /// Debian packages that the service needs when it runs.
    pub(crate) apt: Nullable<Vec<Text>>,
    /// Debian packages that only the build of Python packages needs; switches source builds on.
    pub(crate) apt_build: Nullable<Vec<Text>>,
    /// PEP 508 requirements of this service alone.
    pub(crate) pip: Nullable<Vec<Text>>,
    /// Package indexes: the first is pip's --index-url, the rest are extra indexes. Default: the
    /// base's.
    pub(crate) index_urls: Nullable<Vec<Text>>,
    /// What installs packages: pip or uv. Default: the base's or the fleet's
    pub(crate) installer: Nullable<Option<InstallerDecl>>,
    /// Build secrets that pip may read, for private indexes.
    pub(crate) secrets: Nullable<Vec<Flexible<SecretDecl>>>,
    /// What it is: web listens on `port` and is asked for its health; a worker needs neither; a job
    /// ends, is not started again, and whoever depends on it waits until it has ended. Default: web
    /// with a `port` or without a `cmd`, else worker. role: job
    pub(crate) role: Nullable<Option<RoleDecl>>,
    /// The port that the service listens on.
    #[schemars(range(min = 1, max = 65535))]
    pub(crate) port: Nullable<Option<u64>>,
    /// The ASGI application for uvicorn, module:attribute. Default: `<source folder as
    /// module>.main:app`
    pub(crate) app: Nullable<Option<Text>>,
    /// A command instead of uvicorn: a list of words, or one text that is split into words as
    /// compose does: quotes hold words together, no shell runs. cmd: celery -A config worker
    pub(crate) cmd: Nullable<Option<OneOrMany<Text>>>,
    /// What the command is given to, in the forms of `cmd`; without a `cmd` it gets no arguments.
    /// entrypoint: [tini, --]
    pub(crate) entrypoint: Nullable<Option<OneOrMany<Text>>>,
    /// Further ports that the service listens on. ports: [50051, 6000/udp]
    pub(crate) ports: Nullable<OneOrMany<NumberText>>,
    /// Folders that the container's user may write; they count from the workdir. dirs: [data,
    /// /models]
    pub(crate) dirs: Nullable<OneOrMany<Text>>,
    /// Steps of the build, each a line of the shell in the workdir, as root. run: { after: source,
    /// run: python manage.py collectstatic --noinput }
    pub(crate) run: Nullable<OneOrMany<Flexible<RunDecl>>>,
    /// Environment variables.
    pub env: Nullable<Variables>,
    /// Build arguments with their defaults, for every stage.
    pub(crate) args: Nullable<Variables>,
    /// The health check: `none`, the path of a request over HTTP, or a mapping. healthcheck: {
    /// path: /up, host: shop.example.com }
    pub(crate) healthcheck: Nullable<Option<Flexible<HealthCheckDecl>>>,
    /// The signal that asks the container to end. Default: SIGTERM. `stop_signal: SIGINT`
    pub(crate) stop_signal: Nullable<Option<Text>>,
    /// How long it may take to end before it is killed: what compose waits for, and two seconds
    /// more than uvicorn gives to open requests. Default: 10s.
    /// `stop_grace_period: 30s`
    pub(crate) stop_grace_period: Nullable<Option<Text>>,
    /// Whether it is for machine learning: elsewhere frameworks such as torch are reported. Best
    /// said of a kind. Default: false
    pub(crate) machine_learning: Nullable<Option<bool>>,
    /// Services that must be up before this one, in compose.yaml.
    pub(crate) depends_on: Nullable<Vec<Text>>,
    /// Raw Dockerfile lines at named points.
    pub(crate) hooks: Nullable<IndexMap<String, Vec<Text>>>,
}
