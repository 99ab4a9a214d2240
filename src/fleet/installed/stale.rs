//! Whether a lock still says what the projects beside it ask for.

use std::collections::BTreeSet;
use std::str::FromStr;

use pep440_rs::VersionSpecifier;

use super::files::{Files, Found};
use super::poetry_hash::digests;
use super::poetry_lock::PoetryLock;
use super::uv_lock::Recorded;
use crate::diagnostic::{Diagnostic, Location, Spot, code};
use crate::fleet::install::{in_folder, manifest_beside};
use crate::fleet::model::Fleet;

/// How many packages are named.
const NAMED: usize = 3;

/// What a project asks for: names with their versions.
type Asked = BTreeSet<(String, String)>;

/// The locks that projects moved away from, each once a project.
pub(super) fn stale(fleet: &Fleet, files: &Files) -> Vec<Diagnostic> {
    let (mut found, mut done) = (Vec::new(), BTreeSet::new());
    for image in &fleet.images {
        for installed in &image.install {
            let path = installed.path.value.as_str();
            match files.get(path) {
                Some(Found::Uv(lock)) => {
                    let projects = lock.projects_of(path, installed, &image.python.value);
                    for project in projects {
                        found.extend(stale_uv(files, path, &project, &mut done));
                    }
                }
                Some(Found::Poetry(lock)) => {
                    let manifest = manifest_beside(path);
                    if done.insert(manifest.clone()) && is_stale(files, &manifest, lock) {
                        found.push(said((path, "poetry"), manifest, ""));
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// Whether a project asks for something else than a lock of uv recorded.
fn stale_uv(
    files: &Files,
    lock: &str,
    project: &Recorded,
    done: &mut BTreeSet<String>,
) -> Option<Diagnostic> {
    let manifest = in_folder(&project.folder, "pyproject.toml");
    if !done.insert(manifest.clone()) {
        return None;
    }
    let (_, now) = files.manifest(&manifest)?;
    let now = Some(now).filter(|now| now.is_complete)?;
    let names = moved(&now.asked(), &project.asked)?;
    Some(said((lock, "uv"), manifest, &shown(&names)))
}

/// Whether a lock of poetry has the digest of another pyproject.toml.
fn is_stale(files: &Files, manifest: &str, lock: &PoetryLock) -> bool {
    let now = files.manifest(manifest).and_then(|(text, _)| digests(text));
    let recorded = lock.recorded();
    now.is_some_and(|now| {
        recorded.is_some_and(|recorded| now.iter().all(|digest| digest != recorded))
    })
}

/// The first packages, in parentheses.
fn shown(names: &[String]) -> String {
    let first: Vec<&str> = names.iter().take(NAMED).map(String::as_str).collect();
    let more = if names.len() > NAMED { " …" } else { "" };
    format!(" ({}{more})", first.join(", "))
}

fn said((lock, tool): (&str, &str), manifest: String, names: &str) -> Diagnostic {
    let message = format!("{lock} does not match {manifest}{names}");
    let location = Location {
        file: manifest,
        spot: Spot::File,
    };
    Diagnostic::new(&code::STALE_LOCK, location, message).with_help(format!("run `{tool} lock`"))
}

/// The names that are asked for otherwise now; nothing where none is.
fn moved(now: &Asked, recorded: &Asked) -> Option<Vec<String>> {
    let is_in = |(name, versions): &(String, String), other: &Asked| {
        // Where a project of the repository or a URL stands for it, a lock records no versions.
        other.iter().any(|(known, record)| {
            known == name
                && (record.is_empty()
                    || versions.is_empty()
                    || canonical(versions) == canonical(record))
        })
    };
    let added = now.iter().filter(|one| !is_in(one, recorded));
    let gone = recorded.iter().filter(|one| !is_in(one, now));
    let names: BTreeSet<String> = added.chain(gone).map(|(name, _)| name.clone()).collect();
    (!names.is_empty()).then(|| names.into_iter().collect())
}

/// Version specifiers in one spelling and order.
fn canonical(specifiers: &str) -> Vec<String> {
    let one = |text: &str| {
        let text = text.trim();
        VersionSpecifier::from_str(text).map_or_else(|_| text.to_owned(), |one| one.to_string())
    };
    let mut all: Vec<String> = specifiers.split(',').map(one).collect();
    all.sort();
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_version_a_new_name_and_a_gone_one_are_moves() {
        let asked = |list: &[(&str, &str)]| -> Asked {
            list.iter()
                .map(|(name, versions)| ((*name).to_owned(), (*versions).to_owned()))
                .collect()
        };
        let recorded = asked(&[("a", ">=1,<2"), ("common", ""), ("old", "")]);
        let now = asked(&[("a", "<2, >=1"), ("common", ">=3"), ("new", "")]);
        let names = ["new".to_owned(), "old".to_owned()];
        assert_eq!(moved(&now, &recorded), Some(names.to_vec()));
        let other = asked(&[("a", ">=1.5,<2"), ("common", ""), ("old", "")]);
        assert_eq!(moved(&other, &recorded), Some(vec!["a".to_owned()]));
        assert_eq!(moved(&recorded, &recorded), None);
    }
}
