//! The names of a fleet: every validated string of a declaration, as a type of its own.
//!
//! These values end in Dockerfiles, shells, paths and image references, so each grammar is a list
//! of what is allowed. A value that exists is valid; [`InvalidValue`] says why one does not. A
//! value keeps the text it was declared with, but for a [`Duration`], which has one canonical text.

pub(crate) mod host;
pub(crate) mod image;
pub(crate) mod invalid;
pub(crate) mod path;
pub(crate) mod python;
pub(crate) mod url;

pub mod image_reference;
pub mod requirement;

mod account;
mod action;
mod apt;
mod bytes;
mod date;
mod download;
mod duration;
mod http;
mod label;
mod package_pattern;
mod platform;
mod probe;
mod quote;
mod required_version;
mod signal;
mod stage;
mod text;

use self::invalid::{Grammar, Refusal, no_correction, only, validated};

// All that `validated!` makes is public, since tests name most of it.
pub use self::account::{AccountId, AccountName, ImageUser};
pub use self::action::ActionReference;
pub use self::apt::AptPackage;
pub use self::bytes::{ByteSize, Tolerance};
pub use self::date::Date;
pub use self::download::{DownloadUrl, PackageName, PackageVersion, Sha256};
pub use self::duration::Duration;
pub(crate) use self::duration::canonical as canonical_duration;
pub use self::http::{HttpPath, IndexUrl, Port};
pub use self::image::{Digest, Fingerprint, Owner, Registry, Tag, Version};
pub use self::invalid::InvalidValue;
pub use self::label::LabelKey;
pub use self::package_pattern::PackagePattern;
pub use self::path::{LinuxPath, RelPath};
pub use self::platform::Platform;
pub use self::probe::{HttpHost, HttpStatus};
pub use self::python::{AppPath, PythonVersion};
pub use self::quote::{Quote, Validated, escaped};
pub use self::required_version::{RequiredVersion, range_from};
pub use self::signal::StopSignal;
pub use self::stage::StageName;
pub use self::text::FreeText;

/// The longest name: one DNS label, so that a service can be a host name.
const MAX_NAME_BYTES: usize = 63;

validated! {
    /// The name of a service or a base, such as `svc-ocr`. It names an image, folders and a Python
    /// package.
    ///
    /// A name component of the OCI distribution specification: lower-case letters and digits,
    /// joined by one `.`, `_` or `__`, or any number of dashes; at most 63 bytes. It is no Windows
    /// device name, and with `_` for dashes and dots it is a Python identifier, so it begins with a
    /// letter and is no keyword.
    ServiceName,
    Grammar {
        what: "service name",
        max_bytes: MAX_NAME_BYTES,
        read: check_service_name,
        correct: service_name_like,
    }
}

impl ServiceName {
    /// The Python package of the service: the name with `_` for every dash and dot, such as
    /// `svc_ocr`.
    ///
    /// Two names can have one module (`a-b` and `a_b`).
    #[must_use]
    pub fn module(&self) -> String {
        module_of(&self.0)
    }
}

fn module_of(name: &str) -> String {
    name.replace(['-', '.'], "_")
}

fn check_service_name(value: &str) -> Result<(), Refusal> {
    check_oci_component(value)?;
    refuse_device(value)?;
    if python::is_identifier(&module_of(value)) {
        return Ok(());
    }
    Err(Refusal::new(
        "must begin with a letter and not be a Python keyword, because it is also the name of a \
         package",
    ))
}

/// The words of the value joined by dashes, after `svc-` where they would not do for a module.
fn service_name_like(value: &str) -> String {
    let name = kebab(value);
    if python::is_identifier(&module_of(&name)) {
        return name;
    }
    format!("svc-{name}")
}

