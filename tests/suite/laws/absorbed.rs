//! `absorb` of any single change that a declaration could make gives a declaration that renders it,
//! or refuses and changes nothing.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_yaml::{Mapping, Value};

use super::fleet;
use crate::support::{Dice, Root, Run, cases_of, rendered, tell};

/// Fields of a service, and what they may say.
const FIELDS: [(&str, &str); 22] = [
    ("port", "9321"),
    ("apt", "[tesseract-ocr]"),
    ("apt_build", "[cmake]"),
    ("pip", "[rich==13.9.0]"),
    ("index_urls", "[\"https://third.example/simple\"]"),
    ("env", "{ LOG_LEVEL: debug }"),
    ("labels", "{ team: core }"),
    ("cmd", "[python, -m, worker]"),
    ("cmd", "gunicorn app:app"),
    ("entrypoint", "[tini, --]"),
    ("user", "root"),
    ("user", "1234"),
    ("stop_signal", "SIGINT"),
    ("workdir", "/srv"),
    ("healthcheck", "none"),
    ("healthcheck", "/up"),
    (
        "healthcheck",
        "{ path: /up, interval: 90s, start_period: 1m, timeout: 1500ms }",
    ),
    ("healthcheck", "{ retries: 9, start_period: 250ms }"),
    ("ports", "[9090, 53/udp]"),
    ("volumes", "[/data]"),
    ("dirs", "[/var/cache/app]"),
    ("run", "[\"python -m compileall .\"]"),
];

/// Changes one thing of a declaration: a field of a service is set, or a value anywhere is another.
fn changed(dice: &mut Dice, declaration: &str) -> (String, String) {
    let mut value: Value = serde_yaml::from_str(declaration).unwrap();
    let told = if dice.once_in(3) {
        let place = dice.pick(&["python", "shared", "requirements", "bases", "kinds"]);
        let told = other(dice, &mut value[place], place);
        format!("{place}: {told}")
    } else {
        let services = value["services"].as_mapping_mut().unwrap();
        let at = dice.below(services.len());
        let service = services
            .values_mut()
            .nth(at)
            .unwrap()
            .as_mapping_mut()
            .unwrap();
        field(dice, service)
    };
    (serde_yaml::to_string(&value).unwrap(), told)
}

fn field(dice: &mut Dice, service: &mut Mapping) -> String {
    if dice.once_in(3) {
        let at = dice.below(service.len());
        let (key, value) = service.iter_mut().nth(at).unwrap();
        let key = key.as_str().unwrap().to_owned();
        let told = other(dice, value, &key);
        return format!("{key}: {told}");
    }
    let (name, text) = dice.pick(&FIELDS);
    let value = serde_yaml::from_str(text).unwrap();
    match (service.get_mut(name), value) {
        (Some(Value::Sequence(items)), Value::Sequence(more)) => {
            let more = more.into_iter().filter(|item| !items.contains(item));
            items.extend(more.collect::<Vec<_>>());
        }
        (Some(Value::Mapping(entries)), Value::Mapping(more)) => entries.extend(more),
        (_, value) => drop(service.insert(name.into(), value)),
    }
    format!("{name}: {text}")
}

/// Another value in place of one.
fn other(dice: &mut Dice, value: &mut Value, key: &str) -> String {
    match value {
        Value::Mapping(entries) if !entries.is_empty() => {
            let at = dice.below(entries.len());
            let (key, value) = entries.iter_mut().nth(at).unwrap();
            let key = key.as_str().unwrap().to_owned();
            return format!("{key}: {}", other(dice, value, &key));
        }
        Value::Sequence(items) if !items.is_empty() && dice.once_in(2) => {
            items.remove(dice.below(items.len()));
        }
        Value::Sequence(items) => items.push(
            match key {
                "shared" => "more",
                "index_urls" => "https://fourth.example/simple",
                "apt" | "apt_build" => "libxml2",
                _ => "attrs==24.1.0",
            }
            .into(),
        ),
        Value::Number(_) => *value = 8642.into(),
        _ => {
            let text = match key {
                "python" => "3.13",
                "version" => "v1.0.1",
                "kind" => dice.pick(&["web", "on-base", "ml"]),
                "healthcheck" => "/ready",
                _ => "changed",
            };
            *value = text.into();
        }
    }
    serde_yaml::to_string(value)
        .unwrap()
        .trim()
        .replace('\n', " ")
}

