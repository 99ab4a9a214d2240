//! One pip requirement, as PEP 508 writes it and pip's own library `packaging` reads it.
//!
//! A requirement ends in a requirements file or in a shell word, so this reader is stricter than
//! PEP 508 where a text means more to pip than one requirement: options, comments, environment
//! variables, line breaks; where it would put a password into an image; and where a version or URL
//! could not be compared.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use pep440_rs::VersionSpecifiers;

use super::invalid::{Grammar, InvalidValue, Refusal, text_traits};
use super::url;

mod applicability;
mod compatibility;
mod correction;
mod marker;
mod pip_syntax;
mod specifiers;

use applicability::Place;
pub(crate) use compatibility::are_compatible;
use correction::correct;
use specifiers::{Source, read_marker, read_specifiers, versions};

/// A requirement: `uvicorn[standard]>=0.30; python_version >= "3.10"` or `libs @
/// https://host.example/libs.whl`.
///
/// Two requirements are equal where their texts are. [`normalized_name`](Self::normalized_name),
/// [`extras`](Self::extras) and [`specifiers`](Self::specifiers) compare by meaning. A copy shares
/// everything with its original: large fleets repeat the same requirements.
#[derive(Clone, Debug)]
pub struct Requirement(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    text: Box<str>,
    /// The length of the name, which the text begins with.
    name: usize,
    /// The name as others compare it, where that is another text.
    normalized_name: Option<Box<str>>,
    extras: Box<[String]>,
    source: Source,
    marker: Option<Box<str>>,
}

const REQUIREMENT: Grammar<Requirement> = Grammar {
    what: "requirement",
    max_bytes: 2048,
    read: |value| read(value.trim_matches(' ')),
    correct,
};

/// What a direct reference may begin with: files over HTTP or in the image, and the version control
/// URLs of pip.
const SCHEMES: [&str; 7] = [
    "https",
    "http",
    "file",
    "git+https",
    "git+ssh",
    "git+http",
    "git+file",
];

