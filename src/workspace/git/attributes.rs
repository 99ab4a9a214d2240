//! `.gitattributes`: which attributes a path has. Only what changes how contents compare is of use
//! here.

use std::collections::BTreeMap;

use super::pattern::Pattern;

/// Longer lines have no effect for git either, in bytes.
const LINE_LIMIT_BYTES: usize = 2048;

/// What a line says of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// `name`
    Set,
    /// `-name`
    Unset,
    /// `!name`
    Unspecified,
    /// `name=value`
    Value(Vec<u8>),
}

/// The attributes of one path, by name.
pub(super) type Attributes = BTreeMap<Vec<u8>, State>;

/// The lines of one file.
#[derive(Debug, Default)]
pub(super) struct AttributeLines(Vec<Line>);

#[derive(Debug)]
struct Line {
    target: Target,
    states: Vec<(Vec<u8>, State)>,
}

#[derive(Debug)]
enum Target {
    Paths(Pattern),
    /// `[attr]name`: what the attribute `name` brings with it.
    Macro(Vec<u8>),
}

impl AttributeLines {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        Self(
            bytes
                .split(|byte| *byte == b'\n')
                .filter_map(line)
                .collect(),
        )
    }

    /// What git knows without any file.
    pub(super) fn built_in() -> Self {
        Self::parse(b"[attr]binary -diff -merge -text")
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

fn line(line: &[u8]) -> Option<Line> {
    let start = line.iter().position(|byte| !is_blank(*byte))?;
    let line = line.get(start..)?;
    if line.len() > LINE_LIMIT_BYTES || line.starts_with(b"#") {
        return None;
    }
    let (name, rest) = if let Some(quoted) = line.strip_prefix(b"\"") {
        unquoted(quoted)?
    } else {
        let end = line
            .iter()
            .position(|byte| is_blank(*byte))
            .unwrap_or(line.len());
        let (name, rest) = line.split_at_checked(end)?;
        (name.to_vec(), rest)
    };
    let target = match name.strip_prefix(b"[attr]") {
        Some(name) => Target::Macro(name.to_vec()),
        // git refuses patterns that begin with `!` here.
        None if name.starts_with(b"!") => return None,
        None => Target::Paths(Pattern::parse(&name)?),
    };
    let words = rest
        .split(|byte| is_blank(*byte))
        .filter(|word| !word.is_empty());
    Some(Line {
        target,
        states: words.map(state).collect::<Option<_>>()?,
    })
}

/// A pattern in double quotes after the first, and what follows it.
fn unquoted(text: &[u8]) -> Option<(Vec<u8>, &[u8])> {
    let mut name = Vec::new();
    let mut at = 0;
    loop {
        let byte = *text.get(at)?;
        at += 1;
        match byte {
            b'"' => return Some((name, text.get(at..)?)),
            b'\\' => {
                let escaped = *text.get(at)?;
                at += 1;
                name.push(match escaped {
                    b'a' => 7,
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'v' => 11,
                    b'f' => 12,
                    b'r' => b'\r',
                    b'"' | b'\\' => escaped,
                    b'0'..=b'3' => {
                        let digits = std::str::from_utf8(text.get(at - 1..at + 2)?).ok()?;
                        at += 2;
                        u8::from_str_radix(digits, 8).ok()?
                    }
                    _ => return None,
                });
            }
            plain => name.push(plain),
        }
    }
}

/// Reads one attribute. One that is not valid makes its whole line ineffective, as in git.
fn state(word: &[u8]) -> Option<(Vec<u8>, State)> {
    let (name, state) = match word.split_first()? {
        (b'-', name) => (name, State::Unset),
        (b'!', name) => (name, State::Unspecified),
        _ => match word.iter().position(|byte| *byte == b'=') {
            Some(at) => (word.get(..at)?, State::Value(word.get(at + 1..)?.to_vec())),
            None => (word, State::Set),
        },
    };
    let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    let is_name = !name.is_empty() && !name.starts_with(b"-") && name.iter().all(is_allowed);
    is_name.then(|| (name.to_vec(), state))
}

/// A path as seen from the folder of a file of attributes, with the file's lines.
pub(super) struct Source<'a> {
    pub(super) lines: &'a AttributeLines,
    pub(super) path: &'a [u8],
}

