//! Reading Dockerfiles: which instructions a text holds, and what they say.
//!
//! [`segment()`] cuts a text into segments without losing a byte: joining every
//! [`Segment::text`] gives the input back. What counts as an instruction, where
//! it ends and what its words are follows `BuildKit`'s own parser
//! (`frontend/dockerfile/parser`, with the shell lexer beside it). The reading
//! stops where that parser stops; whether the words make sense for the instruction
//! (`COPY` with one path, `ENV` without a name) is judged by [`refusal()`].
//!
//! A piece of a Dockerfile, such as lines a user wants inserted, is read with
//! [`segment_fragment`], because parser directives and a byte order mark mean
//! something only at the top of a file.
//!
//! Where releases of `BuildKit` differ, the later ones count: `check` is a
//! directive; text after the array makes `RUN ["a"] && b` shell form (before 0.15
//! it was dropped); `${a#b}` and `${a/b/c}` are substitutions (since 0.13). Its
//! limit on the length of a physical line is [`LINE_LIMIT`].

mod directive;
pub(crate) mod glob;
pub mod ignore;
pub(crate) mod installing;
mod instruction;
pub mod judge;
mod lexer;
pub mod meaning;
mod named;
mod refusal;
mod rerun;
pub(crate) mod runner;
mod segment;
mod taken;
mod words;

pub use instruction::Completeness;
pub use instruction::Instruction;
pub(crate) use named::{NamedImage, named_images};
pub(crate) use refusal::{LINE_LIMIT, Refusal, instruction_refusal, long_line, refusal};
pub use rerun::rerun;
pub use segment::Segment;
pub use segment::segment;
pub use segment::segment_fragment;
pub(crate) use taken::taken;

/// Every instruction `BuildKit` knows, in upper case and alphabetical order
/// (`frontend/dockerfile/command`).
pub(crate) const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Whether `BuildKit` knows `keyword` as an instruction, in whatever case it is
/// written.
#[must_use]
pub(crate) fn is_known_keyword(keyword: &str) -> bool {
    known_keyword(keyword).is_some()
}

/// The upper-case spelling of a known keyword.
///
/// Letters are folded one by one as Go's `strings.ToLower` does, which takes the
/// Kelvin sign for a `k` and a dotted capital `İ` for an `i`.
fn known_keyword(word: &str) -> Option<&'static str> {
    let folded: String = word
        .chars()
        .filter_map(|letter| letter.to_lowercase().next())
        .collect();
    KEYWORDS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(&folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_known_in_any_case() {
        assert!(is_known_keyword("RUN"));
        assert!(is_known_keyword("healthCheck"));
        assert!(!is_known_keyword("RUNS"));
        assert!(!is_known_keyword(""));
    }

    #[test]
    fn letters_that_go_lowers_to_ascii_do_not_hide_a_keyword() {
        assert_eq!(known_keyword("wor\u{212a}dir"), Some("WORKDIR"));
        assert_eq!(known_keyword("ONBU\u{130}LD"), Some("ONBUILD"));
        assert_eq!(known_keyword("U\u{17f}ER"), None);
    }
}
