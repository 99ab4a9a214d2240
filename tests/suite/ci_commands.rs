//! No printed line can be read as a CI command.
//!
//! The oracle ports, from the rules they publish, how the GitHub runner (`ActionCommand`, v2 and v1), the Azure Pipelines
//! agent (`Command.TryParse`), act, the Gitea runner and its log page, and `TeamCity` recognise a command in a line of
//! output. It runs over random contents built from a dictionary of commands, their pieces and characters that have
//! fooled such parsers, printed behind every prefix that a diff or a snippet puts before content.
//!
//! `DOCKWRIGHT_CASES` sets the number of contents, 50,000 unless told:
//! `DOCKWRIGHT_CASES=1000000 cargo test --release --test suite ci_commands`

use std::num::ParseIntError;

use dockwright::report::inert::{LINE_LIMIT, annotation_data, annotation_property, inert, inert_lines, stop_commands};

/// What our own output puts before a fragment of content.
const PREFIXES: [&str; 6] = ["", "-", "+", " ", "    ", "  | "];

/// How .NET compares strings: `IndexOf(char)` and `IndexOf(string, Ordinal)` unit by unit, `IndexOf(string)` and
/// `StartsWith(string)` by the current culture, which skips what has no collation weight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    Ordinal,
    Linguistic,
}
use Comparison::{Linguistic, Ordinal};

/// The names that the GitHub runner registers; compared without regard to case. A script can add any other name with
/// `stop-commands`.
const REGISTERED: &str = "add-mask add-matcher add-path debug echo endgroup error group notice internal-set-repo-path \
    remove-matcher save-state set-env set-output stop-commands warning";

/// The parts of a GitHub command, still escaped.
#[derive(Debug, PartialEq, Eq)]
struct Command {
    name: String,
    properties: String,
    data: String,
}

impl Command {
    fn new(info: &str, data: String) -> Self {
        let (name, properties) = info.split_once(' ').unwrap_or((info, ""));
        Self { name: name.to_owned(), properties: properties.to_owned(), data }
    }

    fn is_registered(&self) -> bool {
        REGISTERED.split(' ').any(|name| name.eq_ignore_ascii_case(&self.name))
    }
}

/// A line as .NET holds it, in UTF-16 units, so that the runner's index arithmetic comes out the same.
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

/// Without a collation weight in ICU's root locale: controls but for the blank ones, format characters, variation
/// selectors, the tatweel (which .NET skips too) and some enclosing marks; the surrogates stand for the tags block.
fn is_weightless(unit: u16) -> bool {
    // First and last of each range.
    const RANGES: [u16; 52] = [
        0, 8, 0xe, 0x1f, 0x7f, 0x84, 0x86, 0x9f, 0xad, 0xad, 0x34f, 0x34f, 0x488, 0x489, 0x600, 0x605, 0x61c, 0x61c,
        0x640, 0x640, 0x6dd, 0x6dd, 0x70f, 0x70f, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180f, 0x200b, 0x200f,
        0x202a, 0x202e, 0x2060, 0x206f, 0x20dd, 0x20e4, 0x3164, 0x3164, 0xdb40, 0xdb40, 0xdc00, 0xdfff, 0xfe00, 0xfe0f,
        0xfeff, 0xfeff, 0xffa0, 0xffa0, 0xfff9, 0xfffb,
    ];
    let ranges = RANGES.as_chunks::<2>().0.iter();
    let is_plain = (0x20..0x7f).contains(&unit);
    !is_plain && { ranges }.any(|[first, last]| (*first..=*last).contains(&unit))
}

/// `::name key=value,key=value::data`, after white space.
fn github_v2(line: &str, comparison: Comparison) -> Option<Command> {
    let line = Line::new(line.trim_start(), comparison);
    let end = line.starts_with("::").then(|| line.index_of("::", 2))??;
    let data = line.substring(end + 2, line.units.len())?;
    Some(Command::new(&line.substring(2, end)?, data))
}

