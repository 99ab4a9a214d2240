//! The shape of services.yaml, as written: every field optional where a default or a diagnostic can
//! stand in for it.
//!
//! The doc comments here become the descriptions of the JSON Schema, so they speak to the person
//! who edits services.yaml.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::budgets::BudgetsDecl;
pub(crate) use super::dockerfile::DockerfileDecl;
use super::flexible::{Flexible, ShortForm};
pub(crate) use super::health::HealthCheckDecl;
use super::included::Included;
use super::indexes::Indexes;
pub(crate) use super::installed::InstalledDecl;
use super::locks::LocksDecl;
use super::nullable::{Nullable, OneOrMany, Variables};
use super::outputs::OutputsDecl;
use super::paths::{FOLDER, INCLUDED_FILES, LAYOUT_FOLDER, REQUIREMENTS_FILE};
pub(crate) use super::policy::PolicyDecl;
pub(crate) use super::running::{RoleDecl, UserDecl};
pub(crate) use super::steps::{AfterDecl, CopyDecl, RunDecl, SecretDecl};
use super::text::{NumberText, Text};
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
    /// The versions of dockwright that this file is for, such as ">=0.2,<0.4". Other versions stop
    /// before they read anything else. Default: any
    pub(crate) required_version: Option<Text>,
    /// The registry to push images to: host or host:port, such as registry.example.com.
    #[schemars(required)]
    pub(crate) registry: Option<Text>,
    /// The owner (namespace) of the images in the registry, such as acme.
    #[schemars(required)]
    pub(crate) owner: Option<Text>,
    /// The Python version of the fleet, as a quoted string such as "3.12".
    #[schemars(required)]
    pub(crate) python: Option<Text>,
    /// More YAML files with `requirements:` and `services:`, as path patterns without leading dots.
    /// `include: ["services.d/*.yaml"]`
    #[schemars(inner(regex(pattern = INCLUDED_FILES)))]
    pub(crate) include: Vec<Text>,
    /// The paths of generated files and sources. `layout: { source: "services/{name}" }`
    pub(crate) layout: LayoutDecl,
    /// Folders that every service image copies. `shared: [libs/common]`
    pub shared: Vec<Text>,
    /// Patterns of files that no image gets, as in .gitignore: without a slash at any depth, with a
    /// slash relative to the folder of services.yaml; `!` undoes a pattern. `ignore: [tests,
    /// "*.ipynb"]`
    pub(crate) ignore: OneOrMany<Text>,
    /// A folder of templates, `*.j2`, that replace the built-in ones by name; no name in the path
    /// may begin with a dot. `templates: docker/templates`
    #[schemars(regex(pattern = FOLDER))]
    pub(crate) templates: Option<Text>,
    /// The platforms to build images for. Default: the builder's own. `platforms: [linux/amd64,
    /// linux/arm64]`
    pub(crate) platforms: Vec<Text>,
    /// Lock files: a folder, or a mapping. Default: no locks. `locks: { folder: locks, images:
    /// [svc-kg] }`
    pub(crate) locks: Option<Flexible<LocksDecl>>,
    /// The program that installs packages: pip or uv. Default: pip. `installer: uv`
    pub(crate) installer: Option<InstallerDecl>,
    /// Package indexes that the named packages come from, and no other index, in every image that
    /// names one of them under `pip` or in a set.
    /// `indexes: { pytorch: { url: https://download.pytorch.org/whl/cpu, packages: [torch] } }`
    pub(crate) indexes: Indexes,
    /// The versions of tools that builds download. `tools: { uv: "0.13.9" }`
    pub(crate) tools: ToolsDecl,
    /// Where the sources are: `elsewhere` if this tree never has them, such as a repository of
    /// declarations; then no copied path is missing. Default: looked for in this tree.
    /// `sources: elsewhere`
    pub(crate) sources: Option<SourcesDecl>,
    /// The URL of the sources, for the label org.opencontainers.image.source:
    /// <https://git.example.com/acme/fleet>
    pub(crate) source_url: Option<Text>,
    /// Files for the whole fleet; each is generated only if it is declared. `outputs: { compose:
    /// compose.yaml }`
    pub(crate) outputs: OutputsDecl,
    /// External images by name. `python-slim` is built in as `python:<python>-slim`; declare it to
    /// use a mirror or a digest. `images: { cuda: { reference: nvidia/cuda, tag:
    /// 12.4.1-runtime-ubuntu22.04 } }`
    pub(crate) images: IndexMap<String, ImageDecl>,
    /// Named sets of pip requirements. `requirements: { base: [fastapi, httpx] }`
    pub(crate) requirements: IndexMap<String, Flexible<RequirementSetDecl>>,
    /// Base images that services build on, by name. `bases: { base-ml: { version: v1.0.0,
    /// requirements: [ml] } }`
    pub(crate) bases: IndexMap<String, BaseDecl>,
    /// Values that every service inherits, with the fields of a kind; kinds and services override
    /// them. `defaults: { source: "services/{name}", healthcheck: /health }`
    pub(crate) defaults: Box<ServiceDecl>,
    /// Values that the services of a kind inherit, after `defaults`. Lists are joined, mappings are
    /// merged by key, and a service overrides single values; its `requirements` and `cmd` replace
    /// the inherited ones. `kinds: { ml: { base: base-ml, machine_learning: true } }`
    pub(crate) kinds: IndexMap<String, ServiceDecl>,
    /// The services, by name. `services: { svc-api: { kind: web, port: 8000 } }`
    pub services: Option<IndexMap<String, Box<ServiceDecl>>>,
    /// How strict the rules about dependencies are, and which findings are allowed. `policy: {
    /// rules: { unpinned-base: warn } }`
    pub(crate) policy: PolicyDecl,
    /// How large images may be; `dockwright sizes` fails if they are larger. `budgets: { each: 400
    /// MB }`
    pub(crate) budgets: BudgetsDecl,
    /// Which included file holds what.
    #[serde(skip)]
    pub(crate) included: Included,
}

