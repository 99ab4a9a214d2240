//! One instruction: its keyword, its arguments and the readings of them.

use super::known_keyword;
use super::lexer::{self, HeredocMark, Variables};
use super::words::{self, ExecForm};

/// Whether an instruction ends where it seems to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// It ends by itself; text that follows cannot become part of it.
    Complete,
    /// The text ends after a continuation character: a next line would be joined.
    /// `BuildKit` accepts this at the end of a file.
    OpenContinuation,
    /// The text ends before the line that closes a heredoc. `BuildKit` refuses it.
    OpenHeredoc,
    /// The word after `<<` cannot be read, so where the heredoc would end is not
    /// known. `BuildKit` refuses it.
    UnreadableHeredoc,
}

/// A name of `ENV`, `LABEL` or `ARG` with its value, quotes and escapes removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyValue {
    /// The name.
    pub(crate) name: String,
    /// The value; `None` only for `ARG NAME`, which gives no default.
    pub value: Option<String>,
    /// Whether name or value holds an unescaped `$` that `BuildKit` replaces. The
    /// text then shows the substitution as it is written (`${A:-b}`); a `$` in a
    /// text that does not expand is a plain dollar sign.
    pub expands: bool,
}

/// A text that stands below an instruction's line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heredoc {
    /// Its name, by which the line refers to it.
    pub(crate) name: String,
    /// The lines before the one that closes it, with their ends.
    pub(crate) body: String,
    /// Whether `COPY` and `ADD` fill in variables in it.
    pub(crate) expands: bool,
}

/// An instruction as `BuildKit` sees it: one logical line, continuations joined
/// and the comment and empty lines among them dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instruction {
    keyword: String,
    /// The logical line; white space at its end may belong to a heredoc's name.
    line: String,
    escape: char,
    completeness: Completeness,
    heredocs: Vec<Heredoc>,
}

impl Instruction {
    pub(super) fn new(line: &str, escape: char, completeness: Completeness) -> Self {
        let (word, _) = words::split_keyword(line);
        Self {
            keyword: known_keyword(word).map_or_else(|| word.to_ascii_uppercase(), str::to_owned),
            line: line.to_owned(),
            escape,
            completeness,
            heredocs: Vec::new(),
        }
    }

    /// The keyword in upper case (ASCII letters only, for one that is not known).
    /// Empty if the line holds nothing but continuation characters.
    #[must_use]
    pub fn keyword(&self) -> &str {
        &self.keyword
    }

    /// The logical line after the keyword, flags included, heredoc bodies left out.
    #[must_use]
    pub(crate) fn arguments(&self) -> &str {
        words::split_keyword(&self.line).1
    }

    /// Whether the instruction ends where it seems to.
    #[must_use]
    pub const fn completeness(&self) -> Completeness {
        self.completeness
    }

    /// The heredocs below the line that were closed, in order.
    #[must_use]
    pub(crate) fn heredocs(&self) -> &[Heredoc] {
        &self.heredocs
    }

    /// The leading `--name=value` words, quotes removed.
    #[must_use]
    pub fn flags(&self) -> Vec<String> {
        words::split_flags(self.arguments()).0
    }

    /// The arguments after the flags.
    #[must_use]
    pub fn operands(&self) -> &str {
        words::split_flags(self.arguments()).1
    }

    /// The instruction inside `ONBUILD`; `None` for any other keyword and for an
    /// `ONBUILD` without one. It counts as complete whatever the outer one is.
    #[must_use]
    pub(crate) fn trigger(&self) -> Option<Self> {
        let operands = self.operands();
        (self.keyword == "ONBUILD" && !operands.is_empty()).then(|| Self {
            heredocs: self.heredocs.clone(),
            ..Self::new(operands, self.escape, Completeness::Complete)
        })
    }

    /// The command of an instruction in exec form, `["executable", "argument"]`,
    /// for a health check the one after `CMD`.
    #[must_use]
    pub fn exec_form(&self) -> Option<Vec<String>> {
        if self.keyword == "HEALTHCHECK" {
            return words::exec_form(words::split_health_check(self.operands()).1);
        }
        words::exec_form(self.operands())
    }

    /// The operands cut up as `BuildKit`'s parser does it for this keyword: the
    /// strings of an exec form, the words of `FROM` or `COPY`, names and values of
    /// `ENV` and `LABEL` in turn with their quotes still on, or the whole text as
    /// one string. Empty for a keyword that is not known.
    ///
    /// `None` where the parser refuses the arguments: an array of things other
    /// than strings, or an `ENV` or `LABEL` word without `=`.
    #[must_use]
    pub fn values(&self) -> Option<Vec<String>> {
        let operands = self.operands();
        match self.keyword.as_str() {
            "ADD" | "COPY" | "VOLUME" => exec_form_or(operands, words::plain_words),
            "CMD" | "ENTRYPOINT" | "RUN" | "SHELL" => exec_form_or(operands, whole_text),
            "ENV" | "LABEL" => self.quoted_pairs().map(|pairs| {
                let texts = pairs.into_iter().map(|(name, value)| [Some(name), value]);
                texts.flatten().flatten().collect()
            }),
            "ARG" => Some(words::quoted_words(operands, self.escape)),
            "EXPOSE" | "FROM" => Some(words::plain_words(operands)),
            "HEALTHCHECK" => {
                let (kind, command) = words::split_health_check(operands);
                let mut values = whole_text(&kind);
                values.extend(exec_form_or(command, whole_text)?);
                Some(values)
            }
            "MAINTAINER" | "STOPSIGNAL" | "USER" | "WORKDIR" => Some(whole_text(operands)),
            "ONBUILD" => self.trigger().map_or(Some(Vec::new()), |trigger| {
                let mut values = vec![trigger.keyword.clone()];
                values.extend(trigger.values()?);
                Some(values)
            }),
            _ => Some(Vec::new()),
        }
    }

