//! git's configuration, as far as it changes how files compare. No value of it is ever run, and
//! `include` is not followed: where a file includes another, settings that could hide a change have
//! no effect.

/// One line of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Variable {
    /// The section in lower case.
    pub(super) section: String,
    /// The part of the section's name in quotes.
    pub(super) subsection: Vec<u8>,
    /// The name in lower case.
    pub(super) name: String,
    /// The value; without one the variable is true.
    pub(super) value: Option<Vec<u8>>,
}

/// Reads the text of a configuration file.
///
/// # Errors
/// The number of a line that is not valid.
pub(super) fn parse(bytes: &[u8]) -> Result<Vec<Variable>, usize> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut parser = Parser {
        bytes,
        at: 0,
        line: 1,
    };
    let mut variables = Vec::new();
    let mut section: Option<(String, Vec<u8>)> = None;
    loop {
        match parser.peek() {
            None => return Ok(variables),
            Some(byte) if byte.is_ascii_whitespace() => {
                parser.next();
            }
            Some(b'#' | b';') => parser.skip_line(),
            Some(b'[') => section = Some(parser.section().ok_or(parser.line)?),
            Some(_) => {
                let (section, subsection) = section.clone().ok_or(parser.line)?;
                let name = parser.name().ok_or(parser.line)?;
                let has_value = parser.has_value().ok_or(parser.line)?;
                let value = if has_value {
                    Some(parser.value().ok_or(parser.line)?)
                } else {
                    None
                };
                variables.push(Variable {
                    section,
                    subsection,
                    name,
                    value,
                });
            }
        }
    }
}

struct Parser<'a> {
    bytes: &'a [u8],
    at: usize,
    line: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        // A line may end as in DOS.
        match self.bytes.get(self.at..)? {
            [b'\r', b'\n', ..] => Some(b'\n'),
            rest => rest.first().copied(),
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += if self.bytes.get(self.at) == Some(&byte) {
            1
        } else {
            2
        };
        self.line += usize::from(byte == b'\n');
        Some(byte)
    }

    fn skip_line(&mut self) {
        while self.next().is_some_and(|byte| byte != b'\n') {}
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|byte| matches!(byte, b' ' | b'\t')) {
            self.next();
        }
    }

    /// `[section]`, `[section "part"]` or the old `[section.part]`.
    fn section(&mut self) -> Option<(String, Vec<u8>)> {
        self.next();
        let mut name = String::new();
        loop {
            match self.next()? {
                b']' => break,
                b' ' | b'\t' => {
                    self.skip_blanks();
                    let part = self.quoted_part()?;
                    return (self.next()? == b']').then_some((name, part));
                }
                byte if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.') => {
                    name.push(char::from(byte.to_ascii_lowercase()));
                }
                _ => return None,
            }
        }
        Some(match name.split_once('.') {
            Some((section, part)) => (section.to_owned(), part.as_bytes().to_vec()),
            None => (name, Vec::new()),
        })
    }

    fn quoted_part(&mut self) -> Option<Vec<u8>> {
        if self.next()? != b'"' {
            return None;
        }
        let mut part = Vec::new();
        loop {
            match self.next()? {
                b'"' => return Some(part),
                b'\n' => return None,
                b'\\' => part.push(self.next()?),
                byte => part.push(byte),
            }
        }
    }

    fn name(&mut self) -> Option<String> {
        let mut name = String::new();
        while let Some(byte) = self
            .peek()
            .filter(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
        {
            self.next();
            name.push(char::from(byte.to_ascii_lowercase()));
        }
        name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            .then_some(name)
    }

    /// Whether a value follows a name. Without one there may be a comment.
    fn has_value(&mut self) -> Option<bool> {
        self.skip_blanks();
        match self.peek() {
            None | Some(b'\n') => Some(false),
            Some(b'#' | b';') => {
                self.skip_line();
                Some(false)
            }
            Some(b'=') => self.next().map(|_| true),
            Some(_) => None,
        }
    }

    /// The value after a `=`, to the end of the line.
    fn value(&mut self) -> Option<Vec<u8>> {
        self.skip_blanks();
        let mut value = Vec::new();
        // Blanks at the end do not count unless they are quoted.
        let mut end = 0;
        let mut quoted = false;
        loop {
            match self.next() {
                None | Some(b'\n') => break,
                Some(b'#' | b';') if !quoted => {
                    self.skip_line();
                    break;
                }
                Some(b'"') => {
                    quoted = !quoted;
                    end = value.len();
                }
                Some(b'\\') => {
                    match self.next()? {
                        b'\n' => continue,
                        b't' => value.push(b'\t'),
                        b'n' => value.push(b'\n'),
                        b'b' => value.push(8),
                        byte @ (b'\\' | b'"') => value.push(byte),
                        _ => return None,
                    }
                    end = value.len();
                }
                Some(byte) => {
                    value.push(byte);
                    if quoted || !matches!(byte, b' ' | b'\t') {
                        end = value.len();
                    }
                }
            }
        }
        value.truncate(end);
        (!quoted).then_some(value)
    }
}

