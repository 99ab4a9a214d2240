//! Placeholders in what an entry and those that it inherits say, and command lines as words.

use std::borrow::Cow;
use std::sync::Arc;

use super::field::Findings;
use crate::diagnostic::{Severity, code};
use crate::fleet::joined::Joined;
use crate::fleet::model::{Command, Hook, Origin, Sourced, Variable};
use crate::fleet::placeholder::{Fault, PLACEHOLDERS, Place, Values, fill};
use crate::values::FreeText;

/// What only a shell understands, where it stands without quotes.
const OF_A_SHELL: &str = "$`|&;<>";

impl Findings<'_> {
    /// A text with values in place of placeholders.
    pub(super) fn filled<'t>(
        &mut self,
        origin: Origin,
        text: &'t str,
        values: &Values<'_>,
    ) -> Cow<'t, str> {
        let (filled, faults) = fill(text, values, Place::Text);
        self.placeholder_faults(origin, values, faults, Place::Text);
        filled
    }

    /// A path with values in place of placeholders; nothing where one is unknown.
    pub(super) fn filled_path<'t>(
        &mut self,
        origin: Origin,
        text: &'t str,
        values: &Values<'_>,
    ) -> Option<Cow<'t, str>> {
        let (filled, faults) = fill(text, values, Place::Path);
        let is_filled = faults.is_empty();
        self.placeholder_faults(origin, values, faults, Place::Path);
        is_filled.then_some(filled)
    }

    fn placeholder_faults(
        &mut self,
        origin: Origin,
        values: &Values<'_>,
        faults: Vec<Fault>,
        place: Place,
    ) {
        for fault in faults {
            let (word, meant) = match fault {
                Fault::Empty(word) => {
                    let message =
                        format!("`{{{word}}}` has no value: {}", without(word, values.name));
                    self.at_value(&code::EMPTY_PLACEHOLDER, origin, message);
                    continue;
                }
                Fault::Unknown(word, meant) => (word, meant),
            };
            let help = meant.map_or_else(
                || format!("known: {{{}}}", PLACEHOLDERS.join("} {")),
                |meant| format!("did you mean `{{{meant}}}`?"),
            );
            let message = format!("unknown placeholder `{{{word}}}`");
            let severity = match place {
                Place::Path => Severity::Error,
                Place::Text => Severity::Warning,
            };
            self.graded(
                &code::UNKNOWN_PLACEHOLDER,
                severity,
                origin,
                (message, help),
            );
        }
    }

    /// A command with values in place of placeholders.
    pub(super) fn filled_command(
        &mut self,
        command: Sourced<Command>,
        values: &Values<'_>,
    ) -> Sourced<Command> {
        let Command::Exec(words) = &command.value else {
            return command;
        };
        if !words.iter().any(|word| word.as_str().contains('{')) {
            return command;
        }
        let origin = command.origin;
        let filled = words.iter().map(|word| {
            let text = self.filled(origin, word.as_str(), values);
            let read = self.value(origin, &text, &code::INVALID_VALUE, FreeText::parse);
            read.map_or_else(|| word.clone(), |read| read.value)
        });
        let words: Arc<[FreeText]> = filled.collect();
        Sourced {
            value: Command::Exec(words),
            origin,
        }
    }

    /// Variables with values in place of placeholders; what has none stays shared.
    pub(super) fn filled_variables(
        &mut self,
        variables: Joined<Variable>,
        values: &Values<'_>,
    ) -> Joined<Variable> {
        let has_braces = |(_, value): &Variable| value.value.as_str().contains('{');
        if !variables.iter().any(has_braces) {
            return variables;
        }
        let filled = variables.iter().map(|(key, value)| {
            let text = self.filled(value.origin, value.value.as_str(), values);
            let read = self.value(value.origin, &text, &code::INVALID_VALUE, FreeText::parse);
            (key.clone(), read.unwrap_or_else(|| value.clone()))
        });
        filled.collect::<Vec<_>>().into()
    }

    /// Hooks with values in place of placeholders; where there are none, they stay shared.
    pub(super) fn filled_hooks(
        &mut self,
        hooks: Joined<Hook>,
        values: &Values<'_>,
    ) -> Joined<Hook> {
        let has_braces = |line: &Sourced<String>| line.value.contains('{');
        if !hooks.iter().any(|hook| hook.lines.iter().any(has_braces)) {
            return hooks;
        }
        let filled = hooks.iter().map(|hook| Hook {
            point: hook.point,
            lines: hook
                .lines
                .iter()
                .map(|line| Sourced {
                    value: self.filled(line.origin, &line.value, values).into_owned(),
                    origin: line.origin,
                })
                .collect(),
        });
        filled.collect::<Vec<_>>().into()
    }

    /// A command line as the words that it stands for. What would need a shell is refused: none
    /// starts.
    pub(super) fn split(&mut self, origin: Origin, line: &str) -> Option<Vec<String>> {
        if let Some(character) = unquoted(line).find(|c| OF_A_SHELL.contains(*c)) {
            let message = format!(
                "`{character}` needs a shell, but a command string runs without one: it is only \
                 split into words"
            );
            let quoted = serde_json::to_string(line).expect("a text is JSON");
            let help = format!(
                "start one: {}: [sh, -c, {quoted}]; or put quotes around literal text",
                origin.field
            );
            self.at_value_with_help(&code::NEEDS_SHELL, origin, message, help);
            return None;
        }
        let words = shlex::split(line);
        if words.is_none() {
            let message = "a quote in this command is not closed".to_owned();
            self.at_value(&code::INVALID_VALUE, origin, message);
        }
        words
    }
}

/// Why a placeholder has no value.
fn without(word: &str, name: &str) -> String {
    match word {
        "port" => format!("{name} declares no `port`"),
        "source" => format!("{name} has no sources, or this field is what declares them"),
        "workdir" => format!("{name} inherits it from an external image"),
        _ => format!("it is not known here, in {name}"),
    }
}

/// The characters of a line that stand outside of quotes.
fn unquoted(line: &str) -> impl Iterator<Item = char> {
    let (mut quote, mut is_escaped) = (None, false);
    line.chars().filter(move |character| {
        let was_escaped = std::mem::replace(&mut is_escaped, false);
        match (quote, character) {
            _ if was_escaped => false,
            (None | Some('"'), '\\') => {
                is_escaped = true;
                false
            }
            (None, '"' | '\'') => {
                quote = Some(*character);
                false
            }
            (Some(open), _) => {
                if open == *character {
                    quote = None;
                }
                false
            }
            (None, _) => true,
        }
    })
}
