//! What a registry has under a tag: the command lines that ask for it, and the digest of what they
//! answer.
//!
//! Each of the programs prints the bytes of the manifest as the registry sends them (`docker buildx
//! imagetools inspect --raw`, `skopeo inspect --raw`, `crane manifest`; all three write them
//! without a line end of their own), for a tag with several platforms those of the index. The
//! digest is the SHA-256 of these bytes (OCI distribution specification, "Pulling manifests"), so
//! it is taken here: no output format of theirs has to be parsed, and none of them picks the
//! platform of this machine.

use std::net::{Ipv4Addr, Ipv6Addr};

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use crate::values::image_reference::ImageReference;
use crate::values::{Digest, Platform, Registry};

/// A program that asks registries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tool {
    /// `docker buildx imagetools`.
    Imagetools,
    /// skopeo.
    Skopeo,
    /// crane.
    Crane,
}

impl Tool {
    /// All of them, in the order in which they are looked for: the one whose logins the builds use
    /// comes first.
    pub(crate) const ALL: [Self; 3] = [Self::Imagetools, Self::Skopeo, Self::Crane];

    /// The words that end well where the program is installed.
    #[must_use]
    pub(crate) fn probe(self) -> &'static [&'static str] {
        match self {
            Self::Imagetools => &["docker", "buildx", "version"],
            Self::Skopeo => &["skopeo", "--version"],
            Self::Crane => &["crane", "version"],
        }
    }

    /// The words that print the configuration of an image, as the registry sends it.
    ///
    /// # Errors
    /// imagetools prints none.
    pub(crate) fn config_words(
        self,
        reference: &ImageReference,
        insecure: &[Registry],
    ) -> Result<Vec<String>, NoSuchOption> {
        let mut words = self.words(reference, insecure)?;
        match self {
            Self::Imagetools => {
                let registry = reference.repository().registry().cloned();
                return Err(NoSuchOption { registry });
            }
            Self::Skopeo => words.insert(2, "--config".to_owned()),
            Self::Crane => "config".clone_into(&mut words[1]),
        }
        Ok(words)
    }

    /// The words that print the manifest of a reference. A registry on this machine is asked
    /// without TLS, as docker does, and so is one of `insecure`; imagetools takes the latter from
    /// the configuration of its builder alone.
    ///
    /// # Errors
    /// Says so where imagetools is to do what it has no option for.
    pub(crate) fn words(
        self,
        reference: &ImageReference,
        insecure: &[Registry],
    ) -> Result<Vec<String>, NoSuchOption> {
        let registry = reference.repository().registry();
        let is_named = registry.is_some_and(|registry| insecure.contains(registry));
        let without_tls =
            is_named || registry.is_some_and(|registry| is_loopback(registry.as_str()));
        let (words, option, prefix): (&[&str], _, _) = match self {
            Self::Imagetools if is_named => {
                return Err(NoSuchOption {
                    registry: registry.cloned(),
                });
            }
            Self::Imagetools => (
                &["docker", "buildx", "imagetools", "inspect", "--raw"],
                None,
                "",
            ),
            Self::Skopeo => (
                &["skopeo", "inspect", "--raw"],
                Some("--tls-verify=false"),
                "docker://",
            ),
            Self::Crane => (&["crane", "manifest"], Some("--insecure"), ""),
        };
        let option = option.filter(|_| without_tls).map(str::to_owned);
        let words = words.iter().map(|word| (*word).to_owned());
        Ok(words
            .chain(option)
            .chain([format!("{prefix}{reference}")])
            .collect())
    }
}

/// imagetools is to ask a registry without TLS.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(
    "docker buildx reads registries without TLS only from the configuration of its builder \
     (buildkitd.toml: [registry.\"{}\"] http = true); or use --tool skopeo or crane",
    registry.as_ref().map(Registry::as_str).unwrap_or_default()
)]
pub(crate) struct NoSuchOption {
    registry: Option<Registry>,
}

/// Whether a registry is on this machine.
fn is_loopback(registry: &str) -> bool {
    let host = match registry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
    {
        Some((address, _)) => address,
        None => registry
            .split(':')
            .next()
            .expect("a split has a first part"),
    };
    host == "localhost"
        || host
            .parse::<Ipv4Addr>()
            .is_ok_and(|address| address.is_loopback())
        || host
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback())
}

/// A manifest as a registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Manifest {
    /// The digest of its bytes.
    pub(crate) digest: Digest,
    /// The platforms that an index has images for; `None` for the manifest of one image, which does
    /// not say.
    pub(crate) platforms: Option<Vec<Platform>>,
}

/// What was printed is no manifest that could be named by a digest.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum NoManifest {
    /// No JSON of this shape.
    #[error("its output is not an image manifest")]
    OtherText,
    /// The oldest form, which is named by the digest of another text.
    #[error(
        "the image has a manifest of schema 1, no longer supported by Docker and containerd; push \
         it again with a newer client"
    )]
    Schema1,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    schema_version: u64,
    manifests: Option<Vec<Entry>>,
    config: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Entry {
    platform: Option<WrittenPlatform>,
}

