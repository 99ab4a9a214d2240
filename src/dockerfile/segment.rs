//! Cutting a Dockerfile into segments, without losing a byte.

use super::directive::{BACKSLASH, Directive, Directives};
use super::instruction::{Completeness, Heredoc, Instruction};
use super::lexer::HeredocMark;

/// A piece of the text: whole physical lines with their line ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment<'a> {
    /// The piece as written. A byte order mark belongs to the first one.
    pub text: &'a str,
    /// Its first line, counted from 1.
    pub line: usize,
    /// What it is.
    pub(crate) kind: SegmentKind,
}

impl Segment<'_> {
    /// The instruction, if the segment is one.
    #[must_use]
    pub const fn instruction(&self) -> Option<&Instruction> {
        match &self.kind {
            SegmentKind::Instruction(instruction) => Some(instruction),
            _ => None,
        }
    }
}

/// What a segment is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SegmentKind {
    /// One line of white space.
    Blank,
    /// One comment line.
    Comment,
    /// One parser directive.
    Directive(Directive),
    /// An instruction with its continuation lines and heredoc bodies.
    Instruction(Instruction),
}

/// Cuts a Dockerfile into segments. The texts of the segments, joined, are `text`.
///
/// Every text has a reading. What `BuildKit`'s parser refuses shows as an instruction
/// that is not complete ([`Instruction::completeness`]) or has no values
/// ([`Instruction::values`]), as a repeated or senseless [`Directive`], or as the
/// lack of any instruction; the builder then refuses unknown keywords.
#[must_use]
pub fn segment(text: &str) -> Vec<Segment<'_>> {
    let mut reader = Reader::new(text);
    let mut directives = Directives::default();
    let mut segments = Vec::new();
    while let Some(raw) = reader.next_line() {
        let content = if reader.line == 1 {
            raw.strip_prefix('\u{feff}').unwrap_or(raw)
        } else {
            raw
        };
        let kind = match directives.read(content.trim_start()) {
            Some(directive) => SegmentKind::Directive(directive),
            None => reader.read(content, directives.escape),
        };
        segments.push(reader.cut(kind));
    }
    segments
}

/// Cuts a piece of a Dockerfile into segments, as it reads when it does not stand
/// at the top of a file: parser directives are comments there and a byte order
/// mark is a character like any other. The escape character is the backslash.
#[must_use]
pub fn segment_fragment(text: &str) -> Vec<Segment<'_>> {
    let mut reader = Reader::new(text);
    let mut segments = Vec::new();
    while let Some(raw) = reader.next_line() {
        let kind = reader.read(raw, BACKSLASH);
        segments.push(reader.cut(kind));
    }
    segments
}

/// The part of the text not yet given out, line by line.
struct Reader<'a> {
    /// Text from the start of the current segment on.
    rest: &'a str,
    /// Bytes of `rest` taken into the current segment.
    taken: usize,
    /// Line numbers of the current segment's first line and of the last line taken.
    first_line: usize,
    line: usize,
}

impl<'a> Reader<'a> {
    const fn new(text: &'a str) -> Self {
        Self {
            rest: text,
            taken: 0,
            first_line: 1,
            line: 0,
        }
    }

