//! `BuildKit`'s shell lexer (`frontend/dockerfile/shell`) without an environment.
//!
//! It removes quotes and escapes from a word and finds the words that open
//! heredocs. Without [`Variables`] substitutions stay as they are written,
//! which is what the lexer itself does under its option `SkipUnsetEnv`.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::str::Chars;

/// How deep `${a:-${b:-…}}` may nest before the word counts as unreadable.
/// The original has no bound; a fixed one keeps hostile input off the stack's end.
const NESTING_LIMIT: usize = 100;

/// What the lexer made of a piece of text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Lexed {
    /// The whole text, white space kept.
    pub(crate) text: String,
    /// The same, cut at white space that was neither quoted nor escaped.
    pub(crate) words: Vec<String>,
    /// Whether an unescaped `$` asks for a substitution.
    pub(crate) expands: bool,
}

/// A heredoc announced on an instruction's line.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HeredocMark {
    /// The line that ends the body.
    pub(crate) name: String,
    /// Whether the mark is `<<-`, so that tabs before the final line do not count.
    pub(crate) strips_tabs: bool,
    /// Whether `BuildKit` fills in variables in the body: the name has no quotes.
    pub(crate) expands: bool,
}

/// Removes quotes and escapes; `None` where `BuildKit` reports an error.
pub(super) fn unquote(source: &str, escape: char) -> Option<Lexed> {
    Lexer::new(source, escape, false).run()
}

/// What a text's variables stand for.
pub(super) trait Variables {
    /// The value of a variable; nothing for one that is not known, which may still be set by
    /// the image below.
    fn value(&self, name: &str) -> Option<String>;

    /// What a variable without a value stands for: itself, or nothing where it is known that the
    /// image below does not set it.
    fn unknown(&self, name: &str) -> String {
        format!("${{{name}}}")
    }
}

impl Variables for BTreeMap<String, String> {
    fn value(&self, name: &str) -> Option<String> {
        self.get(name).cloned()
    }
}

/// Removes quotes and escapes and fills in variables; `None` where `BuildKit` reports an error.
///
/// A variable that is not known stays, as `${NAME}`. With a default (`${NAME:-default}`) it counts
/// as not set. Of a known variable, what `#`, `%` and `/` cut off is not worked out: such a
/// substitution stays as it is written.
pub(super) fn expand(source: &str, escape: char, variables: &dyn Variables) -> Option<String> {
    let mut lexer = Lexer::new(source, escape, false);
    lexer.variables = Some(variables);
    lexer.run().map(|lexed| lexed.text)
}

/// The heredocs a logical line announces, in order; `None` where `BuildKit`
/// refuses the line because the word after `<<` cannot be read.
///
/// Heredoc words are always read with a backslash as the escape character,
/// whatever the `escape` directive says. A line that cannot be read as a whole,
/// for example for want of a closing quote, announces none.
pub(super) fn heredoc_marks(line: &str) -> Option<Vec<HeredocMark>> {
    let words = Lexer::new(line, '\\', true)
        .run()
        .map_or_else(Vec::new, |lexed| lexed.words);
    let mut marks = Vec::new();
    for (strips_tabs, word) in words.iter().filter_map(|word| after_heredoc_sign(word)) {
        let mut names = unquote(word, '\\')?.words;
        if let (Some(name), true) = (names.pop(), names.is_empty()) {
            marks.push(HeredocMark {
                name,
                strips_tabs,
                expands: !word.contains(['"', '\'', '\\']),
            });
        }
    }
    Some(marks)
}

/// Splits `3<<-NAME` into "strips tabs" and `NAME`, the file descriptor aside.
fn after_heredoc_sign(word: &str) -> Option<(bool, &str)> {
    let marked = word
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .strip_prefix("<<")?;
    let name = marked.strip_prefix('-').unwrap_or(marked);
    (!name.is_empty() && !name.contains('<')).then_some((name.len() < marked.len(), name))
}

