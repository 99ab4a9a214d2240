//! Where a new entry goes in a mapping, and how it is written there: as its siblings are.

use super::quote::scalar;
use super::splice::{Splice, line_end};
use super::tree::{Entry, Id, Kind, Tree};

/// A value to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NewValue {
    /// A text.
    Text(String),
    /// A number.
    Number(u64),
    /// A list of texts.
    List(Vec<String>),
    /// A mapping.
    Fields(Vec<(String, NewValue)>),
}

/// How a document is written.
#[derive(Debug, Clone, Copy)]
struct Style {
    /// The end of its lines.
    line_end: &'static str,
    /// Spaces of one more level.
    step: usize,
    /// Whether entries stand in braces on one line.
    flow: bool,
    /// Whether there is a space inside of braces.
    padded: bool,
    /// Whether a sibling writes its lists item by item.
    has_block_lists: bool,
}

impl Style {
    fn plain(text: &str, flow: bool) -> Self {
        Self {
            line_end: line_end(text),
            step: 2,
            flow,
            padded: true,
            has_block_lists: false,
        }
    }
}

/// A mapping that an entry goes into.
struct Owner<'a> {
    tree: &'a Tree,
    text: &'a str,
    /// The bytes of its key; nothing for the document itself.
    key: (usize, usize),
    mapping: Id,
    entries: Vec<Entry>,
}

impl<'a> Owner<'a> {
    fn find(tree: &'a Tree, path: &[&str]) -> Option<Self> {
        let mut owner = Self {
            tree,
            text: tree.text(),
            key: (0, 0),
            mapping: tree.root()?,
            entries: Vec::new(),
        };
        for name in path {
            let entry = tree.entry(owner.mapping, name)?;
            owner.key = tree.bytes(entry.key);
            owner.mapping = entry.value;
        }
        owner.entries = tree.entries(owner.mapping).collect();
        Some(owner)
    }

    fn name(&self, entry: Entry) -> &'a str {
        self.tree.value(entry.key)
    }

    fn key_start(&self, entry: Entry) -> usize {
        self.tree.bytes(entry.key).0
    }

    /// The byte after an entry.
    fn end(&self, entry: Entry) -> usize {
        self.tree
            .bytes(entry.value)
            .1
            .max(self.tree.bytes(entry.key).1)
    }

    /// Whether the value of an entry is a mapping with entries in braces, or one line by line;
    /// `None` for anything else.
    fn is_flow(&self, entry: Entry) -> Option<bool> {
        match self.tree.kind(entry.value) {
            Kind::Entries { flow } => Some(flow),
            _ => None,
        }
    }
}

/// The column of a position, where only spaces stand before it on its line.
fn column(text: &str, position: usize) -> Option<usize> {
    let before = text.get(..position)?;
    let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..)?;
    line.bytes().all(|byte| byte == b' ').then_some(line.len())
}

/// The splices that put an entry into the mapping at `path`, after the entry of the key `after` or,
/// without one, where its name belongs: in order where the mapping is ordered, else at the end.
/// `None` where the place is too unusual to be sure.
#[must_use]
pub(crate) fn insert(
    tree: &Tree,
    path: &[&str],
    key: &str,
    value: &NewValue,
    after: Option<&str>,
) -> Option<Vec<Splice>> {
    let owner = Owner::find(tree, path)?;
    if tree.is_tied(owner.mapping) {
        return None;
    }
    match tree.kind(owner.mapping) {
        Kind::Scalar(_) if tree.plain(owner.mapping) == Some("") => {
            into_nothing(&owner, key, value)
        }
        Kind::Scalar(_)
            if matches!(
                tree.plain(owner.mapping),
                Some("~" | "null" | "Null" | "NULL")
            ) =>
        {
            let written = format!(
                "{{ {} }}",
                flow_entry(key, value, Style::plain(tree.text(), true))
            );
            let (start, end) = tree.bytes(owner.mapping);
            Some(vec![Splice {
                start,
                end,
                text: written,
            }])
        }
        Kind::Entries { flow } => {
            let position = match after {
                Some(after) => {
                    owner
                        .entries
                        .iter()
                        .position(|entry| owner.name(*entry) == after)?
                        + 1
                }
                None => position(&owner, key),
            };
            let style = style(&owner, position, flow)?;
            if flow {
                into_flow(&owner, position, &flow_entry(key, value, style))
            } else {
                into_block(
                    &owner,
                    position,
                    &|indent| block_entry(indent, key, value, style),
                    style,
                )
            }
        }
        _ => None,
    }
}

/// Where a key belongs: its place in the order where there is one, else the end.
fn position(owner: &Owner<'_>, key: &str) -> usize {
    let entries = &owner.entries;
    let is_ordered = entries.len() > 1
        && entries.is_sorted_by(|left, right| owner.name(*left) < owner.name(*right));
    if is_ordered {
        entries
            .iter()
            .take_while(|entry| owner.name(**entry) < key)
            .count()
    } else {
        entries.len()
    }
}

