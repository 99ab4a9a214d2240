//! What a change means, beside its lines: "the edit adds apt tesseract-ocr".

use std::borrow::Cow;

use serde_json::{Value, json};

use super::diff::difference_json;
use super::style::{DIM, paint};
use super::{Findings, Page, add, page};
use crate::dockerfile::judge::{Difference, Likeness, Verdict};
use crate::project::ChangeMeaning;

/// How many differences of a file are told; `dockwright diff` tells all.
const SHOWN: usize = 8;

/// The longest text of a difference, in characters.
const PHRASE: usize = 72;

/// The meaning of a file's change, for people; nothing where there is none to tell.
pub(super) fn meaning_line(findings: &Findings<'_>, path: &str) -> Page {
    let Some(meaning) = findings.meanings.and_then(|meanings| meanings.of(path)) else {
        return Page::default();
    };
    let who = if meaning.is_edit { "edit" } else { "update" };
    if meaning.differences.is_empty() {
        return page!("the {} changes nothing in the image", who);
    }
    let mut page = page!("the {} ", who);
    for (position, found) in meaning.differences.iter().take(SHOWN).enumerate() {
        if position > 0 {
            add!(page, "; ");
        }
        page.push(&phrase(found));
    }
    let more = meaning.differences.len().saturating_sub(SHOWN);
    if more > 0 {
        add!(page, "; and {} more", more);
    }
    page
}

fn phrase(found: &Difference) -> Page {
    let text = short(&found.text);
    match found.verdict {
        Verdict::Different => page!("{}", text),
        Verdict::Harmless(rule) => {
            let name = page!("(harmless: {})", rule.id);
            page!("{} {}", text, paint(DIM, &name))
        }
    }
}

/// A difference in one line of a terminal: the changed lines stand below, and `dockwright diff`
/// tells all.
fn short(text: &str) -> Cow<'_, str> {
    if text.chars().count() <= PHRASE {
        return text.into();
    }
    for (begin, short) in [
        ("has the command ", "has another command"),
        ("has the entrypoint ", "has another entrypoint"),
        ("checks its health ", "has another health check"),
    ] {
        if text.starts_with(begin) {
            return short.into();
        }
    }
    if let Some((new, _)) = text.split_once(" instead of ")
        && new.chars().count() <= PHRASE
    {
        return new.into();
    }
    let cut: String = text.chars().take(PHRASE - 1).collect();
    format!("{}…", cut.trim_end()).into()
}

/// The same for programs.
pub(super) fn meaning_json(meaning: &ChangeMeaning) -> Value {
    let (from, to) = if meaning.is_edit {
        ("expected", "on-disk")
    } else {
        ("on-disk", "expected")
    };
    let differences = meaning.differences.iter().map(difference_json);
    json!({
        "from": from,
        "to": to,
        "likeness": Likeness::of(&meaning.differences).word(),
        "differences": differences.collect::<Vec<_>>(),
    })
}
