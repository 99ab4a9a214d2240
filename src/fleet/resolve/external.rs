//! External images: declared ones, and the built-in python-slim.

use std::sync::Arc;

use indexmap::IndexMap;

use super::field::Findings;
use crate::declare::FleetDecl;
use crate::declare::schema::{DistributionDecl, ImageDecl};
use crate::diagnostic::code;
use crate::fleet::model::{ExternalImage, Image, Origin, Parent, Section, Sourced};
use crate::values::image_reference::{ImageReference, ImageRepository};
use crate::values::{Digest, ImageName, ImageUser, LinuxPath, PythonVersion, Tag};

/// The name of the image that everything builds on unless it says otherwise.
pub(super) const DEFAULT_IMAGE: &str = "python-slim";
/// Words in a tag or repository that tell an image without apt-get.
const WITHOUT_APT: [&str; 8] = [
    "alpine",
    "distroless",
    "ubi",
    "fedora",
    "chainguard",
    "wolfi",
    "busybox",
    "scratch",
];

/// The external images of a fleet, by name. Tags may depend on the Python version: those for the
/// fleet's own are shared, others are made on demand.
pub(super) struct Externals {
    images: IndexMap<String, Declared>,
    python: Option<Sourced<PythonVersion>>,
    usual: IndexMap<String, Arc<ExternalImage>>,
}

struct Declared {
    section: Section,
    repository: ImageRepository,
    tag: Tagged,
    digest: Option<Digest>,
    /// By tag.
    digests: IndexMap<String, Digest>,
    user: Option<ImageUser>,
    python: Sourced<String>,
    site_packages: Option<Origin>,
    has_shell: bool,
    is_alpine: bool,
    has_apt: bool,
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
        let declared = decl
            .images
            .iter()
            .enumerate()
            .filter_map(|(position, (name, image))| {
                findings.key(Section::Images(position.into()), name, ImageName::parse)?;
                Some((
                    name.clone(),
                    Declared::resolve(findings, position, name, image, python)?,
                ))
            });
        let mut images: IndexMap<String, Declared> = declared.collect();
        if !decl.images.contains_key(DEFAULT_IMAGE)
            && let Ok(repository) = ImageRepository::parse("python")
        {
            let tag = Tagged::Tag("{python}-slim".to_owned());
            let section = Section::Fleet;
            let built_in = Declared {
                section,
                repository,
                tag,
                digest: None,
                digests: IndexMap::new(),
                user: None,
                python: Sourced {
                    value: PYTHON.to_owned(),
                    origin: Origin::field(section, "python"),
                },
                site_packages: None,
                has_shell: true,
                is_alpine: false,
                has_apt: true,
            };
            images.insert(DEFAULT_IMAGE.to_owned(), built_in);
        }
        let of_fleet = |(name, image): (&String, &Declared)| {
            Some((name.clone(), Arc::new(image.external(name, python?)?)))
        };
        Self {
            usual: images.iter().filter_map(of_fleet).collect(),
            python: python.cloned(),
            images,
        }
    }

    /// Says which images are built on a tag without a digest although other tags of the same
    /// external image have one.
    pub(super) fn check_pins(&self, findings: &mut Findings, images: &[Image]) {
        for image in images {
            let Parent::External(external) = &image.parent else {
                continue;
            };
            let declared = self.images.get(&external.name);
            let Some(declared) = declared.filter(|declared| !declared.digests.is_empty()) else {
                continue;
            };
            if external.reference.digest().is_none() {
                let origin = Origin::field(declared.section, "digests");
                let message = format!(
                    "`{}` has digests, but none for {}",
                    external.name, external.reference
                );
                let help = format!(
                    "`dockwright pin {}` asks the registry for it",
                    external.name
                );
                findings.at_value_with_help(&code::UNPINNED_TAG, origin, message, help);
            }
        }
    }

    /// The names that `from` may have.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.images.keys().map(String::as_str)
    }

    /// Whether one of them is this.
    pub(super) fn has(&self, name: &str) -> bool {
        self.images.contains_key(name)
    }

    /// The image of a name, for a Python version.
    pub(super) fn get(
        &self,
        name: &str,
        python: &Sourced<PythonVersion>,
    ) -> Option<Arc<ExternalImage>> {
        if self.python.as_ref() == Some(python) {
            return self.usual.get(name).cloned();
        }
        let image = self.images.get(name)?.external(name, python)?;
        Some(Arc::new(image))
    }
}

impl Declared {
    /// The image of this name for a Python version.
    fn external(&self, name: &str, python: &Sourced<PythonVersion>) -> Option<ExternalImage> {
        let origin = if self.section == Section::Fleet {
            python.origin
        } else {
            Origin::field(self.section, "")
        };
        Some(ExternalImage {
            name: name.to_owned(),
            user: self.user.clone(),
            python: self.python.clone(),
            site_packages: self.site_packages,
            has_shell: self.has_shell,
            is_alpine: self.is_alpine,
            has_apt: self.has_apt,
            reference: self.reference(&python.value)?,
            origin,
        })
    }

