//! Images that a registry has, by their manifests and configurations alone: compressed sizes and
//! the steps behind them, without a layer being read.

use std::rc::Rc;

use super::archive::{Image, ImageLayer};
use super::bounds::Lists;
use super::error::Fault;
use super::layer::Layer;
use super::ledger::LARGEST;
use super::manifest::{Config, Index, Manifest, Step, digest_of, read};
use super::stream::Compression;

/// What a reference leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remote {
    /// Manifests, by digest: one a platform.
    Manifests(Vec<String>),
    /// One image, by the digest of its configuration.
    Image(String),
}

/// Reads the manifest of a reference.
///
/// # Errors
/// It is none.
pub fn remote(manifest: &[u8]) -> Result<Remote, Fault> {
    if let Ok(index) = read::<Index>("image index", manifest) {
        let images = index.manifests.into_iter();
        let images = images.filter(|manifest| !manifest.is_attestation());
        return Ok(Remote::Manifests(
            images.map(|image| image.digest).collect(),
        ));
    }
    let manifest: Manifest = read("image manifest", manifest)?;
    Ok(Remote::Image(manifest.config.digest))
}

/// Whether bytes have a digest, as `sha256:…`.
///
/// # Errors
/// They have another one.
pub(crate) fn check_bytes(bytes: &[u8], digest: &str) -> Result<(), Fault> {
    super::archive::check_digest(super::manifest::sha256_of(digest)?, digest_of(bytes))
}

/// An image of a manifest and its configuration.
///
/// # Errors
/// What does not belong together.
pub fn remote_image(name: &str, manifest: &[u8], config: &[u8]) -> Result<Image, Fault> {
    let manifest: Manifest = read("image manifest", manifest)?;
    let config: Config = read("image configuration", config)?;
    let (listed, found) = (config.rootfs.diff_ids.len(), manifest.layers.len());
    if listed != found {
        return Err(Fault::LayerCount { listed, found });
    }
    let mut layers = Vec::with_capacity(found);
    let steps = config.steps();
    for ((stored, diff_id), step) in manifest
        .layers
        .iter()
        .zip(&config.rootfs.diff_ids)
        .zip(steps)
    {
        let missing = |what: &str| Fault::Missing(format!("the {what} of a layer"));
        let kind = stored.media_type.as_deref();
        let kind = kind.ok_or_else(|| missing("media type"))?;
        let stored_bytes = stored.size.ok_or_else(|| missing("size"))?;
        if stored_bytes > LARGEST {
            return Err(Fault::TooLong { limit: LARGEST });
        }
        let layer = Rc::new(Layer {
            diff_id: super::manifest::parsed(diff_id)?,
            stored_digest: super::manifest::parsed(&stored.digest)?,
            compression: Compression::named(kind),
            stored_bytes,
            entries: Vec::new(),
            lists: Lists::default(),
        });
        let Step { created_by, .. } = step;
        layers.push(ImageLayer { layer, created_by });
    }
    Ok(Image {
        names: vec![name.to_owned()],
        platform: config.platform(),
        layers,
    })
}
