//! Which files and folders services.yaml may name, as patterns for its JSON Schema; the program
//! judges them with more words.
//!
//! A pull request can name any path, and what it names is read, compared and written. So each field
//! takes only what looks like a file of its kind, and nothing whose name begins with a dot, by
//! which programs keep settings, keys and passwords.

/// A folder.
pub(super) const FOLDER: &str = r"^[^./][^/]*(/[^./][^/]*)*/*$";
/// A folder as a path pattern of `layout`.
pub(super) const LAYOUT_FOLDER: &str = r"^[^./][^/]*(/[^./][^/]*)*$";
/// A requirements file as a path pattern of `layout`.
pub(super) const REQUIREMENTS_FILE: &str = r"^([^./][^/]*/)*[^./][^/]*\.txt$";
/// A bake file.
pub(super) const BAKE_FILE: &str = r"^([^./][^/]*/)*[^./][^/]*\.hcl$";
/// A YAML file.
pub(super) const YAML_FILE: &str = r"^([^./][^/]*/)*[^./][^/]*\.ya?ml$";
/// A YAML file, also one that the server of a repository runs.
pub(super) const WORKFLOW_FILE: &str =
    r"^(\.(github|gitea)/workflows/)?([^./][^/]*/)*[^./][^/]*\.ya?ml$";
/// YAML files.
pub(super) const INCLUDED_FILES: &str = r"^(\./)?([^./][^/]*/)*[^./][^/]*\.ya?ml$";
