//! Reading the files that services.yaml includes.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;

use super::failure::Failure;
use super::load::INPUT_LIMIT;
use crate::artifact::lies_in;
use crate::declare::{FleetDecl, Part, Pattern, parse_included, patterns, without_match};
use crate::diagnostic::{Diagnostic, Location, Spot, code};
use crate::parallel::map_parts;
use crate::workspace::Workspace;
use crate::yaml::SIZE_LIMIT;

/// From how many files on more than one thread pays for its start.
const PARALLEL_FROM: usize = 32;

/// Texts by path that stand for what is on disk.
pub(super) type Overlay = BTreeMap<String, String>;

/// The included files with their bytes, by path, and what is wrong with the patterns.
#[derive(Default)]
pub(super) struct IncludedFiles {
    pub(super) files: Vec<(String, Vec<u8>)>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Reads what the patterns of a declaration of so many bytes mean.
pub(super) fn read_included(
    workspace: &Workspace,
    (file, length): (&str, usize),
    decl: &FleetDecl,
    overlay: &Overlay,
) -> Result<IncludedFiles, Failure> {
    let mut included = IncludedFiles::default();
    let paths = paths(workspace, file, patterns(decl), overlay)?;
    included.diagnostics = without_match(file, decl, |pattern| paths.iter().any(|path| pattern.matches(path)));
    let mut total = length;
    for path in paths {
        let bytes = match overlay.get(&path) {
            Some(text) => text.clone().into_bytes(),
            // A file that went away since it was listed is as good as never there.
            None => match workspace.read_text(Utf8Path::new(&path), INPUT_LIMIT)? {
                Some(bytes) => bytes,
                None => continue,
            },
        };
        total = total.saturating_add(bytes.len());
        if total > SIZE_LIMIT {
            let message =
                format!("{file} and what it includes up to here are {total} bytes; at most {SIZE_LIMIT} are read");
            let location = Location { file: path, spot: Spot::File };
            included.diagnostics.push(Diagnostic::new(&code::FILE_TOO_LARGE, location, message));
            break;
        }
        included.files.push((path, bytes));
    }
    Ok(included)
}

/// The paths that patterns mean, each once, in order. The declaration itself is never one.
fn paths(
    workspace: &Workspace,
    file: &str,
    patterns: &[Pattern],
    overlay: &Overlay,
) -> Result<BTreeSet<String>, Failure> {
    let mut found: BTreeSet<String> = BTreeSet::new();
    for pattern in patterns {
        found.extend(overlay.keys().filter(|path| pattern.matches(path)).cloned());
        if let Some(path) = pattern.single() {
            // Whether it is there, reading it tells.
            found.extend(workspace.read_text(Utf8Path::new(&path), INPUT_LIMIT)?.map(|_| path));
            continue;
        }
        let folder = pattern.folder();
        let listed = workspace.scan(Utf8Path::new(&folder), pattern.depth())?;
        if listed.iter().any(|path| lies_in(&folder, path.as_str())) {
            // What stands where the folder should be says so when something in it is asked for.
            workspace.read_text(&Utf8Path::new(&folder).join("x"), INPUT_LIMIT)?;
        }
        found.extend(listed.into_iter().map(camino::Utf8PathBuf::into_string).filter(|path| pattern.matches(path)));
    }
    found.remove(file);
    Ok(found)
}

/// Reads the files' texts, over all cores where there are many.
pub(super) fn parse_files(files: &[(String, Vec<u8>)]) -> Vec<Part> {
    let parse = |(file, bytes): &(String, Vec<u8>)| parse_included(file, bytes);
    map_parts(files, (PARALLEL_FROM, 1), |part| part.iter().map(parse).collect::<Vec<_>>())
        .into_iter()
        .flatten()
        .collect()
}
