//! Patterns of paths: what they match, and which folders they lead into.

/// A path pattern below the root: `*` stands for any characters of a name and `?` for one, but for
/// a leading dot.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Pattern(Vec<String>);

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// In which way it could lead out of the root or is no pattern of YAML files.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        if text.starts_with('/') || text.contains('\\') {
            return Err("use `/`, and a path relative to the folder of services.yaml");
        }
        if text.chars().any(char::is_control) {
            return Err("it has a control character");
        }
        let names: Vec<String> = text
            .strip_prefix("./")
            .unwrap_or(text)
            .split('/')
            .map(str::to_owned)
            .collect();
        if names
            .iter()
            .any(|name| matches!(name.as_str(), "" | "." | ".."))
        {
            return Err("`..`, `.` and empty names are not allowed");
        }
        if names.iter().any(|name| name.starts_with('.')) {
            return Err(
                "no name in it may begin with a dot; write a pattern such as services.d/*.yaml",
            );
        }
        if names.iter().any(|name| name.contains("**")) {
            return Err("`**` is not supported; write one `*` for each folder level");
        }
        let is_yaml = names
            .last()
            .is_some_and(|name| [".yaml", ".yml"].iter().any(|end| name.ends_with(end)));
        if is_yaml {
            Ok(Self(names))
        } else {
            Err("it must end in .yaml or .yml; write a pattern such as services.d/*.yaml")
        }
    }

    /// The folder below the root that everything it can match lies in; empty for the root itself.
    #[must_use]
    pub(crate) fn folder(&self) -> String {
        let above = self.0.split_last().map_or(&[][..], |(_, above)| above);
        let fixed: Vec<&str> = above
            .iter()
            .take_while(|name| !is_wild(name))
            .map(String::as_str)
            .collect();
        fixed.join("/")
    }

    /// Whether a file of a name is one that it means, in a folder so many levels below the root
    /// that matches so far.
    #[must_use]
    pub(crate) fn means_file(&self, level: usize, name: &str) -> bool {
        level + 1 == self.0.len() && self.0.last().is_some_and(|last| is_match(last, name))
    }

    /// Whether it means something below a folder of a name, likewise.
    #[must_use]
    pub(crate) fn leads_into(&self, level: usize, name: &str) -> bool {
        level + 1 < self.0.len()
            && self
                .0
                .get(level)
                .is_some_and(|pattern| is_match(pattern, name))
    }

    /// The one path that it means, where it has no wildcard.
    #[must_use]
    pub(crate) fn single(&self) -> Option<String> {
        self.0
            .iter()
            .all(|name| !is_wild(name))
            .then(|| self.0.join("/"))
    }

    /// Whether it means a path.
    #[must_use]
    pub(crate) fn matches(&self, path: &str) -> bool {
        self.matches_names(&path.split('/').collect::<Vec<_>>())
    }

    /// The same for a path in its parts.
    pub(in crate::declare) fn matches_names(&self, names: &[&str]) -> bool {
        names.len() == self.0.len()
            && self
                .0
                .iter()
                .zip(names)
                .all(|(pattern, name)| is_match(pattern, name))
    }

    /// Whether it can mean something below a folder; the empty path is the root.
    #[must_use]
    pub(crate) fn reaches_into(&self, folder: &str) -> bool {
        let names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
        names.len() < self.0.len()
            && self
                .0
                .iter()
                .zip(names)
                .all(|(pattern, name)| is_match(pattern, name))
    }
}

fn is_wild(name: &str) -> bool {
    name.contains(['*', '?'])
}

/// Whether a name matches. On a mismatch only the last `*` takes one character more, so the cost is
/// bounded by the product of lengths.
fn is_match(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') != pattern.starts_with('.') {
        return false;
    }
    if !is_wild(pattern) {
        return pattern == name;
    }
    // Most names are told apart by their ends.
    let first = pattern
        .split(['*', '?'])
        .next()
        .expect("a split has a first part");
    let last = pattern
        .rsplit(['*', '?'])
        .next()
        .expect("a split has a first part");
    if !name.starts_with(first) || !name.ends_with(last) {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut reached) = (0, 0);
    let mut last_star: Option<(usize, usize)> = None;
    while let Some(character) = name.get(reached) {
        match pattern.get(at) {
            Some('*') => {
                last_star = Some((at + 1, reached));
                at += 1;
            }
            Some(one) if one == character || *one == '?' => {
                at += 1;
                reached += 1;
            }
            _ => {
                let Some((after, taken)) = last_star else {
                    return false;
                };
                last_star = Some((after, taken + 1));
                (at, reached) = (after, taken + 1);
            }
        }
    }
    pattern.iter().skip(at).all(|rest| *rest == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, path: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(path)
    }

    #[test]
    fn a_star_stops_at_a_slash_and_at_a_leading_dot() {
        assert!(matches("services.d/*.yaml", "services.d/payments.yaml"));
        assert!(matches(
            "./teams/*/s?rvices-*-*.yml",
            "teams/a/services-x-y-z.yml"
        ));
        for path in [
            "services.d/a/b.yaml",
            "services.d/.a.yaml",
            "services.d/a.yml",
            "services.d/.yaml",
            "a.yaml",
        ] {
            assert!(!matches("services.d/*.yaml", path), "{path}");
        }
        assert!(!matches(
            &format!("{}b.yaml", "a*".repeat(40)),
            &format!("{}.yaml", "a".repeat(200))
        ));
    }

    #[test]
    fn a_pattern_knows_where_to_look() {
        let at = |text: &str| {
            Pattern::parse(text)
                .map(|pattern| pattern.folder())
                .unwrap()
        };
        assert_eq!(
            [at("a/b/*.yaml"), at("a/*/b/*.yaml"), at("*.yaml")],
            ["a/b", "a", ""]
        );
        let pattern = Pattern::parse("a/*/b/x*.yaml").unwrap();
        assert!(
            pattern.leads_into(1, "c")
                && pattern.leads_into(2, "b")
                && pattern.means_file(3, "x.yaml")
        );
        assert!(
            !pattern.leads_into(1, ".c")
                && !pattern.leads_into(2, "c")
                && !pattern.leads_into(3, "x.yaml")
        );
        assert!(!pattern.means_file(3, "y.yaml") && !pattern.means_file(2, "x.yaml"));
        assert_eq!(
            Pattern::parse("a/b.yaml").unwrap().single().as_deref(),
            Some("a/b.yaml")
        );
    }

    #[test]
    fn no_pattern_leads_out_of_the_root() {
        for text in [
            "/a.yaml",
            ".a.yaml",
            ".a/b.yaml",
            "./.a/b.yaml",
            "a/.b.yaml",
            "a/.*.yml",
            "../a.yaml",
            "a/../b.yaml",
            "",
            "a//b.yaml",
            "a",
            "a/**/b.yaml",
            "a\\b.yaml",
            "a\n.yaml",
        ] {
            assert!(Pattern::parse(text).is_err(), "{text:?}");
        }
    }
}
