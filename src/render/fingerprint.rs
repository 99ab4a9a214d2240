//! Which content a base's version stands for, so that a tag never comes to mean something else.
//!
//! The content is what ends up in the image: the instructions of the rendered Dockerfile without
//! comments and labels, the lines of its requirements and constraints, and through both the
//! reference of the image below. The base's own version is left out, for a rebuild under a new
//! version changes nothing, and so is the folder of the generated files, for it is seen during the
//! build alone. The content below counts through its reference: where that content changes, the
//! base below is the one to be bumped.

use std::collections::BTreeSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::error::RenderError;
use super::job::{dockerfile_template, jobs_of};
use super::progress::Progress;
use super::renderer::Renderer;
use super::templates::Templates;
use crate::artifact::{ArtifactPath, ArtifactSet};
use crate::diagnostic::{Code, Diagnostic, code};
use crate::dockerfile::{Segment, segment};
use crate::fleet::{Fleet, Image, ImageId, Role};

/// Instructions that change no file of an image and nothing that runs in it.
const UNCOUNTED: [&str; 2] = ["LABEL", "MAINTAINER"];

/// How many images that build on a base are named.
const NAMED: usize = 20;

/// The digest of a base's content, and whether the recorded one still fits.
#[derive(Debug, Clone)]
pub(crate) struct BaseContent<'a> {
    /// The base.
    pub(crate) image: &'a Image,
    /// Its version.
    pub(crate) version: &'a str,
    /// The first 16 hexadecimal digits of a SHA-256 digest.
    pub(crate) digest: String,
}

impl BaseContent<'_> {
    /// The fingerprint as services.yaml records it.
    #[must_use]
    pub(crate) fn record(&self) -> String {
        format!("{}@{}", self.version, self.digest)
    }

    /// Whether nothing is recorded, or just this.
    fn is_as_recorded(&self) -> bool {
        self.image.fingerprint.as_ref().is_none_or(|recorded| {
            recorded.value.version() == self.version && recorded.value.digest() == self.digest
        })
    }

    /// Whether the content is another than the recorded one, under the recorded version; false
    /// where nothing is recorded.
    #[must_use]
    pub(crate) fn lies(&self) -> bool {
        self.image.fingerprint.as_ref().is_some_and(|recorded| {
            recorded.value.version() == self.version && recorded.value.digest() != self.digest
        })
    }
}

/// The content of every base, each after the one that it builds on. Only bases are rendered.
///
/// # Errors
/// A broken template, as in [`Renderer::render`].
pub(crate) fn base_contents<'a>(
    fleet: &'a Fleet,
    templates: &Templates,
    progress: &Arc<Progress>,
) -> Result<Vec<BaseContent<'a>>, RenderError> {
    let all: BTreeSet<ImageId> = fleet.numbered_bases().map(|(id, _)| id).collect();
    contents_of(fleet, templates, &all, progress)
}

/// The same of some bases, by their numbers.
///
/// # Errors
/// As [`base_contents`].
pub(crate) fn contents_of<'a>(
    fleet: &'a Fleet,
    templates: &Templates,
    ids: &BTreeSet<ImageId>,
    progress: &Arc<Progress>,
) -> Result<Vec<BaseContent<'a>>, RenderError> {
    let renderer =
        Renderer::of(fleet, templates, jobs_of(fleet, ids)?)?.watched(Arc::clone(progress));
    let artifacts = renderer.render(0..renderer.paths().len())?;
    let content = |image: &'a Image| {
        Some(BaseContent {
            image,
            version: version(image)?,
            digest: digest(&parts(fleet, image, &artifacts)),
        })
    };
    Ok(ids
        .iter()
        .map(|id| fleet.image(*id))
        .filter_map(content)
        .collect())
}

fn version(image: &Image) -> Option<&str> {
    if let Role::Base(version) = &image.role {
        Some(version.value.as_str())
    } else {
        None
    }
}

/// Everything that counts, a line each.
fn parts(fleet: &Fleet, image: &Image, artifacts: &ArtifactSet) -> Vec<String> {
    let file = |name: &str| {
        let path = ArtifactPath::parse(&format!("{}/{name}", image.folder));
        let path = path.expect("the image's own files have such paths");
        // An image that installs nothing has no requirements, for one.
        artifacts.get(&path).unwrap_or_default()
    };
    let folder = format!("{}/", image.folder);
    let segments = segment(file("Dockerfile"));
    let instructions = segments.iter().filter(|segment| {
        segment
            .instruction()
            .is_some_and(|instruction| !UNCOUNTED.contains(&instruction.keyword()))
    });
    let mut parts: Vec<String> = instructions
        .map(|segment| counted(segment).replace(&folder, "./"))
        .collect();
    for name in ["requirements.txt", "constraints.txt"] {
        let lines = file(name)
            .lines()
            .filter(|line| !line.is_empty() && !line.starts_with('#'));
        parts.push(name.to_owned());
        parts.extend(lines.map(str::to_owned));
    }
    for file in image.install.iter().filter(|_| !image.locked.is_wanted()) {
        parts.push(file.path.value.to_string());
        parts.extend(file.file.map(|at| fleet.files[at].digest.clone()));
    }
    parts
}

