//! `serde_yaml`, which is libyaml, as the judge of what a YAML text says.

use dockwright::declare::FleetDecl;
use dockwright::diagnostic::DeclPath;
use dockwright::yaml::{Id, Kind, Meaning, Style, Tree, load, meaning, read};
use serde_yaml::Value;

/// How the two readers take a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Both read it, and the same in it.
    Same,
    /// Ours alone refuses it.
    Refused,
    /// The judge alone refuses it.
    Extra,
    /// Neither reads it.
    Neither,
}

/// Holds what is read in a text against what the judge reads.
///
/// # Panics
/// Where both read the text and differ.
#[must_use]
pub fn judge(text: &str) -> Verdict {
    let judged = serde_yaml::from_str::<Value>(text);
    let Ok(tree) = read(text.as_bytes()) else {
        return if judged.is_ok() {
            Verdict::Refused
        } else {
            Verdict::Neither
        };
    };
    let Ok(value) = judged else {
        return Verdict::Extra;
    };
    match tree.root() {
        // Without a mapping around it, libyaml wants the lines of a block scalar indented, which
        // YAML 1.2 does not.
        Some(root) if tree.kind(root) == Kind::Scalar(Style::Block) => {}
        Some(root) => assert_same(&tree, root, &DeclPath::default(), &value),
        None => assert!(value.is_null(), "{text:?}"),
    }
    let (decl, findings) = load::<FleetDecl>(&tree);
    if findings.is_empty() && !value.is_null() {
        let judged: FleetDecl =
            serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error} of {text:?}"));
        assert_eq!(decl, judged, "{text:?}");
    }
    Verdict::Same
}

/// The same value, at the place that its path leads to.
fn assert_same(tree: &Tree, node: Id, path: &DeclPath, value: &Value) {
    let context = || format!("{path} of {:?}", tree.text());
    assert!(tree.holds(path), "{}", context());
    match (tree.kind(node), value) {
        (Kind::Items { .. }, Value::Sequence(items)) => {
            assert_eq!(tree.children(node).count(), items.len(), "{}", context());
            for (at, (node, item)) in tree.children(node).zip(items).enumerate() {
                assert_same(tree, node, &path.clone().index(at), item);
            }
        }
        (Kind::Entries { .. }, Value::Mapping(entries)) => {
            assert_eq!(tree.entries(node).count(), entries.len(), "{}", context());
            for (entry, (key, value)) in tree.entries(node).zip(entries) {
                assert_scalar(tree, entry.key, key);
                assert_same(
                    tree,
                    entry.value,
                    &path.clone().key(tree.value(entry.key)),
                    value,
                );
            }
        }
        _ => assert_scalar(tree, node, value),
    }
}

fn assert_scalar(tree: &Tree, node: Id, value: &Value) {
    let written = tree.value(node);
    let context = || format!("{written:?} is {value:?} in {:?}", tree.text());
    let meaning = match tree.kind(node) {
        Kind::Scalar(Style::Plain) => meaning(written),
        Kind::Scalar(_) => Meaning::Text,
        other => panic!("{other:?} is {value:?} in {:?}", tree.text()),
    };
    match meaning {
        Meaning::Null => assert!(value.is_null(), "{}", context()),
        Meaning::Bool(bool) => assert_eq!(value.as_bool(), Some(bool), "{}", context()),
        Meaning::Text => assert_eq!(value.as_str(), Some(written), "{}", context()),
        Meaning::Number => {
            assert!(value.is_number(), "{}", context());
            if let Ok(number) = written.parse::<u64>() {
                assert_eq!(value.as_u64(), Some(number), "{}", context());
            }
        }
    }
}
