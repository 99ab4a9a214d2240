//! Which files of the build context a `.dockerignore` file keeps, as moby/patternmatcher decides
//! it.

use std::sync::OnceLock;

use super::glob::Glob;

/// The rules of one `.dockerignore` file. They are compiled when they are asked for: of a large
/// fleet nearly none ever are, and those of all would take a gigabyte.
#[derive(Debug, Clone, Default)]
pub struct Ignore {
    text: Box<str>,
    rules: OnceLock<Vec<Rule>>,
}

impl PartialEq for Ignore {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Ignore {}

#[derive(Debug, Clone)]
struct Rule {
    keeps: bool,
    pattern: Glob,
}

impl Ignore {
    /// The rules of a text; comments and blank lines are none.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        Self {
            text: text.into(),
            rules: OnceLock::new(),
        }
    }

    fn rules(&self) -> &[Rule] {
        self.rules.get_or_init(|| self.compiled())
    }

    fn compiled(&self) -> Vec<Rule> {
        let lines = self
            .text
            .trim_start_matches('\u{feff}')
            .lines()
            .filter(|line| !line.starts_with('#'))
            .map(str::trim);
        let rule = |line: &str| {
            let (keeps, pattern) = line
                .strip_prefix('!')
                .map_or((false, line), |pattern| (true, pattern.trim()));
            (!pattern.is_empty()).then(|| Rule {
                keeps,
                pattern: Glob::of_ignore(&clean(pattern)),
            })
        };
        lines.filter_map(rule).collect()
    }

    /// Whether a path stays out of the build context: the last rule that matches it or a folder
    /// above it decides.
    #[must_use]
    pub(crate) fn excludes(&self, path: &str) -> bool {
        self.rules()
            .iter()
            .rev()
            .find(|rule| rule.pattern.matches_or_parent(path))
            .is_some_and(|rule| !rule.keeps)
    }

    /// Whether something below an excluded folder stays in the build context: a rule behind the one
    /// that excludes it says so.
    #[must_use]
    pub(crate) fn keeps_below(&self, folder: &str) -> bool {
        let decides = self
            .rules()
            .iter()
            .rposition(|rule| rule.pattern.matches_or_parent(folder));
        let behind = self.rules().iter().skip(decides.map_or(0, |at| at + 1));
        behind
            .filter(|rule| rule.keeps)
            .any(|rule| rule.pattern.reaches_into(folder))
    }
}

/// A path below the build context in its one spelling: no leading, doubled or final slash, no `.`,
/// `..` resolved and never above the context, as `BuildKit` cleans `COPY` sources. Empty for the
/// context itself.
#[must_use]
pub(crate) fn clean(path: &str) -> String {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop();
            }
            name => names.push(name),
        }
    }
    names.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_matching_rule_decides() {
        let ignore = Ignore::parse(
            "# note\n*\n!libs\n!/apps/svc_ocr/\n**/__pycache__\n**/*.pyc\n\n**/.env\n",
        );
        for kept in [
            "libs",
            "libs/x.py",
            "apps/svc_ocr/main.py",
            "apps/svc_ocr/.env.py",
        ] {
            assert!(!ignore.excludes(kept), "{kept}");
        }
        for gone in [
            "README.md",
            "apps/svc_kg/main.py",
            "libs/a/__pycache__/x.py",
            "libs/x.pyc",
            "libs/.env",
            ".env",
        ] {
            assert!(ignore.excludes(gone), "{gone}");
        }
    }

    #[test]
    fn without_rules_everything_stays() {
        assert!(!Ignore::parse("\n# nothing\n").excludes("a/b"));
    }

    #[test]
    fn paths_have_one_spelling() {
        assert_eq!(clean("./a//b/../c/"), "a/c");
        assert_eq!(clean("/../.."), "");
    }
}
