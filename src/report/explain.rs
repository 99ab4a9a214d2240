//! `dockwright explain`: the table of codes for people, and the same table as a page.

use std::fmt::Write as _;

use crate::diagnostic::code::Code;
use crate::fleet::rules::all_codes;

/// One code: what it says, why, and an example with its mend.
#[must_use]
pub fn explain_text(code: &Code) -> String {
    format!(
        "{}: {}\n{}\n\n{}\n\nfor example:\n\n{}\nmended:\n\n{}",
        code.id,
        code.summary,
        standing(code),
        wrapped(code.explanation),
        indented(code.example),
        indented(code.mended)
    )
}

/// All codes, a line each.
#[must_use]
pub fn codes_text() -> String {
    let width = all_codes().map(|code| code.id.len()).max().unwrap_or(0);
    let lines: Vec<String> =
        all_codes().map(|code| format!("{:width$}  {:7}  {}", code.id, short_standing(code), code.summary)).collect();
    lines.join("\n") + "\n"
}

/// docs/diagnostics.md.
#[must_use]
pub fn codes_page() -> String {
    let mut page = "# Diagnostics\n\nWhat dockwright says about services.yaml and templates. `dockwright explain <code>` prints each entry; \
                    this page is `dockwright explain --all`.\n"
        .to_owned();
    for code in all_codes() {
        let (example, mended) = (escaped(code.example), escaped(code.mended));
        let _ = write!(
            page,
            "\n## {}\n\n{} ({}).\n\n{}\n\n```yaml\n{example}```\n\nMended:\n\n```yaml\n{mended}```\n",
            code.id,
            capital(code.summary),
            standing(code),
            code.explanation
        );
    }
    page
}

/// The severity of a code, in a word.
fn short_standing(code: &Code) -> &'static str {
    if code.optional { "off" } else { code.severity.word() }
}

/// The severity of a code.
fn standing(code: &Code) -> String {
    if code.optional {
        format!("{} where policy asks for it", code.severity.word())
    } else {
        code.severity.word().to_owned()
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map(|first| first.to_uppercase().collect::<String>() + characters.as_str()).unwrap_or_default()
}

fn escaped(example: &str) -> String {
    example.replace('\u{feff}', "\\u{feff}")
}

fn indented(example: &str) -> String {
    let lines: Vec<String> = escaped(example).lines().map(|line| format!("    {line}\n")).collect();
    lines.concat()
}

/// Text in lines of at most 90 characters.
fn wrapped(text: &str) -> String {
    let mut page = String::new();
    let mut width = 0;
    for word in text.split(' ') {
        if width > 0 && width + 1 + word.len() > 90 {
            page.push('\n');
            width = 0;
        } else if width > 0 {
            page.push(' ');
            width += 1;
        }
        page.push_str(word);
        width += word.len();
    }
    page
}
