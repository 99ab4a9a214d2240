//! Text → [`FleetDecl`]: every wrong type and every unknown field at once, each at its path.

use indexmap::IndexMap;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use serde_yaml::Value;

use super::guard::{guard, text};
use super::include::{IncludedDecl, join, read_patterns};
use super::json_schema::fields_beside;
use super::locate::SpanTree;
use super::parts::Parts;
use super::pieces::{cut, load_pieces, service_lines};
use super::schema::{FleetDecl, ServiceDecl};
use crate::diagnostic::{DeclPath, Diagnostic, FINDINGS_LIMIT, Location, Spot, Step, code, did_you_mean};
use crate::parallel::threads;

/// From how many bytes on a text is cut into pieces, and how long these are: small ones reuse the memory that the one before took.
const CUT_FROM: usize = 128 * 1024;
const PIECE: usize = 64 * 1024;
/// How many wrong types are looked for before the rest is left for the next run.
const SHAPE_ERROR_LIMIT: usize = 100;
/// How many bytes are loaded again in all while wrong types are looked for: each takes a load of the whole text.
const RELOADED_BYTES: usize = 8 * 1024 * 1024;

/// What a text says, as far as it could be read, and what is wrong with its shape.
#[derive(Debug)]
pub struct Parsed {
    /// The declaration; values of a wrong type are left out.
    pub decl: FleetDecl,
    /// Wrong types, unknown fields, and what is wrong with included files.
    pub diagnostics: Vec<Diagnostic>,
    /// The parts of the text, for places.
    pub parts: Parts,
}

/// What an included file says, as far as it could be read, and everything that is wrong with its text.
#[derive(Debug)]
pub struct Part {
    file: String,
    decl: IncludedDecl,
    diagnostics: Vec<Diagnostic>,
}

/// Reads services.yaml. `file` names it in diagnostics.
///
/// # Errors
/// What is no readable YAML document at all: syntax errors, duplicate keys, other encodings, bombs.
pub fn parse(file: &str, bytes: &[u8]) -> Result<Parsed, Vec<Diagnostic>> {
    let (mut decl, mut diagnostics, lines) = read(file, bytes, &unknown_field)?;
    diagnostics.extend(read_patterns(file, &mut decl));
    Ok(Parsed { decl, diagnostics, parts: Parts::new(lines) })
}

/// Reads a file that services.yaml includes, by the same rules.
#[must_use]
pub fn parse_included(file: &str, bytes: &[u8]) -> Part {
    let (decl, diagnostics, _) =
        read(file, bytes, &field_out_of_place).unwrap_or_else(|found| (IncludedDecl::default(), found, Vec::new()));
    Part { file: file.to_owned(), decl, diagnostics }
}

impl Parsed {
    /// The same with the entries of included files, in the order of their paths. `place` turns a location into text for people.
    #[must_use]
    pub fn including(mut self, file: &str, mut parts: Vec<Part>, place: &dyn Fn(&Location) -> String) -> Self {
        parts.sort_by(|left, right| left.file.cmp(&right.file));
        let mut decls = Vec::new();
        for part in parts {
            self.diagnostics.extend(part.diagnostics);
            decls.push((part.file, part.decl));
        }
        self.diagnostics.extend(join(file, &mut self.decl, decls, place));
        self
    }
}

/// A declaration as text: services.yaml and the files that it includes.
#[derive(Debug, Clone, Default)]
pub struct DeclText {
    /// The path of services.yaml.
    pub file: String,
    /// Its text.
    pub text: String,
    /// The files that it includes: path and text.
    pub included: Vec<(String, String)>,
}

impl DeclText {
    /// Reads all of it.
    ///
    /// # Errors
    /// As [`parse`].
    pub fn parse(&self) -> Result<Parsed, Vec<Diagnostic>> {
        let parts = self.included.iter().map(|(file, text)| parse_included(file, text.as_bytes()));
        let parsed = parse(&self.file, self.text.as_bytes())?;
        Ok(parsed.including(&self.file, parts.collect(), &|location| location.file.clone()))
    }
}

type SayUnknown<'a> = &'a dyn Fn(&str, &DeclPath) -> Diagnostic;

/// What a text says in a shape, what is wrong with it, and where the lines of its services begin.
type Read<T> = (T, Vec<Diagnostic>, Vec<usize>);

