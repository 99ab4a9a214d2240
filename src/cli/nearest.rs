//! The declaration that is meant where `--file` names none.

use camino::Utf8PathBuf;

use crate::workspace::git::nearest_above;

/// The name of a declaration that no `--file` names.
pub(super) const DECLARATION: &str = "services.yaml";

/// The declaration in this folder; where there is none, the nearest above it in the same Git work
/// tree.
pub(super) fn nearest_declaration() -> Utf8PathBuf {
    nearest_above(DECLARATION).unwrap_or_else(|| DECLARATION.into())
}
