//! Image references, `[registry/]path[:tag][@digest]`, by the grammar of distribution/reference as
//! Docker applies it.
//!
//! What parses here is read in the same way by Docker. A few things that Docker reads in a way
//! nobody means are refused: an upper-case word before the first slash (Docker takes it for a
//! host), a host with an underscore (for a path on Docker Hub), a port above 65535, brackets
//! without an IPv6 address, digests of other algorithms.

use super::image::{MAX_REPOSITORY_BYTES, check_path, is_domain, without_scheme};
use super::invalid::{Grammar, InvalidValue, Refusal, text_traits};
use super::{Digest, Registry, Tag};

/// The longest reference, in bytes: a name, a tag of 128 and a sha512 digest, with their
/// separators.
const MAX_REFERENCE_BYTES: usize = MAX_REPOSITORY_BYTES + 1 + 128 + 1 + 135;

/// The name of an image without tag and digest: `python`, `library/python`,
/// `registry.example.com/harkon/base-ml`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageRepository {
    text: String,
    registry: Option<Registry>,
}

const REPOSITORY: Grammar<Option<Registry>> = Grammar {
    what: "image name",
    max_bytes: MAX_REPOSITORY_BYTES,
    read: read_repository,
    correct: correct_reference,
};

impl ImageRepository {
    /// Reads an optional registry and a path of one or more components.
    ///
    /// # Errors
    /// [`InvalidValue`] for anything else, also for a name with a tag or digest.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        let registry = REPOSITORY.apply(value)?;
        Ok(Self {
            text: value.to_owned(),
            registry,
        })
    }

    /// The name as it was declared.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The registry, where the name has one; Docker Hub otherwise.
    #[must_use]
    pub(crate) fn registry(&self) -> Option<&Registry> {
        self.registry.as_ref()
    }

    /// Whether it is the official image of Python or a mirror of it.
    #[must_use]
    pub(crate) fn is_python(&self) -> bool {
        is_python(&self.text)
    }
}

/// Whether a reference, which may hold variables, is to the official image of Python or to a mirror
/// of it: these keep its name.
#[must_use]
pub(crate) fn is_python(reference: &str) -> bool {
    let last = reference.rsplit('/').next().unwrap_or(reference);
    last.split(['@', ':']).next() == Some("python")
}

text_traits!(ImageRepository);

/// An image as `FROM` names it: a repository with an optional tag and an optional digest. With
/// both, the digest decides and the tag tells people which version it was.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageReference {
    text: String,
    repository: ImageRepository,
    tag: Option<Tag>,
    digest: Option<Digest>,
}

/// The three parts of a reference.
type Parts = (ImageRepository, Option<Tag>, Option<Digest>);

const REFERENCE: Grammar<Parts> = Grammar {
    what: "image reference",
    max_bytes: MAX_REFERENCE_BYTES,
    read: read_reference,
    correct: correct_reference,
};

impl ImageReference {
    /// Reads a reference.
    ///
    /// # Errors
    /// [`InvalidValue`] for anything outside the grammar, and for a bare image ID of 64 hexadecimal
    /// digits.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        REFERENCE
            .apply(value)
            .map(|(repository, tag, digest)| Self::new(repository, tag, digest))
    }

    /// The reference of these parts.
    #[must_use]
    pub fn new(repository: ImageRepository, tag: Option<Tag>, digest: Option<Digest>) -> Self {
        let mut text = repository.to_string();
        for (separator, part) in [
            (':', tag.as_ref().map(Tag::as_str)),
            ('@', digest.as_ref().map(Digest::as_str)),
        ] {
            if let Some(part) = part {
                text.push(separator);
                text.push_str(part);
            }
        }
        Self {
            text,
            repository,
            tag,
            digest,
        }
    }

    /// The reference as it was declared.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The name without tag and digest.
    #[must_use]
    pub(crate) fn repository(&self) -> &ImageRepository {
        &self.repository
    }

    /// The tag, where there is one. Docker reads a reference without tag and digest as `latest`.
    #[must_use]
    pub(crate) fn tag(&self) -> Option<&Tag> {
        self.tag.as_ref()
    }

    /// The digest, where there is one.
    #[must_use]
    pub(crate) fn digest(&self) -> Option<&Digest> {
        self.digest.as_ref()
    }
}

