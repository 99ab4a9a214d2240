//! Built-in templates as one text that the engine gets through quickly: an include, a block and a
//! loop over nothing each cost it as much as many lines. What comes out is the same; what a person
//! reads about an error names the template as it is.

use std::collections::{BTreeMap, BTreeSet};

use super::plain::plain;
use super::templates::built_in;

const END_BLOCK: &str = "{% endblock %}\n";

/// A built-in template for images that have nothing of what few have.
pub(super) fn joined_plain(name: &str) -> Option<String> {
    let text = plain(&whole(name)?);
    Some(text.split_inclusive('\n').map(guarded).collect())
}

/// A built-in template with everything that it takes from others in its own text. What the fleet
/// replaced stays with the engine, and with any template of the fleet's own so does what builds on
/// another: theirs may, too.
pub(super) fn joined(name: &str, own: &BTreeSet<String>) -> Option<String> {
    let text = if own.is_empty() {
        whole(name)?
    } else {
        with_partials(built_in(name)?, own)
    };
    Some(text.split_inclusive('\n').map(guarded).collect())
}

/// A template without `extends` and blocks.
fn whole(name: &str) -> Option<String> {
    let mut text = with_partials(built_in(name)?, &BTreeSet::new());
    let mut filled = BTreeMap::new();
    while let Some(parent) = text
        .lines()
        .find_map(|line| named(line, "extends"))
        .and_then(built_in)
    {
        for (block, lines) in blocks(&text) {
            filled.entry(block.to_owned()).or_insert(lines);
        }
        text = with_partials(parent, &BTreeSet::new());
    }
    Some(
        fill(&text, &filled)
            .split_inclusive('\n')
            .filter(|line| !is_block(line))
            .collect(),
    )
}

/// A text with partials in place of the lines that include them.
fn with_partials(text: &str, own: &BTreeSet<String>) -> String {
    let line = |line: &str| {
        let partial = named(line, "include")
            .filter(|name| !own.contains(*name))
            .and_then(built_in);
        partial.map_or_else(|| line.to_owned(), |partial| with_partials(partial, own))
    };
    text.split_inclusive('\n').map(line).collect()
}

/// The template that a line includes or extends, where it does nothing else.
fn named<'a>(line: &'a str, tag: &str) -> Option<&'a str> {
    line.trim_end()
        .strip_prefix("{% ")?
        .strip_prefix(tag)?
        .strip_prefix(" \"")?
        .strip_suffix("\" %}")
}

/// The name of the block that a line begins.
fn block(line: &str) -> Option<&str> {
    line.strip_prefix("{% block ")?.strip_suffix(" %}\n")
}

fn is_block(line: &str) -> bool {
    line == END_BLOCK || block(line).is_some()
}

/// The lines of each block, by its name.
fn blocks(text: &str) -> BTreeMap<&str, String> {
    let (mut blocks, mut inside) = (BTreeMap::new(), None);
    for line in text.split_inclusive('\n') {
        if let Some(name) = block(line) {
            inside = Some(name);
            blocks.insert(name, String::new());
        } else if line == END_BLOCK {
            inside = None;
        } else if let Some(lines) = inside.and_then(|name| blocks.get_mut(name)) {
            lines.push_str(line);
        }
    }
    blocks
}

/// A text with other lines in its blocks.
fn fill(text: &str, blocks: &BTreeMap<String, String>) -> String {
    let (mut filled, mut replaced) = (String::new(), false);
    for line in text.split_inclusive('\n') {
        replaced &= line != END_BLOCK;
        if !replaced {
            filled.push_str(line);
        }
        if let Some(lines) = block(line).and_then(|name| blocks.get(name)) {
            filled.push_str(lines);
            replaced = true;
        }
    }
    filled
}

