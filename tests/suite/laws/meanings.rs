//! The way back: what a generated Dockerfile means is what was declared.

use std::collections::{BTreeMap, BTreeSet};

use dockwright::dockerfile::ignore::Ignore;
use dockwright::dockerfile::judge::{Likeness, judge};
use dockwright::dockerfile::meaning::{
    Build, Launch, Meaning, MemoryTree, Origin, Probe, instruction_lines, meaning,
};
use dockwright::fleet::model::{Command, Parent, Service};
use dockwright::fleet::{Fleet, Image};
use proptest::prelude::*;

use super::{config, fleet};
use crate::support::{rendered, resolved};

/// The generated files of a fleet with a source file in every folder that services take.
fn tree(files: &BTreeMap<String, String>) -> MemoryTree {
    let sources = (0..5).map(|at| format!("apps/svc_{at}/main.py"));
    let shared = ["libs/a.py", "config/b.toml", "libs/.env"].map(str::to_owned);
    let empty: Vec<String> = sources.chain(shared).collect();
    let all = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    MemoryTree::new(all.chain(empty.iter().map(|path| (path.as_str(), ""))))
}

fn read(files: &BTreeMap<String, String>, image: &Image) -> Meaning {
    let path = format!("{}/Dockerfile", image.folder);
    let build = Build {
        text: &files[&path],
        context: "",
        ignore: &Ignore::parse(&files[&format!("{path}.dockerignore")]),
        target: None,
        arguments: &BTreeMap::new(),
        tree: &tree(files),
    };
    let found = meaning(&build).unwrap_or_else(|unread| panic!("{unread}\n{}", files[&path]));
    let claimed: BTreeSet<usize> = found.claims.iter().map(|claim| claim.line).collect();
    let lines: BTreeSet<usize> = instruction_lines(&files[&path]).into_iter().collect();
    assert_eq!(claimed, lines, "every instruction is claimed");
    found
}

fn texts<T: ToString>(values: impl IntoIterator<Item = T>) -> BTreeSet<String> {
    values.into_iter().map(|value| value.to_string()).collect()
}

/// What every image is.
fn holds_for_image(fleet: &Fleet, image: &Image, found: &Meaning) {
    let base = match &image.parent {
        Parent::Base(base) => fleet.reference(fleet.image(base.value)).unwrap(),
        Parent::External(_) | Parent::Kept(_) => "python:3.12-slim".to_owned(),
    };
    assert_eq!(found.base.reference, base);
    assert_eq!(
        found.packages,
        texts(image.apt.iter().map(|package| &package.value))
    );
    let requirements = fleet.requirements_of(image).map(|requirement| {
        let value = &requirement.value;
        let extras = value.extras().join(",");
        let extras = if extras.is_empty() {
            extras
        } else {
            format!("[{extras}]")
        };
        let versions = value
            .specifiers()
            .map(|specifiers| specifiers.to_string())
            .unwrap_or_default();
        format!("pip {}{extras}{versions}", value.normalized_name())
    });
    assert_eq!(texts(&found.installs), texts(requirements));
    assert_eq!(found.workdir, "/app");
    assert_eq!(found.user.uid, Some(10001));
    for (name, value) in &image.env {
        assert_eq!(
            found.env.get(name.as_str()).map(String::as_str),
            Some(value.value.as_str())
        );
    }
    assert_eq!(found.steps, [], "no step is left over");
    assert_eq!(found.missing, []);
}

/// What a service is.
fn holds_for_service(fleet: &Fleet, service: &Service, found: &Meaning) {
    let mut folders: Vec<String> = fleet
        .shared
        .iter()
        .map(|shared| shared.value.to_string())
        .collect();
    folders.extend(service.source.iter().map(|source| source.value.clone()));
    for (path, origin) in &found.files {
        let Origin::Repository(source) = origin else {
            panic!("{path} is from elsewhere")
        };
        assert_eq!(path, &format!("/app/{source}"));
        assert!(
            folders
                .iter()
                .any(|folder| source.starts_with(&format!("{folder}/"))),
            "{source}"
        );
        assert!(!source.ends_with("/.env"), "{source}");
    }
    assert_eq!(found.files.len(), folders.len());
    assert_eq!(
        found.ports,
        texts(
            service
                .port
                .iter()
                .map(|port| format!("{}/tcp", port.value))
        )
    );
    if let (Command::Exec(words), Some(Launch::Exec(found))) =
        (&service.command.value, &found.command)
    {
        assert_eq!(
            found,
            &words
                .iter()
                .map(|word| word.as_str().to_owned())
                .collect::<Vec<_>>()
        );
    } else {
        assert!(matches!(&found.command, Some(Launch::Exec(words)) if words.len() > 3));
    }
    let probe = found
        .health
        .as_ref()
        .and_then(|health| health.probe.as_ref());
    match (&service.health_check, probe) {
        (Some(check), Some(Probe::Http { port, path, .. })) => {
            let probe = check.http().unwrap();
            assert_eq!(path, probe.path.value.as_str());
            assert_eq!(port, &probe.port.value.to_string());
            let timing = found.health.as_ref().unwrap().timing;
            assert_eq!(timing.interval_ms, check.interval.value.as_millis());
            assert_eq!(timing.start_period_ms, check.start_period.value.as_millis());
            assert_eq!(timing.retries, check.retries.value);
        }
        (declared, found) => assert!(declared.is_none() && found.is_none(), "{found:?}"),
    }
}

proptest! {
    #![proptest_config(config(60))]

    #[test]
    fn a_generated_dockerfile_means_what_was_declared(declaration in fleet()) {
        let fleet = resolved(&declaration).unwrap();
        let files = rendered(&declaration).unwrap();
        for image in &fleet.images {
            let found = read(&files, image);
            holds_for_image(&fleet, image, &found);
            if let Some(service) = image.service() {
                holds_for_service(&fleet, service, &found);
            }
        }
    }

    #[test]
    fn two_images_are_the_same_where_nothing_but_the_order_differs(declaration in fleet()) {
        let fleet = resolved(&declaration).unwrap();
        let files = rendered(&declaration).unwrap();
        for image in &fleet.images {
            let found = read(&files, image);
            let again = read(&files, image);
            prop_assert_eq!(Likeness::of(&judge(&found, &again, &BTreeSet::new())), Likeness::Same);
        }
    }
}
