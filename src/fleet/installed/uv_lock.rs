//! uv.lock, as far as images need it: what a package of the lock needs in turn.
//! <https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile>

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use sha2::{Digest, Sha256};

use super::requirement_file::beside;
use super::uv_file::{Dependency, FORMAT, File, Package};
use crate::fleet::install::{InstalledFile, LocalProject, folder_of};
use crate::values::requirement::{Requirement, normalized};
use crate::values::{PackageName, PythonVersion};

/// A lock of uv.
#[derive(Debug, Default, PartialEq)]
pub(super) struct UvLock {
    packages: Vec<Package>,
    by_name: BTreeMap<String, Vec<usize>>,
}

/// What an image asks of a lock.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The package; the project beside the lock where none is named.
    pub(super) package: Option<&'a str>,
    pub(super) extras: &'a [String],
    pub(super) groups: &'a [String],
    pub(super) python: &'a PythonVersion,
}

impl UvLock {
    /// Reads a lock.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|_| "it is not a lock of uv".to_owned())?;
        if file.version != FORMAT {
            let message = format!(
                "its format is version {}, and version {FORMAT} is known",
                file.version
            );
            return Err(message);
        }
        let mut names = file.package.iter().map(|package| &package.name);
        if !names.all(|name| PackageName::parse(name).is_ok()) {
            return Err("a name in it is not that of a package".to_owned());
        }
        let mut by_name: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, package) in file.package.iter().enumerate() {
            by_name.entry(package.name.clone()).or_default().push(at);
        }
        Ok(Self {
            packages: file.package,
            by_name,
        })
    }

    /// The projects of the repository that the lock is of.
    pub(super) fn members(&self) -> impl Iterator<Item = &str> {
        let local = self.packages.iter().filter(|one| one.folder().is_some());
        local.map(|package| package.name.as_str())
    }

    /// The folders of these projects below the root.
    pub(super) fn folders(&self, lock: &str) -> Vec<String> {
        let folders = self.packages.iter().filter_map(Package::folder);
        folders.filter_map(|folder| below(lock, folder)).collect()
    }

    /// The projects among what an image takes, each with what it asked for when it was locked.
    pub(super) fn projects_of(
        &self,
        lock: &str,
        installed: &InstalledFile,
        python: &PythonVersion,
    ) -> Vec<Recorded> {
        let asked = Asked {
            package: installed.package.as_deref(),
            extras: &installed.extras,
            groups: &installed.groups,
            python,
        };
        let closure = self.closure(lock, asked);
        let packages = closure.into_iter().flat_map(|closure| closure.packages);
        let recorded = |package: &Package| {
            let asked = package.metadata.requires_dist.iter();
            let asked = asked.map(|one| {
                let specifier = one.specifier.clone().unwrap_or_default();
                (one.name.clone(), specifier)
            });
            Some(Recorded {
                folder: below(lock, package.folder()?)?,
                asked: asked.collect(),
            })
        };
        packages.filter_map(recorded).collect()
    }

    /// The package that an image asks for.
    fn root(&self, asked: Asked<'_>) -> Option<usize> {
        match asked.package {
            Some(name) => {
                let found = self.by_name.get(&normalized(name))?;
                found
                    .iter()
                    .copied()
                    .find(|at| self.packages[*at].is_local())
            }
            None => self
                .packages
                .iter()
                .position(|package| package.folder() == Some(".")),
        }
    }

    /// What an image takes of the lock; nothing where it does not have the package.
    pub(super) fn closure(&self, lock: &str, asked: Asked<'_>) -> Option<Closure<'_>> {
        let root = self.root(asked)?;
        let mut walk = Walk::of(self, asked);
        walk.add(root, "");
        for extra in asked.extras {
            walk.add(root, &normalized(extra));
        }
        let package = &self.packages[root];
        for group in asked.groups {
            let found = package.dev_dependencies.get(group.as_str());
            walk.follow(found.into_iter().flatten());
        }
        walk.finish();
        let packages = walk.seen.iter().map(|at| &self.packages[*at]).collect();
        Some(Closure {
            root: package,
            packages,
            lock: lock.to_owned(),
        })
    }
}

