//! Untrusted bytes → text that is safe to print.
//!
//! Everything a pull request controls (file content, declared values, paths) passes through
//! [`inert`] or [`inert_lines`] on its way to a terminal or a CI log. What comes out is printable
//! text, TABs, and, from [`inert_lines`] alone, the line breaks it was given; it cannot move a
//! cursor, override the direction of text, hide a character or command a CI runner.
//!
//! # Notation
//!
//! | in the content | printed |
//! |---|---|
//! | TAB | as it is |
//! | C0 controls (ESC, CR and, for [`inert`], LF among them), DEL | `\xNN`, two lowercase hex digits |
//! | a byte that is not part of valid UTF-8 | `\xNN`, 80 to ff |
//! | C1 controls; blanks other than the space; format (Cf), bidirectional, zero-width, filler, tag and variation selector characters; U+2028 and U+2029; noncharacters | `\u{N…}`, lowercase hex |
//! | a generic combining mark as the very first character, where it would redraw our own prefix | `\u{N…}` |
//! | `::` or `[command]` at the start, blanks aside | `\::`, `\[command]` |
//! | `##[`, `##vso[`, `##teamcity[` and any other `##word[`, anywhere | `##\[`, `##vso\[`, … |
//! | characters past the first [`LINE_LIMIT`] | `… n more characters` |
//!
//! A backslash of the content is printed as it is, so a line continuation looks like one. Only
//! where a reader could take it for one of ours, directly before `xNN`, `u{`, an escaped character
//! or one of the guarded openings, is the run of backslashes doubled: before those, an odd run ends
//! in a backslash of ours and an even run stands for half as many. Hence different content of at
//! most [`LINE_LIMIT`] characters never prints the same.
//!
//! # Commands that are recognised by others
//!
//! * GitHub runner, `ActionCommand`: `::name key=value::data` after leading white space (v2),
//!   `##[name key=value]data` anywhere in the line (v1). act and the Gitea runner read `::`, act
//!   `##[` too, at the line start without trimming; Gitea's log page folds and colours lines that
//!   start with `::name::`, `##[name]` or `[command]`.
//! * Azure Pipelines agent, `Command.TryParse`: `##vso[area.event key=value]data` anywhere;
//!   `##[name]` formats a line.
//! * `TeamCity` service messages: `##teamcity[name …]`, taken here to count anywhere.
//!
//! Some of these searches are linguistic (.NET, current culture) and skip characters without a
//! collation weight, so any non-ASCII character between `##` and `[` counts as absent here.
//!
//! # What the caller owes
//!
//! Nothing, where the text is put on a [`Page`](super::Page): it remembers what its last line could
//! be the beginning of, so that no command is put together from two texts. Whoever calls [`inert`]
//! by hand may put any text before the result that has no `#` and whose first character, blanks
//! aside, is not a colon, and must not join two results. Letters are printed as they are: those of
//! right-to-left scripts still display from right to left, and look-alikes still look alike.

use std::fmt::Write as _;

mod characters;

use characters::is_overlay;
pub(super) use characters::{Unit, is_hidden};

/// Characters of one line that are printed before the rest is only counted. A character is a
/// Unicode scalar value, or one byte that is not part of valid UTF-8. Escapes make at most ten
/// printed characters of one.
pub const LINE_LIMIT: usize = 500;

/// What Gitea's log page folds.
const FOLDED: &str = "[command]";

/// What the line read so far could be the beginning of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing but blanks so far.
    #[default]
    Start,
    /// One `:` after blanks.
    Colon,
    /// So many characters of [`FOLDED`] after blanks.
    Folded(usize),
    /// One `#`.
    Hash,
    /// `##`, perhaps with the word of a command after it.
    HashWord,
    /// Nothing.
    Text,
}

