//! The generated files beside a Dockerfile: requirements and what the context leaves out.

use crate::render::seal::body;
use crate::values::SetName;

/// The last line of a generated dockerignore file that every one has.
const LAST: &str = "**/docker-compose*.y*ml";

/// What a generated requirements file asks for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) index_urls: Vec<String>,
    /// The sets by name, in order.
    pub(super) sets: Vec<(String, Vec<String>)>,
    /// What the image asks for alone.
    pub(super) pip: Vec<String>,
    /// Whether it is the content of a lock.
    pub(super) is_locked: bool,
}

impl Asked {
    pub(super) fn read(text: &str) -> Self {
        let mut asked = Self::default();
        let mut is_of_set = false;
        for line in body(text).lines() {
            let set = line.strip_prefix("# the set ");
            if let Some(set) = set.filter(|set| SetName::parse(set).is_ok()) {
                asked.sets.push((set.to_owned(), Vec::new()));
                is_of_set = true;
            } else if line.starts_with("# ") {
                is_of_set = false;
            } else if let Some(url) = line
                .strip_prefix("--index-url ")
                .or_else(|| line.strip_prefix("--extra-index-url "))
            {
                asked.index_urls.push(url.to_owned());
            } else if line == "--require-hashes" {
                asked.is_locked = true;
            } else if !line.is_empty() {
                match asked.sets.last_mut().filter(|_| is_of_set) {
                    Some((_, packages)) => packages.push(line.to_owned()),
                    None => asked.pip.push(line.to_owned()),
                }
            }
        }
        asked
    }
}

/// The generated file of a set: its name, its packages, and whether it is for development. Nothing
/// for another file, whatever its first line is.
pub(super) fn set(text: &str) -> Option<(String, Vec<String>, bool)> {
    let (title, rest) = body(text).split_once('\n')?;
    let title = title.strip_prefix("# the set ")?;
    let of_development = title.strip_suffix(", for development: in no image");
    let name = SetName::parse(of_development.unwrap_or(title)).ok()?;
    let packages = rest.lines().map(str::to_owned).collect();
    Some((name.to_string(), packages, of_development.is_some()))
}

/// The paths that a generated dockerignore file lets into the context, in order.
pub(super) fn context(text: &str) -> Vec<String> {
    let lines = body(text).lines().take_while(|line| *line != LAST);
    let paths = lines.filter_map(|line| line.strip_prefix('!'));
    paths.map(str::to_owned).collect()
}

/// The patterns of `ignore` in a generated dockerignore file.
pub(super) fn ignored(text: &str) -> Vec<String> {
    let lines: Vec<&str> = body(text).lines().collect();
    let Some(at) = lines.iter().position(|line| *line == LAST) else {
        return Vec::new();
    };
    let (above, mut patterns) = lines.split_at(at + 1);
    // What the declaration names is taken whatever the patterns say.
    while let [rest @ .., last] = patterns
        && last.starts_with('!')
        && above.contains(last)
    {
        patterns = rest;
    }
    patterns.iter().map(|line| pattern(line)).collect()
}

/// A pattern of a dockerignore file as `ignore` has it.
fn pattern(line: &str) -> String {
    let (sign, path) = match line.strip_prefix('!') {
        Some(path) => ("!", path),
        None => ("", line),
    };
    match path.strip_prefix("**/") {
        Some(name) if !name.contains('/') => format!("{sign}{name}"),
        _ => format!("{sign}/{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_are_told_by_their_titles() {
        let text = "--index-url https://a\n--extra-index-url https://b\n\n# the set base\nx>1\n\
                    # the set ml\ny\n# svc-a alone\nz\n";
        let asked = Asked::read(text);
        assert_eq!(asked.index_urls, ["https://a", "https://b"]);
        let sets = [("base", "x>1"), ("ml", "y")];
        let sets = sets.map(|(name, one)| (name.to_owned(), vec![one.to_owned()]));
        assert_eq!(asked.sets, sets);
        assert_eq!(asked.pip, ["z"]);
        assert!(!asked.is_locked);
        let dev = "# the set dev, for development: in no image\npytest\n";
        assert_eq!(
            set(dev),
            Some(("dev".to_owned(), vec!["pytest".to_owned()], true))
        );
        for name in ["of all that we ever asked for", "../x", ""] {
            let text = format!("# the set {name}\nx\n");
            assert_eq!(set(&text), None);
            assert!(Asked::read(&text).sets.is_empty());
        }
    }

    #[test]
    fn patterns_stand_behind_those_of_every_image() {
        let text = format!("*\n!a/.env\n{LAST}\n**/*.md\n!docs/x\ntop/y\n!a/.env\n");
        assert_eq!(ignored(&text), ["*.md", "!/docs/x", "/top/y"]);
        assert!(ignored("*.pyc\n").is_empty());
    }
}
