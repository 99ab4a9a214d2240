//! What each option of services.yaml changes: the lines that differ from the minimal render, over
//! all files of the fleet.

mod accounts;
mod external;
mod images;
mod install;
mod packages;
mod roles;
mod running;
mod sources;

use std::collections::{BTreeMap, BTreeSet};

use dockwright::drift::{changes, lines};
use dockwright::render::seal::is_seal_line;

use crate::support::{EVERY_TEMPLATE, MINIMAL, Root, overlaid, rendered};

/// An option, laid over a fleet with one image of every template.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    overlay: &'static str,
    /// Per file that differs, its path and then the lines that go and come.
    difference: &'static str,
}

impl Case {
    /// The declaration with the option.
    pub(crate) fn declaration(&self) -> String {
        self.over(EVERY_TEMPLATE)
    }

    /// Another declaration with the option.
    pub(crate) fn over(&self, declaration: &str) -> String {
        overlaid(declaration, self.overlay, usize::MAX)
    }
}

/// Every option.
pub(crate) fn all_cases() -> impl Iterator<Item = &'static Case> {
    [
        packages::CASES,
        install::CASES,
        running::CASES,
        roles::CASES,
        accounts::CASES,
        external::CASES,
        images::CASES,
        sources::CASES,
    ]
    .into_iter()
    .flatten()
}

/// The lines that go (`-`) and come (`+`), without seals.
pub(crate) fn difference(old: &str, new: &str) -> Vec<String> {
    let body = |text: &str| {
        text.split_inclusive('\n')
            .filter(|line| !is_seal_line(line))
            .collect::<String>()
    };
    let (old, new) = (body(old), body(new));
    let (old, new) = (lines(old.as_bytes()), lines(new.as_bytes()));
    let told = |sign: char, lines: &[&[u8]]| {
        let told = lines.iter().map(|line| {
            format!(
                "{sign}{}",
                String::from_utf8_lossy(line).trim_end_matches('\n')
            )
        });
        told.collect::<Vec<_>>()
    };
    let changes = changes(&old, &new).into_iter();
    changes
        .flat_map(|change| [told('-', &old[change.old]), told('+', &new[change.new])].concat())
        .collect()
}

