//! The images that a Dockerfile names: in `FROM`, in `--from` of `COPY` and `ADD`, and in `from` of
//! a mount.
//!
//! As `BuildKit` reads them (`frontend/dockerfile/dockerfile2llb`): a name of an earlier stage, in
//! any case, or a stage's number is no image; only `FROM` expands variables, and only those of
//! `ARG` before the first `FROM`.

use std::collections::BTreeMap;

use super::{Instruction, Segment};

/// An image that a Dockerfile names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedImage {
    /// The reference, with the defaults of its variables.
    pub(crate) reference: String,
    /// Whether it is written with variables, so that build arguments can make it another one.
    pub(crate) by_variables: bool,
    /// Whether `ONBUILD` makes the images on top name it.
    pub(crate) on_build: bool,
}

/// The images that the segments of a Dockerfile name, in order. A reference whose variables have no
/// default is left out.
#[must_use]
pub(crate) fn named_images(segments: &[Segment<'_>]) -> Vec<NamedImage> {
    let mut reading = Reading::default();
    for instruction in segments.iter().filter_map(Segment::instruction) {
        match instruction.trigger() {
            Some(triggered) => reading.read(&triggered, true),
            None => reading.read(instruction, false),
        }
    }
    reading.named
}

#[derive(Default)]
struct Reading {
    arguments: BTreeMap<String, String>,
    stages: Vec<String>,
    named: Vec<NamedImage>,
}

impl Reading {
    fn read(&mut self, instruction: &Instruction, on_build: bool) {
        match instruction.keyword() {
            "ARG" if self.stages.is_empty() => {
                for pair in instruction.key_values().unwrap_or_default() {
                    let value = pair.value.as_deref().and_then(|value| self.expanded(value));
                    self.arguments.extend(value.map(|value| (pair.name, value)));
                }
            }
            "FROM" => self.stage(&instruction.values().unwrap_or_default()),
            "COPY" | "ADD" => {
                let flags = instruction.flags();
                flags
                    .iter()
                    .filter_map(|flag| flag.strip_prefix("--from="))
                    .for_each(|name| self.literal(name, on_build));
            }
            "RUN" => {
                let flags = instruction.flags();
                let options = flags
                    .iter()
                    .filter_map(|flag| flag.strip_prefix("--mount="))
                    .flat_map(|all| all.split(','));
                let names = options.filter_map(|option| option.trim_matches('"').split_once('='));
                names
                    .filter(|(key, _)| key.eq_ignore_ascii_case("from"))
                    .for_each(|(_, name)| self.literal(name, on_build));
            }
            _ => {}
        }
    }

    fn stage(&mut self, words: &[String]) {
        if let Some(written) = words.first()
            && let Some(reference) = self.expanded(written)
            && !self.is_stage(&reference)
        {
            let by_variables = written.contains('$');
            self.named.push(NamedImage {
                reference,
                by_variables,
                on_build: false,
            });
        }
        let name = words
            .get(1)
            .filter(|word| word.eq_ignore_ascii_case("as"))
            .and_then(|_| words.get(2));
        self.stages.push(
            name.map(|name| name.to_ascii_lowercase())
                .unwrap_or_default(),
        );
    }

    fn literal(&mut self, name: &str, on_build: bool) {
        let is_number = name.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number && !self.is_stage(name) {
            self.named.push(NamedImage {
                reference: name.to_owned(),
                by_variables: false,
                on_build,
            });
        }
    }

    fn is_stage(&self, name: &str) -> bool {
        name.eq_ignore_ascii_case("scratch")
            || self
                .stages
                .iter()
                .any(|stage| name.eq_ignore_ascii_case(stage))
    }

    /// A text with `$name`, `${name}`, `${name:-default}` and `${name-default}` in it filled in.
    fn expanded(&self, text: &str) -> Option<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            filled.push_str(before);
            let (written, behind) = if let Some(inner) = after.strip_prefix('{') {
                inner.split_once('}')?
            } else {
                let is_part =
                    |character: char| character.is_ascii_alphanumeric() || character == '_';
                after.split_at(
                    after
                        .find(|character| !is_part(character))
                        .unwrap_or(after.len()),
                )
            };
            let (name, default) = match written.split_once('-') {
                Some((name, default)) => (name.trim_end_matches(':'), Some(default)),
                None => (written, None),
            };
            filled.push_str(self.arguments.get(name).map(String::as_str).or(default)?);
            rest = behind;
        }
        filled.push_str(rest);
        Some(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::segment;

    fn named(text: &str) -> Vec<String> {
        let shown = |image: &NamedImage| {
            let mark = |is: bool, mark: &'static str| if is { mark } else { "" };
            format!(
                "{}{}{}",
                image.reference,
                mark(image.by_variables, " $"),
                mark(image.on_build, " on")
            )
        };
        named_images(&segment(text)).iter().map(shown).collect()
    }

    #[test]
    fn images_are_told_from_stages() {
        let text = "FROM r/a:1 AS One\nCOPY --from=one /x /x\nCOPY --from=0 /x /x\nFROM one\nADD \
         --from=r/b:2 /y /y\nFROM scratch\nRUN --mount=type=bind,from=r/c:3,target=/c \
         --mount=type=cache,target=/d true\nONBUILD COPY --from=r/d:4 / /\n";
        assert_eq!(named(text), ["r/a:1", "r/b:2", "r/c:3", "r/d:4 on"]);
    }

    #[test]
    fn variables_have_the_defaults_from_before_the_first_stage() {
        let text = "ARG R=r.example\nARG V=${R}-1\nFROM --platform=$X ${R}/a:$V AS a\nARG \
         R=other\nFROM ${R}/b:${W:-2}\nFROM $UNKNOWN\nCOPY --from=$R/c / /\n";
        assert_eq!(
            named(text),
            ["r.example/a:r.example-1 $", "r.example/b:2 $", "$R/c"]
        );
    }
}
