//! Placeholders: `{name}` and its like, which stand for what an image's own entry says, so that
//! `defaults` and kinds can say it for all.
//!
//! In paths any other word in braces is a mistake. Elsewhere braces that hold anything else are
//! text: JSON, `${X}`, `{{.State}}` and awk keep working, and `{{name}}` writes `{name}`.

use std::borrow::Cow;

use crate::diagnostic::did_you_mean;
use crate::values::{EnvKey, FreeText, Quote, escaped};

/// The words that stand for something.
pub(crate) const PLACEHOLDERS: [&str; 7] = [
    "name", "module", "source", "target", "workdir", "port", "python",
];

/// What the placeholders of one image stand for; nothing where it has no such value.
#[derive(Debug, Clone, Default)]
pub(crate) struct Values<'a> {
    /// `{name}`: svc-ocr.
    pub(crate) name: &'a str,
    /// `{module}`: `svc_ocr`.
    pub(crate) module: Cow<'a, str>,
    /// `{source}`: the folder of its sources, below the root.
    pub(crate) source: Option<&'a str>,
    /// `{target}`: where their content lands in the image.
    pub(crate) target: Option<&'a str>,
    /// `{workdir}`: the folder that its commands run in.
    pub(crate) workdir: Option<&'a str>,
    /// `{port}`: in digits.
    pub(crate) port: Option<Cow<'a, str>>,
    /// `{python}`: 3.12.
    pub(crate) python: Option<&'a str>,
}

impl Values<'_> {
    fn get(&self, word: &str) -> Option<&str> {
        match word {
            "name" => Some(self.name),
            "module" => Some(&self.module),
            "source" => self.source,
            "target" => self.target,
            "workdir" => self.workdir,
            "port" => self.port.as_deref(),
            "python" => self.python,
            _ => None,
        }
    }
}

/// Where a text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// A path, in which nothing else stands in braces.
    Path,
    /// Anywhere else.
    Text,
}

/// What is wrong with a placeholder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// There is none of this name; the one that was most likely meant.
    Unknown(String, Option<&'static str>),
    /// It stands for nothing here.
    Empty(&'static str),
}

/// The text with values in place of placeholders, and what is wrong with the others, which stay.
#[must_use]
pub(crate) fn fill<'t>(
    text: &'t str,
    values: &Values<'_>,
    place: Place,
) -> (Cow<'t, str>, Vec<Fault>) {
    let mut faults = Vec::new();
    if !text.contains('{') {
        return (Cow::Borrowed(text), faults);
    }
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let is_variable = before.ends_with('$') && place == Place::Text;
        if let Some(inner) = after.strip_prefix('{').filter(|_| place == Place::Text) {
            rest = inner;
            match word(inner).and_then(|(word, rest)| Some((word, rest.strip_prefix('}')?))) {
                Some((word, after)) if known(word).is_some() && !is_variable => {
                    filled.extend(["{", word, "}"]);
                    rest = after;
                }
                _ => filled.push_str("{{"),
            }
            continue;
        }
        let Some((word, after_word)) = word(after).filter(|_| !is_variable) else {
            filled.push('{');
            rest = after;
            continue;
        };
        match (known(word), values.get(word)) {
            (Some(_), Some(value)) => filled.push_str(value),
            (Some(known), None) => faults.push(Fault::Empty(known)),
            (None, _) => {
                faults.extend(unknown(word, place));
                filled.extend(["{", word, "}"]);
            }
        }
        rest = after_word;
    }
    filled.push_str(rest);
    (Cow::Owned(filled), faults)
}

