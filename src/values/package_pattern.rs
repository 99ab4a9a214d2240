//! Names of Python packages, or the beginnings of such names.

use super::invalid::{Grammar, Refusal, validated};
use super::{PackageName, requirement::normalized};

validated! {
    /// The name of a Python package, such as `torch`, or the beginning of names with `*` for the
    /// rest, such as `nvidia-*` (PEP 508 has the letters of names, PEP 503 how they are compared).
    PackagePattern,
    Grammar {
        what: "package name or pattern",
        max_bytes: 128,
        read: check,
        correct: |value| value.trim().to_ascii_lowercase(),
    }
}

/// What joins the words of a name; runs of it are the same.
const SEPARATORS: [char; 3] = ['-', '_', '.'];

impl PackagePattern {
    /// Whether a normalized name is one of those that are meant.
    #[must_use]
    pub(crate) fn matches(&self, name: &str) -> bool {
        match self.as_str().strip_suffix('*') {
            Some(begin) if begin.ends_with(SEPARATORS) => {
                let whole = normalized(begin.trim_end_matches(SEPARATORS));
                let rest = name.strip_prefix(&whole);
                rest.is_some_and(|rest| rest.starts_with('-'))
            }
            Some(begin) => name.starts_with(&normalized(begin)),
            None => name == normalized(self.as_str()),
        }
    }
}

fn check(value: &str) -> Result<(), Refusal> {
    let name = match value.strip_suffix('*') {
        Some(begin) => begin.trim_end_matches(SEPARATORS),
        None => value,
    };
    match PackageName::parse(name) {
        Ok(_) => Ok(()),
        Err(_) => Err(Refusal::new(
            "must be the name of a package, such as `torch`, or its beginning with `*`, such as \
             `nvidia-*`",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_beginnings_match_as_pep_503_compares() {
        let matches = |pattern: &str, name| PackagePattern::parse(pattern).unwrap().matches(name);
        assert!(matches("Torch_Vision", "torch-vision"));
        assert!(matches("nvidia-*", "nvidia-cublas-cu12"));
        assert!(matches("acme_*", "acme-tools") && matches("acme*", "acme"));
        for (pattern, name) in [("torch", "torchvision"), ("nvidia-*", "nvidia")] {
            assert!(!matches(pattern, name), "{pattern} {name}");
        }
        for bad in ["", "*", "-*", "a*b", "a**", "a b", "torch>=2", "a\nb"] {
            assert!(PackagePattern::parse(bad).is_err(), "{bad:?}");
        }
    }
}
