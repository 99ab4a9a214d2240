//! What a change means, beside its lines: "the edit adds apt tesseract-ocr".

use serde_json::{Value, json};

use super::diff::difference_json;
use super::style::{DIM, paint};
use super::{Findings, Page, add, page};
use crate::dockerfile::judge::{Difference, Likeness, Verdict};
use crate::project::ChangeMeaning;

/// How many differences of a file are told; `dockwright diff` tells all.
const SHOWN: usize = 8;

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
    match found.verdict {
        Verdict::Different => page!("{}", found.text),
        Verdict::Harmless(rule) => {
            let name = page!("(harmless: {})", rule.id);
            page!("{} {}", found.text, paint(DIM, &name))
        }
    }
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
