//! The parts that image references are made of.

use super::invalid::{Grammar, Refusal, no_correction, only, validated};
use super::{check_oci_component, host};

/// The longest name of an image with its registry, in bytes: what the OCI distribution
/// specification tells clients to expect.
pub(crate) const MAX_REPOSITORY_BYTES: usize = 255;

validated! {
    /// The host of a registry, with an optional port: `registry.example.com`, `localhost:5000`,
    /// `[::1]:5000`.
    ///
    /// The domain of distribution/reference, and one that Docker takes for a domain: it has a dot
    /// or a port, or is `localhost`. At most 255 bytes; no scheme, no path.
    Registry,
    Grammar {
        what: "registry",
        max_bytes: MAX_REPOSITORY_BYTES,
        read: check_registry,
        correct: without_scheme,
    }
}

validated! {
    /// Where in a registry the fleet's images are: one or more path components, such as `harkon` or
    /// `team/images`.
    Owner,
    Grammar {
        what: "owner",
        max_bytes: MAX_REPOSITORY_BYTES,
        read: check_path,
        correct: |value| value.trim_matches('/').to_ascii_lowercase(),
    }
}

validated! {
    /// A tag: a letter, digit or `_`, then at most 127 letters, digits, `_`, `.` and `-`.
    Tag,
    Grammar { what: "tag", max_bytes: 128, read: check_tag, correct: no_correction }
}

validated! {
    /// The version of a base: a [`Tag`] that says which content it stands for, so never `latest`.
    Version,
    Grammar {
        what: "version",
        max_bytes: 128,
        read: |value| {
            check_tag(value)?;
            if value == "latest" {
                return Err(Refusal::new("must not be `latest`, whose content changes")
                    .advise("name a version, such as `v1.0.1`"));
            }
            Ok(())
        },
        correct: no_correction,
    }
}

validated! {
    /// A content digest: `sha256:` and 64, or `sha512:` and 128, lower-case hexadecimal digits
    /// (OCI image specification, Descriptors, Digests).
    Digest,
    Grammar {
        what: "digest",
        max_bytes: 135,
        read: check_digest,
        correct: |value| {
            let digest = value.trim_start_matches('@').to_ascii_lowercase();
            if digest.contains(':') { digest } else { format!("sha256:{digest}") }
        },
    }
}

validated! {
    /// What a base's version stands for: the version, `@`, and the first 16 hexadecimal digits of a
    /// SHA-256 digest over the content.
    ///
    /// It tells accident, not malice, so 64 bits do.
    Fingerprint,
    Grammar { what: "fingerprint", max_bytes: 145, read: check_fingerprint, correct: no_correction }
}

impl Fingerprint {
    /// The version that the digest was taken under.
    #[must_use]
    pub(crate) fn version(&self) -> &str {
        self.0.split('@').next().expect("a split has a first part")
    }

    /// The digest of the content: 16 hexadecimal digits.
    #[must_use]
    pub(crate) fn digest(&self) -> &str {
        self.0.rsplit('@').next().expect("a split has a first part")
    }
}

fn check_fingerprint(value: &str) -> Result<(), Refusal> {
    let refusal = || {
        Refusal::new("must be a version, `@` and 16 hexadecimal digits")
            .advise("`dockwright bump` writes it")
    };
    let (version, digest) = value.split_once('@').ok_or_else(refusal)?;
    if version.is_empty() {
        return Err(refusal());
    }
    check_tag(version)?;
    let is_digest = digest.len() == 16
        && digest
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    is_digest.then_some(()).ok_or_else(refusal)
}

fn check_registry(value: &str) -> Result<(), Refusal> {
    host::check(value)?;
    if is_domain(value) {
        return Ok(());
    }
    Err(Refusal::new(
        "must have a dot or a port, or be `localhost`; Docker takes it for a folder otherwise",
    ))
}

/// Whether Docker takes the text before the first slash for a registry.
pub(crate) fn is_domain(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':'])
}

pub(crate) fn without_scheme(value: &str) -> String {
    let host = value.split_once("://").map_or(value, |(_, host)| host);
    host.trim_end_matches('/').to_owned()
}

pub(crate) fn check_path(value: &str) -> Result<(), Refusal> {
    value.split('/').try_for_each(|component| match component {
        "" => Err(Refusal::new("must have a name before and after every `/`")),
        name => check_oci_component(name),
    })
}

fn check_tag(value: &str) -> Result<(), Refusal> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
    only(value, is_allowed, "letters, digits, `_`, `.` and `-`")?;
    if value.starts_with(['.', '-']) {
        return Err(Refusal::new("must not begin with `.` or `-`"));
    }
    Ok(())
}

fn check_digest(value: &str) -> Result<(), Refusal> {
    let is_hexadecimal = |digits: &str| {
        digits
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let length = |algorithm: &str| match algorithm {
        "sha256" => Some(64),
        "sha512" => Some(128),
        _ => None,
    };
    match value.split_once(':') {
        Some((algorithm, digits))
            if length(algorithm) == Some(digits.len()) && is_hexadecimal(digits) =>
        {
            Ok(())
        }
        _ => Err(Refusal::new(
            "must be `sha256:` and 64, or `sha512:` and 128, lower-case hexadecimal digits",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registry_is_a_host_that_docker_takes_for_one() {
        for host in [
            "gitea.harkon.co.uk",
            "localhost",
            "localhost:5000",
            "127.0.0.1:5000",
            "[::1]:5000",
        ] {
            assert!(Registry::parse(host).is_ok(), "{host}");
        }
        for host in [
            "harkon",
            "registry.example.com/harkon",
            "user@h.io",
            "h.io ",
            "h.io:",
            "h_x.io",
            "$h.io",
        ] {
            assert!(Registry::parse(host).is_err(), "{host}");
        }
        assert_eq!(
            Registry::parse("https://h.io/").unwrap_err().suggestion(),
            Some("h.io")
        );
    }

    #[test]
    fn fingerprint_is_a_version_and_a_digest() {
        let fingerprint = Fingerprint::parse("v1.0.1@0123456789abcdef").unwrap();
        assert_eq!(
            (fingerprint.version(), fingerprint.digest()),
            ("v1.0.1", "0123456789abcdef")
        );
        for text in [
            "v1.0.1",
            "v1@",
            "@0123456789abcdef",
            "v1@0123456789ABCDEF",
            "v1@0@0123456789abcde",
        ] {
            assert!(Fingerprint::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn version_of_a_base_is_never_latest() {
        assert!(Version::parse("v1.0.1").is_ok());
        assert_eq!(
            Version::parse("latest").unwrap_err().to_string(),
            "not a valid version: must not be `latest`, whose content changes"
        );
        assert!(Version::parse("1.0+local").is_err());
    }

    #[test]
    fn digest_is_corrected_to_its_full_lower_case_form() {
        let digits = "AB".repeat(32);
        let corrected = format!("sha256:{}", "ab".repeat(32));
        for written in [digits.clone(), format!("@sha256:{digits}")] {
            assert_eq!(
                Digest::parse(&written).unwrap_err().suggestion(),
                Some(corrected.as_str())
            );
        }
    }
}
