//! What the files of an image archive say of each other: OCI's index, manifest and configuration
//! (image specification), and the manifest.json of `docker save`.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use sha2::{Digest as _, Sha256};

use super::error::Fault;
use super::stream::Sha256Digest;

/// The annotations that name an image in an index, the fullest name first.
const NAMES: [&str; 2] = [
    "io.containerd.image.name",
    "org.opencontainers.image.ref.name",
];

/// A list of manifests, or of further lists.
#[derive(Debug, Deserialize)]
pub(super) struct Index {
    pub(super) manifests: Vec<Descriptor>,
}

/// What a blob is.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) media_type: Option<String>,
    pub(super) digest: String,
    pub(super) size: Option<u64>,
    #[serde(default)]
    pub(super) annotations: BTreeMap<String, String>,
    pub(super) platform: Option<Platform>,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct Platform {
    pub(super) os: String,
    pub(super) architecture: String,
    pub(super) variant: Option<String>,
}

/// One image.
#[derive(Debug, Deserialize)]
pub(super) struct Manifest {
    pub(super) config: Descriptor,
    pub(super) layers: Vec<Descriptor>,
}

/// An entry of `docker save`'s manifest.json.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Saved {
    pub(super) config: String,
    pub(super) repo_tags: Option<Vec<String>>,
    pub(super) layers: Vec<String>,
}

/// What an image was made of, as far as it is read here.
#[derive(Debug, Deserialize)]
pub(super) struct Config {
    pub(super) rootfs: RootFs,
    #[serde(default)]
    pub(super) history: Vec<Step>,
    os: Option<String>,
    architecture: Option<String>,
    variant: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct RootFs {
    pub(super) diff_ids: Vec<String>,
}

/// An entry of the history: what an instruction did.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Step {
    #[serde(default)]
    pub(super) created_by: String,
    #[serde(default)]
    pub(super) empty_layer: bool,
}

impl Descriptor {
    /// The file of the blob in an OCI layout.
    pub(super) fn path(&self) -> Result<String, Fault> {
        let hexadecimal = sha256_of(&self.digest)?;
        Ok(format!("blobs/sha256/{hexadecimal}"))
    }

    /// The name of the image.
    pub(super) fn name(&self) -> Option<&str> {
        let mut names = NAMES.iter().filter_map(|name| self.annotations.get(*name));
        names.next().map(String::as_str)
    }

    /// Whether it is a list of manifests.
    pub(super) fn is_index(&self) -> bool {
        // Without a type it is a manifest, which is judged when it is read.
        let kind = self.media_type.as_deref();
        kind.is_some_and(|kind| kind.contains("image.index") || kind.contains("manifest.list"))
    }

    /// Whether it tells of an image and is none: a provenance, a software bill of materials.
    pub(super) fn is_attestation(&self) -> bool {
        let is_named = |name: &str| self.annotations.contains_key(name);
        is_named("vnd.docker.reference.type")
            || self
                .platform
                .as_ref()
                .is_some_and(|platform| platform.os == "unknown")
    }
}

impl Config {
    /// The platform, such as `linux/arm64/v8`.
    pub(super) fn platform(&self) -> Option<String> {
        let platform = Platform {
            os: self.os.clone()?,
            architecture: self.architecture.clone()?,
            variant: self.variant.clone(),
        };
        Some(platform.to_string())
    }

    /// By layer, the step that made it; a history that does not fit the layers tells nothing.
    pub(super) fn steps(&self) -> Vec<Step> {
        let made: Vec<Step> = self
            .history
            .iter()
            .filter(|step| !step.empty_layer)
            .cloned()
            .collect();
        if made.len() == self.rootfs.diff_ids.len() {
            made
        } else {
            vec![Step::default(); self.rootfs.diff_ids.len()]
        }
    }
}

impl std::fmt::Display for Platform {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) if !variant.is_empty() => write!(formatter, "/{variant}"),
            _ => Ok(()),
        }
    }
}

/// The hexadecimal digits of a SHA-256 digest.
pub(super) fn sha256_of(digest: &str) -> Result<&str, Fault> {
    let digits = digest
        .strip_prefix("sha256:")
        .filter(|digits| is_sha256(digits));
    digits.ok_or_else(|| Fault::Unsupported(format!("the digest `{digest}`")))
}

/// The same as a digest.
pub(super) fn parsed(digest: &str) -> Result<Sha256Digest, Fault> {
    let mut bytes = [0; 32];
    base16ct::lower::decode(sha256_of(digest)?, &mut bytes)
        .map_err(|_| Fault::Unsupported(format!("the digest `{digest}`")))?;
    Ok(Sha256Digest(bytes))
}

/// The digest of bytes.
pub(super) fn digest_of(bytes: &[u8]) -> Sha256Digest {
    Sha256Digest(Sha256::digest(bytes).into())
}

/// The same as text.
pub(crate) fn digest_text(bytes: &[u8]) -> String {
    format!("sha256:{}", digest_of(bytes).hexadecimal())
}

/// Whether a word is a SHA-256 digest in hexadecimal.
pub(super) fn is_sha256(word: &str) -> bool {
    let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
    word.len() == 64 && word.bytes().all(is_digit)
}

/// Reads JSON of a shape.
pub(super) fn read<T: DeserializeOwned>(what: &'static str, bytes: &[u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|error| Fault::Json {
        what,
        reason: error.to_string(),
    })
}