/// The attributes that files give to a path, the strongest file first: the first that says
/// something of a name decides, and in a file its last line.
pub(super) fn resolve(sources: &[Source<'_>], fold: bool) -> Attributes {
    let mut found = Attributes::new();
    for source in sources {
        for line in source.lines.0.iter().rev() {
            if let Target::Paths(pattern) = &line.target
                && pattern.matches(source.path, false, fold)
            {
                fill(&mut found, sources, &line.states);
            }
        }
    }
    found
}

/// Takes over what is not decided yet, and what macros among it bring.
fn fill(found: &mut Attributes, sources: &[Source<'_>], states: &[(Vec<u8>, State)]) {
    let mut waiting: Vec<&(Vec<u8>, State)> = states.iter().collect();
    while let Some((name, state)) = waiting.pop() {
        if found.contains_key(name) {
            continue;
        }
        found.insert(name.clone(), state.clone());
        if *state == State::Set {
            waiting.extend(macro_states(sources, name));
        }
    }
}

fn macro_states<'a>(sources: &[Source<'a>], name: &[u8]) -> &'a [(Vec<u8>, State)] {
    let lines = sources
        .iter()
        .flat_map(|source| source.lines.0.iter().rev());
    let mut macros =
        lines.filter(|line| matches!(&line.target, Target::Macro(named) if named == name));
    macros.next().map_or(&[], |line| &line.states)
}

#[cfg(test)]
mod tests {
    use super::{AttributeLines, Source, State, resolve};

    fn state(files: &[&str], path: &str, name: &str) -> Option<State> {
        let mut lines: Vec<AttributeLines> = files
            .iter()
            .map(|text| AttributeLines::parse(text.as_bytes()))
            .collect();
        lines.push(AttributeLines::built_in());
        let sources: Vec<Source<'_>> = lines
            .iter()
            .map(|lines| Source {
                lines,
                path: path.as_bytes(),
            })
            .collect();
        resolve(&sources, false).get(name.as_bytes()).cloned()
    }

    #[test]
    fn the_strongest_file_and_its_last_line_decide() {
        let files = [
            "*.txt text\n*.bin -text\n",
            "* text=auto eol=crlf\nb.txt !text\n",
        ];
        assert_eq!(state(&files, "a.txt", "text"), Some(State::Set));
        assert_eq!(state(&files, "x/a.bin", "text"), Some(State::Unset));
        assert_eq!(
            state(&files, "other", "text"),
            Some(State::Value(b"auto".to_vec()))
        );
        assert_eq!(
            state(&files, "a.txt", "eol"),
            Some(State::Value(b"crlf".to_vec()))
        );
        assert_eq!(
            state(&["a text\na !text\n"], "a", "text"),
            Some(State::Unspecified)
        );
        assert_eq!(state(&["a text -text\n"], "a", "text"), Some(State::Unset));
        assert_eq!(state(&["a/ text\n!b text\n# c text\n"], "a", "text"), None);
    }

    #[test]
    fn macros_bring_their_attributes() {
        assert_eq!(
            state(&["*.png binary\n"], "x.png", "text"),
            Some(State::Unset)
        );
        let own = ["[attr]model filter=lfs -text\n*.pt model\n"];
        assert_eq!(
            state(&own, "a.pt", "filter"),
            Some(State::Value(b"lfs".to_vec()))
        );
        let circle = ["[attr]a b\n[attr]b a text\nx a\n"];
        assert_eq!(state(&circle, "x", "text"), Some(State::Set));
    }

    #[test]
    fn quoted_and_broken_lines_are_read_as_git_reads_them() {
        assert_eq!(
            state(&["\"a b\\303\\251\" text\n"], "a bé", "text"),
            Some(State::Set)
        );
        assert_eq!(state(&["x text \u{e9}=1\n"], "x", "text"), None);
        assert_eq!(state(&["\"x text\n"], "x", "text"), None);
        assert_eq!(
            state(&[&format!("x text {}\n", "y".repeat(3000))], "x", "text"),
            None
        );
    }
}
