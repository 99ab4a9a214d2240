//! The differences that are harmless, by name.

/// A kind of difference that does not matter.
#[derive(Debug, PartialEq, Eq)]
pub struct HarmlessRule {
    /// Its name, by which a policy denies it.
    pub id: &'static str,
    /// What differs, and why it does not matter.
    pub(crate) about: &'static str,
}

macro_rules! rules {
    ($($name:ident $id:literal $about:literal)*) => {
        $(pub(super) static $name: HarmlessRule = HarmlessRule { id: $id, about: $about };)*

        /// All rules, in alphabetical order.
        pub static HARMLESS_RULES: &[&HarmlessRule] = &[$(&$name),*];
    };
}

rules! {
    BUILD_TOOL_GONE "build-tool-gone"
        "A program that only builds or probes (gcc, git, curl, pip, uv) is no longer in the image."
    BUILD_VARIABLES "build-variables"
        "A variable that only installers read (PIP_*, POETRY_*, UV_*, DEBIAN_FRONTEND) is gone or set."
    CODE_READ_ONLY "code-read-only"
        "The program can no longer write to its own code."
    EXEC_FORM "exec-form"
        "The program starts without a shell, so signals reach it."
    IGNORED_FILES "ignored-files"
        "Files that no program needs (.git, tests of editors, Dockerfiles, caches) are left out."
    IMAGE_LABELS "image-labels"
        "Labels that describe the image (org.opencontainers.image.*) are set or changed."
    INSTALL_FILES_GONE "install-files-gone"
        "The files that say what is installed are used in the build and not kept in the image."
    LABELS_GONE "labels-gone"
        "A label is no longer set."
    MORE_FILES "more-files"
        "More files of a folder are copied, some of which were before."
    NON_ROOT "non-root"
        "The program runs as another account than root."
    PORT_DECLARED "port-declared"
        "A port is declared; that publishes nothing."
    PYTHON_PATH "python-path"
        "Python also looks for modules in the working folder, as it does for `python -m`."
    PYTHON_PROBE "python-probe"
        "The health check asks the same URL with Python instead of curl or wget."
    PYTHON_SWITCHES "python-switches"
        "Python writes no .pyc files, does not hold back its output, or tells where it crashed."
    RUNNER_GONE "runner-gone"
        "The program starts without `uv run` or `poetry run`, which only find its environment."
    UID_CHANGED "uid-changed"
        "The program runs as another account, which is not root either."
    WORKER_HEARTBEATS "worker-heartbeats"
        "gunicorn keeps the heartbeats of its workers in memory instead of on the disk."
}

/// The rule of a name.
#[must_use]
pub(crate) fn find_rule(id: &str) -> Option<&'static HarmlessRule> {
    HARMLESS_RULES.iter().copied().find(|rule| rule.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_sorted_and_found_by_name() {
        assert!(HARMLESS_RULES.is_sorted_by(|one, other| one.id < other.id));
        for rule in HARMLESS_RULES {
            assert_eq!(find_rule(rule.id), Some(*rule));
            assert!(rule.about.ends_with('.'));
        }
        assert_eq!(find_rule("x"), None);
    }
}
