//! Where a new entry goes in a mapping, and how it is written there: as its siblings are.

use super::quote::plain_or_double;
use super::tree::{Entry, Kind, Node};

/// A value to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NewValue {
    Text(String),
    Number(u64),
    List(Vec<String>),
    Fields(Vec<(String, NewValue)>),
}

/// One replacement of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Splice {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) text: String,
}

impl Splice {
    fn at(position: usize, text: String) -> Self {
        Self { start: position, end: position, text }
    }
}

/// How a document is written.
#[derive(Debug, Clone, Copy)]
struct Style<'a> {
    /// The end of its lines.
    line_end: &'static str,
    /// Spaces of one more level.
    step: usize,
    /// Whether entries stand in braces on one line.
    flow: bool,
    /// Whether there is a space inside of braces.
    padded: bool,
    /// A sibling that shows how its fields are written.
    model: Option<&'a Node>,
}

/// The line end that a text uses; `\n` where it has none.
pub(super) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if at > 0 && text.as_bytes().get(at - 1) == Some(&b'\r') => "\r\n",
        _ => "\n",
    }
}

/// The column of a position, where only spaces stand before it on its line.
fn column(text: &str, position: usize) -> Option<usize> {
    let before = text.get(..position)?;
    let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..)?;
    line.bytes().all(|byte| byte == b' ').then_some(line.len())
}

/// The splices that put an entry into the mapping that `owner` is the value of, after the entry of the key `after` or, without one,
/// where its name belongs: in order where the mapping is ordered, else at the end. `None` where the place is too unusual to be sure.
pub(super) fn insert(
    text: &str,
    owner: &Entry,
    key: &str,
    value: &NewValue,
    after: Option<&str>,
) -> Option<Vec<Splice>> {
    let mapping = &owner.value;
    if mapping.tied {
        return None;
    }
    match &mapping.kind {
        Kind::Null => into_null(text, owner, key, value),
        Kind::Scalar { value: word, .. } if matches!(word.as_str(), "~" | "null" | "Null" | "NULL") => {
            let style = Style { line_end: line_end(text), step: 2, flow: true, padded: true, model: None };
            let written = format!("{{ {} }}", flow_entry(key, value, &style));
            Some(vec![Splice { start: mapping.start, end: mapping.end, text: written }])
        }
        Kind::Entries { flow, entries } => {
            let position = match after {
                Some(after) => entries.iter().position(|entry| entry.name() == after)? + 1,
                None => position(entries, key),
            };
            let style = style(text, owner, entries, position, *flow)?;
            if *flow {
                into_flow(text, mapping, entries, position, &|| flow_entry(key, value, &style))
            } else {
                into_block(text, entries, position, key, value, &style)
            }
        }
        _ => None,
    }
}

/// Where a key belongs: its place in the order where there is one, else the end.
fn position(entries: &[Entry], key: &str) -> usize {
    let ordered = entries.len() > 1 && entries.is_sorted_by(|left, right| left.name() < right.name());
    if ordered { entries.iter().take_while(|entry| entry.name() < key).count() } else { entries.len() }
}

/// How the siblings are written; the one before the new entry counts first.
fn style<'a>(text: &str, owner: &Entry, entries: &'a [Entry], position: usize, flow: bool) -> Option<Style<'a>> {
    let (before, after) = entries.split_at_checked(position)?;
    let models = before.iter().rev().chain(after);
    let model =
        models.map(|entry| &entry.value).find(|value| value.entries().is_some_and(|(_, entries)| !entries.is_empty()));
    let model_flow = model.and_then(Node::entries).map(|(flow, _)| flow);
    let block_model = entries.iter().find(|entry| matches!(entry.value.entries(), Some((false, _))));
    let step = if let Some(entry) = block_model {
        let child = entry.value.entries()?.1.first()?;
        column(text, child.key.start)?.checked_sub(column(text, entry.key.start)?)?
    } else {
        let own = entries.first().filter(|_| !flow).and_then(|entry| column(text, entry.key.start));
        own.zip(column(text, owner.key.start))
            .and_then(|(own, above)| own.checked_sub(above))
            .filter(|step| *step > 0)
            .unwrap_or(2)
    };
    let braces = if flow { Some(&owner.value) } else { model.filter(|_| model_flow == Some(true)) };
    let tight =
        |node: &Node| text.get(node.start + 1..).is_some_and(|inside| !inside.starts_with([' ', '}', '\r', '\n']));
    let padded = !braces.is_some_and(tight);
    Some(Style { line_end: line_end(text), step, flow: flow || model_flow == Some(true), padded, model })
}

