//! What compose files say of the images that they build.

use std::collections::BTreeMap;

use serde_yaml::{Mapping, Value};

use crate::dockerfile::ignore::clean;
use crate::dockerfile::meaning::Tree;

/// The longest compose file that is read, in bytes.
const LIMIT: usize = 1024 * 1024;
/// How many are read.
const FILES: usize = 500;

/// An image that a compose file builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Built {
    /// The name of the service.
    pub(super) service: String,
    /// The build context, below the root.
    pub(super) context: String,
    /// The Dockerfile, below the root.
    pub(super) dockerfile: String,
    /// The stage.
    pub(super) target: Option<String>,
    /// Build arguments.
    pub(super) arguments: BTreeMap<String, String>,
    /// What the image is called.
    pub(super) image: Option<String>,
}

/// Everything that the compose files of a tree build, those for production first and those for
/// development last.
pub(super) fn builds(tree: &dyn Tree) -> Vec<Built> {
    let mut files: Vec<&String> = tree
        .paths()
        .iter()
        .filter(|path| is_compose(path))
        .collect();
    files.sort_by_key(|path| (rank(path), path.matches('/').count(), *path));
    let mut found = Vec::new();
    for path in files.into_iter().take(FILES) {
        if let Some(text) = tree.text(path).filter(|text| text.len() <= LIMIT) {
            found.extend(read(path, &text));
        }
    }
    found
}

fn is_compose(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    let is_yaml = matches!(end, "yml" | "yaml");
    let is_named = name.contains("compose");
    is_yaml && is_named && !path.contains("node_modules/")
}

/// Files for production come first.
fn rank(path: &str) -> u8 {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    if has(&["dev", "test", "debug", "local", "override"]) {
        2
    } else {
        u8::from(!has(&["prod"]))
    }
}

fn read(path: &str, text: &str) -> Vec<Built> {
    let Ok(mut value) = serde_yaml::from_str::<Value>(text) else {
        return Vec::new();
    };
    if value.apply_merge().is_err() {
        return Vec::new();
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let services = value.get("services").and_then(Value::as_mapping);
    let services = services.into_iter().flatten();
    services
        .filter_map(|(name, service)| built(folder, name.as_str()?, service))
        .collect()
}

fn built(folder: &str, name: &str, service: &Value) -> Option<Built> {
    let build = service.get("build")?;
    let (context, details) = match build {
        Value::String(context) => (context.clone(), Mapping::new()),
        Value::Mapping(details) => {
            let context = details.get("context").and_then(Value::as_str);
            (context.unwrap_or(".").to_owned(), details.clone())
        }
        _ => return None,
    };
    let context = below(folder, &interpolated(&context))?;
    let text = |key: &str| details.get(key).and_then(Value::as_str).map(interpolated);
    let dockerfile = text("dockerfile").unwrap_or_else(|| "Dockerfile".to_owned());
    Some(Built {
        service: name.to_owned(),
        dockerfile: below(&context, &dockerfile)?,
        context,
        target: text("target"),
        arguments: arguments(details.get("args")),
        image: service
            .get("image")
            .and_then(Value::as_str)
            .map(interpolated),
    })
}

/// A path below the root; nothing for one that leads out of it.
fn below(folder: &str, path: &str) -> Option<String> {
    if path.contains("://") || path.starts_with('/') || path.contains('$') {
        return None;
    }
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some(clean(&names.join("/")))
}

fn arguments(value: Option<&Value>) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    match value {
        Some(Value::Mapping(entries)) => {
            for (name, value) in entries {
                let value = match value {
                    Value::String(text) => interpolated(text),
                    Value::Number(number) => number.to_string(),
                    Value::Bool(word) => word.to_string(),
                    _ => continue,
                };
                found.extend(name.as_str().map(|name| (name.to_owned(), value)));
            }
        }
        Some(Value::Sequence(items)) => {
            for item in items.iter().filter_map(Value::as_str) {
                if let Some((name, value)) = item.split_once('=') {
                    found.insert(name.to_owned(), interpolated(value));
                }
            }
        }
        _ => {}
    }
    // What the environment alone says is not known.
    found.retain(|_, value| !value.contains('$') && !value.is_empty());
    found
}

/// A text with the defaults of its variables, as compose fills them in.
fn interpolated(text: &str) -> String {
    let (mut filled, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        filled.push_str(before);
        let Some((inner, behind)) = after.split_once('}') else {
            filled.push_str("${");
            rest = after;
            continue;
        };
        match inner.split_once(":-").or_else(|| inner.split_once('-')) {
            Some((_, default)) => filled.push_str(default),
            None => filled.extend(["${", inner, "}"]),
        }
        rest = behind;
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::meaning::MemoryTree;

    #[test]
    fn builds_are_read_with_their_contexts_and_arguments() {
        let text = "x-b: &b { context: ../svc, args: { A: 1, B: \"${B:-two}\", C: \"${C}\" } }\n\
            services:\n  api:\n    image: \"org/api:${T:-1}\"\n\
            \x20   build: { <<: *b, dockerfile: d/Dockerfile, target: prod }\n\
            \x20 web: { build: ./web }\n  db: { image: postgres }\n  out: { build: ../../x }\n";
        let tree = MemoryTree::new([("deploy/compose.yaml", text)]);
        let found = builds(&tree);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].context, "svc");
        assert_eq!(found[0].dockerfile, "svc/d/Dockerfile");
        assert_eq!(found[0].target.as_deref(), Some("prod"));
        assert_eq!(found[0].image.as_deref(), Some("org/api:1"));
        let arguments: Vec<_> = found[0].arguments.iter().collect();
        assert_eq!(arguments.len(), 2, "{arguments:?}");
        assert_eq!(found[1].dockerfile, "deploy/web/Dockerfile");
    }

    #[test]
    fn files_for_production_come_first() {
        let order = ["a/compose.prod.yml", "compose.yaml", "compose.dev.yaml"];
        assert_eq!(order.map(rank), [0, 1, 2]);
        assert!(!is_compose("a/composer.json"));
        assert_eq!(read("c.yaml", "a: [").len(), 0);
    }
}
