//! A requirement file with all that it leads to.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::files::Files;
use super::requirement_file::Line;
use crate::fleet::install::ReadFile;
use crate::fleet::model::{Origin, Section, Sourced};
use crate::values::requirement::Requirement;

/// How many files one requirement file may reach.
const REACHED_LIMIT: usize = 1_000;

/// The numbers of the files that have places in them, by path.
pub(super) type Numbers<'a> = BTreeMap<&'a str, usize>;

/// A file and all that it leads to, each once; with each whether it only holds versions.
pub(super) struct Closure<'a>(Vec<(&'a str, bool)>);

impl<'a> Closure<'a> {
    pub(super) fn of(path: &'a str, files: &'a Files) -> Self {
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

    pub(super) fn paths(&self) -> impl Iterator<Item = &'a str> {
        self.0.iter().map(|(path, _)| *path)
    }

    /// What it says as a whole.
    pub(super) fn read(&self, path: &str, files: &Files, numbers: &Numbers<'_>) -> ReadFile {
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
            list.extend(sourced(&file.requirements, *number));
        }
        ReadFile {
            path: path.to_owned(),
            requirements: requirements.into(),
            constraints: constraints.into(),
            digest: base16ct::lower::encode_string(&hash.finalize()),
            ..ReadFile::default()
        }
    }
}

/// Whether a line of a requirement file says anything.
fn counts(line: &str) -> bool {
    !line.is_empty() && !line.starts_with('#')
}

/// What a file asks for, with places in it.
pub(super) fn sourced(
    lines: &[Line<Requirement>],
    number: usize,
) -> impl Iterator<Item = Sourced<Requirement>> + '_ {
    let origin = Origin::field(Section::Files(number.into()), "");
    lines.iter().map(move |line| Sourced {
        value: line.value.clone(),
        origin: origin.item(line.start),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_end() {
        let mut files = Files::default();
        files.add_text("a", Some(b"-r b\n-c c".to_vec()));
        files.add_text("b", Some(b"-r a".to_vec()));
        files.add_text("c", Some(b"-r d".to_vec()));
        let closure = Closure::of("a", &files);
        let expected = [("a", false), ("b", false), ("c", true), ("d", true)];
        assert_eq!(closure.0, expected);
    }

    #[test]
    fn a_digest_counts_lines_that_say_something() {
        let digest = |text: &str| {
            let mut files = Files::default();
            files.add_text("a", Some(text.as_bytes().to_vec()));
            let numbers = BTreeMap::from([("a", 0)]);
            Closure::of("a", &files).read("a", &files, &numbers).digest
        };
        assert_eq!(digest("# x\n\nflask\r\n"), digest("flask\n"));
        assert_ne!(digest("flask\n"), digest("flask<3\n"));
    }
}
