//! The declaration's text.

use std::fmt::Write as _;

use super::fold::{Fields, Folded};
use super::node::Node;
use super::parent::Images;
use crate::yaml::scalar;

/// How wide an entry on one line may be, in characters.
const WIDTH: usize = 120;
/// The order of fields.
const ORDER: [&str; 44] = [
    "version",
    "kind",
    "role",
    "base",
    "from",
    "builder",
    "python",
    "source",
    "target",
    "workdir",
    "shared",
    "copy",
    "ignore",
    "requirements",
    "install",
    "apt",
    "apk",
    "apt_build",
    "apk_build",
    "pip",
    "source_builds",
    "index_urls",
    "indexes",
    "installer",
    "secrets",
    "port",
    "ports",
    "app",
    "entrypoint",
    "cmd",
    "healthcheck",
    "stop_signal",
    "stop_grace_period",
    "env",
    "args",
    "labels",
    "user",
    "groups",
    "home",
    "dirs",
    "volumes",
    "run",
    "platforms",
    "hooks",
];

/// What a proposal says of the fleet as a whole.
#[derive(Debug, Clone)]
pub(super) struct Header {
    /// Where the declaration comes from.
    pub(super) origin: String,
    pub(super) registry: String,
    pub(super) owner: String,
    pub(super) python: String,
    /// The versions of tools that locks need, by name.
    pub(super) tools: Vec<(String, Node)>,
    /// What Dockerfiles that dockwright generated say of the fleet, by field.
    pub(super) fleet: Vec<(&'static str, Node)>,
    /// The sets of requirements, by name.
    pub(super) sets: Vec<(String, Node)>,
    /// The version range of dockwright.
    pub(super) required_version: Option<String>,
}

/// Rules that are allowed, each with the image and the package where it is about one.
pub(super) type Allowances = Vec<Node>;

/// The whole text.
pub(super) fn declaration(
    header: &Header,
    images: &Images,
    folded: &Folded,
    allowances: &Allowances,
) -> String {
    let mut text = format!(
        "# {}. After a change\n# run `dockwright generate`; in CI, run `dockwright check`.\n\n",
        header.origin
    );
    if let Some(range) = &header.required_version {
        let _ = writeln!(text, "required_version: {}", scalar(range));
    }
    let _ = writeln!(text, "registry: {}", scalar(&header.registry));
    let _ = writeln!(text, "owner: {}", scalar(&header.owner));
    let _ = writeln!(text, "python: {}", scalar(&header.python));
    if !header.tools.is_empty() {
        let _ = writeln!(text, "tools: {}", Node::Map(header.tools.clone()).flow());
    }
    for (field, node) in &header.fleet {
        let _ = writeln!(text, "{field}: {}", node.flow());
    }
    if !header.sets.is_empty() {
        text.push_str("\nrequirements:\n");
        for (name, node) in &header.sets {
            entry(&mut text, "  ", (&scalar(name), node));
        }
    }
    if images.entries().next().is_some() {
        text.push_str("\nimages:\n");
        for (name, node) in images.entries() {
            text.push_str(&image_entry(name, node).0);
        }
    }
    if !folded.bases.is_empty() {
        text.push_str("\nbases:\n");
        for (name, own) in &folded.bases {
            text.push_str(&block_entry(name, own));
        }
    }
    if !folded.defaults.is_empty() {
        text.push_str("\ndefaults:\n");
        fields(&mut text, "  ", &folded.defaults);
    }
    if !folded.kinds.is_empty() {
        text.push_str("\nkinds:\n");
        for (name, own) in &folded.kinds {
            text.push_str(&block_entry(name, own));
        }
    }
    text.push_str("\nservices:\n");
    for (name, kind, own) in &folded.services {
        let mut own = own.clone();
        if let Some(kind) = kind {
            own.insert("kind", Node::text(kind));
        }
        text.push_str(&block_entry(name, &own));
    }
    if !allowances.is_empty() {
        text.push_str("\npolicy:\n  allowances:\n");
        for allowance in allowances {
            let _ = writeln!(text, "    - {}", allowance.flow());
        }
    }
    text
}

/// The entry of an external image, as a line and in braces.
pub(super) fn image_entry(name: &str, node: &Node) -> (String, String) {
    let flow = format!("{}: {}", scalar(name), node.flow());
    (format!("  {flow}\n"), flow)
}

/// An entry of a kind or service in its lines.
pub(super) fn block_entry(name: &str, own: &Fields) -> String {
    let one = format!("  {}\n", flow_entry(name, own));
    if one.chars().count() <= WIDTH + 1 {
        return one;
    }
    let mut text = format!("  {}:\n", scalar(name));
    fields(&mut text, "    ", own);
    text
}

/// The same in braces.
pub(super) fn flow_entry(name: &str, own: &Fields) -> String {
    let own = sorted(own).into_iter();
    let own: Vec<(String, Node)> = own
        .map(|(field, node)| (field.to_owned(), node.clone()))
        .collect();
    let flow = if own.is_empty() {
        "{}".to_owned()
    } else {
        Node::Map(own).flow()
    };
    format!("{}: {flow}", scalar(name))
}

fn sorted(own: &Fields) -> Vec<(&'static str, &Node)> {
    let mut all: Vec<(&'static str, &Node)> =
        own.iter().map(|(field, node)| (*field, node)).collect();
    all.sort_by_key(|(field, _)| ORDER.iter().position(|known| known == field));
    all
}

/// Fields a line each; what is too wide has an item or entry a line.
fn fields(text: &mut String, indent: &str, own: &Fields) {
    for (field, node) in sorted(own) {
        entry(text, indent, (field, node));
    }
}

fn entry(text: &mut String, indent: &str, (field, node): (&str, &Node)) {
    let one = format!("{indent}{field}: {}", node.flow());
    match node {
        Node::List(items) if one.chars().count() > WIDTH => {
            let _ = writeln!(text, "{indent}{field}:");
            for item in items {
                let _ = writeln!(text, "{indent}  - {}", item.flow());
            }
        }
        Node::Map(entries) if one.chars().count() > WIDTH => {
            let _ = writeln!(text, "{indent}{field}:");
            for (key, value) in entries {
                let _ = writeln!(text, "{indent}  {}: {}", scalar(key), value.flow());
            }
        }
        _ => {
            let _ = writeln!(text, "{one}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_breaks_out_of_its_quotes() {
        for (python, line) in [
            ("3.12", "python: \"3.12\"\n"),
            (
                "3.12\"\nowner: \"x",
                "python: \"3.12\\\"\\nowner: \\\"x\"\n",
            ),
        ] {
            let header = Header {
                origin: "Read".to_owned(),
                registry: "r.example".to_owned(),
                owner: "o".to_owned(),
                python: python.to_owned(),
                tools: Vec::new(),
                fleet: Vec::new(),
                sets: Vec::new(),
                required_version: None,
            };
            let images = Images::new(true, std::collections::BTreeMap::new());
            let text = declaration(&header, &images, &Folded::plain(&[]), &Vec::new());
            assert!(text.contains(line), "{text}");
        }
    }
}