/// `##[name key=value;key=value]data`, anywhere in the line, the first `##[` only.
fn github_v1(line: &str, comparison: Comparison) -> Option<Command> {
    let line = Line::new(line, comparison);
    let start = line.index_of("##[", 0)?;
    let end = line.index_of_char(b']', start)?;
    let data = line.substring(end + 1, line.units.len())?;
    Some(Command::new(&line.substring(start + 3, end)?, data))
}

/// What the GitHub runner does to the data of a v2 command, and with `:` and `,` among `others` to its properties.
fn unescape(text: &str, others: &[(&str, &str)]) -> String {
    let escapes = [&[("%0D", "\r"), ("%0A", "\n")], others, &[("%25", "%")]].concat();
    escapes.iter().fold(text.to_owned(), |text, (escape, token)| text.replace(escape, token))
}

/// `##vso[area.event key=value]data`, anywhere in the line: two non-empty words around the dots, then a blank or `]`.
fn azure_command(line: &str, comparison: Comparison) -> Option<(String, String)> {
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

/// act: `^::([^ ]+)( (.+))?::` and the same with `##[` and `]`; the Gitea runner: `^::([^ :]+)( .*)?::`. Both without trimming.
fn act(line: &str) -> bool {
    let closes = |rest: &str, end| rest.char_indices().skip(1).any(|(at, _)| rest.split_at(at).1.starts_with(end));
    line.strip_prefix("::").is_some_and(|rest| closes(rest, "::"))
        || line.strip_prefix("##[").is_some_and(|rest| closes(rest, "]"))
}

/// What Gitea's log page folds, colours or hides: some of its prefixes need no end.
fn gitea_log_page(line: &str) -> bool {
    let commands = ["group::", "endgroup::", "add-matcher::", "remove-matcher"];
    let rest = line.strip_prefix("::");
    line.starts_with("[command]") || commands.iter().any(|command| rest.is_some_and(|rest| rest.starts_with(command)))
}

/// `##teamcity[name …]`, anywhere in the line.
fn teamcity(line: &str) -> bool {
    line.find("##teamcity[").is_some_and(|at| line.rfind(']').is_some_and(|end| at < end))
}

/// Every reader that takes the line for a command. GitHub's, where the search is ordinal, with any name at all.
fn readers_of(line: &str) -> Vec<&'static str> {
    // Two shortcuts that change nothing: without the opening there is nothing to parse, and the linguistic search can only
    // find more where it skips something.
    let skips = line.encode_utf16().any(is_weightless);
    let v2 = |comparison| github_v2(line, comparison);
    let v1 = |comparison| github_v1(line, comparison);
    let azure = |comparison| azure_command(line, comparison).is_some();
    let registered = |command: Command| command.is_registered();
    let readers = [
        ("GitHub v2", line.trim_start().starts_with("::") && v2(Ordinal).is_some()),
        ("GitHub v2, linguistic", skips && v2(Linguistic).is_some_and(registered)),
        ("GitHub v1", line.contains("##[") && v1(Ordinal).is_some()),
        ("GitHub v1, linguistic", skips && v1(Linguistic).is_some_and(registered)),
        ("Azure agent", line.contains("##vso[") && azure(Ordinal)),
        ("Azure agent, linguistic", skips && azure(Linguistic)),
        ("log page", formats_a_line(line) || gitea_log_page(line)),
        ("act", act(line)),
        ("TeamCity", teamcity(line)),
    ];
    let reading = readers.into_iter().filter(|&(_, reads)| reads);
    reading.map(|(name, _)| name).collect()
}

/// Lines as any of the readers splits them: .NET at CR, LF and CRLF, Go at LF, others at the Unicode line ends as well.
fn lines(printed: &str) -> impl Iterator<Item = &str> {
    let breaks = |c| matches!(c, '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}'..='\u{2029}');
    printed.split(breaks)
}

/// `SplitMix64`: small, and the same on every machine.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound.max(1)).unwrap_or(1)).unwrap_or(0)
    }

    fn pick<T: Copy + Default>(&mut self, from: &[T]) -> T {
        let at = self.below(from.len());
        from.get(at).copied().unwrap_or_default()
    }

    fn unit(&mut self) -> u16 {
        u16::try_from(self.next() >> 48).unwrap_or(0)
    }
}

