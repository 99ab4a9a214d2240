//! The image that an original starts from, as a declaration says it.

use std::collections::BTreeMap;

use super::node::Node;
use crate::values::PythonVersion;
use crate::values::image_reference::{ImageReference, is_python};

/// A reference, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct From {
    /// The repository, without what Docker adds by itself.
    repository: String,
    /// The version of Python in the tag of an image of Python.
    pub(super) python: Option<String>,
    /// The tag, with `{python}` in place of that.
    tag: Option<String>,
    /// The tag as it is written.
    written_tag: Option<String>,
    digest: Option<String>,
}

impl From {
    /// Reads a reference; nothing for one with a variable in it, or that is none.
    pub(super) fn read(reference: &str) -> Option<Self> {
        let parsed = ImageReference::parse(reference).ok()?;
        let mut repository = parsed.repository().as_str();
        for prefix in ["docker.io/", "index.docker.io/", "library/"] {
            repository = repository.strip_prefix(prefix).unwrap_or(repository);
        }
        let written_tag = parsed.tag().map(ToString::to_string);
        let is_python = is_python(repository);
        let version = written_tag
            .as_deref()
            .filter(|_| is_python)
            .and_then(version_of);
        let tag = written_tag.as_ref().map(|tag| match &version {
            Some(version) => tag.replacen(version.as_str(), "{python}", 1),
            None => tag.clone(),
        });
        Some(Self {
            repository: repository.to_owned(),
            python: version,
            tag,
            written_tag,
            digest: parsed.digest().map(ToString::to_string),
        })
    }

    /// The same with its version of Python as text.
    pub(super) fn fixed(mut self) -> Self {
        self.tag.clone_from(&self.written_tag);
        self.python = None;
        self
    }

    /// Whether it may start something that a declaration does not know of.
    pub(super) fn is_foreign(&self) -> bool {
        !is_python(&self.repository)
    }

    /// Whether nothing need be declared.
    fn is_built_in(&self) -> bool {
        self.repository == "python"
            && self.tag.as_deref() == Some("{python}-slim")
            && self.digest.is_none()
    }

    /// The name of the entry in `images`.
    fn name(&self) -> String {
        let last = self
            .repository
            .rsplit('/')
            .next()
            .unwrap_or(&self.repository);
        let tag = self.tag.clone().unwrap_or_default();
        let suffix = tag.replace("{python}", "");
        let words = format!("{last}-{suffix}").to_ascii_lowercase();
        let words: Vec<&str> = words
            .split(|character: char| !character.is_ascii_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let name = words.join("-");
        let starts_well = name.starts_with(|first: char| first.is_ascii_alphabetic());
        if starts_well {
            name
        } else {
            format!("image-{name}")
        }
    }

    fn entry(&self) -> Node {
        let mut entry = vec![("reference".to_owned(), Node::text(&self.repository))];
        // Docker takes `latest` where nothing is said; a declaration takes another tag.
        let latest = || self.digest.is_none().then(|| "latest".to_owned());
        if let Some(tag) = self.tag.clone().or_else(latest) {
            entry.push(("tag".to_owned(), Node::text(tag)));
        }
        match (&self.digest, &self.written_tag) {
            (Some(digest), Some(tag)) if self.python.is_some() => {
                let by_tag = Node::Map(vec![(tag.clone(), Node::text(digest))]);
                entry.push(("digests".to_owned(), by_tag));
            }
            (Some(digest), _) => entry.push(("digest".to_owned(), Node::text(digest))),
            (None, _) => {}
        }
        Node::Map(entry)
    }
}

/// The version of Python that a tag begins with.
fn version_of(tag: &str) -> Option<String> {
    let end = tag
        .find(|character: char| !character.is_ascii_digit() && character != '.')
        .unwrap_or(tag.len());
    let version = tag.get(..end)?;
    PythonVersion::parse(version).ok()?;
    Some(version.to_owned())
}

/// The external images of a proposal, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Images {
    entries: BTreeMap<String, Node>,
    /// Those that are declared already.
    declared: BTreeMap<String, Node>,
    /// Whether an entry may say what its Python is called.
    has_python: bool,
}

