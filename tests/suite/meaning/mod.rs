//! What a Dockerfile means, instruction by instruction, and what the judge makes of two of them.

mod command;
mod copies;
mod instructions;
mod judged;
mod packages;
mod steps;

use std::collections::{BTreeMap, BTreeSet};

use dockwright::dockerfile::ignore::Ignore;
use dockwright::dockerfile::judge::{Difference, Verdict, judge};
use dockwright::dockerfile::meaning::{Build, Meaning, MemoryTree, Unread, meaning};

/// A repository of a few services.
const FILES: [(&str, &str); 15] = [
    (".env", "SECRET=1"),
    ("app/main.py", ""),
    ("app/data/a.csv", ""),
    ("lib/pyproject.toml", "[project]\nname = \"lib\"\n"),
    ("lib/lib/__init__.py", ""),
    ("poetry.lock", ""),
    ("pyproject.toml", "[build-system]\n"),
    (
        "requirements.txt",
        "-r requirements/base.txt\nuvicorn[standard]>=0.30\n",
    ),
    (
        "requirements/base.txt",
        "Fast_API==0.110\n--extra-index-url https://pip.example/simple\n",
    ),
    ("services/api/main.py", ""),
    ("services/api/requirements.txt", "httpx\n-e ../../lib\n"),
    ("start.sh", ""),
    ("uv.lock", ""),
    ("web/dist.js", ""),
    ("web/package.json", ""),
];

/// What `docker build` is told beside the text.
#[derive(Default)]
struct Told<'a> {
    context: &'a str,
    target: Option<&'a str>,
    arguments: &'a [(&'a str, &'a str)],
    ignore: &'a str,
}

fn read_as(text: &str, told: &Told<'_>) -> Result<Meaning, Unread> {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    let arguments: BTreeMap<String, String> = told.arguments.iter().map(own).collect();
    meaning(&Build {
        text,
        context: told.context,
        ignore: &Ignore::parse(told.ignore),
        target: told.target,
        arguments: &arguments,
        tree: &MemoryTree::new(FILES),
    })
}

/// What instructions below `FROM python:3.12-slim` mean.
fn read(instructions: &str) -> Meaning {
    whole(&format!("FROM python:3.12-slim\n{instructions}\n"))
}

fn whole(text: &str) -> Meaning {
    read_as(text, &Told::default()).unwrap_or_else(|unread| panic!("{unread}: {text}"))
}

fn installs(meaning: &Meaning) -> Vec<String> {
    meaning.installs.iter().map(ToString::to_string).collect()
}

fn steps(meaning: &Meaning) -> Vec<&str> {
    meaning
        .steps
        .iter()
        .map(|step| step.text.as_str())
        .collect()
}

/// The differences of two texts, each with the name of its rule.
fn differences(before: &str, after: &str) -> Vec<String> {
    let found = judge(&read(before), &read(after), &BTreeSet::new());
    found.iter().map(told).collect()
}

fn told(difference: &Difference) -> String {
    match difference.verdict {
        Verdict::Harmless(rule) => format!("{} ({})", difference.text, rule.id),
        Verdict::Different => difference.text.clone(),
    }
}
