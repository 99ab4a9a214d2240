//! What a change means, beside its lines: "with the edit (-), the image adds apt tesseract-ocr".

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;

use super::diff::{DifferenceV1, difference_json};
use super::style::{DIM, paint};
use super::{Findings, Page, page};
use crate::dockerfile::judge::{Difference, Likeness, Verdict};
use crate::project::ChangeMeaning;

/// How many differences of a file are shown; `dockwright diff` lists all.
const SHOWN: usize = 8;

/// The longest text of a difference, in characters.
const PHRASE: usize = 72;

/// How many differences share one line.
const ON_ONE_LINE: usize = 2;

/// The meaning of a file's change in one line, for people; nothing where there is none to tell.
pub(super) fn meaning_line(findings: &Findings<'_>, path: &str) -> Page {
    let meaning = findings.meanings.and_then(|meanings| meanings.of(path));
    meaning.map_or_else(Page::default, |meaning| one_line(&meaning))
}

/// The meaning of a file's change, a line each where there are several differences.
pub(super) fn meaning_lines(findings: &Findings<'_>, path: &str) -> Vec<Page> {
    let Some(meaning) = findings.meanings.and_then(|meanings| meanings.of(path)) else {
        return Vec::new();
    };
    if meaning.differences.len() <= ON_ONE_LINE {
        return vec![one_line(&meaning)];
    }
    let mut lines = vec![page!("with {}, the image", who(&meaning))];
    lines.extend(phrases(&meaning).map(|phrase| page!("  {}", phrase)));
    lines
}

fn one_line(meaning: &ChangeMeaning) -> Page {
    if meaning.differences.is_empty() {
        return page!("{} changes nothing in the image", who(meaning));
    }
    page!(
        "with {}, the image {}",
        who(meaning),
        Page::joined(phrases(meaning), "; ")
    )
}

fn who(meaning: &ChangeMeaning) -> &'static str {
    if meaning.is_edit {
        "the edit (-)"
    } else {
        "the update (+)"
    }
}

fn phrases(meaning: &ChangeMeaning) -> impl Iterator<Item = Page> + '_ {
    let more = meaning.differences.len().saturating_sub(SHOWN);
    let rest = (more > 0).then(|| page!("and {} more", more));
    meaning
        .differences
        .iter()
        .take(SHOWN)
        .map(phrase)
        .chain(rest)
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
    if let Some(words) = changed_words(text) {
        return words.into();
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

/// A change of one long command into another: "has the command … --port 8080 … instead of …
/// --port 8000 …".
fn changed_words(text: &str) -> Option<String> {
    let begin = ["has the command ", "has the entrypoint "]
        .into_iter()
        .find(|begin| text.starts_with(begin))?;
    let (new, old) = text[begin.len()..].split_once(" instead of ")?;
    let new: Vec<&str> = new.split(' ').collect();
    let old: Vec<&str> = old.split(' ').collect();
    let equal = |(new, old): &(&&str, &&str)| new == old;
    let before = new.iter().zip(&old).take_while(equal).count();
    let (new_end, old_end) = (&new[before..], &old[before..]);
    let after = new_end
        .iter()
        .rev()
        .zip(old_end.iter().rev())
        .take_while(equal)
        .count();
    // The word before gives a value its name: `--port`.
    let shown = before.saturating_sub(1);
    let part = |words: &[&str]| {
        let lead = if shown > 0 { "… " } else { "" };
        let trail = if after > 0 { " …" } else { "" };
        let changed = words[shown..words.len() - after].join(" ");
        format!("{lead}{changed}{trail}")
    };
    let told = format!("{begin}{} instead of {}", part(&new), part(&old));
    (told.chars().count() <= PHRASE).then_some(told)
}

/// What the change of a file means, for programs.
#[derive(Serialize, JsonSchema)]
pub(super) struct MeaningV1 {
    /// `expected` or `on-disk`: the file that the differences count from.
    from: &'static str,
    /// The other one.
    to: &'static str,
    /// `same`, `harmless` or `different`.
    likeness: &'static str,
    differences: Vec<DifferenceV1>,
}

/// The same for programs.
pub(super) fn meaning_json(meaning: &ChangeMeaning) -> MeaningV1 {
    let (from, to) = if meaning.is_edit {
        ("expected", "on-disk")
    } else {
        ("on-disk", "expected")
    };
    MeaningV1 {
        from,
        to,
        likeness: Likeness::of(&meaning.differences).word(),
        differences: meaning.differences.iter().map(difference_json).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_command_is_told_by_the_words_that_changed() {
        let command = |port: &str| {
            format!(
                "python -m uvicorn apps.svc_slim.main:app --host 0.0.0.0 --port {port} --workers 2"
            )
        };
        let text = format!(
            "has the command {} instead of {}",
            command("8080"),
            command("8000")
        );
        assert_eq!(
            short(&text),
            "has the command … --port 8080 … instead of … --port 8000 …"
        );
        let added = format!("has the command {} --reload instead of {0}", command("80"));
        assert_eq!(short(&added), "has the command … 2 --reload instead of … 2");
    }

    #[test]
    fn commands_that_differ_in_all_are_told_to_differ() {
        let text = format!(
            "has the command {} instead of {}",
            "a ".repeat(30),
            "b ".repeat(30)
        );
        assert_eq!(short(&text), "has another command");
    }
}