/// How the siblings are written; the one before the new entry counts first.
fn style(owner: &Owner<'_>, position: usize, flow: bool) -> Option<Style> {
    let (before, after) = owner.entries.split_at_checked(position)?;
    let has_entries = |entry: &&Entry| owner.tree.entries(entry.value).next().is_some();
    let model = before.iter().rev().chain(after).find(has_entries).copied();
    let model_flow = model.and_then(|model| owner.is_flow(model));
    let braces = if flow {
        Some(owner.mapping)
    } else {
        model
            .filter(|_| model_flow == Some(true))
            .map(|model| model.value)
    };
    let is_tight = |node: Id| {
        let inside = owner.tree.written(node).get(1..);
        inside.is_some_and(|inside| !inside.starts_with([' ', '}', '\r', '\n']))
    };
    Some(Style {
        line_end: line_end(owner.text),
        step: step(owner, flow)?,
        flow: flow || model_flow == Some(true),
        padded: !braces.is_some_and(is_tight),
        has_block_lists: model.is_some_and(|model| writes_block_lists(owner.tree, model)),
    })
}

/// The spaces of one more level.
fn step(owner: &Owner<'_>, flow: bool) -> Option<usize> {
    if let Some(entry) = owner
        .entries
        .iter()
        .find(|entry| owner.is_flow(**entry) == Some(false))
    {
        let child = owner.tree.entries(entry.value).next()?;
        return column(owner.text, owner.key_start(child))?
            .checked_sub(column(owner.text, owner.key_start(*entry))?);
    }
    let own = owner
        .entries
        .first()
        .filter(|_| !flow)
        .and_then(|entry| column(owner.text, owner.key_start(*entry)));
    let above = column(owner.text, owner.key.0);
    let step = own
        .zip(above)
        .and_then(|(own, above)| own.checked_sub(above));
    Some(step.filter(|step| *step > 0).unwrap_or(2))
}

/// Whether the first list of an entry's fields is written item by item.
fn writes_block_lists(tree: &Tree, entry: Entry) -> bool {
    let list = tree
        .entries(entry.value)
        .find(|field| tree.is_list(field.value));
    list.is_some_and(|list| tree.kind(list.value) == Kind::Items { flow: false })
}

fn into_nothing(owner: &Owner<'_>, key: &str, value: &NewValue) -> Option<Vec<Splice>> {
    let above = column(owner.text, owner.key.0)?;
    let style = Style::plain(owner.text, false);
    let lines = block_entry(above + style.step, key, value, style);
    Some(vec![after_line(
        owner.text,
        owner.key.1,
        above,
        &lines,
        style,
    )])
}

fn into_block(
    owner: &Owner<'_>,
    position: usize,
    written: &dyn Fn(usize) -> Vec<String>,
    style: Style,
) -> Option<Vec<Splice>> {
    let first = owner.key_start(*owner.entries.first()?);
    let indent = column(owner.text, first)?;
    let mut lines = written(indent);
    let Some(before) = position.checked_sub(1) else {
        let start = above_comments(owner.text, first - indent, indent);
        let written: String = lines
            .iter()
            .map(|line| line.to_owned() + style.line_end)
            .collect();
        return Some(vec![Splice::at(start, written)]);
    };
    let end = owner.end(*owner.entries.get(before)?);
    // After a block scalar an empty line could become part of it.
    let ends_in_block_scalar = owner.text.get(..end)?.ends_with('\n');
    if before > 0 && !ends_in_block_scalar && has_blanks_between(owner) {
        lines.insert(0, String::new());
    }
    Some(vec![after_line(owner.text, end, indent, &lines, style)])
}

/// Whether every entry but the first has an empty line above.
fn has_blanks_between(owner: &Owner<'_>) -> bool {
    owner.entries.iter().skip(1).all(|entry| {
        let start = owner.key_start(*entry);
        column(owner.text, start).is_some_and(|indent| has_blank_above(owner.text, start, indent))
    })
}

fn has_blank_above(text: &str, key: usize, indent: usize) -> bool {
    let start = above_comments(text, key - indent.min(key), indent);
    let above = &text[..start];
    above.strip_suffix('\n').is_some_and(|above| {
        above
            .rsplit('\n')
            .next()
            .is_some_and(|line| line.trim().is_empty())
    })
}

/// The start of the comment lines that stand directly above a line, with its indentation.
fn above_comments(text: &str, line_start: usize, indent: usize) -> usize {
    let mut start = line_start;
    while let Some(above) = text
        .get(..start)
        .and_then(|before| before.strip_suffix('\n'))
    {
        let line_at = above.rfind('\n').map_or(0, |at| at + 1);
        let line = &above[line_at..];
        if line.find('#') != Some(indent) || !line.trim_start_matches(' ').starts_with('#') {
            break;
        }
        start = line_at;
    }
    start
}

