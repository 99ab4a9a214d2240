//! The names of image labels.

use super::invalid::{Grammar, Refusal, no_correction, only, validated};

validated! {
    /// The name of a label, such as `com.example.team`: letters, digits, `.`, `_`, `-` and `/`, at
    /// most 128 bytes, beginning and ending with a letter or a digit. Docker takes more; this is
    /// what its guidelines ask for, with upper-case letters and `/`, which tools use.
    /// <https://docs.docker.com/engine/manage-resources/labels/#key-format-recommendations>
    LabelKey,
    Grammar {
        what: "label name",
        max_bytes: 128,
        read: check,
        correct: no_correction,
    }
}

fn check(value: &str) -> Result<(), Refusal> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/');
    only(value, is_allowed, "letters, digits, `.`, `_`, `-` and `/`")?;
    let is_plain = |c: char| c.is_ascii_alphanumeric();
    if value.starts_with(is_plain) && value.ends_with(is_plain) {
        return Ok(());
    }
    Err(Refusal::new("must begin and end with a letter or a digit"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn label_names_cannot_hold_what_ends_a_word() {
        for good in ["com.example.team", "traefik.http.routers.x-y.rule", "a/b_c"] {
            assert!(LabelKey::parse(good).is_ok(), "{good}");
        }
        for bad in ["", ".a", "a.", "a b", "a=b", "a\"", "$a"] {
            assert!(LabelKey::parse(bad).is_err(), "{bad}");
        }
    }
}
