//! What does not fit the shape of a declaration, as diagnostics.

use std::sync::LazyLock;

use super::json_schema::{Places, fields_beside};
use crate::diagnostic::{Code, DeclPath, Diagnostic, Location, Spot, Step, code, did_you_mean};
use crate::yaml::{Expected, Fault, Finding, Id, Meaning, Mistaken, Problem, Tree, meaning};

/// Why a text is not read.
pub(super) fn faults(file: &str, faults: Vec<Fault>) -> Vec<Diagnostic> {
    let diagnostic = |fault: Fault| {
        let spot = fault
            .range
            .map_or(Spot::File, |(start, end)| Spot::Bytes { start, end });
        let location = Location {
            file: file.to_owned(),
            spot,
        };
        Diagnostic {
            help: fault.help,
            ..Diagnostic::new(fault.code, location, fault.message)
        }
    };
    faults.into_iter().map(diagnostic).collect()
}

/// What is wrong with the shape of services.yaml.
pub(super) fn misfits(file: &str, tree: &Tree, findings: Vec<Finding>) -> Vec<Diagnostic> {
    findings
        .into_iter()
        .map(|finding| misfit(file, tree, finding))
        .collect()
}

fn misfit(file: &str, tree: &Tree, finding: Finding) -> Diagnostic {
    let node = Place {
        file,
        tree,
        node: finding.node,
        path: tree.path(finding.node),
    };
    match finding.problem {
        Problem::UnknownField => unknown_field(file, &node.path),
        Problem::NotText(mistaken) => node.not_text(mistaken),
        Problem::Wrong {
            expected,
            or_mapping,
        } => node.wrong(expected, or_mapping),
        Problem::Refused(message) => node.refused(&message),
    }
}

/// What a type asks for, in words.
pub(super) fn wanted(expected: Expected, or_mapping: bool) -> String {
    let wanted = match expected {
        Expected::Text => "text".to_owned(),
        Expected::Bool => "true or false".to_owned(),
        Expected::Number => "a whole number, 0 or more".to_owned(),
        Expected::List => "a list".to_owned(),
        Expected::Mapping => "a mapping".to_owned(),
        Expected::Word([word]) => format!("`{word}`"),
        Expected::Word(words) => format!("one of {}", words.join(", ")),
    };
    if or_mapping && expected != Expected::Mapping {
        wanted + " or a mapping"
    } else {
        wanted
    }
}

/// A node that does not fit.
struct Place<'a> {
    file: &'a str,
    tree: &'a Tree,
    node: Id,
    path: DeclPath,
}

impl Place<'_> {
    fn diagnostic(&self, code: &'static Code, message: String) -> Diagnostic {
        // Where nothing is written, the key is what can be pointed at.
        let at_key = self.tree.is_key(self.node) || self.tree.written(self.node).is_empty();
        let spot = if at_key {
            Spot::Key(self.path.clone())
        } else {
            Spot::Value(self.path.clone())
        };
        Diagnostic::new(
            code,
            Location {
                file: self.file.to_owned(),
                spot,
            },
            message,
        )
    }

    /// The path in backquotes; the file for the document itself.
    fn name(&self) -> String {
        if self.path.0.is_empty() {
            self.file.to_owned()
        } else {
            format!("`{}`", self.path)
        }
    }

    fn last_key(&self) -> &str {
        if let Some(Step::Key(key)) = self.path.0.last() {
            key
        } else {
            ""
        }
    }

    fn not_text(&self, mistaken: Mistaken) -> Diagnostic {
        let (name, written) = (self.name(), self.tree.value(self.node));
        if mistaken == Mistaken::Special && written == "<<" {
            return self
                .diagnostic(&code::NOT_A_STRING, format!("{name}: `<<` is a merge key"))
                .with_help(MERGE_KEY);
        }
        if written.is_empty() {
            let found = self.diagnostic(
                &code::NOT_A_STRING,
                format!("{name} is empty; expected text"),
            );
            return found.with_help("write the text, or \"\" for an empty one");
        }
        if self.tree.is_key(self.node) {
            let message = format!(
                "the key {written} is without quotes, which {}",
                taken_for(written, mistaken)
            );
            return self
                .diagnostic(&code::NOT_A_STRING, message)
                .with_help(format!("put it in quotes: \"{written}\""));
        }
        let taken = taken_for(written, mistaken);
        let message = format!("{name} is {written} without quotes, which {taken}; expected text");
        let is_duration =
            ["interval", "timeout", "start_period", "start-period"].contains(&self.last_key());
        let help = match mistaken {
            Mistaken::Number if is_duration => format!("write it with its unit: {written}s"),
            Mistaken::Bool if self.last_key() == "healthcheck" => {
                "for no health check write `none`".to_owned()
            }
            _ => format!(
                "put it in quotes: \"{written}\"{}",
                self.instead_of_a_word(mistaken)
            ),
        };
        self.diagnostic(&code::NOT_A_STRING, message)
            .with_help(help)
    }

    /// What a person can have meant by a word in place of a text, such as `locks: no`.
    fn instead_of_a_word(&self, mistaken: Mistaken) -> String {
        let (field, word) = (
            self.last_key(),
            self.tree.value(self.node).to_ascii_lowercase(),
        );
        let is_yes = ["y", "yes", "on", "true"].contains(&word.as_str());
        match mistaken {
            Mistaken::Bool if is_yes && PLACES.holds_mapping(&self.path) => {
                format!("; or write `{field}: {{}}` for its defaults")
            }
            Mistaken::Bool | Mistaken::Null if !is_yes && PLACES.can_be_left_out(&self.path) => {
                format!("; or leave `{field}` out")
            }
            _ => String::new(),
        }
    }

    fn wrong(&self, expected: Expected, or_mapping: bool) -> Diagnostic {
        let message = format!(
            "{} is {}; expected {}",
            self.name(),
            self.found(),
            wanted(expected, or_mapping)
        );
        let found = self.diagnostic(&code::WRONG_TYPE, message);
        let written = self.tree.value(self.node);
        match expected {
            Expected::Word(words) => match did_you_mean(written, words.iter().copied()) {
                Some(word) => found.with_help(format!("did you mean `{word}`?")),
                None => found,
            },
            Expected::List if !written.is_empty() => found.with_help(format!(
                "write it as a list: [{}]",
                self.tree.written(self.node)
            )),
            _ => found,
        }
    }

    /// What is written there.
    fn found(&self) -> String {
        if self.tree.is_list(self.node) {
            return "a list".to_owned();
        }
        if self.tree.is_mapping(self.node) {
            return "a mapping".to_owned();
        }
        match self.tree.value(self.node) {
            "" => "empty".to_owned(),
            value if value.len() > LONG || value.contains('\n') => "a longer text".to_owned(),
            value => format!("`{value}`"),
        }
    }

    fn refused(&self, message: &str) -> Diagnostic {
        match message.strip_prefix("duplicate field ") {
            Some(field) => {
                let written = self.last_key();
                let message =
                    format!("duplicate key `{written}`: {field} is another way to write it");
                self.diagnostic(&code::DUPLICATE_KEY, message)
                    .with_help("delete one of them")
            }
            None => self.diagnostic(&code::WRONG_TYPE, format!("{}: {message}", self.name())),
        }
    }
}

