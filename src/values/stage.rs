//! The names of build stages.

use super::invalid::{Grammar, Refusal, only, validated};

validated! {
    /// The name of a build stage, such as `runtime`: a letter, then letters, digits, `-`, `_` and
    /// `.`, as `BuildKit` reads it (frontend/dockerfile/instructions, `validStageName`), in lower
    /// case.
    StageName,
    Grammar {
        what: "name of a build stage",
        max_bytes: 128,
        read: check,
        correct: |value| value.to_ascii_lowercase(),
    }
}

fn check(value: &str) -> Result<(), Refusal> {
    let is_allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | '.');
    only(
        value,
        is_allowed,
        "lower-case letters, digits, `-`, `_` and `.`",
    )?;
    if value.starts_with(|c: char| c.is_ascii_lowercase()) {
        return Ok(());
    }
    Err(Refusal::new("must begin with a letter"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_named_as_buildkit_names_them() {
        for good in ["runtime", "a-1_x.y"] {
            assert!(StageName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "1a", "A", "a b", "-a", "a\nUSER root"] {
            assert!(StageName::parse(bad).is_err(), "{bad:?}");
        }
    }
}
