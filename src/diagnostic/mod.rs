//! What is wrong with the user's files: statements that are collected and reported all at once,
//! never errors that stop the run.
//!
//! A [`Diagnostic`] points to its place symbolically (a path of keys in services.yaml); the report
//! turns that into line and column.

pub mod code;

use std::fmt;

pub use code::Code;
pub use code::Severity;

/// One step of a [`DeclPath`].
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// The value under a mapping key.
    Key(String),
    /// The nth item of a sequence, or the nth entry of a mapping; from 0.
    Index(usize),
}

/// A place in services.yaml by its keys, such as `services.svc-ocr.apt[1]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeclPath(pub(crate) Vec<Step>);

impl DeclPath {
    /// The path of a chain of keys.
    #[must_use]
    pub(crate) fn of(keys: &[&str]) -> Self {
        Self(
            keys.iter()
                .map(|key| Step::Key((*key).to_owned()))
                .collect(),
        )
    }

    /// This path and one more key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.to_owned()));
        self
    }

    /// This path and one more position.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }
}

impl fmt::Display for DeclPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => write!(formatter, "{key}")?,
                Step::Key(key) => write!(formatter, ".{key}")?,
                Step::Index(index) => write!(formatter, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Where in a file a diagnostic points.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spot {
    /// The value at a path of services.yaml; where it is absent, the nearest key above it.
    Value(DeclPath),
    /// The key of the entry at a path of services.yaml.
    Key(DeclPath),
    /// A range of bytes.
    Bytes {
        /// The first byte.
        start: usize,
        /// The byte after the last.
        end: usize,
    },
    /// The file as a whole.
    File,
}

/// A file, by its path below the root, and a spot in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Location {
    /// The path below the root.
    pub file: String,
    /// The spot.
    pub(crate) spot: Spot,
}

/// One statement about the user's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What kind of statement; `dockwright explain <code>` tells more.
    pub code: &'static Code,
    /// Whether it fails the run: as its code says, unless the fleet's policy says otherwise.
    pub severity: Severity,
    /// Where.
    pub location: Location,
    /// What is wrong here: lower case, no full stop.
    pub message: String,
    /// What to write or to type instead.
    pub help: Option<String>,
    /// Lines to choose from and paste, below the help. They are the program's own, so each may
    /// stand on a line of the output.
    pub(crate) examples: &'static [&'static str],
}

impl Diagnostic {
    /// A diagnostic without help.
    #[must_use]
    pub(crate) fn new(code: &'static Code, location: Location, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.severity,
            location,
            message: message.into(),
            help: None,
            examples: &[],
        }
    }

    /// The same with help.
    #[must_use]
    pub(crate) fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same with lines to paste below the help.
    #[must_use]
    pub(crate) fn with_examples(self, examples: &'static [&'static str]) -> Self {
        Self { examples, ..self }
    }

    /// The help with its lines to paste, as programs read it.
    #[must_use]
    pub(crate) fn whole_help(&self) -> Option<String> {
        let lines = self
            .help
            .as_deref()
            .into_iter()
            .chain(self.examples.iter().copied());
        let lines: Vec<&str> = lines.collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Whether it makes the run fail.
    #[must_use]
    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}

/// How many findings of one pass are kept: nobody reads more, and a hostile file could ask for
/// millions.
pub(crate) const FINDINGS_LIMIT: usize = 500;

/// The gravest of these findings, at most [`FINDINGS_LIMIT`], in their order; the last one says how
/// many were left out.
#[must_use]
pub(crate) fn bounded(mut findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let left_out = findings.len().saturating_sub(FINDINGS_LIMIT);
    if left_out == 0 {
        return findings;
    }
    let mut severities: Vec<Severity> = findings.iter().map(|found| found.severity).collect();
    severities.sort_unstable();
    // All that is graver than the last one kept, and of its own severity as many as there is room
    // for.
    let last = severities
        .get(FINDINGS_LIMIT - 1)
        .copied()
        .unwrap_or(Severity::Hint);
    let mut room = FINDINGS_LIMIT - severities.partition_point(|severity| *severity < last);
    findings.retain(|found| {
        let is_last = found.severity == last;
        let kept = found.severity < last || (is_last && room > 0);
        room -= usize::from(is_last && kept);
        kept
    });
    if let Some(found) = findings.last_mut() {
        let more = format!("{left_out} more not shown; fix these first");
        found.help = Some(
            found
                .help
                .take()
                .map_or(more.clone(), |help| format!("{help}; {more}")),
        );
    }
    findings
}