impl Requirement {
    /// Reads a requirement. Blanks around it are dropped.
    ///
    /// # Errors
    /// [`InvalidValue`] if the text is not a PEP 508 requirement, and for pip options, comments,
    /// environment variables, characters outside printable ASCII, URLs with credentials or without
    /// scheme, and versions outside PEP 440.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        REQUIREMENT.apply(value)
    }

    /// The requirement as it was declared, without the blanks around it.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0.text
    }

    /// The name of the distribution as it was declared.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        &self.0.text[..self.0.name]
    }

    /// The name by which distributions compare (PEP 503): lower case, every run of `-`, `_` and `.`
    /// one dash.
    #[must_use]
    pub fn normalized_name(&self) -> &str {
        let normalized = self.0.normalized_name.as_deref();
        normalized.unwrap_or_else(|| self.name())
    }

    /// The extras, normalised as names are (PEP 685), sorted, each once.
    #[must_use]
    pub fn extras(&self) -> &[String] {
        &self.0.extras
    }

    /// The version specifiers (PEP 440), where there are any. They are read anew each time: kept,
    /// they would be two thirds of a large fleet's requirements.
    #[must_use]
    pub fn specifiers(&self) -> Option<VersionSpecifiers> {
        let text = self.specifiers_text()?;
        Some(versions(text).expect("they were read with the requirement"))
    }

    /// Whether there are any.
    #[must_use]
    pub(crate) fn has_specifiers(&self) -> bool {
        self.specifiers_text().is_some()
    }

    fn specifiers_text(&self) -> Option<&str> {
        match &self.0.source {
            Source::Index(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// The URL of a direct reference.
    #[must_use]
    pub fn url(&self) -> Option<&str> {
        match &self.0.source {
            Source::Url(url) => Some(url),
            Source::Index(_) => None,
        }
    }

    /// The environment marker after the semicolon, as it was declared.
    #[must_use]
    pub fn marker(&self) -> Option<&str> {
        self.0.marker.as_deref()
    }

    /// Whether the marker holds in a Linux image with `CPython` of a version; nothing where that
    /// depends on more, such as the architecture. A requirement without a marker always holds.
    #[must_use]
    pub(crate) fn holds_in(&self, python: &super::PythonVersion) -> Option<bool> {
        self.holds(Place {
            python,
            machine: None,
        })
    }

    /// Whether the marker holds there on an architecture, by the name that Python has for it
    /// (`x86_64`, `aarch64`).
    #[must_use]
    pub(crate) fn holds_on(&self, python: &super::PythonVersion, machine: &str) -> Option<bool> {
        self.holds(Place {
            python,
            machine: Some(machine),
        })
    }

    fn holds(&self, place: Place<'_>) -> Option<bool> {
        let Some(marker) = &self.0.marker else {
            return Some(true);
        };
        marker::decided(marker, Some(place)).expect("the marker was read with the requirement")
    }

    /// The requirement without extras, and with another marker or none.
    ///
    /// # Errors
    /// [`InvalidValue`] for a marker that is none.
    pub(crate) fn with_marker(&self, marker: Option<&str>) -> Result<Self, InvalidValue> {
        let what = match &self.0.source {
            Source::Index(text) => format!("{}{text}", self.name()),
            Source::Url(url) => format!("{} @ {url}", self.name()),
        };
        Self::parse(&marker.map_or_else(|| what.clone(), |marker| format!("{what} ; {marker}")))
    }

    /// A line for a pip constraints file (`-c`), which takes no extras and in which a bare name
    /// says nothing.
    ///
    /// The name, the specifiers and the marker; nothing for a requirement without specifiers or
    /// with a URL.
    #[must_use]
    pub(crate) fn constraint(&self) -> Option<String> {
        let text = self.specifiers_text()?;
        // Older releases of pip take what follows `===` for the version, up to a blank.
        let blank = if text.contains("===") { " " } else { "" };
        let marker = self
            .0
            .marker
            .as_ref()
            .map_or_else(String::new, |marker| format!("{blank}; {marker}"));
        Some(format!("{}{text}{marker}", self.name()))
    }
}

text_traits!(Requirement);

impl PartialEq for Requirement {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Requirement {}

impl PartialOrd for Requirement {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Requirement {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_str().cmp(other.as_str())
    }
}

impl Hash for Requirement {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

/// A set of requirements is asked by their texts.
impl Borrow<str> for Requirement {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

/// A name as PEP 503 compares names: lower case, every run of `-`, `_` and `.` one dash.
#[must_use]
pub(crate) fn normalized(name: &str) -> String {
    let mut normalized = String::with_capacity(name.len());
    for word in name.split(['-', '_', '.']).filter(|word| !word.is_empty()) {
        normalized.push_str(if normalized.is_empty() { "" } else { "-" });
        normalized.push_str(word);
    }
    normalized.make_ascii_lowercase();
    normalized
}

fn read(text: &str) -> Result<Requirement, Refusal> {
    pip_syntax::refuse(text)?;
    let (name, rest) = take_identifier(text).ok_or_else(no_name)?;
    pip_syntax::refuse_archive(name)?;
    let (extras, rest) = take_extras(rest.trim_start_matches(' '))?;
    let rest = rest.trim_start_matches(' ');
    let (source, marker) = match rest.strip_prefix('@') {
        Some(rest) => read_url(rest.trim_start_matches(' '))?,
        None => read_specifiers(rest)?,
    };
    let normalized_name = normalized(name);
    let parts = Parts {
        text: text.into(),
        name: name.len(),
        normalized_name: (normalized_name != name).then(|| normalized_name.into()),
        extras: extras.into(),
        source,
        marker: marker.map(|marker| marker.trim_matches(' ').into()),
    };
    Ok(Requirement(Arc::new(parts)))
}

fn no_name() -> Refusal {
    Refusal::new(
        "must begin with the name of a distribution, of letters, digits and inner `-`, `_` and `.`",
    )
}

/// A PEP 508 identifier and what follows it.
fn take_identifier(text: &str) -> Option<(&str, &str)> {
    let is_alphanumeric = |character: char| character.is_ascii_alphanumeric();
    let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let (name, rest) = text.split_at(text.find(|c| !is_inner(c)).unwrap_or(text.len()));
    (name.starts_with(is_alphanumeric) && name.ends_with(is_alphanumeric)).then_some((name, rest))
}

/// The extras in square brackets, if there are any, and what follows them.
fn take_extras(text: &str) -> Result<(Vec<String>, &str), Refusal> {
    let Some(inside) = text.strip_prefix('[') else {
        return Ok((Vec::new(), text));
    };
    let refusal = || {
        Refusal::new(
            "must have names between square brackets, separated by commas, such as `[standard]`",
        )
    };
    let (list, rest) = inside.split_once(']').ok_or_else(refusal)?;
    if list.trim_matches(' ').is_empty() {
        return Ok((Vec::new(), rest));
    }
    let mut extras = Vec::new();
    for extra in list.split(',') {
        match take_identifier(extra.trim_matches(' ')) {
            Some((name, "")) => extras.push(normalized(name)),
            _ => return Err(refusal()),
        }
    }
    extras.sort();
    extras.dedup();
    Ok((extras, rest))
}

/// The URL after `@` and the marker, which a blank separates from it.
fn read_url(text: &str) -> Result<(Source, Option<&str>), Refusal> {
    let (address, rest) = text.split_at(text.find(' ').unwrap_or(text.len()));
    if address.contains(';') {
        return Err(Refusal::new(
            "must have a blank between the URL and the `;` of its marker",
        ));
    }
    url::check(address, &SCHEMES)?;
    refuse_for_older(address)?;
    let marker = read_marker(rest, "can have only a marker after the URL")?;
    Ok((Source::Url(address.into()), marker))
}

/// Refuses URLs that pip reads only since its release 24.1: `packaging` before 22 wanted a host for
/// every scheme but `file`, and an address of `file` in its shortest spelling.
fn refuse_for_older(address: &str) -> Result<(), Refusal> {
    let location = address
        .split_once("://")
        .map_or("", |(_, location)| location);
    let is_file = address.starts_with("file://");
    if !is_file && location.starts_with('/') {
        return Err(Refusal::new(
            "must name a host after `://`, such as `localhost`, without which older releases of \
             pip refuse it",
        ));
    }
    if is_file && (location.starts_with("//") || location.ends_with(['#', '?'])) {
        return Err(Refusal::new(
            "must have one slash before the path and no empty `?` or `#`, which older releases of \
             pip refuse",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Requirement {
        Requirement::parse(text).unwrap_or_else(|invalid| panic!("{text}: {invalid}"))
    }

    #[test]
    fn requirement_is_taken_apart_and_kept_as_written() {
        let requirement =
            parse(" Uvicorn[Standard, watch_files] >=0.30, <1 ; python_version >= '3.10' ");
        let as_written = "Uvicorn[Standard, watch_files] >=0.30, <1 ; python_version >= '3.10'";
        assert_eq!(requirement.to_string(), as_written);
        assert_eq!(
            (requirement.name(), requirement.normalized_name()),
            ("Uvicorn", "uvicorn")
        );
        assert_eq!(requirement.extras(), ["standard", "watch-files"]);
        assert_eq!(requirement.specifiers().unwrap().to_string(), ">=0.30, <1");
        assert_eq!(requirement.marker(), Some("python_version >= '3.10'"));
        assert_eq!(requirement.url(), None);
    }

    #[test]
    fn direct_reference_has_a_url_and_no_specifiers() {
        let requirement =
            parse("libs[a] @ git+ssh://git@git.example.com/libs.git@v1 ; os_name == 'posix'");
        assert_eq!(
            requirement.url(),
            Some("git+ssh://git@git.example.com/libs.git@v1")
        );
        assert_eq!(
            (requirement.specifiers(), requirement.constraint()),
            (None, None)
        );
        assert_eq!(requirement.marker(), Some("os_name == 'posix'"));
    }

    #[test]
    fn names_compare_as_pep_503_normalises_them() {
        for name in ["ruamel.yaml", "Ruamel_YAML", "ruamel-.-yaml"] {
            assert_eq!(parse(name).normalized_name(), "ruamel-yaml");
        }
    }

    #[test]
    fn constraint_is_the_requirement_without_extras() {
        for (text, constraint) in [
            ("uvicorn[standard]>=0.30", Some("uvicorn>=0.30")),
            (
                "torch (==2.1.*) ; os_name == 'posix'",
                Some("torch(==2.1.*); os_name == 'posix'"),
            ),
            (
                "torch===2.1 ; os_name == 'posix'",
                Some("torch===2.1 ; os_name == 'posix'"),
            ),
            ("fastapi[all]", None),
            ("fastapi; os_name == 'posix'", None),
        ] {
            assert_eq!(parse(text).constraint().as_deref(), constraint);
        }
    }

    #[test]
    fn what_pip_reads_for_itself_is_refused_with_its_place() {
        for (text, place) in [
            ("--index-url https://host.example/simple", "`index_urls`"),
            ("-r other.txt", "included file"),
            ("a==1 --hash=sha256:00", "`index_urls`"),
            ("a==${VERSION}", "build argument"),
            ("https://host.example/a.whl", "name @"),
            ("a-1.0.tar.gz", "name @"),
            ("a @ https://user:password@host.example/a.whl", "`secrets`"),
        ] {
            let help = Requirement::parse(text).unwrap_err().help().unwrap();
            assert!(help.contains(place), "{text}: {help}");
        }
    }

    #[test]
    fn line_breaks_and_unseen_characters_are_refused() {
        for text in [
            "a\nb",
            "a\r",
            "a\n",
            "a\t>=1",
            "a\0",
            "a\u{202e}",
            "a\u{200b}",
            "a\u{a0}>=1",
            "a\\",
            "a`id`",
        ] {
            assert!(Requirement::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn single_equals_and_comments_are_corrected() {
        for (written, corrected) in [
            ("a=1.0", "a==1.0"),
            ("a[x] = 1.0", "a[x]==1.0"),
            ("a>=1 # why", "a>=1"),
            ("a\n", "a"),
        ] {
            let invalid = Requirement::parse(written).unwrap_err();
            assert_eq!(invalid.suggestion(), Some(corrected), "{written}");
        }
    }

    #[test]
    fn what_older_pips_refuse_is_corrected() {
        for (written, corrected) in [
            ("a>=1,", "a>=1"),
            ("a >=1, <2 , ", "a >=1, <2"),
            ("a()", "a"),
            ("a[x] ( )", "a[x]"),
            ("a(>=1,)", "a>=1"),
            ("a (>=1,<2,); os_name == 'x'", "a>=1,<2; os_name == 'x'"),
            ("a~=1.0alpha1,!=1.0beta", "a~=1.0a1,!=1.0b"),
            ("a===1.0; os_name == 'x'", "a===1.0 ; os_name == 'x'"),
            ("a (===1.0)", "a===1.0"),
            ("a @ git+file:///r", "a @ git+file://localhost/r"),
            ("a @ file:////w/a.whl", "a @ file:///w/a.whl"),
            ("a; os_name not   in 'x  y'", "a; os_name not in 'x  y'"),
        ] {
            let invalid = Requirement::parse(written).unwrap_err();
            assert_eq!(invalid.suggestion(), Some(corrected), "{written}");
        }
    }

    #[test]
    fn long_requirements_are_refused() {
        assert!(Requirement::parse(&"a".repeat(2048)).is_ok());
        assert!(Requirement::parse(&"a".repeat(2049)).is_err());
    }
}
