//! Pieces of a generated Dockerfile, and the words in them.

use crate::dockerfile::{Segment, segment};
use crate::edit::adopt::running::literal;

/// Comments that templates print.
const COMMENTS: [&str; 6] = [
    "# A rebuild gives this layer again",
    "# As in the base, a rebuild gives this layer again",
    "# awk picks the lines of packages",
    "# What runs is the other image's Python",
    "# The final image has no Python",
    "# dockwright-seal: ",
];

/// The comment that stands in place of WORKDIR where an image has that of the image below.
const INHERITED: &str = "# WORKDIR is inherited from the image below.";

/// An instruction, or a comment that no template prints.
#[derive(Debug, Clone)]
pub(super) struct Piece<'a> {
    /// As it is written, without the last line end.
    pub(super) text: &'a str,
    /// The keyword; empty for a comment.
    pub(super) keyword: String,
    /// What follows it, on one line.
    pub(super) line: String,
}

impl Piece<'_> {
    /// Its words without quotes around them.
    pub(super) fn words(&self) -> Vec<&str> {
        words(&self.line)
    }

    /// Whether it is written on one line.
    pub(super) fn is_one_line(&self) -> bool {
        !self.text.contains('\n')
    }
}

/// Words of a text without quotes around them.
pub(super) fn words(text: &str) -> Vec<&str> {
    let words = text.split_whitespace();
    words.map(|word| word.trim_matches('"')).collect()
}

/// The pieces of a Dockerfile.
pub(super) fn pieces(text: &str) -> Vec<Piece<'_>> {
    segment(text).iter().filter_map(piece).collect()
}

fn piece<'a>(segment: &Segment<'a>) -> Option<Piece<'a>> {
    let text = segment.text.trim_end_matches('\n');
    match segment.instruction() {
        Some(instruction) => Some(Piece {
            text,
            keyword: instruction.keyword().to_owned(),
            line: instruction.arguments().to_owned(),
        }),
        // As a WORKDIR without a folder.
        None if text == INHERITED => Some(Piece {
            text,
            keyword: "WORKDIR".to_owned(),
            line: String::new(),
        }),
        None if text.starts_with('#') && !is_of_template(text) => Some(Piece {
            text,
            keyword: String::new(),
            line: String::new(),
        }),
        None => None,
    }
}

fn is_of_template(comment: &str) -> bool {
    COMMENTS.iter().any(|known| comment.starts_with(known))
}

/// The word behind another one.
pub(super) fn after<'w>(words: &[&'w str], word: &str) -> Option<&'w str> {
    let at = words.iter().position(|one| *one == word)?;
    words.get(at + 1).copied()
}

/// What stands between two texts.
pub(super) fn between<'t>(text: &'t str, start: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(start)?;
    Some(rest.split_once(end)?.0)
}

/// A quoted word of a Dockerfile as a declaration has it: `${NAME}` is a build argument or another
/// variable, everything else is text. Nothing for a word without quotes.
pub(super) fn declared(word: &str, is_argument: &dyn Fn(&str) -> bool) -> Option<String> {
    let inner = word.strip_prefix('"')?.strip_suffix('"')?;
    let (mut told, mut plain, mut rest) = (String::new(), String::new(), inner);
    while let Some(first) = rest.chars().next() {
        if let Some(name) = variable(rest) {
            told.push_str(&literal(&plain));
            plain.clear();
            let of = if is_argument(name) { "arg" } else { "env" };
            told.extend(["{", of, ".", name, "}"]);
            rest = rest.get(name.len() + 3..)?;
            continue;
        }
        let escaped = rest.strip_prefix('\\').and_then(|rest| rest.chars().next());
        let (taken, length) = match escaped {
            Some(letter) if "\"$\\".contains(letter) => (letter, 1 + letter.len_utf8()),
            _ => (first, first.len_utf8()),
        };
        plain.push(taken);
        rest = rest.get(length..)?;
    }
    Some(told + &literal(&plain))
}

/// The name of the variable that a text begins with.
fn variable(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("${")?;
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (name, end) = rest.split_at_checked(rest.find(|c| !is_of_name(c))?)?;
    end.starts_with('}').then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_words_become_what_was_declared() {
        let is_argument = |name: &str| name == "COMMIT";
        for (word, told) in [
            (r#""\$HOME \"q\" 'x' \\ #""#, r#"$HOME "q" 'x' \ #"#),
            (r#""/opt:${PATH}""#, "/opt:{env.PATH}"),
            (r#""\$ ${COMMIT} {name}""#, "$ {arg.COMMIT} {{name}}"),
            ("\"\"", ""),
        ] {
            assert_eq!(declared(word, &is_argument).as_deref(), Some(told));
        }
        // Nothing is looked for behind a `${` that names nothing.
        let open = format!("\"{}\"", "${".repeat(500_000));
        assert!(declared(&open, &is_argument).is_some());
        assert_eq!(declared("--worker-tmp-dir=/dev/shm", &is_argument), None);
    }
}
