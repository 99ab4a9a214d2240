//! What Python is given to import, in one spelling.

use std::collections::BTreeSet;
use std::fmt;

use crate::values::requirement::Requirement;

/// One thing that is installed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Install {
    /// A package from an index, in the spelling of PEP 503 and PEP 508: name in lower case with
    /// dashes, extras and version specifiers sorted.
    Package(String),
    /// A project of the repository, by its folder.
    Project {
        /// The folder below the root.
        path: String,
        /// Its extras.
        extras: BTreeSet<String>,
    },
    /// A wheel or source archive of the repository.
    Archive(String),
    /// What a lock file holds.
    Lock {
        /// The lock, below the root.
        path: String,
        /// The tool that reads it.
        tool: LockTool,
        /// The member of a workspace.
        package: Option<String>,
        /// Groups beside the main one.
        groups: BTreeSet<String>,
        /// Extras.
        extras: BTreeSet<String>,
    },
    /// What a manifest asks for, without a lock.
    Manifest(String),
    /// A requirement file that the tree does not hold.
    MissingFile(String),
    /// An archive or repository by URL.
    Url(String),
    /// A requirement that is not understood; its text is compared and never shown.
    NotUnderstood(String),
}

/// What pip was asked for, as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A requirement file, below the tree's root.
    File(String),
    /// A requirement.
    Requirement(String),
    /// An index on the command line.
    Index {
        /// Its address.
        url: String,
        /// Whether it comes beside another one.
        is_extra: bool,
    },
}

/// The tool that reads a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockTool {
    /// uv.lock
    Uv,
    /// poetry.lock
    Poetry,
    /// Pipfile.lock
    Pipenv,
    /// pdm.lock
    Pdm,
}

impl Install {
    /// What a requirement's text asks for.
    pub(super) fn of_requirement(text: &str) -> Self {
        let text = text.trim();
        if let Ok(requirement) = Requirement::parse(text) {
            return match requirement.url() {
                Some(url) => Self::Url(url.to_owned()),
                None => Self::Package(canonical(&requirement)),
            };
        }
        // pip reads a blank around commas and a comma at the end too.
        let tight: String = text.split_whitespace().collect();
        match Requirement::parse(tight.trim_end_matches(',')) {
            Ok(requirement) if requirement.url().is_none() => {
                Self::Package(canonical(&requirement))
            }
            _ if text.contains("://") => Self::Url(text.to_owned()),
            _ => Self::NotUnderstood(text.to_owned()),
        }
    }

    /// The name of a package, as PEP 503 compares names.
    #[must_use]
    pub(crate) fn package_name(&self) -> Option<&str> {
        match self {
            Self::Package(text) => text
                .split(|part: char| !(part.is_ascii_alphanumeric() || part == '-'))
                .next(),
            _ => None,
        }
    }
}

/// A requirement in one spelling.
fn canonical(requirement: &Requirement) -> String {
    let mut text = requirement.normalized_name().to_owned();
    if !requirement.extras().is_empty() {
        text = format!("{text}[{}]", requirement.extras().join(","));
    }
    if let Some(specifiers) = requirement.specifiers() {
        let mut all: Vec<String> = specifiers.iter().map(ToString::to_string).collect();
        all.sort();
        text.push_str(&all.join(","));
    }
    if let Some(marker) = requirement.marker() {
        let words: Vec<&str> = marker.split_whitespace().collect();
        text = format!("{text}; {}", words.join(" ").replace('\'', "\""));
    }
    text
}

impl LockTool {
    /// Its name, as it is typed.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Uv => "uv",
            Self::Poetry => "poetry",
            Self::Pipenv => "pipenv",
            Self::Pdm => "pdm",
        }
    }

    /// The file that it writes.
    pub(super) const fn file(self) -> &'static str {
        match self {
            Self::Uv => "uv.lock",
            Self::Poetry => "poetry.lock",
            Self::Pipenv => "Pipfile.lock",
            Self::Pdm => "pdm.lock",
        }
    }

    /// The file beside it that says what is wanted.
    pub(super) const fn manifest(self) -> &'static str {
        match self {
            Self::Pipenv => "Pipfile",
            _ => "pyproject.toml",
        }
    }
}

/// A URL without what it may hold of secrets: account, query and fragment.
fn shown_url(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (before, location) = url.rsplit_once("://").unwrap_or(("", url));
    let scheme = before.rsplit([' ', '@']).next().unwrap_or(before);
    let (host, path) = location.split_once('/').unwrap_or((location, ""));
    let host = host.rsplit('@').next().unwrap_or(host);
    format!("{scheme}://{host}/{path}")
}

impl fmt::Display for Install {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |names: &BTreeSet<String>| names.iter().cloned().collect::<Vec<_>>().join(", ");
        match self {
            Self::Package(text) => write!(formatter, "pip {text}"),
            Self::Project { path, extras } => {
                let path = if path.is_empty() { "." } else { path };
                write!(formatter, "the project {path}")?;
                if extras.is_empty() {
                    Ok(())
                } else {
                    write!(formatter, "[{}]", list(extras))
                }
            }
            Self::Archive(path) => write!(formatter, "{path}"),
            Self::Lock {
                path,
                package,
                groups,
                extras,
                ..
            } => {
                write!(formatter, "{path}")?;
                if let Some(package) = package {
                    write!(formatter, " for {package}")?;
                }
                if !groups.is_empty() {
                    write!(formatter, " with groups {}", list(groups))?;
                }
                if extras.is_empty() {
                    Ok(())
                } else {
                    write!(formatter, " with extras {}", list(extras))
                }
            }
            Self::Manifest(path) => write!(formatter, "the dependencies of {path}"),
            Self::MissingFile(path) => write!(formatter, "{path}, which is not in the tree"),
            Self::Url(url) => write!(formatter, "pip {}", shown_url(url)),
            Self::NotUnderstood(_) => write!(formatter, "a requirement that is not understood"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requirements_have_one_spelling() {
        for (text, expected) in [
            ("Foo_Bar[B, a]>=1,<2", "pip foo-bar[a,b]<2,>=1"),
            ("foo.bar [a,b] <2 , >=1", "pip foo-bar[a,b]<2,>=1"),
            ("foo>=1,", "pip foo>=1"),
            ("a; python_version<'3.8'", "pip a; python_version<\"3.8\""),
            (
                "a @ https://u:p@h.example/a.whl?t=1#x",
                "pip https://h.example/a.whl",
            ),
            (
                "git+https://token@h.example/a.git@main#egg=a",
                "pip git+https://h.example/a.git@main",
            ),
            ("%%", "a requirement that is not understood"),
        ] {
            assert_eq!(
                Install::of_requirement(text).to_string(),
                expected,
                "{text}"
            );
        }
        assert_eq!(
            Install::of_requirement("A_b[c]==1").package_name(),
            Some("a-b")
        );
    }
}