/// Path patterns. No name in them may begin with a dot, except in `source`. `{name}` is the name of
/// the image (svc-ocr), `{module}` its Python module (`svc_ocr`), `{set}` the name of a set.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct LayoutDecl {
    /// The folder of a service's generated files, such as its Dockerfile. Default:
    /// generated/{name}. `services: "docker/{name}"`
    #[schemars(regex(pattern = LAYOUT_FOLDER))]
    pub(crate) services: Option<Text>,
    /// The folder of a base's generated files. Default: generated/{name}. `bases: "docker/{name}"`
    #[schemars(regex(pattern = LAYOUT_FOLDER))]
    pub(crate) bases: Option<Text>,
    /// The generated requirements file of a set, `*.txt`. Default: generated/requirements/{set}.txt
    #[schemars(regex(pattern = REQUIREMENTS_FILE))]
    pub(crate) requirements: Option<Text>,
    /// The folder of a service's Python sources. Default: apps/{module}. `source:
    /// "services/{name}"`
    pub(crate) source: Option<Text>,
}

/// Where the sources of services are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum SourcesDecl {
    /// In another tree, which joins this one before images are built.
    Elsewhere,
}

/// An external image: one that this fleet does not build.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ImageDecl {
    /// The repository, with its registry unless that is Docker Hub: python, or
    /// mirror.example/library/python.
    #[schemars(required)]
    pub(crate) reference: Option<Text>,
    /// The tag; `{python}` is replaced by the Python version. Default: {python}-slim. `tag:
    /// "{python}-bookworm"`
    pub(crate) tag: Option<Text>,
    /// The digest that pins the content: sha256:…
    pub(crate) digest: Option<Text>,
    /// The digests by tag, for a tag with `{python}`: one for each Python version in use.
    /// `dockwright pin` writes them. `digests: { 3.12-slim: "sha256:…" }`
    pub(crate) digests: IndexMap<String, Text>,
    /// The Python in the image: a command or a path. With `builder` it is an absolute path. `none`
    /// is an image without one: uv installs the declared version. Default: python.
    /// `python: /usr/bin/python3.13`
    pub(crate) python: Option<Text>,
    /// Whether the virtual environment sees the packages that the image already has, as in images
    /// with conda. Default: false. `site_packages: true`
    pub(crate) site_packages: bool,
    /// Whether the image has a shell; without one, no command runs in the final stage. Default:
    /// true. `shell: false`
    pub(crate) shell: Option<bool>,
    /// The user that the image runs as, a name or a number; `user: inherit` needs it.
    /// `user: "65532"`
    pub(crate) user: Option<NumberText>,
    /// The Linux distribution of the image: `apt` needs Debian, `apk` needs Alpine. Default:
    /// derived from the tag. `distribution: debian`
    pub(crate) distribution: Option<DistributionDecl>,
}

