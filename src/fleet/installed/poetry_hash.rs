//! The digest by which poetry tells whether its lock is that of a pyproject.toml: SHA-256 of what
//! the project asks for, as Python's `json.dumps` writes it with sorted keys
//! (`Locker._get_content_hash` of poetry 1.x and 2.x).

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use toml::{Table, Value};

/// What counts of `tool.poetry`; all but the last counts as null where it is not there.
const OF_POETRY: [&str; 5] = [
    "dependencies",
    "dev-dependencies",
    "extras",
    "group",
    "source",
];
/// What counts of `project`.
const OF_PROJECT: [&str; 3] = ["dependencies", "optional-dependencies", "requires-python"];
/// The only one of [`OF_POETRY`] that counts for nothing where it is not there.
const GROUP: &str = "group";

/// The digests that a lock of a pyproject.toml may have, in hexadecimal: releases before 2.3 leave
/// dependency groups out. Nothing where that cannot be computed.
pub(super) fn digests(manifest: &str) -> Option<Vec<String>> {
    let table: Table = toml::from_str(manifest).ok()?;
    [true, false]
        .into_iter()
        .map(|with_groups| digest(&table, with_groups))
        .collect()
}

fn digest(table: &Table, with_groups: bool) -> Option<String> {
    let project = table.get("project").and_then(Value::as_table);
    let groups = table.get("dependency-groups").and_then(Value::as_table);
    let groups = groups.filter(|groups| with_groups && !groups.is_empty());
    let tools = table.get("tool").and_then(Value::as_table);
    let poetry = tools
        .and_then(|tools| tools.get("poetry"))
        .and_then(Value::as_table);
    let of_project: Vec<(&str, Option<&Value>)> = OF_PROJECT
        .into_iter()
        .filter_map(|key| Some((key, Some(project?.get(key)?))))
        .collect();
    let is_standard = !of_project.is_empty() || groups.is_some();
    let of_poetry: Vec<(&str, Option<&Value>)> = OF_POETRY
        .into_iter()
        .map(|key| (key, poetry.and_then(|poetry| poetry.get(key))))
        .filter(|(key, value)| value.is_some() || (*key != GROUP && !is_standard))
        .collect();
    let mut text = String::new();
    if is_standard {
        // The keys in their order: dependency-groups, project, tool.
        text.push('{');
        if let Some(groups) = groups {
            text.push_str("\"dependency-groups\": ");
            write_table(&mut text, groups)?;
            text.push_str(", ");
        }
        if !of_project.is_empty() {
            text.push_str("\"project\": ");
            write_entries(&mut text, of_project.into_iter())?;
            text.push_str(", ");
        }
        text.push_str("\"tool\": {\"poetry\": ");
        write_entries(&mut text, of_poetry.into_iter())?;
        text.push_str("}}");
    } else {
        write_entries(&mut text, of_poetry.into_iter())?;
    }
    Some(base16ct::lower::encode_string(&Sha256::digest(text)))
}

/// Entries whose keys are sorted; no value is null.
fn write_entries<'a>(
    text: &mut String,
    entries: impl Iterator<Item = (&'a str, Option<&'a Value>)>,
) -> Option<()> {
    text.push('{');
    for (at, (key, value)) in entries.enumerate() {
        text.push_str(if at > 0 { ", " } else { "" });
        write_text(text, key);
        text.push_str(": ");
        match value {
            Some(value) => write_value(text, value)?,
            None => text.push_str("null"),
        }
    }
    text.push('}');
    Some(())
}

fn write_table(text: &mut String, table: &Table) -> Option<()> {
    let mut entries: Vec<(&str, Option<&Value>)> = table
        .iter()
        .map(|(key, value)| (key.as_str(), Some(value)))
        .collect();
    entries.sort_by_key(|(key, _)| *key);
    write_entries(text, entries.into_iter())
}

/// Nothing for what TOML has and JSON does not, or writes in another way.
fn write_value(text: &mut String, value: &Value) -> Option<()> {
    match value {
        Value::String(value) => write_text(text, value),
        Value::Boolean(value) => text.push_str(if *value { "true" } else { "false" }),
        Value::Integer(value) => text.push_str(&value.to_string()),
        Value::Table(table) => write_table(text, table)?,
        Value::Array(items) => {
            text.push('[');
            for (at, item) in items.iter().enumerate() {
                text.push_str(if at > 0 { ", " } else { "" });
                write_value(text, item)?;
            }
            text.push(']');
        }
        Value::Float(_) | Value::Datetime(_) => return None,
    }
    Some(())
}

/// A text in ASCII alone.
fn write_text(text: &mut String, value: &str) {
    text.push('"');
    for unit in value.encode_utf16() {
        match char::from_u32(u32::from(unit)) {
            Some('"') => text.push_str("\\\""),
            Some('\\') => text.push_str("\\\\"),
            Some('\n') => text.push_str("\\n"),
            Some('\r') => text.push_str("\\r"),
            Some('\t') => text.push_str("\\t"),
            Some(letter @ ' '..='~') => text.push(letter),
            _ => {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_that_poetry_computes() {
        // By poetry 2.5.1, of the same texts.
        for (manifest, digest) in [
            (
                "[tool.poetry]\nname = \"a\"\n[tool.poetry.dependencies]\npython = \">=3.11,<4\"\n\
                 starlette = \">=0.40\"\ncommon = { path = \"../é\", develop = true }\n",
                "7e7e340d45f5e48924c9d8a4b5f0514e7ddf069b0d9fe8d4d6ee713145e21a38",
            ),
            (
                "[project]\nname = \"a\"\nrequires-python = \">=3.11\"\ndependencies = \
                 [\"httpx>=0.27\"]\n[tool.poetry.group.dev.dependencies]\npytest = \"*\"\n",
                "f3eda83a1f1ea88b2f7d123236befd2d3e595b70a20a0beca62ebab14fe76000",
            ),
            (
                "[project]\nname = \"a\"\ndependencies = [\"httpx\"]\n[dependency-groups]\ndev = \
                 [\"pytest\"]\n",
                "608abcc9ed1a220edf418dfbf30eb3f37f5f4989da83856f32df1192bfe76be1",
            ),
        ] {
            let computed = digests(manifest).expect("all of it can be written");
            assert!(computed.contains(&digest.to_owned()), "{computed:?}");
        }
    }

    #[test]
    fn what_cannot_be_written_is_not_judged() {
        assert_eq!(digests("[tool.poetry.dependencies]\na = 1.5\n"), None);
        assert_eq!(digests("[tool"), None);
    }
}