/// A part of a value of ENV or LABEL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part<'t> {
    /// Text that stands for itself.
    Text(&'t str),
    /// `{arg.NAME}`: a build argument.
    Argument(&'t str),
    /// `{env.NAME}`: a variable of the image.
    Variable(&'t str),
}

/// The parts of a value. `{{arg.NAME}}` writes `{arg.NAME}`, and `${arg.NAME}` is text.
#[must_use]
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let (mut parts, mut start, mut at) = (Vec::new(), 0, 0);
    while let Some(found) = text[at..].find('{') {
        let brace = at + found;
        at = brace + 1;
        let is_doubled = text[at..].starts_with('{');
        let inner = &text[at + usize::from(is_doubled)..];
        let Some((part, length)) = variable(inner) else {
            at += usize::from(is_doubled);
            continue;
        };
        let end = at + usize::from(is_doubled) + length;
        if text[..brace].ends_with('$') || (is_doubled && !text[end..].starts_with('}')) {
            at = end;
            continue;
        }
        parts.push(Part::Text(&text[start..brace]));
        parts.push(if is_doubled {
            Part::Text(&text[at..end])
        } else {
            part
        });
        at = end + usize::from(is_doubled);
        start = at;
    }
    parts.push(Part::Text(&text[start..]));
    parts.retain(|part| *part != Part::Text(""));
    parts
}

/// The variable up to a closing brace, and the length of that.
fn variable(inner: &str) -> Option<(Part<'_>, usize)> {
    let (word, _) = inner.split_once('}')?;
    let (kind, name) = word.split_once('.')?;
    EnvKey::parse(name).ok()?;
    let part = match kind {
        "arg" => Part::Argument(name),
        "env" => Part::Variable(name),
        _ => return None,
    };
    Some((part, word.len() + 1))
}

/// A value as a word of ENV or LABEL, in which variables are filled in by the build.
#[must_use]
pub(crate) fn expanding_word(value: &FreeText) -> String {
    if !value.as_str().contains("{arg.") && !value.as_str().contains("{env.") {
        return value.dockerfile_word();
    }
    let mut word = String::from("\"");
    for part in parts(value.as_str()) {
        match part {
            Part::Text(text) => word.push_str(&escaped(text)),
            Part::Argument(name) | Part::Variable(name) => word.extend(["${", name, "}"]),
        }
    }
    word.push('"');
    word
}

fn known(word: &str) -> Option<&'static str> {
    PLACEHOLDERS.into_iter().find(|known| *known == word)
}

/// The word up to a closing brace, and what follows that.
fn word(text: &str) -> Option<(&str, &str)> {
    let (word, rest) = text.split_once('}')?;
    let is_word = |c: char| c.is_ascii_alphabetic() || c == '_';
    (!word.is_empty() && word.chars().all(is_word)).then_some((word, rest))
}

/// Outside of paths only a slip of one letter is told: other words in braces are meant.
fn unknown(word: &str, place: Place) -> Option<Fault> {
    let meant = did_you_mean(word, PLACEHOLDERS).and_then(known);
    let is_near = meant.is_some_and(|meant| strsim::osa_distance(word, meant) == 1);
    (place == Place::Path || is_near).then(|| Fault::Unknown(word.to_owned(), meant))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> Values<'static> {
        Values {
            name: "svc-a",
            module: "svc_a".into(),
            port: Some("8000".into()),
            ..Values::default()
        }
    }

    #[test]
    fn placeholders_are_filled_and_other_braces_are_text() {
        for (written, expected) in [
            ("services/{name}/x", "services/svc-a/x"),
            ("{module}{port}", "svc_a8000"),
            ("0.0.0.0:{port} --workers 3", "0.0.0.0:8000 --workers 3"),
            ("${name} ${X:-{name}}", "${name} ${X:-svc-a}"),
            (
                "{{name}} {{.State}} {{ name }}",
                "{name} {{.State}} {{ name }}",
            ),
            ("{\"name\": \"{name}\"}", "{\"name\": \"svc-a\"}"),
            ("awk '{print $1}' {}", "awk '{print $1}' {}"),
            ("{ name", "{ name"),
        ] {
            let (filled, faults) = fill(written, &values(), Place::Text);
            assert_eq!(
                (filled.as_ref(), faults),
                (expected, Vec::new()),
                "{written}"
            );
        }
    }

    #[test]
    fn variables_of_the_build_are_told_from_text() {
        for (written, word) in [
            ("/opt/x:{env.PATH}", r#""/opt/x:${PATH}""#),
            ("{arg.A}{arg.B_1}$", r#""${A}${B_1}\$""#),
            (
                "${arg.A} {{arg.A}} {{env.X} {arg.1} {arg.}",
                r#""\${arg.A} {arg.A} {{env.X} {arg.1} {arg.}""#,
            ),
            // As for the other placeholders: two braces that escape nothing are text.
            ("{{{arg.A}}}", r#""{{${A}}}""#),
            ("\"{arg.A", r#""\"{arg.A""#),
        ] {
            let value = FreeText::parse(written).unwrap();
            assert_eq!(expanding_word(&value), word, "{written}");
        }
    }

    #[test]
    fn what_stands_for_nothing_and_slips_are_told() {
        let faults = |text, place| fill(text, &values(), place).1;
        assert_eq!(faults("{source}", Place::Text), [Fault::Empty("source")]);
        let slip = Fault::Unknown("nmae".to_owned(), Some("name"));
        for place in [Place::Text, Place::Path] {
            assert_eq!(faults("{nmae}", place), std::slice::from_ref(&slip));
        }
        assert_eq!(faults("{print}", Place::Text), []);
        let other = Fault::Unknown("zebra".to_owned(), None);
        assert_eq!(faults("a/{zebra}", Place::Path), [other]);
    }
}
