//! What a workflow fetches before it runs it: addresses, digests, and packages with their versions.

use std::str::FromStr;

use pep440_rs::Version as PythonVersionNumber;

use super::invalid::{Grammar, Refusal, no_correction, only, validated};
use super::url;

validated! {
    /// The URL of a file to download, such as `https://files.example.com/dockwright-1.0`.
    ///
    /// `https` alone, at most 1,024 bytes, with a host and a path, without user information and
    /// without a fragment.
    DownloadUrl,
    Grammar {
        what: "download URL",
        max_bytes: 1024,
        read: check_download,
        correct: |value| {
            let location = value.split_once("://").map_or(value, |(_, location)| location);
            format!("https://{location}")
        },
    }
}

validated! {
    /// A SHA-256 digest as `sha256sum` prints it: 64 hexadecimal digits.
    Sha256,
    Grammar {
        what: "SHA-256 digest",
        max_bytes: 80,
        read: |value| {
            only(value, |c| c.is_ascii_hexdigit(), "hexadecimal digits")?;
            match value.len() {
                64 => Ok(()),
                other => Err(Refusal::new(format!("must have 64 hexadecimal digits, not {other}"))),
            }
        },
        correct: |value| value.trim().trim_start_matches("sha256:").to_owned(),
    }
}

validated! {
    /// The name of a Python package, such as `acme-tools` (PEP 508).
    ///
    /// Letters and digits, joined by `-`, `_` and `.`, at most 128 bytes.
    PackageName,
    Grammar {
        what: "package name",
        max_bytes: 128,
        read: |value| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            only(value, is_allowed, "letters, digits, `-`, `_` and `.`")?;
            let is_alphanumeric = |c: char| c.is_ascii_alphanumeric();
            if value.starts_with(is_alphanumeric) && value.ends_with(is_alphanumeric) {
                return Ok(());
            }
            Err(Refusal::new("must begin and end with a letter or digit"))
        },
        correct: no_correction,
    }
}

validated! {
    /// The version of a Python package, such as `1.2.3` (PEP 440).
    PackageVersion,
    Grammar {
        what: "package version",
        max_bytes: 128,
        read: |value| {
            let is_allowed =
                |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-' | '_' | '!');
            only(value, is_allowed, "letters, digits, `.`, `+`, `-`, `_` and `!`")?;
            PythonVersionNumber::from_str(value)
                .map(|_| ())
                .map_err(|_| Refusal::new("must be a version as PEP 440 writes it, such as \
                 `1.2.3`"))
        },
        correct: |value| value.trim().trim_start_matches("==").trim_start().to_owned(),
    }
}

fn check_download(value: &str) -> Result<(), Refusal> {
    url::check(value, &["https"])?;
    only(value, |c| c != '#', "a URL without fragment")?;
    let path = value
        .split_once("://")
        .and_then(|(_, location)| location.split_once('/'));
    match path {
        Some((_, path)) if !path.is_empty() => Ok(()),
        _ => Err(Refusal::new("must name a file after the host")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn download_is_a_file_over_https_without_credentials() {
        assert!(
            DownloadUrl::parse("https://files.example.com:8443/v1.0/dockwright?arch=x86_64")
                .is_ok()
        );
        for url in [
            "http://files.example.com/x",
            "ftp://files.example.com/x",
            "file:///x",
            "https://files.example.com",
            "https://files.example.com/",
            "https://token@files.example.com/x",
            "https://files.example.com/x#sha256=00",
            "https://files.example.com/$(id)",
            "https://files.example.com/${{ secrets.X }}",
            "https://files.example.com/\"x",
            "-o/etc/passwd",
            "",
        ] {
            assert!(DownloadUrl::parse(url).is_err(), "{url}");
        }
        let invalid = DownloadUrl::parse("http://files.example.com/x").unwrap_err();
        assert_eq!(invalid.suggestion(), Some("https://files.example.com/x"));
    }

    #[test]
    fn digest_has_64_hexadecimal_digits() {
        let digest = "0123456789abcdef".repeat(4);
        assert!(Sha256::parse(&digest).is_ok() && Sha256::parse(&digest.to_uppercase()).is_ok());
        for wrong in [
            "",
            "00",
            &digest[1..],
            &format!("{digest}0"),
            &digest.replace('0', "g"),
            &digest.replace('0', "$"),
        ] {
            assert!(Sha256::parse(wrong).is_err(), "{wrong}");
        }
        let invalid = Sha256::parse(&format!("sha256:{digest}")).unwrap_err();
        assert_eq!(invalid.suggestion(), Some(digest.as_str()));
    }

    #[test]
    fn package_has_a_plain_name_and_one_version() {
        for name in ["a", "acme-tools", "Acme.Tools_2"] {
            assert!(PackageName::parse(name).is_ok(), "{name}");
        }
        for name in [
            "", "-r", "a-", "a b", "a[x]", "a==1", "a;b", "$a", "a/b", "a@b",
        ] {
            assert!(PackageName::parse(name).is_err(), "{name}");
        }
        for version in ["1", "1.2.3", "1.0rc1", "2!1.0+local.1"] {
            assert!(PackageVersion::parse(version).is_ok(), "{version}");
        }
        for version in ["", "latest", "1.*", ">=1", "1 2", "1; id", "$V"] {
            assert!(PackageVersion::parse(version).is_err(), "{version}");
        }
    }
}