struct Lexer<'a> {
    rest: Peekable<Chars<'a>>,
    escape: char,
    keeps_quotes: bool,
    keeps_escapes: bool,
    expands: bool,
    depth: usize,
    variables: Option<&'a dyn Variables>,
}

impl<'a> Lexer<'a> {
    fn new(source: &'a str, escape: char, raw: bool) -> Self {
        Self {
            // Go's text/scanner, on which the original rests, drops a leading mark.
            rest: source
                .strip_prefix('\u{feff}')
                .unwrap_or(source)
                .chars()
                .peekable(),
            escape,
            keeps_quotes: raw,
            keeps_escapes: raw,
            expands: false,
            depth: 0,
            variables: None,
        }
    }

    fn run(mut self) -> Option<Lexed> {
        let (text, words) = self.until(None)?;
        Some(Lexed {
            text,
            words: words.finish(),
            expands: self.expands,
        })
    }

    /// Reads up to and over `stop`, or to the end if there is none.
    fn until(&mut self, stop: Option<char>) -> Option<(String, Words)> {
        let mut text = String::new();
        let mut words = Words::default();
        while let Some(&next) = self.rest.peek() {
            if stop == Some(next) {
                self.rest.next();
                return Some((text, words));
            }
            match next {
                '$' => {
                    let part = self.dollar()?;
                    part.chars().for_each(|c| words.add(c));
                    text.push_str(&part);
                }
                '\'' | '"' => {
                    let part = self.quoted(next)?;
                    words.current.push_str(&part);
                    text.push_str(&part);
                }
                _ => self.plain(&mut text, &mut words),
            }
        }
        stop.is_none().then_some((text, words))
    }

    /// One character outside quotes, or an escape and the character after it.
    fn plain(&mut self, text: &mut String, words: &mut Words) {
        let Some(first) = self.rest.next() else {
            return;
        };
        if first != self.escape {
            words.add(first);
            text.push(first);
            return;
        }
        let kept = self.keeps_escapes.then_some(first);
        for c in kept.into_iter().chain(self.rest.next()) {
            words.current.push(c);
            text.push(c);
        }
    }

    fn quoted(&mut self, quote: char) -> Option<String> {
        self.rest.next();
        let inner = if quote == '"' {
            self.inside_double_quotes()?
        } else {
            self.inside_single_quotes()?
        };
        Some(if self.keeps_quotes {
            format!("{quote}{inner}{quote}")
        } else {
            inner
        })
    }

    fn inside_single_quotes(&mut self) -> Option<String> {
        let mut inner = String::new();
        loop {
            match self.rest.next()? {
                '\'' => return Some(inner),
                c => inner.push(c),
            }
        }
    }

    fn inside_double_quotes(&mut self) -> Option<String> {
        let mut inner = String::new();
        loop {
            match *self.rest.peek()? {
                '"' => {
                    self.rest.next();
                    return Some(inner);
                }
                '$' => inner.push_str(&self.dollar()?),
                c => {
                    self.rest.next();
                    inner.extend(self.in_double_quotes(c).into_iter().flatten());
                }
            }
        }
    }

    /// What a character just taken inside double quotes stands for: only `"`, `$`
    /// and the escape character itself can be escaped there.
    fn in_double_quotes(&mut self, taken: char) -> [Option<char>; 2] {
        if taken != self.escape {
            return [Some(taken), None];
        }
        let escape = self.escape;
        let meant = self
            .rest
            .next_if(|&next| next == '"' || next == '$' || next == escape);
        [
            self.keeps_escapes.then_some(taken),
            Some(meant.unwrap_or(taken)),
        ]
    }

