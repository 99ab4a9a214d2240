//! Templates that a declaration names and that do not exist.

use std::collections::BTreeMap;

use super::templates::{DOCKERFILE, Templates};
use crate::diagnostic::{Diagnostic, FINDINGS_LIMIT, Location, code, did_you_mean};

/// Says which of the templates that a declaration names do not exist.
#[must_use]
pub(crate) fn check_templates(
    needed: &BTreeMap<String, Location>,
    templates: &Templates,
) -> Vec<Diagnostic> {
    let unknown = needed
        .iter()
        .filter(|(needed, _)| !templates.contains(&format!("{needed}{DOCKERFILE}")));
    unknown
        .take(FINDINGS_LIMIT)
        .map(|(needed, place)| unknown_template(needed, place.clone(), templates))
        .collect()
}

fn unknown_template(needed: &str, place: Location, templates: &Templates) -> Diagnostic {
    let (folder, name) = needed.split_once('/').unwrap_or_default();
    let in_folder = |known: &str| {
        Some(
            known
                .strip_prefix(folder)?
                .strip_prefix('/')?
                .strip_suffix(DOCKERFILE)?
                .to_owned(),
        )
    };
    let known: Vec<String> = templates
        .origins()
        .filter_map(|(known, _)| in_folder(known))
        .collect();
    let help = match did_you_mean(name, known.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known: {}", known.join(", ")),
    };
    let message = format!("unknown template {needed}{DOCKERFILE}");
    Diagnostic::new(&code::UNKNOWN_TEMPLATE, place, message).with_help(help)
}
