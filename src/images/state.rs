//! What each image is made of, as one digest: equal digests stand for equal inputs, so that a
//! registry can tell which images it has.
//!
//! Counted are the files that the Dockerfile takes (of a lock of uv or poetry what the image needs
//! of it), it and its `.dockerignore` file themselves, the
//! platforms, and the digests of the bases below. What moves outside of the repository, such as an
//! external image whose tag is not pinned, has no part in it.

use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::affected::Index;
use super::graph::Graph;
use super::inputs::Inputs;
use crate::fleet::{Fleet, Image, ImageId};

/// An image whose inputs are not those of the commit.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "`{image}` uses {path}, which has uncommitted changes; input digests need a commit, so commit \
     it first"
)]
pub(crate) struct Uncommitted {
    /// The image.
    pub(crate) image: String,
    /// The file.
    pub(crate) path: String,
}

/// How many hexadecimal digits of a digest are shown: 128 bits.
const DIGITS: usize = 32;

/// The digest of each image's inputs, by position in the fleet.
///
/// `files` are those of the commit, sorted, each with a text that stands for its content and mode;
/// `changed` are the paths that differ from it now.
///
/// # Errors
/// Names an image that takes a changed file.
pub(crate) fn input_digests(
    fleet: &Fleet,
    graph: &Graph,
    inputs: &[Inputs],
    files: &[(String, String)],
    changed: &BTreeSet<String>,
) -> Result<Vec<String>, Uncommitted> {
    let index = Index::of(inputs);
    let takes = |id: ImageId, path: &str| {
        let image = &inputs[id];
        image.own.iter().any(|own| own == path) || image.source_of(path).is_some()
    };
    for path in changed {
        let mut near = index.candidates(path).into_iter();
        if let Some(id) = near.find(|id| takes(*id, path)) {
            return Err(Uncommitted {
                image: fleet.image(id).name.to_string(),
                path: path.clone(),
            });
        }
    }
    let mut hashers: Vec<Sha256> = fleet
        .images
        .iter()
        .map(|image| begun(fleet, image))
        .collect();
    for (path, state) in files {
        for id in index.candidates(path) {
            if takes(id, path) {
                let state = locked_state(fleet, id, path).unwrap_or(state);
                hashers[id].update(format!("{path}\0{state}\0"));
            }
        }
    }
    let mut digests: Vec<String> = Vec::with_capacity(inputs.len());
    for (id, mut hasher) in fleet.ids().zip(hashers) {
        // Each image stands behind the bases that it needs.
        let below = graph.parent(id).into_iter();
        for base in below.chain(graph.uses(id).iter().copied()) {
            hasher.update(&digests[base]);
        }
        let mut digest = base16ct::lower::encode_string(&hasher.finalize());
        digest.truncate(DIGITS);
        digests.push(digest);
    }
    Ok(digests)
}

/// Of a lock of another tool, what an image takes: what other packages of it need does not count.
fn locked_state<'a>(fleet: &'a Fleet, id: ImageId, path: &str) -> Option<&'a str> {
    let mut installed = fleet.image(id).install.iter();
    let lock = installed.find(|one| one.form.is_lock() && one.path.value.as_str() == path)?;
    let read = &fleet.files[lock.file?];
    Some(&read.digest)
}

/// What does not stand in files: the version of this computation, and the platforms.
fn begun(fleet: &Fleet, image: &Image) -> Sha256 {
    let mut hasher = Sha256::new();
    hasher.update("inputs 1\0");
    for platform in fleet.platforms_of(image) {
        hasher.update(format!("{}\0", platform.value));
    }
    hasher
}
