//! A shell script cut into its simple commands (POSIX, "Shell Command Language", 2.9).
//!
//! Only lists of simple commands are read: words, quotes, assignments, redirections, `&&`, `||`,
//! `;`, `|` and line ends. A script with anything else (`if`, `for`, `{ … }`, `( … )`, `&`, `case`,
//! functions, the shell's own heredocs) is [`Script::Compound`]: what it does depends on the build.

mod word;

use std::iter::Peekable;
use std::str::Chars;

use super::super::lexer::Variables;
use word::Word;

/// A script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Script {
    /// A list of simple commands.
    Simple(Vec<Command>),
    /// Anything else.
    Compound,
}

/// How a command follows the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Joint {
    /// It is the first, or runs whatever became of the one before.
    Next,
    /// It runs if the one before succeeded.
    And,
    /// It runs if the one before failed.
    Or,
    /// It reads what the one before prints.
    Pipe,
}

/// One simple command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// How it follows the one before it.
    pub(super) joint: Joint,
    /// The variables set for this command alone or, where it has no words, from here on.
    pub(super) assignments: Vec<(String, String)>,
    /// Its words, without quotes and with known variables filled in.
    pub(super) words: Vec<String>,
    /// Its redirections: the operator and the file.
    pub(super) redirections: Vec<(String, String)>,
    /// As it is written, known variables left alone.
    pub(super) text: String,
}

impl Command {
    /// The name of the program, without its folder.
    pub(super) fn program(&self) -> &str {
        let first = self.words.first().map_or("", String::as_str);
        first.rsplit('/').next().unwrap_or(first)
    }

    /// The words behind the program's name.
    pub(super) fn arguments(&self) -> &[String] {
        self.words.get(1..).unwrap_or_default()
    }

    /// Whether it writes to a file.
    pub(super) fn writes(&self) -> bool {
        let is_file = |(operator, file): &(String, String)| {
            operator.contains('>') && !operator.ends_with('&') && file != "/dev/null"
        };
        self.redirections.iter().any(is_file)
    }
}

/// Words that begin or end something other than a simple command.
const RESERVED: [&str; 18] = [
    "!", "[[", "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if",
    "select", "then", "until", "while", "{", "}",
];

/// Reads a script.
pub(super) fn read(script: &str, variables: &dyn Variables) -> Script {
    let reader = Reader {
        rest: script.chars().peekable(),
        variables,
        written: String::new(),
        command: Open::default(),
        joint: Joint::Next,
        commands: Vec::new(),
    };
    reader.read().map_or(Script::Compound, Script::Simple)
}

/// No variable is known.
struct Nothing;

impl Variables for Nothing {
    fn value(&self, _: &str) -> Option<String> {
        None
    }
}

/// The words of a script that is one command and needs no shell: no variable, pattern,
/// redirection or assignment.
pub(super) fn plain_words(script: &str) -> Option<Vec<String>> {
    let Script::Simple(commands) = read(script, &Nothing) else {
        return None;
    };
    let [command] = commands.as_slice() else {
        return None;
    };
    let is_special = |word: &String| word.contains(['$', '*', '?', '`', '~', '[']);
    let needs_shell = !command.redirections.is_empty()
        || !command.assignments.is_empty()
        || command.words.iter().any(is_special);
    let words = match command.words.split_first() {
        Some((first, rest)) if first == "exec" => rest.to_vec(),
        _ => command.words.clone(),
    };
    (!needs_shell && !words.is_empty()).then_some(words)
}

/// The words of a script that is one command, where `|| exit 1` may stand behind it and its output
/// may go nowhere.
pub(super) fn guarded_words(script: &str, variables: &dyn Variables) -> Option<Vec<String>> {
    let Script::Simple(commands) = read(script, variables) else {
        return None;
    };
    let (first, rest) = commands.split_first()?;
    let is_guard = |command: &Command| {
        command.joint == Joint::Or && matches!(command.program(), "exit" | "false")
    };
    let is_plain = first.assignments.is_empty() && !first.writes() && rest.iter().all(is_guard);
    (is_plain && rest.len() <= 1).then(|| first.words.clone())
}