/// Reads a text in a shape.
fn read<T: DeserializeOwned + Default + HasServices>(
    file: &str,
    bytes: &[u8],
    unknown_field: SayUnknown<'_>,
) -> Result<Read<T>, Vec<Diagnostic>> {
    let unknown_fields =
        |paths: &[DeclPath]| paths.iter().take(FINDINGS_LIMIT).map(|path| unknown_field(file, path)).collect();
    let text = text(file, bytes)?;
    let pieces = if threads(text.len(), CUT_FROM) > 1 { cut(text, text.len().div_ceil(PIECE)) } else { None };
    let in_pieces = pieces.and_then(load_pieces);
    if let Some((decl, unknown, lines)) = in_pieces {
        return Ok((decl, unknown_fields(&unknown), lines));
    }
    let guarded = guard(file, text)?;
    let lines = service_lines(&guarded).unwrap_or_default();
    let mut unknown = Vec::new();
    match load(serde_yaml::Deserializer::from_str(text), &mut unknown) {
        Ok(decl) => Ok((decl, unknown_fields(&unknown), lines)),
        Err(_) if text.trim().is_empty() || is_null(text) => Ok((T::default(), Vec::new(), lines)),
        Err(_) => peel(file, text, unknown_field).map(|(decl, found)| (decl, found, lines)),
    }
}

/// A declaration that has services.
pub(super) trait HasServices {
    fn services(&mut self) -> &mut Option<IndexMap<String, Box<ServiceDecl>>>;
}

impl HasServices for FleetDecl {
    fn services(&mut self) -> &mut Option<IndexMap<String, Box<ServiceDecl>>> {
        &mut self.services
    }
}

impl HasServices for IncludedDecl {
    fn services(&mut self) -> &mut Option<IndexMap<String, Box<ServiceDecl>>> {
        &mut self.services
    }
}

fn is_null(text: &str) -> bool {
    serde_yaml::from_str::<Value>(text).is_ok_and(|value| value.is_null())
}

type PathError<E> = serde_path_to_error::Error<E>;

