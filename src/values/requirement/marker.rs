//! The grammar of environment markers, such as `python_version < "3.11" and sys_platform ==
//! "linux"`: read and, for a known place, decided in one go.

use super::applicability::{Place, compare};
use crate::values::invalid::Refusal;

/// How deep parentheses may stand in each other. Without a limit a line of them would exhaust the
/// stack.
const MAX_DEPTH: usize = 16;

/// The variables of PEP 508, with the dotted and short names that `packaging` and pip still read.
const VARIABLES: [&str; 18] = [
    "python_version",
    "python_full_version",
    "os_name",
    "os.name",
    "sys_platform",
    "sys.platform",
    "platform_release",
    "platform_system",
    "platform_version",
    "platform.version",
    "platform_machine",
    "platform.machine",
    "platform_python_implementation",
    "platform.python_implementation",
    "python_implementation",
    "implementation_name",
    "implementation_version",
    "extra",
];

/// The comparisons, longer ones before those they begin with.
const OPERATORS: [&str; 8] = ["===", "==", "~=", "!=", "<=", ">=", "<", ">"];

/// Reads a marker as PEP 508, section Environment Markers, has it: comparisons of variables and
/// quoted strings, joined by `and` and `or`, in parentheses or not.
///
/// Says whether it holds at a place; nothing where that depends on more, or without a place.
pub(super) fn decided(text: &str, place: Option<Place<'_>>) -> Result<Option<bool>, Refusal> {
    let mut marker = Marker { rest: text, place };
    let value = marker.either(0)?;
    marker.skip_blanks();
    if marker.rest.is_empty() {
        return Ok(value);
    }
    Err(Refusal::new(
        "must have a marker whose comparisons are joined by `and` or `or`",
    ))
}

/// A marker, read from left to right.
struct Marker<'a> {
    rest: &'a str,
    place: Option<Place<'a>>,
}

/// One side of a comparison.
enum Operand<'a> {
    Variable(&'a str),
    Text(&'a str),
}

impl<'a> Marker<'a> {
    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start_matches(' ');
    }

    fn take(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// The word of letters, digits, `_` and `.` that comes next, without taking it.
    fn word(&self) -> &'a str {
        let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.');
        let mut words = self.rest.split(|c| !is_word(c));
        words.next().expect("a split has a first part")
    }

    fn take_word(&mut self, word: &str) -> bool {
        self.word() == word && self.take(word)
    }

    /// One or more markers, joined by `or`.
    fn either(&mut self, depth: usize) -> Result<Option<bool>, Refusal> {
        let mut value = self.both(depth)?;
        while self.joins("or") {
            value = match (value, self.both(depth)?) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
        }
        Ok(value)
    }

    /// One or more atoms, joined by `and`.
    fn both(&mut self, depth: usize) -> Result<Option<bool>, Refusal> {
        let mut value = self.atom(depth)?;
        while self.joins("and") {
            value = match (value, self.atom(depth)?) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
        }
        Ok(value)
    }

    fn joins(&mut self, word: &str) -> bool {
        self.skip_blanks();
        self.take_word(word)
    }

    /// A comparison, or a marker in parentheses.
    fn atom(&mut self, depth: usize) -> Result<Option<bool>, Refusal> {
        self.skip_blanks();
        if !self.take("(") {
            return self.comparison();
        }
        if depth == MAX_DEPTH {
            return Err(Refusal::new(format!(
                "must have a marker with at most {MAX_DEPTH} nested parentheses"
            )));
        }
        let value = self.either(depth + 1)?;
        self.skip_blanks();
        if self.take(")") {
            return Ok(value);
        }
        Err(Refusal::new(
            "must have a marker in which every parenthesis is closed",
        ))
    }

    fn comparison(&mut self) -> Result<Option<bool>, Refusal> {
        let left = self.operand()?;
        self.skip_blanks();
        let operator = self.operator()?;
        self.skip_blanks();
        let right = self.operand()?;
        let Some(place) = self.place else {
            return Ok(None);
        };
        Ok(match (left, right) {
            (Operand::Variable(variable), Operand::Text(text)) => {
                compare(variable, operator, text, place)
            }
            (Operand::Text(text), Operand::Variable(variable)) => {
                mirrored(operator).and_then(|operator| compare(variable, operator, text, place))
            }
            _ => None,
        })
    }

    fn operand(&mut self) -> Result<Operand<'a>, Refusal> {
        if let Some(quote) = self
            .rest
            .chars()
            .next()
            .filter(|first| matches!(first, '"' | '\''))
        {
            return self.quoted(quote).map(Operand::Text);
        }
        let word = self.word();
        if VARIABLES.contains(&word) && self.take(word) {
            return Ok(Operand::Variable(word));
        }
        Err(Refusal::new(
            "must have a marker that compares `python_version` and the like with quoted strings",
        ))
    }

    fn quoted(&mut self, quote: char) -> Result<&'a str, Refusal> {
        let closed = self
            .rest
            .strip_prefix(quote)
            .and_then(|text| text.split_once(quote));
        let (text, rest) = closed
            .ok_or_else(|| Refusal::new("must have a marker in which every quote is closed"))?;
        self.rest = rest;
        Ok(text)
    }

    fn operator(&mut self) -> Result<&'static str, Refusal> {
        if let Some(operator) = OPERATORS.into_iter().find(|operator| self.take(operator)) {
            return Ok(operator);
        }
        if self.take_word("in") {
            return Ok("in");
        }
        // Older releases of pip take one blank here, no more.
        if self.take_word("not") && self.take(" ") && self.take_word("in") {
            return Ok("not in");
        }
        Err(Refusal::new(
            "must have a marker with comparisons such as `<`, `==`, `in` and `not in`",
        ))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_the_specification_are_accepted() {
        for marker in [
            "python_version < '2.7'",
            "python_version<\"3\"and os_name=='posix'or(extra=='x')",
            " ( ( python_full_version >= '3.8.1' ) ) ",
            "'linux' in sys_platform",
            "platform_machine not in 'arm64 aarch64'",
            "os.name == platform.machine",
            "'a' == \"it's\"",
        ] {
            assert!(decided(marker, None).is_ok(), "{marker}");
        }
    }

    #[test]
    fn what_is_no_marker_is_refused() {
        for marker in [
            "",
            "python_version",
            "python_version <",
            "python_version < 3.8",
            "python_version = '3'",
            "python_versions < '3'",
            "python_version < '3",
            "python_version < '3\"",
            "(python_version < '3'",
            "python_version < '3')",
            "python_version < '3' and",
            "python_version < '3' AND os_name == 'x'",
            "python_version < '3' os_name == 'x'",
            "os_name notin 'x'",
            "os_name not  in 'x'",
            "os_name not 'x'",
            "os_name is 'x'",
            "dependency_groups == 'x'",
        ] {
            assert!(decided(marker, None).is_err(), "{marker}");
        }
    }

    #[test]
    fn parentheses_are_limited_in_depth() {
        let nested =
            |depth: usize| format!("{}os_name == 'x'{}", "(".repeat(depth), ")".repeat(depth));
        assert!(decided(&nested(MAX_DEPTH), None).is_ok());
        assert!(decided(&nested(MAX_DEPTH + 1), None).is_err());
    }
}