/// Checks a path component of an image name (OCI distribution specification, section Pulling
/// manifests).
pub(crate) fn check_oci_component(value: &str) -> Result<(), Refusal> {
    let is_allowed = |c: char| is_lower_alphanumeric(c) || matches!(c, '.' | '_' | '-');
    only(
        value,
        is_allowed,
        "lower-case letters, digits, `.`, `_` and `-`",
    )?;
    let is_separator =
        |run: &str| matches!(run, "." | "_" | "__") || run.bytes().all(|byte| byte == b'-');
    if is_joined(value, is_separator) {
        return Ok(());
    }
    Err(Refusal::new(
        "must be letters and digits joined by one `.`, `_` or `__`, or by dashes",
    ))
}

/// Whether the value is runs of lower-case letters and digits with one separator between each two.
fn is_joined(value: &str, is_separator: fn(&str) -> bool) -> bool {
    value.starts_with(is_lower_alphanumeric)
        && value.ends_with(is_lower_alphanumeric)
        && value
            .split(is_lower_alphanumeric)
            .all(|run| run.is_empty() || is_separator(run))
}

fn is_lower_alphanumeric(character: char) -> bool {
    character.is_ascii_lowercase() || character.is_ascii_digit()
}

fn refuse_device(value: &str) -> Result<(), Refusal> {
    if path::is_windows_device(value) {
        return Err(Refusal::new(
            "must not be a device name on Windows, such as `con` or `nul`, since it names files",
        ));
    }
    Ok(())
}

/// The words of the value in lower case, joined by dashes.
fn kebab(value: &str) -> String {
    let lower = value.to_ascii_lowercase();
    let words = lower
        .split(|c| !is_lower_alphanumeric(c))
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-")
}

macro_rules! kebab_name {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        validated! {
            $(#[$doc])*
            ///
            /// Lower-case letters and digits, joined by single dashes, at most 63 bytes, no Windows
            /// device name.
            $name,
            Grammar {
                what: $what,
                max_bytes: MAX_NAME_BYTES,
                read: check_kebab,
                correct: kebab,
            }
        }
    };
}

kebab_name! {
    /// The name of a kind of service, such as `non-ml`.
    KindName, "kind name"
}
kebab_name! {
    /// The name of a set of requirements, such as `base`.
    SetName, "requirement set name"
}
kebab_name! {
    /// The name by which services refer to an external image.
    ImageName, "image name"
}
kebab_name! {
    /// The name of a template, such as `multi-stage-slim`.
    TemplateName, "template name"
}

fn check_kebab(value: &str) -> Result<(), Refusal> {
    only(
        value,
        |c| is_lower_alphanumeric(c) || c == '-',
        "lower-case letters, digits and `-`",
    )?;
    if !is_joined(value, |run| run == "-") {
        return Err(Refusal::new(
            "must be letters and digits joined by single dashes",
        ));
    }
    refuse_device(value)
}

validated! {
    /// The name of an environment variable or build argument, such as `LOG_LEVEL`.
    ///
    /// Letters, digits and `_`, the first no digit (POSIX.1-2024, section 8.1, with lower case), at
    /// most 128 bytes.
    EnvKey,
    Grammar {
        what: "environment variable",
        max_bytes: 128,
        read: |value| {
            only(value, |c| c.is_ascii_alphanumeric() || c == '_', "letters, digits and `_`")?;
            if value.starts_with(|first: char| first.is_ascii_digit()) {
                return Err(Refusal::new("must not begin with a digit"));
            }
            Ok(())
        },
        correct: |value| value.trim().replace(['-', '.', ' '], "_").to_ascii_uppercase(),
    }
}

