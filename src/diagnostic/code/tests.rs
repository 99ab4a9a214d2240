//! What every code has.

use super::*;

#[test]
fn codes_are_unique_kebab_case_words() {
    for (position, code) in all().enumerate() {
        assert!(
            code.id
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-'),
            "{}",
            code.id
        );
        assert!(
            all().skip(position + 1).all(|other| other.id != code.id),
            "{} stands twice",
            code.id
        );
    }
}

#[test]
fn every_code_is_explained_with_an_example_and_its_fix() {
    for code in all() {
        assert!(code.explanation.len() > 60, "{}", code.id);
        assert_ne!(code.example, code.fixed, "{}", code.id);
    }
}
