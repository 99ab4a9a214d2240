//! The shape of services.yaml, as written: every field optional where a default or a diagnostic can stand in for it.
//!
//! The doc comments here become the descriptions of the JSON Schema, so they speak to the person who edits services.yaml.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::flexible::{Flexible, ShortForm};

/// A fleet of Python services, declared in one file.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, title = "dockwright services.yaml")]
pub struct FleetDecl {
    /// The registry that the images are pushed to: host, or host:port.
    #[schemars(required)]
    pub registry: Option<String>,
    /// The owner (namespace) of the images in the registry.
    #[schemars(required)]
    pub owner: Option<String>,
    /// The Python version of the fleet, as a quoted string such as "3.12".
    #[schemars(required)]
    pub python: Option<String>,
    /// Where generated files go and where sources are.
    pub layout: LayoutDecl,
    /// Folders that every service image copies.
    pub shared: Vec<String>,
    /// A folder whose templates win over the built-in ones of the same name.
    pub templates: Option<String>,
    /// External images by name. `python-slim` is built in as python:<python>-slim; declare it to use a mirror or a digest.
    pub images: IndexMap<String, ImageDecl>,
    /// Named sets of pip requirements.
    pub requirements: IndexMap<String, Flexible<RequirementSetDecl>>,
    /// Base images that services build on, by name.
    pub bases: IndexMap<String, BaseDecl>,
    /// Defaults that a service of a kind inherits. Lists are joined, single values are overridden by the service.
    pub kinds: IndexMap<String, ServiceDecl>,
    /// The services, by name.
    #[schemars(required)]
    pub services: Option<IndexMap<String, ServiceDecl>>,
}

/// Path patterns. `{name}` stands for the image's name (svc-ocr), `{module}` for its Python module (`svc_ocr`), `{set}` for a set's.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct LayoutDecl {
    /// The folder of a service's generated files. Default: generated/{name}
    pub services: Option<String>,
    /// The folder of a base image's generated files. Default: generated/{name}
    pub bases: Option<String>,
    /// The generated requirements file of a set. Default: generated/requirements/{set}.txt
    pub requirements: Option<String>,
    /// The folder of a service's Python sources. Default: apps/{module}
    pub source: Option<String>,
}

/// An external image: one that this fleet does not build.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ImageDecl {
    /// The repository, with its registry where it is not Docker Hub: python, or mirror.example/library/python.
    #[schemars(required)]
    pub reference: Option<String>,
    /// The tag. `{python}` stands for the Python version. Default: {python}-slim
    pub tag: Option<String>,
    /// The digest that pins the content: sha256:…
    pub digest: Option<String>,
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
    pub packages: Vec<String>,
    /// For development only: may reach no image.
    pub development: bool,
    /// Whether the set was written as a bare list.
    #[serde(skip)]
    pub short: bool,
}

impl ShortForm for RequirementSetDecl {
    type Short = Vec<String>;

    fn from_short(packages: Vec<String>) -> Self {
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
    pub version: Option<String>,
    /// What it builds on: a base of this fleet or an external image. Default: python-slim
    pub from: Option<String>,
    /// The template below base/. Default: python-slim on an external image, on-base on a base.
    pub template: Option<String>,
    /// Requirement sets to install.
    pub requirements: Vec<String>,
    /// Debian packages to install.
    pub apt: Vec<String>,
    /// Debian packages that only the build of Python packages needs.
    pub apt_build: Vec<String>,
    /// Further PEP 508 requirements.
    pub pip: Vec<String>,
    /// Package indexes: the first is pip's --index-url, the rest are extra indexes. Services inherit them.
    pub index_urls: Vec<String>,
    /// Build secrets that pip may read.
    pub secrets: Vec<Flexible<SecretDecl>>,
    /// Environment variables.
    pub env: IndexMap<String, String>,
    /// Raw Dockerfile lines at named points.
    pub hooks: IndexMap<String, Vec<String>>,
}

/// A service, or what the services of a kind inherit.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct ServiceDecl {
    /// The kind, by name. (A kind itself has none.)
    pub kind: Option<String>,
    /// The template below service/: multi-stage-slim, runtime-on-base, ml-on-base, or one of your own.
    pub template: Option<String>,
    /// The base image to build on, by name.
    pub base: Option<String>,
    /// The external image to build on where there is no base. Default: python-slim
    pub from: Option<String>,
    /// Another Python version than the fleet's, for images that do not build on a base.
    pub python: Option<String>,
    /// Requirement sets to install; replaces the kind's.
    pub requirements: Option<Vec<String>>,
    /// Debian packages that the service needs when it runs.
    pub apt: Vec<String>,
    /// Debian packages that only the build of Python packages needs; switches source builds on.
    pub apt_build: Vec<String>,
    /// PEP 508 requirements of this service alone.
    pub pip: Vec<String>,
    /// Package indexes: the first is pip's --index-url, the rest are extra indexes. Default: the base's.
    pub index_urls: Vec<String>,
    /// Build secrets that pip may read, for private indexes.
    pub secrets: Vec<Flexible<SecretDecl>>,
    /// The port that the service listens on.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u64>,
    /// The ASGI application for uvicorn, module:attribute. Default: <source folder as module>.main:app
    pub app: Option<String>,
    /// A command instead of uvicorn, as a list of words.
    pub cmd: Option<Vec<String>>,
    /// Environment variables.
    pub env: IndexMap<String, String>,
    /// The health check over HTTP, or `none`.
    pub healthcheck: Option<Flexible<HealthCheckDecl>>,
    /// Raw Dockerfile lines at named points.
    pub hooks: IndexMap<String, Vec<String>>,
}

/// A build secret: never part of the image.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct SecretDecl {
    /// The id that `docker build --secret id=…` gives it.
    #[schemars(required)]
    pub id: Option<String>,
    /// Where the build sees it. Default: /run/secrets/<id>
    pub target: Option<String>,
}

impl ShortForm for SecretDecl {
    type Short = String;

    fn from_short(id: String) -> Self {
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
    pub path: Option<String>,
    /// The time between two probes. Default: 30s
    pub interval: Option<String>,
    /// How long a probe may take. Default: 5s
    pub timeout: Option<String>,
    /// The time after the start in which failures do not count. Default: 20s
    #[serde(alias = "start-period")]
    pub start_period: Option<String>,
    /// How many failures in a row make the container unhealthy. Default: 3
    pub retries: Option<u64>,
    /// No health check at all (written as `healthcheck: none`).
    #[serde(skip)]
    pub disabled: bool,
}

/// The word `none`.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoneWord {
    /// No health check.
    None,
}

impl ShortForm for HealthCheckDecl {
    type Short = NoneWord;

    fn from_short(_: NoneWord) -> Self {
        Self {
            disabled: true,
            ..Self::default()
        }
    }
}
