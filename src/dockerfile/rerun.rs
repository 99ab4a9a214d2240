//! Which steps a change of a Dockerfile makes the builder run again: an estimate from the
//! instructions alone.
//!
//! A step of `BuildKit` is taken from the cache while it and everything before it in its stage, the
//! stages and the mounted files it uses are as before. Comments are no part of a step, and `LABEL`,
//! `EXPOSE`, `HEALTHCHECK`, `CMD` and their like only change the image's configuration, so none of
//! them makes anything run again. Whether a cache is there at all, and whether copied files
//! changed, is not known.

use std::collections::{BTreeMap, BTreeSet};

use super::{Instruction, Segment, segment};

/// Instructions that make layers or change how later ones run.
const STEPS: [&str; 9] = [
    "ADD", "ARG", "COPY", "ENV", "FROM", "RUN", "SHELL", "USER", "WORKDIR",
];

/// What runs again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rerun {
    /// The line and the keyword of the first step that does, in the new file.
    pub(crate) first: Option<(usize, String)>,
    /// Whether Debian packages are installed again.
    pub(crate) apt: bool,
    /// Whether Python packages are installed again.
    pub(crate) pip: bool,
}

impl Rerun {
    /// The estimate in words.
    #[must_use]
    pub(crate) fn words(&self) -> String {
        let Some((line, keyword)) = &self.first else {
            return "new tag and labels, no new layer".to_owned();
        };
        let installs = match (self.apt, self.pip) {
            (true, true) => "with apt-get install and pip install",
            (true, false) => "with apt-get install",
            (false, true) => "with pip install",
            (false, false) => "without any install",
        };
        format!("rebuilds from line {line} ({keyword}), {installs}")
    }
}

/// Compares two versions of a Dockerfile. `changed` are files of the build context that changed, by
/// their paths in it.
#[must_use]
pub fn rerun(old: &str, new: &str, changed: &[String]) -> Rerun {
    let (old_segments, new_segments) = (segment(old), segment(new));
    let (old, new) = (Stages::of(&old_segments), Stages::of(&new_segments));
    let mut rerun = Rerun::default();
    let mut dirty: BTreeSet<String> = BTreeSet::new();
    for (number, stage) in new.stages.iter().enumerate() {
        let before = old.stages.get(number).map_or(&[][..], Vec::as_slice);
        let same = |(at, step): (usize, &&Step<'_>)| {
            let as_before = before
                .get(at)
                .is_some_and(|old| old.words() == step.words());
            as_before
                && old.arguments_of(step) == new.arguments_of(step)
                && !uses(step, changed, &dirty)
        };
        let first = stage
            .iter()
            .collect::<Vec<_>>()
            .iter()
            .enumerate()
            .find(|(at, step)| !same((*at, step)))
            .map(|(at, _)| at);
        let Some(first) = first else { continue };
        dirty.insert(number.to_string());
        dirty.extend(stage.first().and_then(Step::alias));
        for step in stage.iter().skip(first) {
            let place = || (step.line, step.instruction.keyword().to_owned());
            rerun.first.get_or_insert_with(place);
            rerun.apt |= step.runs(&["apt-get", "apt"]);
            rerun.pip |= step.runs(&["pip", "pip3", "uv"]);
        }
    }
    rerun
}

/// Whether a step reads one of the changed files, or a stage that runs again.
fn uses(step: &Step<'_>, changed: &[String], dirty: &BTreeSet<String>) -> bool {
    let words = step.instruction.arguments().split([' ', ',', '\t']);
    let mut values = words.map(|word| word.rsplit('=').next().expect("a split has a first part"));
    let names_stage = |value: &str| dirty.contains(&value.to_ascii_lowercase());
    let reads_stage = match step.instruction.keyword() {
        "FROM" => step
            .instruction
            .operands()
            .split_whitespace()
            .next()
            .is_some_and(names_stage),
        _ => step.instruction.arguments().split([' ', ',']).any(|word| {
            word.rsplit_once("from=")
                .is_some_and(|(_, stage)| names_stage(stage))
        }),
    };
    reads_stage || values.any(|value| changed.iter().any(|path| path == value))
}

/// An instruction that counts.
struct Step<'a> {
    instruction: &'a Instruction,
    line: usize,
    text: &'a str,
}

