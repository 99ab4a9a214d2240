//! Labels, and the variables that stand in values of ENV and LABEL.

use super::field::Findings;
use super::layers::Layers;
use crate::diagnostic::{code, did_you_mean};
use crate::fleet::model::{Image, Label, Origin};
use crate::fleet::placeholder::{Part, Values, parts};
use crate::values::{FreeText, LabelKey};

/// The labels that are dockwright's own: what they say is said elsewhere.
const OWN: [&str; 2] = [
    "org.opencontainers.image.version",
    "org.opencontainers.image.revision",
];

/// Labels, inherited ones first.
pub(super) fn labels(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
) -> Vec<Label> {
    let mut labels = Vec::new();
    for (key, (origin, text)) in layers.entries("labels", |decl| &decl.labels) {
        if OWN.contains(&key) || key.starts_with("dockwright.") {
            let message = format!("the label {key} is set by dockwright alone");
            findings.at_key(&code::INVALID_VALUE, origin, message);
            continue;
        }
        let name = match LabelKey::parse(key) {
            Ok(name) => Some(name),
            Err(invalid) => {
                let message = invalid.to_string();
                findings.at_key(&code::INVALID_NAME, origin, message);
                None
            }
        };
        let text = findings.filled(origin, text, values);
        let text = findings.value(origin, &text, &code::INVALID_VALUE, FreeText::parse);
        labels.extend(name.zip(text));
    }
    labels
}

/// Says which build argument a value names that is not declared.
pub(super) fn check_variables(findings: &mut Findings<'_>, image: &Image) {
    let env = image.env.iter().map(|(_, value)| value);
    let labels = image.labels.iter().map(|(_, value)| value);
    for value in env.chain(labels) {
        let text = value.value.as_str();
        if !text.contains("{arg.") {
            continue;
        }
        for part in parts(text) {
            if let Part::Argument(name) = part {
                unknown_argument(findings, image, value.origin, name);
            }
        }
    }
}

fn unknown_argument(findings: &mut Findings<'_>, image: &Image, origin: Origin, name: &str) {
    let known = || image.args.iter().map(|(key, _)| key.as_str());
    if known().any(|known| known == name) {
        return;
    }
    let message = format!(
        "`{{arg.{name}}}` has no value: {} declares no such build argument",
        image.name
    );
    let help = did_you_mean(name, known()).map_or_else(
        || format!("declare it with its default: args: {{ {name}: \"\" }}"),
        |meant| format!("did you mean `{{arg.{meant}}}`?"),
    );
    findings.at_value_with_help(&code::EMPTY_PLACEHOLDER, origin, message, help);
}
