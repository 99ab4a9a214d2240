//! Ports, health check paths and package index URLs.

use std::fmt;

use super::invalid::{Grammar, InvalidValue, Refusal, no_correction, only, validated};
use super::url;

/// A TCP port from 1 to 65535.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(u16);

const PORT: Grammar<Port> = Grammar {
    what: "port",
    max_bytes: 20,
    read: |value| {
        let digits = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
        let number = value.parse::<u16>().ok().filter(|_| digits);
        number
            .map(Port)
            .ok_or_else(|| Refusal::new("must be a number from 1 to 65535"))
    },
    correct: no_correction,
};

impl Port {
    /// The port of this number, as YAML reads it.
    ///
    /// # Errors
    /// [`InvalidValue`] for 0 and for numbers above 65535.
    pub(crate) fn new(number: u64) -> Result<Self, InvalidValue> {
        Self::parse(&number.to_string())
    }

    /// Reads a decimal number without sign or leading zero.
    ///
    /// # Errors
    /// [`InvalidValue`] for anything else, and for numbers outside 1 to 65535.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        PORT.apply(value)
    }

    /// The port number, never 0.
    #[must_use]
    pub(crate) fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<u64> for Port {
    type Error = InvalidValue;

    fn try_from(number: u64) -> Result<Self, Self::Error> {
        Self::new(number)
    }
}

impl fmt::Display for Port {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

validated! {
    /// The path, with an optional query, that a health check asks a service for, such as
    /// `/healthz`.
    ///
    /// RFC 3986 `absolute-path ["?" query]` without fragment, at most 1,024 bytes: unreserved
    /// characters, percent escapes and `/ : @ & + , = ?`. The other sub-delimiters (quotes, `$`,
    /// `;`, brackets, `*`, `!`) are left out.
    HttpPath,
    Grammar {
        what: "health check path",
        max_bytes: 1024,
        read: check_http_path,
        correct: http_path_of,
    }
}

validated! {
    /// The URL of a package index for pip, such as `https://pypi.example.com/simple/`.
    ///
    /// `http` or `https`, at most 1,024 bytes, with a host, without user information and without a
    /// fragment.
    IndexUrl,
    Grammar {
        what: "index URL",
        max_bytes: 1024,
        read: |value| {
            url::check(value, &["https", "http"])?;
            only(value, |c| c != '#', "a URL without fragment")
        },
        correct: |value| format!("https://{value}"),
    }
}

fn check_http_path(value: &str) -> Result<(), Refusal> {
    if !value.starts_with('/') {
        return Err(Refusal::new("must begin with `/`"));
    }
    let is_allowed = |c: char| c != '#' && url::is_url_character(c);
    only(
        value,
        is_allowed,
        "letters, digits, percent escapes and `-._~:/?@&+,=`",
    )?;
    url::check_percent_escapes(value)
}

/// The path of a whole URL, or the value with a slash before it.
fn http_path_of(value: &str) -> String {
    let path = match value.split_once("://") {
        Some((_, location)) => location.split_once('/').map_or("", |(_, path)| path),
        None => value,
    };
    format!("/{path}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_run_from_1_to_65535() {
        assert_eq!(Port::new(1).unwrap().get(), 1);
        assert_eq!(Port::new(65535).unwrap().to_string(), "65535");
        for number in [0, 65536, 18_446_744_073_709_551_615] {
            assert_eq!(
                Port::new(number).unwrap_err().to_string(),
                "not a valid port: must be a number from 1 to 65535"
            );
        }
        for text in ["+80", "080", "8_0", " 80x", "\u{0668}"] {
            assert!(Port::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn health_check_path_is_an_absolute_path_with_optional_query() {
        for path in [
            "/",
            "/healthz",
            "/api/v1/health?deep=1&db=yes",
            "/a%20b",
            "/~x/@y:z",
        ] {
            assert_eq!(HttpPath::parse(path).unwrap().as_str(), path);
        }
        for path in [
            "/a b", "/a\"", "/a'", "/a\\", "/$HOME", "/a;id", "/a#b", "/a`id`", "/%", "/a\n",
            "/a\u{a0}",
        ] {
            assert!(HttpPath::parse(path).is_err(), "{path:?}");
        }
        for spelling in ["healthz", "http://localhost:8000/healthz"] {
            assert_eq!(
                HttpPath::parse(spelling).unwrap_err().suggestion(),
                Some("/healthz")
            );
        }
    }

    #[test]
    fn index_url_takes_no_credentials_and_names_where_they_go() {
        let invalid = IndexUrl::parse("https://user:secret@pypi.example.com/simple").unwrap_err();
        assert_eq!(
            invalid.to_string(),
            "not a valid index URL: must not hold a user name, password or token"
        );
        assert!(invalid.help().unwrap().contains("`secrets`"));
        assert!(!format!("{invalid} {:?}", invalid.help()).contains("secret@"));
    }

    #[test]
    fn index_url_is_http_with_a_host_and_no_fragment() {
        assert!(IndexUrl::parse("https://wheels.example.com/cpu").is_ok());
        for url in [
            "ftp://h/",
            "https://",
            "--index-url https://h",
            "https://h/#x",
            "https://h/ x",
        ] {
            assert!(IndexUrl::parse(url).is_err(), "{url}");
        }
        let invalid = IndexUrl::parse("wheels.example.com/cpu").unwrap_err();
        assert_eq!(invalid.suggestion(), Some("https://wheels.example.com/cpu"));
    }
}
