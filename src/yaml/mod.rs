//! The one reader of YAML: a text becomes a tree of nodes with their bytes, and everything else
//! comes from that tree.
//!
//! Values ([`load`]), places ([`Tree::range`], [`Tree::path`]) and edits ([`insert`], [`replace`])
//! read the same nodes, so no two parsers can see two documents. Whatever a reader of YAML could
//! lose, expand without bound or take for something else is refused: duplicate keys, deep nesting,
//! alias bombs, tags, directives, `?` keys, a second document, and a bare word such as `yes` where
//! text is expected.

mod anchors;
mod build;
mod insert;
mod load;
mod node;
mod pass;
mod places;
mod plain;
mod quote;
mod source;
mod splice;
mod tree;

pub use build::KEY_LIMIT;
pub use insert::{NewValue, as_flow, insert};
pub use load::load;
pub use node::{DATE, NULLABLE, NUMBER, ONE_OR_MANY};
pub use pass::{Expected, Finding, Problem};
pub use places::line_column;
pub use plain::{Meaning, Mistaken, meaning, mistaken};
pub use quote::scalar;
pub use source::{SIZE_LIMIT, read};
pub use splice::{Splice, line_end, replace, spliced};
pub use tree::{ByteRange, Children, Entries, Entry, Id, Kind, Style, Tree};

use crate::diagnostic::Code;

/// Why a text is not read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What kind of fault it is.
    pub code: &'static Code,
    /// The bytes it is about; `None` for the file as a whole.
    pub range: Option<ByteRange>,
    /// What is wrong.
    pub message: String,
    /// What to write or to do instead.
    pub help: Option<String>,
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
