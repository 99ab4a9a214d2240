//! The digests of external images in a declaration: which are wanted, and the text that has them.

use std::sync::Arc;

use super::bump::{BumpError, editable};
use crate::diagnostic::did_you_mean;
use crate::edit::declaration::set_image_digest;
use crate::fleet::Fleet;
use crate::fleet::model::Parent;
use crate::project::{Edited, Inputs, Loaded, load};
use crate::render::fingerprint::base_contents;
use crate::values::image_reference::ImageReference;
use crate::values::{Digest, Tag};

/// An external image under one tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PinTarget {
    /// Its name in services.yaml.
    pub(crate) name: String,
    /// What the registry is asked for: the reference without a digest.
    pub(crate) reference: ImageReference,
    /// The tag of that reference.
    pub(crate) tag: Tag,
    /// The digest that services.yaml has for it.
    pub(crate) digest: Option<Digest>,
}

/// A declaration with other digests.
#[derive(Debug)]
pub(crate) struct Pinned {
    /// The whole new text.
    pub(crate) text: String,
    /// The fleet before.
    pub(crate) before: Fleet,
    /// The fleet that the new text stands for; its images are at the same positions.
    pub(crate) after: Fleet,
    /// The new text, loaded.
    pub(crate) loaded: Loaded,
    /// The bases whose content is no longer the one that was recorded for their version.
    pub(crate) to_bump: Vec<String>,
}

/// Why there is nothing to be done. No text was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PinError {
    /// No image builds on it.
    #[error("nothing builds on an external image `{name}`; {help}")]
    Unknown {
        /// As given.
        name: String,
        /// The name that may have been meant, or all.
        help: String,
    },
    /// It has nothing that a registry could be asked for.
    #[error("`{0}` has a digest but no tag; set `tag`, so that `dockwright pin` can query it")]
    NoTag(String),
    /// The declaration has errors, or cannot be edited safely.
    #[error(transparent)]
    Declaration(#[from] BumpError),
}

