//! The texts that findings point into, and how a spot becomes a line and a column.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::diagnostic::{DeclPath, Location};
use crate::yaml::{ByteRange, Tree, read};

/// Files by path below the root.
#[derive(Debug, Default)]
pub struct Sources(BTreeMap<String, Source>);

#[derive(Debug)]
struct Source {
    /// The text; nothing where the tree has it.
    text: String,
    /// Whether lines of it may be shown.
    is_shown: bool,
    tree: OnceLock<Tree>,
    /// The first byte of each line.
    lines: OnceLock<Vec<usize>>,
    /// How many characters stand before each block of [`BLOCK`] bytes.
    characters: OnceLock<Vec<usize>>,
}

/// How many bytes are counted through for a column at the most.
const BLOCK: usize = 4096;

impl Source {
    fn of(bytes: Vec<u8>) -> Self {
        let text = String::from_utf8(bytes)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Self {
            text,
            is_shown: true,
            tree: OnceLock::new(),
            lines: OnceLock::new(),
            characters: OnceLock::new(),
        }
    }

    fn text(&self) -> &str {
        self.tree.get().map_or(&self.text, Tree::text)
    }

    /// The tree of the text; what cannot be read has no places but bytes.
    fn tree(&self) -> &Tree {
        let unreadable = |_| Tree::unreadable(self.text.clone());
        self.tree
            .get_or_init(|| read(self.text.as_bytes()).unwrap_or_else(unreadable))
    }

    /// As [`crate::yaml::line_column`], but a look-up: a file can have thousands of findings.
    fn line_column(&self, offset: usize) -> (usize, usize) {
        let starts = self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.text().as_bytes());
            std::iter::once(0).chain(ends.map(|at| at + 1)).collect()
        });
        let offset = offset.min(self.text().len());
        let line = starts.partition_point(|start| *start <= offset);
        let start = line
            .checked_sub(1)
            .and_then(|at| starts.get(at))
            .copied()
            .unwrap_or(0);
        (
            line,
            self.characters_before(offset) - self.characters_before(start) + 1,
        )
    }

    /// How many characters begin before a byte; a line can be as long as the file, and have
    /// thousands of findings.
    fn characters_before(&self, offset: usize) -> usize {
        let begins = |byte: &&u8| (**byte & 0xc0) != 0x80;
        let count = |bytes: &[u8]| bytes.iter().filter(begins).count();
        let blocks = self.characters.get_or_init(|| {
            let lengths = self.text().as_bytes().chunks(BLOCK).map(count);
            let sums = lengths.scan(0, |sum, length| {
                *sum += length;
                Some(*sum)
            });
            std::iter::once(0).chain(sums).collect()
        });
        let block = offset / BLOCK;
        let rest = &self.text().as_bytes()[block * BLOCK..offset];
        blocks[block] + count(rest)
    }
}

/// A place for people: 1-based line and column, the column in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position {
    /// The line, from 1.
    pub(crate) line: usize,
    /// The column, from 1.
    pub(crate) column: usize,
}

impl Sources {
    /// Adds a file; bytes that are not UTF-8 are replaced.
    pub(crate) fn add(&mut self, file: &str, bytes: impl Into<Vec<u8>>) {
        self.0.insert(file.to_owned(), Source::of(bytes.into()));
    }

    /// Adds a file that is not ours: none of its lines is ever shown, and places in it are bytes.
    pub(crate) fn add_withheld(&mut self, file: &str, bytes: &[u8]) {
        let source = Source::of(bytes.to_vec());
        let tree = Tree::unreadable(source.text.clone());
        self.0.insert(
            file.to_owned(),
            Source {
                is_shown: false,
                tree: tree.into(),
                ..source
            },
        );
    }

    /// Adds a file whose places are known.
    pub(crate) fn add_tree(&mut self, file: &str, tree: Tree) {
        let source = Source {
            text: String::new(),
            is_shown: true,
            tree: tree.into(),
            lines: OnceLock::new(),
            characters: OnceLock::new(),
        };
        self.0.insert(file.to_owned(), source);
    }

    /// The text of a file whose lines may be shown.
    #[must_use]
    pub(crate) fn shown_text(&self, file: &str) -> Option<&str> {
        self.0
            .get(file)
            .filter(|source| source.is_shown)
            .map(Source::text)
    }

    /// The text of a file, to be edited and not to be shown.
    #[must_use]
    pub(crate) fn text(&self, file: &str) -> Option<&str> {
        self.0.get(file).map(Source::text)
    }

    /// The nodes of a file.
    #[must_use]
    pub(crate) fn tree(&self, file: &str) -> Option<&Tree> {
        self.0.get(file).map(Source::tree)
    }

    /// The bytes that a location stands for.
    #[must_use]
    pub fn range(&self, location: &Location) -> ByteRange {
        let Some(source) = self.0.get(&location.file) else {
            return (0, 0);
        };
        source.tree().range(&location.spot)
    }

    /// The line and column that a location starts at.
    #[must_use]
    pub(crate) fn position(&self, location: &Location) -> Position {
        let (start, _) = self.range(location);
        let (line, column) = self
            .0
            .get(&location.file)
            .map_or((1, 1), |source| source.line_column(start));
        Position { line, column }
    }

    /// `file:line:column` of a location.
    #[must_use]
    pub(crate) fn place(&self, location: &Location) -> String {
        let position = self.position(location);
        format!("{}:{}:{}", location.file, position.line, position.column)
    }

    /// Whether something is written at a path; where not, its value is a default.
    #[must_use]
    pub(crate) fn holds(&self, file: &str, path: &DeclPath) -> bool {
        self.0
            .get(file)
            .is_some_and(|source| source.tree().holds(path))
    }

    /// A path with keys in place of positions.
    #[must_use]
    pub(crate) fn readable(&self, file: &str, path: &DeclPath) -> DeclPath {
        self.0
            .get(file)
            .map_or_else(|| path.clone(), |source| source.tree().readable(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::line_column;

    #[test]
    fn the_look_up_of_a_place_agrees_with_the_count() {
        for text in ["", "a", "a\n", "\n\né b\nc", "a\r\nb"] {
            let source = Source::of(text.into());
            for offset in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                assert_eq!(
                    source.line_column(offset),
                    line_column(text, offset),
                    "{text:?} {offset}"
                );
            }
        }
    }
}