    /// A substitution: its value, or as it is written.
    fn dollar(&mut self) -> Option<String> {
        self.rest.next();
        if self.rest.next_if_eq(&'{').is_none() {
            let name = self.name();
            self.expands |= !name.is_empty();
            let written = format!("${name}");
            return Some(match self.variables {
                Some(variables) if !name.is_empty() => variables
                    .value(&name)
                    .unwrap_or_else(|| variables.unknown(&name)),
                _ => written,
            });
        }
        if matches!(self.rest.peek(), None | Some('{' | '}' | ':')) {
            return None;
        }
        self.expands = true;
        let name = self.name();
        match self.rest.next()? {
            '}' => Some(match self.variables {
                Some(variables) => variables
                    .value(&name)
                    .unwrap_or_else(|| variables.unknown(&name)),
                None => format!("${{{name}}}"),
            }),
            ':' => {
                let sign = self.rest.next()?;
                let word = self.nested('}', matches!(sign, '#' | '%'))?;
                let written = format!("${{{name}:{sign}{word}}}");
                Some(self.chosen(&name, sign, true, word).unwrap_or(written))
            }
            sign @ ('+' | '-' | '?' | '#' | '%') => {
                let word = self.nested('}', matches!(sign, '#' | '%'))?;
                let written = format!("${{{name}{sign}{word}}}");
                Some(self.chosen(&name, sign, false, word).unwrap_or(written))
            }
            '/' => {
                self.rest.next_if_eq(&'/');
                let pattern = self.nested('/', true)?;
                let replacement = self.nested('}', true)?;
                Some(format!("${{{name}/{pattern}/{replacement}}}"))
            }
            _ => None,
        }
    }

    /// What `${name-word}`, `${name+word}` and `${name?word}` stand for, with a colon an empty
    /// value counts as not set; nothing where no variables are given, or for other signs.
    fn chosen(&self, name: &str, sign: char, empty_is_unset: bool, word: String) -> Option<String> {
        let value = self.variables?.value(name);
        let value = value.filter(|value| !(empty_is_unset && value.is_empty()));
        match (sign, value) {
            ('-', value) => Some(value.unwrap_or(word)),
            ('+', value) => Some(value.map_or_else(String::new, |_| word)),
            ('?', value) => value,
            _ => None,
        }
    }

    /// The word inside a substitution, up to and over `stop`.
    fn nested(&mut self, stop: char, keeps_escapes: bool) -> Option<String> {
        if self.depth == NESTING_LIMIT {
            return None;
        }
        let outer = std::mem::replace(&mut self.keeps_escapes, keeps_escapes);
        self.depth += 1;
        let (text, _) = self.until(Some(stop))?;
        self.depth -= 1;
        self.keeps_escapes = outer;
        Some(text)
    }

    /// A variable's name: one of the shell's special parameters, digits, or
    /// letters, digits and underscores. Unlike here, digits beyond ASCII count in
    /// the original; no variable is ever called so.
    fn name(&mut self) -> String {
        if let Some(special) = self.rest.next_if(|c| "@*#?-$!".contains(*c)) {
            return special.to_string();
        }
        let starts_with_digit = self.rest.peek().is_some_and(char::is_ascii_digit);
        let mut name = String::new();
        while let Some(c) = self.rest.next_if(|&c| {
            c.is_ascii_digit() || (!starts_with_digit && (c.is_alphabetic() || c == '_'))
        }) {
            name.push(c);
        }
        name
    }
}

/// Words cut at white space; quoting happens before characters get here.
#[derive(Default)]
struct Words {
    done: Vec<String>,
    current: String,
}

impl Words {
    fn add(&mut self, c: char) {
        if c.is_whitespace() {
            self.end_word();
        } else {
            self.current.push(c);
        }
    }