#[derive(Deserialize)]
struct WrittenPlatform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

/// Reads the bytes of a manifest (OCI image specification, Image Index and Image Manifest; Docker's
/// schema 2 has the same fields).
///
/// # Errors
/// [`NoManifest`]: a program that fails with exit status 0 must not become a digest.
pub(crate) fn read_manifest(bytes: &[u8]) -> Result<Manifest, NoManifest> {
    let written: Written = serde_json::from_slice(bytes).map_err(|_| NoManifest::OtherText)?;
    if written.schema_version == 1 {
        return Err(NoManifest::Schema1);
    }
    if written.schema_version != 2 || written.manifests.is_some() == written.config.is_some() {
        return Err(NoManifest::OtherText);
    }
    let hexadecimal = base16ct::lower::encode_string(&Sha256::digest(bytes));
    let digest =
        Digest::parse(&format!("sha256:{hexadecimal}")).map_err(|_| NoManifest::OtherText)?;
    Ok(Manifest {
        digest,
        platforms: written
            .manifests
            .map(|entries| entries.iter().filter_map(platform).collect()),
    })
}

/// The platform of an entry; attestations name `unknown`, and what is no platform's name is nothing
/// that we could be asked for.
fn platform(entry: &Entry) -> Option<Platform> {
    let platform = entry.platform.as_ref()?;
    let variant = platform
        .variant
        .as_ref()
        .map(|variant| format!("/{variant}"))
        .unwrap_or_default();
    let known = platform.os != "unknown";
    known
        .then(|| {
            Platform::parse(&format!(
                "{}/{}{variant}",
                platform.os, platform.architecture
            ))
            .ok()
        })
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(tool: Tool, reference: &str, insecure: &[&str]) -> String {
        let insecure: Vec<Registry> = insecure
            .iter()
            .map(|text| Registry::parse(text).unwrap())
            .collect();
        let reference = ImageReference::parse(reference).unwrap();
        tool.words(&reference, &insecure)
            .map_or_else(|error| error.to_string(), |words| words.join(" "))
    }

    #[test]
    fn each_program_is_asked_for_the_bytes_of_the_manifest() {
        let asked = Tool::ALL.map(|tool| words(tool, "python:3.12-slim", &["r.example"]));
        assert_eq!(
            asked,
            [
                "docker buildx imagetools inspect --raw python:3.12-slim",
                "skopeo inspect --raw docker://python:3.12-slim",
                "crane manifest python:3.12-slim"
            ]
        );
    }

    #[test]
    fn a_registry_is_asked_without_tls_where_it_is_on_this_machine_or_named() {
        for (reference, without) in [
            ("127.0.0.1:5000/a:1", true),
            ("localhost:5000/a:1", true),
            ("[::1]:5000/a:1", true),
            ("r.example:80/a:1", true),
            ("r.example/a:1", false),
            ("localhost.example/a:1", false),
            ("128.0.0.1:5000/a:1", false),
        ] {
            let asked = words(Tool::Skopeo, reference, &["r.example:80"]);
            assert_eq!(asked.contains("--tls-verify=false"), without, "{asked}");
            assert_eq!(
                words(Tool::Crane, reference, &["r.example:80"]).contains("--insecure"),
                without,
                "{reference}"
            );
        }
        assert!(
            words(Tool::Imagetools, "r.example:80/a:1", &["r.example:80"])
                .contains("--tool skopeo")
        );
        assert!(
            words(Tool::Imagetools, "127.0.0.1:5000/a:1", &[])
                .ends_with("--raw 127.0.0.1:5000/a:1")
        );
    }

    #[test]
    fn the_digest_is_that_of_the_bytes_and_the_platforms_those_of_the_index() {
        let index = br#"{"schemaVersion":2,"manifests":[
            {"platform":{"os":"linux","architecture":"arm","variant":"v7"}},
            {"platform":{"os":"unknown","architecture":"unknown"}},
            {"platform":{"os":"li\u001bnux","architecture":"x"}},{}]}"#;
        let read = read_manifest(index).unwrap();
        let platforms: Vec<String> = read
            .platforms
            .unwrap()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(platforms, ["linux/arm/v7"]);
        // printf '{"schemaVersion":2,"config":{}}' | sha256sum
        let one = read_manifest(br#"{"schemaVersion":2,"config":{}}"#).unwrap();
        assert_eq!(one.platforms, None);
        assert_eq!(
            one.digest.as_str(),
            "sha256:fc6b27d31f093fca2791259bc5f1f885b0616677300f02a729ff7a782d4325fc"
        );
    }

    #[test]
    fn what_is_no_manifest_never_becomes_a_digest() {
        for text in [
            "",
            "sha256:00",
            "<html>",
            "{}",
            "{\"schemaVersion\":2}",
            "{\"schemaVersion\":2,\"config\":{}} x",
            "[]",
        ] {
            assert_eq!(
                read_manifest(text.as_bytes()),
                Err(NoManifest::OtherText),
                "{text}"
            );
        }
        let old = br#"{"schemaVersion":1,"config":{}}"#;
        assert_eq!(read_manifest(old), Err(NoManifest::Schema1));
    }
}
