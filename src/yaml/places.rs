//! From a symbolic place to bytes, and from a node to its path.

use super::tree::{ByteRange, Entry, Id, Tree};
use crate::diagnostic::{DeclPath, Spot, Step};

impl Tree {
    /// The bytes of a spot; where a path leads to nothing, of the nearest key above it.
    #[must_use]
    pub(crate) fn range(&self, spot: &Spot) -> ByteRange {
        match spot {
            Spot::Bytes { start, end } => (*start, *end),
            Spot::File => (0, 0),
            Spot::Value(path) => {
                let found = self.walk(path);
                match found.node.filter(|_| found.is_complete) {
                    Some(node) => self.first_line(node),
                    None => self.of_key(&found),
                }
            }
            Spot::Key(path) => self.of_key(&self.walk(path)),
        }
    }

    /// Whether something is written at a path; where not, its value is a default.
    #[must_use]
    pub fn holds(&self, path: &DeclPath) -> bool {
        let found = self.walk(path);
        found.is_complete && found.node.is_some()
    }

    /// The path with the keys in place of positions in mappings, for people to read.
    #[must_use]
    pub(crate) fn readable(&self, path: &DeclPath) -> DeclPath {
        let mut node = self.root();
        let mut steps = Vec::with_capacity(path.0.len());
        for step in &path.0 {
            let found = node.and_then(|node| self.step(node, step));
            let key = found.and_then(|(key, _)| key);
            steps.push(
                key.map_or_else(|| step.clone(), |key| Step::Key(self.value(key).to_owned())),
            );
            node = found.map(|(_, node)| node);
        }
        DeclPath(steps)
    }

    /// The path of a node; of a key, that of its entry.
    #[must_use]
    pub(crate) fn path(&self, id: Id) -> DeclPath {
        let mut path = DeclPath::default();
        let Some(mut node) = self.root() else {
            return path;
        };
        while node != id {
            let Some((position, child)) = self.child_with(node, id) else {
                return path;
            };
            if !self.is_mapping(node) {
                path = path.index(position);
            } else if let Some(key) = self.child(node, position - position % 2) {
                path = path.key(self.value(key));
                if key == id {
                    return path;
                }
            }
            node = child;
        }
        path
    }

    fn walk(&self, path: &DeclPath) -> Found {
        let mut found = Found {
            node: self.root(),
            key: None,
            is_complete: true,
        };
        for step in &path.0 {
            let Some((key, node)) = found.node.and_then(|node| self.step(node, step)) else {
                return Found {
                    is_complete: false,
                    ..found
                };
            };
            found = Found {
                node: Some(node),
                key: Some(key.unwrap_or(node)),
                is_complete: true,
            };
        }
        found
    }

    /// The key, in a mapping, and the node that a step leads to.
    fn step(&self, node: Id, step: &Step) -> Option<(Option<Id>, Id)> {
        match step {
            Step::Index(index) if self.is_list(node) => Some((None, self.child(node, *index)?)),
            Step::Index(index) if self.is_mapping(node) => {
                let key = self.child(node, index.checked_mul(2)?)?;
                Some((Some(key), self.child(node, index * 2 + 1)?))
            }
            Step::Index(_) => None,
            Step::Key(name) => {
                let Entry { key, value } = self.entry(node, name)?;
                Some((Some(key), value))
            }
        }
    }

    fn of_key(&self, found: &Found) -> ByteRange {
        found.key.map_or((0, 0), |key| self.first_line(key))
    }

    /// The bytes of a scalar, and of a list or mapping those in its first line, which are enough to
    /// see what is meant.
    fn first_line(&self, id: Id) -> ByteRange {
        let (start, end) = self.bytes(id);
        if !self.is_list(id) && !self.is_mapping(id) {
            return (start, end);
        }
        let first = self.written(id).lines().next().unwrap_or_default();
        let code = first.split(" #").next().unwrap_or(first);
        (start, start + code.trim_end().len())
    }
}

/// How far a path leads.
struct Found {
    node: Option<Id>,
    /// The nearest key, or the item of a list.
    key: Option<Id>,
    is_complete: bool,
}

