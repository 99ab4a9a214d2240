//! Places in a long declaration without reading all of it again: a service by its own lines, and all else without the services.

use std::sync::OnceLock;

use super::locate::{ByteRange, SpanTree};
use crate::diagnostic::{DeclPath, Spot, Step};

/// The most bytes of a service's lines that are read for one place; of a longer one the whole text is read once for all.
const SERVICE_LIMIT: usize = 16 * 1024;

/// Where the lines of each service begin, and last where those of the last one end. Without any, nothing is known.
#[derive(Debug, Default)]
pub struct Parts {
    lines: Vec<usize>,
    rest: OnceLock<SpanTree>,
}

impl Parts {
    pub(super) fn new(lines: Vec<usize>) -> Self {
        Self { lines, rest: OnceLock::new() }
    }

    /// The bytes of a spot in the text; `None` where only the whole text can tell.
    #[must_use]
    pub fn range(&self, text: &str, spot: &Spot) -> Option<ByteRange> {
        let (Spot::Value(path) | Spot::Key(path)) = spot else { return None };
        match path.0.as_slice() {
            [Step::Key(section), Step::Index(position), inner @ ..] if section == "services" => {
                let (start, end) = (*self.lines.get(*position)?, *self.lines.get(position + 1)?);
                let lines = text.get(start..end).filter(|lines| lines.len() <= SERVICE_LIMIT)?;
                let path = DeclPath(std::iter::once(Step::Index(0)).chain(inner.iter().cloned()).collect());
                let (from, to) = SpanTree::of(lines).range(&at(spot, path));
                Some((start + from, start + to))
            }
            [Step::Key(section), ..] if section != "services" => self.outside(text, spot),
            _ => None,
        }
    }

    /// A spot outside of the services.
    fn outside(&self, text: &str, spot: &Spot) -> Option<ByteRange> {
        let (first, end) = (*self.lines.first()?, *self.lines.last()?);
        let (above, below) = (text.get(..first)?, text.get(end..)?);
        let (from, to) = self.rest.get_or_init(|| SpanTree::of(&[above, below].concat())).range(spot);
        let services = end - first;
        Some(if from < first { (from, to.min(first)) } else { (from + services, to + services) })
    }
}

/// The same kind of spot at another path.
fn at(spot: &Spot, path: DeclPath) -> Spot {
    if matches!(spot, Spot::Key(_)) { Spot::Key(path) } else { Spot::Value(path) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::parse;

    const TEXT: &str = "owner: hé\nrequirements:\n  base: [é, b]\n# services\nservices:\n  # first\n  svc-a: { apt: [one, é], env: { KEY: v } }\n  svc-b:\n    port: 1\n\n    pip:\n      - x\n# bases\nbases:\n  base-é: {}\npython: \"3.12\"\n";

    /// Every path of the tree, and below each one that leads nowhere.
    fn paths(value: &serde_yaml::Value, path: &DeclPath, found: &mut Vec<DeclPath>) {
        found.extend([path.clone(), path.clone().key("absent"), path.clone().index(9)]);
        match value {
            serde_yaml::Value::Mapping(entries) => {
                for (at, (key, value)) in entries.iter().enumerate() {
                    let key = key.as_str().unwrap_or_default();
                    paths(value, &path.clone().key(key), found);
                    paths(value, &path.clone().index(at), found);
                }
            }
            serde_yaml::Value::Sequence(items) => {
                for (at, item) in items.iter().enumerate() {
                    paths(item, &path.clone().index(at), found);
                }
            }
            _ => {}
        }
    }

    #[test]
    fn parts_know_the_places_that_the_whole_has() {
        let (parts, tree) = (parse("f", TEXT.as_bytes()).unwrap().parts, SpanTree::of(TEXT));
        let mut found = Vec::new();
        paths(&serde_yaml::from_str(TEXT).unwrap(), &DeclPath::default(), &mut found);
        let mut known = 0;
        for path in found {
            for spot in [Spot::Value(path.clone()), Spot::Key(path.clone())] {
                let Some(range) = parts.range(TEXT, &spot) else { continue };
                assert_eq!(range, tree.range(&spot), "{spot:?}");
                known += 1;
            }
        }
        assert!(known > 60, "{known}");
    }

    #[test]
    fn without_services_nothing_is_known() {
        let text = "owner: a\nservices: { svc-a: {} }\n";
        let parts = parse("f", text.as_bytes()).unwrap().parts;
        assert_eq!(parts.range(text, &Spot::Value(DeclPath::of(&["owner"]))), None);
    }
}
