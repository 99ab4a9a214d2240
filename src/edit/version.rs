//! The next version of a base, and which of two is higher.

use std::cmp::Ordering;

/// How far a version moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// The third number.
    Patch,
    /// The second number; the third becomes 0.
    Minor,
    /// The first number; the others become 0.
    Major,
}

/// A version such as `v1.0.1` or `1.2-bookworm`: up to three numbers, after a `v` and before a
/// suffix.
#[derive(Debug, PartialEq, Eq)]
struct Numbered<'a> {
    prefix: &'a str,
    numbers: Vec<u64>,
    suffix: &'a str,
}

impl<'a> Numbered<'a> {
    fn read(version: &'a str) -> Option<Self> {
        let rest = version.strip_prefix('v').unwrap_or(version);
        let prefix = version.get(..version.len() - rest.len())?;
        let length = rest
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .unwrap_or(rest.len());
        let (core, suffix) = rest.split_at_checked(length)?;
        // A digit after the separator is a date or a build number: which number to raise is for a
        // person to say.
        let named =
            |rest: &str| rest.starts_with(|character: char| character.is_ascii_alphabetic());
        let is_joined = suffix.is_empty() || suffix.strip_prefix(['-', '_']).is_some_and(named);
        let numbers: Option<Vec<u64>> = core.split('.').map(number).collect();
        numbers
            .filter(|numbers| numbers.len() <= 3 && is_joined)
            .map(|numbers| Self {
                prefix,
                numbers,
                suffix,
            })
    }
}

/// A number without leading zeros: they would be lost.
fn number(text: &str) -> Option<u64> {
    text.parse::<u64>()
        .ok()
        .filter(|number| number.to_string() == text)
}

/// The version after this one; `None` where it is no version of up to three numbers. A suffix
/// stays.
#[must_use]
pub(crate) fn next(version: &str, step: Step) -> Option<String> {
    let read = Numbered::read(version)?;
    let at = |position: usize| read.numbers.get(position).copied().unwrap_or_default();
    let (major, minor, patch) = match step {
        Step::Patch => (at(0), at(1), at(2).checked_add(1)?),
        Step::Minor => (at(0), at(1).checked_add(1)?, 0),
        Step::Major => (at(0).checked_add(1)?, 0, 0),
    };
    Some(format!(
        "{}{major}.{minor}.{patch}{}",
        read.prefix, read.suffix
    ))
}

/// Which of two versions is higher, by their numbers; `None` where that cannot be told.
#[must_use]
pub(crate) fn compare(left: &str, right: &str) -> Option<Ordering> {
    if left == right {
        return Some(Ordering::Equal);
    }
    let padded = |version| {
        let mut numbers = Numbered::read(version)?.numbers;
        numbers.resize(3, 0);
        Some(numbers)
    };
    padded(left)?
        .partial_cmp(&padded(right)?)
        .filter(|order| *order != Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_version_keeps_its_prefix_and_suffix() {
        for (version, step, expected) in [
            ("v1.0.1", Step::Patch, Some("v1.0.2")),
            ("v1.0.9", Step::Minor, Some("v1.1.0")),
            ("1.2", Step::Major, Some("2.0.0")),
            ("1.2-bookworm", Step::Patch, Some("1.2.1-bookworm")),
            ("2024.01", Step::Patch, None),
            ("stable", Step::Patch, None),
            ("1.2.3.4", Step::Patch, None),
        ] {
            assert_eq!(next(version, step).as_deref(), expected, "{version}");
        }
    }

    #[test]
    fn versions_compare_by_their_numbers() {
        assert_eq!(compare("v1.0.9", "v1.0.10"), Some(Ordering::Less));
        assert_eq!(compare("v2", "v1.9"), Some(Ordering::Greater));
        assert_eq!(compare("v1.0.0-a", "v1.0.0-b"), None);
        assert_eq!(compare("stable", "v1"), None);
    }
}