/// A project of the repository, as it was when it was locked.
pub(super) struct Recorded {
    /// Its folder below the root; empty for the root itself.
    pub(super) folder: String,
    /// What it asked for: names with their versions, where it named any.
    pub(super) asked: BTreeSet<(String, String)>,
}

/// A folder that counts from that of a lock, below the root; empty for the root itself.
fn below(lock: &str, folder: &str) -> Option<String> {
    if folder == "." {
        return Some(folder_of(lock).to_owned());
    }
    beside(lock, folder)
}

/// A walk over what packages need.
struct Walk<'a> {
    lock: &'a UvLock,
    python: &'a PythonVersion,
    ahead: VecDeque<(usize, String)>,
    done: BTreeSet<(usize, String)>,
    seen: BTreeSet<usize>,
}

impl<'a> Walk<'a> {
    fn of(lock: &'a UvLock, asked: Asked<'a>) -> Self {
        Self {
            lock,
            python: asked.python,
            ahead: VecDeque::new(),
            done: BTreeSet::new(),
            seen: BTreeSet::new(),
        }
    }

    /// A package with one of its extras; none has no name.
    fn add(&mut self, at: usize, extra: &str) {
        let key = (at, extra.to_owned());
        if self.done.insert(key.clone()) {
            self.seen.insert(at);
            self.ahead.push_back(key);
        }
    }

    fn finish(&mut self) {
        while let Some((at, extra)) = self.ahead.pop_front() {
            let package = &self.lock.packages[at];
            if extra.is_empty() {
                self.follow(&package.dependencies);
            } else {
                let found = package.optional_dependencies.get(&extra);
                self.follow(found.into_iter().flatten());
            }
        }
    }

    fn follow(&mut self, dependencies: impl IntoIterator<Item = &'a Dependency>) {
        for dependency in dependencies {
            let marker = dependency.marker.as_deref();
            if marker.is_some_and(|marker| never_holds(marker, self.python)) {
                continue;
            }
            let named = self.lock.by_name.get(&dependency.name);
            for at in named.into_iter().flatten().copied() {
                let version = &self.lock.packages[at].version;
                if dependency.version.is_some() && dependency.version != *version {
                    continue;
                }
                self.add(at, "");
                for extra in &dependency.extra {
                    self.add(at, extra);
                }
            }
        }
    }
}

/// Whether a marker holds in no Linux image of a Python version.
fn never_holds(marker: &str, python: &PythonVersion) -> bool {
    let read = Requirement::parse(&format!("x ; {marker}"));
    read.is_ok_and(|one| one.holds_in(python) == Some(false))
}

/// A package of a lock with all that it needs.
pub(super) struct Closure<'a> {
    root: &'a Package,
    packages: Vec<&'a Package>,
    lock: String,
}

