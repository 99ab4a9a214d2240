//! External images: declared ones, and the built-in python-slim.

use super::field::Findings;
use crate::declare::FleetDecl;
use crate::declare::schema::{DistributionDecl, ImageDecl};
use crate::diagnostic::code;
use crate::fleet::image_reference::{ImageReference, ImageRepository};
use crate::fleet::model::{ExternalImage, Origin, Section, Sourced};
use crate::fleet::names::{Digest, ImageName, PythonVersion, Tag};

/// The name of the image that everything builds on unless it says otherwise.
pub(super) const DEFAULT_IMAGE: &str = "python-slim";
/// Words in a tag or repository that tell an image without apt-get.
const WITHOUT_APT: [&str; 8] = ["alpine", "distroless", "ubi", "fedora", "chainguard", "wolfi", "busybox", "scratch"];

/// The external images of a fleet, by name. Tags may depend on the Python version, so references are made on demand.
pub(super) struct Externals {
    images: Vec<Declared>,
}

struct Declared {
    name: String,
    section: Section,
    repository: ImageRepository,
    tag: Tagged,
    digest: Option<Digest>,
    distribution: Option<DistributionDecl>,
}

enum Tagged {
    /// The text may hold `{python}`.
    Tag(String),
    None,
}

impl Externals {
    pub(super) fn resolve(
        findings: &mut Findings<'_>,
        decl: &FleetDecl,
        python: Option<&Sourced<PythonVersion>>,
    ) -> Self {
        let declared = decl.images.iter().enumerate().filter_map(|(position, (name, image))| {
            findings.key(Section::Images(position), name, ImageName::parse)?;
            Declared::resolve(findings, position, name, image, python)
        });
        let mut images: Vec<Declared> = declared.collect();
        if !decl.images.contains_key(DEFAULT_IMAGE)
            && let Ok(repository) = ImageRepository::parse("python")
        {
            let tag = Tagged::Tag("{python}-slim".to_owned());
            images.push(Declared {
                name: DEFAULT_IMAGE.to_owned(),
                section: Section::Fleet,
                repository,
                tag,
                digest: None,
                distribution: None,
            });
        }
        Self { images }
    }

    /// The names that `from` may have.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.images.iter().map(|image| image.name.as_str())
    }

    /// The image of a name, for a Python version.
    pub(super) fn get(&self, name: &str, python: &Sourced<PythonVersion>) -> Option<ExternalImage> {
        let image = self.images.iter().find(|image| image.name == name)?;
        let reference = image.reference(&python.value)?;
        let origin = if image.section == Section::Fleet { python.origin } else { Origin::field(image.section, "") };
        Some(ExternalImage { name: image.name.clone(), has_apt: image.has_apt(), reference, origin })
    }
}

impl Declared {
    fn resolve(
        findings: &mut Findings<'_>,
        position: usize,
        name: &str,
        image: &ImageDecl,
        python: Option<&Sourced<PythonVersion>>,
    ) -> Option<Self> {
        let section = Section::Images(position);
        let Some(reference) = image.reference.as_deref() else {
            findings.at_key(
                &code::MISSING_FIELD,
                Origin::field(section, ""),
                format!("the image `{name}` needs a `reference`"),
            );
            return None;
        };
        let repository = findings.value(
            Origin::field(section, "reference"),
            reference,
            &code::INVALID_REFERENCE,
            ImageRepository::parse,
        );
        let digest = image.digest.as_deref();
        let digest = digest.and_then(|text| {
            findings.value(Origin::field(section, "digest"), text, &code::INVALID_REFERENCE, Digest::parse)
        });
        let tag = match (&image.tag, &image.digest) {
            (Some(tag), _) => Tagged::Tag(tag.to_string()),
            (None, Some(_)) => Tagged::None,
            (None, None) => Tagged::Tag("{python}-slim".to_owned()),
        };
        if let (Tagged::Tag(text), Some(python)) = (&tag, python) {
            let origin = Origin::field(section, "tag");
            let filled = text.replace("{python}", python.value.as_str());
            if filled == "latest" {
                findings.at_value(&code::FLOATING_TAG, origin, "the tag `latest` names no fixed content".to_owned());
            }
            findings.value(origin, &filled, &code::INVALID_REFERENCE, Tag::parse)?;
        }
        let distribution = image.distribution;
        Some(Self {
            name: name.to_owned(),
            section,
            repository: repository?.value,
            tag,
            digest: digest.map(|digest| digest.value),
            distribution,
        })
    }

    fn reference(&self, python: &PythonVersion) -> Option<ImageReference> {
        let tag = match &self.tag {
            Tagged::Tag(text) => Some(Tag::parse(&text.replace("{python}", python.as_str())).ok()?),
            Tagged::None => None,
        };
        Some(ImageReference::new(self.repository.clone(), tag, self.digest.clone()))
    }

    fn has_apt(&self) -> bool {
        let tag = if let Tagged::Tag(text) = &self.tag { text.as_str() } else { "" };
        match self.distribution {
            Some(DistributionDecl::Debian) => true,
            Some(DistributionDecl::Other) => false,
            None => !WITHOUT_APT.iter().any(|word| tag.contains(word) || self.repository.as_str().contains(word)),
        }
    }
}