/// The longest word that is compared with others, in bytes: a comparison takes the product of both
/// lengths.
const COMPARED_LENGTH: usize = 64;
/// With how many candidates a word is compared. Of more, only those with its first letter count.
const COMPARED_NAMES: usize = 1_000;
/// For how many findings of one pass a name is suggested.
pub(crate) const SUGGESTIONS_LIMIT: usize = 20;

/// The candidate that a mistyped word most likely stands for.
///
/// One slip of the keyboard (an edit or a swap of neighbours) always counts; beyond, a Jaro-Winkler
/// similarity of at least 0.8, the bound that keeps `requirments` → `requirements` and drops
/// unrelated words.
#[must_use]
pub fn did_you_mean<'a>(
    typed: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    if typed.len() > COMPARED_LENGTH {
        return None;
    }
    let candidates: Vec<&str> = candidates
        .into_iter()
        .filter(|known| known.len() <= COMPARED_LENGTH)
        .collect();
    let first = typed.chars().next();
    let is_few = candidates.len() <= COMPARED_NAMES;
    let candidates = candidates
        .into_iter()
        .filter(|known| is_few || known.chars().next() == first);
    let score = |candidate: &str| {
        let similarity = strsim::jaro_winkler(typed, candidate);
        if strsim::osa_distance(typed, candidate) == 1 {
            similarity.max(0.9)
        } else {
            similarity
        }
    };
    candidates
        // What was typed is no answer to what else it could have been.
        .filter(|candidate| *candidate != typed)
        .take(COMPARED_NAMES)
        .map(|candidate| (score(candidate), candidate))
        .filter(|(score, _)| *score >= 0.8)
        .max_by(|left, right| left.0.total_cmp(&right.0))
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_like_the_file() {
        let path = DeclPath::of(&["services", "svc-ocr", "apt"]).index(1);
        assert_eq!(path.to_string(), "services.svc-ocr.apt[1]");
    }

    #[test]
    fn the_gravest_findings_are_kept_and_the_rest_is_counted() {
        let location = Location {
            file: "services.yaml".to_owned(),
            spot: Spot::File,
        };
        let found = |code: &'static Code, number: usize| {
            Diagnostic::new(code, location.clone(), number.to_string())
        };
        let all: Vec<Diagnostic> = (0..600)
            .map(|number| {
                let mut found = found(&code::UNKNOWN_KIND, number);
                found.severity = if number % 2 == 0 {
                    Severity::Error
                } else {
                    Severity::Warning
                };
                found
            })
            .collect();
        let kept = bounded(all.clone());
        assert_eq!(kept.len(), FINDINGS_LIMIT);
        assert_eq!(kept.iter().filter(|found| found.is_error()).count(), 300);
        let numbers: Vec<usize> = kept
            .iter()
            .filter_map(|found| found.message.parse().ok())
            .collect();
        assert!(numbers.is_sorted() && numbers.len() == FINDINGS_LIMIT);
        let help = kept.last().and_then(|found| found.help.as_deref());
        assert_eq!(help, Some("100 more not shown; fix these first"));
        assert_eq!(bounded(kept[..9].to_vec()), kept[..9]);
    }

    #[test]
    fn a_typo_finds_its_word_and_nonsense_finds_none() {
        assert_eq!(did_you_mean("prot", ["port", "pip", "apt"]), Some("port"));
        assert_eq!(
            did_you_mean("requirments", ["requirements", "registry"]),
            Some("requirements")
        );
        assert_eq!(did_you_mean("wbe", ["web", "ml"]), Some("web"));
        assert_eq!(did_you_mean("zzz", ["port", "pip"]), None);
    }
}
