//! What is behind the lines of a change: a template with its line, and declared values.

use super::Findings;
use crate::diagnostic::Spot;
use crate::drift::ChangeGroup;

/// In how many files the values behind a change are looked up: equal lines of other files come from
/// values like these.
const TRACED_PLACES: usize = 4;
/// How many template lines are named behind a change, and how many declared values.
const SHOWN_TEMPLATES: usize = 3;
const SHOWN_VALUES: usize = 4;

/// The template line and the declared values behind the added lines of a change.
pub(super) fn behind(findings: &Findings<'_>, group: &ChangeGroup) -> Vec<String> {
    let (Some(fleet), Some(tracer)) = (findings.fleet, findings.tracer) else {
        return Vec::new();
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
                push_once(
                    &mut templates,
                    format!("template {}:{}", trace.template, trace.line),
                );
            }
            for origin in &trace.values {
                // Places are looked up in the text, which takes a while for a line of a thousand
                // values.
                if values.len() >= SHOWN_VALUES {
                    break;
                }
                let location = fleet.value_at(*origin);
                let Spot::Value(path) = &location.spot else {
                    continue;
                };
                if findings.sources.holds(&location.file, path) {
                    let path = findings.sources.readable(&location.file, path);
                    push_once(
                        &mut values,
                        format!("declared {} {path}", findings.sources.place(&location)),
                    );
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