/// Whether a repository has a second file of settings for each work tree.
pub(super) fn has_worktree_config(variables: &[Variable]) -> bool {
    let last = variables
        .iter()
        .rev()
        .find(|variable| variable.section == "extensions" && variable.name == "worktreeconfig");
    last.and_then(is_true) == Some(true)
}

/// What git takes a value for where it wants a boolean.
pub(super) fn is_true(variable: &Variable) -> Option<bool> {
    let Some(value) = &variable.value else {
        return Some(true);
    };
    match value.to_ascii_lowercase().as_slice() {
        b"true" | b"yes" | b"on" => Some(true),
        b"" | b"false" | b"no" | b"off" => Some(false),
        number => std::str::from_utf8(number)
            .ok()?
            .parse::<i64>()
            .ok()
            .map(|number| number != 0),
    }
}

/// The text of a configuration in which `branch@{upstream}` leads where it does in the repository,
/// and that says nothing else: no address, no program.
pub(super) fn upstreams(variables: &[Variable]) -> Vec<u8> {
    let is_kept = |variable: &&Variable| match variable.section.as_str() {
        "branch" => matches!(variable.name.as_str(), "remote" | "merge"),
        "remote" => variable.name == "fetch",
        _ => false,
    };
    let mut text = Vec::new();
    for variable in variables.iter().filter(is_kept) {
        let Some(value) = &variable.value else {
            continue;
        };
        text.extend_from_slice(format!("[{} ", variable.section).as_bytes());
        quote(&mut text, &variable.subsection);
        text.extend_from_slice(format!("]\n\t{} = ", variable.name).as_bytes());
        quote(&mut text, value);
        text.push(b'\n');
    }
    text
}

fn quote(text: &mut Vec<u8>, value: &[u8]) {
    text.push(b'"');
    for byte in value {
        match byte {
            b'\n' => text.extend_from_slice(b"\\n"),
            b'"' | b'\\' => text.extend_from_slice(&[b'\\', *byte]),
            plain => text.push(*plain),
        }
    }
    text.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::{parse, upstreams};

    #[test]
    fn variables_are_read_as_git_reads_them() {
        let text = "; c\n[Core]\n\tA = b c  # d\n e\n[branch \"x\\\"y\"] remote = \" o \"; \
         c\r\n[a.b]k=1\\\n2\\t\n";
        let read = parse(text.as_bytes()).unwrap();
        let told: Vec<String> = read
            .iter()
            .map(|variable| {
                let value = variable.value.as_deref().map(String::from_utf8_lossy);
                let part = String::from_utf8_lossy(&variable.subsection);
                format!("{}|{part}|{}|{value:?}", variable.section, variable.name)
            })
            .collect();
        let wanted = [
            "core||a|Some(\"b c\")",
            "core||e|None",
            "branch|x\"y|remote|Some(\" o \")",
            "a|b|k|Some(\"12\\t\")",
        ];
        assert_eq!(told, wanted);
        for broken in [
            "x = 1\n",
            "[a\n",
            "[a]\nb = \"c\n",
            "[a]\n1b = c\n",
            "[a]\nb = \\q\n",
            "[a \"b]\n",
        ] {
            assert!(parse(broken.as_bytes()).is_err(), "{broken}");
        }
    }

    #[test]
    fn of_upstreams_nothing_but_names_is_kept() {
        let text = "[remote \"o\"]\nurl = ext::evil\nfetch = +refs/heads/*:refs/remotes/o/*\npromisor = true\n\
                    [branch \"a\\\"b\"]\nremote = o\nmerge = refs/heads/x\n[core]\nsshCommand = evil\n";
        let kept = upstreams(&parse(text.as_bytes()).unwrap());
        let told = String::from_utf8(kept.clone()).unwrap();
        assert!(
            !told.contains("evil") && !told.contains("promisor"),
            "{told}"
        );
        let names: Vec<String> = parse(&kept)
            .unwrap()
            .into_iter()
            .map(|variable| variable.name)
            .collect();
        assert_eq!(names, ["fetch", "remote", "merge"]);
    }
}