fn body(text: &str) -> String {
    text.split_inclusive('\n').skip(2).collect()
}

/// What came of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Came {
    Absorbed,
    Refused(String),
}

/// The files that a refusal for others names.
fn named(run: &Run) -> BTreeSet<String> {
    let lines = run
        .stderr
        .lines()
        .filter_map(|line| line.strip_prefix("  "));
    lines
        .filter(|line| line.starts_with("generated/"))
        .map(str::to_owned)
        .collect()
}

/// Makes a change by hand in one generated file that it changes; nothing where it changes none.
fn tried(dice: &mut Dice, declaration: &str) -> Option<(String, Came)> {
    let (wanted, told) = changed(dice, declaration);
    let (Ok(before), Ok(after)) = (rendered(declaration), rendered(&wanted)) else {
        return None;
    };
    let is_changed = |path: &&String| {
        before
            .get(*path)
            .is_some_and(|text| body(text) != body(&after[*path]))
    };
    let paths: Vec<&String> = after.keys().filter(is_changed).collect();
    if paths.is_empty() {
        return None;
    }
    let path = *dice.choose(&paths);
    let root = Root::generated(declaration);
    let header: String = before[path].split_inclusive('\n').take(2).collect();
    root.write(path, header + &body(&after[path]));
    let (edited, what) = (root.tree(), format!("{path}: {told}\n{declaration}"));
    let first = root.run(&["absorb", path]);
    let old = files(&root);
    if first.status != 0 {
        assert_eq!(root.tree(), edited, "{what}\n{}", first.told());
    }
    let followers = named(&first);
    let run = if first.status == 1 {
        root.run(&["absorb", path, "--everywhere"])
    } else {
        first
    };
    if run.status != 0 {
        assert!(
            run.status == 2 && root.tree() == edited,
            "{what}\n{}",
            run.told()
        );
        let reason = run.stderr.lines().next().unwrap_or_default().to_owned();
        return Some((told, Came::Refused(reason)));
    }
    let is_same = run.stdout.contains("the image is the same");
    let is_there = body(&root.text(path)) == body(&after[path]);
    assert!(is_there || is_same, "{what}\n{}", run.told());
    assert_eq!(root.check().status, 0, "{what}\n{}", run.told());
    let new = files(&root);
    let differs = |one: &&(String, String)| old.contains(one) != new.contains(one);
    let others = old
        .iter()
        .chain(&new)
        .filter(differs)
        .map(|(file, _)| file.clone());
    let mut others: BTreeSet<String> = others.collect();
    others.remove(path);
    assert!(
        are_told(&others, &followers, path),
        "{what}\n{others:?}{}",
        run.told()
    );
    Some((told, Came::Absorbed))
}

/// The files beside the declaration, with their texts.
fn files(root: &Root) -> Vec<(String, String)> {
    let files = root.files().into_iter();
    files
        .filter(|file| file != "services.yaml")
        .map(|file| (file.clone(), root.text(&file)))
        .collect()
}

/// Whether the files that change with another one were named before: those of the same image need
/// not be.
fn are_told(others: &BTreeSet<String>, named: &BTreeSet<String>, path: &str) -> bool {
    let folder = path
        .rsplit_once('/')
        .map(|(folder, _)| format!("{folder}/"));
    let is_own = |other: &String| folder.as_ref().is_some_and(|own| other.starts_with(own));
    others == named || named.is_empty() && others.iter().all(is_own)
}

#[test]
fn a_single_change_of_any_declaration_is_absorbed_or_refused() {
    let mut runner = TestRunner::new_with_rng(
        Config::default(),
        TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha),
    );
    let mut dice = Dice::new(19);
    let mut came = Vec::new();
    for _ in 0..cases_of(40, 200) {
        let declaration = fleet().new_tree(&mut runner).unwrap().current();
        came.extend(tried(&mut dice, &declaration));
    }
    let refused: Vec<_> = came
        .iter()
        .filter(|(_, came)| *came != Came::Absorbed)
        .collect();
    tell(&format!(
        "absorb: {} changes, {} refused: {refused:#?}",
        came.len(),
        refused.len()
    ));
    assert!(
        refused.len() * 8 <= came.len(),
        "{} of {}: {refused:#?}",
        refused.len(),
        came.len()
    );
}