validated! {
    /// The id of a build secret, as `RUN --mount=type=secret,id=…` takes it.
    ///
    /// Letters, digits, `_`, `.` and `-`, the first neither `.` nor `-`, at most 128 bytes.
    SecretId,
    Grammar {
        what: "secret",
        max_bytes: 128,
        read: |value| {
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-');
            only(value, is_allowed, "letters, digits, `_`, `.` and `-`")?;
            if value.starts_with(['.', '-']) {
                return Err(Refusal::new("must not begin with `.` or `-`"));
            }
            Ok(())
        },
        correct: no_correction,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn service_name_is_an_oci_name_component() {
        for name in [
            "svc-ocr",
            "svc_ocr",
            "a",
            "a.b",
            "a__b",
            "a---b",
            "ui-review",
            "base-ml",
            "x9",
        ] {
            assert_eq!(ServiceName::parse(name).unwrap().as_str(), name);
        }
        for name in [
            "",
            "-a",
            "a-",
            "_a",
            "a_",
            ".a",
            "a..b",
            "a___b",
            "a._b",
            "a-_b",
            "A",
            "a b",
            "a/b",
            "a\n",
            "a$",
            "\u{e9}",
            "a\u{200b}",
            "..",
            "a\\b",
            "\u{430}",
        ] {
            assert!(ServiceName::parse(name).is_err(), "{name:?}");
        }
        assert!(ServiceName::parse(&"a".repeat(63)).is_ok());
        assert!(ServiceName::parse(&"a".repeat(64)).is_err());
    }

    #[test]
    fn service_name_gives_a_python_module() {
        assert_eq!(
            ServiceName::parse("svc-rag.v2").unwrap().module(),
            "svc_rag_v2"
        );
        for name in ["3d", "7zip-svc", "class", "lambda", "async"] {
            assert!(ServiceName::parse(name).is_err(), "{name}");
        }
        assert!(ServiceName::parse("lambda-svc").is_ok());
    }

    #[test]
    fn service_name_is_corrected_to_dashes_and_lower_case() {
        for (written, corrected) in [
            ("Svc_OCR", "svc-ocr"),
            (" svc ocr ", "svc-ocr"),
            ("svc/ocr", "svc-ocr"),
            ("3d", "svc-3d"),
            ("lambda", "svc-lambda"),
        ] {
            assert_eq!(
                ServiceName::parse(written).unwrap_err().suggestion(),
                Some(corrected)
            );
        }
        assert_eq!(
            ServiceName::parse("\u{65e5}\u{672c}")
                .unwrap_err()
                .suggestion(),
            None
        );
    }

    #[test]
    fn windows_device_names_are_refused_for_what_names_files() {
        for name in ["con", "nul", "aux", "com1", "lpt9", "con.x"] {
            assert!(ServiceName::parse(name).is_err(), "{name}");
        }
        assert!(TemplateName::parse("prn").is_err());
        assert!(ServiceName::parse("console").is_ok());
    }

    #[test]
    fn kebab_names_have_single_dashes_only() {
        for name in ["ml", "non-ml", "ml-on-base", "2d"] {
            assert_eq!(KindName::parse(name).unwrap().to_string(), name);
        }
        for name in ["", "-", "a--b", "a_b", "a.b", "A", "a-", "../a", "a\u{a0}b"] {
            assert!(SetName::parse(name).is_err(), "{name:?}");
        }
        assert_eq!(
            ImageName::parse("My_Image").unwrap_err().to_string(),
            "not a valid image name: may hold only lower-case letters, digits and `-`, not `M`"
        );
    }

    #[test]
    fn environment_variable_is_a_posix_name() {
        for key in ["PATH", "_x", "a1"] {
            assert!(EnvKey::parse(key).is_ok(), "{key}");
        }
        for key in ["", "1a", "A-B", "A B", "A=B", "A$", "\u{c4}", "A\n"] {
            assert!(EnvKey::parse(key).is_err(), "{key:?}");
        }
        assert_eq!(
            EnvKey::parse("log-level").unwrap_err().suggestion(),
            Some("LOG_LEVEL")
        );
    }

    #[test]
    fn secret_is_a_plain_id() {
        assert!(SecretId::parse("pip_token.v1").is_ok());
        for id in ["", ".x", "-x", "a,b", "a=b", "a b", "a/b", "$a"] {
            assert!(SecretId::parse(id).is_err(), "{id:?}");
        }
    }
}
