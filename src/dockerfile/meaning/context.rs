//! Which folder a Dockerfile is built in, where nobody says it.

use super::super::ignore::clean;
use super::super::{Instruction, Segment, segment};
use super::tree::{self, Kind, Tree};

/// The build context of the Dockerfile at `path`: of its own folder and those above it, the one
/// that holds most of what the text copies; the nearest of several.
#[must_use]
pub fn context_of(tree: &dyn Tree, path: &str, text: &str) -> String {
    let sources = sources(text);
    let mut best = (0, parent(path));
    let mut folder = parent(path);
    loop {
        let is_there = |source: &&String| {
            tree::kind(tree, &clean(&format!("{folder}/{source}"))) != Kind::Absent
        };
        let held = sources.iter().filter(is_there).count();
        if held > best.0 {
            best = (held, folder);
        }
        if folder.is_empty() {
            return best.1.to_owned();
        }
        folder = parent(folder);
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The ignore file of a Dockerfile: its own, else the context's.
#[must_use]
pub(crate) fn ignore_text(tree: &dyn Tree, path: &str, context: &str) -> String {
    let own = tree.text(&format!("{path}.dockerignore"));
    own.or_else(|| tree.text(&clean(&format!("{context}/.dockerignore"))))
        .unwrap_or_default()
}

/// What a text takes from its build context, patterns and variables aside.
fn sources(text: &str) -> Vec<String> {
    let segments = segment(text);
    let mut found = Vec::new();
    for instruction in segments.iter().filter_map(Segment::instruction) {
        let inner = instruction.trigger();
        found.extend(sources_of(inner.as_ref().unwrap_or(instruction)));
    }
    found.retain(|source| !source.contains(['$', '*', '?', '[']) && !source.is_empty());
    found
}

fn sources_of(instruction: &Instruction) -> Vec<String> {
    let flags = instruction.flags();
    match instruction.keyword() {
        "COPY" | "ADD" if !flags.iter().any(|flag| flag.starts_with("--from=")) => {
            let mut words = instruction.values().unwrap_or_default();
            words.pop();
            words.retain(|word| !word.starts_with("<<") && !word.contains("://"));
            words.iter().map(|word| clean(word)).collect()
        }
        "RUN" => flags.iter().filter_map(|flag| bound(flag)).collect(),
        _ => Vec::new(),
    }
}

/// The path that a bind mount takes from the context.
fn bound(flag: &str) -> Option<String> {
    let options = flag.strip_prefix("--mount=")?;
    let named = |name: &str| {
        let pairs = options.split(',').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .next_back()
    };
    let is_bind = named("type").is_none_or(|kind| kind == "bind") && named("from").is_none();
    let source = named("source").or_else(|| named("src"))?;
    is_bind.then(|| clean(source))
}

#[cfg(test)]
mod tests {
    use super::super::tree::MemoryTree;
    use super::*;

    #[test]
    fn the_context_holds_what_is_copied() {
        let paths = [
            "libs/a.py",
            "svc/api/main.py",
            "svc/api/requirements.txt",
            "svc/api/docker/Dockerfile",
        ];
        let tree = MemoryTree::new(paths.map(|path| (path, "")));
        for (text, expected) in [
            ("FROM a\nCOPY requirements.txt .\nCOPY . .\n", "svc/api"),
            ("FROM a\nCOPY libs /l\nCOPY svc/api /a\n", ""),
            (
                "FROM a\nRUN --mount=type=bind,source=api/main.py,target=/m true\n",
                "svc",
            ),
            ("FROM a\nCOPY . .\n", "svc/api/docker"),
            (
                "FROM a\nCOPY --from=b main.py .\nCOPY gone $X /\n",
                "svc/api/docker",
            ),
        ] {
            assert_eq!(
                context_of(&tree, "svc/api/docker/Dockerfile", text),
                expected,
                "{text}"
            );
        }
    }
}
