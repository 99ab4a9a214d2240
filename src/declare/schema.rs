//! The shape of services.yaml, as written: every field optional where a default or a diagnostic can
//! stand in for it.
//!
//! The doc comments here become the descriptions of the JSON Schema, so they speak to the person
//! who edits services.yaml.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::flexible::{Flexible, ShortForm};
use super::include::Included;
use super::locks::LocksDecl;
use super::nullable::{Nullable, OneOrMany, Variables};
use super::outputs::OutputsDecl;
use super::paths::{FOLDER, INCLUDED_FILES, LAYOUT_FOLDER, REQUIREMENTS_FILE};
use super::text::{DateText, Text};

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
    pub required_version: Option<Text>,
    /// The registry that the images are pushed to: host, or host:port.
    #[schemars(required)]
    pub registry: Option<Text>,
    /// The owner (namespace) of the images in the registry.
    #[schemars(required)]
    pub owner: Option<Text>,
    /// The Python version of the fleet, as a quoted string such as "3.12".
    #[schemars(required)]
    pub python: Option<Text>,
    /// Further YAML files with `requirements:` and `services:` of their own, as path patterns
    /// without leading dots: services.d/*.yaml.
    #[schemars(inner(regex(pattern = INCLUDED_FILES)))]
    pub include: Vec<Text>,
    /// Where generated files go and where sources are.
    pub layout: LayoutDecl,
    /// Folders that every service image copies.
    pub shared: Vec<Text>,
    /// A folder whose templates, `*.j2`, win over the built-in ones of the same name; no name in it
    /// may begin with a dot.
    #[schemars(regex(pattern = FOLDER))]
    pub templates: Option<Text>,
    /// The platforms that images are built for, such as linux/amd64 and linux/arm64. Default: the
    /// builder's own.
    pub platforms: Vec<Text>,
    /// Lock files: a folder, or a mapping. Without it nothing is locked.
    pub locks: Option<Flexible<LocksDecl>>,
    /// Files for the fleet as a whole, each only where it is declared.
    pub outputs: OutputsDecl,
    /// External images by name. `python-slim` is built in as `python:<python>-slim`; declare it to
    /// use a mirror or a digest.
    pub images: IndexMap<String, ImageDecl>,
    /// Named sets of pip requirements.
    pub requirements: IndexMap<String, Flexible<RequirementSetDecl>>,
    /// Base images that services build on, by name.
    pub bases: IndexMap<String, BaseDecl>,
    /// What every service inherits, with the fields of a kind; kinds and services come after it.
    /// defaults: { source: "services/{name}", healthcheck: /health }
    pub defaults: Box<ServiceDecl>,
    /// What the services of a kind inherit, after `defaults`. Lists are joined, mappings are
    /// merged by key, single values are overridden by the service; `requirements` and `cmd`
    /// replace.
    pub kinds: IndexMap<String, ServiceDecl>,
    /// The services, by name.
    pub services: Option<IndexMap<String, Box<ServiceDecl>>>,
    /// How strictly the rules about dependencies are taken, and what is allowed all the same.
    pub policy: PolicyDecl,
    /// Which included file holds what.
    #[serde(skip)]
    pub included: Included,
}

/// How strictly the rules are taken. `dockwright explain` lists the rules.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct PolicyDecl {
    /// How each rule is taken, by its code: deny fails the run, warn shows it, allow switches it
    /// off.
    pub rules: IndexMap<String, LevelDecl>,
    /// The same for single images, by name: deny or warn. What is to be allowed there goes under
    /// `allowances`, with a reason.
    pub images: IndexMap<String, IndexMap<String, LevelDecl>>,
    /// Further packages that are for development only, beside pytest, mypy and the like.
    pub development: Vec<Text>,
    /// Packages that this fleet does not want.
    pub replacements: Vec<ReplacementDecl>,
    /// What is allowed although a rule speaks against it.
    pub allowances: Vec<AllowanceDecl>,
}

/// How a rule is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum LevelDecl {
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
pub struct ReplacementDecl {
    /// The package.
    #[schemars(required)]
    pub package: Option<Text>,
    /// What to take instead; without it the package is to be left out.
    pub with: Option<Text>,
    /// Why.
    #[schemars(required)]
    pub reason: Option<Text>,
}

