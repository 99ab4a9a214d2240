//! What earlier releases had in their templates and this one has not: a fleet's own template that
//! uses it is told what to use instead. Jinja itself would leave a block out in silence.

use super::error::{RenderError, TemplateFault};
use super::templates::Templates;

/// A name that is gone.
struct Removed {
    /// How a template used it.
    kind: Kind,
    name: &'static str,
    /// What to use.
    instead: &'static str,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Block,
    Partial,
    Variable,
}

const REMOVED: [Removed; 3] = [
    Removed {
        kind: Kind::Block,
        name: "source",
        instead: "fill the block `copy`, which copies sources from the build context",
    },
    Removed {
        kind: Kind::Partial,
        name: "partials/source-stage.j2",
        instead: "fill the block `copy`, which copies sources from the build context",
    },
    Removed {
        kind: Kind::Variable,
        name: "epoch",
        instead: "leave the times of sources alone, and include `partials/venv-stage.j2` or \
                  `partials/pip-on-base.j2`, which compute the time of packages in the build",
    },
];

/// Whether a fleet's own template uses what is gone.
///
/// # Errors
/// The first such use.
pub(super) fn check<'a>(
    templates: &Templates,
    own: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<(), RenderError> {
    for (name, text) in own {
        for removed in &REMOVED {
            if let Some(range) = removed.used(name, text) {
                return Err(fault(templates, name, text, removed, range));
            }
        }
    }
    Ok(())
}

impl Removed {
    /// The bytes at fault in the first tag that uses it, or all of a template that replaces it.
    fn used(&self, name: &str, text: &str) -> Option<(usize, usize)> {
        if self.kind == Kind::Partial && name == self.name {
            return Some((0, text.find('\n').unwrap_or(text.len())));
        }
        if self.kind == Kind::Variable && text.contains(&format!("set {} ", self.name)) {
            return None;
        }
        tags(text).find(|(start, end)| text.get(*start..*end).is_some_and(|tag| self.is_in(tag)))
    }

    /// Whether a tag uses it; the tag comes without its delimiters.
    fn is_in(&self, tag: &str) -> bool {
        let tag = tag.trim_matches(['-', '+']).trim();
        match self.kind {
            Kind::Block => tag.strip_prefix("block ").map(str::trim) == Some(self.name),
            Kind::Partial => tag.contains(self.name),
            Kind::Variable => {
                let is_name = |character: char| character.is_alphanumeric() || character == '_';
                // Odd pieces are texts in quotes.
                let code = tag.split(['"', '\'']).step_by(2);
                code.flat_map(|code| code.split(|c: char| !is_name(c) && c != '.'))
                    .any(|word| word == self.name)
            }
        }
    }
}

/// The bytes inside of each `{{ }}` and `{% %}`.
fn tags(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let rest = text.get(at..)?;
        let mut open = rest.match_indices('{').map(|(found, _)| found);
        let (start, close) = open.find_map(|found| {
            let close = match rest.as_bytes().get(found + 1)? {
                b'{' => "}}",
                b'%' => "%}",
                _ => return None,
            };
            Some((at + found + 2, close))
        })?;
        let end = start + text.get(start..)?.find(close)?;
        at = end;
        Some((start, end))
    })
}

fn fault(
    templates: &Templates,
    name: &str,
    text: &str,
    removed: &Removed,
    range: (usize, usize),
) -> RenderError {
    let what = match removed.kind {
        Kind::Block => "the block",
        Kind::Partial => "the template",
        Kind::Variable => "the variable",
    };
    let line = 1 + text
        .get(..range.0)
        .map_or(0, |before| before.matches('\n').count());
    RenderError::Template(Box::new(TemplateFault {
        name: templates.display_path(name),
        line,
        range: Some(range),
        text: text.to_owned(),
        reason: format!(
            "{what} `{}` was removed: {} (docs/upgrade.md)",
            removed.name, removed.instead
        ),
        rendering: name.to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(name: &str, text: &str) -> Option<String> {
        let own = std::iter::once((name, text));
        check(&Templates::default(), own)
            .err()
            .map(|error| error.to_string())
    }

    #[test]
    fn each_removed_name_is_told_with_what_replaces_it() {
        for (name, text, line) in [
            (
                "service/x.Dockerfile.j2",
                "a\n{%- block source %}\n{% endblock %}\n",
                2,
            ),
            (
                "service/x.Dockerfile.j2",
                "{% include \"partials/source-stage.j2\" %}\n",
                1,
            ),
            ("partials/source-stage.j2", "FROM x\n", 1),
            ("partials/user.j2", "\nRUN touch -d @{{ epoch }} /x\n", 2),
            (
                "partials/user.j2",
                "{% if epoch is defined %}{% endif %}\n",
                1,
            ),
        ] {
            let told = told(name, text).unwrap_or_default();
            assert!(told.contains(&format!(":{line}: ")), "{text}: {told}");
            assert!(told.contains("was removed: "), "{text}: {told}");
        }
    }

    #[test]
    fn names_of_their_own_are_left_alone() {
        for text in [
            "{% block sources %}{% endblock %}\n# epoch {# epoch #}\n",
            "{{ \"epoch\" }} {{ base.epoch }} {{ epochs }}\n",
            "{% set epoch = 5 %}{{ epoch }}\n",
            "{ { {{",
        ] {
            assert_eq!(told("partials/user.j2", text), None, "{text}");
        }
    }
}
