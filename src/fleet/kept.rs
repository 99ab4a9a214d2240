//! Dockerfiles that a person keeps: built as they are, read, never written.

use super::origin::Sourced;
use crate::values::{RelPath, StageName};

/// A Dockerfile that a person keeps, and the build context that goes with it.
#[derive(Debug, Clone)]
pub(crate) struct KeptDockerfile {
    /// Its path below the root.
    pub(crate) path: Sourced<RelPath>,
    /// The folder of the build context, below the root; empty for the root itself.
    pub(crate) context: String,
    /// The stage to build; the last one where there is none.
    pub(crate) target: Option<Sourced<StageName>>,
    /// What it says, once that was read; nothing where it is not UTF-8.
    pub(crate) text: Option<String>,
    /// Its ignore file, once that was read.
    pub(crate) ignore: Option<IgnoreFile>,
}

/// A file that says what a build context leaves out.
#[derive(Debug, Clone)]
pub(crate) struct IgnoreFile {
    /// Its path below the root.
    pub(crate) path: String,
    /// What it says.
    pub(crate) text: String,
}

impl KeptDockerfile {
    /// Where an ignore file may be, the one that wins first: beside the Dockerfile with its name,
    /// or in the build context.
    /// <https://docs.docker.com/build/concepts/context/#dockerignore-files>
    #[must_use]
    pub(crate) fn ignore_paths(&self) -> [String; 2] {
        [
            format!("{}.dockerignore", self.path.value),
            self.in_context(".dockerignore"),
        ]
    }

    /// Whether a path is that of the Dockerfile or of its ignore file, also one that is not there.
    #[must_use]
    pub(crate) fn is_of(&self, path: &str) -> bool {
        self.path.value.as_str() == path || self.ignore_paths().iter().any(|one| one == path)
    }

    /// A path of the build context, from the root on.
    #[must_use]
    pub(crate) fn in_context(&self, path: &str) -> String {
        if self.context.is_empty() {
            path.to_owned()
        } else {
            format!("{}/{path}", self.context)
        }
    }

    /// The Dockerfile's path from the folder of the build context on, as bake and compose take it.
    #[must_use]
    pub(crate) fn path_from_context(&self) -> String {
        let path: Vec<&str> = self.path.value.as_str().split('/').collect();
        let context = self.context.split('/').filter(|name| !name.is_empty());
        let context: Vec<&str> = context.collect();
        let both = path.iter().zip(&context);
        let shared = both.take_while(|(one, other)| one == other).count();
        let up = context[shared..].iter().map(|_| "..");
        up.chain(path[shared..].iter().copied())
            .collect::<Vec<_>>()
            .join("/")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fleet::origin::{Origin, Section};

    #[test]
    fn a_dockerfile_is_named_from_its_context() {
        for (path, context, expected) in [
            ("frontend/Dockerfile", "frontend", "Dockerfile"),
            ("Dockerfile", "", "Dockerfile"),
            ("docker/a/Dockerfile", "", "docker/a/Dockerfile"),
            (
                "docker/web.Dockerfile",
                "apps/web",
                "../../docker/web.Dockerfile",
            ),
            ("apps/docker/Dockerfile", "apps/web", "../docker/Dockerfile"),
        ] {
            let kept = KeptDockerfile {
                path: Sourced {
                    value: RelPath::parse(path).unwrap(),
                    origin: Origin::field(Section::Fleet, ""),
                },
                context: context.to_owned(),
                target: None,
                text: None,
                ignore: None,
            };
            assert_eq!(kept.path_from_context(), expected);
        }
    }
}