    /// The names and values of `ENV`, `LABEL` or `ARG`, in order, quotes and
    /// escapes removed. The old form `ENV name some text` is one pair.
    ///
    /// `None` for other keywords and where `BuildKit` refuses the arguments: no
    /// pair at all, an empty name, a word of `ENV` or `LABEL` without `=`, a quote
    /// or `${` left open.
    #[must_use]
    pub fn key_values(&self) -> Option<Vec<KeyValue>> {
        let pairs = self.quoted_pairs().filter(|pairs| !pairs.is_empty())?;
        pairs
            .iter()
            .map(|(name, value)| self.unquoted(name, value.as_deref()))
            .collect()
    }

    /// The names and values of `ENV`, `LABEL` or `ARG` with known variables filled in; `None` as
    /// for [`key_values`](Self::key_values).
    pub(super) fn expanded_pairs(
        &self,
        variables: &dyn Variables,
    ) -> Option<Vec<(String, Option<String>)>> {
        let mut expanded = Vec::new();
        for (name, value) in self.quoted_pairs().filter(|pairs| !pairs.is_empty())? {
            let name = self.expanded(&name, variables)?;
            let value = match value {
                Some(value) => Some(self.expanded(&value, variables)?),
                None => None,
            };
            expanded.push((name, value));
        }
        Some(expanded)
    }

    /// A word of it without quotes and escapes, and with known variables filled in.
    pub(super) fn expanded(&self, word: &str, variables: &dyn Variables) -> Option<String> {
        lexer::expand(word, self.escape, variables)
    }

    fn unquoted(&self, name: &str, value: Option<&str>) -> Option<KeyValue> {
        if name.is_empty() {
            return None;
        }
        let name = lexer::unquote(name, self.escape)?;
        let value = match value {
            Some(value) => Some(lexer::unquote(value, self.escape)?),
            None => None,
        };
        Some(KeyValue {
            name: name.text,
            expands: name.expands || value.as_ref().is_some_and(|value| value.expands),
            value: value.map(|value| value.text),
        })
    }

    fn quoted_pairs(&self) -> Option<Vec<(String, Option<String>)>> {
        let operands = self.operands();
        let pair = |word: &String| match word.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (word.clone(), None),
        };
        let list = words::quoted_words(operands, self.escape);
        match self.keyword.as_str() {
            "ARG" => Some(list.iter().map(pair).collect()),
            "ENV" | "LABEL" if list.first().is_some_and(|word| !word.contains('=')) => {
                let (name, value) = words::split_once_at_separators(operands)?;
                Some(vec![(name.to_owned(), Some(value.to_owned()))])
            }
            "ENV" | "LABEL" => {
                let pairs: Vec<_> = list.iter().map(pair).collect();
                pairs
                    .iter()
                    .all(|(_, value)| value.is_some())
                    .then_some(pairs)
            }
            _ => None,
        }
    }

    /// The heredocs this instruction opens; `None` where they cannot be read.
    /// Only `RUN`, `COPY` and `ADD` have any, also behind one `ONBUILD`, and not in
    /// exec form.
    pub(super) fn heredoc_marks(&self) -> Option<Vec<HeredocMark>> {
        if !self.line.contains("<<") {
            return Some(Vec::new());
        }
        let trigger = self.trigger();
        let holder = trigger.as_ref().unwrap_or(self);
        if !matches!(holder.keyword(), "RUN" | "COPY" | "ADD") || holder.exec_form().is_some() {
            return Some(Vec::new());
        }
        lexer::heredoc_marks(&self.line)
    }

    pub(super) fn add_heredoc(&mut self, heredoc: Heredoc) {
        self.heredocs.push(heredoc);
    }

    pub(super) fn set_completeness(&mut self, completeness: Completeness) {
        self.completeness = completeness;
    }
}

fn whole_text(text: &str) -> Vec<String> {
    let words = (!text.is_empty()).then(|| text.to_owned());
    words.into_iter().collect()
}

