//! Python's own names: its version, its identifiers, the place of an application.

use super::invalid::{Grammar, InvalidValue, Refusal, text_traits, validated};

/// A version of Python 3 as image tags write it: `3.12` or `3.12.4`. Ordered as numbers, so `3.9`
/// is before `3.12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PythonVersion {
    minor: u16,
    patch: Option<u16>,
    text: String,
}

const PYTHON_VERSION: Grammar<(u16, Option<u16>)> = Grammar {
    what: "Python version",
    max_bytes: 16,
    read: |value| {
        let numbers = value.strip_prefix("3.").and_then(read_minor_and_patch);
        numbers
            .ok_or_else(|| Refusal::new("must be a version of Python 3 such as `3.12` or `3.12.4`"))
    },
    correct: |value| {
        let version = value.trim_start_matches(|character: char| !character.is_ascii_digit());
        version
            .split('-')
            .next()
            .expect("a split has a first part")
            .to_owned()
    },
};

impl PythonVersion {
    /// Reads `3.N` or `3.N.P`, where N and P are at most 99 and have no leading zero.
    ///
    /// # Errors
    /// [`InvalidValue`] for anything else.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        let (minor, patch) = PYTHON_VERSION.apply(value)?;
        Ok(Self {
            minor,
            patch,
            text: value.to_owned(),
        })
    }

    /// The version as it was declared.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The N of `3.N`.
    #[must_use]
    pub(crate) fn minor(&self) -> u16 {
        self.minor
    }

    /// The P of `3.N.P`.
    #[must_use]
    pub(crate) fn patch(&self) -> Option<u16> {
        self.patch
    }
}

text_traits!(PythonVersion);

fn read_minor_and_patch(text: &str) -> Option<(u16, Option<u16>)> {
    match text.split_once('.') {
        Some((minor, patch)) => Some((read_number(minor)?, Some(read_number(patch)?))),
        None => Some((read_number(text)?, None)),
    }
}

fn read_number(text: &str) -> Option<u16> {
    let number = text.parse::<u16>().ok().filter(|&number| number <= 99)?;
    (number.to_string() == text).then_some(number)
}

validated! {
    /// Where an ASGI server finds an application: `module.path:attribute`, as uvicorn takes it.
    ///
    /// ASCII Python identifiers joined by dots on both sides of one colon, none of them a keyword,
    /// at most 255 bytes.
    AppPath,
    Grammar {
        what: "application",
        max_bytes: 255,
        read: check_application,
        correct: application_in_file,
    }
}

fn check_application(value: &str) -> Result<(), Refusal> {
    match value.split_once(':') {
        Some((module, attribute)) if is_dotted(module) && is_dotted(attribute) => Ok(()),
        _ => Err(Refusal::new(
            "must be a Python module and an attribute of it, such as `svc_ocr.main:app`",
        )),
    }
}

/// The module of a file, and the attribute `app` where there is none.
fn application_in_file(value: &str) -> String {
    let (file, attribute) = value.split_once(':').unwrap_or((value, "app"));
    let module = file
        .trim_start_matches("./")
        .replace(['/', '\\'], ".")
        .replace('-', "_");
    format!(
        "{}:{attribute}",
        module.strip_suffix(".py").unwrap_or(&module)
    )
}

fn is_dotted(text: &str) -> bool {
    text.split('.').all(is_identifier)
}

/// Whether Python reads the ASCII text as an identifier that is no keyword
/// (The Python Language Reference, section 2.3, Identifiers and keywords).
pub(crate) fn is_identifier(text: &str) -> bool {
    let starts = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_');
    let continues = text
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    starts && continues && !KEYWORDS.contains(&text)
}

const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn python_version_is_3_with_one_or_two_numbers() {
        let version = PythonVersion::parse("3.12.4").unwrap();
        assert_eq!(
            (version.minor(), version.patch(), version.as_str()),
            (12, Some(4), "3.12.4")
        );
        assert_eq!(PythonVersion::parse("3.10").unwrap().patch(), None);
        for text in [
            "3",
            "3.",
            "3.1.",
            "2.7",
            "3.012",
            "3.+1",
            "3.1.2.3",
            "3.100",
            "3.12rc1",
            "3.x",
            "\u{663}.1",
        ] {
            assert!(PythonVersion::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn python_versions_are_ordered_as_numbers() {
        let versions = ["3.9", "3.10", "3.10.2", "3.10.11", "3.12"]
            .map(|text| PythonVersion::parse(text).unwrap());
        assert!(versions.is_sorted());
    }

    #[test]
    fn image_tag_is_cut_down_to_the_version() {
        for text in ["python3.12", "v3.12", "3.12-slim", " 3.12"] {
            assert_eq!(
                PythonVersion::parse(text).unwrap_err().suggestion(),
                Some("3.12"),
                "{text}"
            );
        }
    }

    #[test]
    fn application_is_a_module_and_an_attribute() {
        let app = AppPath::parse("apps.svc_ocr.main:app").unwrap();
        assert_eq!(app.as_str(), "apps.svc_ocr.main:app");
        assert!(AppPath::parse("main:factory.app").is_ok());
        for text in [
            ":app",
            "main:",
            "a..b:app",
            "1a:app",
            "a:b:c",
            "a b:c",
            "class.a:app",
            "a:app --reload",
            "a:$x",
            "\u{e9}:a",
        ] {
            assert!(AppPath::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn file_path_is_corrected_to_a_module() {
        for (written, corrected) in [
            ("app/main.py:app", "app.main:app"),
            ("svc-ocr.main:app", "svc_ocr.main:app"),
            ("main", "main:app"),
        ] {
            assert_eq!(
                AppPath::parse(written).unwrap_err().suggestion(),
                Some(corrected)
            );
        }
    }
}
