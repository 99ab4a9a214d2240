//! Images of the engine on this machine: which of a fleet's it has, and reading them.
//!
//! The programs run as the person's command does, without an option that a repository chose; what
//! they are given are references, which have a grammar of their own and begin with a registry.

use camino::Utf8Path;

use super::sizes::{ImageSource, MeasureError, read_images};
use crate::fleet::{Fleet, Image as Declared, Role};
use crate::sizes::Image;
use crate::values::Tag;
use crate::workspace::program::{self, Argv, capture, works};
use crate::workspace::scratch::Scratch;

/// A program that has images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    /// Docker.
    Docker,
    /// Podman.
    Podman,
    /// Buildah.
    Buildah,
}

/// The images of a fleet that an engine has.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Local {
    /// Their references.
    pub(crate) references: Vec<String>,
    /// The images of the fleet that are not there.
    pub(crate) missing: Vec<String>,
}

/// An image is there under several tags.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{image} has several tags here: {}; choose one with --tag", .tags.join(", "))]
pub(crate) struct Ambiguous {
    /// The image.
    pub(crate) image: String,
    /// Its tags.
    pub(crate) tags: Vec<String>,
}

impl Engine {
    /// All of them, in the order in which they are looked for.
    pub(crate) const ALL: [Self; 3] = [Self::Docker, Self::Podman, Self::Buildah];

    /// The program's name.
    #[must_use]
    pub(crate) fn program(self) -> &'static str {
        match self {
            Self::Docker => "docker",
            Self::Podman => "podman",
            Self::Buildah => "buildah",
        }
    }

    /// Whether it is there and answers.
    #[must_use]
    pub(crate) fn is_there(self) -> bool {
        let words: &[&str] = match self {
            Self::Docker => &["version"],
            Self::Podman | Self::Buildah => &["--version"],
        };
        works(&Argv::new(self.program(), words.iter().copied()))
    }

    /// The references of all images that it has.
    ///
    /// # Errors
    /// What the program says.
    pub(crate) fn references(self) -> Result<Vec<String>, program::Error> {
        let words = match self {
            Self::Docker => ["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"],
            Self::Podman => ["image", "list", "--format", "{{.Repository}}:{{.Tag}}"],
            Self::Buildah => ["images", "--all", "--format", "{{.Name}}:{{.Tag}}"],
        };
        let argv = Argv::new(self.program(), words);
        let printed = capture(&argv, Utf8Path::new(""), "", &[])?;
        let printed = String::from_utf8_lossy(&printed);
        Ok(printed.lines().map(str::to_owned).collect())
    }

    /// Reads images that it has. Docker and Podman print them as a stream; Buildah writes them to a
    /// temporary folder, each layer once.
    ///
    /// # Errors
    /// What the program says, or what is wrong with what it printed.
    pub(crate) fn read(self, references: &[String]) -> Result<Vec<Image>, MeasureError> {
        let words = references.iter().map(String::as_str);
        let argv = match self {
            Self::Docker => Argv::new("docker", ["save"].into_iter().chain(words)),
            Self::Podman => Argv::new("podman", SAVE_OF_PODMAN.into_iter().chain(words)),
            Self::Buildah => return push_all(references),
        };
        read_images(&[ImageSource::Program(argv)])
    }
}

const SAVE_OF_PODMAN: [&str; 4] = [
    "save",
    "--multi-image-archive",
    "--format",
    "docker-archive",
];

fn push_all(references: &[String]) -> Result<Vec<Image>, MeasureError> {
    let failed = |source| program::Error::Start {
        program: "buildah".to_owned(),
        source,
    };
    let scratch = Scratch::new().map_err(failed)?;
    let layout = scratch.path().map_err(failed)?.join("layout");
    for reference in references {
        let target = format!("oci:{layout}:{reference}");
        let argv = Argv::new("buildah", ["push", "--quiet", reference, &target]);
        capture(&argv, Utf8Path::new(""), "", &[])?;
    }
    read_images(&[ImageSource::Path(layout)])
}

/// The images of a fleet among references: bases under their version, services under the one tag
/// that they have or the one that was named.
///
/// # Errors
/// A service has several tags, and none was named.
pub(crate) fn local_images(
    fleet: &Fleet,
    there: &[String],
    tag: Option<&Tag>,
    only: &[String],
) -> Result<Local, Ambiguous> {
    let mut local = Local::default();
    let is_wanted =
        |image: &&Declared| only.is_empty() || only.iter().any(|name| name == image.name.as_str());
    for image in fleet.images.iter().filter(is_wanted) {
        let prefix = fleet.repository(image) + ":";
        let tagged = there
            .iter()
            .filter_map(|one| one.strip_prefix(prefix.as_str()));
        let mut tags: Vec<String> = tagged
            .filter(|tag| *tag != "<none>")
            .map(str::to_owned)
            .collect();
        let wanted = match (&image.role, tag) {
            (Role::Base(version), _) => Some(version.value.to_string()),
            (Role::Service(_), tag) => tag.map(ToString::to_string),
        };
        if let Some(wanted) = wanted {
            tags.retain(|tag| *tag == wanted);
        }
        match tags.as_slice() {
            [] => local.missing.push(image.name.to_string()),
            [tag] => local.references.push(prefix + tag),
            _ => {
                let image = image.name.to_string();
                return Err(Ambiguous { image, tags });
            }
        }
    }
    Ok(local)
}
