//! The texts that findings point into, and how a spot becomes a line and a column.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::declare::Parts;
use crate::declare::locate::{ByteRange, SpanTree};
use crate::diagnostic::{DeclPath, Location, Spot};

/// Files by path below the root.
#[derive(Debug, Default)]
pub struct Sources(BTreeMap<String, Source>);

#[derive(Debug)]
struct Source {
    text: String,
    /// What tells most places without the tree, which takes a long time for a long text.
    parts: Parts,
    tree: OnceLock<SpanTree>,
    /// The first byte of each line.
    lines: OnceLock<Vec<usize>>,
    /// How many characters stand before each block of [`BLOCK`] bytes.
    characters: OnceLock<Vec<usize>>,
}

/// How many bytes are counted through for a column at the most.
const BLOCK: usize = 4096;

impl Source {
    fn of(bytes: Vec<u8>) -> Self {
        let text =
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Self {
            text,
            parts: Parts::default(),
            tree: OnceLock::new(),
            lines: OnceLock::new(),
            characters: OnceLock::new(),
        }
    }

    fn tree(&self) -> &SpanTree {
        self.tree.get_or_init(|| SpanTree::of(&self.text))
    }

    /// As [`crate::declare::locate::line_column`], but a look-up: a file can have thousands of findings.
    fn line_column(&self, offset: usize) -> (usize, usize) {
        let starts = self.lines.get_or_init(|| {
            let ends = memchr::memchr_iter(b'\n', self.text.as_bytes());
            std::iter::once(0).chain(ends.map(|at| at + 1)).collect()
        });
        let offset = offset.min(self.text.len());
        let line = starts.partition_point(|start| *start <= offset);
        let start = line.checked_sub(1).and_then(|at| starts.get(at)).copied().unwrap_or(0);
        (line, self.characters_before(offset) - self.characters_before(start) + 1)
    }

    /// How many characters begin before a byte; a line can be as long as the file, and have thousands of findings.
    fn characters_before(&self, offset: usize) -> usize {
        let begins = |byte: &&u8| (**byte & 0xc0) != 0x80;
        let count = |bytes: &[u8]| bytes.iter().filter(begins).count();
        let blocks = self.characters.get_or_init(|| {
            let lengths = self.text.as_bytes().chunks(BLOCK).map(count);
            let sums = lengths.scan(0, |sum, length| {
                *sum += length;
                Some(*sum)
            });
            std::iter::once(0).chain(sums).collect()
        });
        let block = offset / BLOCK;
        let rest = self.text.as_bytes().get(block * BLOCK..offset).unwrap_or_default();
        blocks.get(block).copied().unwrap_or_default() + count(rest)
    }
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
    pub fn add(&mut self, file: &str, bytes: impl Into<Vec<u8>>) {
        self.0.insert(file.to_owned(), Source::of(bytes.into()));
    }

    /// Adds a file that is no YAML, in which places are bytes alone.
    pub fn add_plain(&mut self, file: &str, bytes: &[u8]) {
        self.0.insert(file.to_owned(), Source { tree: SpanTree::of("").into(), ..Source::of(bytes.to_vec()) });
    }

    /// Says which parts a file has, so that its places are found without reading it as a whole.
    pub fn set_parts(&mut self, file: &str, parts: Parts) {
        if let Some(source) = self.0.get_mut(file) {
            source.parts = parts;
        }
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, file: &str) -> Option<&str> {
        self.0.get(file).map(|source| source.text.as_str())
    }

    /// The bytes that a location stands for.
    #[must_use]
    pub fn range(&self, location: &Location) -> ByteRange {
        let Some(source) = self.0.get(&location.file) else { return (0, 0) };
        match location.spot {
            // No tree is needed.
            Spot::Bytes { start, end } => return (start, end),
            Spot::File => return (0, 0),
            Spot::Value(_) | Spot::Key(_) => {}
        }
        let known = || source.parts.range(&source.text, &location.spot).filter(|_| source.tree.get().is_none());
        known().unwrap_or_else(|| source.tree().range(&location.spot))
    }

    /// The line and column that a location starts at.
    #[must_use]
    pub fn position(&self, location: &Location) -> Position {
        let (start, _) = self.range(location);
        let (line, column) = self.0.get(&location.file).map_or((1, 1), |source| source.line_column(start));
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
        self.0.get(file).is_some_and(|source| source.tree().holds(path))
    }

    /// A path with keys in place of positions.
    #[must_use]
    pub fn readable(&self, file: &str, path: &DeclPath) -> DeclPath {
        self.0.get(file).map_or_else(|| path.clone(), |source| source.tree().readable(path))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::locate::line_column;

    #[test]
    fn the_look_up_of_a_place_agrees_with_the_count() {
        for text in ["", "a", "a\n", "\n\né b\nc", "a\r\nb"] {
            let source = Source::of(text.into());
            for offset in (0..=text.len()).filter(|at| text.is_char_boundary(*at)) {
                assert_eq!(source.line_column(offset), line_column(text, offset), "{text:?} {offset}");
            }
        }
    }
}
