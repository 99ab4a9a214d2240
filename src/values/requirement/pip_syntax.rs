//! What pip reads in a line before, or in place of, a requirement.

use crate::values::invalid::{Refusal, shown};

/// What the names of archives end with for pip.
const ARCHIVES: [&str; 12] = [
    ".whl",
    ".zip",
    ".tar",
    ".tar.gz",
    ".tgz",
    ".tar.bz2",
    ".tbz",
    ".tar.xz",
    ".txz",
    ".tar.lz",
    ".tlz",
    ".tar.lzma",
];

/// Refuses what pip reads in a requirements file before it reads a requirement, what it installs
/// without a name, and characters that no requirement needs.
pub(super) fn refuse(text: &str) -> Result<(), Refusal> {
    refuse_lines(text)?;
    refuse_characters(text)?;
    refuse_bare_location(text)
}

/// Refuses options, comments and environment variables (pip, Requirements File Format).
fn refuse_lines(text: &str) -> Result<(), Refusal> {
    if text.starts_with('-') || text.contains(" -") {
        return Err(Refusal::new("must be one requirement, without pip options")
            .advise("declare indexes under `index_urls`, and list what an included file holds"));
    }
    if text.starts_with('#') || text.contains(" #") {
        return Err(Refusal::new(
            "must not hold a comment, which begins with `#` after a blank",
        ));
    }
    if text.contains('$') {
        return Err(
            Refusal::new("must not hold `$`, with which pip reads environment variables")
                .advise("pass what differs between builds as a build argument or secret"),
        );
    }
    Ok(())
}

fn refuse_characters(text: &str) -> Result<(), Refusal> {
    let is_plain = |c: char| (c.is_ascii_graphic() || c == ' ') && !matches!(c, '\\' | '`');
    match text.chars().find(|&character| !is_plain(character)) {
        Some(character) => Err(Refusal::new(format!(
            "may hold only printable ASCII without backslash and backquote, not {}",
            shown(character)
        ))),
        None => Ok(()),
    }
}

/// Refuses a path or URL alone, which pip installs without knowing the name beforehand.
fn refuse_bare_location(text: &str) -> Result<(), Refusal> {
    let is_scheme = |before: &str| {
        before
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '+')
    };
    let is_url = text
        .split_once("://")
        .is_some_and(|(before, _)| is_scheme(before));
    if is_url || text.starts_with(['.', '/']) {
        return Err(Refusal::new(
            "must begin with the name of a distribution, not with its path or URL",
        )
        .advise("write the name first, as in `name @ https://host.example/name.whl`"));
    }
    Ok(())
}

/// Refuses a name that pip takes for a local file (its archive extensions).
pub(super) fn refuse_archive(name: &str) -> Result<(), Refusal> {
    let is_archive = |lower: String| ARCHIVES.iter().any(|extension| lower.ends_with(extension));
    if name.contains('.') && is_archive(name.to_ascii_lowercase()) {
        return Err(
            Refusal::new("must name a distribution, not an archive file")
                .advise("write the name first, as in `name @ file:///wheels/name.whl`"),
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_mean_more_than_one_requirement_are_refused() {
        for text in [
            "-e .",
            "a --hash=x",
            "# x",
            "a # x",
            "a==$V",
            "./a",
            "/a",
            "../a",
            "git+https://h/a",
        ] {
            assert!(refuse(text).is_err(), "{text}");
        }
        for text in [
            "a",
            "a-b>=1",
            "a @ https://h/a#sha256=0",
            "a; os_name == 'it'",
        ] {
            assert!(refuse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn archives_are_told_by_their_extension() {
        assert!(refuse_archive("a-1.0.TAR.GZ").is_err());
        assert!(refuse_archive("zip").is_ok());
    }
}
