//! The bake file of a fleet, as `outputs.bake` and `platforms` say it.

use std::collections::BTreeMap;

use super::text::between;
use crate::dockerfile::meaning::Tree;
use crate::edit::adopt::node::Node;
use crate::render::seal::body;

/// Where it lies unless another path is declared.
const PATH: &str = "generated/docker-bake.hcl";

/// A generated bake file.
#[derive(Debug)]
pub(super) struct Bake {
    pub(super) path: String,
    text: String,
    /// The names of all images, in their order.
    order: Vec<String>,
    /// The kinds of services, by their names.
    kinds: BTreeMap<String, String>,
}

impl Bake {
    /// The first one that is there.
    pub(super) fn read(tree: &dyn Tree) -> Option<Self> {
        let is_named = |path: &&String| camino::Utf8Path::new(path).extension() == Some("hcl");
        let read = |path: &String| {
            let text = body(&tree.text(path)?).to_owned();
            let is_ours =
                text.starts_with("variable \"REGISTRY\"") && text.contains("\ntarget \"_image\"");
            is_ours.then(|| Self::of(path, text))
        };
        tree.paths().iter().filter(is_named).find_map(read)
    }

    fn of(path: &str, text: String) -> Self {
        let groups: Vec<(&str, Vec<&str>)> =
            text.split("\ngroup \"").skip(1).filter_map(group).collect();
        // Before those of kinds come `default`, `all` and `bases`.
        let all = groups.get(1).into_iter().flat_map(|(_, images)| images);
        let order = all.map(|image| (*image).to_owned()).collect();
        let mut kinds = BTreeMap::new();
        for (kind, services) in groups.iter().skip(3) {
            for service in services {
                let kind = || (*kind).to_owned();
                kinds.entry((*service).to_owned()).or_insert_with(kind);
            }
        }
        Self {
            path: path.to_owned(),
            order,
            kinds,
            text,
        }
    }

    /// Where images are pushed.
    pub(super) fn registry(&self) -> Option<(String, String)> {
        let default = |name: &str| {
            let start = format!("variable \"{name}\" {{\n  default = \"");
            between(&self.text, &start, "\"").map(str::to_owned)
        };
        default("REGISTRY").zip(default("OWNER"))
    }

    /// What `outputs` says.
    pub(super) fn output(&self) -> Node {
        let mut fields = Vec::new();
        if self.path != PATH {
            fields.push(("path".to_owned(), Node::text(&self.path)));
        }
        for (field, sign) in [
            ("cache", "\nvariable \"CACHE\""),
            ("sbom", "\"type=sbom"),
            ("provenance", "\"type=provenance,mode"),
            ("reproducible", "\nvariable \"SOURCE_DATE_EPOCH\""),
        ] {
            if self.text.contains(sign) {
                fields.push((field.to_owned(), Node::Yes));
            }
        }
        Node::Map(vec![("bake".to_owned(), Node::Map(fields))])
    }

    /// The names of all images, in their order.
    pub(super) fn order(&self) -> &[String] {
        &self.order
    }

    /// The kind of a service.
    pub(super) fn kind(&self, service: &str) -> Option<&str> {
        self.kinds.get(service).map(String::as_str)
    }

    /// The platforms of the fleet.
    pub(super) fn platforms(&self) -> Option<Node> {
        let image = between(&self.text, "\ntarget \"_image\" {", "\n}")?;
        let list = between(image, "\n  platforms = [", "]")?;
        let words = list.split(',').map(|word| word.trim().trim_matches('"'));
        Some(Node::texts(words))
    }
}

/// A group's name and targets, from what follows its keyword.
fn group(part: &str) -> Option<(&str, Vec<&str>)> {
    let (name, rest) = part.split_once('"')?;
    let (list, _) = rest.split_once("\n}")?;
    let lines = list.lines().filter_map(|line| line.strip_prefix("    \""));
    let names = lines.filter_map(|line| line.strip_suffix("\","));
    Some((name, names.collect()))
}
