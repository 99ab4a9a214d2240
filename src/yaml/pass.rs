//! One reading of a tree by a type: what fits, what does not, and what is left out.

use std::cell::{Cell, RefCell};

use super::plain::Mistaken;
use super::tree::{Id, Tree};

/// How many findings are kept; all wrong nodes are left out nevertheless.
pub(super) const FINDING_LIMIT: usize = 500;

/// What does not fit the type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The value, or the key of an unknown field.
    pub(crate) node: Id,
    /// What is wrong with it.
    pub(crate) problem: Problem,
}

/// What is wrong with a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Problem {
    /// The type has no field of this name.
    UnknownField,
    /// A bare word is where text is expected, and some reader of YAML takes it for something else.
    NotText(Mistaken),
    /// A value of another type.
    Wrong {
        /// What is expected.
        expected: Expected,
        /// Whether a mapping would fit too.
        or_mapping: bool,
    },
    /// The type refused it, with this message.
    Refused(String),
}

/// What a type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Expected {
    /// A text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number, 0 or more.
    Number,
    /// A list.
    List,
    /// A mapping.
    Mapping,
    /// One of several words.
    Word(&'static [&'static str]),
}

/// One pass over a tree.
pub(super) struct Pass<'t> {
    pub(super) tree: &'t Tree,
    /// Values that are passed over as if they were not written, in order.
    pub(super) left_out: &'t [Id],
    /// The nodes to leave out of the next pass.
    pub(super) wrong: RefCell<Vec<Id>>,
    pub(super) found: RefCell<Vec<Finding>>,
    pub(super) unknown: RefCell<Vec<Finding>>,
    /// The key or value that was read last.
    pub(super) at: Cell<Id>,
}

impl<'t> Pass<'t> {
    pub(super) fn new(tree: &'t Tree, left_out: &'t [Id]) -> Self {
        Self {
            tree,
            left_out,
            wrong: RefCell::default(),
            found: RefCell::default(),
            unknown: RefCell::default(),
            at: Cell::new(0),
        }
    }

    /// Leaves a node out of the next pass.
    pub(super) fn leave_out(&self, node: Id) {
        self.wrong.borrow_mut().push(node);
    }

    pub(super) fn note(&self, node: Id, problem: Problem) {
        self.leave_out(node);
        let mut found = self.found.borrow_mut();
        if found.len() < FINDING_LIMIT {
            found.push(Finding { node, problem });
        }
    }

    pub(super) fn note_unknown(&self, key: Id) {
        let mut unknown = self.unknown.borrow_mut();
        if unknown.len() < FINDING_LIMIT {
            unknown.push(Finding {
                node: key,
                problem: Problem::UnknownField,
            });
        }
    }

    pub(super) fn is_left_out(&self, node: Id) -> bool {
        !self.left_out.is_empty() && self.left_out.binary_search(&node).is_ok()
    }
}
