//! Which versions of dockwright a declaration is for.

use std::str::FromStr as _;

use pep440_rs::{Version, VersionSpecifiers};

use super::invalid::{Grammar, Refusal, no_correction, only, validated};

validated! {
    /// A range of versions such as `>=0.2,<0.4`.
    ///
    /// Version specifiers of Python packages (PEP 440), which readers of services.yaml know from
    /// requirements; without local versions and `===`.
    RequiredVersion,
    Grammar {
        what: "version range",
        max_bytes: 100,
        read: check,
        correct: no_correction,
    }
}

const EXPECTED: &str = "must be a range of versions, such as `>=0.2,<0.4`";

fn check(value: &str) -> Result<(), Refusal> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || " .,<>=!~*-".contains(c);
    only(value, is_allowed, "digits, `.`, `,` and comparisons")?;
    if value.contains("===") || VersionSpecifiers::from_str(value).is_err() {
        return Err(Refusal::new(EXPECTED));
    }
    Ok(())
}

impl RequiredVersion {
    /// Whether a version of dockwright, as Cargo writes it, is in the range.
    ///
    /// # Panics
    /// Never for a version that Cargo took.
    #[must_use]
    #[expect(clippy::expect_used, reason = "both were read before")]
    pub(crate) fn accepts(&self, version: &str) -> bool {
        let range = VersionSpecifiers::from_str(self.as_str()).expect("validated");
        range.contains(&Version::from_str(version).expect("Cargo's versions are Python's"))
    }
}

/// The range that a new declaration gets from the version that writes it: up to the next version
/// that may change what is rendered, which is the next minor one before 1.0 and the next major one
/// from there on.
///
/// # Panics
/// Never for a version that Cargo took.
#[must_use]
#[expect(clippy::expect_used, reason = "Cargo checks the version")]
pub fn range_from(version: &str) -> String {
    let version = Version::from_str(version).expect("Cargo's versions are Python's");
    let part = |at: usize| version.release().get(at).copied().unwrap_or_default();
    let (major, minor) = (part(0), part(1));
    if major == 0 {
        format!(">=0.{minor},<0.{}", minor + 1)
    } else {
        format!(">={major}.{minor},<{}", major + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_those_of_python_packages() {
        for (range, version, fits) in [
            (">=0.2,<0.4", "0.2.0", true),
            (">=0.2, <0.4", "0.3.9", true),
            (">=0.2,<0.4", "0.4.0", false),
            (">=0.2,<0.4", "0.1.0", false),
            ("==0.2.*", "0.2.7", true),
            ("~=1.2", "1.9.0", true),
            ("!=0.2.1", "0.2.1", false),
        ] {
            let range = RequiredVersion::parse(range).unwrap();
            assert_eq!(range.accepts(version), fits, "{range} {version}");
        }
        for bad in [
            "0.2",
            ">=",
            "^0.2",
            ">=0.2 <0.4",
            "===0.2",
            "latest",
            ">=0.2;x",
        ] {
            assert!(RequiredVersion::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_new_declaration_is_for_its_own_version_up_to_the_next_that_may_render_otherwise() {
        for (version, range) in [
            ("0.1.0", ">=0.1,<0.2"),
            ("0.12.3", ">=0.12,<0.13"),
            ("1.4.2", ">=1.4,<2"),
        ] {
            assert_eq!(range_from(version), range);
            let parsed = RequiredVersion::parse(range).unwrap();
            assert!(parsed.accepts(version), "{version}");
        }
    }
}
