//! What an original runs in its build, as items of `run`, and the build arguments that it needs.

use std::collections::{BTreeMap, BTreeSet};

use super::items::is_name;
use super::node::Node;
use super::running;
use crate::dockerfile::meaning::{Claimant, Meaning, Part, Script, Step, depends_on_folder};
use crate::rules::calls_pip;

/// The items of `run`, what cannot be one, and the build arguments that these need.
#[derive(Default)]
pub(super) struct Steps {
    pub(super) items: Vec<Node>,
    pub(super) notes: Vec<String>,
    pub(super) arguments: Vec<(String, Node)>,
    /// The installers that they start, which the environment lacks.
    pub(super) installers: BTreeSet<&'static str>,
}

/// Installers that steps start by their names.
const INSTALLERS: [&str; 4] = ["pdm", "pipenv", "poetry", "uv"];

impl Steps {
    pub(super) fn of(meaning: &Meaning) -> Self {
        let mut steps = Self::default();
        let mut lines = BTreeSet::new();
        let mut names = BTreeSet::new();
        // What follows a step behind the sources stands behind them too.
        let mut is_after = false;
        for step in &meaning.steps {
            let is_elsewhere = meaning.steps_elsewhere.contains(&step.line);
            if is_elsewhere && fills_environment(step) {
                let text = step.key.clone();
                steps.look(meaning, &text);
                steps.items.push(Node::Text(running::literal(&text)));
            } else if is_elsewhere {
                steps.note(format!("another stage runs: {}", step.text));
            } else if step.keyword != "RUN" {
                steps.note(format!("{} has no field", step.keyword));
            } else if lines.insert(step.line) {
                let text = match text_of(meaning, step) {
                    Ok(text) => text,
                    Err(note) => {
                        steps.note(note);
                        continue;
                    }
                };
                names.extend(variables(&text));
                steps.look(meaning, &text);
                is_after |= comes_after_sources(meaning, step);
                steps.items.push(item(running::literal(&text), is_after));
            }
        }
        steps.arguments = arguments(meaning, &names);
        steps
    }

    /// Notes the installers that a step starts, also those in the values of its variables.
    fn look(&mut self, meaning: &Meaning, text: &str) {
        let text = spelled_out(meaning, text);
        let words: BTreeSet<&str> = text.split_whitespace().collect();
        let named = INSTALLERS.iter().filter(|name| words.contains(**name));
        self.installers.extend(named);
        if calls_pip(&text) {
            self.installers.insert("pip");
        }
    }

    fn note(&mut self, text: String) {
        if !self.notes.contains(&text) {
            self.notes.push(text);
        }
    }
}

/// Whether a step of another stage only adds packages to the environment that is copied from there.
fn fills_environment(step: &Step) -> bool {
    let words: Vec<&str> = step.key.split_whitespace().collect();
    match words.as_slice() {
        ["opentelemetry-bootstrap", ..] | ["spacy", "download", ..] => true,
        [python, "-m", "spacy", "download", ..] => python.starts_with("python"),
        _ => false,
    }
}

fn item(text: String, is_after: bool) -> Node {
    if !is_after {
        return Node::Text(text);
    }
    let entry = [("after", "source"), ("run", text.as_str())];
    let entry = entry.map(|(key, value)| (key.to_owned(), Node::text(value)));
    Node::Map(entry.to_vec())
}

/// The commands of a `RUN` that no field says, with what they need of the others: the variables
/// and the folder of the shell, and folders that are made. A note where no field
/// reaches that folder.
fn text_of(meaning: &Meaning, step: &Step) -> Result<String, String> {
    let (texts, folder) = match meaning.scripts.get(&step.line) {
        Some(script) => (needed(script), script.folder.as_str()),
        None => (vec![step.text.clone()], step.folder.as_str()),
    };
    let text = texts.join(" && ");
    if folder != meaning.workdir && !text.starts_with("cd /") && depends_on_folder(&text) {
        let unnamed = || meaning.out_of_reach(&format!("`{text}` runs in"), folder);
        let folder = meaning.in_fields(folder).ok_or_else(unnamed)?;
        Ok(format!("cd {folder} && {text}"))
    } else {
        Ok(text)
    }
}

