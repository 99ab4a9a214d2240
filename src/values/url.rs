//! URLs as package indexes and direct requirements write them.

use super::host;
use super::invalid::{Refusal, only};

const CREDENTIALS: &str =
    "pass credentials as a build secret, declared under `secrets`, and keep the URL without them";

/// Checks a URL against RFC 3986, narrowed to what is safe in a Dockerfile, a shell word and a pip
/// file.
///
/// The scheme is one of `schemes`, in lower case; the host is not empty except under `file`; the
/// rest is the unreserved characters, percent escapes and `/ : @ & + , = ? #`. User information is
/// refused, since it would stand in every layer's history, except the bare user name that `ssh`
/// addresses begin with.
pub(crate) fn check(value: &str, schemes: &[&str]) -> Result<(), Refusal> {
    let Some((scheme, rest)) = value.split_once("://") else {
        return Err(Refusal::new(format!(
            "must begin with {}",
            begin_with(schemes)
        )));
    };
    let (authority, _) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let location = without_user(scheme, authority)?;
    check_characters(value, location)?;
    if !schemes.contains(&scheme) {
        return Err(Refusal::new(format!(
            "must begin with {}",
            begin_with(schemes)
        )));
    }
    if location.is_empty() && is_local(scheme) {
        return Ok(());
    }
    if location.is_empty() {
        return Err(Refusal::new("must name a host after `://`"));
    }
    host::check(location)
}

fn begin_with(schemes: &[&str]) -> String {
    schemes
        .iter()
        .map(|scheme| format!("`{scheme}://`"))
        .collect::<Vec<_>>()
        .join(" or ")
}

fn is_local(scheme: &str) -> bool {
    scheme == "file" || scheme.ends_with("+file")
}

fn without_user<'a>(scheme: &str, authority: &'a str) -> Result<&'a str, Refusal> {
    let Some((user, location)) = authority.rsplit_once('@') else {
        return Ok(authority);
    };
    let is_name = !user.is_empty()
        && user
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    if is_name && (scheme == "ssh" || scheme.ends_with("+ssh")) {
        return Ok(location);
    }
    Err(Refusal::new("must not hold a user name, password or token").advise(CREDENTIALS))
}

fn check_characters(value: &str, location: &str) -> Result<(), Refusal> {
    let allowed = "letters, digits, percent escapes and `-._~:/?#@&+,=`";
    // Brackets belong to an IPv6 address alone, which the host rule reads.
    let outside_host = if location.starts_with('[') {
        value.replacen(location, "", 1)
    } else {
        value.to_owned()
    };
    only(&outside_host, is_url_character, allowed)?;
    check_percent_escapes(&outside_host)
}

/// Checks that every `%` begins a percent escape (RFC 3986, section 2.1).
pub(crate) fn check_percent_escapes(value: &str) -> Result<(), Refusal> {
    let is_escape = |rest: &str| rest.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
    if value.split('%').skip(1).all(is_escape) {
        return Ok(());
    }
    Err(Refusal::new(
        "must have two hexadecimal digits after every `%`",
    ))
}

/// Whether RFC 3986 allows the character in a path or query and no shell, Dockerfile or pip file
/// gives it a meaning inside quotes.
pub(crate) fn is_url_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || "-._~:/?#@&+,=%".contains(character)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCHEMES: &[&str] = &["https", "http", "file", "git+ssh", "git+https"];

    #[test]
    fn urls_of_indexes_wheels_and_repositories_are_accepted() {
        for url in [
            "https://pypi.example.com/simple/",
            "http://localhost:3141/root/pypi/+simple/",
            "https://[2001:db8::1]:8080/simple",
            "https://host.example/whl/torch-2.1.0%2Bcu118-cp310-cp310-linux_x86_64.whl#sha256=ab12",
            "git+ssh://git@git.example.com/harkon/libs.git@v1.2#egg=libs&subdirectory=py",
            "git+https://git.example.com/harkon/libs.git@v1.2",
            "file:///wheels/libs-1.0-py3-none-any.whl",
        ] {
            assert!(check(url, SCHEMES).is_ok(), "{url}");
        }
    }

    #[test]
    fn credentials_are_refused_with_the_way_to_pass_them() {
        for url in [
            "https://user:pa$$word@pypi.example.com/simple",
            "https://token@pypi.example.com/simple",
            "https://@pypi.example.com/simple",
            "git+ssh://git:password@git.example.com/x",
            "git+https://git@git.example.com/x",
        ] {
            let refusal = check(url, SCHEMES).unwrap_err();
            assert!(format!("{refusal:?}").contains("under `secrets`"), "{url}");
        }
    }

    #[test]
    fn what_could_end_the_word_or_the_line_is_refused() {
        for url in [
            "https://h/a b",
            "https://h/a\nb",
            "https://h/a\"b",
            "https://h/a'b",
            "https://h/$a",
            "https://h/a;b",
            "https://h/`a`",
            "https://h\\@evil/",
            "https://h/\u{202e}",
            "https://h/a%2",
            "https://h/a%zz",
            "https://h/[a]",
        ] {
            assert!(check(url, SCHEMES).is_err(), "{url:?}");
        }
    }

    #[test]
    fn scheme_and_host_must_be_there() {
        for url in [
            "h/a",
            "//h/a",
            "ftp://h/a",
            "HTTPS://h/a",
            "https://",
            "https:///a",
            "https://:80/a",
        ] {
            assert!(check(url, SCHEMES).is_err(), "{url}");
        }
    }
}
