//! What a requirement that was refused was probably meant to be.

/// The requirement before a comment, with `==` for a single `=`, and its versions without
/// parentheses and last comma.
pub(super) fn correct(value: &str) -> String {
    let text = value
        .split(" #")
        .next()
        .expect("a split has a first part")
        .trim();
    if let Some((name, url)) = text
        .split_once("://")
        .filter(|(before, _)| before.contains('@'))
    {
        let path = url.trim_start_matches('/');
        let host = if name.ends_with("+file") {
            "localhost"
        } else {
            ""
        };
        return if url.starts_with('/') {
            format!("{name}://{host}/{path}")
        } else {
            text.to_owned()
        };
    }
    let (declared, marker) = text.split_at(text.find(';').unwrap_or(text.len()));
    let marker = with_single_blanks(marker);
    let marker = if declared.contains("===") && marker.starts_with(';') {
        format!(" {marker}")
    } else {
        marker
    };
    let declared = match declared
        .trim_end()
        .strip_suffix(')')
        .and_then(|rest| rest.split_once('('))
    {
        Some((name, versions)) => format!("{}{}", name.trim_end(), without_last_comma(versions)),
        None => without_last_comma(declared).to_owned(),
    };
    match declared.split_once('=') {
        Some((name, version)) if is_single_equals(name, version) => {
            format!("{}=={}{marker}", name.trim(), version.trim())
        }
        _ => match declared.find("~=") {
            Some(at) => format!(
                "{}{}{marker}",
                &declared[..at],
                with_short_words(&declared[at..])
            ),
            None => declared + &marker,
        },
    }
}

/// Versions with the short words for pre-releases.
fn with_short_words(versions: &str) -> String {
    versions
        .replace("alpha", "a")
        .replace("beta", "b")
        .replace("preview", "rc")
}

fn without_last_comma(versions: &str) -> &str {
    versions.trim().trim_end_matches([',', ' '])
}

/// A marker with one blank between `not` and `in`.
fn with_single_blanks(marker: &str) -> String {
    let Some((before, after)) = marker.split_once("not  ") else {
        return marker.to_owned();
    };
    format!("{before}not {}", after.trim_start())
}

fn is_single_equals(before: &str, after: &str) -> bool {
    before.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | ']'))
        && !after.starts_with('=')
}