/// An exception from a rule: for an image, a package, or both.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct AllowanceDecl {
    /// The rule, by its code.
    #[schemars(required)]
    pub rule: Option<Text>,
    /// The image that it is allowed for. Default: every image
    pub image: Option<Text>,
    /// The package (or variable, set, index) that it is allowed for. Default: every one
    pub package: Option<Text>,
    /// Why it is allowed.
    #[schemars(required)]
    pub reason: Option<Text>,
    /// The last day on which it is allowed, YYYY-MM-DD; judged only against the date that `--today`
    /// gives.
    pub until: Option<DateText>,
}

/// Path patterns; but for that of sources, no name in them may begin with a dot. `{name}` stands
/// for the image's name (svc-ocr), `{module}` for its Python module (`svc_ocr`), `{set}` for a
/// set's.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct LayoutDecl {
    /// The folder of a service's generated files, such as its Dockerfile. Default: generated/{name}
    #[schemars(regex(pattern = LAYOUT_FOLDER))]
    pub services: Option<Text>,
    /// The same for a base image. Default: generated/{name}
    #[schemars(regex(pattern = LAYOUT_FOLDER))]
    pub bases: Option<Text>,
    /// The generated requirements file of a set, `*.txt`. Default: generated/requirements/{set}.txt
    #[schemars(regex(pattern = REQUIREMENTS_FILE))]
    pub requirements: Option<Text>,
    /// The folder of a service's Python sources. Default: apps/{module}
    pub source: Option<Text>,
}

/// An external image: one that this fleet does not build.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ImageDecl {
    /// The repository, with its registry where it is not Docker Hub: python, or
    /// mirror.example/library/python.
    #[schemars(required)]
    pub reference: Option<Text>,
    /// The tag. `{python}` stands for the Python version. Default: {python}-slim
    pub tag: Option<Text>,
    /// The digest that pins the content: sha256:…
    pub digest: Option<Text>,
    /// The digests by tag, where the tag holds `{python}`: one for each Python version in use.
    /// Written by `dockwright pin`.
    pub digests: IndexMap<String, Text>,
    /// The distribution inside, which decides whether `apt` works. Default: told from the tag.
    pub distribution: Option<DistributionDecl>,
}

/// A Linux distribution, as far as `apt` cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DistributionDecl {
    /// Debian or Ubuntu: has apt-get.
    Debian,
    /// Anything else: has no apt-get.
    Other,
}

/// A named set of pip requirements.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct RequirementSetDecl {
    /// PEP 508 requirement lines.
    pub packages: Vec<Text>,
    /// For development only: may reach no image.
    pub development: bool,
    /// Whether the set was written as a bare list.
    #[serde(skip)]
    pub short: bool,
}

impl ShortForm for RequirementSetDecl {
    type Short = Vec<Text>;

    fn from_short(packages: Vec<Text>) -> Self {
        Self {
            packages,
            development: false,
            short: true,
        }
    }
}

/// A base image that this fleet builds.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct BaseDecl {
    /// The tag that services use, such as v1.0.1.
    #[schemars(required)]
    pub version: Option<Text>,
    /// The version and a digest of the content that it stands for. Written by `dockwright bump`,
    /// not by hand.
    pub fingerprint: Option<Text>,
    /// What it builds on: a base of this fleet or an external image. Default: python-slim
    pub from: Option<Text>,
    /// The template below base/. Default: python-slim on an external image, on-base on a base.
    pub template: Option<Text>,
    /// Requirement sets to install.
    pub requirements: Vec<Text>,
    /// Debian packages to install.
    pub apt: Vec<Text>,
    /// Debian packages that only the build of Python packages needs.
    pub apt_build: Vec<Text>,
    /// Further PEP 508 requirements.
    pub pip: Vec<Text>,
    /// Package indexes: the first is pip's --index-url, the rest are extra indexes. Services
    /// inherit them.
    pub index_urls: Vec<Text>,
    /// Build secrets that pip may read.
    pub secrets: Vec<Flexible<SecretDecl>>,
    /// Environment variables.
    pub env: IndexMap<String, Text>,
    /// Build arguments with their defaults, for every stage.
    pub args: IndexMap<String, Text>,
    /// Raw Dockerfile lines at named points.
    pub hooks: IndexMap<String, Vec<Text>>,
}

