//! What an environment marker decides in an image: Linux, `CPython`, a known Python version.
//!
//! Three answers, since images are built for more than one architecture: yes, no, and it depends.

use std::str::FromStr;

use pep440_rs::{Version, VersionSpecifier};

use crate::values::PythonVersion;

/// What is known about where a marker is to hold.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) python: &'a PythonVersion,
    /// The architecture as Python names it, such as `aarch64`.
    pub(super) machine: Option<&'a str>,
}

/// Whether a comparison holds at a place; nothing where that depends on what is not known.
pub(super) fn compare(
    variable: &str,
    comparison: &str,
    text: &str,
    place: Place<'_>,
) -> Option<bool> {
    let known = match variable {
        "python_version" => {
            return compare_version(
                &Version::new([3, u64::from(place.python.minor())]),
                comparison,
                text,
            );
        }
        "python_full_version" | "implementation_version" => {
            return compare_full(comparison, text, place.python);
        }
        "platform_machine" | "platform.machine" => place.machine?,
        "os_name" | "os.name" => "posix",
        "sys_platform" | "sys.platform" => "linux",
        "platform_system" => "Linux",
        "platform_python_implementation"
        | "platform.python_implementation"
        | "python_implementation" => "CPython",
        "implementation_name" => "cpython",
        "extra" => "",
        _ => return None,
    };
    match comparison {
        "==" | "===" => Some(known == text),
        "!=" => Some(known != text),
        "in" => Some(text.contains(known)),
        "not in" => Some(!text.contains(known)),
        _ => None,
    }
}

/// The full version is known to its patch only where the fleet says so; otherwise the first and the
/// last patch must agree.
fn compare_full(comparison: &str, text: &str, python: &PythonVersion) -> Option<bool> {
    let minor = u64::from(python.minor());
    let of = |patch: u64| compare_version(&Version::new([3, minor, patch]), comparison, text);
    match python.patch() {
        Some(patch) => of(u64::from(patch)),
        None => of(0).filter(|first| of(99) == Some(*first)),
    }
}

fn compare_version(version: &Version, comparison: &str, text: &str) -> Option<bool> {
    if comparison == "in" || comparison == "not in" {
        let listed = text
            .split([' ', ','])
            .any(|one| Version::from_str(one).is_ok_and(|one| one == *version));
        return Some(listed == (comparison == "in"));
    }
    VersionSpecifier::from_str(&format!("{comparison}{text}"))
        .ok()
        .map(|specifier| specifier.contains(version))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::values::requirement::marker::decided;

    fn holds(marker: &str, python: &PythonVersion, machine: Option<&str>) -> Option<bool> {
        decided(marker, Some(Place { python, machine })).unwrap()
    }

    #[test]
    fn markers_are_decided_for_linux_and_a_python_version() {
        let python = PythonVersion::parse("3.12").unwrap();
        for (marker, expected) in [
            ("python_version >= '3.8'", Some(true)),
            ("python_version < \"3.11\"", Some(false)),
            ("'3.11' > python_version", Some(false)),
            ("python_version in '3.11 3.12'", Some(true)),
            ("python_full_version < '3.12.4'", None),
            ("python_full_version >= '3.11.2'", Some(true)),
            ("sys_platform == 'win32'", Some(false)),
            (
                "sys_platform == 'win32' or python_version > '3'",
                Some(true),
            ),
            ("platform_machine == 'x86_64'", None),
            (
                "platform_machine == 'x86_64' and os_name == 'nt'",
                Some(false),
            ),
            (
                "(platform_machine == 'x86_64' or os_name == 'posix') and extra == ''",
                Some(true),
            ),
            ("extra == 'test'", Some(false)),
            ("platform_system not in 'Windows Darwin'", Some(true)),
        ] {
            assert_eq!(holds(marker, &python, None), expected, "{marker}");
        }
        let marker = "platform_machine == 'x86_64' and python_full_version < '3.13'";
        assert_eq!(holds(marker, &python, Some("x86_64")), Some(true));
        assert_eq!(holds(marker, &python, Some("aarch64")), Some(false));
    }
}
