//! One pattern of a `.dockerignore` file or of a `COPY` source, matched against paths below the
//! build context.
//!
//! The grammar is that of moby/patternmatcher: `*` and `?` stop at a slash, `**` crosses any number
//! of folders, `[…]` is a class, a backslash takes the next character as it is. Matching walks a
//! set of positions, so no pattern is slower than its length times that of the path.

/// A compiled pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Glob {
    tokens: Vec<Token>,
    /// The longest text that every path it matches has in it, so that most paths take one look.
    needle: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    /// This character.
    Is(char),
    /// One character other than a slash.
    One,
    /// Any run of characters other than a slash.
    Run,
    /// Nothing, or any number of whole folders with the slash behind them.
    Folders,
    /// Anything at all.
    Everything,
    /// One character of a class.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
}

impl Glob {
    /// Reads a pattern as `.dockerignore` files have it.
    #[must_use]
    pub(crate) fn of_ignore(pattern: &str) -> Self {
        Self::read(pattern, |at_end| {
            if at_end {
                Token::Everything
            } else {
                Token::Folders
            }
        })
    }

    /// Reads a pattern as `COPY` and `ADD` have it. Go's `filepath.Match` gives `**` no meaning of
    /// its own; newer frontends do, so here it stands for anything, which holds for both.
    #[must_use]
    pub(crate) fn of_copy(pattern: &str) -> Self {
        Self::read(pattern, |_| Token::Everything)
    }

    fn read(pattern: &str, double_star: impl Fn(bool) -> Token) -> Self {
        let mut tokens = Vec::new();
        let mut rest = pattern.chars().peekable();
        while let Some(character) = rest.next() {
            tokens.push(match character {
                '*' if rest.next_if_eq(&'*').is_some() => {
                    rest.next_if_eq(&'/');
                    double_star(rest.peek().is_none())
                }
                '*' => Token::Run,
                '?' => Token::One,
                '\\' => Token::Is(rest.next().unwrap_or('\\')),
                '[' => class(&mut rest),
                plain => Token::Is(plain),
            });
        }
        let needle = needle(&tokens);
        Self { tokens, needle }
    }

    /// Whether the pattern matches a whole path.
    #[must_use]
    pub(crate) fn matches(&self, path: &str) -> bool {
        if !path.contains(&self.needle) {
            return false;
        }
        let text: Vec<char> = path.chars().collect();
        let mut reached = vec![false; text.len() + 1];
        if let Some(start) = reached.first_mut() {
            *start = true;
        }
        for token in &self.tokens {
            reached = token.advance(&text, &reached);
        }
        reached.last() == Some(&true)
    }

    /// Whether the pattern can match something below a folder.
    #[must_use]
    pub(crate) fn reaches_into(&self, folder: &str) -> bool {
        let text: Vec<char> = folder.chars().chain(['/']).collect();
        let mut reached = vec![false; text.len() + 1];
        if let Some(start) = reached.first_mut() {
            *start = true;
        }
        self.tokens.iter().any(|token| {
            reached = token.advance(&text, &reached);
            reached.last() == Some(&true)
        })
    }

    /// Whether the pattern matches a path or a folder above it.
    #[must_use]
    pub(crate) fn matches_or_parent(&self, path: &str) -> bool {
        path.contains(&self.needle)
            && (self.matches(path)
                || path
                    .match_indices('/')
                    .any(|(at, _)| path.get(..at).is_some_and(|above| self.matches(above))))
    }
}

/// The longest run of characters that stand for themselves.
fn needle(tokens: &[Token]) -> String {
    let is_plain = |token: &Token| matches!(token, Token::Is(_));
    let runs = tokens.split(|token| !is_plain(token));
    let longest = runs.max_by_key(|run| run.len()).unwrap_or_default();
    let plain = longest.iter().filter_map(|token| match token {
        Token::Is(character) => Some(*character),
        _ => None,
    });
    plain.collect()
}

