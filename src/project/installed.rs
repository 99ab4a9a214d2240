//! Files of the repository that images install, read with all that they lead to.

use camino::Utf8Path;

use super::error::Error;
use super::inputs::Inputs;
use super::presence::Names;
use super::sources::Sources;
use crate::diagnostic::Diagnostic;
use crate::fleet::install::{Form, in_folder};
use crate::fleet::installed::{Files, Look, Near, Wanted, attach, wanted};
use crate::fleet::{Fleet, Image};

/// Takes what the files say into the fleet, and says what is wrong with them.
pub(super) fn read_installed(
    inputs: &dyn Inputs,
    fleet: Option<&mut Fleet>,
    sources: &mut Sources,
) -> Result<Vec<Diagnostic>, Error> {
    let Some(fleet) = fleet else {
        return Ok(Vec::new());
    };
    let mut ahead: Vec<Wanted> = wanted(fleet).into_iter().collect();
    if ahead.is_empty() {
        return Ok(Vec::new());
    }
    let mut files = Files::default();
    while let Some(next) = ahead.pop() {
        if files.is_done(&next.path) {
            continue;
        }
        ahead.extend(match next.look {
            Look::File => files.add_place(&next, is_there(inputs, &next.path)?),
            Look::Folder => {
                let is_there = inputs.entries(Utf8Path::new(&next.path))?.is_some();
                files.add_place(&next, is_there)
            }
            Look::Text(limit) => {
                let bytes = inputs.text(Utf8Path::new(&next.path), limit)?;
                files.add_text(&next.path, bytes)
            }
        });
    }
    let is_bare = files.lacks_any() && !files.has_any() && !has_sources(inputs, fleet)?;
    let mut names = Names::of(inputs);
    let mut near = |path: &str| names.near(path);
    let near = (!is_bare).then_some(&mut near as &mut Near<'_>);
    let diagnostics = attach(fleet, &files, near);
    look_for_locks(inputs, fleet)?;
    for (path, text) in files.texts() {
        sources.add_withheld(path, text.as_bytes());
    }
    Ok(diagnostics)
}

/// Notes which lock stands beside each pyproject.toml that is installed.
fn look_for_locks(inputs: &dyn Inputs, fleet: &mut Fleet) -> Result<(), Error> {
    let installed = fleet.images.iter_mut().flat_map(|image| &mut image.install);
    for manifest in installed.filter(|file| file.form == Form::Manifest) {
        for name in ["uv.lock", "poetry.lock"] {
            let path = in_folder(manifest.folder(), name);
            if manifest.lock_beside.is_none() && is_there(inputs, &path)? {
                manifest.lock_beside = Some(path);
            }
        }
    }
    Ok(())
}

/// Whether a file is there; what it holds is nobody's business.
fn is_there(inputs: &dyn Inputs, path: &str) -> Result<bool, Error> {
    let path = Utf8Path::new(path);
    let folder = path.parent().unwrap_or(Utf8Path::new(""));
    let beside = inputs.entries(folder)?;
    Ok(beside.is_some_and(|beside| beside.files.iter().any(|file| file == path)))
}

/// Whether the sources of any service are in this tree: a repository of declarations alone has
/// none.
fn has_sources(inputs: &dyn Inputs, fleet: &Fleet) -> Result<bool, Error> {
    let source = |image: &Image| Some(image.service()?.source.as_ref()?.value.clone());
    let looked_for = fleet.images.iter().filter(|_| !fleet.has_no_sources);
    for folder in looked_for.filter_map(source) {
        if folder != "." && inputs.entries(Utf8Path::new(&folder))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    use camino::Utf8PathBuf;

    use super::*;
    use crate::artifact::ArtifactPath;
    use crate::drift::DiskEntry;
    use crate::project::{Files as InMemory, Unwatched, load};
    use crate::workspace::{self, Entries, ListCaps};

    const DECLARED: &str = "registry: r.example\nowner: acme\npython: \"3.12\"\ntools: { uv: \
                            \"0.13.9\" }\ndefaults: { install: { path: uv.lock, package: \
                            \"{name}\" } }\nservices: { one: { port: 1 }, two: { port: 2 } }\n";
    const LOCK: &str = "version = 1\n[[package]]\nname = \"one\"\nsource = { editable = \"one\" \
                        }\n[[package]]\nname = \"two\"\nsource = { editable = \"two\" }\n";

    /// Files in memory, with a count of how often each is read.
    struct Counted {
        files: InMemory,
        reads: Mutex<BTreeMap<String, usize>>,
    }

    impl Inputs for Counted {
        fn text(&self, path: &Utf8Path, limit: u64) -> Result<Option<Vec<u8>>, workspace::Error> {
            let mut reads = self.reads.lock().unwrap();
            *reads.entry(path.to_string()).or_default() += 1;
            self.files.text(path, limit)
        }

        fn list(
            &self,
            folder: &Utf8Path,
            caps: ListCaps,
        ) -> Result<Option<Vec<Utf8PathBuf>>, workspace::Error> {
            self.files.list(folder, caps)
        }

        fn entries(&self, folder: &Utf8Path) -> Result<Option<Entries>, workspace::Error> {
            self.files.entries(folder)
        }

        fn scan(
            &self,
            folder: &Utf8Path,
            depth: usize,
        ) -> Result<Vec<Utf8PathBuf>, workspace::Error> {
            self.files.scan(folder, depth)
        }

        fn state(
            &self,
            paths: &[ArtifactPath],
        ) -> Result<Vec<(ArtifactPath, DiskEntry)>, workspace::Error> {
            self.files.state(paths)
        }
    }

    #[test]
    fn a_lock_that_services_share_is_read_once() {
        let mut files = InMemory::declaring(DECLARED);
        files.put("uv.lock", LOCK);
        for path in ["pyproject.toml", "one/pyproject.toml", "two/pyproject.toml"] {
            files.put(path, "[tool.uv]\n");
        }
        let counted = Counted {
            files,
            reads: Mutex::default(),
        };
        let loaded = load(&counted, "services.yaml", &Unwatched).unwrap();
        assert!(loaded.fleet().is_some(), "{:?}", loaded.diagnostics);
        let reads = counted.reads.lock().unwrap();
        assert_eq!(reads["uv.lock"], 1);
        assert!(reads.values().all(|count| *count == 1), "{reads:?}");
    }
}