    /// Takes the next physical line, its line end included.
    fn next_line(&mut self) -> Option<&'a str> {
        let line = self.rest.get(self.taken..)?.split_inclusive('\n').next()?;
        self.taken += line.len();
        self.line += 1;
        Some(line)
    }

    /// Makes a segment of all lines taken since the last one.
    fn cut(&mut self, kind: SegmentKind) -> Segment<'a> {
        let (text, rest) = self
            .rest
            .split_at_checked(self.taken)
            .unwrap_or((self.rest, ""));
        let line = std::mem::replace(&mut self.first_line, self.line + 1);
        self.rest = rest;
        self.taken = 0;
        Segment { text, line, kind }
    }

    /// Tells what starts with the line just taken and takes the rest of it.
    fn read(&mut self, first: &'a str, escape: char) -> SegmentKind {
        let content = without_line_end(first).trim_start();
        if content.is_empty() {
            SegmentKind::Blank
        } else if content.starts_with('#') {
            SegmentKind::Comment
        } else {
            SegmentKind::Instruction(self.read_instruction(content, escape))
        }
    }

    fn read_instruction(&mut self, first: &'a str, escape: char) -> Instruction {
        let (line, completeness) = self.join_continuations(first, escape);
        let mut instruction = Instruction::new(&line, escape, completeness);
        match instruction.heredoc_marks() {
            None => instruction.set_completeness(Completeness::UnreadableHeredoc),
            Some(marks) => {
                for mark in &marks {
                    let Some(heredoc) = self.read_heredoc(mark) else {
                        instruction.set_completeness(Completeness::OpenHeredoc);
                        break;
                    };
                    instruction.add_heredoc(heredoc);
                }
            }
        }
        instruction
    }

    /// Joins a line with those it continues on. Comment lines and empty lines in
    /// between are dropped and do not end it.
    fn join_continuations(&mut self, first: &'a str, escape: char) -> (String, Completeness) {
        let Some(begun) = before_continuation(first, escape) else {
            return (first.to_owned(), Completeness::Complete);
        };
        let mut joined = begun.to_owned();
        while let Some(raw) = self.next_line() {
            let line = without_line_end(raw);
            let content = line.trim_start();
            if content.is_empty() || content.starts_with('#') {
                continue;
            }
            let Some(begun) = before_continuation(line, escape) else {
                joined.push_str(line);
                return (joined, Completeness::Complete);
            };
            joined.push_str(begun);
        }
        (joined, Completeness::OpenContinuation)
    }

    /// Takes the body of a heredoc and the line that closes it; nothing if the text
    /// ends first. Tabs before a line do not count after `<<-` (`ChompHeredocContent`).
    fn read_heredoc(&mut self, mark: &HeredocMark) -> Option<Heredoc> {
        let mut body = String::new();
        while let Some(raw) = self.next_line() {
            let line = if mark.strips_tabs {
                raw.trim_start_matches('\t')
            } else {
                raw
            };
            if without_line_end(line) == mark.name {
                return Some(Heredoc {
                    name: mark.name.clone(),
                    body,
                    expands: mark.expands,
                });
            }
            body.push_str(line);
        }
        None
    }
}