/// Puts lines after the line on which a node ends, and after comments that are indented deeper than
/// its key: they are about it.
fn after_line(text: &str, end: usize, indent: usize, lines: &[String], style: Style) -> Splice {
    let starts_line = end > 0 && text.as_bytes().get(end - 1) == Some(&b'\n');
    let newline = text
        .get(end..)
        .and_then(|rest| rest.find('\n'))
        .map(|at| end + at + 1);
    let mut position = if starts_line { Some(end) } else { newline };
    let mut looked = position;
    while let Some(start) = looked {
        let rest = &text[start..];
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
        Some(position) => Splice::at(
            position,
            lines
                .iter()
                .map(|line| line.to_owned() + style.line_end)
                .collect(),
        ),
        None => Splice::at(
            text.len(),
            lines
                .iter()
                .map(|line| style.line_end.to_owned() + line)
                .collect(),
        ),
    }
}

/// Puts an entry before the brace that closes an empty mapping: on a line of its own where the
/// brace has one.
fn into_empty_flow(text: &str, (start, end): (usize, usize), inside: &str, entry: &str) -> Splice {
    let brace = end - 1;
    match (inside.rfind('\n'), column(text, brace)) {
        (Some(at), Some(indent)) => {
            let line = start + 1 + at + 1;
            Splice::at(
                line,
                format!("{}{entry}{}", " ".repeat(indent + 2), line_end(text)),
            )
        }
        _ => Splice::at(
            brace,
            format!("{}{entry} ", if inside.is_empty() { " " } else { "" }),
        ),
    }
}

fn into_flow(owner: &Owner<'_>, position: usize, written: &str) -> Option<Vec<Splice>> {
    let text = owner.text;
    let (start, end) = owner.tree.bytes(owner.mapping);
    let Some(before) = position
        .checked_sub(1)
        .and_then(|before| owner.entries.get(before))
    else {
        let inside = text.get(start + 1..end - 1)?;
        return Some(match owner.entries.first() {
            Some(first) => vec![Splice::at(owner.key_start(*first), format!("{written}, "))],
            None => vec![into_empty_flow(text, (start, end), inside, written)],
        });
    };
    let end = owner.end(*before);
    let Some(indent) = column(text, owner.key_start(*before))
        .filter(|_| text.get(start..end).is_some_and(|all| all.contains('\n')))
    else {
        return Some(vec![Splice::at(end, format!(", {written}"))]);
    };
    // One entry a line: the new one gets a line of its own below the comma and the comment of the
    // one before.
    let newline = line_end(text);
    let rest = text.get(end..)?;
    let line = rest.split('\n').next()?.trim_end_matches('\r');
    let after = line.trim_start();
    let comma = after.starts_with(',');
    let tail = after.trim_start_matches(',').trim_start();
    if !(tail.is_empty() || tail.starts_with('#'))
        || (!comma && position < owner.entries.len())
        || !rest.contains('\n')
    {
        return Some(vec![Splice::at(end, format!(", {written}"))]);
    }
    let below = Splice::at(
        end + line.len(),
        format!(
            "{newline}{}{written}{}",
            " ".repeat(indent),
            if comma { "," } else { "" }
        ),
    );
    Some(if comma {
        vec![below]
    } else {
        vec![Splice::at(end, ",".to_owned()), below]
    })
}

/// An entry as a person could type it.
#[must_use]
pub(crate) fn as_flow(key: &str, value: &NewValue) -> String {
    flow_entry(key, value, Style::plain("", true))
}

/// `key: value` on one line.
fn flow_entry(key: &str, value: &NewValue, style: Style) -> String {
    format!("{}: {}", scalar(key), flow_value(value, style))
}

fn flow_value(value: &NewValue, style: Style) -> String {
    match value {
        NewValue::Text(text) => scalar(text),
        NewValue::Number(number) => number.to_string(),
        NewValue::List(items) => {
            let items: Vec<String> = items.iter().map(|item| scalar(item)).collect();
            format!("[{}]", items.join(", "))
        }
        NewValue::Fields(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(name, value)| flow_entry(name, value, style))
                .collect();
            let space = if style.padded { " " } else { "" };
            format!("{{{space}{}{space}}}", fields.join(", "))
        }
    }
}

/// The lines of an entry in a block mapping.
fn block_entry(indent: usize, key: &str, value: &NewValue, style: Style) -> Vec<String> {
    let margin = " ".repeat(indent);
    match value {
        NewValue::Fields(fields) if !style.flow => {
            let mut lines = vec![format!("{margin}{}:", scalar(key))];
            for (name, value) in fields {
                lines.extend(block_entry(indent + style.step, name, value, style));
            }
            lines
        }
        NewValue::List(items) if !style.flow && style.has_block_lists => {
            let dash = " ".repeat(indent + style.step);
            let items = items.iter().map(|item| format!("{dash}- {}", scalar(item)));
            std::iter::once(format!("{margin}{}:", scalar(key)))
                .chain(items)
                .collect()
        }
        _ => vec![format!("{margin}{}", flow_entry(key, value, style))],
    }
}