/// Lines that are commands as they stand.
const LIVE: [&str; 14] = [
    "::error::x",
    "::error file=a,line=1::x",
    "::Stop-Commands::t",
    "\u{3000}\t::set-env name=PATH::/x",
    "::add-mask::a",
    "::::",
    "::remove-matcher owner=x::",
    "##[error]x",
    "a ##[set-env name=A;]b",
    "##[group]x",
    "x##vso[task.setvariable variable=a;]b",
    "##vso[task.complete result=Failed;]",
    "##teamcity[buildStop comment='x']",
    "[command]rm",
];

/// Short pieces: of commands, of our notation, and characters that parsers skip or trim.
const SHORT: [&str; 58] = [
    "::", "::", ":", "##[", "##[", "##vso[", "##VSO[", "##", "#", "#", "[", "]", "]", "vso", "teamcity", "error",
    "group", "set-env", "a.b", ".", " ", " ", "\t", "name=x", ",", ";", "=", "%0A", "%25", "\\", "\\", "\\\\", "x1b",
    "\\x3a", "u{3a}", "\\u{23}", "…", "-", "+", "|", "\r", "\n", "\n", "\x1b[2K", "\x1b[1G", "\0", "\x08", "\u{85}",
    "\u{2028}", "\u{a0}", "\u{3000}", "\u{200b}", "\u{feff}", "\u{202e}", "\u{640}", "\u{488}", "\u{ad}", "\u{fe0f}",
];

/// Longer pieces, of Dockerfiles too.
const LONG: [&str; 5] = ["stop-commands", "task.setvariable", "[command]", "RUN [\"a\"]", "\u{e0041}"];

const BYTES: [&[u8]; 5] = [b"\xff", b"\xc2", b"\x9b", b"\xe2\x80", b"\xed\xa0\x80"];

/// One random piece of content.
fn piece(random: &mut Random) -> Vec<u8> {
    match random.below(20) {
        0 => random.pick(&LIVE).as_bytes().to_vec(),
        1 => random.pick(&BYTES).to_vec(),
        2 => random.next().to_le_bytes().repeat(random.below(2)),
        3 => String::from_utf16_lossy(&[random.unit(), random.unit()]).into_bytes(),
        4 => random.pick(&LONG).as_bytes().to_vec(),
        5 if random.below(40) == 0 => {
            let fill = random.pick(&[" ", "#", ":", "\\", "é"]);
            fill.repeat(LINE_LIMIT - random.below(4)).into_bytes()
        }
        _ => random.pick(&SHORT).as_bytes().to_vec(),
    }
}

/// Random content: pieces in a row, or a live command with pieces put into it or letters of it in the other case.
fn content(random: &mut Random) -> Vec<u8> {
    if random.below(2) == 0 {
        return (0..random.below(10)).flat_map(|_| piece(random)).collect();
    }
    let mut content = random.pick(&LIVE).as_bytes().to_vec();
    for _ in 0..random.below(4) {
        let at = random.below(content.len() + 1);
        if random.below(5) == 0 {
            let letters = content.iter_mut().skip(at).take(3);
            letters.filter(|byte| byte.is_ascii_alphabetic()).for_each(|byte| *byte ^= 0x20);
        } else {
            content.splice(at..at, piece(random));
        }
    }
    content
}

fn cases() -> Result<usize, ParseIntError> {
    std::env::var("DOCKWRIGHT_CASES").map_or(Ok(50_000), |count| count.parse())
}

fn assert_inert(printed: &str, content: &[u8]) {
    for line in lines(printed) {
        let readers = readers_of(line);
        let from = content.escape_ascii();
        assert!(readers.is_empty(), "{readers:?} read {line:?}, printed for {from}");
    }
}