    fn end_word(&mut self) {
        if !self.current.is_empty() {
            self.done.push(std::mem::take(&mut self.current));
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.end_word();
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(source: &str) -> Option<String> {
        unquote(source, '\\').map(|lexed| lexed.text)
    }

    fn names(line: &str) -> Option<Vec<String>> {
        heredoc_marks(line).map(|marks| marks.into_iter().map(|mark| mark.name).collect())
    }

    #[test]
    fn quotes_and_escapes_are_removed() {
        let cases = [
            (r"a\ b\\\c", r"a b\c"),
            (r#""a \" \$ \\ \n 'b'""#, r#"a " $ \ \n 'b'"#),
            (r#"'a \ "b"'"#, r#"a \ "b""#),
            (r#"a"b"'c'd"#, "abcd"),
            (r"end\", "end"),
            ("", ""),
            ("\u{feff}a", "a"),
        ];
        for (source, expected) in cases {
            assert_eq!(text(source).as_deref(), Some(expected), "{source}");
        }
    }

    #[test]
    fn backtick_escapes_when_it_is_the_escape_character() {
        let lexed = unquote("`$a\\b\"`\"`n\"", '`').map(|lexed| (lexed.text, lexed.expands));
        assert_eq!(lexed, Some(("$a\\b\"`n".to_owned(), false)));
    }

    #[test]
    fn open_quotes_and_bad_substitutions_are_errors() {
        for source in [
            r#""a"#, "'a", r#""a\""#, "${", "${}", "${{a}", "${a", "${:a}", "${a!b}",
        ] {
            assert_eq!(unquote(source, '\\'), None, "{source}");
        }
    }

    #[test]
    fn substitutions_stay_as_written_and_are_reported() {
        for source in [
            "$A", "${A}b", "$1x", "$@", "$$", "${A:-b}", "${A#*/}", "${A/b/c}",
        ] {
            let lexed = unquote(source, '\\').unwrap();
            assert_eq!((lexed.text.as_str(), lexed.expands), (source, true));
        }
        for (source, plain) in [
            ("$", "$"),
            ("a$ b$", "a$ b$"),
            (r"\$A", "$A"),
            ("'$A'", "$A"),
        ] {
            let lexed = unquote(source, '\\').unwrap();
            assert_eq!((lexed.text.as_str(), lexed.expands), (plain, false));
        }
        assert_eq!(text(r#"${A:-"b c"}"#).as_deref(), Some("${A:-b c}"));
    }

    #[test]
    fn nesting_beyond_the_limit_is_an_error_and_not_a_crash() {
        let nested = |depth| format!("{}{}", "${a:-".repeat(depth), "}".repeat(depth));
        assert!(unquote(&nested(NESTING_LIMIT), '\\').is_some());
        assert!(unquote(&nested(NESTING_LIMIT + 1), '\\').is_none());
        assert!(unquote(&nested(100_000), '\\').is_none());
    }

    #[test]
    fn heredoc_names_are_read_without_their_quotes() {
        let line = r#"RUN a <<A 3<<"B" <<-'C D' <<E"F" <<\G x<<H <<<I << <<- <<"" <<J<"#;
        let marks = heredoc_marks(line).unwrap();
        let found: Vec<_> = marks
            .iter()
            .map(|m| (m.name.as_str(), m.strips_tabs))
            .collect();
        assert_eq!(
            found,
            [
                ("A", false),
                ("B", false),
                ("C D", true),
                ("EF", false),
                ("G", false)
            ]
        );
    }

    #[test]
    fn heredoc_name_takes_what_touches_it() {
        assert_eq!(names("RUN cat <<EOF>/x"), Some(vec!["EOF>/x".to_owned()]));
        assert_eq!(names("RUN cat <<A$ "), Some(vec!["A$".to_owned()]));
        assert_eq!(names("RUN cat <<A\\ "), Some(vec!["A ".to_owned()]));
    }

    #[test]
    fn line_with_an_open_quote_has_no_heredocs() {
        assert_eq!(names("RUN echo it's <<EOF"), Some(Vec::new()));
        assert_eq!(names("RUN echo ${a <<EOF"), Some(Vec::new()));
    }

    #[test]
    fn heredoc_name_cut_inside_a_substitution_is_refused() {
        assert_eq!(names("RUN cat <<${a+b c}"), None);
    }
}
