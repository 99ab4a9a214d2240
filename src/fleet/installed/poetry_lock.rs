//! poetry.lock, as far as images need it: what it installs, and the projects of the repository
//! among that. <https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock>

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::requirement_file::beside;
use crate::fleet::install::{Form, LocalProject};
use crate::values::PackageName;
use crate::values::requirement::Requirement;

/// A lock of poetry.
#[derive(Debug, Default, PartialEq, Deserialize)]
pub(super) struct PoetryLock {
    #[serde(default)]
    package: Vec<Package>,
    #[serde(default)]
    metadata: Metadata,
}

#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
struct Metadata {
    content_hash: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Package {
    name: String,
    version: String,
    /// Whether an extra alone asks for it.
    #[serde(default)]
    optional: bool,
    /// The groups that ask for it; locks of poetry before 2.0 do not say it.
    groups: Option<Vec<String>>,
    #[serde(default)]
    files: Vec<File>,
    source: Option<Source>,
}

#[derive(Debug, PartialEq, Deserialize)]
struct File {
    file: String,
    #[serde(default)]
    hash: String,
}

#[derive(Debug, PartialEq, Deserialize)]
struct Source {
    r#type: String,
    url: String,
}

/// The source of a package that is a folder of the repository.
const DIRECTORY: &str = "directory";
/// The group of what a project needs when it runs.
const MAIN: &str = "main";

impl PoetryLock {
    /// Reads a lock.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let lock: Self =
            toml::from_str(text).map_err(|_| "it is not a lock of poetry".to_owned())?;
        let mut names = lock.package.iter().map(|package| &package.name);
        if names.all(|name| PackageName::parse(name).is_ok()) {
            Ok(lock)
        } else {
            Err("a name in it is not that of a package".to_owned())
        }
    }

    /// The digest of what the project asked for when it was locked; nothing for what is none.
    pub(super) fn recorded(&self) -> Option<&str> {
        let recorded = self.metadata.content_hash.as_str();
        let is_digest = recorded.len() == 64 && recorded.bytes().all(|one| one.is_ascii_hexdigit());
        is_digest.then_some(recorded)
    }

    /// What images install of it.
    fn installed(&self, groups: &[String], extras: &[String]) -> impl Iterator<Item = &Package> {
        let is_of_group = |package: &Package| {
            package.groups.as_ref().is_none_or(|of| {
                of.iter()
                    .any(|group| group == MAIN || groups.contains(group))
            })
        };
        let has_extras = !extras.is_empty();
        let packages = self.package.iter();
        packages.filter(move |one| is_of_group(one) && (has_extras || !one.optional))
    }

    /// Each package with its version, as far as an index has it.
    pub(super) fn pins(&self, groups: &[String], extras: &[String]) -> Vec<Requirement> {
        let from_index = |package: &&Package| {
            let kind = package.source.as_ref().map(|source| source.r#type.as_str());
            matches!(kind, None | Some("legacy"))
        };
        let packages = self.installed(groups, extras).filter(from_index);
        let pin =
            |one: &Package| Requirement::parse(&format!("{}=={}", one.name, one.version)).ok();
        packages.filter_map(pin).collect()
    }

    /// The packages that no wheel exists of.
    pub(super) fn without_wheels(&self, groups: &[String], extras: &[String]) -> Vec<String> {
        let is_bare = |package: &&Package| {
            let is_wheel = |file: &File| Form::of(&file.file) == Some(Form::Wheel);
            !package.files.is_empty() && !package.files.iter().any(is_wheel)
        };
        let packages = self.installed(groups, extras).filter(is_bare);
        packages.map(|package| package.name.clone()).collect()
    }

    /// A digest of what the build takes of it, in hexadecimal.
    pub(super) fn digest(&self, groups: &[String], extras: &[String]) -> String {
        let mut hash = Sha256::new();
        for package in self.installed(groups, extras) {
            let files = package
                .files
                .iter()
                .flat_map(|file| [&file.file, &file.hash]);
            let source = package
                .source
                .iter()
                .flat_map(|one| [&one.r#type, &one.url]);
            let words = [&package.name, &package.version].into_iter();
            for word in words.chain(source).chain(files) {
                hash.update(word.as_bytes());
                hash.update([0]);
            }
            hash.update(b"\n");
        }
        base16ct::lower::encode_string(&hash.finalize())
    }

    /// The folders of the projects of the repository that it names, below the root.
    pub(super) fn folders(&self, lock: &str) -> Vec<String> {
        let sources = self.package.iter().filter_map(|one| one.source.as_ref());
        let folders = sources.filter(|source| source.r#type == DIRECTORY);
        folders.filter_map(|one| beside(lock, &one.url)).collect()
    }

    /// The projects of the repository that it needs; paths count from the lock's folder.
    pub(super) fn libraries(
        &self,
        lock: &str,
        groups: &[String],
        extras: &[String],
    ) -> Result<Vec<LocalProject>, String> {
        let mut found = Vec::new();
        for package in self.installed(groups, extras) {
            let source = package.source.as_ref();
            let Some(source) = source.filter(|source| source.r#type == DIRECTORY) else {
                continue;
            };
            let folder = beside(lock, &source.url).ok_or_else(|| {
                format!(
                    "`{}` lies outside of the folder of services.yaml",
                    package.name
                )
            })?;
            found.push(LocalProject {
                name: package.name.clone(),
                folder,
                is_package: true,
            });
        }
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
[[package]]
name = "common"
version = "0.1.0"
optional = false
groups = ["main"]
files = []
develop = true

[package.source]
type = "directory"
url = "../../libs/common"

[[package]]
name = "httpx"
version = "0.28.1"
optional = false
groups = ["main", "dev"]
files = [{ file = "httpx-0.28.1-py3-none-any.whl", hash = "sha256:00" }]

[[package]]
name = "langdetect"
version = "1.0.9"
optional = false
groups = ["main"]
files = [{ file = "langdetect-1.0.9.tar.gz", hash = "sha256:00" }]

[[package]]
name = "pytest"
version = "8.0.0"
optional = false
groups = ["dev"]
files = []

[metadata]
lock-version = "2.1"
content-hash = "00"
"#;

    #[test]
    fn what_runs_is_installed_and_folders_count_from_the_lock() {
        let lock = PoetryLock::read(LOCK).unwrap();
        let pins = lock.pins(&[], &[]);
        let pins: Vec<&str> = pins.iter().map(Requirement::as_str).collect();
        assert_eq!(pins, ["httpx==0.28.1", "langdetect==1.0.9"]);
        assert_eq!(lock.pins(&["dev".to_owned()], &[]).len(), 3);
        assert_eq!(lock.without_wheels(&[], &[]), ["langdetect"]);
        let libraries = lock
            .libraries("services/api/poetry.lock", &[], &[])
            .unwrap();
        assert_eq!(libraries[0].folder, "libs/common");
        assert!(lock.libraries("poetry.lock", &[], &[]).is_err());
        assert!(PoetryLock::read("[[package]]\n").is_err());
    }
}