#[test]
fn no_content_is_read_as_a_command_behind_any_prefix() {
    let mut random = Random(7);
    let (cases, mut live) = (cases().unwrap(), 0);
    for _ in 0..cases {
        let content = content(&mut random);
        let raw = String::from_utf8_lossy(&content);
        live += usize::from(lines(&raw).any(|line| !readers_of(line).is_empty()));
        let fragment = inert(&content);
        let whole = inert_lines(&content);
        assert!(fragment.chars().all(|c| c == '\t' || !c.is_control()), "{fragment:?}");
        assert_eq!(whole.split('\n').count(), raw.split('\n').count(), "{whole:?}");
        for prefix in PREFIXES {
            assert_inert(&format!("{prefix}{fragment}"), &content);
            for line in whole.split('\n').filter(|&line| line != fragment) {
                assert_inert(&format!("{prefix}{line}"), &content);
            }
        }
    }
    assert!(live > cases / 4, "only {live} of {cases} contents were live before");
}

#[test]
fn oracle_reads_live_commands() {
    for line in LIVE {
        assert!(!readers_of(line).is_empty(), "{line}");
    }
    let v2 = github_v2(" \u{a0}::ERROR file=a%3Ab,line=1::x%0Ay::z", Ordinal).unwrap();
    assert_eq!(v2, Command::new("ERROR file=a%3Ab,line=1", "x%0Ay::z".to_owned()));
    assert!(v2.is_registered());
    let v1 = github_v1("- a##[set-env name=A%5D;]b", Ordinal).unwrap();
    assert_eq!(v1, Command::new("set-env name=A%5D;", "b".to_owned()));
    let azure = azure_command("+ ##vso[task..setvariable variable=a]b", Ordinal).unwrap();
    assert_eq!([azure.0, azure.1], ["task", "setvariable"]);
    assert!(azure_command("##vso\u{640}[a.b]", Linguistic).is_some());
    assert_eq!(azure_command("##vso\u{640}[a.b]", Ordinal), None);
}

#[test]
fn oracle_asks_for_what_the_readers_ask_for() {
    for line in ["-::error::x", "::error x", ":error::x", "# [command]", "##[error", "#[error]"] {
        assert_eq!(readers_of(line), [""; 0], "{line}");
    }
    for line in ["##vso[a]", "##vso[a.b", "##vso[a.b.c]", "##VSO[a.b]", "##vso [a.b]"] {
        assert_eq!(readers_of(line), [""; 0], "{line}");
    }
    // The first opening decides, and a skipped character shifts the runner's indices into the name.
    assert!(!github_v1("##[eror]##[error]x", Ordinal).unwrap().is_registered());
    assert!(!github_v1("##\u{200b}[error]", Linguistic).unwrap().is_registered());
    assert!(!github_v2("\u{200b}::error::x", Linguistic).unwrap().is_registered());
}

#[test]
fn own_annotation_is_read_as_exactly_what_we_meant() {
    let mut random = Random(11);
    for _ in 0..cases().unwrap() / 10 {
        let path = inert(&content(&mut random));
        let text = inert_lines(&content(&mut random));
        let (file, data) = (annotation_property(&path), annotation_data(&text));
        let line = format!("::error file={file},line=1::{data}");
        assert_eq!(lines(&line).count(), 1, "{line:?}");
        let command = github_v2(&line, Ordinal).unwrap();
        assert_eq!((command.name.as_str(), unescape(&command.data, &[])), ("error", text));
        let (read, rest) = command.properties.split_once(',').unwrap();
        let read = unescape(read, &[("%3A", ":"), ("%2C", ",")]);
        assert_eq!((read, rest), (format!("file={path}"), "line=1"));
        assert_eq!((github_v1(&line, Ordinal), azure_command(&line, Ordinal)), (None, None));
    }
}

#[test]
fn stop_commands_lines_stop_and_resume() {
    let (stop, resume) = stop_commands("00c0ffee");
    let (stop, resume) = (github_v2(&stop, Ordinal).unwrap(), github_v2(&resume, Ordinal).unwrap());
    assert_eq!(stop, Command::new("stop-commands", "00c0ffee".to_owned()));
    assert_eq!(resume, Command::new("00c0ffee", String::new()));
}
