//! Candidates from the lines that differ: the values in a line by its trace, and whole lines as
//! hooks.

use std::collections::BTreeSet;

use super::hunks::Hunks;
use super::place::Text;
use super::target::{Candidate, Entry, Target};
use crate::diagnostic::{DeclPath, Spot, Step};
use crate::fleet::Origin;
use crate::fleet::model::{HOOK_POINTS, Section};
use crate::render::trace::HEADER_LINES;
use crate::yaml::{NewValue, scalar};

/// In how many places of a line a value is looked for.
const OCCURRENCES: usize = 4;

/// Values that lines have otherwise, each with the place that it comes from.
pub(super) type Moved = Vec<(Origin, String)>;

/// What changes the image's own entry: a value there, and a field of its own in place of what a
/// kind or `defaults` say.
pub(super) fn own(target: &Target<'_>, entry: &Entry, moved: &Moved) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (origin, value) in moved {
        match origin.section {
            Section::Services(_) | Section::Bases(_) => {
                found.extend(in_place(target, *origin, value));
            }
            Section::Kinds(_) | Section::Defaults => {
                found.extend(over(target, entry, *origin, value));
            }
            _ => {}
        }
    }
    found
}

/// What changes a value wherever it is declared.
pub(super) fn shared(target: &Target<'_>, moved: &Moved) -> Vec<Candidate> {
    let made = moved
        .iter()
        .filter_map(|(origin, value)| in_place(target, *origin, value));
    made.collect()
}

/// The values that lines have otherwise: a line of the edited file is the rendered one but for the
/// value of one origin.
pub(super) fn moved(target: &Target<'_>) -> Moved {
    let hunks = Hunks::of(target);
    let Some(tracer) = target.loaded.tracer() else {
        return Vec::new();
    };
    let Ok(behind) = tracer.lines(target.path) else {
        return Vec::new();
    };
    let mut found: Vec<(Origin, String)> = Vec::new();
    for (number, old, new) in hunks.pairs() {
        let Some(Some(trace)) = behind.get(number + HEADER_LINES) else {
            continue;
        };
        let origins: BTreeSet<Origin> = trace.values.iter().copied().collect();
        for origin in origins {
            for value in values(target, origin, (old, new)) {
                if !found.contains(&(origin, value.clone())) {
                    found.push((origin, value));
                }
            }
        }
    }
    found
}

/// What a value would have to be for a line to become another.
fn values(target: &Target<'_>, origin: Origin, (old, new): (&str, &str)) -> Vec<String> {
    let Some((file, path)) = place(target, origin) else {
        return Vec::new();
    };
    let text = Text::read(target.loaded.declaration_text(&file));
    let Some(value) = text.as_ref().and_then(|text| text.value(&path)) else {
        return Vec::new();
    };
    if value.is_empty() {
        return Vec::new();
    }
    let places = old.match_indices(value).take(OCCURRENCES);
    let made = places.filter_map(|(at, _)| {
        let (before, after) = (old.get(..at)?, old.get(at + value.len()..)?);
        let rest = new.strip_prefix(before)?;
        let value = rest.strip_suffix(after)?;
        (!value.is_empty()).then(|| value.to_owned())
    });
    made.collect()
}

/// The file and the path of a value.
fn place(target: &Target<'_>, origin: Origin) -> Option<(String, DeclPath)> {
    let location = target.fleet.value_at(origin);
    match location.spot {
        Spot::Value(path) => Some((location.file, path)),
        _ => None,
    }
}

fn in_place(target: &Target<'_>, origin: Origin, value: &str) -> Option<Candidate> {
    let (file, path) = place(target, origin)?;
    let text = Text::read(target.loaded.declaration_text(&file))?;
    let text = text.replaced(&path, value)?;
    Some(Candidate { file, text })
}

/// The image's own value in place of one that it inherits.
fn over(target: &Target<'_>, entry: &Entry, origin: Origin, value: &str) -> Option<Candidate> {
    let (file, path) = place(target, origin)?;
    let readable = target.loaded.sources.readable(&file, &path);
    // `defaults` has its fields directly, an entry of `kinds` below its name.
    let above = if origin.section == Section::Defaults {
        1
    } else {
        2
    };
    let field: Option<Vec<&str>> = readable
        .0
        .iter()
        .skip(above)
        .map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        })
        .collect();
    let value = value
        .parse()
        .map_or_else(|_| NewValue::Text(value.to_owned()), NewValue::Number);
    entry.candidate(entry.text.with_field(&entry.keys(&field?), &value))
}

/// Lines that somebody added, as a hook at each point: where they belong shows when they are
/// rendered.
pub(super) fn hooks(target: &Target<'_>, entry: &Entry) -> Vec<Candidate> {
    if !target.path.as_str().ends_with("/Dockerfile") {
        return Vec::new();
    }
    let hunks = Hunks::of(target);
    let mut found = Vec::new();
    for change in hunks.changes.iter().filter(|change| change.old.is_empty()) {
        let lines = change.new.clone().filter_map(|at| hunks.new.get(at));
        let lines = lines.filter(|line| !line.trim().is_empty());
        let lines: Vec<String> = lines.map(|line| scalar(line)).collect();
        for point in HOOK_POINTS {
            let keys = entry.keys(&["hooks", point]);
            found.extend(entry.candidate(entry.text.with_item(&keys, &lines.join(", "))));
        }
    }
    found
}
