//! What an original leaves out of its build, as `ignore` says it.

use super::find::Original;
use super::places::Places;
use crate::dockerfile::ignore::Ignore;
use crate::dockerfile::meaning::{Tree, ignore_text};

/// What no image takes by default, as far as ignore files name it.
const LEFT_OUT: [&str; 24] = [
    ".git",
    ".hg",
    ".svn",
    ".venv",
    "venv",
    "node_modules",
    "__pycache__",
    "*.pyc",
    ".env",
    ".env.*",
    ".env*",
    "*.pem",
    "*.key",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".coverage",
    "htmlcov",
    ".idea",
    ".vscode",
    ".DS_Store",
    "Dockerfile",
    "Dockerfile*",
];

/// The patterns of the original's ignore file that matter for what is copied, as `ignore` has them.
pub(super) fn ignored(original: &Original, tree: &dyn Tree, places: &Places) -> Vec<String> {
    let Some(folder) = &places.folder else {
        return Vec::new();
    };
    let text = ignore_text(tree, &original.path, &original.context);
    let context = original.context.as_str();
    let mut patterns = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (sign, pattern) = match line.strip_prefix('!') {
            Some(rest) => ("!", rest),
            None => ("", line),
        };
        let pattern = pattern.trim_start_matches("./").trim_matches('/');
        if pattern.is_empty() || pattern == "." {
            continue;
        }
        let name = pattern.rsplit('/').next().unwrap_or(pattern);
        if sign.is_empty() && LEFT_OUT.contains(&name) {
            continue;
        }
        let full = match pattern.strip_prefix("**/") {
            Some(rest) if !rest.contains('/') && (context.is_empty() || context == folder) => {
                rest.to_owned()
            }
            _ if context.is_empty() => format!("/{pattern}"),
            _ => format!("/{context}/{pattern}"),
        };
        let alone = Ignore::parse(pattern);
        let matters = tree.paths().iter().any(|path| {
            let inside = if context.is_empty() {
                Some(path.as_str())
            } else {
                path.strip_prefix(context)
                    .and_then(|rest| rest.strip_prefix('/'))
            };
            let is_taken = folder == "." || path.starts_with(&format!("{folder}/"));
            is_taken && inside.is_some_and(|inside| alone.excludes(inside))
        });
        if matters {
            patterns.push(format!("{sign}{full}"));
        }
    }
    if patterns.iter().all(|pattern| pattern.starts_with('!')) {
        patterns.clear();
    }
    patterns
}
