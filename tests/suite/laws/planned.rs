//! A plan of changed files reads no Dockerfile that they cannot be part of, and leaves no image out
//! that any Dockerfile says.

use std::collections::{BTreeMap, BTreeSet};

use dockwright::images::{Inputs, Scope};
use dockwright::project::{Files, plan};
use proptest::prelude::*;

use super::{config, fleet};
use crate::options::all_cases;
use crate::support::{EVERY_TEMPLATE, checked, is_long, loaded, overlaid};

/// What every image takes, by its name, as its generated files say.
fn read(files: &Files) -> BTreeMap<String, Inputs> {
    let loaded = loaded(files);
    let fleet = loaded.fleet().expect("a declaration without errors");
    let checked = checked(files, &loaded);
    let drifts = checked.report().drifts.iter();
    let texts: BTreeMap<&str, &str> = drifts
        .filter_map(|drift| Some((drift.path.as_str(), drift.expected.as_deref()?)))
        .collect();
    let generated = fleet.images.iter().filter_map(|image| {
        let path = format!("{}/Dockerfile", image.folder);
        let ignore = texts.get(format!("{path}.dockerignore").as_str())?;
        let taken = Inputs::of(&path, texts.get(path.as_str())?, ignore);
        Some((image.name.to_string(), taken))
    });
    generated.collect()
}

/// Paths in everything that some image takes; in the long form also at it, above it and beside it.
fn paths(taken: &BTreeMap<String, Inputs>) -> BTreeSet<String> {
    let sources = taken.values().flat_map(|inputs| &inputs.sources);
    let roots = sources.map(|source| source.root.as_str());
    let around = |root: &str| {
        let above = root.rsplit_once('/').map_or("", |(above, _)| above);
        let join = |folder: &str, name: &str| {
            format!("{folder}/{name}")
                .trim_start_matches('/')
                .to_owned()
        };
        let (inside, beside) = (join(root, "a/b.py"), join(above, "beside.py"));
        let mut paths = vec![inside];
        if is_long() {
            paths.extend([root.to_owned(), above.to_owned(), beside]);
        }
        paths
    };
    roots.flat_map(around).collect()
}

/// How many images were to be planned.
fn holds(declaration: &str) -> usize {
    let files = Files::declaring(declaration);
    let loaded = loaded(&files);
    let fleet = loaded.fleet().expect("a declaration without errors");
    let taken = read(&files);
    let mut count = 0;
    for path in paths(&taken) {
        let scope = Scope {
            changed: Some(BTreeSet::from([path.clone()])),
            ..Scope::default()
        };
        let plan = plan(&files, &loaded, fleet, &scope).unwrap();
        let planned = plan.images.iter().map(|image| fleet.image(image.id));
        let planned: BTreeSet<&str> = planned.map(|image| image.name.as_str()).collect();
        for (name, inputs) in &taken {
            if inputs.source_of(&path).is_some() {
                count += 1;
                assert!(
                    planned.contains(name.as_str()),
                    "{name}: {path}\n{declaration}"
                );
            }
        }
    }
    count
}

#[test]
fn a_plan_leaves_no_image_out_whatever_is_declared() {
    const LAYOUT: &str = "layout: { services: 'apps/{module}', bases: 'docker/{name}' }";
    let moved = overlaid(EVERY_TEMPLATE, LAYOUT, 9);
    assert!(holds(EVERY_TEMPLATE) > 0 && holds(&moved) > 0);
    for case in all_cases() {
        assert!(
            holds(&case.declaration()) > 0,
            "{}: nothing is taken",
            case.name
        );
    }
}

proptest! {
    #![proptest_config(config(8))]

    #[test]
    fn a_plan_leaves_no_image_out_of_any_fleet(declaration in fleet()) {
        holds(&declaration);
    }
}
