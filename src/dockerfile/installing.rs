//! Files that say what is installed, by their names: an image needs them only while it is built.

/// Names of such files, in lower case.
const NAMES: [&str; 9] = [
    "pdm.lock",
    "pipfile",
    "pipfile.lock",
    "poetry.lock",
    "poetry.toml",
    "pyproject.toml",
    "setup.cfg",
    "setup.py",
    "uv.lock",
];

/// Whether a path is called as these files are, or as what a pyproject.toml names beside them.
#[must_use]
pub(crate) fn is_install_file(path: &str) -> bool {
    let name = name_of(path);
    NAMES.contains(&name.as_str()) || is_readme(&name) || is_requirement_file(path)
}

/// Whether a name, in lower case, is that of a text for persons.
fn is_readme(name: &str) -> bool {
    let ending = name.split_once('.').map_or("", |(_, ending)| ending);
    name.starts_with("readme") && ["", "md", "rst", "txt"].contains(&ending)
}

/// Whether a path is called as requirement files are.
#[must_use]
pub(super) fn is_requirement_file(path: &str) -> bool {
    let name = name_of(path);
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    let is_text = name.rsplit_once('.').is_some_and(|(_, end)| end == "txt");
    is_text
        && (name.contains("require")
            || name.contains("constraints")
            || folders.split('/').any(|folder| folder == "requirements"))
}

fn name_of(path: &str) -> String {
    path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_at_any_depth() {
        for path in [
            "/app/Pipfile",
            "uv.lock",
            "README.md",
            "requirements-dev.txt",
            "requirements/base.txt",
            "/app/a/requirements/base.txt",
            "deploy/constraints.txt",
        ] {
            assert!(is_install_file(path), "{path}");
        }
        for path in [
            "main.py",
            "notes.txt",
            "my-requirements/notes.txt",
            "requirements.py",
            "readme.py",
        ] {
            assert!(!is_install_file(path), "{path}");
        }
        assert!(!is_requirement_file("pyproject.toml"));
    }
}
