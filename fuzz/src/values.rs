//! No declared value can add, remove or change an instruction: whatever text stands in a field,
//! either it is refused, or the files are made of the same instructions as with a harmless value,
//! and the text reads back as it was written.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use dockwright::dockerfile::{Completeness, Instruction, Segment, segment};
use dockwright::images::Scope;
use dockwright::project::{Ask, Files, Missing, Unwatched, check, load};
use serde_json::Value;

/// A declaration in which every field that takes text has a text of its own.
pub const EVERY_FIELD: &str = r#"
registry: registry.example
owner: acme-owner
python: "3.12"
shared: [shared-folder]
layout: { services: "svc/{name}", bases: "bases/{name}", requirements: "sets/{set}.txt", source: "apps/{module}" }
images:
  other-image:
    reference: mirror.example/python
    tag: 3.12-slim-bookworm
    digest: "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
    user: 1000
requirements:
  base: [fastapi, "pinned-package==1.0"]
  extra-set: [extra-requirement]
bases:
  base-runtime:
    version: v1.0.0
    from: other-image
    template: python-slim
    requirements: [base]
    apt: [base-package]
    apt_build: [base-build-package]
    pip: [base-requirement]
    index_urls: ["https://base.example/simple"]
    secrets: [{ id: base-secret, target: /root/base }]
    env: { BASE_KEY: base value }
kinds:
  slim-kind: { template: multi-stage-slim }
  base-kind: { template: runtime-on-base, base: base-runtime }
services:
  svc-a:
    kind: slim-kind
    from: other-image
    requirements: [extra-set]
    apt: [slim-package]
    apt_build: [slim-build-package]
    pip: [slim-requirement]
    index_urls: ["https://slim.example/simple", "https://more.example/simple"]
    secrets: [{ id: slim-secret, target: /run/secrets/slim }, short-secret]
    port: 8000
    app: "apps.svc_a.main:app"
    env: { SLIM_KEY: slim value, OTHER: again }
    healthcheck: { path: /slim, interval: 31s, timeout: 6s, start_period: 21s }
    labels: { label-key: label value }
    dirs: [dir-path]
    volumes: [volume-path]
    home: home-path
    groups: [group-name]
    stop_signal: SIGINT
  svc-b:
    kind: base-kind
    apt: [above-package]
    apt_build: [above-build-package]
    pip: [above-requirement]
    secrets: [above-secret]
    port: 8001
    cmd: [first-word, second-word]
    env: { ABOVE_KEY: above value }
    args: { ABOVE_ARG: above argument }
    healthcheck: { path: /above }
"#;

/// How a text is found again in the generated files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// It stands in them as it is.
    AsWritten,
    /// It is a value of ENV or ARG.
    Env,
    /// It is a word of a CMD.
    Command,
    /// It is part of the word of a HEALTHCHECK.
    Probe,
    /// It only names something that is declared elsewhere, or is rewritten (durations, patterns).
    Nowhere,
}
use Read::{AsWritten, Command, Env, Nowhere, Probe};

/// Every text of [`EVERY_FIELD`], and where it comes out.
pub const FIELDS: [(&str, Read); 56] = [
    ("registry.example", AsWritten),
    ("acme-owner", AsWritten),
    ("3.12", Nowhere),
    ("shared-folder", AsWritten),
    ("svc/{name}", Nowhere),
    ("bases/{name}", Nowhere),
    ("sets/{set}.txt", Nowhere),
    ("apps/{module}", Nowhere),
    ("other-image", Nowhere),
    ("mirror.example/python", AsWritten),
    ("3.12-slim-bookworm", Nowhere),
    (
        "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        AsWritten,
    ),
    ("base", Nowhere),
    ("extra-set", Nowhere),
    ("fastapi", AsWritten),
    ("extra-requirement", AsWritten),
    ("base-runtime", AsWritten),
    ("v1.0.0", AsWritten),
    ("base-package", AsWritten),
    ("base-build-package", AsWritten),
    ("base-requirement", AsWritten),
    ("https://base.example/simple", AsWritten),
    ("base-secret", AsWritten),
    ("/root/base", AsWritten),
    ("BASE_KEY", AsWritten),
    ("base value", Env),
    ("slim-kind", Nowhere),
    ("base-kind", Nowhere),
    ("svc-a", AsWritten),
    ("slim-package", AsWritten),
    ("slim-build-package", AsWritten),
    ("slim-requirement", AsWritten),
    ("https://slim.example/simple", AsWritten),
    ("https://more.example/simple", AsWritten),
    ("slim-secret", AsWritten),
    ("/run/secrets/slim", AsWritten),
    ("short-secret", AsWritten),
    ("apps.svc_a.main:app", Command),
    ("SLIM_KEY", AsWritten),
    ("slim value", Env),
    ("/slim", Probe),
    ("label-key", AsWritten),
    ("label value", Env),
    ("dir-path", AsWritten),
    ("volume-path", AsWritten),
    ("home-path", AsWritten),
    ("group-name", AsWritten),
    ("SIGINT", AsWritten),
    ("31s", Nowhere),
    ("21s", Nowhere),
    ("above-package", AsWritten),
    ("above-build-package", AsWritten),
    ("second-word", Command),
    ("above value", Env),
    ("ABOVE_ARG", AsWritten),
    ("above argument", Env),
];

