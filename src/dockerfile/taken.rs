//! What an instruction takes from the build context: COPY, ADD, and RUN with bind mounts.

use super::instruction::Instruction;

/// A path that stands for any: what is taken cannot be known before the build.
pub(crate) const UNKNOWN: &str = "$";

/// The paths or patterns as written, each with the instruction in a word; [`UNKNOWN`] where they
/// cannot be read. What names another stage or image with `from` takes nothing.
#[must_use]
pub(crate) fn taken(instruction: &Instruction) -> Vec<(&'static str, String)> {
    let flags = instruction.flags();
    let keyword = match instruction.keyword() {
        "COPY" => "COPY",
        "ADD" => "ADD",
        "RUN" => {
            let mounts = flags
                .iter()
                .filter_map(|flag| flag.strip_prefix("--mount="));
            return mounts
                .filter_map(mount)
                .map(|path| ("RUN --mount", path))
                .collect();
        }
        _ => return Vec::new(),
    };
    if flags.iter().any(|flag| flag.starts_with("--from")) {
        return Vec::new();
    }
    let Some(mut words) = instruction.values() else {
        return vec![(keyword, UNKNOWN.to_owned())];
    };
    words.pop();
    words.retain(|word| {
        !(word.starts_with("<<") || word.contains("://") || word.starts_with("git@"))
    });
    words.into_iter().map(|word| (keyword, word)).collect()
}

/// What a `--mount` takes from the build context: only a bind mount, which is also what a mount is
/// that names no type.
fn mount(options: &str) -> Option<String> {
    if options.contains('"') {
        return Some(UNKNOWN.to_owned());
    }
    let option = |names: [&str; 2]| {
        let pairs = options.split(',').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(key, _)| names.iter().any(|name| key.eq_ignore_ascii_case(name)))
            .map(|(_, value)| value)
            .next_back()
    };
    let is_bind = option(["type", "type"])
        .is_none_or(|kind| kind.eq_ignore_ascii_case("bind") || kind.contains('$'));
    let elsewhere = option(["from", "from"]).is_some();
    (is_bind && !elsewhere).then(|| option(["source", "src"]).unwrap_or(".").to_owned())
}
