//! Patterns of what images do not take: written as in .gitignore, kept as a dockerignore file has
//! them.

use super::field::Findings;
use crate::diagnostic::code;
use crate::fleet::model::{Origin, Sourced};
use crate::values::FreeText;

/// A pattern as a dockerignore file has it: what .gitignore looks for at any depth gets `**/`.
pub(super) fn pattern(
    findings: &mut Findings<'_>,
    origin: Origin,
    text: &str,
) -> Option<Sourced<String>> {
    let read = findings.value(origin, text, &code::INVALID_VALUE, FreeText::parse)?;
    let text = read.value.as_str();
    let (back, path) = text
        .strip_prefix('!')
        .map_or(("", text), |path| ("!", path));
    let path = path.trim_end_matches('/');
    let is_plain = !path.is_empty() && path.trim() == path && !path.starts_with('#');
    let leaves = path.split('/').any(|name| matches!(name, "." | ".."));
    if !is_plain || leaves {
        let message =
            format!("`{text}` is not a valid pattern of paths below the folder of services.yaml");
        let help = "write a pattern such as tests, \"*.ipynb\", /docs or \
                    \"!docs/api.json\""
            .to_owned();
        findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
        return None;
    }
    let value = match path.strip_prefix('/') {
        Some(rooted) => format!("{back}{rooted}"),
        None if path.contains('/') => format!("{back}{path}"),
        None => format!("{back}**/{path}"),
    };
    Some(Sourced { value, origin })
}