fn exec_form_or(text: &str, otherwise: fn(&str) -> Vec<String>) -> Option<Vec<String>> {
    match words::read_exec_form(text) {
        ExecForm::Array(strings) => Some(strings),
        ExecForm::NotStrings => None,
        ExecForm::Text => Some(otherwise(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instruction(line: &str) -> Instruction {
        Instruction::new(line, '\\', Completeness::Complete)
    }

    fn pairs(line: &str) -> Option<Vec<(String, Option<String>)>> {
        let list = instruction(line).key_values()?;
        Some(
            list.into_iter()
                .map(|pair| (pair.name, pair.value))
                .collect(),
        )
    }

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, Option<String>)> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), Some((*value).to_owned()));
        pairs.iter().map(own).collect()
    }

    #[test]
    fn keyword_is_upper_case_and_arguments_are_trimmed() {
        let copy = instruction("copy \t--from=x a  b  ");
        assert_eq!(
            (copy.keyword(), copy.arguments()),
            ("COPY", "--from=x a  b")
        );
        assert_eq!(
            (copy.flags(), copy.operands()),
            (vec!["--from=x".to_owned()], "a  b")
        );
        assert_eq!(instruction("fröm x").keyword(), "FRöM");
        assert_eq!(instruction("").keyword(), "");
    }

    #[test]
    fn values_follow_the_keyword() {
        let cases: [(&str, &[&str]); 12] = [
            ("FROM  a \t AS b", &["a", "AS", "b"]),
            ("RUN  a  b", &["a  b"]),
            (r#"RUN ["a", "b c"]"#, &["a", "b c"]),
            (r#"COPY --link ["a", "b c"]"#, &["a", "b c"]),
            ("ADD 'a b' c", &["'a", "b'", "c"]),
            (r#"ENV a="b c" d=e"#, &["a", "\"b c\"", "d", "e"]),
            ("LABEL a b  c", &["a", "b  c"]),
            ("ARG a b='c d'", &["a", "b='c d'"]),
            (r#"HEALTHCHECK --retries=3 CMD ["a"]"#, &["CMD", "a"]),
            ("USER a b", &["a b"]),
            ("ONBUILD copy a b", &["COPY", "a", "b"]),
            ("UNKNOWN a b", &[]),
        ];
        for (line, expected) in cases {
            assert_eq!(instruction(line).values().unwrap(), expected, "{line}");
        }
    }

    #[test]
    fn refused_arguments_have_no_values() {
        for line in [
            r#"RUN ["a", 1]"#,
            "ENV a",
            "LABEL a=b c",
            "ONBUILD ENV a",
            "HEALTHCHECK CMD [[]]",
        ] {
            assert_eq!(instruction(line).values(), None, "{line}");
        }
    }

    #[test]
    fn text_after_an_array_makes_it_shell_form() {
        let run = instruction(r#"RUN ["a"] && b"#);
        assert_eq!(run.exec_form(), None);
        assert_eq!(run.values().unwrap(), [r#"["a"] && b"#]);
    }

    #[test]
    fn exec_form_of_a_health_check_comes_after_its_type() {
        let check = instruction(r#"HEALTHCHECK --timeout=3s CMD ["curl", "x"]"#);
        assert_eq!(check.exec_form().unwrap(), ["curl", "x"]);
    }

    #[test]
    fn key_values_lose_their_quotes_and_escapes() {
        assert_eq!(
            pairs(r#"ENV a="b c" d=e\ f 'g'=h"i" j="#),
            Some(owned(&[("a", "b c"), ("d", "e f"), ("g", "hi"), ("j", "")]))
        );
        assert_eq!(pairs("LABEL a b  'c'"), Some(owned(&[("a", "b  c")])));
        assert_eq!(pairs(r#"ENV a="=""#), Some(owned(&[("a", "=")])));
    }

    #[test]
    fn build_argument_may_lack_a_value() {
        assert_eq!(
            pairs("ARG A B=").unwrap(),
            [
                ("A".to_owned(), None),
                ("B".to_owned(), Some(String::new()))
            ]
        );
    }

    #[test]
    fn unreadable_pairs_are_refused() {
        for line in [
            "ENV",
            "ENV a",
            "ENV =b",
            "ENV a=b c",
            "ENV a=\"b",
            "ENV a=${b",
            "RUN a=b",
        ] {
            assert_eq!(pairs(line), None, "{line}");
        }
    }

    #[test]
    fn expansion_is_told_from_a_plain_dollar_sign() {
        let expands = |line| instruction(line).key_values().unwrap()[0].expands;
        assert!(expands("ENV a=${b}"));
        assert!(expands("ENV $a=b"));
        assert!(!expands(r"ENV a=\$b"));
        assert!(!expands("ENV a='$b'"));
    }

    #[test]
    fn escape_character_of_the_file_is_used() {
        let env = Instruction::new("ENV a=b` c\\ d=e", '`', Completeness::Complete);
        assert_eq!(env.key_values().unwrap().len(), 2);
    }

    #[test]
    fn trigger_is_the_instruction_inside_onbuild() {
        let trigger = instruction("ONBUILD user root").trigger().unwrap();
        assert_eq!((trigger.keyword(), trigger.arguments()), ("USER", "root"));
        assert_eq!(instruction("ONBUILD").trigger(), None);
        assert_eq!(instruction("RUN a").trigger(), None);
    }
}
