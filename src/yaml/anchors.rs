//! Anchors, and how much text the aliases of a document may expand to.

use std::collections::BTreeMap;

use super::tree::Id;

/// How many nodes aliases may refer to in all.
const ALIAS_NODE_LIMIT: u32 = 100_000;
/// How many bytes of text aliases may refer to in all.
const ALIAS_BYTE_LIMIT: u32 = 1024 * 1024;
/// How many anchors a document may have.
const ANCHOR_LIMIT: usize = 10_000;

/// How much something is, with what aliases in it refer to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    /// Nodes.
    pub(super) nodes: u32,
    /// Of scalars.
    pub(super) bytes: u32,
}

impl Extent {
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            nodes: self.nodes.saturating_add(other.nodes),
            bytes: self.bytes.saturating_add(other.bytes),
        }
    }

    pub(super) fn since(self, before: Self) -> Self {
        Self {
            nodes: self.nodes - before.nodes,
            bytes: self.bytes - before.bytes,
        }
    }
}

/// The anchors of a document so far.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    known: BTreeMap<usize, (Id, Extent)>,
    /// What all aliases so far refer to.
    aliased: Extent,
}

impl Anchors {
    /// Notes what an anchor names, unless it is 0, which is none; says so where there are too many.
    pub(super) fn define(&mut self, anchor: usize, node: Id, extent: Extent) -> Option<String> {
        if anchor != 0 {
            self.known.insert(anchor, (node, extent));
        }
        (self.known.len() > ANCHOR_LIMIT).then(|| format!("more than {ANCHOR_LIMIT} anchors"))
    }

    /// What an alias refers to. An anchor is known when its node is complete, so an alias inside of
    /// it finds nothing.
    pub(super) fn refer(&mut self, anchor: usize) -> Result<(Id, Extent), String> {
        let Some(&(node, extent)) = self.known.get(&anchor) else {
            return Err("the alias is inside of what it refers to".to_owned());
        };
        self.aliased = self.aliased.and(extent);
        if self.aliased.nodes > ALIAS_NODE_LIMIT {
            return Err(format!(
                "the aliases up to here refer to more than {ALIAS_NODE_LIMIT} nodes"
            ));
        }
        if self.aliased.bytes > ALIAS_BYTE_LIMIT {
            return Err("the aliases up to here refer to more than 1 MiB of text".to_owned());
        }
        Ok((node, extent))
    }
}