/// Loads a value and collects the fields that nothing knows.
pub(super) fn load<'de, T: DeserializeOwned, D: serde::Deserializer<'de>>(
    deserializer: D,
    unknown: &mut Vec<DeclPath>,
) -> Result<T, D::Error> {
    let mut record = |path: serde_ignored::Path<'_>| unknown.push(ignored_path(&path));
    // One type for every shape: with the closure's own type, each shape would get its own copy of everything nested in it.
    let mut record: &mut dyn FnMut(serde_ignored::Path<'_>) = &mut record;
    T::deserialize(serde_ignored::Deserializer::new(deserializer, &mut record))
}

/// The same, with the path of what is wrong.
fn load_tracked<'de, T: DeserializeOwned, D: serde::Deserializer<'de>>(
    deserializer: D,
    unknown: &mut Vec<DeclPath>,
) -> Result<T, PathError<D::Error>> {
    let mut track = serde_path_to_error::Track::new();
    let result = load(serde_path_to_error::Deserializer::new(deserializer, &mut track), unknown);
    result.map_err(|error| PathError::new(track.path(), error))
}

fn ignored_path(path: &serde_ignored::Path<'_>) -> DeclPath {
    use serde_ignored::Path;
    match path {
        Path::Root => DeclPath::default(),
        Path::Seq { parent, index } => ignored_path(parent).index(*index),
        Path::Map { parent, key } => ignored_path(parent).key(key),
        Path::Some { parent } | Path::NewtypeStruct { parent } | Path::NewtypeVariant { parent } => {
            ignored_path(parent)
        }
    }
}

fn tracked_path(path: &serde_path_to_error::Path) -> DeclPath {
    path.iter().fold(DeclPath::default(), |path, segment| match segment {
        Segment::Seq { index } => path.index(*index),
        Segment::Map { key } => path.key(key),
        Segment::Enum { .. } | Segment::Unknown => path,
    })
}

/// Takes wrong values out one by one, so that one run reports them all and the rest can still be resolved.
fn peel<T: DeserializeOwned>(
    file: &str,
    text: &str,
    unknown_field: SayUnknown<'_>,
) -> Result<(T, Vec<Diagnostic>), Vec<Diagnostic>> {
    let syntax = |error: &serde_yaml::Error| {
        let at = error.location().map_or(0, |location| location.index());
        let location = Location { file: file.to_owned(), spot: Spot::Bytes { start: at, end: at + 1 } };
        vec![Diagnostic::new(&code::YAML_SYNTAX, location, error.to_string())]
    };
    let mut value: Value = serde_yaml::from_str(text).map_err(|error| syntax(&error))?;
    let tree = SpanTree::of(text);
    let mut diagnostics = Vec::new();
    for _ in 0..(RELOADED_BYTES / text.len().max(1)).clamp(2, SHAPE_ERROR_LIMIT) {
        let mut unknown = Vec::new();
        match load_tracked(value.clone(), &mut unknown) {
            Ok(decl) => {
                diagnostics.extend(unknown.iter().take(FINDINGS_LIMIT).map(|path| unknown_field(file, path)));
                return Ok((decl, diagnostics));
            }
            Err(error) => {
                let path = tracked_path(error.path());
                diagnostics.push(shape_error(file, text, &tree, &path, &error.inner().to_string()));
                if !take_out(&mut value, &path.0) {
                    break;
                }
            }
        }
    }
    Err(diagnostics)
}

/// Removes the value at a path; false where there is none, so that no caller loops on it.
fn take_out(value: &mut Value, path: &[Step]) -> bool {
    let Some((step, rest)) = path.split_first() else {
        return false;
    };
    match (value, step) {
        (Value::Mapping(map), Step::Key(key)) if rest.is_empty() => map.remove(key.as_str()).is_some(),
        (Value::Mapping(map), Step::Key(key)) => map.get_mut(key.as_str()).is_some_and(|child| take_out(child, rest)),
        (Value::Sequence(items), Step::Index(index)) if *index < items.len() => {
            if rest.is_empty() {
                items.remove(*index);
                return true;
            }
            items.get_mut(*index).is_some_and(|child| take_out(child, rest))
        }
        _ => false,
    }
}

fn shape_error(file: &str, text: &str, tree: &SpanTree, path: &DeclPath, message: &str) -> Diagnostic {
    let spot = Spot::Value(path.clone());
    let (start, end) = tree.range(&spot);
    let location = Location { file: file.to_owned(), spot };
    let written = text.get(start..end).unwrap_or_default();
    let (found, expected) = wording(message);
    if expected == "text" && (found.starts_with("the number") || found.starts_with("the boolean")) {
        let message = format!("`{path}` is {written} without quotes, which YAML reads as {found}, but text is needed");
        return Diagnostic::new(&code::NOT_A_STRING, location, message).with_help(quoted(path, written));
    }
    let what = if path.0.is_empty() { file.to_owned() } else { format!("`{path}`") };
    let message = if expected.is_empty() { found } else { format!("{what} is {found}, but {expected} is needed") };
    Diagnostic::new(&code::WRONG_TYPE, location, message)
}

/// How to write a bare scalar as text; a duration wants a unit besides.
fn quoted(path: &DeclPath, written: &str) -> String {
    match path.0.last() {
        Some(Step::Key(key)) if ["interval", "timeout", "start_period"].contains(&key.as_str()) => {
            format!("write it with its unit: {written}s")
        }
        _ => format!("put quotes around it: \"{written}\""),
    }
}

/// serde's "invalid type: X, expected Y" in the words of a YAML file.
fn wording(message: &str) -> (String, String) {
    let body = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "));
    let Some((found, expected)) = body.and_then(|body| body.split_once(", expected ")) else {
        return (message.to_owned(), String::new());
    };
    let found = found
        .replace("floating point ", "the number ")
        .replace("integer ", "the number ")
        .replace("unit value", "empty")
        .replace("sequence", "a list")
        .replace("boolean ", "the boolean ")
        .replace("map", "a mapping")
        .replace("string ", "the text ");
    let expected = match expected.split(" at line ").next().unwrap_or(expected) {
        "a string" => "text",
        "a sequence" => "a list",
        "a map" => "a mapping",
        "u64" => "a whole number, 0 or more,",
        other if other.starts_with("struct") => "a mapping",
        other => other,
    };
    (found, expected.to_owned())
}

/// The name of an unknown field and what it would be a field of.
fn field_and_owner<'a>(file: &str, path: &'a DeclPath) -> (&'a str, String) {
    let name = if let Some(Step::Key(key)) = path.0.last() { key.as_str() } else { "" };
    match path.0.split_last() {
        Some((_, [])) | None => (name, file.to_owned()),
        Some((_, above)) => (name, format!("`{}`", DeclPath(above.to_vec()))),
    }
}

fn unknown_field(file: &str, path: &DeclPath) -> Diagnostic {
    let (name, owner) = field_and_owner(file, path);
    let location = Location { file: file.to_owned(), spot: Spot::Key(path.clone()) };
    let found = Diagnostic::new(&code::UNKNOWN_FIELD, location, format!("{owner} has no field `{name}`"));
    if name == "<<" {
        return found.with_help("merge keys are not read: put what several services share into a kind");
    }
    let fields = fields_beside(path);
    match did_you_mean(name, fields.iter().map(String::as_str)) {
        Some(field) => found.with_help(format!("did you mean `{field}`?")),
        None => found.with_help(format!("the fields here are {}", fields.join(", "))),
    }
}

