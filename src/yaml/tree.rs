//! A YAML document as one flat list of nodes.
//!
//! Nodes are in the order of the text: the children of a node follow it, and `next` is the node
//! after its last descendant. The children of a mapping are key, value, key, value.

use std::collections::BTreeMap;
use std::sync::OnceLock;

/// The number of a node.
pub type Id = u32;

/// A range of bytes: start and the byte after the end.
pub(crate) type ByteRange = (usize, usize);

/// From how many children on a list or mapping gets an index.
const WIDE: usize = 32;

/// How a scalar is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'text'`
    SingleQuoted,
    /// `"text"`
    DoubleQuoted,
    /// `|` or `>` with the text on the lines below.
    Block,
}

/// What a node is, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A text, a number, a word or nothing.
    Scalar(Style),
    /// A list.
    Items {
        /// Whether it is in brackets.
        flow: bool,
    },
    /// A mapping.
    Entries {
        /// Whether it is in braces.
        flow: bool,
    },
    /// A reference to an earlier node.
    Alias(Id),
}

/// A node: 32 bytes, whatever its text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub(super) kind: Kind,
    /// The bytes of the content.
    pub(super) start: u32,
    pub(super) end: u32,
    /// The node after the last descendant.
    pub(super) next: Id,
    /// The value of a scalar: bytes of the text or, where escapes or folds had to be undone, of
    /// `Tree::unescaped`.
    pub(super) value: (u32, u32),
    pub(super) is_unescaped: bool,
    /// Whether it has an anchor or is an alias: an edit here would change another place too.
    pub(super) is_tied: bool,
}

/// A document that can be loaded.
#[derive(Debug, Default)]
pub struct Tree {
    text: String,
    nodes: Vec<Node>,
    unescaped: String,
    /// The children of wide lists and mappings, collected when the first place is looked up.
    wide: OnceLock<BTreeMap<Id, Vec<Id>>>,
}

/// A key and its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: Id,
    /// The value.
    pub value: Id,
}

impl Tree {
    pub(super) fn new(text: String, nodes: Vec<Node>, unescaped: String) -> Self {
        Self {
            text,
            nodes,
            unescaped,
            wide: OnceLock::new(),
        }
    }

    /// A text that cannot be read as YAML: it has no nodes.
    #[must_use]
    pub(crate) fn unreadable(text: String) -> Self {
        Self {
            text,
            ..Self::default()
        }
    }

    /// The whole text.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The root; `None` in a text without content.
    #[must_use]
    pub fn root(&self) -> Option<Id> {
        (!self.nodes.is_empty()).then_some(0)
    }

    pub(super) fn node(&self, id: Id) -> &Node {
        &self.nodes[id as usize]
    }

    /// The node itself, or the one that an alias refers to; that one is never an alias.
    pub(super) fn resolved(&self, id: Id) -> Id {
        if let Kind::Alias(target) = self.node(id).kind {
            target
        } else {
            id
        }
    }

    /// What a node is; of an alias, what it refers to.
    #[must_use]
    pub fn kind(&self, id: Id) -> Kind {
        self.node(self.resolved(id)).kind
    }

    /// Whether a node is a list, in brackets or item by item.
    #[must_use]
    pub(crate) fn is_list(&self, id: Id) -> bool {
        matches!(self.kind(id), Kind::Items { .. })
    }

    /// Whether a node is a mapping, in braces or line by line.
    #[must_use]
    pub(crate) fn is_mapping(&self, id: Id) -> bool {
        matches!(self.kind(id), Kind::Entries { .. })
    }

    /// Whether a node has an anchor or is an alias.
    #[must_use]
    pub(crate) fn is_tied(&self, id: Id) -> bool {
        self.node(id).is_tied
    }

    /// Whether a node or one in it has an anchor or is an alias.
    #[must_use]
    pub(crate) fn has_ties(&self, id: Id) -> bool {
        (id..self.node(id).next).any(|id| self.is_tied(id))
    }

    /// The bytes of the content of a node: with quotes, brackets or the header of a block scalar,
    /// without its anchor and comments.
    #[must_use]
    pub(crate) fn bytes(&self, id: Id) -> ByteRange {
        let node = self.node(id);
        (node.start as usize, node.end as usize)
    }