text_traits!(ImageReference);

fn read_repository(value: &str) -> Result<Option<Registry>, Refusal> {
    let (registry, path) = match value.split_once('/') {
        Some((first, path)) if is_domain(first) => (Some(first), path),
        _ => (None, value),
    };
    let registry = registry.map(Registry::parse).transpose()?;
    check_path(path)?;
    let is_image_id =
        |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if registry.is_none() && is_image_id(path) {
        return Err(Refusal::new("must be a name, not the id of an image"));
    }
    Ok(registry)
}

fn read_reference(value: &str) -> Result<Parts, Refusal> {
    let (rest, digest) = split_first(value, '@');
    // A colon before the last slash belongs to the port of the registry.
    let (folders, last) = rest.split_at(rest.rfind('/').map_or(0, |slash| slash + 1));
    let (name, tag) = split_first(last, ':');
    Ok((
        ImageRepository::parse(&format!("{folders}{name}"))?,
        tag.map(Tag::parse).transpose()?,
        digest.map(Digest::parse).transpose()?,
    ))
}

fn split_first(text: &str, separator: char) -> (&str, Option<&str>) {
    text.split_once(separator)
        .map_or((text, None), |(before, after)| (before, Some(after)))
}

/// The name in lower case, as Docker asks for it, with tag and digest as they are.
fn correct_reference(value: &str) -> String {
    let plain = without_scheme(value.trim());
    let (folders, last) = plain.split_at(plain.rfind('/').map_or(0, |slash| slash + 1));
    let (name, rest) = last.split_at(last.find([':', '@']).unwrap_or(last.len()));
    format!(
        "{}{}{rest}",
        folders.to_ascii_lowercase(),
        name.to_ascii_lowercase()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: &str = "sha256:ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

    fn parts(value: &str) -> (Option<String>, String, Option<String>, Option<String>) {
        let reference =
            ImageReference::parse(value).unwrap_or_else(|invalid| panic!("{value}: {invalid}"));
        assert_eq!(reference.as_str(), value);
        let repository = reference.repository();
        let registry = repository.registry().map(ToString::to_string);
        let path = match (&registry, repository.as_str().split_once('/')) {
            (Some(_), Some((_, path))) => path,
            _ => repository.as_str(),
        };
        (
            registry,
            path.to_owned(),
            reference.tag().map(ToString::to_string),
            reference.digest().map(ToString::to_string),
        )
    }

    #[test]
    fn reference_is_split_where_docker_splits_it() {
        for (value, registry, path, tag) in [
            ("python", None, "python", None),
            ("python:3.12-slim", None, "python", Some("3.12-slim")),
            ("test_com", None, "test_com", None),
            ("test.com:tag", None, "test.com", Some("tag")),
            ("test.com:5000", None, "test.com", Some("5000")),
            ("test.com/repo:tag", Some("test.com"), "repo", Some("tag")),
            ("test:5000/repo", Some("test:5000"), "repo", None),
            ("test:5000/repo:tag", Some("test:5000"), "repo", Some("tag")),
            ("localhost/repo", Some("localhost"), "repo", None),
            ("harkon/base-ml:v1", None, "harkon/base-ml", Some("v1")),
            (
                "foo/foo_bar.com:8080",
                None,
                "foo/foo_bar.com",
                Some("8080"),
            ),
            (
                "sub-dom1.foo.com/bar/baz/quux",
                Some("sub-dom1.foo.com"),
                "bar/baz/quux",
                None,
            ),
            ("lowercase:Uppercase", None, "lowercase", Some("Uppercase")),
            (
                "[2001:db8::1]:5000/repo:tag",
                Some("[2001:db8::1]:5000"),
                "repo",
                Some("tag"),
            ),
            (
                "192.168.1.1:5000/repo:5050",
                Some("192.168.1.1:5000"),
                "repo",
                Some("5050"),
            ),
        ] {
            let expected = (
                registry.map(str::to_owned),
                path.to_owned(),
                tag.map(str::to_owned),
                None,
            );
            assert_eq!(parts(value), expected);
        }
    }

    #[test]
    fn digest_follows_name_or_tag() {
        let (_, path, tag, digest) = parts(&format!("test:5000/repo:tag@{SHA256}"));
        assert_eq!(
            (path.as_str(), tag.as_deref(), digest.as_deref()),
            ("repo", Some("tag"), Some(SHA256))
        );
        assert_eq!(parts(&format!("repo@sha512:{}", "0a".repeat(64))).2, None);
    }

    #[test]
    fn what_docker_refuses_is_refused() {
        let uppercase_digest = format!("repo@{}", SHA256.to_uppercase());
        for value in [
            "",
            ":justtag",
            "@sha256:ff",
            "repo@sha256:ffffffffffffffffffffffffffffffffff",
            "Uppercase:tag",
            "test:5000/Uppercase/lowercase:tag",
            "aa/asdf$$^/aa",
            "[2001:db8::1]",
            "[2001:db8::1]:5000",
            "[fe80::1%eth0]:5000/repo",
            "a//b",
            "/a",
            "a/",
            "a:",
            "a@",
            "a:b:c",
            "-a",
            "a-",
            "a:.b",
            "a:-b",
            "a b",
            "a\nb",
            "a\u{202e}",
            "$x",
            "https://a/b",
            "a/b@md5:d41d8cd98f00b204e9800998ecf8427e",
            uppercase_digest.as_str(),
        ] {
            assert!(ImageReference::parse(value).is_err(), "{value:?}");
        }
    }

    #[test]
    fn what_docker_reads_as_nobody_means_is_refused() {
        for value in [
            "Uppercase/lowercase:tag",
            "foo_bar.com/x",
            "test:99999/repo",
            "[::::]/repo",
            &"ab".repeat(32),
        ] {
            assert!(ImageReference::parse(value).is_err(), "{value}");
        }
    }

    #[test]
    fn name_is_limited_to_255_bytes_and_tag_to_128() {
        let longest = format!("{}a", "a/".repeat(127));
        assert!(ImageReference::parse(&format!("{longest}:tag-puts-this-over-max")).is_ok());
        assert!(ImageReference::parse(&format!("a/{longest}:tag")).is_err());
        assert!(Tag::parse(&"t".repeat(128)).is_ok());
        assert!(ImageReference::parse(&format!("a:{}", "t".repeat(129))).is_err());
    }

    #[test]
    fn reference_is_corrected_to_lower_case_with_its_tag_kept() {
        for (written, corrected) in [
            ("Harkon/Base-ML:V1", "harkon/base-ml:V1"),
            ("https://registry.example.com/a", "registry.example.com/a"),
            ("GHCR.io/Harkon/x", "ghcr.io/harkon/x"),
        ] {
            assert_eq!(
                ImageReference::parse(written).unwrap_err().suggestion(),
                Some(corrected)
            );
        }
    }

    #[test]
    fn mirrors_of_the_image_of_python_are_known_by_their_name() {
        for reference in [
            "python",
            "python:3.12-slim",
            "library/python@sha256:00",
            "mirror.example:5000/library/python:${TAG}",
        ] {
            assert!(is_python(reference), "{reference}");
        }
        for reference in ["python-extra:3.12", "acme/python/base", "python/", ""] {
            assert!(!is_python(reference), "{reference}");
        }
    }

    #[test]
    fn reference_is_read_as_it_was_put_together() {
        let repository = ImageRepository::parse("gitea.harkon.co.uk/team/images/svc-ocr").unwrap();
        let version = Tag::parse("v1.0.1").unwrap();
        let reference = ImageReference::new(
            repository,
            Some(version),
            Some(Digest::parse(SHA256).unwrap()),
        );
        assert_eq!(ImageReference::parse(reference.as_str()), Ok(reference));
    }
}