/// A service, or what services inherit from `defaults` and from their kind. `null` takes back what
/// is inherited: `apt: null`, or one key as in `env: { DEBUG: null }`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ServiceDecl {
    /// The kind, by name. (A kind itself and `defaults` have none.)
    pub kind: Option<Text>,
    /// The template below service/: multi-stage-slim, runtime-on-base, ml-on-base, or one of your
    /// own. Default: runtime-on-base with a `base`, else multi-stage-slim
    pub template: Nullable<Option<Text>>,
    /// The base image to build on, by name.
    pub base: Nullable<Option<Text>>,
    /// The external image to build on where there is no base. Default: python-slim
    pub from: Nullable<Option<Text>>,
    /// Another Python version than the fleet's, for images that do not build on a base.
    pub python: Nullable<Option<Text>>,
    /// Requirement sets to install; replaces the kind's.
    pub requirements: Nullable<Option<Vec<Text>>>,
    /// Debian packages that the service needs when it runs.
    pub apt: Nullable<Vec<Text>>,
    /// Debian packages that only the build of Python packages needs; switches source builds on.
    pub apt_build: Nullable<Vec<Text>>,
    /// PEP 508 requirements of this service alone.
    pub pip: Nullable<Vec<Text>>,
    /// Package indexes: the first is pip's --index-url, the rest are extra indexes. Default: the
    /// base's.
    pub index_urls: Nullable<Vec<Text>>,
    /// Build secrets that pip may read, for private indexes.
    pub secrets: Nullable<Vec<Flexible<SecretDecl>>>,
    /// The port that the service listens on.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Nullable<Option<u64>>,
    /// The ASGI application for uvicorn, module:attribute. Default: `<source folder as
    /// module>.main:app`
    pub app: Nullable<Option<Text>>,
    /// A command instead of uvicorn: a list of words, or one text that is split into words as
    /// compose does: quotes hold words together, no shell runs. cmd: celery -A config worker
    pub cmd: Nullable<Option<OneOrMany<Text>>>,
    /// Environment variables.
    pub env: Nullable<Variables>,
    /// Build arguments with their defaults, for every stage.
    pub args: Nullable<Variables>,
    /// The health check over HTTP: `none`, a path, or a mapping.
    pub healthcheck: Nullable<Option<Flexible<HealthCheckDecl>>>,
    /// Whether it is for machine learning: elsewhere frameworks such as torch are reported. Best
    /// said of a kind. Default: false
    pub machine_learning: Nullable<Option<bool>>,
    /// Services that must be up before this one, in compose.yaml.
    pub depends_on: Nullable<Vec<Text>>,
    /// Raw Dockerfile lines at named points.
    pub hooks: Nullable<IndexMap<String, Vec<Text>>>,
}

/// A build secret: never part of the image.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct SecretDecl {
    /// The id that `docker build --secret id=…` gives it.
    #[schemars(required)]
    pub id: Option<Text>,
    /// Where the build sees it. Default: `/run/secrets/<id>`
    pub target: Option<Text>,
}

impl ShortForm for SecretDecl {
    type Short = Text;

    fn from_short(id: Text) -> Self {
        Self {
            id: Some(id),
            target: None,
        }
    }
}

/// A health check over HTTP.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct HealthCheckDecl {
    /// The path that answers 200. Default: /healthz
    pub path: Option<Text>,
    /// The time between two probes. Default: 30s
    pub interval: Option<Text>,
    /// How long a probe may take. Default: 5s
    pub timeout: Option<Text>,
    /// The time after the start in which failures do not count. Default: 20s
    #[serde(alias = "start-period")]
    pub start_period: Option<Text>,
    /// How many failures in a row make the container unhealthy. Default: 3
    pub retries: Option<u64>,
    /// A text in place of a mapping: `none`, or the path alone.
    #[serde(skip)]
    pub short: Option<Text>,
}

impl HealthCheckDecl {
    /// Whether there is to be none at all.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.short.as_deref() == Some("none")
    }
}

/// `none`, or the path alone.
#[derive(Debug, Clone, PartialEq)]
pub struct HealthCheckWord(Text);

impl<'de> Deserialize<'de> for HealthCheckWord {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Text::deserialize(deserializer)?;
        if text.is_empty() || text.starts_with(['/', '{']) || &*text == "none" {
            return Ok(Self(text));
        }
        Err(D::Error::custom(
            "expected `none`, a path that begins with `/`, or a mapping",
        ))
    }
}

impl JsonSchema for HealthCheckWord {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "HealthCheckWord".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^(none|[/{].*)$" })
    }
}

impl ShortForm for HealthCheckDecl {
    type Short = HealthCheckWord;

    fn from_short(HealthCheckWord(text): HealthCheckWord) -> Self {
        Self {
            short: Some(text),
            ..Self::default()
        }
    }
}
