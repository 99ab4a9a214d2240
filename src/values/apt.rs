//! Debian packages as `apt-get install` takes them.

use super::invalid::{Grammar, InvalidValue, Refusal, only, text_traits};

/// A Debian package for `apt-get install`: `name`, `name:architecture`, `name=version` or both.
///
/// The name is that of Debian Policy 5.6.1: two or more of `a-z 0-9 + . -`, the first a letter or
/// digit. The version is that of Policy 5.6.12: `A-Z a-z 0-9 . + ~ : -`, the first a digit; as apt
/// does, it takes `*` for any text, such as `18.*`. At most 255 bytes in all.
///
/// apt reads a dash at the end of an argument as *remove this package*, so neither name nor version
/// ends with one. A plus at the end means *install*, and apt takes it as that only where no package
/// has the whole name: `g++` is safe, a version that ends with a plus is not and is refused.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AptPackage {
    text: String,
    name: String,
    architecture: Option<String>,
    version: Option<String>,
}

/// The parts of the text as they stand: name, architecture, version.
type Parts<'a> = (&'a str, Option<&'a str>, Option<&'a str>);

const APT_PACKAGE: Grammar<()> = Grammar {
    what: "apt package",
    max_bytes: 255,
    read: |value| check(split(value)),
    correct,
};

impl AptPackage {
    /// Reads such a package.
    ///
    /// # Errors
    /// [`InvalidValue`] for anything else, such as a release (`name/sid`), a file or an option.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        APT_PACKAGE.apply(value)?;
        let (name, architecture, version) = split(value);
        Ok(Self {
            text: value.to_owned(),
            name: name.to_owned(),
            architecture: architecture.map(str::to_owned),
            version: version.map(str::to_owned),
        })
    }

    /// The package as it was declared.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The name alone, by which packages compare.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The architecture after the colon.
    #[must_use]
    pub(crate) fn architecture(&self) -> Option<&str> {
        self.architecture.as_deref()
    }
}

text_traits!(AptPackage);

fn split(value: &str) -> Parts<'_> {
    let (package, version) = value
        .split_once('=')
        .map_or((value, None), |(package, version)| (package, Some(version)));
    let (name, architecture) = package
        .split_once(':')
        .map_or((package, None), |(name, architecture)| {
            (name, Some(architecture))
        });
    (name, architecture, version)
}

fn check((name, architecture, version): Parts<'_>) -> Result<(), Refusal> {
    check_name(name)?;
    architecture.map_or(Ok(()), check_architecture)?;
    version.map_or(Ok(()), check_version)
}

fn check_name(name: &str) -> Result<(), Refusal> {
    if name.starts_with('-') {
        return Err(Refusal::new("must be a package, not an option of apt"));
    }
    let is_name =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '+' | '.' | '-');
    only(
        name,
        is_name,
        "lower-case letters, digits, `+`, `.` and `-` in its name",
    )?;
    if name.len() < 2 || name.starts_with(['+', '.']) {
        return Err(Refusal::new(
            "must have a name of two or more characters that begins with a letter or digit",
        ));
    }
    refuse_removal(name)
}

fn check_architecture(architecture: &str) -> Result<(), Refusal> {
    let is_word = |word: &str| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    if architecture.split('-').all(is_word) {
        return Ok(());
    }
    Err(Refusal::new(
        "must have a Debian architecture such as `amd64` after the `:`",
    ))
}

fn check_version(version: &str) -> Result<(), Refusal> {
    let is_version =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '~' | ':' | '-' | '*');
    only(
        version,
        is_version,
        "letters, digits and `.+~:-*` in its version",
    )?;
    if !version.starts_with(|first: char| first.is_ascii_digit()) {
        return Err(Refusal::new(
            "must have a version that begins with a digit after the `=`",
        ));
    }
    if version.ends_with('+') {
        return Err(Refusal::new(
            "must not end with `+` after a version, which apt reads as a request to install it",
        ));
    }
    refuse_removal(version)
}

fn refuse_removal(text: &str) -> Result<(), Refusal> {
    if text.ends_with('-') {
        return Err(Refusal::new(
            "must not end with `-`, which apt reads as a request to remove the package",
        ));
    }
    Ok(())
}

fn correct(value: &str) -> String {
    let (package, version) = value.split_once('=').unwrap_or((value, ""));
    let name = package.trim().to_ascii_lowercase().replace('_', "-");
    if version.is_empty() {
        return name;
    }
    format!("{name}={}", version.trim().trim_start_matches('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_real_packages_are_accepted() {
        for name in [
            "tesseract-ocr",
            "poppler-utils",
            "g++",
            "libstdc++6",
            "python3.11",
            "7zip",
            "memtest86+",
            "libgtk2.0-0",
        ] {
            assert_eq!(AptPackage::parse(name).unwrap().name(), name);
        }
    }

    #[test]
    fn architecture_and_version_are_told_apart() {
        let package = AptPackage::parse("libc6:amd64=1:2.36-9+deb12u4~bpo1").unwrap();
        assert_eq!(package.name(), "libc6");
        assert_eq!(package.architecture(), Some("amd64"));
        assert_eq!(package.version.as_deref(), Some("1:2.36-9+deb12u4~bpo1"));
        assert_eq!(AptPackage::parse("curl=7.88").unwrap().architecture(), None);
        let any_patch = AptPackage::parse("nodejs=18.*").unwrap();
        assert_eq!(any_patch.version.as_deref(), Some("18.*"));
    }

    #[test]
    fn what_apt_reads_as_something_else_is_refused() {
        for text in [
            "curl-",
            "curl=1.0-",
            "curl=1.0+",
            "-y",
            "--reinstall",
            "./x.deb",
            "x/sid",
            "x^",
            "*",
            "lib?",
            "x|y",
            "x,y",
            "x y",
            "x\ny",
            "x;id",
            "$x",
            "x",
            ".x",
            "+x",
            "x=",
            "xy=",
            "xy=abc",
            "xy:",
            "xy:AMD64",
            "xy:a:b",
            "\u{e9}x",
            "xy\\",
        ] {
            assert!(AptPackage::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn corrected_spelling_follows_debian_custom() {
        for (written, corrected) in [
            ("Tesseract_OCR", "tesseract-ocr"),
            ("curl==7.88", "curl=7.88"),
            (" curl", "curl"),
        ] {
            assert_eq!(
                AptPackage::parse(written).unwrap_err().suggestion(),
                Some(corrected)
            );
        }
        assert_eq!(AptPackage::parse("curl-").unwrap_err().suggestion(), None);
    }
}
