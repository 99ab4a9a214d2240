//! The steps of a Dockerfile that make layers, and what each takes from.

use std::collections::BTreeMap;
use std::ops::Range;

use super::ledger::Declared;
use crate::dockerfile::{Instruction, Segment, segment};

/// The instructions that can make a layer.
const LAYERING: [&str; 4] = ["RUN", "COPY", "ADD", "WORKDIR"];
/// How many characters of a command are compared: builders write what comes after differently.
const COMPARED: usize = 60;

/// A step of a Dockerfile's last stage that makes a layer.
#[derive(Debug, Clone)]
pub(super) struct Step {
    /// Its first line, from 1.
    pub(super) line: usize,
    /// What was declared for it; filled in by whoever has the trace.
    pub(super) declared: Vec<Declared>,
    keyword: String,
    /// Whether it runs pip or uv.
    installs_python: bool,
    /// What a builder's record of it holds.
    mark: String,
    /// Its lines, from 0, and those of the stages that it copies from.
    lines: Vec<Range<usize>>,
    /// The files of the build context that it mounts.
    mounted: Vec<String>,
}

/// An instruction with its lines.
struct Placed<'a> {
    instruction: &'a Instruction,
    lines: Range<usize>,
}

impl<'a> Placed<'a> {
    fn of(segment: &'a Segment<'_>) -> Option<Self> {
        let start = segment.line - 1;
        let lines = start..start + segment.text.lines().count();
        let instruction = segment.instruction()?;
        Some(Self { instruction, lines })
    }

    fn is_layering(&self) -> bool {
        LAYERING.contains(&self.instruction.keyword())
    }
}

/// The steps of the last stage that make layers, in order.
pub(super) fn dockerfile_steps(text: &str) -> Vec<Step> {
    let segments = segment(text);
    let mut stages: Vec<Vec<Placed<'_>>> = Vec::new();
    let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
    for placed in segments.iter().filter_map(Placed::of) {
        if placed.instruction.keyword() == "FROM" {
            let words: Vec<&str> = placed.instruction.operands().split_whitespace().collect();
            if let [.., word, name] = words.as_slice()
                && word.eq_ignore_ascii_case("as")
            {
                numbers.insert(name.to_ascii_lowercase(), stages.len());
            }
            numbers.insert(stages.len().to_string(), stages.len());
            stages.push(Vec::new());
        } else if let Some(stage) = stages.last_mut() {
            stage.push(placed);
        }
    }
    let Some((last, earlier)) = stages.split_last() else {
        return Vec::new();
    };
    let layering = last.iter().filter(|placed| placed.is_layering());
    layering
        .map(|placed| Step::of(placed, earlier, &numbers))
        .collect()
}

