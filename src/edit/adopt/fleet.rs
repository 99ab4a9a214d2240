//! What originals say of the fleet as a whole.

use std::collections::{BTreeMap, BTreeSet};

use super::find::Original;
use super::node::Node;
use super::packages::has_system_python;
use super::parent::From;
use crate::declare::fields_beside;
use crate::diagnostic::DeclPath;
use crate::dockerfile::meaning::{Install, LockTool, Meaning};
use crate::values::{Owner, Registry};

/// The fields that an entry of a declaration may have.
pub(super) fn fields_of(entry: &[&str]) -> BTreeSet<String> {
    let beside = DeclPath::of(entry).key("field");
    fields_beside(&beside).into_iter().collect()
}

/// The versions of the tools that locks are installed with: those that the originals name, else
/// the ones that the schema gives as examples.
pub(super) fn tools(read: &[(Original, Meaning)]) -> Vec<(String, Node)> {
    let known = fields_of(&["tools"]);
    let is_needed = |tool: LockTool| {
        let installs = || read.iter().flat_map(|(_, meaning)| &meaning.installs);
        let is_lock = |install: &Install| {
            matches!(install, Install::Lock { tool: of, .. } if *of == tool)
                || (tool == LockTool::Uv && matches!(install, Install::Manifest(_)))
                || (tool == LockTool::Uv
                    && matches!(install, Install::Project { path, .. } if path.is_empty()))
        };
        let by_uv = |(_, meaning): &(Original, Meaning)| has_system_python(meaning);
        installs().any(is_lock) || (tool == LockTool::Uv && read.iter().any(by_uv))
    };
    let mut found = Vec::new();
    for (tool, example) in [(LockTool::Uv, "0.13.9"), (LockTool::Poetry, "2.5.1")] {
        if is_needed(tool) && known.contains(tool.name()) {
            let version = version_in(read, tool.name()).unwrap_or_else(|| example.to_owned());
            found.push((tool.name().to_owned(), Node::Text(version)));
        }
    }
    found
}

/// The version behind a tool's name in the originals: `poetry==1.8.3`, `astral-sh/uv:0.6.14`,
/// `POETRY_VERSION=1.8.3`.
pub(super) fn version_in(read: &[(Original, Meaning)], tool: &str) -> Option<String> {
    let variable = format!("{}_VERSION=", tool.to_ascii_uppercase());
    let starts = [format!("{tool}=="), format!("astral-sh/{tool}:"), variable];
    for (original, _) in read {
        for start in &starts {
            for (at, _) in original.text.match_indices(start.as_str()) {
                let rest = original.text.get(at + start.len()..).unwrap_or_default();
                let rest = rest.trim_start_matches(['"', '\'']);
                let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.');
                let version = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
                if version.split('.').count() == 3 && !version.ends_with('.') {
                    return Some(version.to_owned());
                }
            }
        }
    }
    None
}

/// The version of Python that most originals have.
pub(super) fn most_common_python(read: &[(Original, Meaning)]) -> String {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for (_, meaning) in read {
        if let Some(version) = From::read(&meaning.base.reference).and_then(|from| from.python) {
            *counts.entry(version).or_default() += 1;
        }
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or_else(|| "3.12".to_owned(), |(version, _)| version)
}

/// Where the repository pushes its images, as compose files name them.
pub(super) fn registry_and_owner(read: &[(Original, Meaning)]) -> (String, String) {
    let references = read.iter().flat_map(|(original, _)| &original.references);
    for reference in references {
        let mut parts = reference.split('/');
        let (Some(registry), Some(owner), Some(_)) = (parts.next(), parts.next(), parts.next())
        else {
            continue;
        };
        let is_host = registry.contains(['.', ':']) && Registry::parse(registry).is_ok();
        if is_host && Owner::parse(owner).is_ok() {
            return (registry.to_owned(), owner.to_owned());
        }
    }
    ("registry.example.com".to_owned(), "acme".to_owned())
}