/// The external images that a fleet builds on, each tag once; with names only those. A name is the
/// one under `images`, or the reference with its tag. Images without a tag are left out unless they
/// are named.
///
/// # Errors
/// [`PinError`].
pub(crate) fn pin_targets(loaded: &Loaded, names: &[String]) -> Result<Vec<PinTarget>, PinError> {
    let fleet = editable(loaded)?;
    let mut targets: Vec<PinTarget> = Vec::new();
    let mut untagged: Vec<String> = Vec::new();
    for image in &fleet.images {
        let Parent::External(external) = &image.parent else {
            continue;
        };
        let Some(tag) = external.reference.tag().cloned() else {
            untagged.push(external.name.clone());
            continue;
        };
        let reference = ImageReference::new(
            external.reference.repository().clone(),
            Some(tag.clone()),
            None,
        );
        let digest = external.reference.digest().cloned();
        let target = PinTarget {
            name: external.name.clone(),
            reference,
            tag,
            digest,
        };
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    let is_named =
        |target: &PinTarget, name: &str| target.name == name || target.reference.as_str() == name;
    let unknown = names
        .iter()
        .find(|name| !targets.iter().any(|target| is_named(target, name)));
    match unknown {
        Some(name) if untagged.contains(name) => return Err(PinError::NoTag(name.clone())),
        Some(name) => return Err(unknown_target(name, &targets)),
        None => {}
    }
    targets.retain(|target| names.is_empty() || names.iter().any(|name| is_named(target, name)));
    Ok(targets)
}

fn unknown_target(name: &str, targets: &[PinTarget]) -> PinError {
    let mut known: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
    known.dedup();
    let help = match did_you_mean(name, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known: {}", known.join(", ")),
    };
    PinError::Unknown {
        name: name.to_owned(),
        help,
    }
}

/// Writes digests into a declaration.
///
/// # Errors
/// [`PinError`]; the text stays as it is.
pub(crate) fn pin(
    inputs: &dyn Inputs,
    loaded: &Loaded,
    digests: &[(PinTarget, Digest)],
) -> Result<Pinned, PinError> {
    let before = editable(loaded)?.clone();
    let mut text = loaded.text().to_owned();
    for (target, digest) in digests
        .iter()
        .filter(|(target, digest)| target.digest.as_ref() != Some(digest))
    {
        let repository = target.reference.repository().as_str();
        let edited = set_image_digest(
            &text,
            &target.name,
            target.tag.as_str(),
            digest.as_str(),
            repository,
        );
        text = edited.map_err(BumpError::Edit)?;
    }
    let edited = Edited::new(inputs, &loaded.file, &text);
    let loaded = load(&edited, &loaded.file, loaded.watcher()).map_err(BumpError::Project)?;
    let after = editable(&loaded)?.clone();
    let contents = base_contents(&after, &loaded.templates, &Arc::default());
    let contents = contents.map_err(BumpError::Render)?;
    let lying = contents.iter().filter(|content| content.lies());
    let to_bump = lying
        .map(|content| content.image.name.to_string())
        .collect();
    Ok(Pinned {
        text,
        before,
        after,
        loaded,
        to_bump,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Files, Unwatched};

    const TEXT: &str = "registry: r.example\nowner: o\npython: \"3.12\"\nimages:\n  mirror: { \
     reference: m.example/python, tag: v1 }\n  fixed: { reference: f, digest: \
     \"sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff\" }\nbases:\n  \
     low: { version: v1.0.0 }\nkinds: { web: { template: multi-stage-slim, port: 8000 } \
     }\nservices:\n  a: { kind: web }\n  b: { kind: web, python: \"3.11\" }\n  c: { kind: web, \
     from: mirror }\n  d: { kind: web, from: fixed }\n";

    fn loaded(text: &str) -> (Files, Loaded) {
        let files = Files::declaring(text);
        let loaded = load(&files, "services.yaml", &Unwatched).unwrap();
        (files, loaded)
    }

    fn targets(text: &str, names: &[&str]) -> Result<Vec<PinTarget>, PinError> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        pin_targets(&loaded(text).1, &names)
    }

    fn pinned(text: &str, digests: &[(PinTarget, Digest)]) -> Pinned {
        let (files, loaded) = loaded(text);
        pin(&files, &loaded, digests).unwrap()
    }

    fn digest(letter: &str) -> Digest {
        Digest::parse(&format!("sha256:{}", letter.repeat(64))).unwrap()
    }

    fn wanted(names: &[&str]) -> Result<Vec<String>, PinError> {
        let targets = targets(TEXT, names)?;
        Ok(targets
            .iter()
            .map(|target| target.reference.to_string())
            .collect())
    }

    #[test]
    fn every_tag_in_use_is_wanted_once() {
        assert_eq!(
            wanted(&[]).unwrap(),
            [
                "python:3.12-slim",
                "python:3.11-slim",
                "m.example/python:v1"
            ]
        );
        assert_eq!(wanted(&["python-slim"]).unwrap().len(), 2);
        assert_eq!(wanted(&["python:3.11-slim"]).unwrap(), ["python:3.11-slim"]);
        assert!(
            wanted(&["mirrow"])
                .unwrap_err()
                .to_string()
                .contains("did you mean `mirror`?")
        );
        assert!(
            wanted(&["fixed"])
                .unwrap_err()
                .to_string()
                .contains("has a digest but no tag")
        );
    }

    #[test]
    fn each_tag_is_built_on_its_own_digest() {
        let targets = targets(TEXT, &[]).unwrap();
        let digests: Vec<(PinTarget, Digest)> = targets
            .into_iter()
            .zip(["a", "b", "c"].map(digest))
            .collect();
        let pinned = pinned(TEXT, &digests);
        let of = |name: &str| {
            let image = pinned
                .after
                .images
                .iter()
                .find(|image| image.name.as_str() == name)
                .unwrap();
            let Parent::External(external) = &image.parent else {
                panic!("{name}")
            };
            external.reference.to_string()
        };
        assert_eq!(of("a"), format!("python:3.12-slim@{}", digest("a")));
        assert_eq!(of("b"), format!("python:3.11-slim@{}", digest("b")));
        assert_eq!(of("c"), format!("m.example/python:v1@{}", digest("c")));
        let again = self::targets(&pinned.text, &[]).unwrap();
        assert!(
            again
                .iter()
                .zip(["a", "b", "c"])
                .all(|(target, letter)| target.digest == Some(digest(letter)))
        );
    }

    #[test]
    fn a_recorded_base_that_gets_other_content_is_named() {
        let (_, before) = loaded(TEXT);
        let fleet = before.fleet().unwrap();
        let contents = base_contents(fleet, &before.templates, &Arc::default()).unwrap();
        let content = contents[0].record();
        let text = TEXT.replace("v1.0.0 }", &format!("v1.0.0, fingerprint: {content} }}"));
        let targets = targets(&text, &["python:3.12-slim"]).unwrap();
        let digests = [(targets[0].clone(), digest("a"))];
        assert_eq!(pinned(&text, &digests).to_bump, ["low"]);
        assert!(pinned(TEXT, &digests).to_bump.is_empty());
    }
}