    /// The text of these bytes.
    #[must_use]
    pub(crate) fn written(&self, id: Id) -> &str {
        let (start, end) = self.bytes(id);
        &self.text[start..end]
    }

    /// The value of a scalar, with escapes and folds undone; empty for a list or mapping.
    #[must_use]
    pub fn value(&self, id: Id) -> &str {
        let node = self.node(self.resolved(id));
        let whole = if node.is_unescaped {
            &self.unescaped
        } else {
            &self.text
        };
        &whole[node.value.0 as usize..node.value.1 as usize]
    }

    /// The value of a scalar that is written without quotes.
    #[must_use]
    pub(crate) fn plain(&self, id: Id) -> Option<&str> {
        (self.kind(id) == Kind::Scalar(Style::Plain)).then(|| self.value(id))
    }

    /// The items of a list, or the keys and values of a mapping in turn.
    #[must_use]
    pub fn children(&self, id: Id) -> Children<'_> {
        let id = self.resolved(id);
        Children {
            tree: self,
            at: id + 1,
            end: self.node(id).next,
        }
    }

    /// The entries of a mapping.
    #[must_use]
    pub fn entries(&self, id: Id) -> Entries<'_> {
        let end = if self.is_mapping(id) {
            self.node(self.resolved(id)).next
        } else {
            0
        };
        Entries(Children {
            end,
            ..self.children(id)
        })
    }

    /// The entry of a mapping with a key.
    #[must_use]
    pub(crate) fn entry(&self, mapping: Id, key: &str) -> Option<Entry> {
        self.entries(mapping)
            .find(|entry| self.value(entry.key) == key)
    }

    /// Whether a node is the key of an entry.
    #[must_use]
    pub(crate) fn is_key(&self, id: Id) -> bool {
        let Some(mut node) = self.root() else {
            return false;
        };
        while node != id {
            let Some((position, child)) = self.child_with(node, id) else {
                return false;
            };
            if child == id {
                return self.is_mapping(node) && position % 2 == 0;
            }
            node = child;
        }
        false
    }

    /// The nth child of a node.
    pub(super) fn child(&self, id: Id, position: usize) -> Option<Id> {
        match self.wide().get(&self.resolved(id)) {
            Some(children) => children.get(position).copied(),
            None => self.children(id).nth(position),
        }
    }

    /// The child that a node is or lies in, and its position.
    pub(super) fn child_with(&self, id: Id, inner: Id) -> Option<(usize, Id)> {
        if let Some(children) = self.wide().get(&id) {
            let position = children
                .partition_point(|child| *child <= inner)
                .checked_sub(1)?;
            return Some((position, *children.get(position)?));
        }
        self.children(id)
            .enumerate()
            .find(|(_, child)| (*child..self.node(*child).next).contains(&inner))
    }

    fn wide(&self) -> &BTreeMap<Id, Vec<Id>> {
        self.wide.get_or_init(|| {
            let mut wide = BTreeMap::new();
            for id in 0..as_u32(self.nodes.len()) {
                // An alias has the children of another node, which is in the list itself.
                let is_wide = self.resolved(id) == id && self.children(id).nth(WIDE).is_some();
                if is_wide {
                    wide.insert(id, self.children(id).collect());
                }
            }
            wide
        })
    }
}

/// The children of a node.
#[derive(Debug, Clone)]
pub struct Children<'a> {
    tree: &'a Tree,
    at: Id,
    end: Id,
}

impl Iterator for Children<'_> {
    type Item = Id;

    fn next(&mut self) -> Option<Id> {
        let child = (self.at < self.end).then_some(self.at)?;
        self.at = self.tree.node(child).next;
        Some(child)
    }
}

/// The entries of a mapping.
#[derive(Debug, Clone)]
pub struct Entries<'a>(Children<'a>);

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        Some(Entry {
            key: self.0.next()?,
            value: self.0.next()?,
        })
    }
}

/// A position in a text, which the size limit keeps far below 4 GiB.
pub(super) fn as_u32(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
