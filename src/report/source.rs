//! The texts that findings point into, and how a spot becomes a line and a column.

use std::collections::BTreeMap;

use crate::declare::locate::{ByteRange, SpanTree, line_column};
use crate::diagnostic::{DeclPath, Location};

/// Files by path below the root.
#[derive(Debug, Default)]
pub struct Sources(BTreeMap<String, Source>);

#[derive(Debug)]
struct Source {
    text: String,
    tree: std::sync::OnceLock<SpanTree>,
}

/// A place for people: 1-based line and column, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

impl Sources {
    /// Adds a file; bytes that are not UTF-8 are replaced.
    pub fn add(&mut self, file: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.0.insert(file.to_owned(), Source { text, tree: std::sync::OnceLock::new() });
    }

    /// Adds a file that is no YAML, in which places are bytes alone.
    pub fn add_plain(&mut self, file: &str, bytes: &[u8]) {
        let text = String::from_utf8_lossy(bytes).into_owned();
        self.0.insert(file.to_owned(), Source { text, tree: SpanTree::of("").into() });
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, file: &str) -> Option<&str> {
        self.0.get(file).map(|source| source.text.as_str())
    }

    /// The bytes that a location stands for.
    #[must_use]
    pub fn range(&self, location: &Location) -> ByteRange {
        self.tree(&location.file).map_or((0, 0), |tree| tree.range(&location.spot))
    }

    /// The line and column that a location starts at.
    #[must_use]
    pub fn position(&self, location: &Location) -> Position {
        let (line, column) = self.text(&location.file).map_or((1, 1), |text| line_column(text, self.range(location).0));
        Position { line, column }
    }

    /// `file:line:column` of a location.
    #[must_use]
    pub fn place(&self, location: &Location) -> String {
        let position = self.position(location);
        format!("{}:{}:{}", location.file, position.line, position.column)
    }

    /// Whether something is written at a path; where not, its value is a default.
    #[must_use]
    pub fn holds(&self, file: &str, path: &DeclPath) -> bool {
        self.tree(file).is_some_and(|tree| tree.holds(path))
    }

    /// A path with keys in place of positions.
    #[must_use]
    pub fn readable(&self, file: &str, path: &DeclPath) -> DeclPath {
        self.tree(file).map_or_else(|| path.clone(), |tree| tree.readable(path))
    }

    fn tree(&self, file: &str) -> Option<&SpanTree> {
        self.0.get(file).map(|source| source.tree.get_or_init(|| SpanTree::of(&source.text)))
    }
}
