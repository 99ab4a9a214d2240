//! The images of a fleet in a registry that a person names: what it says of them, asked through
//! skopeo or crane. Nothing in services.yaml has a say in which registry that is.

use camino::Utf8Path;

use super::sizes::MeasureError;
use crate::fleet::{Fleet, Image as Declared, Role};
use crate::images::digest::Tool;
use crate::parallel::try_map_parts;
use crate::sizes::{Fault, Image, Remote, SizesError, check_bytes, remote, remote_image};
use crate::values::image_reference::{ImageReference, ImageRepository};
use crate::values::{Registry, Tag};
use crate::workspace::program::{Argv, capture};

/// How many references are asked for at once on each core.
const AT_ONCE: usize = 1;
/// How many images one index may have: one a platform.
const PLATFORMS: usize = 32;

/// Where images are, and who asks.
#[derive(Debug, Clone)]
pub(crate) struct RemoteSource {
    /// skopeo or crane.
    pub(crate) tool: Tool,
    /// The registry and what stands before the names of images.
    pub(crate) prefix: ImageRepository,
    /// Registries that are asked without TLS.
    pub(crate) insecure: Vec<Registry>,
}

/// The bytes of a manifest and a configuration, with the reference.
type Found = (String, Vec<u8>, Vec<u8>);

/// The images that a registry has: bases under their version, services under the tag.
///
/// # Errors
/// The first that cannot be read.
pub(crate) fn remote_images(
    source: &RemoteSource,
    fleet: &Fleet,
    tag: Option<&Tag>,
    only: &[String],
) -> Result<Vec<Image>, MeasureError> {
    let is_wanted =
        |image: &&Declared| only.is_empty() || only.iter().any(|name| name == image.name.as_str());
    let mut references = Vec::new();
    for image in fleet.images.iter().filter(is_wanted) {
        let tag = match &image.role {
            Role::Base(version) => version.value.to_string(),
            Role::Service(_) => tag
                .map(ToString::to_string)
                .ok_or_else(|| MeasureError::NoTag(image.name.to_string()))?,
        };
        references.push((format!("{}/{}", source.prefix, image.name), tag));
    }
    let ask = |part: &[(String, String)]| -> Result<Vec<Found>, MeasureError> {
        let found = part.iter().map(|(name, tag)| source.find(name, tag));
        Ok(found.collect::<Result<Vec<_>, _>>()?.concat())
    };
    let found = try_map_parts(&references, (2, AT_ONCE), ask)?.concat();
    let images = found.into_iter().map(|(reference, manifest, config)| {
        remote_image(&reference, &manifest, &config).map_err(|fault| broken(&reference, fault))
    });
    images.collect()
}

fn broken(reference: &str, fault: Fault) -> MeasureError {
    MeasureError::Sizes(SizesError {
        input: reference.to_owned(),
        member: None,
        fault,
    })
}

impl RemoteSource {
    /// What a tag leads to: the manifests and configurations of all platforms.
    fn find(&self, name: &str, tag: &str) -> Result<Vec<Found>, MeasureError> {
        let reference = format!("{name}:{tag}");
        let broken = |fault| broken(&reference, fault);
        let first = self.manifest(&reference)?;
        let manifests = match remote(&first).map_err(broken)? {
            Remote::Image(_) => vec![first],
            Remote::Manifests(digests) => {
                if digests.len() > PLATFORMS {
                    let (limit, unit) = (PLATFORMS as u64, "platforms");
                    return Err(broken(Fault::TooMany { limit, unit }));
                }
                let mut manifests = Vec::with_capacity(digests.len());
                for digest in digests {
                    let manifest = self.manifest(&format!("{name}@{digest}"))?;
                    check_bytes(&manifest, &digest).map_err(broken)?;
                    manifests.push(manifest);
                }
                manifests
            }
        };
        let mut found = Vec::with_capacity(manifests.len());
        for manifest in manifests {
            let Remote::Image(digest) = remote(&manifest).map_err(broken)? else {
                let what = "an image index in an image index".to_owned();
                return Err(broken(Fault::Unsupported(what)));
            };
            let named = crate::sizes::digest_text(&manifest);
            let config = self.config(&format!("{name}@{named}"))?;
            check_bytes(&config, &digest).map_err(broken)?;
            found.push((reference.clone(), manifest, config));
        }
        Ok(found)
    }

    fn manifest(&self, reference: &str) -> Result<Vec<u8>, MeasureError> {
        self.ask(reference, Tool::words)
    }

    fn config(&self, reference: &str) -> Result<Vec<u8>, MeasureError> {
        self.ask(reference, Tool::config_words)
    }

    fn ask(&self, reference: &str, words: Words) -> Result<Vec<u8>, MeasureError> {
        let unsupported = |reason: String| broken(reference, Fault::Unsupported(reason));
        let parsed = ImageReference::parse(reference)
            .map_err(|error| unsupported(format!("the reference: {error}")))?;
        let words = words(self.tool, &parsed, &self.insecure)
            .map_err(|error| unsupported(error.to_string()))?;
        let (program, arguments) = words.split_first().expect("a command has a program");
        let argv = Argv::new(program, arguments.iter().map(String::as_str));
        Ok(capture(&argv, Utf8Path::new(""), "", &[])?)
    }
}

/// The command line that asks for something of a reference.
type Words = fn(
    Tool,
    &ImageReference,
    &[Registry],
) -> Result<Vec<String>, crate::images::digest::NoSuchOption>;