/// The command that is being read.
#[derive(Default)]
struct Open {
    assignments: Vec<(String, String)>,
    words: Vec<String>,
    redirections: Vec<(String, String)>,
    /// The redirection whose file comes next.
    operator: Option<String>,
}

impl Open {
    fn is_empty(&self) -> bool {
        self.assignments.is_empty() && self.words.is_empty() && self.redirections.is_empty()
    }
}

pub(super) struct Reader<'a> {
    rest: Peekable<Chars<'a>>,
    variables: &'a dyn Variables,
    /// The text of the command that is being read.
    written: String,
    command: Open,
    joint: Joint,
    commands: Vec<Command>,
}

impl Reader<'_> {
    /// The commands; nothing for a script that is more than a list of them.
    fn read(mut self) -> Option<Vec<Command>> {
        while let Some(&next) = self.rest.peek() {
            match next {
                ' ' | '\t' | '\r' => {
                    self.take();
                }
                '\n' | ';' => self.end(Joint::Next)?,
                '&' | '|' => self.operator(next)?,
                '#' => while self.rest.next_if(|&next| next != '\n').is_some() {},
                '<' | '>' => self.redirection(String::new())?,
                '(' | ')' => return None,
                _ => self.word()?,
            }
        }
        self.end(Joint::Next)?;
        Some(self.commands)
    }

    fn take(&mut self) -> Option<char> {
        let next = self.rest.next()?;
        self.written.push(next);
        Some(next)
    }

    /// Ends the command at a separator, which it takes.
    fn end(&mut self, joint: Joint) -> Option<()> {
        let ends_list = self.rest.next() == Some(';') && self.rest.peek() == Some(&';');
        let text = std::mem::take(&mut self.written);
        let command = std::mem::take(&mut self.command);
        if command.operator.is_some() || ends_list {
            return None;
        }
        if command.is_empty() {
            // A list may break its line behind `&&`, and nothing else may be missing.
            return (joint == Joint::Next).then_some(());
        }
        let first = command.words.first().map_or("", String::as_str);
        if RESERVED.contains(&first) {
            return None;
        }
        self.commands.push(Command {
            joint: std::mem::replace(&mut self.joint, joint),
            assignments: command.assignments,
            words: command.words,
            redirections: command.redirections,
            text: text.trim().to_owned(),
        });
        Some(())
    }

    fn operator(&mut self, sign: char) -> Option<()> {
        let mut ahead = self.rest.clone();
        ahead.next();
        let is_double = ahead.peek() == Some(&sign);
        let joint = match (sign, is_double) {
            ('&', true) => Joint::And,
            ('|', true) => Joint::Or,
            ('|', false) => Joint::Pipe,
            _ => return None,
        };
        if self.command.is_empty() {
            return None;
        }
        self.end(joint)?;
        if is_double {
            self.rest.next();
        }
        Some(())
    }

    /// Reads an operator such as `>>`, behind the number of its file where it has one.
    fn redirection(&mut self, number: String) -> Option<()> {
        let mut operator = number;
        while let Some(sign) = self.rest.next_if(|next| "<>&|".contains(*next)) {
            self.written.push(sign);
            operator.push(sign);
        }
        if operator.contains("<<") || self.command.operator.is_some() {
            return None;
        }
        self.command.operator = Some(operator);
        Some(())
    }

    fn word(&mut self) -> Option<()> {
        let start = self.written.len();
        let mut word = Word::default();
        while let Some(&next) = self.rest.peek() {
            match next {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '(' | ')' => break,
                '<' | '>' => {
                    let is_number = !word.is_quoted
                        && !word.text.is_empty()
                        && word.text.chars().all(|digit| digit.is_ascii_digit());
                    if is_number {
                        return self.redirection(word.text);
                    }
                    break;
                }
                '\\' => self.escaped(&mut word),
                '\'' => self.single_quoted(&mut word)?,
                '"' => self.double_quoted(&mut word)?,
                '$' => self.dollar(&mut word, false)?,
                '`' => self.backquoted(&mut word)?,
                _ => word.text.extend(self.take()),
            }
        }
        if self.rest.peek() == Some(&'(') {
            // A function, or a subshell behind a word.
            return None;
        }
        let written = self.written.get(start..).unwrap_or_default().to_owned();
        self.add(word, &written);
        Some(())
    }

    fn add(&mut self, word: Word, written: &str) {
        let words = word.finish();
        if let Some(operator) = self.command.operator.take() {
            self.command.redirections.push((operator, words.join(" ")));
            return;
        }
        let is_name = |name: &str| {
            let is_part = |part: char| part.is_ascii_alphanumeric() || part == '_';
            !name.is_empty()
                && name.chars().all(is_part)
                && !name.starts_with(|first: char| first.is_ascii_digit())
        };
        let assigned = written.split_once('=').filter(|(name, _)| is_name(name));
        if let (true, Some((name, _))) = (self.command.words.is_empty(), assigned) {
            let text = words.join(" ");
            let value = text.split_once('=').map_or("", |(_, value)| value);
            self.command
                .assignments
                .push((name.to_owned(), value.to_owned()));
            return;
        }
        self.command.words.extend(words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct One;

    impl Variables for One {
        fn value(&self, name: &str) -> Option<String> {
            (name == "P").then(|| "a b".to_owned())
        }
    }

    fn commands(script: &str) -> Vec<Command> {
        match read(script, &One) {
            Script::Simple(commands) => commands,
            Script::Compound => panic!("{script}"),
        }
    }

    #[test]
    fn words_lose_their_quotes_and_known_variables_are_filled_in() {
        for (script, words) in [
            ("a 'b c' \"d e\" f\\ g", &["a", "b c", "d e", "f g"][..]),
            (
                "a $P \"$P\" ${P} '$P'",
                &["a", "a", "b", "a b", "a", "b", "$P"],
            ),
            ("a $Q ${Q:-c} ${P:-c} \"\"", &["a", "$Q", "c", "a", "b", ""]),
            ("a $(b | c) `d` # e", &["a", "$(b | c)", "`d`"]),
            ("a 'pkg>=1' x=y", &["a", "pkg>=1", "x=y"]),
        ] {
            assert_eq!(commands(script)[0].words, words, "{script}");
        }
    }

    #[test]
    fn lists_are_cut_into_commands() {
        let list = commands("set -eux; A=1 b c && d || true\ne | f > /x 2>&1 \\\n g");
        let rows: Vec<_> = list
            .iter()
            .map(|command| (command.joint, command.words.join(" ")))
            .collect();
        assert_eq!(
            rows,
            [
                (Joint::Next, "set -eux".to_owned()),
                (Joint::Next, "b c".to_owned()),
                (Joint::And, "d".to_owned()),
                (Joint::Or, "true".to_owned()),
                (Joint::Next, "e".to_owned()),
                (Joint::Pipe, "f g".to_owned()),
            ]
        );
        assert_eq!(list[1].assignments, [("A".to_owned(), "1".to_owned())]);
        assert_eq!(list[1].text, "A=1 b c");
        assert!(list[5].writes() && !list[4].writes());
    }

    #[test]
    fn what_is_more_than_a_list_is_compound() {
        for script in [
            "if a; then b; fi",
            "for a in b; do c; done",
            "(a && b)",
            "a && { b; }",
            "a &",
            "case a in b) c;; esac",
            "f() { a; }",
            "cat <<E\na\nE",
            "a && || b",
            "a 'b",
            "a >",
            "! a",
        ] {
            assert_eq!(read(script, &One), Script::Compound, "{script}");
        }
    }

    #[test]
    fn every_text_ends() {
        let pieces = [
            "a", " ", "$", "{", "(", "'", "\"", "\\", "`", "&", "\n", ">", "#",
        ];
        let mut texts = vec![String::new()];
        for _ in 0..4 {
            texts = texts
                .iter()
                .flat_map(|text| pieces.map(|piece| format!("{text}{piece}")))
                .collect();
            for text in &texts {
                read(text, &One);
            }
        }
    }
}
