//! Hooks: raw lines that a service puts at points of its Dockerfile.

use indexmap::IndexMap;

use super::field::Findings;
use crate::declare::Text;
use crate::diagnostic::code;
use crate::dockerfile::{
    Completeness, Instruction, Segment, instruction_refusal, long_line, segment_fragment,
};
use crate::fleet::model::{HOOK_POINTS, Hook, Origin, Section, Sourced};

impl Findings<'_> {
    pub(super) fn hooks(
        &mut self,
        section: Section,
        entries: &IndexMap<String, Vec<Text>>,
    ) -> Vec<Hook> {
        let mut hooks = Vec::new();
        for (item, (point, texts)) in entries.iter().enumerate() {
            let origin = Origin::field(section, "hooks").item(item);
            let Some(point) = HOOK_POINTS.into_iter().find(|known| known == point) else {
                let help = format!("hook points: {}", HOOK_POINTS.join(", "));
                let message = format!("unknown hook point `{point}`");
                self.at_key_with_help(&code::UNKNOWN_HOOK_POINT, origin, message, help);
                continue;
            };
            let lines: Vec<&str> = texts.iter().flat_map(|text| text.lines()).collect();
            if let Some(fault) = hook_fault(&lines) {
                let message = format!("the hook `{point}` {fault}");
                self.at_value(&code::HOOK_BREAKS_DOCKERFILE, origin, message);
            }
            let lines = lines.into_iter().map(|line| Sourced {
                value: line.to_owned(),
                origin,
            });
            hooks.push(Hook {
                point,
                lines: lines.collect(),
            });
        }
        hooks
    }
}

/// Why raw lines could change more of a Dockerfile than the place they are put in, or could not be
/// built.
pub(super) fn hook_fault(lines: &[&str]) -> Option<String> {
    if lines.iter().any(|line| {
        line.chars()
            .any(|character| character.is_control() && character != '\t')
    }) {
        return Some("has a control character".to_owned());
    }
    let text = lines.join("\n") + "\n";
    let long = long_line(&text).map(|refusal| refusal.reason);
    long.or_else(|| {
        segment_fragment(&text)
            .iter()
            .filter_map(Segment::instruction)
            .find_map(instruction_fault)
    })
}

fn instruction_fault(instruction: &Instruction) -> Option<String> {
    let keyword = instruction.keyword();
    let triggered = instruction.trigger();
    let inner = triggered
        .as_ref()
        .map_or(keyword, |triggered| triggered.keyword());
    if matches!(inner, "FROM" | "USER") {
        return Some(format!(
            "has {inner}; the template controls what the image builds on and runs as"
        ));
    }
    if instruction.completeness() == Completeness::OpenContinuation {
        return Some("ends in the middle of an instruction".to_owned());
    }
    instruction_refusal(instruction)
}
