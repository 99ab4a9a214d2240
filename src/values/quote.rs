//! The three places where a validated value meets a quoting rule.
//!
//! Only validated values can be quoted: none of them holds a line break or a NUL, which no rule
//! below can escape.

/// A value that one of the grammars of the fleet admitted.
pub trait Validated {
    /// The value itself, unquoted.
    fn text(&self) -> &str;
}

/// The quoted forms of a validated value.
pub trait Quote: Validated {
    /// A double-quoted word for `ENV` and `LABEL` that stands for exactly this text.
    ///
    /// `BuildKit`'s word lexer (moby/buildkit, frontend/dockerfile/shell) takes a backslash away
    /// inside double quotes only before a double quote, a dollar or another backslash, so exactly
    /// these three are escaped. This holds for Dockerfiles that leave the `escape` directive at its
    /// default, the backslash.
    #[must_use]
    fn dockerfile_word(&self) -> String {
        let mut word = String::with_capacity(self.text().len() + 2);
        word.push('"');
        push_escaped(&mut word, self.text());
        word.push('"');
        word
    }

    /// A JSON string for one word of an exec form (`CMD ["…"]`, `ENTRYPOINT`, `HEALTHCHECK CMD`,
    /// `RUN`).
    ///
    /// A dollar stays as it is, since the exec form expands nothing. That is not so for the JSON
    /// form of `COPY`, `ADD` and `VOLUME`, which expand build arguments: those take paths, whose
    /// grammars have no dollar.
    #[must_use]
    fn json(&self) -> String {
        serde_json::Value::from(self.text()).to_string()
    }

    /// A single-quoted word for a POSIX shell (POSIX.1-2024, Shell Command Language, section
    /// 2.2.2).
    ///
    /// Always quoted, so that adding one character to a value changes one word and not its style.
    #[must_use]
    fn shell_word(&self) -> String {
        format!("'{}'", self.text().replace('\'', r"'\''"))
    }
}

impl<T: Validated + ?Sized> Quote for T {}

/// A part of such a word, without its quotes.
#[must_use]
pub fn escaped(part: &str) -> String {
    let mut escaped = String::with_capacity(part.len());
    push_escaped(&mut escaped, part);
    escaped
}

fn push_escaped(word: &mut String, text: &str) {
    for character in text.chars() {
        if matches!(character, '\\' | '"' | '$') {
            word.push('\\');
        }
        word.push(character);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Text(&'static str);

    impl Validated for Text {
        fn text(&self) -> &str {
            self.0
        }
    }

    #[test]
    fn dockerfile_word_escapes_exactly_backslash_double_quote_and_dollar() {
        assert_eq!(
            Text(r#"a\b"c$d'e`f #g"#).dockerfile_word(),
            r#""a\\b\"c\$d'e`f #g""#
        );
        assert_eq!(Text("").dockerfile_word(), r#""""#);
        assert_eq!(Text(r"C:\").dockerfile_word(), r#""C:\\""#);
    }

    #[test]
    fn json_keeps_the_dollar_and_escapes_quote_and_backslash() {
        assert_eq!(Text(r#"$HOME "x" \ é"#).json(), r#""$HOME \"x\" \\ é""#);
    }

    #[test]
    fn shell_word_leaves_only_the_single_quote_outside() {
        assert_eq!(
            Text("it's $HOME; `id`").shell_word(),
            r"'it'\''s $HOME; `id`'"
        );
        assert_eq!(Text("").shell_word(), "''");
    }
}
