//! How CI runners recognise a command in a line of output: ports of the rules that the GitHub
//! runner (`ActionCommand`, v2 and v1), the Azure Pipelines agent (`Command.TryParse`), act, the
//! Gitea runner and its log page, and `TeamCity` publish.

/// How .NET compares strings: `IndexOf(char)` and `IndexOf(string, Ordinal)` unit by unit,
/// `IndexOf(string)` and `StartsWith(string)` by the current culture, which skips what has no
/// collation weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// Unit by unit.
    Ordinal,
    /// Without what has no collation weight.
    Linguistic,
}
use Comparison::{Linguistic, Ordinal};

/// The names that the GitHub runner registers; compared without regard to case. A script can add
/// any other name with `stop-commands`.
const REGISTERED: &str = "add-mask add-matcher add-path debug echo endgroup error group notice internal-set-repo-path \
    remove-matcher save-state set-env set-output stop-commands warning";

/// The parts of a GitHub command, still escaped.
#[derive(Debug, PartialEq, Eq)]
pub struct Command {
    /// Between the opening and the first blank.
    pub name: String,
    /// After the first blank.
    pub properties: String,
    /// After the end.
    pub data: String,
}

impl Command {
    /// From the text between opening and end.
    #[must_use]
    pub fn new(info: &str, data: String) -> Self {
        let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
        Self {
            name: name.to_owned(),
            properties: properties.to_owned(),
            data,
        }
    }

    /// Whether the runner knows the name without being told.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        REGISTERED
            .split(' ')
            .any(|name| name.eq_ignore_ascii_case(&self.name))
    }
}

/// A line as .NET holds it, in UTF-16 units, so that the runner's index arithmetic comes out the
/// same.
struct Line {
    units: Vec<u16>,
    /// The units that a search for a string sees, with their indices.
    seen: Vec<(usize, u16)>,
}

impl Line {
    fn new(text: &str, comparison: Comparison) -> Self {
        let units: Vec<u16> = text.encode_utf16().collect();
        let is_seen = |unit: u16| comparison == Ordinal || !is_weightless(unit);
        let seen = units.iter().copied().enumerate();
        let seen = seen.filter(|&(_, unit)| is_seen(unit)).collect();
        Self { units, seen }
    }

    /// The text from `start` to `end`, or none where .NET would throw.
    fn substring(&self, start: usize, end: usize) -> Option<String> {
        self.units.get(start..end).map(String::from_utf16_lossy)
    }

    fn starts_with(&self, wanted: &str) -> bool {
        let units = self.seen.iter().map(|&(_, unit)| unit);
        units.take(wanted.len()).eq(wanted.encode_utf16())
    }

    fn index_of(&self, wanted: &str, from: usize) -> Option<usize> {
        let wanted: Vec<(usize, u16)> = wanted.encode_utf16().enumerate().collect();
        let same = |window: &&[(usize, u16)]| window.iter().zip(&wanted).all(|(a, b)| a.1 == b.1);
        let start = self.seen.partition_point(|&(at, _)| at < from);
        let found = self.seen.get(start..)?.windows(wanted.len()).find(same)?;
        found.first().map(|&(at, _)| at)
    }

    fn index_of_char(&self, wanted: u8, from: usize) -> Option<usize> {
        (from..self.units.len()).find(|&at| self.units.get(at) == Some(&u16::from(wanted)))
    }
}

/// Without a collation weight in ICU's root locale: controls but for the blank ones, format
/// characters, variation selectors, the tatweel (which .NET skips too) and some enclosing marks;
/// the surrogates stand for the tags block.
fn is_weightless(unit: u16) -> bool {
    // First and last of each range.
    const RANGES: [u16; 52] = [
        0, 8, 0xe, 0x1f, 0x7f, 0x84, 0x86, 0x9f, 0xad, 0xad, 0x34f, 0x34f, 0x488, 0x489, 0x600,
        0x605, 0x61c, 0x61c, 0x640, 0x640, 0x6dd, 0x6dd, 0x70f, 0x70f, 0x115f, 0x1160, 0x17b4,
        0x17b5, 0x180b, 0x180f, 0x200b, 0x200f, 0x202a, 0x202e, 0x2060, 0x206f, 0x20dd, 0x20e4,
        0x3164, 0x3164, 0xdb40, 0xdb40, 0xdc00, 0xdfff, 0xfe00, 0xfe0f, 0xfeff, 0xfeff, 0xffa0,
        0xffa0, 0xfff9, 0xfffb,
    ];
    let ranges = RANGES.as_chunks::<2>().0.iter();
    let is_plain = (0x20..0x7f).contains(&unit);
    !is_plain && { ranges }.any(|[first, last]| (*first..=*last).contains(&unit))
}

