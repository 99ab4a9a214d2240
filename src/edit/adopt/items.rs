//! How single things of an original are written in a declaration.

use std::collections::BTreeSet;

use super::node::Node;
use super::running;
use crate::dockerfile::meaning::{Install, Launch, LockTool, Meaning};

/// A URL as a requirement has it: with the name of what lies there.
pub(super) fn named_url(url: &str) -> String {
    let egg = url.split_once("#egg=").map(|(_, name)| name);
    let path = url
        .split(['#', '?'])
        .next()
        .unwrap_or(url)
        .trim_end_matches('/');
    let last = path.rsplit('/').next().unwrap_or(path);
    let is_wheel = camino::Utf8Path::new(last).extension() == Some("whl");
    let of_wheel = last.split('-').next().filter(|_| is_wheel);
    // Behind `@` stands a revision: `repository.git@v1`.
    let last = match last.split_once('@') {
        Some((name, _)) if url.starts_with("git+") => name,
        _ => last,
    };
    let plain = || last.strip_suffix(".git").unwrap_or(last);
    let name = egg.or(of_wheel).unwrap_or_else(plain);
    format!("{} @ {url}", name.split(['&', '[']).next().unwrap_or(name))
}

/// A lock as an item of `install`.
pub(super) fn lock(install: &Install, installs: &BTreeSet<Install>) -> Node {
    let Install::Lock {
        path,
        tool,
        package,
        groups,
        extras,
    } = install
    else {
        return Node::Null;
    };
    let list = |names: &BTreeSet<String>| Node::texts(names.iter().cloned());
    let mut fields = vec![("path".to_owned(), Node::text(path))];
    if let Some(package) = package.as_ref().filter(|_| *tool == LockTool::Uv) {
        fields.push(("package".to_owned(), Node::text(package)));
    }
    if !extras.is_empty() {
        fields.push(("extras".to_owned(), list(extras)));
    }
    if !groups.is_empty() {
        fields.push(("groups".to_owned(), list(groups)));
    }
    let own = Install::Project {
        path: folder_of(path).to_owned(),
        extras: BTreeSet::new(),
    };
    if installs.contains(&own) && package.is_none() {
        fields.push(("project".to_owned(), Node::Yes));
    }
    if fields.len() == 1 {
        Node::text(path)
    } else {
        Node::Map(fields)
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// Whether a project is the one that a lock stands beside: the lock's item says it.
pub(super) fn is_of_lock(
    project: &str,
    extras: &BTreeSet<String>,
    installs: &BTreeSet<Install>,
) -> bool {
    let is_beside = |install: &Install| match install {
        Install::Lock { path, package, .. } => package.is_none() && folder_of(path) == project,
        _ => false,
    };
    extras.is_empty() && installs.iter().any(is_beside)
}

/// A local project as an item of `install`.
pub(super) fn project(path: &str, extras: &BTreeSet<String>) -> Node {
    if path.is_empty() {
        let mut fields = vec![("path".to_owned(), Node::text("pyproject.toml"))];
        if !extras.is_empty() {
            fields.push(("extras".to_owned(), Node::texts(extras.iter().cloned())));
        }
        fields.push(("project".to_owned(), Node::Yes));
        return Node::Map(fields);
    }
    if extras.is_empty() {
        return Node::text(path);
    }
    let extras = extras.iter().cloned().collect::<Vec<_>>().join(",");
    Node::text(format!("{path}[{extras}]"))
}

/// A value in which other variables are named as a declaration does.
pub(super) fn variables(value: &str) -> String {
    let value = running::literal(value);
    if !value.contains("${") {
        return value;
    }
    let (mut filled, mut rest) = (String::new(), value.as_str());
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        match after.split_once('}') {
            Some((name, behind)) if is_name(name) => {
                filled.extend(["{env.", name, "}"]);
                rest = behind;
            }
            _ => {
                filled.push_str("${");
                rest = after;
            }
        }
    }
    filled + rest
}

pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// Labels that every generated Dockerfile has.
pub(super) fn is_own_label(name: &str) -> bool {
    name.starts_with("org.opencontainers.image.")
}

/// The words of everything that runs in the image or while it is built.
pub(super) fn mentioned(meaning: &Meaning) -> BTreeSet<String> {
    let mut texts: Vec<String> = meaning.steps.iter().map(|step| step.text.clone()).collect();
    let probed = meaning.health.as_ref().and_then(|health| health.command());
    for launch in [&meaning.command, &meaning.entrypoint]
        .into_iter()
        .flatten()
        .chain(probed)
    {
        texts.push(match launch {
            Launch::Exec(words) => words.join(" "),
            Launch::Shell(text) => text.clone(),
        });
    }
    let words = texts
        .iter()
        .flat_map(|text| text.split(|c: char| !(c.is_ascii_alphanumeric() || "+-_".contains(c))));
    words.map(str::to_owned).collect()
}

pub(super) fn holds_files(meaning: &Meaning, folder: &str) -> bool {
    let prefix = format!("{}/", folder.trim_end_matches('/'));
    let mut below = meaning.files.range(prefix.clone()..);
    below
        .next()
        .is_some_and(|(path, _)| path.starts_with(&prefix))
}

/// Takes out what is there already.
pub(super) fn dedup(nodes: &mut Vec<Node>) {
    let mut seen = BTreeSet::new();
    nodes.retain(|node| seen.insert(node.clone()));
}