/// [`EVERY_FIELD`], loaded once.
static FIELD_VALUES: LazyLock<Value> = LazyLock::new(|| serde_yaml::from_str(EVERY_FIELD).unwrap());

/// The declaration with another text wherever `field` stands, as JSON, which is YAML.
fn with(field: &str, text: &str) -> String {
    fn replaced(value: &Value, field: &str, text: &str) -> Value {
        let other = |word: &String| {
            if word == field {
                text.to_owned()
            } else {
                word.clone()
            }
        };
        match value {
            Value::String(word) => Value::String(other(word)),
            Value::Array(items) => items
                .iter()
                .map(|item| replaced(item, field, text))
                .collect(),
            Value::Object(fields) => fields
                .iter()
                .map(|(key, value)| (other(key), replaced(value, field, text)))
                .collect(),
            plain => plain.clone(),
        }
    }
    replaced(&FIELD_VALUES, field, text).to_string()
}

/// The kind of a file, and what is left of its lines or instructions.
type Skeleton = (String, Vec<String>);

/// What the declaration renders to, by path; `None` where it is refused.
fn rendered(declaration: &str) -> Option<BTreeMap<String, String>> {
    let files = Files::declaring(declaration);
    let loaded = load(&files, "services.yaml", &Unwatched).ok()?;
    let is_taken = loaded.fleet().is_some() && loaded.diagnostics.is_empty();
    let ask = Ask {
        scope: &Scope::default(),
        today: None,
        waivers: true,
        missing: Missing::Rendered,
    };
    let checked = is_taken.then(|| check(&files, &loaded, &ask))?;
    let checked = checked.unwrap_or_else(|error| panic!("{error}\n{declaration}"));
    // No file is there, so the check misses everything.
    let missing = checked.report().drifts.iter();
    Some(
        missing
            .map(|drift| (drift.path.to_string(), drift.expected.clone().unwrap()))
            .collect(),
    )
}

/// A file, taken apart.
#[derive(Debug, Clone)]
struct File {
    skeleton: Skeleton,
    /// Those of a Dockerfile.
    instructions: Vec<Instruction>,
}

impl File {
    /// What is left of the file when every word counts as the same, by kind of file.
    fn new(path: &str, content: &str) -> Self {
        let instructions = if path.ends_with("/Dockerfile") {
            instructions(content)
        } else {
            Vec::new()
        };
        let skeleton = match path.rsplit('/').next().unwrap() {
            "Dockerfile" => (
                "Dockerfile".to_owned(),
                instructions.iter().map(instruction_shape).collect(),
            ),
            "Dockerfile.dockerignore" => (
                "ignore".to_owned(),
                lines(&without_itself(path, content), &[]),
            ),
            // How many pins there are depends on the specifiers.
            "constraints.txt" => ("constraints".to_owned(), {
                let mut lines = lines(content, &[]);
                lines.dedup();
                lines
            }),
            _ => (
                "requirements".to_owned(),
                lines(content, &["--index-url", "--extra-index-url"]),
            ),
        };
        Self {
            skeleton,
            instructions,
        }
    }
}

/// The files taken apart; those that are the harmless ones to the byte were so before.
fn taken_apart(files: &BTreeMap<String, String>) -> Vec<Cow<'static, File>> {
    let harmless =
        |path: &String, content: &String| HARMLESS.get(path).filter(|(known, _)| known == content);
    files
        .iter()
        .map(|(path, content)| match harmless(path, content) {
            Some((_, file)) => Cow::Borrowed(file),
            None => Cow::Owned(File::new(path, content)),
        })
        .collect()
}

/// What is left of the files, in an order that their paths do not change.
fn skeletons<'a>(files: impl Iterator<Item = &'a File>) -> Vec<&'a Skeleton> {
    let mut skeletons: Vec<&Skeleton> = files.map(|file| &file.skeleton).collect();
    skeletons.sort();
    skeletons
}