    fn resolve(
        findings: &mut Findings<'_>,
        position: usize,
        name: &str,
        image: &ImageDecl,
        python: Option<&Sourced<PythonVersion>>,
    ) -> Option<Self> {
        let section = Section::Images(position.into());
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
            findings.value(
                Origin::field(section, "digest"),
                text,
                &code::INVALID_REFERENCE,
                Digest::parse,
            )
        });
        let tag = match (&image.tag, &image.digest) {
            (Some(tag), _) => Tagged::Tag(tag.to_string()),
            (None, Some(_)) => Tagged::None,
            (None, None) => Tagged::Tag("{python}-slim".to_owned()),
        };
        if let (Tagged::Tag(text), Some(python)) = (&tag, python) {
            let origin = Origin::field(section, "tag");
            let filled = text.replace("{python}", python.value.as_str());
            findings.value(origin, &filled, &code::INVALID_REFERENCE, Tag::parse)?;
        }
        let digests = digests(findings, section, name, image, &tag);
        let repository = repository?.value;
        let has_apt = has_apt(&repository, &tag, image.distribution);
        let is_alpine = is_alpine(&repository, &tag, image.distribution);
        let field = |name| Origin::field(section, name);
        let digest = digest.map(|digest| digest.value);
        Some(Self {
            section,
            repository,
            tag,
            digest,
            digests,
            user: user(findings, section, image),
            python: interpreter(findings, section, image)?,
            site_packages: image.site_packages.then(|| field("site_packages")),
            has_shell: image.shell.unwrap_or(true),
            is_alpine,
            has_apt,
        })
    }

    fn reference(&self, python: &PythonVersion) -> Option<ImageReference> {
        let tag = match &self.tag {
            Tagged::Tag(text) => Some(Tag::parse(&text.replace("{python}", python.as_str())).ok()?),
            Tagged::None => None,
        };
        let by_tag = tag.as_ref().and_then(|tag| self.digests.get(tag.as_str()));
        let digest = by_tag.or(self.digest.as_ref()).cloned();
        Some(ImageReference::new(self.repository.clone(), tag, digest))
    }
}

/// The Python of the official image.
const PYTHON: &str = "python";

/// Whether an image is an Alpine: as declared, or told from its names.
fn is_alpine(
    repository: &ImageRepository,
    tag: &Tagged,
    distribution: Option<DistributionDecl>,
) -> bool {
    let tag = if let Tagged::Tag(text) = tag {
        text.as_str()
    } else {
        ""
    };
    match distribution {
        Some(declared) => declared == DistributionDecl::Alpine,
        None => tag.contains("alpine") || repository.as_str().contains("alpine"),
    }
}

/// The Python inside: a word or a whole path.
fn interpreter(
    findings: &mut Findings<'_>,
    section: Section,
    image: &ImageDecl,
) -> Option<Sourced<String>> {
    let origin = Origin::field(section, "python");
    let text = image.python.as_deref().unwrap_or(PYTHON);
    let path = if text.starts_with('/') {
        text.to_owned()
    } else {
        format!("/{text}")
    };
    let is_word = text.starts_with('/') || !text.contains('/');
    if !is_word {
        let message = format!("`{text}` is neither a word nor a whole path");
        let help = "python: /usr/bin/python3.13".to_owned();
        findings.at_value_with_help(&code::INVALID_VALUE, origin, message, help);
        return None;
    }
    findings.value(origin, &path, &code::INVALID_VALUE, LinuxPath::parse)?;
    Some(Sourced {
        value: text.to_owned(),
        origin,
    })
}

/// Whom the image runs as.
fn user(findings: &mut Findings<'_>, section: Section, image: &ImageDecl) -> Option<ImageUser> {
    let origin = Origin::field(section, "user");
    let text = image.user.as_ref()?;
    let read = findings.value(origin, text, &code::INVALID_VALUE, ImageUser::parse)?;
    Some(read.value)
}

fn has_apt(
    repository: &ImageRepository,
    tag: &Tagged,
    distribution: Option<DistributionDecl>,
) -> bool {
    let tag = if let Tagged::Tag(text) = tag {
        text.as_str()
    } else {
        ""
    };
    match distribution {
        Some(DistributionDecl::Debian) => true,
        Some(DistributionDecl::Alpine | DistributionDecl::Other) => false,
        None => !WITHOUT_APT
            .iter()
            .any(|word| tag.contains(word) || repository.as_str().contains(word)),
    }
}

/// The digests by tag; and one digest for a tag that names several images is refused: after
/// another Python version it would lie.
fn digests(
    findings: &mut Findings,
    section: Section,
    name: &str,
    image: &ImageDecl,
    tag: &Tagged,
) -> IndexMap<String, Digest> {
    let moves = matches!(tag, Tagged::Tag(text) if text.contains("{python}"));
    if let (Some(digest), true) = (&image.digest, moves) {
        let origin = Origin::field(section, "digest");
        let message = format!(
            "the tag of `{name}` depends on the Python version, but its `digest` pins one image"
        );
        let help = format!(
            "write `digests: {{ <tag>: {} }}`, with the tag in full",
            digest.0
        );
        findings.at_value_with_help(&code::AMBIGUOUS_DIGEST, origin, message, help);
    }
    let mut digests = IndexMap::new();
    for (position, (tag, digest)) in image.digests.iter().enumerate() {
        let origin = Origin::field(section, "digests").item(position);
        let tag_read = Tag::parse(tag);
        if let Err(invalid) = &tag_read {
            findings.at_key(
                &code::INVALID_REFERENCE,
                origin,
                format!("`{tag}`: {invalid}"),
            );
        }
        let digest = findings.value(origin, digest, &code::INVALID_REFERENCE, Digest::parse);
        if let (Ok(_), Some(digest)) = (tag_read, digest) {
            digests.insert(tag.clone(), digest.value);
        }
    }
    digests
}