fn needed(script: &Script) -> Vec<String> {
    let is_step = |part: &Part| part.by == Claimant::Step;
    let last = script.parts.iter().rposition(is_step).unwrap_or_default();
    let mut has_step = false;
    let mut texts = Vec::new();
    let mut uses_lists = false;
    for (at, part) in script.parts.iter().enumerate() {
        has_step |= is_step(part);
        let program = part.program.as_str();
        let sets_shell = matches!(program, "" | "cd" | "export" | "set" | "umask");
        let is_lists = part.text.contains("/var/lib/apt/lists");
        let is_about_files = match part.by {
            Claimant::Housekeeping => {
                has_step && matches!(program, "rm" | "echo" | "find" | "touch") && !is_lists
            }
            // What is moved is copied to its place by a field.
            Claimant::Files => has_step && program == "rm",
            Claimant::Folders => {
                matches!(program, "mkdir") || (has_step && matches!(program, "chmod"))
            }
            _ => false,
        };
        uses_lists |= is_step(part) && matches!(program, "apt-get" | "apt");
        if is_step(part) || (sets_shell && at < last) || is_about_files {
            texts.push(part.text.clone());
        }
    }
    if uses_lists {
        texts.insert(0, "apt-get update".to_owned());
        texts.push("rm -rf /var/lib/apt/lists/*".to_owned());
    }
    texts
}

/// Whether a step installs packages itself, not with pip: they land beside the image's own, and
/// not where the fields install.
pub(super) fn installs_by_hand(meaning: &Meaning) -> bool {
    let is_own = |step: &&Step| !meaning.steps_elsewhere.contains(&step.line);
    let mut own = meaning.steps.iter().filter(is_own);
    own.any(|step| {
        let text = spelled_out(meaning, &step.key);
        let words: Vec<&str> = text.split_whitespace().collect();
        let by_uv = words.windows(2).any(|pair| pair == ["uv", "pip"]);
        let is_other = |word: &&str| {
            let name = word.rsplit('/').next().unwrap_or(word);
            ["conda", "mamba", "micromamba", "easy_install", "get-pip.py"].contains(&name)
        };
        by_uv || words.iter().any(is_other)
    })
}

/// What programs leave in the home folder of the account that a step runs as.
const IN_HOME: [&str; 14] = [
    "nltk.download",
    "nltk import download",
    "from_pretrained",
    "SentenceTransformer",
    "snapshot_download",
    "hf_hub_download",
    "huggingface-cli",
    "playwright install",
    "torch.hub",
    "whisper.load_model",
    "WhisperModel(",
    "/root/",
    "~/",
    "$HOME",
];

/// Whether a step leaves something in root's home folder, where no other account finds it.
pub(super) fn fills_home(meaning: &Meaning) -> bool {
    let is_own = |step: &&Step| !meaning.steps_elsewhere.contains(&step.line);
    let mut own = meaning.steps.iter().filter(is_own);
    own.any(|step| IN_HOME.iter().any(|word| step.text.contains(word)))
}

/// A text, and behind it the values of the build arguments that it names.
fn spelled_out(meaning: &Meaning, text: &str) -> String {
    let mut text = text.to_owned();
    for name in variables(&text) {
        if let Some(Some(value)) = meaning.arguments.get(&name) {
            text.push(' ');
            text.push_str(value);
        }
    }
    text
}

/// The names of the variables in a text.
fn variables(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('$') {
        let rest = text.get(at + 1..).unwrap_or_default();
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let name = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        if is_name(name) {
            found.push(name.to_owned());
        }
    }
    found
}

/// Of the build arguments, those that steps name, with their values.
fn arguments(meaning: &Meaning, names: &BTreeSet<String>) -> Vec<(String, Node)> {
    let known: &BTreeMap<String, Option<String>> = &meaning.arguments;
    let used = known
        .iter()
        .filter(|(name, _)| names.contains(*name) && !meaning.env.contains_key(*name));
    used.map(|(name, value)| (name.clone(), Node::Text(value.clone().unwrap_or_default())))
        .collect()
}

/// Whether a step stands behind the sources: behind a COPY of anything but files to install.
fn comes_after_sources(meaning: &Meaning, step: &Step) -> bool {
    let is_source = |from: &str| {
        let name = from.rsplit('/').next().unwrap_or(from).to_ascii_lowercase();
        !(name.contains("require")
            || name.rsplit_once('.').is_some_and(|(_, end)| end == "lock")
            || name == "pyproject.toml")
    };
    meaning.copied.iter().any(|copied| {
        copied.line < step.line && (is_source(&copied.from) || step.names(&copied.to))
    })
}