impl Step {
    fn of(
        placed: &Placed<'_>,
        earlier: &[Vec<Placed<'_>>],
        numbers: &BTreeMap<String, usize>,
    ) -> Self {
        let instruction = placed.instruction;
        let mut step = Self {
            line: placed.lines.start + 1,
            declared: Vec::new(),
            keyword: instruction.keyword().to_owned(),
            installs_python: [" pip ", "uv pip "]
                .iter()
                .any(|pip| instruction.operands().contains(pip)),
            mark: mark(instruction),
            lines: Vec::new(),
            mounted: Vec::new(),
        };
        step.take(placed);
        let mut flags = instruction.flags().into_iter();
        let from = flags.find_map(|flag| Some(flag.strip_prefix("--from=")?.to_ascii_lowercase()));
        let stage = from.and_then(|name| earlier.get(*numbers.get(&name)?));
        for made in stage
            .into_iter()
            .flatten()
            .filter(|made| made.is_layering())
        {
            step.take(made);
        }
        step
    }

    fn take(&mut self, placed: &Placed<'_>) {
        self.lines.push(placed.lines.clone());
        for flag in placed.instruction.flags() {
            let Some(mount) = flag.strip_prefix("--mount=") else {
                continue;
            };
            let mut options = mount.split(',');
            let source = options.find_map(|option| option.strip_prefix("source="));
            self.mounted.extend(source.map(str::to_owned));
        }
    }

    /// The generated files, with lines from 0 on, that say what the step does.
    pub(super) fn sources(&self, dockerfile: &str) -> Vec<(String, Range<usize>)> {
        let own = self
            .lines
            .iter()
            .map(|lines| (dockerfile.to_owned(), lines.clone()));
        let mounted = self
            .mounted
            .iter()
            .map(|path| (path.clone(), 0..usize::MAX));
        own.chain(mounted).collect()
    }

    /// Whether a builder's record is one of this step: `COPY /opt/ /opt/ # buildkit`,
    /// `RUN /bin/sh -c …`, `/bin/sh -c #(nop) COPY dir:… in /opt/`.
    pub(super) fn made(&self, created_by: &str) -> bool {
        if created_by.is_empty() {
            return false;
        }
        let record = plain(created_by);
        let is_run = self.keyword == "RUN";
        let recorded = record
            .split_once("#(nop)")
            .map_or(record.as_str(), |(_, step)| step.trim());
        let is_keyword = recorded.starts_with(&self.keyword);
        (is_keyword || (is_run && recorded.starts_with("/bin/sh"))) && recorded.contains(&self.mark)
    }
}

/// What a record of an instruction holds, however it is written: the beginning of the command, or
/// the last path.
fn mark(instruction: &Instruction) -> String {
    let operands = instruction.operands();
    if instruction.keyword() == "RUN" {
        return plain(operands).chars().take(COMPARED).collect();
    }
    // What BuildKit would refuse has no words, and made no layer.
    let words = instruction.values();
    let last = words.as_ref().and_then(|words| words.last());
    let last = last.map_or(operands, String::as_str);
    last.trim_end_matches('/').to_owned()
}

/// What makes the layers of a Dockerfile's last stage, in a few words each.
#[must_use]
pub(crate) fn step_words(text: &str) -> Vec<String> {
    let words = |step: &Step| {
        let mark = &step.mark;
        let installs = |program: &str| mark.contains(program) && mark.contains("install");
        match step.keyword.as_str() {
            "RUN" if installs("apt-get") || mark.starts_with("apt-get update") => {
                "apt-get install".to_owned()
            }
            "RUN" if step.installs_python => "pip install".to_owned(),
            keyword => format!("{keyword} {mark}"),
        }
    };
    dockerfile_steps(text).iter().map(words).collect()
}

/// A text with one blank where white space is.
fn plain(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCKERFILE: &str = "ARG A=1
FROM python:3.12 AS builder
RUN --mount=type=bind,source=generated/a/requirements.txt,target=/tmp/r \\
    pip install -r /tmp/r
FROM python:3.12
RUN apt-get update \\
 && apt-get install -y libpq5
COPY --from=builder /opt/ /opt/
WORKDIR /app
COPY --chmod=0755 libs/ libs/
USER 1
";

    #[test]
    fn a_step_is_known_by_what_builders_record_of_it() {
        let steps = dockerfile_steps(DOCKERFILE);
        let records = [
            "RUN /bin/sh -c apt-get update  && apt-get install -y libpq5 # buildkit",
            "COPY /opt/ /opt/ # buildkit",
            "WORKDIR /app",
            "COPY --chmod=0755 libs/ libs/ # buildkit",
        ];
        assert_eq!(steps.len(), records.len());
        for (position, step) in steps.iter().enumerate() {
            for (other, record) in records.iter().enumerate() {
                assert_eq!(step.made(record), position == other, "{step:?} {record}");
            }
        }
        let buildah = "/bin/sh -c #(nop) COPY dir:0123 in /opt/";
        assert!(steps[1].made(buildah) && !steps[3].made(buildah));
        assert!(steps[0].made("/bin/sh -c apt-get update  && apt-get install -y libpq5"));
        assert!(!steps[0].made(""));
    }

    #[test]
    fn what_is_copied_from_a_stage_comes_from_the_steps_of_that_stage() {
        let steps = dockerfile_steps(DOCKERFILE);
        assert_eq!(steps[1].line, 8);
        assert_eq!(
            steps[1].sources("generated/a/Dockerfile"),
            [
                ("generated/a/Dockerfile".to_owned(), 7..8),
                ("generated/a/Dockerfile".to_owned(), 2..4),
                ("generated/a/requirements.txt".to_owned(), 0..usize::MAX),
            ]
        );
    }
}