fn without_line_end(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

/// The part of a line before its continuation character. Blanks and tabs may
/// follow that character; another escape character right before it takes its
/// meaning away, even one that is itself escaped.
fn before_continuation(line: &str, escape: char) -> Option<&str> {
    line.trim_end_matches([' ', '\t'])
        .strip_suffix(escape)
        .filter(|begun| !begun.ends_with(escape))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keyword, arguments, first line and completeness of every instruction.
    fn read(segments: &[Segment<'_>]) -> Vec<(String, String, usize, Completeness)> {
        let row = |segment: &Segment<'_>| {
            let found = segment.instruction()?;
            let keyword = found.keyword().to_owned();
            let arguments = found.arguments().to_owned();
            Some((keyword, arguments, segment.line, found.completeness()))
        };
        segments.iter().filter_map(row).collect()
    }

    fn complete(rows: &[(&str, &str, usize)]) -> Vec<(String, String, usize, Completeness)> {
        let own = |&(keyword, arguments, line): &(&str, &str, usize)| {
            (
                keyword.to_owned(),
                arguments.to_owned(),
                line,
                Completeness::Complete,
            )
        };
        rows.iter().map(own).collect()
    }

    fn only_completeness(text: &str) -> Completeness {
        let rows = read(&segment(text));
        assert_eq!(rows.len(), 1, "{text}");
        rows[0].3
    }

    /// Every text of up to `length` of these pieces.
    fn texts(length: usize) -> Vec<String> {
        let pieces = [
            "RUN ", "\\", "\n", "#", "<<A", "A", " ", "\r\n", "\u{feff}", "é",
        ];
        let mut all = vec![String::new()];
        let mut last = all.clone();
        for _ in 0..length {
            last = last
                .iter()
                .flat_map(|text| pieces.map(|piece| format!("{text}{piece}")))
                .collect();
            all.extend_from_slice(&last);
        }
        all
    }

    #[test]
    fn segments_join_to_the_input_and_lines_add_up() {
        for text in texts(5) {
            for segments in [segment(&text), segment_fragment(&text)] {
                let mut line = 1;
                let mut joined = String::new();
                for piece in &segments {
                    assert_eq!(piece.line, line, "{text:?}");
                    assert!(!piece.text.is_empty(), "{text:?}");
                    line += piece.text.matches('\n').count();
                    joined.push_str(piece.text);
                }
                assert_eq!(joined, text);
            }
        }
    }

    #[test]
    fn each_kind_of_segment_is_recognised() {
        let segments = segment("# syntax=docker/dockerfile:1\n\n  # note\nFROM a\n \t\nRUN b");
        let kinds: Vec<_> = segments
            .iter()
            .map(|segment| match &segment.kind {
                SegmentKind::Blank => "blank",
                SegmentKind::Comment => "comment",
                SegmentKind::Directive(_) => "directive",
                SegmentKind::Instruction(_) => "instruction",
            })
            .collect();
        assert_eq!(
            kinds,
            [
                "directive",
                "blank",
                "comment",
                "instruction",
                "blank",
                "instruction"
            ]
        );
    }

    #[test]
    fn continuation_joins_lines_and_drops_comments_and_empty_lines() {
        let text = "RUN a \\ \t\n# c \\\n\n  # d\n  b \\\r\n\tc\r\nUSER d\n";
        assert_eq!(
            read(&segment(text)),
            complete(&[("RUN", "a   b \tc", 1), ("USER", "d", 7)])
        );
    }

    #[test]
    fn doubled_escape_character_does_not_continue_a_line() {
        let text = "RUN a \\\\\nRUN b \\\\\\\nRUN c";
        assert_eq!(read(&segment(text)).len(), 3);
    }

    #[test]
    fn keyword_may_itself_be_continued() {
        assert_eq!(
            read(&segment("\\\nUS\\\nER root\n")),
            complete(&[("USER", "root", 1)])
        );
    }

    #[test]
    fn open_continuation_is_reported() {
        for text in ["RUN a \\", "RUN a \\\n", "RUN a \\\n# b\n\n", "\\"] {
            assert_eq!(
                only_completeness(text),
                Completeness::OpenContinuation,
                "{text:?}"
            );
        }
        assert_eq!(only_completeness("RUN a"), Completeness::Complete);
    }

    #[test]
    fn heredoc_bodies_belong_to_their_instruction() {
        let text =
            "RUN <<A cat <<-'B'\nUSER x\nA\nFROM y\n\t\tB\r\nCOPY <<\"C D\" /z\nC D\nUSER w\n";
        assert_eq!(
            read(&segment(text)),
            complete(&[
                ("RUN", "<<A cat <<-'B'", 1),
                ("COPY", "<<\"C D\" /z", 6),
                ("USER", "w", 8),
            ])
        );
    }

    #[test]
    fn heredoc_opens_behind_onbuild_but_not_elsewhere() {
        assert_eq!(read(&segment("ONBUILD RUN <<A\nUSER x\nA\n")).len(), 1);
        assert_eq!(
            read(&segment("ONBUILD ONBUILD RUN <<A\nUSER x\nA\n")).len(),
            3
        );
        assert_eq!(read(&segment("CMD <<A\nUSER x\nA\n")).len(), 3);
        assert_eq!(read(&segment("RUN [\"a\", \"<<A\"]\nUSER x\nA\n")).len(), 3);
    }

    #[test]
    fn heredoc_without_its_closing_line_is_reported() {
        for text in [
            "RUN <<A",
            "RUN <<A\nb\n",
            "RUN <<A\n A\n",
            "RUN <<A\n\tA\n",
            "RUN <<A \\",
        ] {
            assert_eq!(
                only_completeness(text),
                Completeness::OpenHeredoc,
                "{text:?}"
            );
        }
    }

    #[test]
    fn heredoc_with_an_unreadable_name_is_reported() {
        assert_eq!(
            only_completeness("RUN cat <<${a+b c}\n"),
            Completeness::UnreadableHeredoc
        );
    }

    #[test]
    fn escape_directive_changes_the_continuation_character() {
        let text = "\u{feff}# Escape = `\r\nRUN a `\r\n b \\\r\nUSER c\r\n";
        assert_eq!(
            read(&segment(text)),
            complete(&[("RUN", "a  b \\", 2), ("USER", "c", 4)])
        );
    }

    #[test]
    fn fragment_has_neither_directives_nor_a_byte_order_mark() {
        let text = "# escape=`\nRUN a `\nUSER b\n";
        assert_eq!(read(&segment_fragment(text)).len(), 2);
        assert_eq!(
            read(&segment_fragment("\u{feff}USER a"))[0].0,
            "\u{feff}USER"
        );
        assert_eq!(read(&segment("\u{feff}USER a"))[0].0, "USER");
    }

    #[test]
    fn lone_carriage_return_is_no_line_end() {
        assert_eq!(
            read(&segment("RUN a\rUSER b\r\r\n")),
            complete(&[("RUN", "a\rUSER b", 1)])
        );
    }
}