/// A Linux distribution, as far as packages and accounts depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DistributionDecl {
    /// Debian or Ubuntu: has apt-get.
    Debian,
    /// Alpine: has apk, and adduser of `BusyBox`.
    Alpine,
    /// Anything else: has neither apt-get nor apk.
    Other,
}

/// A named set of pip requirements.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RequirementSetDecl {
    /// PEP 508 requirements. `packages: ["httpx>=0.27"]`
    pub(crate) packages: Vec<Text>,
    /// A requirement file of the repository instead; it stays where it is and is mounted in builds.
    /// `file: libs/requirements-ml.txt`
    pub(crate) file: Option<Text>,
    /// Whether the set is for development only; then no image can use it. Default: false.
    /// `development: true`
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
    /// The version and a digest of its content. `dockwright bump` writes it; do not edit it.
    pub(crate) fingerprint: Option<Text>,
    /// The image it builds on: a base of this fleet or an external image. Default: python-slim.
    /// `from: base-runtime`
    pub(crate) from: Option<Text>,
    /// The template in base/. Default: python-slim on an external image, on-base on a base.
    pub(crate) template: Option<Text>,
    /// Requirement sets to install. `requirements: [base, ml]`
    pub(crate) requirements: Vec<Text>,
    /// Requirement files, wheels, folders of projects, pyproject.toml and locks of uv and poetry to
    /// install; the build mounts them and does not copy them. `install: libs/requirements-ml.txt`
    pub(crate) install: OneOrMany<Flexible<InstalledDecl>>,
    /// The external image that packages are installed in. Default: the same image.
    /// `builder: python-slim`
    pub(crate) builder: Option<Text>,
    /// Alpine packages to install. `apk: libpq`
    pub(crate) apk: OneOrMany<Text>,
    /// Alpine packages that only the build of Python packages needs. `apk_build: gcc`
    pub(crate) apk_build: OneOrMany<Text>,
    /// Debian packages to install. `apt: [libgomp1]`
    pub(crate) apt: Vec<Text>,
    /// Debian packages that only the build of Python packages needs. `apt_build: [gcc, libpq-dev]`
    pub(crate) apt_build: Vec<Text>,
    /// Python packages to build from source because they have no wheel; pure Python needs no
    /// compiler. `source_builds: [langdetect]`
    pub(crate) source_builds: OneOrMany<Text>,
    /// More PEP 508 requirements. `pip: ["numpy>=2"]`
    pub(crate) pip: Vec<Text>,
    /// Package indexes: the first is pip's --index-url, the others are extra indexes. Services
    /// inherit them. `index_urls: ["https://pypi.example.com/simple"]`
    pub(crate) index_urls: Vec<Text>,
    /// Package indexes that the named packages come from, and no other index. Joined with the
    /// fleet's; services inherit them.
    /// `indexes: { pytorch: { url: https://download.pytorch.org/whl/cpu, packages: [torch] } }`
    pub(crate) indexes: Indexes,
    /// The program that installs packages: pip or uv. Services inherit it. Default: that of the
    /// base it builds on, or of the fleet. `installer: uv`
    pub(crate) installer: Option<InstallerDecl>,
    /// Build secrets that pip can read. `secrets: [netrc]`
    pub(crate) secrets: Vec<Flexible<SecretDecl>>,
    /// The folder that build steps run in, relative to /app; `inherit` is that of the image it
    /// builds on, and a folder of that name is `./inherit`. Default: /app. `workdir: /srv`
    pub(crate) workdir: Option<Text>,
    /// Files and folders to copy: a path, which is kept below /app, or a mapping.
    /// `copy: { from: models, to: /models }`
    pub(crate) copy: OneOrMany<Flexible<CopyDecl>>,
    /// Build steps: shell commands that run in the workdir, as root.
    /// `run: python -m nltk.downloader punkt`
    pub(crate) run: OneOrMany<Flexible<RunDecl>>,
    /// Folders that the container's user can write to, relative to the workdir. `dirs: /models`
    pub(crate) dirs: OneOrMany<Text>,
    /// The user that containers run as: a number, `uid:gid`, `root`, `inherit` for the user of the
    /// image it builds on, or a mapping. Services inherit it. Default: 10001. `user: "1000:1000"`
    pub(crate) user: Option<Flexible<UserDecl>>,
    /// More groups of the user, by name or number; a missing one is created. `groups: video`
    pub(crate) groups: OneOrMany<NumberText>,
    /// The user's home folder, relative to the workdir. Default: /tmp. `home: /home/app`
    pub(crate) home: Option<Text>,
    /// Environment variables. `{arg.NAME}` stands for a build argument, `{env.NAME}` for a variable
    /// of the image. `env: { PATH: "/opt/tool/bin:{env.PATH}" }`
    pub(crate) env: IndexMap<String, Text>,
    /// Build arguments with their defaults, for every stage. `args: { GIT_SHA: unknown }`
    pub(crate) args: IndexMap<String, Text>,
    /// Labels of the image; services on it have them too. `labels: { com.example.team: search }`
    pub(crate) labels: IndexMap<String, Text>,
    /// The platforms to build for, out of the fleet's. Default: all of them.
    /// `platforms: linux/amd64`
    pub(crate) platforms: OneOrMany<Text>,
    /// Raw Dockerfile lines at named points of the template. `hooks: { after_apt: ["RUN ldconfig"]
    /// }`
    pub(crate) hooks: IndexMap<String, Vec<Text>>,
}