impl Step<'_> {
    /// What the builder compares: the text of a heredoc, else the words without line breaks and
    /// comments.
    fn words(&self) -> Vec<&str> {
        if self.instruction.arguments().contains("<<") {
            return vec![self.text];
        }
        std::iter::once(self.instruction.keyword())
            .chain(self.instruction.arguments().split_whitespace())
            .collect()
    }

    fn alias(&self) -> Option<String> {
        let words: Vec<&str> = self.instruction.operands().split_whitespace().collect();
        let at = words
            .iter()
            .position(|word| word.eq_ignore_ascii_case("as"))?;
        words.get(at + 1).map(|alias| alias.to_ascii_lowercase())
    }

    /// Whether it runs `<tool> … install`, or `wheel`.
    fn runs(&self, tools: &[&str]) -> bool {
        let words = self.instruction.arguments().split_whitespace();
        let mut rest = words.skip_while(|word| !tools.contains(word));
        self.instruction.keyword() == "RUN" && rest.any(|word| matches!(word, "install" | "wheel"))
    }
}

struct Stages<'a> {
    /// Values of the build arguments before the first stage.
    arguments: BTreeMap<String, String>,
    stages: Vec<Vec<Step<'a>>>,
}

impl<'a> Stages<'a> {
    fn of(segments: &'a [Segment<'a>]) -> Self {
        let mut read = Self {
            arguments: BTreeMap::new(),
            stages: Vec::new(),
        };
        for segment in segments {
            let Some(instruction) = segment.instruction() else {
                continue;
            };
            let step = Step {
                instruction,
                line: segment.line,
                text: segment.text,
            };
            match (instruction.keyword(), read.stages.last_mut()) {
                ("FROM", _) => read.stages.push(vec![step]),
                ("ARG", None) => {
                    let (name, value) = instruction
                        .arguments()
                        .split_once('=')
                        .unwrap_or((instruction.arguments(), ""));
                    read.arguments
                        .insert(name.trim().to_owned(), value.trim().to_owned());
                }
                (keyword, Some(stage)) if STEPS.contains(&keyword) => stage.push(step),
                _ => {}
            }
        }
        read
    }

    /// The values of the build arguments that a FROM uses.
    fn arguments_of(&self, step: &Step<'_>) -> Vec<&str> {
        let text = if step.instruction.keyword() == "FROM" {
            step.instruction.arguments()
        } else {
            ""
        };
        let is_used = |name: &str| {
            text.contains(&format!("${{{name}}}")) || text.contains(&format!("${name}"))
        };
        self.arguments
            .iter()
            .filter(|(name, _)| is_used(name))
            .map(|(_, value)| value.as_str())
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: &str = "ARG V=1\nFROM a AS builder\nRUN --mount=type=bind,source=r.txt,target=/r \
     pip install -r /r\n\nFROM base:${V}\nRUN apt-get install x\nCOPY --from=builder /opt \
     /opt\nWORKDIR /app\nLABEL a=b\n";

    fn words(new: &str) -> String {
        rerun(OLD, new, &[]).words()
    }

    #[test]
    fn comments_and_labels_run_nothing_again() {
        assert_eq!(words(OLD), "new tag and labels, no new layer");
        assert_eq!(
            words(
                &OLD.replace("RUN apt", "# note\nRUN \\\n  # inside\n  apt")
                    .replace("a=b", "a=c")
            ),
            "new tag and labels, no new layer"
        );
    }

    #[test]
    fn a_change_runs_again_what_follows_it() {
        assert_eq!(
            words(&OLD.replace("V=1", "V=2")),
            "rebuilds from line 5 (FROM), with apt-get install"
        );
        assert_eq!(
            words(&OLD.replace("/app", "/srv")),
            "rebuilds from line 8 (WORKDIR), without any install"
        );
        assert_eq!(
            words(&OLD.replace("FROM a", "FROM b")),
            "rebuilds from line 2 (FROM), with pip install"
        );
        assert!(rerun("", OLD, &[]).apt);
    }

    #[test]
    fn a_mounted_file_and_a_stage_that_is_used_count() {
        let found = rerun(OLD, OLD, &["r.txt".to_owned()]);
        assert_eq!(
            (found.first, found.apt, found.pip),
            (Some((3, "RUN".to_owned())), false, true)
        );
    }
}