/// A line that begins a loop, or ends one, with a look first whether there is anything to go over.
fn guarded(line: &str) -> String {
    let tag = line.trim_start().trim_end_matches('\n');
    let list = tag
        .strip_prefix("{% for ")
        .and_then(|rest| rest.strip_suffix(" %}"));
    match list.and_then(|rest| rest.split_once(" in ")) {
        Some((_, list)) if !list.contains("%}") => format!("{{% if {list} %}}{tag}\n"),
        _ if tag == "{% endfor %}" => format!("{tag}{{% endif %}}\n"),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::plain::ABSENT;
    use super::*;

    #[test]
    fn the_templates_of_plain_images_ask_for_nothing_that_these_do_not_have() {
        for name in [SLIM, "service/runtime-on-base.Dockerfile.j2"] {
            let text = joined_plain(name).unwrap();
            let asks = text
                .split("{{")
                .skip(1)
                .filter_map(|rest| rest.split("}}").next());
            let tags = text
                .split("{%")
                .skip(1)
                .filter_map(|rest| rest.split("%}").next());
            for expression in asks.chain(tags) {
                let is_part = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '.'));
                for word in expression.split(is_part) {
                    let is_absent = ABSENT
                        .iter()
                        .any(|absent| word == *absent || word.starts_with(&format!("{absent}.")));
                    assert!(!is_absent, "{name} asks for {word} in {expression}");
                }
            }
            let whole = joined(name, &BTreeSet::new()).unwrap();
            assert!(text.contains("{{ workdir }}"), "{text}");
            assert!(
                text.lines().count() * 3 < whole.lines().count() * 2,
                "{text}"
            );
        }
    }

    const SLIM: &str = "service/multi-stage-slim.Dockerfile.j2";

    #[test]
    fn partials_and_parents_are_joined() {
        let text = joined(SLIM, &BTreeSet::new()).unwrap();
        assert!(
            text.contains("ENV {{ variable.key }}")
                && text.contains("FROM {{ stages.builder.from if stages.builder else from }} AS"),
            "{text}"
        );
        for tag in ["{% include", "{% extends", "{% block", "{% endblock"] {
            assert!(!text.contains(tag), "{text}");
        }
    }

    #[test]
    fn templates_of_the_fleet_stay_apart() {
        let own = BTreeSet::from(["partials/env.j2".to_owned()]);
        let text = joined("service/service.Dockerfile.j2", &own).unwrap();
        assert!(
            text.contains("{% include \"partials/env.j2\" %}\n"),
            "{text}"
        );
        assert!(
            !text.contains("{% include \"partials/healthcheck.j2\" %}")
                && text.contains("{% block"),
            "{text}"
        );
        assert!(joined(SLIM, &own).unwrap().contains("{% extends"));
    }

    #[test]
    fn a_block_that_nobody_fills_keeps_its_lines() {
        let parent = "a\n{% block x %}\nown\n{% endblock %}\nb\n{% block y %}\n{% endblock %}\n";
        let child = "{% block y %}\nnew\n{% endblock %}\n";
        let blocks = blocks(child)
            .into_iter()
            .map(|(name, lines)| (name.to_owned(), lines))
            .collect();
        let filled =
            "a\n{% block x %}\nown\n{% endblock %}\nb\n{% block y %}\nnew\n{% endblock %}\n";
        assert_eq!(fill(parent, &blocks), filled);
    }

    #[test]
    fn a_loop_is_entered_where_there_is_something_to_go_over() {
        assert_eq!(
            guarded("  {% for url in urls[1:] %}\n"),
            "{% if urls[1:] %}{% for url in urls[1:] %}\n"
        );
        assert_eq!(guarded("{% endfor %}\n"), "{% endfor %}{% endif %}\n");
        for other in [
            "{{ x }}{% for y in z %} \\\n",
            "    {{ y }}{% endfor %}\n",
            "{% for y in z %}{{ y }}{% endfor %}\n",
        ] {
            assert_eq!(guarded(other), other);
        }
    }
}