/// `::name key=value,key=value::data`, after white space.
#[must_use]
pub fn github_v2(line: &str, comparison: Comparison) -> Option<Command> {
    let line = Line::new(line.trim_start(), comparison);
    let end = line.starts_with("::").then(|| line.index_of("::", 2))??;
    let data = line.substring(end + 2, line.units.len())?;
    Some(Command::new(&line.substring(2, end)?, data))
}

/// `##[name key=value;key=value]data`, anywhere in the line, the first `##[` only.
#[must_use]
pub fn github_v1(line: &str, comparison: Comparison) -> Option<Command> {
    let line = Line::new(line, comparison);
    let start = line.index_of("##[", 0)?;
    let end = line.index_of_char(b']', start)?;
    let data = line.substring(end + 1, line.units.len())?;
    Some(Command::new(&line.substring(start + 3, end)?, data))
}

/// What the GitHub runner does to the data of a v2 command, and with `:` and `,` among `others` to
/// its properties.
#[must_use]
pub fn unescape(text: &str, others: &[(&str, &str)]) -> String {
    let escapes = [&[("%0D", "\r"), ("%0A", "\n")], others, &[("%25", "%")]].concat();
    escapes
        .iter()
        .fold(text.to_owned(), |text, (escape, token)| {
            text.replace(escape, token)
        })
}

/// `##vso[area.event key=value]data`, anywhere in the line: two non-empty words around the dots,
/// then a blank or `]`.
#[must_use]
pub fn azure_command(line: &str, comparison: Comparison) -> Option<(String, String)> {
    let line = Line::new(line, comparison);
    let start = line.index_of("##vso[", 0)?;
    let end = line.index_of_char(b']', start)?;
    let info = line.substring(start + 6, end)?;
    let words = info.split(' ').next()?.split('.');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    match words[..] {
        [area, event] => Some((area.to_owned(), event.to_owned())),
        _ => None,
    }
}

/// `##[name]` at the line start, which Azure's and Gitea's log pages format or fold.
fn formats_a_line(line: &str) -> bool {
    line.trim_start().starts_with("##[") && line.contains(']')
}

/// act: `^::([^ ]+)( (.+))?::` and the same with `##[` and `]`; the Gitea runner: `^::([^ :]+)(
/// .*)?::`. Both without trimming.
fn act(line: &str) -> bool {
    let closes = |rest: &str, end| {
        rest.char_indices()
            .skip(1)
            .any(|(at, _)| rest.split_at(at).1.starts_with(end))
    };
    line.strip_prefix("::")
        .is_some_and(|rest| closes(rest, "::"))
        || line
            .strip_prefix("##[")
            .is_some_and(|rest| closes(rest, "]"))
}

/// What Gitea's log page folds, colours or hides: some of its prefixes need no end.
fn gitea_log_page(line: &str) -> bool {
    let commands = ["group::", "endgroup::", "add-matcher::", "remove-matcher"];
    let rest = line.strip_prefix("::");
    line.starts_with("[command]")
        || commands
            .iter()
            .any(|command| rest.is_some_and(|rest| rest.starts_with(command)))
}

/// `##teamcity[name …]`, anywhere in the line.
fn teamcity(line: &str) -> bool {
    line.find("##teamcity[")
        .is_some_and(|at| line.rfind(']').is_some_and(|end| at < end))
}

/// Every reader that takes the line for a command. GitHub's, where the search is ordinal, with any
/// name at all.
#[must_use]
pub fn readers_of(line: &str) -> Vec<&'static str> {
    // Two shortcuts that change nothing: without the opening there is nothing to parse, and the
    // linguistic search can only find more where it skips something.
    let skips = line.encode_utf16().any(is_weightless);
    let v2 = |comparison| github_v2(line, comparison);
    let v1 = |comparison| github_v1(line, comparison);
    let azure = |comparison| azure_command(line, comparison).is_some();
    let registered = |command: Command| command.is_registered();
    let readers = [
        (
            "GitHub v2",
            line.trim_start().starts_with("::") && v2(Ordinal).is_some(),
        ),
        (
            "GitHub v2, linguistic",
            skips && v2(Linguistic).is_some_and(registered),
        ),
        ("GitHub v1", line.contains("##[") && v1(Ordinal).is_some()),
        (
            "GitHub v1, linguistic",
            skips && v1(Linguistic).is_some_and(registered),
        ),
        ("Azure agent", line.contains("##vso[") && azure(Ordinal)),
        ("Azure agent, linguistic", skips && azure(Linguistic)),
        ("log page", formats_a_line(line) || gitea_log_page(line)),
        ("act", act(line)),
        ("TeamCity", teamcity(line)),
    ];
    let reading = readers.into_iter().filter(|&(_, reads)| reads);
    reading.map(|(name, _)| name).collect()
}

/// Lines as any of the readers splits them: .NET at CR, LF and CRLF, Go at LF, others at the
/// Unicode line ends as well.
pub fn lines(printed: &str) -> impl Iterator<Item = &str> {
    let breaks =
        |c| matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}'..='\u{2029}');
    printed.split(breaks)
}
