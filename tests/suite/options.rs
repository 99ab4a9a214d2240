//! What each option of services.yaml changes: the lines that differ from the minimal render, over all files of the fleet.

mod images;
mod packages;
mod running;

use std::collections::{BTreeMap, BTreeSet};

use dockwright::drift::{changes, lines};
use dockwright::render::seal::is_seal_line;

use crate::support::{EVERY_TEMPLATE, overlaid, rendered};

/// An option, laid over a fleet with one image of every template.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    overlay: &'static str,
    /// Per file that differs, its path and then the lines that go and come.
    difference: &'static str,
}

impl Case {
    /// The declaration with the option.
    pub(crate) fn declaration(&self) -> String {
        overlaid(EVERY_TEMPLATE, self.overlay, usize::MAX)
    }
}

/// Every option.
pub(crate) fn all_cases() -> impl Iterator<Item = &'static Case> {
    [packages::CASES, running::CASES, images::CASES].into_iter().flatten()
}

/// The lines that go (`-`) and come (`+`), without seals.
pub(crate) fn difference(old: &str, new: &str) -> Vec<String> {
    let body = |text: &str| text.split_inclusive('\n').filter(|line| !is_seal_line(line)).collect::<String>();
    let (old, new) = (body(old), body(new));
    let (old, new) = (lines(old.as_bytes()), lines(new.as_bytes()));
    let told = |sign: char, lines: &[&[u8]]| {
        let told = lines.iter().map(|line| format!("{sign}{}", String::from_utf8_lossy(line).trim_end_matches('\n')));
        told.collect::<Vec<_>>()
    };
    let changes = changes(&old, &new).into_iter();
    changes.flat_map(|change| [told('-', &old[change.old]), told('+', &new[change.new])].concat()).collect()
}

fn fleet_difference(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> String {
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let empty = String::new();
    let mut told = Vec::new();
    for path in paths {
        let lines = difference(old.get(path).unwrap_or(&empty), new.get(path).unwrap_or(&empty));
        if !lines.is_empty() {
            told.push(path.clone());
            told.extend(lines);
        }
    }
    told.join("\n") + "\n"
}

#[test]
fn each_option_changes_what_it_names_and_nothing_else() {
    let minimal = rendered(EVERY_TEMPLATE).unwrap();
    let mut wrong = Vec::new();
    for case in all_cases() {
        let with = rendered(&case.declaration()).unwrap_or_else(|found| panic!("{}: {found:#?}", case.name));
        let found = fleet_difference(&minimal, &with);
        if found.trim() != case.difference.trim() {
            wrong.push(format!("=== {}\n{found}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn names_of_cases_are_unique() {
    let names: BTreeSet<&str> = all_cases().map(|case| case.name).collect();
    assert_eq!(names.len(), all_cases().count());
}

#[test]
fn layout_moves_files_and_the_paths_to_them_alone() {
    let layout = "layout: { services: 'apps/{module}', bases: 'docker/{name}', requirements: 'pip/{set}.txt', source: 'src/{module}' }";
    let moved = |text: &str| {
        ["svc-slim", "svc-base", "svc-ml"].into_iter().fold(text.to_owned(), |text, name| {
            let module = name.replace('-', "_");
            text.replace(&format!("apps/{module}"), &format!("src/{module}"))
                .replace(&format!("apps.{module}"), &format!("src.{module}"))
                .replace(&format!("generated/{name}/"), &format!("apps/{module}/"))
        })
    };
    let moved =
        |text: &str| moved(text).replace("generated/base-", "docker/base-").replace("generated/requirements/", "pip/");
    let minimal = rendered(EVERY_TEMPLATE).unwrap();
    let expected = minimal.iter().map(|(path, content)| (moved(path), moved(content))).collect();
    assert_eq!(fleet_difference(&expected, &rendered(&overlaid(EVERY_TEMPLATE, layout, 9)).unwrap()), "\n");
}