fn fleet_difference(old: &BTreeMap<String, String>, new: &BTreeMap<String, String>) -> String {
    let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let empty = String::new();
    let mut told = Vec::new();
    for path in paths {
        let lines = difference(
            old.get(path).unwrap_or(&empty),
            new.get(path).unwrap_or(&empty),
        );
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
        let with = rendered(&case.declaration())
            .unwrap_or_else(|found| panic!("{}: {found:#?}", case.name));
        let found = fleet_difference(&minimal, &with);
        if found.trim() != case.difference.trim() {
            wrong.push(format!("=== {}\n{found}", case.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The dotted paths of the values that a mapping sets.
fn leaves(value: &serde_yaml::Value, path: &str, found: &mut Vec<String>) {
    let Some(mapping) = value.as_mapping().filter(|mapping| !mapping.is_empty()) else {
        return found.push(path.to_owned());
    };
    for (key, value) in mapping {
        let key = key.as_str().unwrap();
        leaves(
            value,
            &if path.is_empty() {
                key.to_owned()
            } else {
                format!("{path}.{key}")
            },
            found,
        );
    }
}

/// Whether a declared path is one of the values, part of one, or what holds it.
fn names_one_of(declared: &str, values: &[String]) -> bool {
    let is_below = |below: &str, above: &str| {
        below
            .strip_prefix(above)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    values
        .iter()
        .any(|value| is_below(declared, value) || is_below(value, declared))
}

#[test]
fn each_changed_line_is_traced_to_the_option_that_moved_it() {
    let mut wrong = Vec::new();
    for case in all_cases() {
        let root = Root::generated(EVERY_TEMPLATE);
        root.write("services.yaml", case.declaration());
        let report = root.check().json();
        let mut moved = Vec::new();
        leaves(&serde_yaml::from_str(case.overlay).unwrap(), "", &mut moved);
        for change in report["changes"].as_array().unwrap() {
            let added = change["added"].as_array().unwrap();
            let behind: Vec<&str> = change["behind"]
                .as_array()
                .unwrap()
                .iter()
                .filter_map(|one| one.as_str())
                .collect();
            let declared = behind
                .iter()
                .filter_map(|one| one.strip_prefix("declared ")?.split_once(' '));
            let is_traced = declared
                .into_iter()
                .any(|(_, path)| names_one_of(path, &moved));
            let has_text = added.iter().any(|line| !line.as_str().unwrap().is_empty());
            if has_text && !is_traced {
                wrong.push(format!(
                    "{}: {added:?} is traced to {behind:?}, not to {moved:?}",
                    case.name
                ));
            }
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
    let layout = "layout: { services: 'apps/{module}', bases: 'docker/{name}', requirements: \
     'pip/{set}.txt', source: 'src/{module}' }";
    let moved = |text: &str| {
        ["svc-slim", "svc-base", "svc-ml"]
            .into_iter()
            .fold(text.to_owned(), |text, name| {
                let module = name.replace('-', "_");
                text.replace(&format!("apps/{module}"), &format!("src/{module}"))
                    .replace(&format!("apps.{module}"), &format!("src.{module}"))
                    .replace(&format!("generated/{name}/"), &format!("apps/{module}/"))
            })
    };
    let moved = |text: &str| {
        moved(text)
            .replace("generated/base-", "docker/base-")
            .replace("generated/requirements/", "pip/")
    };
    let minimal = rendered(EVERY_TEMPLATE).unwrap();
    let expected = minimal
        .iter()
        .map(|(path, content)| (moved(path), moved(content)))
        .collect();
    assert_eq!(
        fleet_difference(
            &expected,
            &rendered(&overlaid(EVERY_TEMPLATE, layout, 9)).unwrap()
        ),
        "\n"
    );
}

#[test]
fn the_place_that_decides_a_line_is_named_first() {
    let layout = "layout: { source: 'apps/{module}' }\n";
    let plain = format!("{layout}{MINIMAL}");
    let with = |fields: &str| format!("{layout}{}", MINIMAL.replace("port: 8000", fields));
    for (declaration, line, place) in [
        (
            plain.replace("apps/", "src/"),
            "src.svc_a.main:app",
            "1:19 layout.source",
        ),
        (
            with("port: 8000, app: \"a.b:c\""),
            "a.b:c",
            "13:40 services.svc-a.app",
        ),
        (
            with("port: 8000, healthcheck: { path: /up }"),
            "'/up'",
            "13:56 services.svc-a.healthcheck.path",
        ),
        (with("port: 9000"), "\"9000\"", "13:29 services.svc-a.port"),
    ] {
        let root = Root::generated(&plain);
        root.write("services.yaml", declaration);
        let report = root.check().json();
        let mut changes = report["changes"].as_array().unwrap().iter().rev();
        let texts = |one: &serde_json::Value| -> Vec<String> {
            one.as_array()
                .unwrap()
                .iter()
                .map(|text| text.as_str().unwrap().to_owned())
                .collect()
        };
        let change = changes.find(|change| {
            texts(&change["added"])
                .iter()
                .any(|added| added.contains(line))
        });
        let behind = texts(&change.unwrap_or_else(|| panic!("{line}: {report}"))["behind"]);
        let first = behind
            .iter()
            .find_map(|one| one.strip_prefix("declared "))
            .unwrap();
        assert_eq!(first, format!("services.yaml:{place}"), "{line}");
    }
}

#[test]
fn dockerfiles_with_a_debian_package_are_short() {
    const APT: &str = "bases: { base-runtime: { apt: [libpq5] } }\n\
                       services: { svc-slim: { apt: [curl] }, svc-base: { apt: [curl] } }\n";
    let files = rendered(&overlaid(EVERY_TEMPLATE, APT, usize::MAX)).unwrap();
    for (image, most) in [("base-runtime", 28), ("svc-base", 38), ("svc-slim", 40)] {
        let dockerfile = &files[&format!("generated/{image}/Dockerfile")];
        let lines = dockerfile.lines().count();
        assert!(
            dockerfile.contains("apt-get install") && lines <= most,
            "{lines}\n{dockerfile}"
        );
    }
}
