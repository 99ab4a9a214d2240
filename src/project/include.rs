//! Reading the files that services.yaml includes.

use std::collections::{BTreeMap, BTreeSet};

use camino::Utf8Path;
use indexmap::IndexSet;

use super::error::Error;
use super::inputs::{DECLARATION_BYTES, Inputs};
use crate::declare::{
    FleetDecl, KEY_LIMIT, Part, Pattern, parse_included, patterns, without_match,
};
use crate::diagnostic::{Diagnostic, Location, Spot, code};
use crate::parallel::map_parts;
use crate::yaml::SIZE_LIMIT;

/// From how many files on more than one thread pays for its start.
const PARALLEL_FROM: usize = 32;

/// How many bytes are parsed before their entries are counted.
const PARSED_AT_ONCE: usize = 1024 * 1024;

/// The included files with their bytes, by path, and what is wrong with the patterns.
#[derive(Default)]
pub(super) struct IncludedFiles {
    pub(super) files: Vec<(String, Vec<u8>)>,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Reads what the patterns of a declaration of so many bytes mean.
pub(super) fn read_included(
    inputs: &dyn Inputs,
    (file, length): (&str, usize),
    decl: &FleetDecl,
) -> Result<IncludedFiles, Error> {
    let mut included = IncludedFiles::default();
    let found = matches(inputs, file, patterns(decl))?;
    let position = |pattern: &Pattern| patterns(decl).get_index_of(pattern);
    let is_matched = |pattern: &Pattern| {
        position(pattern).is_some_and(|position| found.matched.contains(&position))
    };
    included.diagnostics = without_match(file, decl, is_matched);
    let paths = found.paths;
    let mut total = length;
    for path in paths {
        // A file that went away since it was listed is as good as never there.
        let Some(bytes) = inputs.text(Utf8Path::new(&path), DECLARATION_BYTES)? else {
            continue;
        };
        total = total.saturating_add(bytes.len());
        if total > SIZE_LIMIT {
            let message = format!(
                "{file} and what it includes up to here are {total} bytes; at most {SIZE_LIMIT} \
                 are read"
            );
            let location = Location {
                file: path,
                spot: Spot::File,
            };
            included
                .diagnostics
                .push(Diagnostic::new(&code::FILE_TOO_LARGE, location, message));
            break;
        }
        included.files.push((path, bytes));
    }
    Ok(included)
}

/// What patterns mean: paths, and which of the patterns have any.
struct Matches<'a> {
    /// The declaration, which is none.
    file: &'a str,
    paths: BTreeSet<String>,
    /// The positions of patterns.
    matched: BTreeSet<usize>,
}

/// The paths that patterns mean, each once, in order. The declaration itself is never one.
fn matches<'a>(
    inputs: &dyn Inputs,
    file: &'a str,
    patterns: &IndexSet<Pattern>,
) -> Result<Matches<'a>, Error> {
    let mut found = Matches {
        file,
        paths: BTreeSet::new(),
        matched: BTreeSet::new(),
    };
    // By folder, the patterns that may mean something in it.
    let mut waiting: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (position, pattern) in patterns.iter().enumerate() {
        match pattern.single() {
            None => drop(
                waiting
                    .entry(pattern.folder())
                    .or_default()
                    .insert(position),
            ),
            // Whether it is there, reading it tells.
            Some(path)
                if inputs
                    .text(Utf8Path::new(&path), DECLARATION_BYTES)?
                    .is_some() =>
            {
                found.add(position, &path);
            }
            Some(_) => {}
        }
    }
    // A folder comes after those above it, so that all of its patterns are known when it is listed,
    // once.
    while let Some((folder, active)) = waiting.pop_first() {
        let Some(entries) = inputs.entries(Utf8Path::new(&folder))? else {
            continue;
        };
        let level = if folder.is_empty() {
            0
        } else {
            folder.split('/').count()
        };
        let active = || {
            active
                .iter()
                .filter_map(|position| Some((*position, patterns.get_index(*position)?)))
        };
        for path in entries.files {
            let name = path.file_name().unwrap_or_default();
            for (position, _) in active().filter(|(_, pattern)| pattern.means_file(level, name)) {
                found.add(position, path.as_str());
            }
        }
        for path in entries.folders {
            let name = path.file_name().unwrap_or_default();
            let into: Vec<usize> = active()
                .filter(|(_, pattern)| pattern.leads_into(level, name))
                .map(|(position, _)| position)
                .collect();
            if !into.is_empty() {
                waiting.entry(path.into_string()).or_default().extend(into);
            }
        }
    }
    Ok(found)
}

impl Matches<'_> {
    fn add(&mut self, position: usize, path: &str) {
        if path != self.file {
            self.paths.insert(path.to_owned());
            self.matched.insert(position);
        }
    }
}

/// Reads the files' texts, over all cores where there are many, until there are too many entries.
pub(super) fn parse_files(files: &[(String, Vec<u8>)]) -> (Vec<Part>, Option<Diagnostic>) {
    let parse = |(file, bytes): &(String, Vec<u8>)| parse_included(file, bytes);
    let mut parts: Vec<Part> = Vec::new();
    let (mut entries, mut rest) = (0, files);
    while let Some((last, _)) = rest.first() {
        let mut bytes = 0;
        let fits = |(_, text): &&(String, Vec<u8>)| {
            bytes += text.len();
            bytes <= PARSED_AT_ONCE
        };
        let (batch, after) = rest.split_at(rest.iter().take_while(fits).count().max(1));
        rest = after;
        let parsed = map_parts(batch, (PARALLEL_FROM, 1), |part| {
            part.iter().map(parse).collect::<Vec<_>>()
        });
        parts.extend(
            parsed
                .into_iter()
                .flatten()
                .inspect(|part| entries += part.entries()),
        );
        if entries > KEY_LIMIT {
            let message = format!(
                "the files up to here declare {entries} entries; at most {KEY_LIMIT} are read"
            );
            let location = Location {
                file: last.clone(),
                spot: Spot::File,
            };
            return (
                parts,
                Some(Diagnostic::new(&code::FILE_TOO_LARGE, location, message)),
            );
        }
    }
    (parts, None)
}