/// What YAML parsers make of a word without quotes.
fn taken_for(written: &str, mistaken: Mistaken) -> String {
    match (meaning(written), written.parse::<f64>()) {
        (Meaning::Number, Ok(number)) if written.contains('.') => {
            format!("YAML reads as the number `{number}`")
        }
        (Meaning::Text, _) => format!("some YAML parsers read as {}", mistaken.name()),
        _ => format!("YAML reads as {}", mistaken.name()),
    }
}

/// What the schema expects where.
static PLACES: LazyLock<Places> = LazyLock::new(Places::default);

/// The longest text that a message repeats.
const LONG: usize = 80;

/// What is said of `include` in an included file.
pub(super) const NO_FURTHER: &str = "an included file cannot include other files";

const MERGE_KEY: &str = "merge keys are not supported: put what several services share into a kind";

/// Words of other tools' files for what a field here is called.
const SYNONYMS: [(&[&str], &str); 21] = [
    (&["command"], "cmd"),
    (&["folder", "dir", "src", "path"], "source"),
    (&["dest", "destination"], "target"),
    (&["working_dir", "cwd"], "workdir"),
    (&["environment"], "env"),
    (&["expose"], "port"),
    (&["extra_index_url", "extra_index_urls"], "index_urls"),
    (&["tag"], "version"),
    (&["image"], "from"),
    (&["extends"], "kind"),
    (&["exclude", "dockerignore"], "ignore"),
    (&["packages", "dependencies"], "pip"),
    (&["entry_point"], "entrypoint"),
    (&["requirements_file"], "install"),
    (&["restart"], "role"),
    (&["test"], "cmd"),
    (&["build"], "dockerfile"),
    (&["user_id"], "user"),
    (&["uid", "run_as"], "user"),
    (&["type"], "role"),
    (&["grace_period", "stop_timeout"], "stop_grace_period"),
];

/// The name of an unknown field and what it would be a field of.
fn field_and_owner<'a>(file: &str, path: &'a DeclPath) -> (&'a str, String) {
    let name = if let Some(Step::Key(key)) = path.0.last() {
        key.as_str()
    } else {
        ""
    };
    match path.0.split_last() {
        Some((_, [])) | None => (name, file.to_owned()),
        Some((_, above)) => (name, format!("`{}`", DeclPath(above.to_vec()))),
    }
}

fn unknown_field(file: &str, path: &DeclPath) -> Diagnostic {
    let (name, owner) = field_and_owner(file, path);
    let location = Location {
        file: file.to_owned(),
        spot: Spot::Key(path.clone()),
    };
    let found = Diagnostic::new(
        &code::UNKNOWN_FIELD,
        location,
        format!("{owner} has no field `{name}`"),
    );
    if name == "<<" {
        return found.with_help(MERGE_KEY);
    }
    let fields = fields_beside(path);
    let is_field = |field: &&str| fields.iter().any(|known| known == field);
    let other_word = SYNONYMS
        .into_iter()
        .find(|(words, _)| words.contains(&name));
    let other_word = other_word.map(|(_, field)| field).filter(is_field);
    match other_word.or_else(|| did_you_mean(name, fields.iter().map(String::as_str))) {
        Some(field) => found.with_help(format!("did you mean `{field}`?")),
        None if fields.is_empty() => found,
        None => found.with_help(format!("valid fields: {}", fields.join(", "))),
    }
}

/// The same in an included file, which has only some of the fields.
pub(super) fn field_out_of_place(file: &str, path: &DeclPath) -> Diagnostic {
    let known = fields_beside(path);
    let (name, _) = field_and_owner(file, path);
    let mut found = unknown_field(file, path);
    if path.0.len() > 1 {
        return found;
    }
    if name == "include" {
        NO_FURTHER.clone_into(&mut found.message);
        return found.with_help("write the pattern under `include` of services.yaml");
    }
    if known.iter().any(|field| field == name) {
        return found.with_help(format!(
            "`{name}` belongs in services.yaml: an included file has requirements and services"
        ));
    }
    let fields = ["requirements", "services"];
    match did_you_mean(name, fields) {
        Some(field) => found.with_help(format!("did you mean `{field}`?")),
        None => found.with_help("an included file has requirements and services"),
    }
}
