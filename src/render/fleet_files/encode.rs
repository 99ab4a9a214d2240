//! Text as literals of HCL and YAML.

use std::fmt::Write as _;

/// A quoted HCL template that stands for exactly this text (HCL native syntax, "Template
/// Expressions": `${` and `%{` are doubled).
pub(super) fn hcl(text: &str) -> String {
    format!("\"{}\"", hcl_part(text))
}

/// A part of a quoted HCL template.
pub(super) fn hcl_part(text: &str) -> String {
    let mut part = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '"' | '\\' => part.extend(['\\', character]),
            '$' | '%' if rest.peek() == Some(&'{') => part.extend([character, character]),
            control if control.is_control() => {
                let _ = write!(part, "\\u{:04x}", u32::from(control));
            }
            plain => part.push(plain),
        }
    }
    part
}

/// A list of HCL expressions on one line.
pub(super) fn hcl_list(items: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", items.into_iter().collect::<Vec<_>>().join(", "))
}

/// A double-quoted YAML scalar (YAML 1.2.2, 7.3.1).
pub(super) fn yaml(text: &str) -> String {
    let mut scalar = String::with_capacity(text.len() + 2);
    scalar.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => scalar.extend(['\\', character]),
            // Line breaks in the eyes of YAML 1.1 readers, and the byte-order mark.
            '\u{2028}' | '\u{2029}' | '\u{feff}' => {
                let _ = write!(scalar, "\\u{:04x}", u32::from(character));
            }
            control if control.is_control() => {
                let _ = write!(scalar, "\\u{:04x}", u32::from(control));
            }
            plain => scalar.push(plain),
        }
    }
    scalar.push('"');
    scalar
}

/// A YAML scalar in a compose file, where a dollar starts a variable unless it is doubled.
pub(super) fn compose(text: &str) -> String {
    yaml(&text.replace('$', "$$"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_text_ends_its_literal_or_starts_a_template() {
        assert_eq!(hcl("a\"b\\c${d}%{e}$f"), r#""a\"b\\c$${d}%%{e}$f""#);
        assert_eq!(yaml("a\"b\\c: #d\n"), r#""a\"b\\c: #d\u000a""#);
        assert_eq!(compose("$HOME é"), "\"$$HOME é\"");
        assert_eq!(hcl_list(["1".to_owned(), "2".to_owned()]), "[1, 2]");
    }
}