impl Place {
    /// Whether `next`, coming here, would open a command or a formatted line.
    pub(super) fn opens_command(self, next: &[Unit]) -> bool {
        match self {
            Self::Start => starts_with(next, "::") || starts_with(next, FOLDED),
            Self::Colon => starts_with(next, ":"),
            Self::Folded(read) => FOLDED
                .get(read..)
                .is_some_and(|rest| starts_with(next, rest)),
            Self::HashWord => starts_with(next, "["),
            Self::Hash | Self::Text => false,
        }
    }

    /// The place in a text that is not continued by another one: `::` and `[command]` are seen at
    /// their first character.
    fn alone(self) -> Self {
        if matches!(self, Self::Colon | Self::Folded(_)) {
            Self::Text
        } else {
            self
        }
    }

    /// The place after the printed character `c`.
    pub(super) fn after(self, c: char) -> Self {
        match (self, c) {
            (Self::Start, ' ' | '\t') => Self::Start,
            (Self::Start, ':') => Self::Colon,
            (Self::Start, '[') => Self::Folded(1),
            (Self::Folded(read), _)
                if starts_with(&[Unit::Scalar(c)], FOLDED.get(read..=read).unwrap_or("\n")) =>
            {
                Self::Folded(read + 1)
            }
            (Self::Hash | Self::HashWord, '#') => Self::HashWord,
            (_, '#') => Self::Hash,
            (Self::Hash | Self::HashWord, _) if !c.is_ascii() => self,
            (Self::HashWord, '.' | '_' | '-') => self,
            (Self::HashWord, _) if c.is_ascii_alphanumeric() => self,
            _ => Self::Text,
        }
    }
}

/// One line, or a fragment of one, safe to print wherever it lands. A line break in it is a control
/// character like any other and is printed as `\x0a`. The notation, the guarantee and its
/// conditions are in the [module documentation](self).
#[must_use]
pub fn inert(bytes: &[u8]) -> String {
    inert_at(&mut Place::Start, bytes)
}

/// The same for a line that has begun: `place` is what it could be the beginning of, before the
/// result and then after it.
pub(super) fn inert_at(place: &mut Place, bytes: &[u8]) -> String {
    let mut units = units(bytes);
    let shown: Vec<Unit> = units.by_ref().take(LINE_LIMIT).collect();
    let mut out = escape(place, &shown);
    let cut = units.count();
    if cut > 0 {
        push(
            &mut out,
            format_args!("… {cut} more character{}", if cut == 1 { "" } else { "s" }),
        );
        *place = Place::Text;
    }
    out
}

/// Text of any number of lines: each passes through [`inert`] by itself, the LFs between them and a
/// last one stay. The CR of a CRLF is part of its line, hence visible. The number of lines is not
/// limited.
#[must_use]
pub fn inert_lines(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(content) => {
                out.push_str(&inert(content));
                out.push('\n');
            }
            None => out.push_str(&inert(line)),
        }
    }
    out
}

