//! Parser directives: comments at the top of a file that change how it is read.

/// The escape character of a file that does not set another.
pub(super) const BACKSLASH: char = '\\';

/// A parser directive, `# name=value`, from before the first line that is none.
///
/// `BuildKit` knows `syntax`, `escape` and `check`. It refuses a file that repeats
/// one, or that sets `escape` to anything but a backslash or a backtick; both are
/// reported here as directives and have no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Directive {
    /// The name in lower case.
    pub(crate) name: String,
    /// The value without the white space around it.
    pub(crate) value: String,
}

/// The parser directives at the top of a file.
#[derive(Debug)]
pub(super) struct Directives {
    /// The escape character they have set.
    pub(crate) escape: char,
    over: bool,
    seen: Vec<String>,
}

impl Default for Directives {
    fn default() -> Self {
        Self {
            escape: BACKSLASH,
            over: false,
            seen: Vec::new(),
        }
    }
}

impl Directives {
    /// Reads a line as a directive, as long as no other line has been met.
    pub(super) fn read(&mut self, line: &str) -> Option<Directive> {
        let directive = if self.over { None } else { directive(line) };
        let Some(directive) = directive else {
            self.over = true;
            return None;
        };
        if !self.seen.contains(&directive.name) {
            self.seen.push(directive.name.clone());
            match (directive.name.as_str(), directive.value.as_str()) {
                ("escape", "`") => self.escape = '`',
                ("escape", "\\") => self.escape = BACKSLASH,
                _ => {}
            }
        }
        Some(directive)
    }
}

fn directive(line: &str) -> Option<Directive> {
    let blanks = ['\t', '\n', '\u{c}', '\r', ' '];
    let (name, value) = line.strip_prefix('#')?.split_once('=')?;
    let name = name
        .trim_start()
        .trim_end_matches(blanks)
        .to_ascii_lowercase();
    let value = value.trim_end_matches(['\r', '\n']);
    let known = matches!(name.as_str(), "syntax" | "escape" | "check");
    (known && !value.is_empty()).then(|| Directive {
        name,
        value: value.trim_matches(blanks).to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str]) -> (Vec<Option<String>>, char) {
        let mut directives = Directives::default();
        let found = lines
            .iter()
            .map(|line| directives.read(line).map(|directive| directive.name))
            .collect();
        (found, directives.escape)
    }

    #[test]
    fn directive_gives_its_name_and_value() {
        let expected = Directive {
            name: "syntax".to_owned(),
            value: "docker/dockerfile:1".to_owned(),
        };
        assert_eq!(
            directive("#\tSYNTAX =  docker/dockerfile:1 \r\n"),
            Some(expected)
        );
    }

    #[test]
    fn only_known_names_with_a_value_are_directives() {
        for line in [
            "",
            "escape=`",
            "#",
            "#escape",
            "#escape=",
            "#escape=\r\n",
            "#escapes=`",
        ] {
            assert_eq!(directive(line), None, "{line:?}");
        }
    }

    #[test]
    fn directives_end_at_the_first_other_line() {
        for other in ["", "# note", "FROM a", "#unknown=x", "#escape="] {
            let (found, escape) = read(&[other, "# escape=`"]);
            assert_eq!((found, escape), (vec![None, None], BACKSLASH), "{other:?}");
        }
        let (found, escape) = read(&["# check=skip=all", "# syntax=x", "# Escape = ` "]);
        assert!(found.iter().all(Option::is_some));
        assert_eq!(escape, '`');
    }

    #[test]
    fn refused_directives_have_no_effect() {
        let lines = ["# escape=x", "# escape=`"];
        let (found, escape) = read(&lines);
        assert!(found.iter().all(Option::is_some));
        assert_eq!(escape, BACKSLASH);
    }
}
