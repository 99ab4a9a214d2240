//! Build platforms.

use super::invalid::{Grammar, Refusal, no_correction, only, validated};

validated! {
    /// A platform that images are built for, such as `linux/amd64` or `linux/arm/v7`.
    ///
    /// Operating system, architecture and an optional variant as containerd's platforms package
    /// reads them, in the normal form that `docker buildx inspect` prints: lower-case letters,
    /// digits and dots between slashes. (containerd also takes other spellings, such as `aarch64`;
    /// one spelling each keeps the outputs comparable.)
    Platform,
    Grammar {
        what: "platform",
        max_bytes: 64,
        read: check_platform,
        correct: no_correction,
    }
}

fn check_platform(value: &str) -> Result<(), Refusal> {
    let is_allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '/' | '.');
    only(value, is_allowed, "lower-case letters, digits, `.` and `/`")?;
    let parts: Vec<&str> = value.split('/').collect();
    if !(2..=3).contains(&parts.len())
        || parts
            .iter()
            .any(|part| part.is_empty() || part.starts_with('.'))
    {
        return Err(Refusal::new(
            "must be an operating system and an architecture, such as `linux/arm64`",
        ));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn platforms_have_two_or_three_parts() {
        for good in [
            "linux/amd64",
            "linux/arm64",
            "linux/arm/v7",
            "linux/riscv64",
        ] {
            assert!(Platform::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "amd64",
            "linux/",
            "linux/amd64/v2/x",
            "Linux/amd64",
            "linux/amd64,linux/arm64",
            "linux/${X}",
        ] {
            assert!(Platform::parse(bad).is_err(), "{bad}");
        }
    }
}
