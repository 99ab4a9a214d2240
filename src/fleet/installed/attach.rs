//! What was read, taken into the fleet: what each file reaches, asks for and holds.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

use super::files::Files;
use super::requirement_file::RequirementFile;
use crate::diagnostic::{Diagnostic, Location, Spot, code};
use crate::fleet::install::{InstalledFile, ReadFile};
use crate::fleet::model::{Fleet, Image, Origin, Section, Sourced};
use crate::values::requirement::Requirement;

/// How many files one requirement file may reach.
const REACHED_LIMIT: usize = 1_000;

/// Takes what the files reach and ask for into the fleet, and says what is missing or cannot be
/// built. Where `is_bare`, no sources are in this tree, and nothing is missing.
pub(crate) fn attach(fleet: &mut Fleet, files: &Files, is_bare: bool) -> Vec<Diagnostic> {
    let numbers = numbers(files);
    let mut read: Vec<ReadFile> = Vec::new();
    read.resize_with(numbers.len(), ReadFile::default);
    for (path, at) in &numbers {
        (*path).clone_into(&mut read[*at].path);
    }
    let mut found = if is_bare {
        Vec::new()
    } else {
        missing_files(fleet, files)
    };
    found.extend(faults(files));
    for image in &mut fleet.images {
        for installed in &mut image.install {
            let Some((path, at)) = numbers.get_key_value(installed.path.value.as_str()) else {
                continue;
            };
            let closure = Closure::of(path, files);
            if read[*at].digest.is_empty() {
                read[*at] = closure.read(path, files, &numbers);
            }
            installed.file = Some(*at);
            installed.reached = closure.paths();
        }
    }
    fleet.files = read;
    found
}

/// The requirement files that were read, numbered in the order of their paths.
fn numbers(files: &Files) -> BTreeMap<&str, usize> {
    let texts = files.texts().enumerate();
    texts.map(|(at, (path, _))| (path, at)).collect()
}

/// A file and all that it leads to, each once; with each whether it only holds versions.
struct Closure<'a>(Vec<(&'a str, bool)>);

impl<'a> Closure<'a> {
    fn of(path: &'a str, files: &'a Files) -> Self {
        let mut all = vec![(path, false)];
        let mut at = 0;
        while let Some((path, is_constraint)) = all.get(at).copied().filter(|_| at < REACHED_LIMIT)
        {
            let further = files.requirements(path).map(|(_, file)| file.files.iter());
            for named in further.into_iter().flatten() {
                if all.iter().all(|(known, _)| *known != named.path) {
                    all.push((&named.path, is_constraint || named.is_constraint));
                }
            }
            at += 1;
        }
        Self(all)
    }

    fn paths(&self) -> Vec<String> {
        self.0.iter().map(|(path, _)| (*path).to_owned()).collect()
    }

    /// What it says as a whole.
    fn read(&self, path: &str, files: &Files, numbers: &BTreeMap<&str, usize>) -> ReadFile {
        let mut hash = Sha256::new();
        let (mut requirements, mut constraints) = (Vec::new(), Vec::new());
        for (path, is_constraint) in &self.0 {
            let (Some((text, file)), Some(number)) = (files.requirements(path), numbers.get(path))
            else {
                continue;
            };
            for line in text.lines().map(str::trim).filter(|line| counts(line)) {
                hash.update(line.as_bytes());
                hash.update(b"\n");
            }
            let list = if *is_constraint {
                &mut constraints
            } else {
                &mut requirements
            };
            list.extend(sourced(file, *number));
        }
        ReadFile {
            path: path.to_owned(),
            requirements: requirements.into(),
            constraints: constraints.into(),
            digest: base16ct::lower::encode_string(&hash.finalize()),
        }
    }
}

/// Whether a line of a requirement file says anything.
fn counts(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

/// What a file asks for, with places in it.
fn sourced(
    file: &RequirementFile,
    number: usize,
) -> impl Iterator<Item = Sourced<Requirement>> + '_ {
    let origin = Origin::field(Section::Files(number), "");
    let lines = file.requirements.iter();
    lines.map(move |line| Sourced {
        value: line.value.clone(),
        origin: origin.item(line.start),
    })
}

/// What cannot be built of the files.
fn faults(files: &Files) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (path, _) in files.texts() {
        let Some((_, file)) = files.requirements(path) else {
            continue;
        };
        for fault in &file.faults {
            let location = Location {
                file: path.to_owned(),
                spot: Spot::Bytes {
                    start: fault.start,
                    end: fault.start,
                },
            };
            let help = "name what it installs with `pip`, or keep a Dockerfile of your own";
            let said = Diagnostic::new(&code::UNSUPPORTED_FILE, location, &*fault.value);
            found.push(said.with_help(help));
        }
    }
    found
}

/// The files that are not there, each once.
fn missing_files(fleet: &Fleet, files: &Files) -> Vec<Diagnostic> {
    if !files.lacks_any() {
        return Vec::new();
    }
    let (mut found, mut told) = (Vec::new(), BTreeSet::new());
    for image in &fleet.images {
        for installed in &image.install {
            let closure = Closure::of(installed.path.value.as_str(), files);
            for (path, _) in closure.0 {
                if files.is_missing(path) && told.insert(path.to_owned()) {
                    found.push(missing(fleet, image, installed, path));
                }
            }
        }
    }
    found
}

fn missing(fleet: &Fleet, image: &Image, installed: &InstalledFile, path: &str) -> Diagnostic {
    let location = fleet.value_at(installed.path.origin);
    let named = installed.path.value.as_str();
    let of = installed.set.map_or_else(
        || "`install`".to_owned(),
        |set| format!("the set `{}`", fleet.set(set).name),
    );
    let message = if path == named {
        format!("{path} not found ({of}, for {})", image.name)
    } else {
        format!(
            "{path} not found: {named} names it ({of}, for {})",
            image.name
        )
    };
    let help = "write the path from the folder of services.yaml on";
    Diagnostic::new(&code::MISSING_PATH, location, message).with_help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_end() {
        let mut files = Files::default();
        files.add("a", Some(b"-r b\n-c c".to_vec()));
        files.add("b", Some(b"-r a".to_vec()));
        files.add("c", Some(b"-r d".to_vec()));
        let closure = Closure::of("a", &files);
        let expected = [("a", false), ("b", false), ("c", true), ("d", true)];
        assert_eq!(closure.0, expected);
    }

    #[test]
    fn a_digest_counts_lines_that_say_something() {
        let digest = |text: &str| {
            let mut files = Files::default();
            files.add("a", Some(text.as_bytes().to_vec()));
            Closure::of("a", &files)
                .read("a", &files, &numbers(&files))
                .digest
        };
        assert_eq!(digest("# x\n\nflask\r\n"), digest("flask\n"));
        assert_ne!(digest("flask\n"), digest("flask<3\n"));
    }
}
