//! What is printed: a [`Page`], and nothing else.
//!
//! The printer (`cli::output`) takes pages alone, and a page cannot be made of a text without
//! making that text inert. So there is no place that could forget it, and the compiler holds this:
//!
//! * the text of a page is private to this file;
//! * [`page!`](macro@crate::report::page) and `add!` take a literal of the program and values. A
//!   value is [`Printable`]: another page as it is, and everything else that can be displayed
//!   (texts, paths, names, numbers, errors) through [`inert`](super::inert). The literal
//!   names its values by `{}` alone, which is checked when the program is compiled: `{name}` would
//!   take a value past the trait, so it does not compile;
//! * text of a library that the program prints ([`Page::made`]), JSON ([`Page::json`]), command
//!   lines to copy ([`Page::command_line`]) and the commands of a CI runner that we give ourselves
//!   (`Page::annotation`, `Page::quoted`) have one door each, and each door guards what comes
//!   through it.
//!
//! A page knows what its last line could be the beginning of, and breaks a command that two texts
//! would make together, such as `#` and `#[error]`, by a backslash. Styles are not text: they count
//! as absent, since the printer may strip them.

use std::fmt::{Display, Write as _};

use anstyle::Style;

mod line;

use line::{broken, style_length, visible};

use super::inert::{
    Place, Unit, annotation_data, annotation_property, inert_at, is_hidden, push_escaped,
    stop_commands,
};

/// Text that is safe to print on a terminal and into the log of a CI job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    text: String,
    /// What the last line could be the beginning of.
    place: Place,
    /// Where lines of prose are, in the order of the text: the printer may wrap these, and no
    /// others, since a command, a path or a line of a file is for copying.
    prose: Vec<Prose>,
}

/// A line of prose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Prose {
    /// A byte of the line, counted from the beginning of the page.
    at: usize,
    /// How many columns it may have on any terminal.
    limit: usize,
}

/// The columns of a paragraph, which would be hard to read in longer lines.
const PARAGRAPH: usize = 90;

/// What can be put on a page.
pub(crate) trait Printable {
    /// Puts it at the end of a page.
    fn put_on(&self, page: &mut Page);
}

/// Everything that can be displayed is foreign text of one line: a line break in it is printed as
/// `\x0a`.
impl<T: Display + ?Sized> Printable for T {
    fn put_on(&self, page: &mut Page) {
        page.foreign(self.to_string().as_bytes());
    }
}

impl Printable for Page {
    fn put_on(&self, page: &mut Page) {
        page.join(self);
    }
}

impl Printable for &Page {
    fn put_on(&self, page: &mut Page) {
        page.join(self);
    }
}

/// Foreign bytes of one line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bytes<'a>(pub(crate) &'a [u8]);

impl Printable for Bytes<'_> {
    fn put_on(&self, page: &mut Page) {
        page.foreign(self.0);
    }
}

/// Foreign text of any number of lines: the LFs stay.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lines<'a>(pub(crate) &'a [u8]);

impl Printable for Lines<'_> {
    fn put_on(&self, page: &mut Page) {
        for line in self.0.split_inclusive(|byte| *byte == b'\n') {
            match line.strip_suffix(b"\n") {
                Some(content) => {
                    page.foreign(content);
                    page.end_line();
                }
                None => page.foreign(line),
            }
        }
    }
}

/// A page: a literal with a value for each `{}` in it.
macro_rules! page {
    ($format:literal $(, $value:expr)* $(,)?) => {{
        let mut page = $crate::report::Page::default();
        $crate::report::add!(page, $format $(, $value)*);
        page
    }};
}

/// Puts a literal with a value for each `{}` in it at the end of a page.
macro_rules! add {
    ($page:expr, $format:literal $(, $value:expr)* $(,)?) => {{
        const _: () = $crate::report::page::assert_holes(
            $format,
            <[&str]>::len(&[$(stringify!($value)),*]),
        );
        $page.fill($format, &[$(&$value),*]);
    }};
}

pub(crate) use {add, page};

/// Whether a literal has as many `{}` as it gets values, and no other brace: what stands between
/// braces would be a value that is not made inert. Called when the program is compiled.
pub(crate) const fn assert_holes(format: &str, values: usize) {
    let bytes = format.as_bytes();
    let (mut at, mut holes) = (0, 0);
    while at < bytes.len() {
        if bytes[at] == b'{' {
            assert!(
                at + 1 < bytes.len() && bytes[at + 1] == b'}',
                "a value is written as two braces, and given after the literal"
            );
            holes += 1;
            at += 1;
        } else {
            assert!(
                bytes[at] != b'}',
                "a value is written as two braces, and given after the literal"
            );
        }
        at += 1;
    }
    assert!(holes == values, "as many values as pairs of braces");
}