/// The same in an included file, which has only some of the fields.
fn field_out_of_place(file: &str, path: &DeclPath) -> Diagnostic {
    let known = fields_beside(path);
    let (name, _) = field_and_owner(file, path);
    let mut found = unknown_field(file, path);
    if path.0.len() > 1 {
        return found;
    }
    if name == "include" {
        "an included file includes no further ones".clone_into(&mut found.message);
        return found.with_help("write the pattern under `include` of services.yaml");
    }
    if known.iter().any(|field| field == name) {
        return found
            .with_help(format!("`{name}` belongs in services.yaml: an included file has requirements and services"));
    }
    let fields = ["requirements", "services"];
    match did_you_mean(name, fields) {
        Some(field) => found.with_help(format!("did you mean `{field}`?")),
        None => found.with_help("an included file has requirements and services"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::declare::Follows;

    fn found(text: &str) -> Vec<(String, String, Option<String>)> {
        let diagnostics = match parse("services.yaml", text.as_bytes()) {
            Ok(parsed) => parsed.diagnostics,
            Err(diagnostics) => diagnostics,
        };
        diagnostics.into_iter().map(|one| (one.code.id.to_owned(), one.message, one.help)).collect()
    }

    #[test]
    fn a_bare_version_is_quoted_as_it_was_written() {
        let found = found("python: 3.10\n");
        assert_eq!(found[0].0, "not-a-string");
        assert_eq!(found[0].2.as_deref(), Some("put quotes around it: \"3.10\""));
    }

    #[test]
    fn all_wrong_types_and_unknown_fields_come_at_once() {
        let text =
            "python: 3.10\nservices:\n  a: { port: eight, prot: 1, apt: x }\n  b: { healthcheck: { pth: /x } }\n";
        let codes: Vec<String> = found(text).into_iter().map(|one| one.0).collect();
        assert_eq!(codes, ["not-a-string", "wrong-type", "wrong-type", "unknown-field", "unknown-field"]);
    }

    #[test]
    fn only_what_may_come_from_a_left_out_value_is_held_back() {
        let text = "kinds: { web: 5 }\nservices:\n  a: { kind: web, prot: 1 }\n  b: { base: x }\n";
        let shape = match parse("f", text.as_bytes()) {
            Ok(parsed) => parsed.diagnostics,
            Err(diagnostics) => diagnostics,
        };
        let at = |code: &'static crate::diagnostic::Code, keys: &[&str]| {
            let location = Location { file: "f".to_owned(), spot: Spot::Value(DeclPath::of(keys)) };
            let tree = SpanTree::of(text);
            let readable = |_: &str, path: &DeclPath| tree.readable(path);
            Follows::of(&shape, &readable).hold_back(&Diagnostic::new(code, location, "x"), &readable)
        };
        assert!(at(&code::UNKNOWN_KIND, &["services", "a", "kind"]));
        assert!(at(&code::MISSING_FIELD, &["services", "a", "port"]));
        assert!(!at(&code::MISSING_FIELD, &["services", "b", "port"]));
        assert!(!at(&code::UNKNOWN_BASE, &["services", "b", "base"]));
    }

    #[test]
    fn a_merge_key_is_pointed_to_kinds() {
        let found = found("kinds: { w: &w { port: 1 } }\nservices:\n  a: { <<: *w, kind: w }\n");
        assert_eq!(found[0].2.as_deref(), Some("merge keys are not read: put what several services share into a kind"));
    }

    #[test]
    fn a_bare_duration_is_shown_with_its_unit() {
        let found = found("services:\n  a: { healthcheck: { interval: 5, retries: -1 } }\n");
        assert_eq!(found[0].2.as_deref(), Some("write it with its unit: 5s"));
        assert!(found[1].1.ends_with("is the number `-1`, but a whole number, 0 or more, is needed"), "{}", found[1].1);
    }

    #[test]
    fn an_unknown_field_suggests_its_neighbour() {
        let found = found("services:\n  a: { prot: 1 }\n");
        assert_eq!(found[0].1, "`services.a` has no field `prot`");
        assert_eq!(found[0].2.as_deref(), Some("did you mean `port`?"));
    }

    #[test]
    fn short_and_long_forms_mean_the_same() -> Result<(), Vec<Diagnostic>> {
        let short = parse("f", b"requirements: { a: [x] }\n")?.decl;
        let long = parse("f", b"requirements: { a: { packages: [x] } }\n")?.decl;
        assert_eq!(short.requirements["a"].packages, long.requirements["a"].packages);
        assert!(parse("f", b"services: { a: { healthcheck: none } }\n")?.diagnostics.is_empty());
        Ok(())
    }

    #[test]
    fn an_empty_file_is_an_empty_declaration() -> Result<(), Vec<Diagnostic>> {
        assert_eq!(parse("f", b"")?.decl, FleetDecl::default());
        assert_eq!(parse("f", b"# only a comment\n")?.decl, FleetDecl::default());
        Ok(())
    }
}