/// A service, or the values that services inherit from `defaults` and from their kind. `null`
/// removes an inherited value: `apt: null`, or one key as in `env: { DEBUG: null }`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ServiceDecl {
    /// The name of the kind. Kinds and `defaults` cannot have one. `kind: web`
    pub(crate) kind: Option<Text>,
    /// A Dockerfile of your own that dockwright builds as it is and never writes: its path, or a
    /// mapping. Not for kinds and `defaults`. `dockerfile: frontend/Dockerfile`
    pub(crate) dockerfile: Option<Box<Flexible<DockerfileDecl>>>,
    /// Another service whose image this one runs with a command of its own; it gets no image. Not
    /// for kinds and `defaults`. `image_of: web`
    pub(crate) image_of: Option<Text>,
    /// The template in service/: multi-stage-slim, runtime-on-base, ml-on-base, or your own.
    /// Default: runtime-on-base with a `base`, else multi-stage-slim
    pub(crate) template: Nullable<Option<Text>>,
    /// The name of the base image to build on. `base: base-ml`
    pub(crate) base: Nullable<Option<Text>>,
    /// The external image to build on if there is no `base`. Default: python-slim. `from: cuda`
    pub(crate) from: Nullable<Option<Text>>,
    /// The external image that packages are installed in, if the final image cannot do that.
    /// Default: the same image. `builder: python-slim`
    pub(crate) builder: Nullable<Option<Text>>,
    /// The Python version, if it differs from the fleet's; only for services without a base.
    /// `python: "3.11"`
    pub(crate) python: Nullable<Option<Text>>,
    /// The folder of the sources; `.` is the whole repository, `none` is no sources. Default:
    /// `layout.source`. `source: services/api`
    pub(crate) source: Nullable<Option<Text>>,
    /// The folder in the image for the content of `source`, relative to /app. Default: the path of
    /// `source` below /app. `target: /app`
    pub(crate) target: Nullable<Option<Text>>,
    /// The folder that commands run in, relative to /app; `inherit` is that of the image it builds
    /// on, and a folder of that name is `./inherit`. Default: `target` if declared, else /app.
    /// `workdir: /srv/app`
    pub(crate) workdir: Nullable<Option<Text>>,
    /// Folders, or files with a suffix, to copy to their own path below /app, in addition to the
    /// fleet's. `shared: libs/common`
    pub(crate) shared: Nullable<OneOrMany<Text>>,
    /// More files and folders to copy: a path, which is kept below /app, or a mapping. `copy: {
    /// from: deploy/start.sh, to: bin/ }`
    pub(crate) copy: Nullable<OneOrMany<Flexible<CopyDecl>>>,
    /// Patterns of files that the image does not get, in addition to the fleet's. `ignore: tests`
    pub(crate) ignore: Nullable<OneOrMany<Text>>,
    /// Requirement sets to install; replaces those of the kind. `requirements: [base]`
    pub(crate) requirements: Nullable<Option<Vec<Text>>>,
    /// Requirement files, wheels, folders of projects, pyproject.toml and locks of uv and poetry to
    /// install; the build mounts them and does not copy them. Replaces the inherited list.
    /// `install: { path: uv.lock, package: "{name}" }`
    pub(crate) install: Nullable<Option<OneOrMany<Flexible<InstalledDecl>>>>,
    /// Debian packages that the service needs at runtime. `apt: [libpq5]`
    pub(crate) apt: Nullable<Vec<Text>>,
    /// Alpine packages that the service needs at runtime. `apk: libpq`
    pub(crate) apk: Nullable<OneOrMany<Text>>,
    /// Alpine packages that only the build of Python packages needs; turns source builds on.
    /// `apk_build: gcc`
    pub(crate) apk_build: Nullable<OneOrMany<Text>>,
    /// Debian packages that only the build of Python packages needs; turns source builds on.
    /// `apt_build: [gcc, libpq-dev]`
    pub(crate) apt_build: Nullable<Vec<Text>>,
    /// Python packages to build from source because they have no wheel; pure Python needs no
    /// compiler. `source_builds: [langdetect]`
    pub(crate) source_builds: Nullable<OneOrMany<Text>>,
    /// PEP 508 requirements of this service only. `pip: ["httpx>=0.27"]`
    pub(crate) pip: Nullable<Vec<Text>>,
    /// Package indexes: the first is pip's --index-url, the others are extra indexes. Default:
    /// those of the base. `index_urls: ["https://pypi.example.com/simple"]`
    pub(crate) index_urls: Nullable<Vec<Text>>,
    /// Package indexes that the named packages come from, and no other index. Joined with those of
    /// the fleet and the base; `null` removes one.
    /// `indexes: { gpu: { url: https://download.pytorch.org/whl/cu128, packages: torch } }`
    pub(crate) indexes: Nullable<Indexes>,
    /// The program that installs packages: pip or uv. Default: that of the base, or of the fleet.
    /// `installer: uv`
    pub(crate) installer: Nullable<Option<InstallerDecl>>,
    /// Build secrets that pip can read, for private indexes. `secrets: [{ id: netrc, target:
    /// /root/.netrc }]`
    pub(crate) secrets: Nullable<Vec<Flexible<SecretDecl>>>,
    /// What the service is. `web` listens on `port` and has a health check; `worker` needs neither;
    /// `job` runs once and exits, is not restarted, and services that depend on it wait until it
    /// has exited. Default: web with a `port` or without a `cmd`, else worker. `role: job`
    pub(crate) role: Nullable<Option<RoleDecl>>,
    /// The port that the service listens on. `port: 8000`
    #[schemars(range(min = 1, max = 65535))]
    pub(crate) port: Nullable<Option<u64>>,
    /// The ASGI application for uvicorn, module:attribute, such as `svc_api.main:app`. Default:
    /// `<source folder as module>.main:app`
    pub(crate) app: Nullable<Option<Text>>,
    /// A command instead of uvicorn: a list of words, or a string. A string is split into words as
    /// in Compose: quotes group words, and no shell runs. `none` is no command: each start of the
    /// container gives one. `cmd: celery -A config worker`
    pub(crate) cmd: Nullable<Option<OneOrMany<Text>>>,
    /// The entrypoint, which gets `cmd` as arguments, in the forms of `cmd`; without a `cmd` it
    /// gets none. `inherit` keeps what the external image starts, and `none` removes that.
    /// `entrypoint: [tini, --]`
    pub(crate) entrypoint: Nullable<Option<OneOrMany<Text>>>,
    /// More ports that the service listens on. `ports: [50051, 6000/udp]`
    pub(crate) ports: Nullable<OneOrMany<NumberText>>,
    /// Folders that the container's user can write to, relative to the workdir. `dirs: [data,
    /// /models]`
    pub(crate) dirs: Nullable<OneOrMany<Text>>,
    /// Build steps: shell commands that run in the workdir, as root. `run: { after: source, run:
    /// python manage.py collectstatic --noinput }`
    pub(crate) run: Nullable<OneOrMany<Flexible<RunDecl>>>,
    /// Folders like `dirs` that are volumes too: their content outlives the container.
    /// `volumes: data`
    pub(crate) volumes: Nullable<OneOrMany<Text>>,
    /// The user that the container runs as: a number, `uid:gid`, `root`, `inherit` for the user of
    /// the image it builds on, or a mapping. Default: 10001. `user: "1000:1000"`
    pub(crate) user: Nullable<Option<Box<Flexible<UserDecl>>>>,
    /// More groups of the user, by name or number; a missing one is created.
    /// `groups: [video, 994]`
    pub(crate) groups: Nullable<OneOrMany<NumberText>>,
    /// The user's home folder, relative to the workdir. Default: /tmp. `home: /home/app`
    pub(crate) home: Nullable<Option<Text>>,
    /// Environment variables. `{arg.NAME}` stands for a build argument, `{env.NAME}` for a variable
    /// of the image. `env: { PATH: "/opt/tool/bin:{env.PATH}" }`
    pub env: Nullable<Variables>,
    /// Labels of the image, in addition to those that every image has.
    /// `labels: { com.example.team: search }`
    pub(crate) labels: Nullable<Variables>,
    /// Build arguments with their defaults, for every stage. `args: { GIT_SHA: unknown }`
    pub(crate) args: Nullable<Variables>,
    /// The health check: `none`, the path of an HTTP request, or a mapping. `healthcheck: { path:
    /// /up, host: shop.example.com }`
    pub(crate) healthcheck: Nullable<Option<Box<Flexible<HealthCheckDecl>>>>,
    /// The signal that stops the container. Default: SIGTERM. `stop_signal: SIGINT`
    pub(crate) stop_signal: Nullable<Option<Text>>,
    /// How long the container can take to stop before it is killed. Compose waits this long, and
    /// uvicorn gives open requests two seconds less. Default: 10s. `stop_grace_period: 30s`
    pub(crate) stop_grace_period: Nullable<Option<Text>>,
    /// Whether the service is for machine learning; in other services, frameworks such as torch are
    /// reported. Best set in a kind. Default: false. `machine_learning: true`
    pub(crate) machine_learning: Nullable<Option<bool>>,
    /// The platforms to build for, out of the fleet's. Default: all of them.
    /// `platforms: linux/amd64`
    pub(crate) platforms: Nullable<OneOrMany<Text>>,
    /// Services that must be up before this one, in compose.yaml. `depends_on: [svc-auth]`
    pub(crate) depends_on: Nullable<Vec<Text>>,
    /// Raw Dockerfile lines at named points of the template. `hooks: { after_apt: ["RUN ldconfig"]
    /// }`
    pub(crate) hooks: Nullable<IndexMap<String, Vec<Text>>>,
}
