//! No circle among the files of a room: who reads a file need not have read those that read it.
//!
//! Rooms name each other one way, so a circle can only be within a room. An edge is a path that
//! begins with `crate::`, `super::`, `self::` or the name of a child, followed through re-exports.
//! That a `mod.rs` declares and re-exports its children is none.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::sources;

/// The path of a module below `crate`, such as `render::trace`.
type Module = Vec<String>;

/// The beginning of the unit tests of a file.
const TESTS: [&str; 3] = [
    "\n#[cfg(test)]\nmod tests",
    "\n#[cfg(test)]\n#[cfg(any",
    "\n#[cfg(all(test",
];

/// A file without comments and without its unit tests.
pub(super) fn without_tests(text: &str) -> String {
    let tests = TESTS.iter().filter_map(|start| text.find(start)).min();
    let text = &text[..tests.unwrap_or(text.len())];
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    text.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap()
}

static DECLARED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^\s*(?:pub(?:\([a-z: ]+\))? )?mod (\w+);"));
static USED: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^\s*(pub(?:\([a-z: ]+\))? )?use ([^;]+);"));
static ABSOLUTE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:crate|super|self)(?:::\w+)+"));
static RELATIVE: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(\w+)(?:::\w+)+"));

/// One file, as far as it names others.
#[derive(Default)]
struct File {
    path: String,
    children: BTreeSet<String>,
    /// Paths that it names, each with whether that is a re-export.
    named: Vec<(bool, String)>,
}

impl File {
    fn read(path: &str, text: &str) -> Self {
        let code = without_tests(text);
        let children: BTreeSet<String> = DECLARED
            .captures_iter(&code)
            .map(|found| found[1].to_owned())
            .collect();
        let mut named = Vec::new();
        for found in USED.captures_iter(&code) {
            for one in expanded(&found[2].split_whitespace().collect::<String>()) {
                named.push((found.get(1).is_some(), one));
            }
        }
        let body = USED.replace_all(&code, "");
        for found in ABSOLUTE.find_iter(&body) {
            named.push((false, found.as_str().to_owned()));
        }
        for found in RELATIVE.captures_iter(&body) {
            let is_path = body[..found.get(0).unwrap().start()].ends_with(':');
            if children.contains(&found[1]) && !is_path {
                named.push((false, format!("self::{}", &found[0])));
            }
        }
        Self {
            path: path.to_owned(),
            children,
            named,
        }
    }

    /// A path from the root of the crate on; nothing for one of another crate.
    fn absolute(&self, module: &Module, named: &str) -> Option<Module> {
        let mut steps: Vec<String> = named.split("::").map(str::to_owned).collect();
        let first = steps[0].clone();
        if first == "crate" {
            return Some(steps.split_off(1));
        }
        let mut at = module.clone();
        if first == "self" {
            steps.remove(0);
        } else if first == "super" {
            while steps.first().is_some_and(|name| name == "super") {
                at.pop();
                steps.remove(0);
            }
        } else if !self.children.contains(&first) {
            return None;
        }
        at.extend(steps);
        Some(at)
    }
}

/// `a::{b, c::{d}}` as `a::b` and `a::c::d`. White space is gone, so `as` stands in the name.
fn expanded(used: &str) -> Vec<String> {
    let Some((before, rest)) = used.split_once('{') else {
        return vec![used.to_owned()];
    };
    let (mut depth, mut parts, mut part) = (0, Vec::new(), String::new());
    for letter in rest.chars() {
        match letter {
            '}' if depth == 0 => break,
            ',' if depth == 0 => parts.push(std::mem::take(&mut part)),
            _ => {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                part.push(letter);
            }
        }
    }
    parts.push(part);
    let whole = parts.iter().filter(|part| !part.is_empty());
    whole
        .flat_map(|part| expanded(&format!("{before}{part}")))
        .collect()
}

/// Every file, by its module.
fn files() -> BTreeMap<Module, File> {
    let mut files = BTreeMap::new();
    for (path, text) in sources("src") {
        let below = path.strip_prefix("src").unwrap().with_extension("");
        let mut module: Module = below.as_str().split('/').map(str::to_owned).collect();
        if module
            .last()
            .is_some_and(|name| name == "mod" || name == "lib")
        {
            module.pop();
        }
        files.insert(module, File::read(path.as_str(), &text));
    }
    files
}

/// The module that a path leads to, through re-exports.
fn target(
    files: &BTreeMap<Module, File>,
    exports: &BTreeMap<Module, Module>,
    path: &[String],
) -> Module {
    let mut path = path.to_vec();
    for _ in 0..10 {
        let depth = (0..=path.len())
            .rev()
            .find(|depth| files.contains_key(&path[..*depth]))
            .unwrap();
        match path.get(..=depth).and_then(|name| exports.get(name)) {
            Some(exported) => {
                path = exported.iter().chain(&path[depth + 1..]).cloned().collect();
            }
            None => return path[..depth].to_vec(),
        }
    }
    path
}

/// For each file, the files that it names.
fn graph() -> BTreeMap<String, BTreeSet<String>> {
    let files = files();
    let mut exports = BTreeMap::new();
    for (module, file) in &files {
        for (_, named) in file.named.iter().filter(|(exported, _)| *exported) {
            if let Some(path) = file.absolute(module, named) {
                let name = path.last().unwrap().clone();
                exports.insert(module.iter().cloned().chain([name]).collect(), path);
            }
        }
    }
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (module, file) in &files {
        let edges = graph.entry(file.path.clone()).or_default();
        for (exported, named) in &file.named {
            let Some(path) = file.absolute(module, named) else {
                continue;
            };
            let first = named.split("::").next().unwrap();
            let is_own = *exported && (first == "self" || file.children.contains(first));
            let to = target(&files, &exports, &path);
            // Rooms name each other one way, so only a room's own files can be in a circle.
            let is_near = to.first() == module.first();
            if !is_own && is_near && to != *module && !to.is_empty() {
                edges.insert(files[&to].path.clone());
            }
        }
    }
    graph
}

/// The files that can be reached from one.
fn reached<'g>(graph: &'g BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<&'g str> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from.to_owned()];
    while let Some(file) = waiting.pop() {
        for next in &graph[&file] {
            if reached.insert(next.as_str()) {
                waiting.push(next.clone());
            }
        }
    }
    reached
}

/// Where files still go in circles.
const OPEN: [&str; 3] = [
    "src/dockerfile/judge/",
    "src/dockerfile/meaning/",
    "src/fleet/resolve/",
];

#[test]
fn no_files_are_in_a_circle() {
    let graph = graph();
    assert!(graph.values().map(BTreeSet::len).sum::<usize>() > 200);
    let is_in_circle = |file: &&String| reached(&graph, file).contains(file.as_str());
    let in_circles = graph.keys().filter(is_in_circle);
    let in_circles: Vec<&String> = in_circles
        .filter(|file| !OPEN.iter().any(|open| file.starts_with(open)))
        .collect();
    assert!(in_circles.is_empty(), "{in_circles:#?}");
}

#[test]
fn a_use_with_braces_is_each_of_its_paths() {
    assert_eq!(expanded("a::{b,c::{d,e}}"), ["a::b", "a::c::d", "a::c::e"]);
    assert_eq!(expanded("super::a"), ["super::a"]);
}