impl Token {
    /// The positions behind this token, from those before it.
    fn advance(&self, text: &[char], reached: &[bool]) -> Vec<bool> {
        let mut next = vec![false; reached.len()];
        let mut passed = false;
        for (at, slot) in next.iter_mut().enumerate() {
            let here = reached.get(at) == Some(&true);
            let before = at.checked_sub(1);
            let last = before.and_then(|before| text.get(before)).copied();
            let came = before.and_then(|before| reached.get(before)) == Some(&true);
            match self {
                Self::Run => {
                    passed = here || (passed && last != Some('/'));
                    *slot = passed;
                }
                Self::Everything => {
                    passed |= here;
                    *slot = passed;
                }
                Self::Folders => {
                    *slot = here || (passed && last == Some('/'));
                    passed |= here;
                }
                one => *slot = came && last.is_some_and(|last| one.takes(last)),
            }
        }
        next
    }

    fn takes(&self, character: char) -> bool {
        match self {
            Self::Is(wanted) => *wanted == character,
            Self::One => character != '/',
            Self::Class { negated, ranges } => {
                ranges
                    .iter()
                    .any(|(low, high)| (*low..=*high).contains(&character))
                    != *negated
            }
            Self::Run | Self::Folders | Self::Everything => false,
        }
    }
}

/// The class after a `[`; one that is never closed takes what is there.
fn class(rest: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Token {
    let negated = rest.next_if(|first| matches!(first, '^' | '!')).is_some();
    let mut ranges: Vec<(char, char)> = Vec::new();
    while let Some(character) = rest.next() {
        let low = match character {
            ']' if !ranges.is_empty() => break,
            '\\' => rest.next().unwrap_or('\\'),
            plain => plain,
        };
        let mut ahead = rest.clone();
        let is_range = ahead.next() == Some('-') && ahead.next().is_some_and(|end| end != ']');
        let high = if is_range {
            rest.next();
            rest.next().unwrap_or(low)
        } else {
            low
        };
        ranges.push((low, high));
    }
    Token::Class { negated, ranges }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stop_at_slashes_and_double_stars_do_not() {
        let matching = [
            ("*", "a"),
            ("a/*.py", "a/b.py"),
            ("**/__pycache__", "__pycache__"),
            ("**/__pycache__", "a/b/__pycache__"),
            ("**/*.pyc", "a/b.pyc"),
            ("**", "a/b"),
            ("a/**", "a/b/c"),
            ("a/**/c", "a/c"),
            ("a/**/c", "a/b/b/c"),
            ("?x", "ax"),
            ("[a-c]1", "b1"),
            ("[^a]1", "b1"),
            ("\\*", "*"),
            ("**a", "x/a"),
        ];
        for (pattern, path) in matching {
            assert!(Glob::of_ignore(pattern).matches(path), "{pattern} {path}");
        }
        let differing = [
            ("*", "a/b"),
            ("a/*.py", "a/b/c.py"),
            ("**/x", "a/yx"),
            ("?", "/"),
            ("[^a]1", "a1"),
            ("a/**/c", "ac"),
            ("", "a"),
        ];
        for (pattern, path) in differing {
            assert!(!Glob::of_ignore(pattern).matches(path), "{pattern} {path}");
        }
    }

    #[test]
    fn a_pattern_reaches_into_the_folders_on_its_way() {
        for (pattern, folder) in [
            ("a/b/c", "a"),
            ("a/b/c", "a/b"),
            ("*/x", "q"),
            ("**/x", "a/b"),
            ("a/**", "a/b"),
            ("a/?[bc]/x", "a/qb"),
        ] {
            assert!(
                Glob::of_ignore(pattern).reaches_into(folder),
                "{pattern} {folder}"
            );
        }
        for (pattern, folder) in [
            ("a/b/c", "a/b/c"),
            ("a/b", "b"),
            ("*/x", "a/b"),
            ("ab/c", "a"),
            ("*.md", "a.md"),
        ] {
            assert!(
                !Glob::of_ignore(pattern).reaches_into(folder),
                "{pattern} {folder}"
            );
        }
    }

    #[test]
    fn a_pattern_for_a_folder_takes_what_is_in_it() {
        assert!(Glob::of_ignore("*").matches_or_parent("a/b/c"));
        assert!(Glob::of_copy("apps/*/x").matches_or_parent("apps/a/x/y"));
        assert!(!Glob::of_copy("apps/*/x").matches_or_parent("apps/a/y/x"));
    }
}