impl Images {
    /// None beside those that are declared.
    pub(super) fn new(has_python: bool, declared: BTreeMap<String, Node>) -> Self {
        Self {
            declared,
            has_python,
            ..Self::default()
        }
    }

    /// The name of an image, which is declared where it has to be.
    pub(super) fn name_of(&mut self, from: &From) -> Option<String> {
        self.name_with(from, self.facts(from, from.is_foreign()))
    }

    /// The name of an image whose own packages programs can import: those that it brings, and
    /// those that steps of the build put there.
    pub(super) fn name_of_shared(&mut self, from: &From) -> Option<String> {
        let suffix = if from.is_foreign() { "" } else { "-shared" };
        self.declared_as(from, from.name() + suffix, self.facts(from, true))
    }

    /// What is known of an image beside its reference.
    fn facts(&self, from: &From, is_shared: bool) -> Vec<(String, Node)> {
        let python = ("python".to_owned(), Node::text("python3"));
        let shared = ("site_packages".to_owned(), Node::Yes);
        let python = (self.has_python && from.is_foreign()).then_some(python);
        let shared = (self.has_python && is_shared).then_some(shared);
        python.into_iter().chain(shared).collect()
    }

    /// The same for an image of which this is known beside its reference.
    pub(super) fn name_with(
        &mut self,
        from: &From,
        facts: impl IntoIterator<Item = (String, Node)>,
    ) -> Option<String> {
        let facts: Vec<(String, Node)> = facts.into_iter().collect();
        if from.is_built_in() && facts.is_empty() {
            return None;
        }
        self.declared_as(from, from.name(), facts)
    }

    fn declared_as(
        &mut self,
        from: &From,
        first: String,
        facts: Vec<(String, Node)>,
    ) -> Option<String> {
        let mut entry = from.entry();
        if let Node::Map(fields) = &mut entry {
            fields.extend(facts);
        }
        // `python-slim` is the built-in one.
        let first = if first == "python-slim" {
            "python-slim-pinned".to_owned()
        } else {
            first
        };
        let names = std::iter::once(first.clone()).chain((2..).map(|at| format!("{first}-{at}")));
        for name in names {
            if self.declared.get(&name) == Some(&entry) {
                return Some(name);
            }
            match self.entries.get(&name).or(self.declared.get(&name)) {
                Some(known) if *known != entry => {}
                _ => {
                    self.entries.insert(name.clone(), entry);
                    return Some(name);
                }
            }
        }
        None
    }

    /// Those that are new.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&String, &Node)> {
        self.entries.iter()
    }

    /// Without one.
    pub(super) fn remove(&mut self, name: &str) {
        self.entries.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_become_entries() {
        for (reference, python, name, entry) in [
            ("python:3.11-slim", Some("3.11"), None, ""),
            ("docker.io/library/python:3.11-slim", Some("3.11"), None, ""),
            (
                "python:3.11.4-bookworm",
                Some("3.11.4"),
                Some("python-bookworm"),
                "{ reference: python, tag: \"{python}-bookworm\" }",
            ),
            (
                "python:3.11",
                Some("3.11"),
                Some("python"),
                "{ reference: python, tag: \"{python}\" }",
            ),
            (
                "python",
                None,
                Some("python"),
                "{ reference: python, tag: latest }",
            ),
            (
                "nvcr.io/nvidia/cuda:12.1.0-base",
                None,
                Some("cuda-12-1-0-base"),
                "{ reference: nvcr.io/nvidia/cuda, tag: 12.1.0-base }",
            ),
        ] {
            let from = From::read(reference).unwrap();
            assert_eq!(from.python.as_deref(), python, "{reference}");
            let mut images = Images::default();
            assert_eq!(images.name_of(&from).as_deref(), name, "{reference}");
            let told = images
                .entries()
                .map(|(_, node)| node.flow())
                .collect::<String>();
            let same = told.replace('"', "") == entry.replace('"', "");
            assert!(same, "{told}");
        }
        assert_eq!(From::read("${BASE}:1"), None);
    }
}
