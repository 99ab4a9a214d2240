//! What an image shows of its layers, and what later layers hide (OCI image specification,
//! layer.md, "Applying changesets").

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::archive::ImageLayer;
use super::layer::{Entry, File, Kind};

/// A file of a layer: the layer's number and the position of the entry in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Node {
    pub(super) layer: usize,
    pub(super) entry: usize,
}

/// How a file of a lower layer came to be hidden.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hidden {
    /// A later layer has another file at its path.
    Overwritten,
    /// A later layer deletes it, or its folder.
    Deleted,
}

/// The files of an image.
pub(super) struct Tree<'a> {
    layers: Vec<&'a [Entry]>,
    /// By path, what is there.
    visible: BTreeMap<&'a [u8], Node>,
    /// By file, how its first hidden path was hidden.
    hidden: BTreeMap<Node, Hidden>,
}

impl<'a> Tree<'a> {
    /// Applies layers, lowest first.
    pub(super) fn of(layers: &'a [ImageLayer]) -> Self {
        let mut tree = Self {
            layers: layers
                .iter()
                .map(|layer| layer.layer.entries.as_slice())
                .collect(),
            visible: BTreeMap::new(),
            hidden: BTreeMap::new(),
        };
        for layer in 0..tree.layers.len() {
            tree.apply(layer);
        }
        tree
    }

    fn apply(&mut self, layer: usize) {
        let entries = self.layers[layer];
        // Marks are about lower layers, wherever they stand in the archive.
        for entry in entries {
            match entry.kind {
                Kind::Deleted => self.remove(&entry.path, Hidden::Deleted),
                Kind::Opaque => self.remove_below(&entry.path),
                _ => {}
            }
        }
        for (position, entry) in entries.iter().enumerate() {
            let node = Node {
                layer,
                entry: position,
            };
            match entry.kind {
                Kind::Deleted | Kind::Opaque => {}
                Kind::Folder => {
                    let was = self.visible.insert(&entry.path, node);
                    self.hide(was, Hidden::Overwritten);
                }
                _ => {
                    self.remove_below(&entry.path);
                    let was = self.visible.insert(&entry.path, node);
                    self.hide(was, Hidden::Overwritten);
                }
            }
        }
    }

    fn remove(&mut self, path: &[u8], how: Hidden) {
        let was = self.visible.remove(path);
        self.hide(was, how);
        self.remove_below(path);
    }

    /// Hides everything in a folder.
    fn remove_below(&mut self, folder: &[u8]) {
        // All paths in it come after its own with a slash, and before that with the next byte.
        let (first, end) = if folder.is_empty() {
            (Vec::new(), None)
        } else {
            ([folder, b"/"].concat(), Some([folder, b"0"].concat()))
        };
        let end = end.as_deref().map_or(Bound::Unbounded, Bound::Excluded);
        let range = (Bound::Included(first.as_slice()), end);
        let below: Vec<&[u8]> = self
            .visible
            .range::<[u8], _>(range)
            .map(|(path, _)| *path)
            .collect();
        for path in below {
            let was = self.visible.remove(path);
            self.hide(was, Hidden::Deleted);
        }
    }

    fn hide(&mut self, node: Option<Node>, how: Hidden) {
        if let Some(file) = node.and_then(|node| self.file_node(node)) {
            self.hidden.entry(file).or_insert(how);
        }
    }

    fn entry(&self, node: Node) -> &'a Entry {
        &self.layers[node.layer][node.entry]
    }

    /// The file that a node is, or is another name of.
    fn file_node(&self, node: Node) -> Option<Node> {
        let mut at = node;
        // A name of a name of a name is nothing that a builder writes.
        for _ in 0..4 {
            match &self.entry(at).kind {
                Kind::File(_) => return Some(at),
                Kind::HardLink(target) => {
                    let entries = self.layers[at.layer];
                    at.entry = entries
                        .binary_search_by(|entry| entry.compare(target))
                        .ok()?;
                }
                _ => return None,
            }
        }
        None
    }

    fn file(&self, node: Node) -> Option<(Node, &'a File)> {
        let node = self.file_node(node)?;
        match &self.entry(node).kind {
            Kind::File(file) => Some((node, file)),
            _ => None,
        }
    }

    /// The files that are seen, each once and by its first path.
    pub(super) fn seen(&self) -> Vec<Seen<'a>> {
        let mut known = BTreeSet::new();
        let files = self.visible.iter().filter_map(|(path, node)| {
            let (node, file) = self.file(*node)?;
            let path = *path;
            known.insert(node).then_some(Seen { path, node, file })
        });
        files.collect()
    }

    /// The files of which no name is seen any more, with how the first of them was hidden.
    pub(super) fn hidden(&self) -> Vec<(Seen<'a>, Hidden)> {
        let seen = self
            .visible
            .values()
            .filter_map(|node| self.file_node(*node));
        let seen: BTreeSet<Node> = seen.collect();
        let hidden = self.hidden.iter().filter(|(node, _)| !seen.contains(*node));
        let hidden = hidden.filter_map(|(node, how)| {
            let (node, file) = self.file(*node)?;
            let path = self.entry(node).path.as_ref();
            Some((Seen { path, node, file }, *how))
        });
        hidden.collect()
    }

    /// What a path leads to where its first folder is a link to another one, as `lib` is to
    /// `usr/lib`: package lists name files by either.
    pub(super) fn look_up(&self, path: &[u8]) -> Option<(Node, &'a File)> {
        if let Some(node) = self.visible.get(path) {
            return self.file(*node);
        }
        let slash = path.iter().position(|byte| *byte == b'/')?;
        let (folder, rest) = path.split_at(slash);
        let node = self.visible.get(folder)?;
        let Kind::Symlink(target) = &self.entry(*node).kind else {
            return None;
        };
        let target = target.strip_prefix(b"/").unwrap_or(target);
        let node = self.visible.get([target, rest].concat().as_slice())?;
        self.file(*node)
    }
}

/// A file of an image.
#[derive(Clone, Copy)]
pub(super) struct Seen<'a> {
    pub(super) path: &'a [u8],
    pub(super) node: Node,
    pub(super) file: &'a File,
}