impl Page {
    /// Text of the program.
    #[must_use]
    pub(crate) fn fixed(text: &'static str) -> Self {
        Self::made(text)
    }

    /// Text that a library made for the program: a rendered snippet, a usage error, a schema.
    /// Styles stay; everything else that a terminal or a CI runner would act on is made visible.
    /// Unlike that of [`inert`](super::inert), the notation cannot be read back, so foreign text is
    /// made inert before the library gets it.
    #[must_use]
    pub(crate) fn made(text: &str) -> Self {
        let mut page = Self::default();
        page.guard(text, true);
        page
    }

    /// A command line for a person to copy: one line that is never cut. Its words are quoted as a
    /// shell takes them ([`shell_word`](super::shell_word)), so that nothing in it needs the
    /// notation of [`inert`](super::inert).
    #[must_use]
    pub(crate) fn command_line(words: &str) -> Self {
        let mut page = Self::default();
        page.guard(&words.replace('\n', "\\x0a"), false);
        page
    }

    /// JSON with every character outside of ASCII escaped, and what a CI runner could read a
    /// command into: a reader of JSON gets what it was made from.
    #[must_use]
    pub(crate) fn json(json: &str) -> Self {
        let mut ascii = String::with_capacity(json.len());
        for character in json.chars() {
            if matches!(character, '\n' | ' '..='~') && character != '#' {
                ascii.push(character);
                continue;
            }
            for unit in character.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(ascii, "\\u{unit:04x}");
            }
        }
        let mut page = Self::default();
        page.guard(&ascii, false);
        page
    }

    /// A command of ours to a GitHub runner, on a line of its own: `::level name=value,…::message`.
    #[must_use]
    pub(super) fn annotation(
        level: &'static str,
        properties: &[(&'static str, Self)],
        message: &Self,
    ) -> Self {
        let written =
            |(name, value): &(&str, Self)| format!("{name}={}", annotation_property(&value.text));
        let properties = properties.iter().map(written).collect::<Vec<_>>().join(",");
        let text = format!(
            "::{level} {properties}::{}\n",
            annotation_data(&message.text)
        );
        Self {
            text,
            ..Self::default()
        }
    }

    /// The same page between two lines that keep a GitHub runner from taking commands from it.
    #[must_use]
    pub(crate) fn quoted(mut self, token: &str) -> Self {
        let (stop, resume) = stop_commands(token);
        if !self.text.ends_with('\n') {
            self.end_line();
        }
        Self {
            text: format!("{stop}\n{}{resume}\n", self.text),
            // Nothing is wrapped: a runner takes its commands from the beginnings of lines.
            ..Self::default()
        }
    }

    /// Values with a text of the program between them.
    #[must_use]
    pub(crate) fn joined<T: Printable>(
        values: impl IntoIterator<Item = T>,
        separator: &'static str,
    ) -> Self {
        let mut page = Self::default();
        for (position, value) in values.into_iter().enumerate() {
            if position > 0 {
                page.guard(separator, false);
            }
            page.push(&value);
        }
        page
    }

    /// A value in a style.
    #[must_use]
    pub(crate) fn painted(style: Style, value: &(impl Printable + ?Sized)) -> Self {
        let mut page = Self {
            text: style.render().to_string(),
            ..Self::default()
        };
        page.push(value);
        // The place is that of the text: a style is none.
        let _ = write!(page.text, "{}", style.render_reset());
        page
    }

    /// Puts a value at the end.
    pub(crate) fn push(&mut self, value: &(impl Printable + ?Sized)) {
        value.put_on(self);
    }

    /// Puts a literal at the end, with a value in each `{}`: what [`add!`](crate::report::add)
    /// expands to.
    pub(crate) fn fill(&mut self, format: &'static str, values: &[&dyn Printable]) {
        let mut pieces = format.split("{}");
        self.guard(pieces.next().expect("a split has a first part"), false);
        for (piece, value) in pieces.zip(values) {
            value.put_on(self);
            self.guard(piece, false);
        }
    }

    /// The same with blanks at the end, up to a width in characters.
    #[must_use]
    pub(crate) fn padded(mut self, width: usize) -> Self {
        for _ in self.width()..width {
            self.guard(" ", false);
        }
        self
    }

    /// The same without blanks at the end.
    #[must_use]
    pub(crate) fn trimmed(self) -> Self {
        Self::made(self.text.trim_end())
    }

    /// The first whole lines that have at most so many bytes together, and how many lines are left.
    #[must_use]
    pub(super) fn first_lines(&self, bytes: usize) -> (Self, usize) {
        let ends = self.text.match_indices('\n').map(|(at, _)| at + 1);
        let end = ends.take_while(|end| *end <= bytes).last().unwrap_or(0);
        let (first, rest) = self.text.split_at(end);
        let page = Self {
            text: first.to_owned(),
            ..Self::default()
        };
        (page, rest.lines().count())
    }

    /// The same, as lines of prose.
    #[must_use]
    pub(crate) fn prose(self) -> Self {
        self.prose_where(|_| true)
    }

    /// The same, where the lines that match, without their styles, are prose.
    #[must_use]
    pub(crate) fn prose_where(mut self, matches: impl Fn(&str) -> bool) -> Self {
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            let limit = usize::MAX;
            if matches(visible(line).collect::<String>().trim_end()) {
                self.prose.push(Prose { at, limit });
            }
            at += line.len();
        }
        self
    }

    /// The same as one line of prose of at most so many columns, on any terminal and in files.
    #[must_use]
    pub(super) fn prose_within(mut self, limit: usize) -> Self {
        self.prose.push(Prose { at: 0, limit });
        self
    }

    /// A paragraph of the program.
    #[must_use]
    pub(super) fn paragraph(text: &'static str) -> Self {
        Self::fixed(text).prose_within(PARAGRAPH)
    }

    /// The same with its prose in lines of at most so many columns, as far as words allow it.
    #[must_use]
    pub(crate) fn wrapped(&self, columns: Option<usize>) -> Self {
        let mut page = Self::default();
        let mut prose = self.prose.iter().peekable();
        let mut at = 0;
        for line in self.text.split_inclusive('\n') {
            at += line.len();
            let mut limit = None;
            while let Some(found) = prose.next_if(|found| found.at < at) {
                limit = Some(found.limit.min(columns.unwrap_or(usize::MAX)));
            }
            if let Some(limit) = limit {
                page.guard(&broken(line, limit), true);
            } else {
                page.text.push_str(line);
                page.place = Place::Start;
            }
        }
        page
    }

    /// The number of characters, styles aside.
    #[must_use]
    pub(crate) fn width(&self) -> usize {
        visible(&self.text).count()
    }

    /// Whether there is nothing on it.
    #[must_use]
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The text, with its styles.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn end_line(&mut self) {
        self.text.push('\n');
        self.place = Place::Start;
    }

    fn foreign(&mut self, bytes: &[u8]) {
        let text = inert_at(&mut self.place, bytes);
        self.text.push_str(&text);
    }

    /// Puts another page at the end: from its first line break on, it was made for just that place.
    fn join(&mut self, other: &Self) {
        let begin = self.text.len();
        if self.place == Place::Start {
            self.text.push_str(&other.text);
            self.place = other.place;
            self.take_prose(other, begin, begin);
            return;
        }
        let first = other
            .text
            .find('\n')
            .map_or(other.text.len(), |end| end + 1);
        let (line, rest) = other.text.split_at(first);
        self.guard(line, true);
        // The first line can have become longer.
        let shift = self.text.len() - first;
        self.take_prose(other, begin, shift);
        if !rest.is_empty() {
            self.text.push_str(rest);
            self.place = other.place;
        }
    }

    /// Takes over which lines of another page are prose: its first line is at one place, and what
    /// follows that line is moved by so many bytes.
    fn take_prose(&mut self, other: &Self, first: usize, shift: usize) {
        for Prose { at, limit } in &other.prose {
            let at = if *at == 0 { first } else { at + shift };
            self.prose.push(Prose { at, limit: *limit });
        }
    }

    /// Puts text at the end whose line breaks stay, and its styles where it may have some; what is
    /// hidden or would open a command, also together with what stands before it, is made visible.
    fn guard(&mut self, text: &str, styled: bool) {
        let mut rest = text;
        while let Some(character) = rest.chars().next() {
            let style = if styled { style_length(rest) } else { None };
            let (taken, after) = rest.split_at(style.unwrap_or(character.len_utf8()));
            match character {
                _ if style.is_some() => self.text.push_str(taken),
                '\n' => self.end_line(),
                _ if is_hidden(Unit::Scalar(character)) => {
                    push_escaped(&mut self.text, Unit::Scalar(character));
                    self.place = Place::Text;
                }
                _ => {
                    let may_open =
                        matches!(character, ':' | '[') || matches!(self.place, Place::Folded(_));
                    if may_open && self.place.opens_command(&upcoming(rest)) {
                        self.text.push('\\');
                        self.place = Place::Text;
                    }
                    self.text.push(character);
                    self.place = self.place.after(character);
                }
            }
            rest = after;
        }
    }
}

/// The next characters of a line, styles aside: as many as the longest opening of a command has.
fn upcoming(text: &str) -> Vec<Unit> {
    let line = text.split('\n').next().expect("a split has a first part");
    visible(line).take(9).map(Unit::Scalar).collect()
}

#[cfg(test)]
mod tests;
