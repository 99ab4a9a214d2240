//! The grammar of environment markers, such as `python_version < "3.11" and sys_platform ==
//! "linux"`.
//!
//! Only the form is checked: what a marker decides is decided by pip, in the image.

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

/// Checks a marker against PEP 508, section Environment Markers: comparisons of variables and
/// quoted strings, joined by `and` and `or`, in parentheses or not.
pub(super) fn check(text: &str) -> Result<(), Refusal> {
    let mut marker = Marker { rest: text };
    marker.either(0)?;
    marker.skip_blanks();
    if marker.rest.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(
        "must have a marker whose comparisons are joined by `and` or `or`",
    ))
}

/// A marker, read from left to right.
struct Marker<'a> {
    rest: &'a str,
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

    /// One or more atoms, joined by `and` or `or`.
    fn either(&mut self, depth: usize) -> Result<(), Refusal> {
        loop {
            self.atom(depth)?;
            self.skip_blanks();
            if !self.take_word("and") && !self.take_word("or") {
                return Ok(());
            }
        }
    }

    /// A comparison, or a marker in parentheses.
    fn atom(&mut self, depth: usize) -> Result<(), Refusal> {
        self.skip_blanks();
        if !self.take("(") {
            return self.comparison();
        }
        if depth == MAX_DEPTH {
            return Err(Refusal::new(format!(
                "must have a marker with at most {MAX_DEPTH} parentheses in each other"
            )));
        }
        self.either(depth + 1)?;
        self.skip_blanks();
        if self.take(")") {
            return Ok(());
        }
        Err(Refusal::new(
            "must have a marker in which every parenthesis is closed",
        ))
    }

    fn comparison(&mut self) -> Result<(), Refusal> {
        self.operand()?;
        self.skip_blanks();
        self.operator()?;
        self.skip_blanks();
        self.operand()
    }

    fn operand(&mut self) -> Result<(), Refusal> {
        if let Some(quote) = self
            .rest
            .chars()
            .next()
            .filter(|first| matches!(first, '"' | '\''))
        {
            return self.quoted(quote);
        }
        let word = self.word();
        if VARIABLES.contains(&word) && self.take(word) {
            return Ok(());
        }
        Err(Refusal::new(
            "must have a marker that compares `python_version` and the like with quoted strings",
        ))
    }

    fn quoted(&mut self, quote: char) -> Result<(), Refusal> {
        let closed = self
            .rest
            .strip_prefix(quote)
            .and_then(|text| text.split_once(quote));
        let (_, rest) = closed
            .ok_or_else(|| Refusal::new("must have a marker in which every quote is closed"))?;
        self.rest = rest;
        Ok(())
    }

    fn operator(&mut self) -> Result<(), Refusal> {
        if OPERATORS.iter().any(|operator| self.take(operator)) || self.take_word("in") {
            return Ok(());
        }
        // Older releases of pip take one blank here, no more.
        if self.take_word("not") && self.take(" ") && self.take_word("in") {
            return Ok(());
        }
        Err(Refusal::new(
            "must have a marker with comparisons such as `<`, `==`, `in` and `not in`",
        ))
    }
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
            assert!(check(marker).is_ok(), "{marker}");
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
            assert!(check(marker).is_err(), "{marker}");
        }
    }

    #[test]
    fn parentheses_are_limited_in_depth() {
        let nested =
            |depth: usize| format!("{}os_name == 'x'{}", "(".repeat(depth), ")".repeat(depth));
        assert!(check(&nested(MAX_DEPTH)).is_ok());
        assert!(check(&nested(MAX_DEPTH + 1)).is_err());
    }
}
