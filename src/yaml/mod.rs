//! The one reader of YAML: a text becomes a tree of nodes with their bytes, and everything else
//! comes from that tree.
//!
//! Values ([`load()`]), places ([`Tree::range`], [`Tree::path`]) and edits ([`insert()`],
//! [`replace`]) read the same nodes, so no two parsers can see two documents. Whatever a
//! reader of YAML could lose, expand without bound or take for something else is refused: duplicate
//! keys, deep nesting, alias bombs, tags, directives, `?` keys, a second document, and a bare word
//! such as `yes` where text is expected.

mod anchors;
mod build;
mod insert;
mod items;
mod load;
mod node;
mod pass;
mod places;
mod plain;
mod quote;
mod source;
mod splice;
mod tree;

pub(crate) use build::KEY_LIMIT;
pub(crate) use insert::{NewValue, as_flow, insert};
pub(crate) use items::{append_item, remove_item};
pub use load::load;
pub(crate) use node::{DATE, NULLABLE, NUMBER, ONE_OR_MANY};
pub(crate) use pass::{Expected, Finding, Problem};
pub(crate) use places::line_column;
pub use plain::Meaning;
pub(crate) use plain::Mistaken;
pub use plain::meaning;
pub(crate) use quote::scalar;
pub(crate) use source::SIZE_LIMIT;
pub use source::read;
pub(crate) use splice::{Splice, line_end, replace, spliced};
pub(crate) use tree::ByteRange;
pub(crate) use tree::Entry;
pub use tree::Id;
pub use tree::Kind;
pub use tree::Style;
pub use tree::Tree;

use crate::diagnostic::Code;

/// Why a text is not read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault it is.
    pub(crate) code: &'static Code,
    /// The bytes it is about; `None` for the file as a whole.
    pub(crate) range: Option<ByteRange>,
    /// What is wrong.
    pub(crate) message: String,
    /// What to write or to do instead.
    pub(crate) help: Option<String>,
}

impl Fault {
    fn new(code: &'static Code, range: Option<ByteRange>, message: impl Into<String>) -> Self {
        Self {
            code,
            range,
            message: message.into(),
            help: None,
        }
    }

    fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}