fn into_null(text: &str, owner: &Entry, key: &str, value: &NewValue) -> Option<Vec<Splice>> {
    let above = column(text, owner.key.start)?;
    let style = Style { line_end: line_end(text), step: 2, flow: false, padded: true, model: None };
    let lines = block_entry(above + style.step, key, value, &style);
    Some(vec![after_line(text, owner.key.end, above, &lines, &style)])
}

fn into_block(
    text: &str,
    entries: &[Entry],
    position: usize,
    key: &str,
    value: &NewValue,
    style: &Style<'_>,
) -> Option<Vec<Splice>> {
    let first = entries.first()?;
    let indent = column(text, first.key.start)?;
    let mut lines = block_entry(indent, key, value, style);
    let Some(before) = position.checked_sub(1) else {
        let start = above_comments(text, first.key.start - indent, indent);
        let written: String = lines.iter().map(|line| line.to_owned() + style.line_end).collect();
        return Some(vec![Splice::at(start, written)]);
    };
    let entry = entries.get(before)?;
    // After a block scalar an empty line could become part of it.
    let ends_in_block_scalar = text.get(..entry.end())?.ends_with('\n');
    if before > 0 && !ends_in_block_scalar && blank_between_all(text, entries) {
        lines.insert(0, String::new());
    }
    Some(vec![after_line(text, entry.end(), indent, &lines, style)])
}

/// Whether every entry but the first has an empty line above.
fn blank_between_all(text: &str, entries: &[Entry]) -> bool {
    entries
        .iter()
        .skip(1)
        .all(|entry| column(text, entry.key.start).is_some_and(|indent| has_blank_above(text, entry.key.start, indent)))
}

fn has_blank_above(text: &str, key: usize, indent: usize) -> bool {
    let start = above_comments(text, key - indent.min(key), indent);
    let above = text.get(..start).unwrap_or_default();
    above.strip_suffix('\n').is_some_and(|above| above.rsplit('\n').next().is_some_and(|line| line.trim().is_empty()))
}

/// The start of the comment lines that stand directly above a line, with its indentation.
fn above_comments(text: &str, line_start: usize, indent: usize) -> usize {
    let mut start = line_start;
    while let Some(above) = text.get(..start).and_then(|before| before.strip_suffix('\n')) {
        let line_at = above.rfind('\n').map_or(0, |at| at + 1);
        let line = above.get(line_at..).unwrap_or_default();
        if line.find('#') != Some(indent) || !line.trim_start_matches(' ').starts_with('#') {
            break;
        }
        start = line_at;
    }
    start
}

/// Puts lines after the line on which a node ends, and after comments that are indented deeper than its key: they are about it.
fn after_line(text: &str, end: usize, indent: usize, lines: &[String], style: &Style<'_>) -> Splice {
    let starts_line = end > 0 && text.as_bytes().get(end - 1) == Some(&b'\n');
    let newline = text.get(end..).and_then(|rest| rest.find('\n')).map(|at| end + at + 1);
    let mut position = if starts_line { Some(end) } else { newline };
    let mut looked = position;
    while let Some(start) = looked {
        let rest = text.get(start..).unwrap_or_default();
        let line = rest.split_inclusive('\n').next().unwrap_or_default();
        let content = line.trim_start_matches(' ');
        let is_about = content.starts_with('#') && line.len() - content.len() > indent;
        if !is_about && (line.is_empty() || !content.trim().is_empty()) {
            break;
        }
        looked = line.ends_with('\n').then_some(start + line.len());
        if is_about {
            position = looked;
        }
    }
    match position {
        Some(position) => Splice::at(position, lines.iter().map(|line| line.to_owned() + style.line_end).collect()),
        None => Splice::at(text.len(), lines.iter().map(|line| style.line_end.to_owned() + line).collect()),
    }
}

