//! The shape of uv.lock, as far as it is read.

use std::collections::BTreeMap;

use serde::Deserialize;

#[derive(Debug, Deserialize)]
pub(super) struct File {
    pub(super) version: u32,
    #[serde(default)]
    pub(super) package: Vec<Package>,
}

/// The versions of the format that are read.
pub(super) const FORMAT: u32 = 1;

/// A package of a lock.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Package {
    pub(super) name: String,
    /// Absent where a project computes it.
    #[serde(default)]
    pub(super) version: Option<String>,
    #[serde(default)]
    pub(super) source: Source,
    #[serde(default)]
    pub(super) dependencies: Vec<Dependency>,
    #[serde(default)]
    pub(super) optional_dependencies: BTreeMap<String, Vec<Dependency>>,
    #[serde(default)]
    pub(super) dev_dependencies: BTreeMap<String, Vec<Dependency>>,
    #[serde(default)]
    pub(super) sdist: Option<Distribution>,
    #[serde(default)]
    pub(super) wheels: Vec<Distribution>,
    #[serde(default)]
    pub(super) metadata: Metadata,
}

/// Where a package comes from; each field is one of the forms.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
pub(super) struct Source {
    pub(super) registry: Option<String>,
    pub(super) git: Option<String>,
    pub(super) url: Option<String>,
    pub(super) path: Option<String>,
    pub(super) directory: Option<String>,
    pub(super) editable: Option<String>,
    pub(super) r#virtual: Option<String>,
}

/// A file of a package.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Distribution {
    #[serde(default)]
    pub(super) hash: Option<String>,
    #[serde(default)]
    pub(super) url: Option<String>,
    #[serde(default)]
    pub(super) path: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Dependency {
    pub(super) name: String,
    #[serde(default)]
    pub(super) version: Option<String>,
    #[serde(default)]
    pub(super) extra: Vec<String>,
    #[serde(default)]
    pub(super) marker: Option<String>,
}

/// What a project of this repository asked for when it was locked.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub(super) struct Metadata {
    pub(super) requires_dist: Vec<Required>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(super) struct Required {
    pub(super) name: String,
    #[serde(default)]
    pub(super) specifier: Option<String>,
}

impl Package {
    /// What tells it from another version of it: its name, where it is from, and its files.
    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        let source = &self.source;
        let of_source = [
            &source.registry,
            &source.git,
            &source.url,
            &source.path,
            &source.directory,
            &source.editable,
            &source.r#virtual,
        ];
        let files = self.wheels.iter().chain(&self.sdist);
        let files = files.flat_map(|file| [&file.hash, &file.url, &file.path]);
        let optional = std::iter::once(&self.version).chain(of_source).chain(files);
        std::iter::once(&self.name)
            .chain(optional.flatten())
            .map(String::as_str)
    }

    /// The folder of a project of the repository, counted from that of the lock.
    pub(super) fn folder(&self) -> Option<&str> {
        let source = &self.source;
        let folders = [&source.editable, &source.directory, &source.r#virtual];
        folders.into_iter().flatten().next().map(String::as_str)
    }

    pub(super) fn is_local(&self) -> bool {
        self.folder().is_some()
    }
}
