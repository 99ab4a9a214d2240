//! Paths below the root, as text.

use crate::dockerfile::meaning::Tree;

/// Whether a path can stand in a Dockerfile and in services.yaml as it is.
pub(super) fn is_fit(path: &str) -> bool {
    path.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte))
}

/// A path below a folder; the root is the empty path.
pub(super) fn beneath(folder: &str, name: &str) -> String {
    if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    }
}

/// Whether a tree has a file.
pub(super) fn holds(tree: &dyn Tree, path: &str) -> bool {
    let of = |one: &String| one.as_str().cmp(path);
    tree.paths().binary_search_by(of).is_ok()
}

/// Whether a file is one of Python.
pub(super) fn is_python(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| end == "py")
}