/// Puts an entry before the brace that closes an empty mapping: on a line of its own where the brace has one.
fn into_empty_flow(text: &str, mapping: &Node, inside: &str, entry: &str) -> Splice {
    let brace = mapping.end - 1;
    match (inside.rfind('\n'), column(text, brace)) {
        (Some(at), Some(indent)) => {
            let line = mapping.start + 1 + at + 1;
            Splice::at(line, format!("{}{entry}{}", " ".repeat(indent + 2), line_end(text)))
        }
        _ => Splice::at(brace, format!("{}{entry} ", if inside.is_empty() { " " } else { "" })),
    }
}

fn into_flow(
    text: &str,
    mapping: &Node,
    entries: &[Entry],
    position: usize,
    written: &dyn Fn() -> String,
) -> Option<Vec<Splice>> {
    let Some(before) = position.checked_sub(1).and_then(|before| entries.get(before)) else {
        let inside = text.get(mapping.start + 1..mapping.end - 1)?;
        return Some(match entries.first() {
            Some(first) => vec![Splice::at(first.key.start, format!("{}, ", written()))],
            None => vec![into_empty_flow(text, mapping, inside, &written())],
        });
    };
    let end = before.end();
    let Some(indent) =
        column(text, before.key.start).filter(|_| text.get(mapping.start..end).is_some_and(|all| all.contains('\n')))
    else {
        return Some(vec![Splice::at(end, format!(", {}", written()))]);
    };
    // One entry a line: the new one gets a line of its own below the comma and the comment of the one before.
    let newline = line_end(text);
    let rest = text.get(end..)?;
    let line = rest.split('\n').next()?.trim_end_matches('\r');
    let after = line.trim_start();
    let comma = after.starts_with(',');
    let tail = after.trim_start_matches(',').trim_start();
    if !(tail.is_empty() || tail.starts_with('#')) || (!comma && position < entries.len()) || !rest.contains('\n') {
        return Some(vec![Splice::at(end, format!(", {}", written()))]);
    }
    let below = Splice::at(
        end + line.len(),
        format!("{newline}{}{}{}", " ".repeat(indent), written(), if comma { "," } else { "" }),
    );
    Some(if comma { vec![below] } else { vec![Splice::at(end, ",".to_owned()), below] })
}

/// An entry as a person could type it.
pub(super) fn as_flow(key: &str, value: &NewValue) -> String {
    flow_entry(key, value, &Style { line_end: "\n", step: 2, flow: true, padded: true, model: None })
}

/// `key: value` on one line.
fn flow_entry(key: &str, value: &NewValue, style: &Style<'_>) -> String {
    format!("{}: {}", plain_or_double(key), flow_value(value, style))
}

fn flow_value(value: &NewValue, style: &Style<'_>) -> String {
    match value {
        NewValue::Text(text) => plain_or_double(text),
        NewValue::Number(number) => number.to_string(),
        NewValue::List(items) => {
            let items: Vec<String> = items.iter().map(|item| plain_or_double(item)).collect();
            format!("[{}]", items.join(", "))
        }
        NewValue::Fields(fields) => {
            let fields: Vec<String> = fields.iter().map(|(name, value)| flow_entry(name, value, style)).collect();
            let space = if style.padded { " " } else { "" };
            format!("{{{space}{}{space}}}", fields.join(", "))
        }
    }
}

/// The lines of an entry in a block mapping.
fn block_entry(indent: usize, key: &str, value: &NewValue, style: &Style<'_>) -> Vec<String> {
    let margin = " ".repeat(indent);
    match value {
        NewValue::Fields(fields) if !style.flow => {
            let mut lines = vec![format!("{margin}{}:", plain_or_double(key))];
            for (name, value) in fields {
                lines.extend(block_entry(indent + style.step, name, value, style));
            }
            lines
        }
        NewValue::List(items) if !style.flow && writes_block_lists(style) => {
            let dash = " ".repeat(indent + style.step);
            let items = items.iter().map(|item| format!("{dash}- {}", plain_or_double(item)));
            std::iter::once(format!("{margin}{}:", plain_or_double(key))).chain(items).collect()
        }
        _ => vec![format!("{margin}{}", flow_entry(key, value, style))],
    }
}

/// Whether the first list of the sibling stands item by item.
fn writes_block_lists(style: &Style<'_>) -> bool {
    let fields = style.model.and_then(Node::entries).map(|(_, entries)| entries).unwrap_or_default();
    let list =
        fields.iter().find_map(|entry| if let Kind::Items { flow } = &entry.value.kind { Some(*flow) } else { None });
    list == Some(false)
}
