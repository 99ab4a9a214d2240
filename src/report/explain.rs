//! `dockwright explain`: the table of codes for people, and the same table as a page.

use super::{Page, add, page};
use crate::diagnostic::code::Code;
use crate::rules::all_codes;

/// One code: what it says, why, and an example and its fix.
#[must_use]
pub(crate) fn explain_text(code: &Code) -> Page {
    page!(
        "{}: {}\n{}\n\n{}\n\nfor example:\n\n{}\n{}:\n\n{}",
        code.id,
        code.summary,
        standing(code),
        Page::paragraph(code.explanation),
        indented(code.example),
        match code.fixing_command() {
            Some(_) => "to fix it, run",
            None => "fixed",
        },
        indented(code.fixing_command().unwrap_or(code.fixed))
    )
}

/// All codes, a line each.
#[must_use]
pub(crate) fn codes_text() -> Page {
    let width = all_codes().map(|code| code.id.len()).max().unwrap_or(0);
    let mut page = Page::default();
    for code in all_codes() {
        let (id, standing) = (
            page!("{}", code.id).padded(width),
            page!("{}", short_standing(code)).padded(7),
        );
        add!(page, "{}  {}  {}\n", id, standing, code.summary);
    }
    page
}

/// docs/diagnostics.md.
#[must_use]
pub(crate) fn codes_page() -> Page {
    let mut page = page!(
        "# Diagnostics\n\nWhat dockwright says about services.yaml and templates. `dockwright \
         explain <code>` prints each entry; this page is `dockwright explain --all`.\n"
    );
    for code in all_codes() {
        add!(
            page,
            "\n## {}\n\n{} ({}).\n\n{}\n\n```yaml\n{}```\n\n{}",
            code.id,
            capital(code.summary),
            standing(code),
            Page::fixed(code.explanation),
            Page::fixed(code.example),
            if let Some(command) = code.fixing_command() {
                page!("To fix it, run:\n\n```sh\n{}```\n", command)
            } else {
                page!("Fixed:\n\n```yaml\n{}```\n", Page::fixed(code.fixed))
            }
        );
    }
    page
}

/// The severity of a code, in a word.
fn short_standing(code: &Code) -> &'static str {
    if code.optional {
        "off"
    } else {
        code.severity.word()
    }
}

/// The severity of a code.
fn standing(code: &Code) -> String {
    if code.optional {
        format!("{}, off by default", code.severity.word())
    } else {
        code.severity.word().to_owned()
    }
}

fn capital(text: &str) -> String {
    if text.starts_with("services.yaml") {
        return text.to_owned();
    }
    let mut characters = text.chars();
    characters
        .next()
        .map(|first| first.to_uppercase().collect::<String>() + characters.as_str())
        .unwrap_or_default()
}

fn indented(example: &'static str) -> Page {
    Page::joined(
        example
            .lines()
            .map(|line| page!("    {}\n", Page::fixed(line))),
        "",
    )
}
