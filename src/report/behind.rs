//! What is behind the lines of a generated file: a template with its line, and declared values.

use super::Findings;
use crate::diagnostic::{DeclPath, Spot};
use crate::drift::ChangeGroup;
use crate::fleet::{Fleet, Origin};
use crate::project::Sources;
use crate::render::trace::LineTrace;

/// In how many files the values behind a change are looked up: equal lines of other files come from
/// values like these.
const TRACED_PLACES: usize = 4;
/// How many template lines are named behind a change, and how many declared values.
const SHOWN_TEMPLATES: usize = 3;
const SHOWN_VALUES: usize = 4;

/// Where a value stands in a declaration.
pub(super) struct Declared {
    /// `file:line:column`.
    pub(super) place: String,
    /// The fields that lead to it, by name.
    pub(super) path: DeclPath,
}

/// Looks up what is behind lines.
#[derive(Clone, Copy)]
pub(super) struct Behind<'a> {
    pub(super) fleet: &'a Fleet,
    pub(super) sources: &'a Sources,
}

impl Behind<'_> {
    /// Where a value is written; nothing for a default.
    pub(super) fn declared(&self, origin: Origin) -> Option<Declared> {
        let location = self.fleet.value_at(origin);
        let Spot::Value(path) = &location.spot else {
            return None;
        };
        if !self.sources.holds(&location.file, path) {
            return None;
        }
        Some(Declared {
            place: self.sources.place(&location),
            path: self.sources.readable(&location.file, path),
        })
    }
}

/// A template line, for people.
pub(super) fn template_line(trace: &LineTrace) -> String {
    format!("template {}:{}", trace.template, trace.line)
}

/// The template line and the declared values behind the added lines of a change.
pub(super) fn behind(findings: &Findings<'_>, group: &ChangeGroup) -> Vec<String> {
    let (Some(fleet), Some(tracer)) = (findings.fleet, findings.tracer) else {
        return Vec::new();
    };
    let look = Behind {
        fleet,
        sources: findings.sources,
    };
    let mut templates: Vec<String> = Vec::new();
    let mut values: Vec<String> = Vec::new();
    for place in group.places.iter().take(TRACED_PLACES) {
        let Ok(lines) = tracer.lines(&place.path) else {
            continue;
        };
        for trace in lines
            .iter()
            .skip(place.new_line)
            .take(group.added.len())
            .flatten()
        {
            if templates.len() < SHOWN_TEMPLATES {
                push_once(&mut templates, template_line(trace));
            }
            for origin in &trace.values {
                // Places are looked up in the text, which takes a while for a line of a thousand
                // values.
                if values.len() >= SHOWN_VALUES {
                    break;
                }
                if let Some(Declared { place, path }) = look.declared(*origin) {
                    push_once(&mut values, format!("declared {place} {path}"));
                }
            }
        }
    }
    templates.into_iter().chain(values).collect()
}

fn push_once(list: &mut Vec<String>, item: String) {
    if !list.contains(&item) {
        list.push(item);
    }
}
