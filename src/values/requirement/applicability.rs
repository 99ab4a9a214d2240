//! What an environment marker decides in an image: Linux, `CPython`, a known Python version.
//!
//! Three answers, since images are built for more than one architecture: yes, no, and it depends.
//! The marker is known to follow the grammar (PEP 508, section Environment Markers), so what cannot
//! be read is taken as "it depends".

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifier};

use crate::values::PythonVersion;

/// Whether a marker holds; nothing where it depends on what is not known here.
pub(super) fn holds(marker: &str, python: &PythonVersion, machine: Option<&str>) -> Option<bool> {
    let tokens = tokens(marker);
    Reader {
        tokens: &tokens,
        place: Place { python, machine },
    }
    .either()
}

/// What is known about where a marker is to hold.
#[derive(Clone, Copy)]
struct Place<'a> {
    python: &'a PythonVersion,
    /// The architecture as Python names it, such as `aarch64`.
    machine: Option<&'a str>,
}

#[derive(Debug, PartialEq, Eq)]
enum Token<'a> {
    Open,
    Close,
    /// A quoted string.
    Text(&'a str),
    /// A variable, a word or a comparison.
    Word(&'a str),
}

fn tokens(marker: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = marker.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, after) = match first {
            '(' => (Token::Open, rest.get(1..)),
            ')' => (Token::Close, rest.get(1..)),
            '"' | '\'' => {
                let (text, after) = rest
                    .get(1..)
                    .and_then(|rest| rest.split_once(first))
                    .unwrap_or((rest, ""));
                (Token::Text(text), Some(after))
            }
            _ => {
                let is_comparison = |character: char| "<>=!~".contains(character);
                let is_same = |c: char| {
                    if is_comparison(first) {
                        is_comparison(c)
                    } else {
                        c.is_ascii_alphanumeric() || "_.".contains(c)
                    }
                };
                let end = rest.find(|c| !is_same(c)).unwrap_or(rest.len()).max(1);
                (
                    Token::Word(rest.get(..end).unwrap_or(rest)),
                    rest.get(end..),
                )
            }
        };
        tokens.push(token);
        rest = after.unwrap_or_default().trim_start();
    }
    tokens
}

struct Reader<'a> {
    tokens: &'a [Token<'a>],
    place: Place<'a>,
}

impl<'a> Reader<'a> {
    fn take(&mut self) -> Option<&'a Token<'a>> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn take_word(&mut self, word: &str) -> bool {
        let is_next = self.tokens.first() == Some(&Token::Word(word));
        if is_next {
            self.take();
        }
        is_next
    }

    fn either(&mut self) -> Option<bool> {
        let mut value = self.both();
        while self.take_word("or") {
            value = match (value, self.both()) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        value
    }

    fn both(&mut self) -> Option<bool> {
        let mut value = self.atom();
        while self.take_word("and") {
            value = match (value, self.atom()) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        value
    }

    fn atom(&mut self) -> Option<bool> {
        let left = self.take()?;
        if *left == Token::Open {
            let value = self.either();
            self.take();
            return value;
        }
        let &Token::Word(mut comparison) = self.take()? else {
            return None;
        };
        if comparison == "not" {
            self.take();
            comparison = "not in";
        }
        match (left, self.take()?) {
            (Token::Word(variable), Token::Text(text)) => {
                compare(variable, comparison, text, self.place)
            }
            (Token::Text(text), Token::Word(variable)) => {
                compare(variable, mirrored(comparison)?, text, self.place)
            }
            _ => None,
        }
    }
}

/// The comparison with its sides exchanged; `in` has none.
fn mirrored(comparison: &str) -> Option<&str> {
    Some(match comparison {
        "<" => ">",
        "<=" => ">=",
        ">" => "<",
        ">=" => "<=",
        "==" | "!=" | "===" => comparison,
        _ => return None,
    })
}

fn compare(variable: &str, comparison: &str, text: &str, place: Place<'_>) -> Option<bool> {
    let known = match variable {
        "python_version" => {
            return compare_version(
                &Version::new([3, u64::from(place.python.minor())]),
                comparison,
                text,
            );
        }
        "python_full_version" | "implementation_version" => {
            return compare_full(comparison, text, place.python);
        }
        "platform_machine" | "platform.machine" => place.machine?,
        "os_name" | "os.name" => "posix",
        "sys_platform" | "sys.platform" => "linux",
        "platform_system" => "Linux",
        "platform_python_implementation"
        | "platform.python_implementation"
        | "python_implementation" => "CPython",
        "implementation_name" => "cpython",
        "extra" => "",
        _ => return None,
    };
    match comparison {
        "==" | "===" => Some(known == text),
        "!=" => Some(known != text),
        "in" => Some(text.contains(known)),
        "not in" => Some(!text.contains(known)),
        _ => None,
    }
}

/// The full version is known to its patch only where the fleet says so; otherwise the first and the
/// last patch must agree.
fn compare_full(comparison: &str, text: &str, python: &PythonVersion) -> Option<bool> {
    let minor = u64::from(python.minor());
    let of = |patch: u64| compare_version(&Version::new([3, minor, patch]), comparison, text);
    match python.patch() {
        Some(patch) => of(u64::from(patch)),
        None => of(0).filter(|first| of(99) == Some(*first)),
    }
}

fn compare_version(version: &Version, comparison: &str, text: &str) -> Option<bool> {
    if comparison == "in" || comparison == "not in" {
        let listed = text
            .split([' ', ','])
            .any(|one| Version::from_str(one).is_ok_and(|one| one == *version));
        return Some(listed == (comparison == "in"));
    }
    VersionSpecifier::from_str(&format!("{comparison}{text}"))
        .ok()
        .map(|specifier| specifier.contains(version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_decided_for_linux_and_a_python_version() {
        let python = PythonVersion::parse("3.12").unwrap();
        for (marker, expected) in [
            ("python_version >= '3.8'", Some(true)),
            ("python_version < \"3.11\"", Some(false)),
            ("'3.11' > python_version", Some(false)),
            ("python_version in '3.11 3.12'", Some(true)),
            ("python_full_version < '3.12.4'", None),
            ("python_full_version >= '3.11.2'", Some(true)),
            ("sys_platform == 'win32'", Some(false)),
            (
                "sys_platform == 'win32' or python_version > '3'",
                Some(true),
            ),
            ("platform_machine == 'x86_64'", None),
            (
                "platform_machine == 'x86_64' and os_name == 'nt'",
                Some(false),
            ),
            (
                "(platform_machine == 'x86_64' or os_name == 'posix') and extra == ''",
                Some(true),
            ),
            ("extra == 'test'", Some(false)),
            ("platform_system not in 'Windows Darwin'", Some(true)),
        ] {
            assert_eq!(holds(marker, &python, None), expected, "{marker}");
        }
        let marker = "platform_machine == 'x86_64' and python_full_version < '3.13'";
        assert_eq!(holds(marker, &python, Some("x86_64")), Some(true));
        assert_eq!(holds(marker, &python, Some("aarch64")), Some(false));
    }
}
