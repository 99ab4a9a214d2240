//! Whether two sets of version specifiers (PEP 440) have a version in common.

use pep440_rs::{Version, VersionSpecifiers};

/// Whether some version can satisfy both.
///
/// Specifiers cut the versions into ranges, so if any version satisfies both, then one does at an
/// end of a range, or a little above or below it: only those are tried. Ranges narrower than that
/// "little" are nothing that a release falls into.
#[must_use]
pub(crate) fn are_compatible(left: &VersionSpecifiers, right: &VersionSpecifiers) -> bool {
    let ends = left
        .iter()
        .chain(right.iter())
        .map(pep440_rs::VersionSpecifier::version);
    let mut candidates = ends
        .flat_map(|end| [Some(end.clone()), Some(above(end)), below(end)])
        .flatten();
    candidates.any(|version| left.contains(&version) && right.contains(&version))
}

/// A release a little above: 1.2 → 1.2.0.0.0.1.
fn above(version: &Version) -> Version {
    let mut numbers = version.release().to_vec();
    numbers.resize(numbers.len().max(3) + 2, 0);
    numbers.push(1);
    Version::new(numbers).with_epoch(version.epoch())
}

/// A release a little below: 1.2 → 1.1.99999; nothing below zero.
fn below(version: &Version) -> Option<Version> {
    let mut numbers = version.release().to_vec();
    while numbers.last() == Some(&0) {
        numbers.pop();
    }
    let last = numbers.pop()?;
    numbers.extend([last - 1, 99_999]);
    Some(Version::new(numbers).with_epoch(version.epoch()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::str::FromStr;

    #[test]
    fn specifiers_conflict_where_no_version_satisfies_both() {
        let read = |text: &str| VersionSpecifiers::from_str(text).unwrap();
        for (left, right, expected) in [
            (">=2", "<2", false),
            (">=2", "<=2", true),
            ("==1.4.*", "~=1.4.2", true),
            ("==1.4.*", "~=1.5.2", false),
            (">1.2", "<1.3", true),
            ("==2.1.0", ">=2,<3", true),
            ("==2.1.0", "!=2.1.0", false),
            ("!=1.0", "!=2.0", true),
            ("==2.2.0", "==2.2.0+cpu", true),
            ("==2.2.0+cu124", "==2.2.0+cpu", false),
            ("==1.0", "==1.0.0", true),
            ("<1", ">=0.9", true),
            ("==1!1.0", ">=2", true),
        ] {
            assert_eq!(
                are_compatible(&read(left), &read(right)),
                expected,
                "{left} {right}"
            );
            assert_eq!(
                are_compatible(&read(right), &read(left)),
                expected,
                "{right} {left}"
            );
        }
    }
}