impl Closure<'_> {
    /// The project of the repository that the image runs.
    pub(super) fn project(&self) -> Option<LocalProject> {
        self.local(self.root)
    }

    /// The projects of the repository that it needs, without itself.
    pub(super) fn libraries(&self) -> Vec<LocalProject> {
        let others = self
            .packages
            .iter()
            .filter(|one| one.name != self.root.name);
        others.filter_map(|package| self.local(package)).collect()
    }

    fn local(&self, package: &Package) -> Option<LocalProject> {
        Some(LocalProject {
            name: package.name.clone(),
            folder: below(&self.lock, package.folder()?)?,
            is_package: package.source.r#virtual.is_none(),
        })
    }

    /// Each package with its version, as far as an index has it.
    pub(super) fn pins(&self) -> Vec<Requirement> {
        let pin = |package: &&Package| {
            package.source.registry.as_ref()?;
            let text = format!("{}=={}", package.name, package.version.as_deref()?);
            Requirement::parse(&text).ok()
        };
        self.packages.iter().filter_map(pin).collect()
    }

    /// The packages that no wheel exists of.
    pub(super) fn without_wheels(&self) -> impl Iterator<Item = &str> {
        let bare =
            |package: &&&Package| package.source.registry.is_some() && package.wheels.is_empty();
        self.packages
            .iter()
            .filter(bare)
            .map(|one| one.name.as_str())
    }

    /// A digest of everything that the build takes of it, in hexadecimal.
    pub(super) fn digest(&self) -> String {
        let mut hash = Sha256::new();
        for package in &self.packages {
            for word in package.words() {
                hash.update(word.as_bytes());
                hash.update([0]);
            }
            hash.update(b"\n");
        }
        base16ct::lower::encode_string(&hash.finalize())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"
version = 1
revision = 3

[[package]]
name = "api"
version = "0.1.0"
source = { editable = "services/api" }
dependencies = [
    { name = "common" },
    { name = "httpx", extra = ["http2"] },
    { name = "pywin32", marker = "sys_platform == 'win32'" },
]

[package.optional-dependencies]
fast = [{ name = "orjson" }]

[package.dev-dependencies]
dev = [{ name = "pytest" }]

[package.metadata]
requires-dist = [
    { name = "common", editable = "libs/common" },
    { name = "httpx", extras = ["http2"], specifier = ">=0.27" },
]

[[package]]
name = "common"
version = "1"
source = { editable = "libs/common" }
dependencies = [{ name = "langdetect" }]

[[package]]
name = "h2"
version = "4"
source = { registry = "https://pypi.example/simple" }
wheels = [{ url = "https://files.example/h2.whl", hash = "sha256:00" }]

[[package]]
name = "httpx"
version = "0.28"
source = { registry = "https://pypi.example/simple" }
wheels = [{ url = "https://files.example/httpx.whl", hash = "sha256:00" }]

[package.optional-dependencies]
http2 = [{ name = "h2" }]

[[package]]
name = "langdetect"
version = "1.0.9"
source = { registry = "https://pypi.example/simple" }
sdist = { url = "https://files.example/langdetect.tar.gz", hash = "sha256:00" }

[[package]]
name = "orjson"
version = "3"
source = { registry = "https://pypi.example/simple" }

[[package]]
name = "pytest"
version = "8"
source = { registry = "https://pypi.example/simple" }

[[package]]
name = "pywin32"
version = "300"
source = { registry = "https://pypi.example/simple" }
"#;

    fn names(asked: Asked<'_>) -> Vec<String> {
        let lock = UvLock::read(LOCK).unwrap();
        let closure = lock.closure("uv.lock", asked).unwrap();
        let names = closure.packages.iter().map(|one| one.name.clone());
        names.collect()
    }

    #[test]
    fn a_closure_follows_extras_groups_and_markers_of_linux() {
        let python = PythonVersion::parse("3.12").unwrap();
        let asked = Asked {
            package: Some("Api"),
            extras: &[],
            groups: &[],
            python: &python,
        };
        assert_eq!(names(asked), ["api", "common", "h2", "httpx", "langdetect"]);
        let (extras, groups) = (["fast".to_owned()], ["dev".to_owned()]);
        let more = Asked {
            extras: &extras,
            groups: &groups,
            ..asked
        };
        assert!(
            ["orjson", "pytest"]
                .iter()
                .all(|one| names(more).contains(&(*one).to_owned()))
        );
        let lock = UvLock::read(LOCK).unwrap();
        let closure = lock.closure("sub/uv.lock", asked).unwrap();
        assert_eq!(closure.project().unwrap().folder, "sub/services/api");
        assert_eq!(closure.libraries()[0].name, "common");
        assert_eq!(closure.without_wheels().collect::<Vec<_>>(), ["langdetect"]);
        assert_eq!(lock.members().collect::<Vec<_>>(), ["api", "common"]);
    }

    #[test]
    fn a_digest_moves_with_what_the_package_needs_alone() {
        let python = PythonVersion::parse("3.12").unwrap();
        let digest = |text: &str| {
            let lock = UvLock::read(text).unwrap();
            let asked = Asked {
                package: Some("api"),
                extras: &[],
                groups: &[],
                python: &python,
            };
            lock.closure("uv.lock", asked).unwrap().digest()
        };
        assert_eq!(digest(LOCK), digest(&LOCK.replace("\"300\"", "\"301\"")));
        assert_ne!(digest(LOCK), digest(&LOCK.replace("\"0.28\"", "\"0.29\"")));
    }

    #[test]
    fn what_is_no_lock_of_a_known_format_is_refused() {
        for text in ["x", "version = 2\n", "version = 1\npackage = 3\n"] {
            assert!(UvLock::read(text).is_err(), "{text}");
        }
    }
}
