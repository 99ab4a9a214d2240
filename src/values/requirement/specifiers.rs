//! The versions that a requirement accepts.

use std::str::FromStr;

use pep440_rs::{VersionSpecifier, VersionSpecifiers};

use super::marker;
use crate::values::invalid::Refusal;

/// Where the distribution comes from.
#[derive(Debug)]
pub(super) enum Source {
    /// The index, in the versions that every specifier accepts, as they were declared.
    Index(Box<str>),
    /// A URL.
    Url(Box<str>),
}

/// Version specifiers, in parentheses or not, and the marker.
pub(super) fn read_specifiers(text: &str) -> Result<(Source, Option<&str>), Refusal> {
    let end = text.find(';').unwrap_or(text.len());
    let (declared, rest) = text.split_at(end);
    if !rest.is_empty() && declared.contains("===") && !declared.ends_with(' ') {
        return Err(Refusal::new(
            "must have a blank between a version after `===` and the `;` of its marker",
        ));
    }
    let declared = declared.trim_matches(' ');
    versions(declared)?;
    let marker = read_marker(rest, "must have a marker after `;`")?;
    Ok((Source::Index(declared.into()), marker))
}

/// The specifiers of a text, in parentheses or not.
pub(super) fn versions(declared: &str) -> Result<VersionSpecifiers, Refusal> {
    match declared
        .strip_prefix('(')
        .map(|inside| inside.strip_suffix(')'))
    {
        Some(Some(inside)) if inside.trim_matches(' ').is_empty() => Err(Refusal::new(
            "must have versions between `(` and `)`, without which older releases of pip \
                 refuse it",
        )),
        Some(Some(inside)) if inside.contains("===") && !inside.ends_with(' ') => Err(
            Refusal::new("must have a version after `===` without parentheses"),
        ),
        Some(Some(inside)) => read_list(inside.trim_matches(' ')),
        Some(None) => Err(Refusal::new(
            "must have a `)` for the `(` before its versions",
        )),
        None => read_list(declared),
    }
}

/// The marker of a requirement, where what is left of it is one.
pub(super) fn read_marker<'a>(
    text: &'a str,
    otherwise: &'static str,
) -> Result<Option<&'a str>, Refusal> {
    let text = text.trim_start_matches(' ');
    match text.strip_prefix(';') {
        Some(marker) => marker::decided(marker, None).map(|_| Some(marker)),
        None if text.is_empty() => Ok(None),
        None => Err(Refusal::new(otherwise)),
    }
}

/// Specifiers separated by commas. A comma after the last is refused: pip reads it only since its
/// release 22.3.
fn read_list(list: &str) -> Result<VersionSpecifiers, Refusal> {
    if list.is_empty() {
        return Ok(VersionSpecifiers::empty());
    }
    if list.ends_with(',') {
        return Err(Refusal::new(
            "must not have a comma after the last version, which older releases of pip refuse",
        ));
    }
    let specifiers = list.split(',').map(|specifier| specifier.trim_matches(' '));
    if list.contains(',')
        && specifiers
            .clone()
            .any(|specifier| specifier.starts_with("==="))
    {
        // `packaging` reads the comma and what follows it as part of the version, but only without
        // a blank.
        return Err(Refusal::new(
            "must not compare with `===` and something else besides",
        ));
    }
    specifiers.map(read_specifier).collect()
}

fn read_specifier(specifier: &str) -> Result<VersionSpecifier, Refusal> {
    if !specifier.starts_with(['=', '!', '~', '<', '>']) {
        return Err(Refusal::new(
            "must have a comparison such as `==` or `>=` before every version",
        ));
    }
    if specifier.starts_with("~=")
        && ["alpha", "beta", "preview"]
            .iter()
            .any(|word| specifier.contains(word))
    {
        return Err(Refusal::new(
            "must have `a`, `b` or `rc` for a pre-release after `~=`, as older releases of pip \
             read it",
        ));
    }
    VersionSpecifier::from_str(specifier).map_err(|_| {
        Refusal::new(
            "must have versions as PEP 440 writes them, such as `>=1.2,<2`, `==1.2.*` or `~=1.4.2`",
        )
    })
}