/// An ignore file without the line that keeps its own Dockerfile out of the image: there is one
/// wherever the folder of the Dockerfile is among those that are copied. Nor has it a path again
/// that it lets in already, as follows where a declared path is one that is left out by default.
fn without_itself(path: &str, content: &str) -> String {
    let itself = path
        .strip_suffix(".dockerignore")
        .map(|dockerfile| format!("{dockerfile}*\n"));
    let mut let_in = BTreeSet::new();
    content
        .split_inclusive('\n')
        .filter(|line| Some(*line) != itself.as_deref())
        .filter(|line| !line.starts_with('!') || let_in.insert(*line))
        .collect()
}

fn instructions(content: &str) -> Vec<Instruction> {
    segment(content)
        .iter()
        .filter_map(Segment::instruction)
        .cloned()
        .collect()
}

/// The first character of each line after the header, and known options.
fn lines(content: &str, options: &[&str]) -> Vec<String> {
    let shape = |line: &str| match options
        .iter()
        .find(|option| line.split(' ').next() == Some(option))
    {
        Some(option) => (*option).to_owned(),
        None => line
            .chars()
            .take(1)
            .map(|first| {
                if first.is_ascii_alphanumeric() {
                    'w'
                } else {
                    first
                }
            })
            .collect(),
    };
    content.lines().skip(2).map(shape).collect()
}

fn instruction_shape(instruction: &Instruction) -> String {
    assert_eq!(
        instruction.completeness(),
        Completeness::Complete,
        "{instruction:?}"
    );
    let flags: Vec<String> = instruction
        .flags()
        .iter()
        .map(|flag| shape(flag, "._:/@+~%-"))
        .collect();
    let operands = match (instruction.keyword(), instruction.exec_form()) {
        ("CMD" | "HEALTHCHECK" | "VOLUME", Some(words)) => format!("{} words", words.len()),
        ("ENV" | "ARG" | "LABEL", _) => {
            format!("{} variables", instruction.key_values().unwrap().len())
        }
        ("RUN", None) => shape(instruction.operands(), "._:/@+~%=-"),
        (_, None) => shape(instruction.operands(), "._:/@+~%=-[]"),
        (_, form) => format!("{form:?}"),
    };
    format!("{} {flags:?} {operands}", instruction.keyword())
}

/// The text with one `w` for every run of letters, digits and these characters.
fn shape(text: &str, word: &str) -> String {
    let mut shape = String::new();
    for letter in text.chars() {
        let letter = if letter.is_ascii_alphanumeric() || word.contains(letter) {
            'w'
        } else {
            letter
        };
        if letter != 'w' || !shape.ends_with('w') {
            shape.push(letter);
        }
    }
    shape
}

/// Whether the text comes out where it belongs.
fn reads_back(
    files: &BTreeMap<String, String>,
    apart: &[Cow<'_, File>],
    read: Read,
    text: &str,
) -> bool {
    let instructions = || apart.iter().flat_map(|file| &file.instructions);
    let words = |keyword: &str| {
        let found = instructions().filter(|instruction| instruction.keyword() == keyword);
        found
            .filter_map(Instruction::exec_form)
            .flatten()
            .collect::<Vec<_>>()
    };
    match read {
        // Blanks around a requirement mean nothing.
        AsWritten => files
            .values()
            .any(|content| content.contains(text.trim_matches([' ', '\t']))),
        Env => instructions()
            .filter(|instruction| matches!(instruction.keyword(), "ENV" | "ARG" | "LABEL"))
            .flat_map(|instruction| instruction.key_values().unwrap())
            .any(|pair| pair.value.as_deref() == Some(text) && !pair.expands),
        Command => words("CMD").iter().any(|word| word == text),
        Probe => words("HEALTHCHECK")
            .iter()
            .any(|word| word.contains(&format!("c.request('GET', '{text}')"))),
        Nowhere => true,
    }
}

/// What [`EVERY_FIELD`] renders to as it stands, and each file taken apart.
static HARMLESS: LazyLock<BTreeMap<String, (String, File)>> = LazyLock::new(|| {
    let apart = |(path, content): (String, String)| {
        let file = File::new(&path, &content);
        (path, (content, file))
    };
    rendered(EVERY_FIELD)
        .unwrap()
        .into_iter()
        .map(apart)
        .collect()
});

/// Whether a text was taken; panics where it changed more than its place.
#[must_use]
pub fn holds(field: &str, read: Read, text: &str) -> bool {
    let Some(files) = rendered(&with(field, text)) else {
        return false;
    };
    let apart = taken_apart(&files);
    let expected = skeletons(HARMLESS.values().map(|(_, file)| file));
    let found = skeletons(apart.iter().map(AsRef::as_ref));
    assert_eq!(found, expected, "{field} = {text:?}");
    assert!(
        reads_back(&files, &apart, read, text),
        "{field} = {text:?} does not read back: {files:#?}"
    );
    true
}
