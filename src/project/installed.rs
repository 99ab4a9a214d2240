//! Files of the repository that images install, read with all that they lead to.

use camino::Utf8Path;

use super::error::Error;
use super::inputs::Inputs;
use super::sources::Sources;
use crate::diagnostic::Diagnostic;
use crate::fleet::install::is_wheel;
use crate::fleet::installed::{FILE_LIMIT, Files, attach, named};
use crate::fleet::{Fleet, Image};

/// Takes what the files say into the fleet, and says what is wrong with them.
pub(super) fn read_installed(
    inputs: &dyn Inputs,
    fleet: Option<&mut Fleet>,
    sources: &mut Sources,
) -> Result<Vec<Diagnostic>, Error> {
    let Some(fleet) = fleet.filter(|fleet| !named(fleet).is_empty()) else {
        return Ok(Vec::new());
    };
    let mut files = Files::default();
    let named = named(fleet).into_iter();
    let mut ahead: Vec<String> = named.map(str::to_owned).collect();
    while let Some(path) = ahead.pop() {
        if files.is_done(&path) {
            continue;
        }
        if is_wheel(&path) {
            files.add_wheel(&path, is_there(inputs, &path)?);
        } else {
            let bytes = inputs.text(Utf8Path::new(&path), FILE_LIMIT)?;
            ahead.extend(files.add(&path, bytes));
        }
    }
    let is_bare = files.lacks_any() && !files.has_any() && !has_sources(inputs, fleet)?;
    let diagnostics = attach(fleet, &files, is_bare);
    for (path, text) in files.texts() {
        sources.add_withheld(path, text.as_bytes());
    }
    Ok(diagnostics)
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
    for folder in fleet.images.iter().filter_map(source) {
        if folder != "." && inputs.entries(Utf8Path::new(&folder))?.is_some() {
            return Ok(true);
        }
    }
    Ok(false)
}