/// The 1-based line and the 1-based column, in characters, of a byte offset.
#[must_use]
pub(crate) fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = memchr::memrchr(b'\n', before.as_bytes()).map_or(0, |newline| newline + 1);
    let line = memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1;
    (
        line,
        before
            .get(line_start..)
            .map_or(0, |rest| rest.chars().count())
            + 1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read;

    const TEXT: &str = "owner: hé\nservices:\n  svc-a: { apt: [one, two], env: { KEY: v } }\n  \
     svc-b:\n    port: 1\n    pip:\n    - x\n    - y: 'z'\n";

    fn text_at(spot: &Spot) -> String {
        let (start, end) = read(TEXT.as_bytes()).unwrap().range(spot);
        TEXT[start..end].to_owned()
    }

    fn service(name: &str) -> DeclPath {
        DeclPath::of(&["services", name])
    }

    #[test]
    fn values_keys_items_and_entries_are_found() {
        let table = [
            (Spot::Value(DeclPath::of(&["owner"])), "hé"),
            (Spot::Value(service("svc-a").key("apt").index(1)), "two"),
            (Spot::Value(service("svc-a").key("apt")), "[one, two]"),
            (Spot::Key(service("svc-a").key("env").index(0)), "KEY"),
            (Spot::Value(service("svc-b").key("port")), "1"),
            (Spot::Value(service("svc-b")), "port: 1"),
            (Spot::Value(service("svc-b").key("pip")), "- x"),
            (
                Spot::Value(service("svc-b").key("pip").index(1).key("y")),
                "'z'",
            ),
            (Spot::Value(service("svc-b").key("kind")), "svc-b"),
            (Spot::Value(service("svc-b").key("pip").index(7)), "pip"),
            (Spot::Value(DeclPath::of(&["bases", "x"])), ""),
        ];
        for (spot, expected) in table {
            assert_eq!(text_at(&spot), expected, "{spot:?}");
        }
        let (start, _) = read(TEXT.as_bytes())
            .unwrap()
            .range(&Spot::Key(service("svc-b")));
        assert_eq!(line_column(TEXT, start), (4, 3));
    }

    #[test]
    fn positions_read_as_keys() {
        let tree = read(TEXT.as_bytes()).unwrap();
        let path = DeclPath::of(&["services"]).index(0).key("env").index(0);
        assert_eq!(tree.readable(&path).to_string(), "services.svc-a.env.KEY");
        assert!(tree.holds(&path) && !tree.holds(&path.clone().key("absent")));
        assert_eq!(
            tree.readable(&path.key("absent").index(2)).to_string(),
            "services.svc-a.env.KEY.absent[2]"
        );
    }

    #[test]
    fn every_node_is_found_by_its_path() {
        let many: String = (0..100).fold(String::new(), |text, at| {
            text + &format!("  s{at}: {{ a: [{at}, x] }}\n")
        });
        for text in [
            TEXT.to_owned(),
            format!("services:\n{many}"),
            format!("a: &x [1, 2]\nb: *x\nservices:\n{many}"),
        ] {
            let tree = read(text.as_bytes()).unwrap();
            let mut open = vec![tree.root().unwrap()];
            while let Some(node) = open.pop() {
                let path = tree.path(node);
                assert!(tree.holds(&path), "{path}");
                let start = tree.bytes(node).0;
                assert_eq!(tree.range(&Spot::Value(path.clone())).0, start, "{path}");
                assert!(!tree.is_key(node), "{path}");
                if tree.written(node).starts_with('*') {
                    continue;
                }
                for entry in tree.entries(node) {
                    let path = tree.path(entry.key);
                    assert_eq!(
                        tree.range(&Spot::Key(path.clone())),
                        tree.bytes(entry.key),
                        "{path}"
                    );
                    assert!(tree.is_key(entry.key), "{path}");
                    open.push(entry.value);
                }
                open.extend(tree.children(node).filter(|_| tree.is_list(node)));
            }
        }
    }

    #[test]
    fn a_path_through_an_alias_leads_to_what_it_refers_to() {
        let text = "a: &x { port: 1 }\nb: *x\n";
        let tree = read(text.as_bytes()).unwrap();
        let range = tree.range(&Spot::Value(DeclPath::of(&["b", "port"])));
        assert_eq!(
            range,
            tree.range(&Spot::Value(DeclPath::of(&["a", "port"])))
        );
        let (start, end) = tree.range(&Spot::Value(DeclPath::of(&["b"])));
        assert_eq!(&text[start..end], "*x");
    }
}