/// The words of an instruction in one spelling: heredocs as they are, all else without comments and
/// line breaks.
fn counted(segment: &Segment<'_>) -> String {
    segment
        .instruction()
        .map_or_else(String::new, |instruction| {
            if instruction.arguments().contains("<<") {
                return segment.text.to_owned();
            }
            let words: Vec<&str> = instruction.arguments().split_whitespace().collect();
            format!("{} {}", instruction.keyword(), words.join(" "))
        })
}

/// SHA-256 over the parts, each ended by a NUL that none of them holds, cut to 16 digits.
fn digest(parts: &[String]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let mut hexadecimal = base16ct::lower::encode_string(&hash.finalize());
    hexadecimal.truncate(16);
    hexadecimal
}

/// Says of each recorded base whether its version still stands for its content.
///
/// # Errors
/// A broken template, as in [`Renderer::render`].
pub(crate) fn judge_bases(
    fleet: &Fleet,
    templates: &Templates,
    progress: &Arc<Progress>,
) -> Result<Vec<Diagnostic>, RenderError> {
    let is_recorded = fleet.images.iter().any(|image| image.fingerprint.is_some());
    let is_known =
        |image: &Image| version(image).is_none() || templates.contains(&dockerfile_template(image));
    if !is_recorded || !fleet.images.iter().all(is_known) {
        return Ok(Vec::new());
    }
    let contents = base_contents(fleet, templates, progress)?;
    if contents.iter().all(BaseContent::is_as_recorded) {
        return Ok(Vec::new());
    }
    let dependents = dependents(fleet);
    Ok(contents
        .iter()
        .zip(&dependents)
        .filter_map(|(content, on_it)| judge(fleet, content, on_it))
        .collect())
}

fn judge(
    fleet: &Fleet,
    content: &BaseContent<'_>,
    on_it: &(Vec<&str>, usize),
) -> Option<Diagnostic> {
    let recorded = &content.image.fingerprint.as_ref()?.value;
    let (name, version) = (&content.image.name, content.version);
    let amend = format!("`dockwright generate --amend-base {name}`");
    let same_version = recorded.version() == version;
    let (code, message, help): (&'static Code, _, _) = match (
        same_version,
        recorded.digest() == content.digest,
    ) {
        (true, true) => return None,
        (true, false) => (
            &code::BASE_CHANGED_WITHOUT_BUMP,
            format!(
                "the content of {name} changed, but its version is still {version}; {}",
                named(on_it)
            ),
            format!(
                "`dockwright bump {name} --patch`; or, if {version} was never published, {amend}. \
                 The cause is services.yaml, a template or a new version of dockwright"
            ),
        ),
        (false, false) => (
            &code::BASE_BUMPED_BY_HAND,
            format!(
                "the version of {name} is {version}, but its fingerprint is still that of {}",
                recorded.version()
            ),
            format!("{amend} records it"),
        ),
        (false, true) => (
            &code::BASE_BUMPED_WITHOUT_CHANGE,
            format!(
                "the content of {name} {version} is that of {}",
                recorded.version()
            ),
            format!("to record that this is intended: {amend}"),
        ),
    };
    let Role::Base(version) = &content.image.role else {
        return None;
    };
    Some(Diagnostic::new(code, fleet.value_at(version.origin), message).with_help(help))
}

/// Who builds on a base, in words.
/// By base, the first images that build on it and how many there are.
fn dependents(fleet: &Fleet) -> Vec<(Vec<&str>, usize)> {
    let mut dependents = vec![(Vec::new(), 0); fleet.bases().count()];
    for image in &fleet.images {
        let mut below = image;
        while let Some(base) = below.base() {
            let (names, count) = &mut dependents[base];
            if names.len() < NAMED {
                names.push(image.name.as_str());
            }
            *count += 1;
            below = fleet.image(base);
        }
    }
    dependents
}

/// The images that build on a base, in words.
fn named((names, count): &(Vec<&str>, usize)) -> String {
    match count - names.len() {
        _ if names.is_empty() => "nothing builds on it".to_owned(),
        0 => format!("built on it: {}", names.join(", ")),
        more => format!("built on it: {} and {more} more", names.join(", ")),
    }
}
