//! What a health check over HTTP asks, beside the path: the host that it names and the answers
//! that count.

use super::host;
use super::invalid::{Grammar, InvalidValue, Refusal, no_correction, text_traits, validated};

validated! {
    /// The value of a `Host` header: `host` or `host:port`.
    HttpHost,
    Grammar {
        what: "host",
        max_bytes: 253,
        read: host::check,
        correct: no_correction,
    }
}

/// Answers that say that a service is well: one status, or a class of them such as `2xx`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpStatus {
    /// A status from 100 to 599, or the first digit of a class.
    number: u16,
    text: String,
}

const STATUS: Grammar<u16> = Grammar {
    what: "status",
    max_bytes: 3,
    read: |value| {
        let class = value
            .strip_suffix("xx")
            .and_then(|class| class.parse().ok());
        let is_three = value.len() == 3 && value.bytes().all(|byte| byte.is_ascii_digit());
        let number = class.or_else(|| value.parse().ok().filter(|_| is_three));
        let is_known = |number: &u16| (1..=5).contains(number) || (100..=599).contains(number);
        let is_known = |number: &u16| is_known(number) && (*number > 5) == is_three;
        number.filter(is_known).ok_or_else(|| {
            Refusal::new("must be a status from 100 to 599, or a class such as `2xx`")
        })
    },
    correct: |value| value.to_ascii_lowercase(),
};

impl HttpStatus {
    /// Reads a status or a class of them.
    ///
    /// # Errors
    /// [`InvalidValue`] for anything else.
    pub(crate) fn parse(value: &str) -> Result<Self, InvalidValue> {
        Ok(Self {
            number: STATUS.apply(value)?,
            text: value.to_owned(),
        })
    }

    /// The text as it was declared.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// The first digit of a class; nothing for a single status.
    #[must_use]
    pub(crate) fn class(&self) -> Option<u16> {
        Some(self.number).filter(|number| *number < 100)
    }
}

text_traits!(HttpStatus);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_three_digits_or_a_class() {
        assert_eq!(HttpStatus::parse("204").unwrap().class(), None);
        assert_eq!(HttpStatus::parse("3xx").unwrap().class(), Some(3));
        for bad in [
            "", "2", "20", "099", "600", "2000", "0xx", "6xx", "xx", "+20", "2XX",
        ] {
            assert!(HttpStatus::parse(bad).is_err(), "{bad}");
        }
        assert_eq!(
            HttpStatus::parse("2XX").unwrap_err().suggestion(),
            Some("2xx")
        );
    }

    #[test]
    fn a_host_has_no_quote_that_a_program_could_end_at() {
        assert!(HttpHost::parse("shop.example.com:8443").is_ok());
        for bad in ["", "a'b", "a b", "a/b", "a\\b"] {
            assert!(HttpHost::parse(bad).is_err(), "{bad}");
        }
    }
}