/// The two lines, without line breaks, that make a GitHub runner ignore commands between them:
/// `::stop-commands::TOKEN` and `::TOKEN::`.
///
/// `token` has to be new for every run and impossible to guess, for instance 32 random hex digits;
/// the runner refuses an empty one, `pause-logging` and the names of commands. All but ASCII
/// letters, digits, `-` and `_` is left out, so that no token can add a command of its own.
#[must_use]
pub fn stop_commands(token: &str) -> (String, String) {
    let token: String = token
        .chars()
        .filter(|&c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .collect();
    (format!("::stop-commands::{token}"), format!("::{token}::"))
}

/// The message of a GitHub annotation, escaped as `escapeData` of the official toolkit
/// (`@actions/core`) does: `%`, CR and LF as `%25`, `%0D` and `%0A`. The runner undoes it, so
/// untrusted text goes through [`inert_lines`] first.
#[must_use]
pub fn annotation_data(message: &str) -> String {
    message
        .replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// The value of a GitHub annotation's property (`file`, `title`, …), escaped as `escapeProperty` of
/// the official toolkit does: as [`annotation_data`], and `:` and `,` as `%3A` and `%2C`. Untrusted
/// text goes through [`inert`] first.
#[must_use]
pub fn annotation_property(value: &str) -> String {
    annotation_data(value)
        .replace(':', "%3A")
        .replace(',', "%2C")
}

pub(super) fn units(bytes: &[u8]) -> impl Iterator<Item = Unit> + '_ {
    bytes.utf8_chunks().flat_map(|chunk| {
        let valid = chunk.valid().chars().map(Unit::Scalar);
        valid.chain(chunk.invalid().iter().copied().map(Unit::InvalidByte))
    })
}

/// The notation, for units that are all to be shown. Each turn of the loop takes a run of
/// backslashes, mostly empty, and the unit after it, because what follows a run decides how the run
/// is written. What would open a command at the start of a line is guarded wherever it lands, and
/// what opens one together with the line before it, too.
fn escape(line: &mut Place, units: &[Unit]) -> String {
    let mut out = String::with_capacity(units.len() + 8);
    let mut own = Place::Start;
    let mut rest = units;
    while !rest.is_empty() {
        let run = rest
            .iter()
            .take_while(|&&unit| unit == Unit::Scalar('\\'))
            .count();
        let is_first = run == 0 && rest.len() == units.len();
        rest = &rest[run..];
        let next = rest.first().copied();
        let hidden = next.filter(|&unit| is_hidden(unit) || (is_first && is_overlay(unit)));
        let guarded = own.opens_command(rest) || (run == 0 && line.opens_command(rest));
        let written = match run {
            0 => usize::from(guarded),
            _ if guarded || hidden.is_some() || reads_as_escape(rest) => 2 * run,
            _ => run,
        };
        out.extend(std::iter::repeat_n('\\', written));
        if written > 0 {
            (own, *line) = (Place::Text, Place::Text);
        }
        match (hidden, next) {
            (Some(unit), _) => {
                push_escaped(&mut out, unit);
                (own, *line) = (Place::Text, Place::Text);
            }
            (None, Some(Unit::Scalar(c))) => {
                out.push(c);
                (own, *line) = (own.after(c).alone(), line.after(c));
            }
            (None, _) => {}
        }
        // Backslashes may have been the last of it.
        rest = rest.get(1..).unwrap_or_default();
    }
    out
}

/// Whether `units` begin with `prefix`, the case of ASCII letters aside.
fn starts_with(units: &[Unit], prefix: &str) -> bool {
    let mut units = units.iter();
    prefix.chars().all(
        |wanted| matches!(units.next(), Some(Unit::Scalar(c)) if c.eq_ignore_ascii_case(&wanted)),
    )
}

/// Whether content after a backslash looks like the rest of an escape of ours.
fn reads_as_escape(units: &[Unit]) -> bool {
    let is_hex = |unit: &Unit| matches!(unit, Unit::Scalar(c) if c.is_ascii_hexdigit());
    match units {
        [Unit::Scalar('x'), high, low, ..] => is_hex(high) && is_hex(low),
        [Unit::Scalar('u'), Unit::Scalar('{'), ..] => true,
        _ => false,
    }
}

pub(super) fn push_escaped(out: &mut String, unit: Unit) {
    match unit {
        Unit::InvalidByte(byte) => push(out, format_args!("\\x{byte:02x}")),
        Unit::Scalar(c) if c.is_ascii() => push(out, format_args!("\\x{:02x}", u32::from(c))),
        Unit::Scalar(c) => push(out, format_args!("\\u{{{:x}}}", u32::from(c))),
    }
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // Writing to a String cannot fail.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads the notation back, by the rule of the module documentation and not by the code above.
    fn read_back(printed: &str) -> Vec<u8> {
        let mut content = Vec::new();
        let mut rest = printed;
        while let Some(c) = rest.chars().next() {
            let after = rest.trim_start_matches('\\');
            let run = rest.len() - after.len();
            if run == 0 {
                content.extend(c.to_string().as_bytes());
                rest = &rest[c.len_utf8()..];
                continue;
            }
            let escape = escape_at(after);
            let special =
                escape.is_some() || after.starts_with("u{") || opens_here(&content, after);
            let literal = if special { run / 2 } else { run };
            content.extend(std::iter::repeat_n(b'\\', literal));
            rest = after;
            if let (true, Some((bytes, length))) = (run % 2 == 1, escape) {
                content.extend(bytes);
                rest = &after[length..];
            }
        }
        content
    }

    fn escape_at(text: &str) -> Option<(Vec<u8>, usize)> {
        if let Some(hex) = text.strip_prefix('x') {
            let hex = hex.get(..2).filter(|hex| !hex.starts_with('+'))?;
            return Some((vec![u8::from_str_radix(hex, 16).ok()?], 3));
        }
        let hex = text.strip_prefix("u{")?.split_once('}')?.0;
        let c = char::from_u32(u32::from_str_radix(hex, 16).ok()?)?;
        Some((c.to_string().into_bytes(), hex.len() + 3))
    }

    fn opens_here(content: &[u8], after: &str) -> bool {
        let before = String::from_utf8_lossy(content);
        let lower = after.to_ascii_lowercase();
        let at_start = before.chars().all(|c| c == ' ' || c == '\t');
        let is_word = |c: char| !is_hidden(Unit::Scalar(c)) && c != '\u{fffd}';
        let stops = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && !"._-#".contains(c);
        let word = before.rsplit(|c| stops(c) || !is_word(c)).next();
        let word: String = word
            .into_iter()
            .flat_map(str::chars)
            .filter(char::is_ascii)
            .collect();
        let opens_line = lower.starts_with("::") || lower.starts_with("[command]");
        (at_start && opens_line) || (word.contains("##") && lower.starts_with('['))
    }

    #[test]
    fn plain_dockerfile_lines_are_printed_as_they_are() {
        for line in [
            "",
            "# syntax=docker/dockerfile:1",
            "RUN apt-get update && \\",
            "\tprintf 'a\\n\\t\\e[0m' | grep '\\[x\\]' # 50 % ## done",
            "CMD [\"python\", \"-m\", \"app\"]",
            "################",
            "ENV A=a::b C:\\xyz naïve 日本語 ✓",
            ": \"${A:=1}\"",
        ] {
            assert_eq!(inert(line.as_bytes()), line);
        }
    }

    #[test]
    fn hidden_characters_are_visible() {
        assert_eq!(inert(b"\xff\x9b\xc2"), r"\xff\x9b\xc2");
        for (content, printed) in [
            ("a\x1b[31mb\r", r"a\x1b[31mb\x0d"),
            ("\x00\x7f\n\tx", "\\x00\\x7f\\x0a\tx"),
            ("a\u{202e}b\u{200b}\u{feff}", r"a\u{202e}b\u{200b}\u{feff}"),
            (
                "\u{9b}\u{85}\u{2028}\u{2029}",
                r"\u{9b}\u{85}\u{2028}\u{2029}",
            ),
            (
                "\u{a0}\u{3000}\u{ffff}\u{fdd0}",
                r"\u{a0}\u{3000}\u{ffff}\u{fdd0}",
            ),
            ("\u{e0041}\u{fe0f}\u{e0100}", r"\u{e0041}\u{fe0f}\u{e0100}"),
            ("\u{fffd}\u{e000}", "\u{fffd}\u{e000}"),
        ] {
            assert_eq!(inert(content.as_bytes()), printed);
        }
    }

    #[test]
    fn commands_are_broken_by_one_backslash() {
        for (content, printed) in [
            ("::error::x", r"\::error::x"),
            (" \t::error::x ::", " \t\\::error::x ::"),
            ("\u{a0}::error::x", r"\u{a0}::error::x"),
            ("a ##[error]x##[group]", r"a ##\[error]x##\[group]"),
            ("###VSO[task.complete]", r"###VSO\[task.complete]"),
            ("##teamcity[x]", r"##teamcity\[x]"),
            ("#\u{640}#vso\u{640}[a.b]", "#\u{640}#vso\u{640}\\[a.b]"),
            ("[Command]ls", r"\[Command]ls"),
            ("## [x] #[y] # #[z]", "## [x] #[y] # #[z]"),
        ] {
            assert_eq!(inert(content.as_bytes()), printed);
        }
    }

    #[test]
    fn backslashes_are_doubled_only_where_they_could_be_ours() {
        for (content, printed) in [
            (r"\x1b \x1B \xyz \x1", r"\\x1b \\x1B \xyz \x1"),
            (r"\u{41} \u0041", r"\\u{41} \u0041"),
            (r"\::error::x", r"\\::error::x"),
            (r"##\[x] a\[x]", r"##\\[x] a\[x]"),
            ("\\\u{1b}", r"\\\x1b"),
            (r"a\\", r"a\\"),
        ] {
            assert_eq!(inert(content.as_bytes()), printed);
        }
    }

    #[test]
    fn notation_reads_back_to_the_content() {
        let text = [
            "\\", "\\", "x1b", "\x1b", "u{41}", "::", ":", "#", "##", "[", " ", "vso", "\u{640}",
            "\u{301}", "\u{202e}",
        ];
        let bytes: [&[u8]; 3] = [b"\xff", b"\xc2", b"[command]"];
        let pieces: Vec<&[u8]> = text.iter().map(|t| t.as_bytes()).chain(bytes).collect();
        let mut contents = vec![Vec::new()];
        for _ in 0..4 {
            let longer = |c: &Vec<u8>| pieces.iter().map(|p| [c, *p].concat()).collect::<Vec<_>>();
            contents = contents.iter().flat_map(longer).collect();
            for content in &contents {
                let printed = inert(content);
                assert_eq!(read_back(&printed), *content, "{printed}");
            }
        }
        assert_eq!(contents.len(), 18_usize.pow(4));
    }

    #[test]
    fn combining_mark_cannot_redraw_our_prefix() {
        assert_eq!(inert("\u{20d2} e\u{301}".as_bytes()), "\\u{20d2} e\u{301}");
        assert_eq!(inert("\\\u{301}".as_bytes()), "\\\u{301}");
    }

    #[test]
    fn long_line_is_cut_and_the_rest_counted() {
        let exact = "é".repeat(LINE_LIMIT);
        assert_eq!(inert(exact.as_bytes()), exact);
        let marker_of =
            |rest: &[u8]| inert(&[exact.as_bytes(), rest].concat()).split_off(exact.len());
        assert_eq!(marker_of(b"\xff"), "… 1 more character");
        assert_eq!(marker_of("\x1bé\n".as_bytes()), "… 3 more characters");
        assert_eq!(marker_of(&vec![0; 1 << 20]), "… 1048576 more characters");
    }

    #[test]
    fn lines_keep_their_breaks_and_nothing_else() {
        let printed = inert_lines(b"a\r\n::b\n\n##[c]");
        assert_eq!(printed, "a\\x0d\n\\::b\n\n##\\[c]");
        assert_eq!(inert_lines(b"a\n"), "a\n");
        assert_eq!(inert_lines(b""), "");
    }

    #[test]
    fn stop_commands_holds_only_the_token() {
        let (stop, resume) = stop_commands("0f-9_A");
        assert_eq!([stop, resume], ["::stop-commands::0f-9_A", "::0f-9_A::"]);
        let (stop, resume) = stop_commands("a::\n::error::b ] é");
        assert_eq!([stop, resume], ["::stop-commands::aerrorb", "::aerrorb::"]);
    }

    #[test]
    fn annotations_are_escaped_like_the_toolkit() {
        let text = "50%\r\na:b,c%0A";
        assert_eq!(annotation_data(text), "50%25%0D%0Aa:b,c%250A");
        assert_eq!(annotation_property(text), "50%25%0D%0Aa%3Ab%2Cc%250A");
    }
}
