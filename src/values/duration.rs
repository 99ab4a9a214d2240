//! Durations as a Dockerfile writes them.

use super::invalid::{Grammar, InvalidValue, Refusal, text_traits};

/// A duration for `HEALTHCHECK`, such as `30s`, `1m30s` or `500ms`.
///
/// A subset of what Go's `time.ParseDuration` reads: whole numbers with the units `h`, `m`, `s` and
/// `ms`, each at most once and the larger before the smaller. From 1 millisecond, Docker's minimum,
/// to 24 hours. Durations compare, and print, by their length: `1m30s` is `90s`, since one number
/// with one unit is what every reader of Dockerfiles takes (hadolint refuses `1m30s`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration {
    milliseconds: u64,
    text: Box<str>,
}

/// The units from large to small, with their length in milliseconds.
const UNITS: [(&str, u64); 4] = [("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1)];

const MAX_MILLISECONDS: u64 = 24 * 3_600_000;

const DURATION: Grammar<u64> = Grammar {
    what: "duration",
    max_bytes: 32,
    read: |value| {
        let milliseconds = read_milliseconds(value).ok_or_else(|| {
            Refusal::new(
                "must be whole numbers with the units h, m, s and ms, such as `30s` or `1m30s`",
            )
        })?;
        if (1..=MAX_MILLISECONDS).contains(&milliseconds) {
            return Ok(milliseconds);
        }
        Err(Refusal::new("must be from 1ms to 24h"))
    },
    correct: |value| {
        let compact = value.replace(' ', "").to_ascii_lowercase();
        let is_number = compact.bytes().all(|byte| byte.is_ascii_digit());
        if is_number {
            format!("{compact}s")
        } else {
            compact
        }
    },
};

impl Duration {
    /// Reads such a duration.
    ///
    /// # Errors
    /// [`InvalidValue`] for anything else, and for durations outside 1 millisecond to 24 hours.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        let milliseconds = DURATION.apply(value)?;
        Ok(Self {
            milliseconds,
            text: canonical(milliseconds).into(),
        })
    }

    /// The same, and also no time at all: a start period may be `0s`.
    ///
    /// # Errors
    /// As [`Duration::parse`].
    pub fn parse_or_zero(value: &str) -> Result<Self, InvalidValue> {
        if read_milliseconds(value) == Some(0) && !value.is_empty() {
            return Ok(Self {
                milliseconds: 0,
                text: canonical(0).into(),
            });
        }
        Self::parse(value)
    }

    /// The canonical spelling: one number with the largest unit that leaves no rest.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The length in milliseconds.
    #[must_use]
    pub fn as_millis(&self) -> u64 {
        self.milliseconds
    }
}

text_traits!(Duration);

/// The sum of the numbers, each with a unit smaller than the one before.
fn read_milliseconds(value: &str) -> Option<u64> {
    let mut rest = value;
    let mut sum = 0_u64;
    let mut units = UNITS.iter();
    while !rest.is_empty() {
        let (number, after) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
        let (unit, after) = after.split_at(
            after
                .find(|c: char| c.is_ascii_digit())
                .unwrap_or(after.len()),
        );
        let &(_, milliseconds) = units.find(|(name, _)| *name == unit)?;
        sum = sum.checked_add(number.parse::<u64>().ok()?.checked_mul(milliseconds)?)?;
        rest = after;
    }
    Some(sum)
}

/// The canonical spelling of a length: one number with the largest unit that leaves no rest.
#[must_use]
pub(crate) fn canonical(milliseconds: u64) -> String {
    let is_even = |length: u64| milliseconds.is_multiple_of(length);
    let even = UNITS.iter().find(|(_, length)| is_even(*length));
    match even {
        Some((unit, length)) if milliseconds > 0 => format!("{}{unit}", milliseconds / length),
        _ => "0s".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_their_length_and_one_spelling() {
        for (written, milliseconds, canonical) in [
            ("30s", 30_000, "30s"),
            ("1m30s", 90_000, "90s"),
            ("90s", 90_000, "90s"),
            ("500ms", 500, "500ms"),
            ("0s1ms", 1, "1ms"),
            ("24h", 86_400_000, "24h"),
            ("60m", 3_600_000, "1h"),
            ("1h1m1s1ms", 3_661_001, "3661001ms"),
        ] {
            let duration = Duration::parse(written).unwrap();
            assert_eq!(
                (duration.as_millis(), duration.as_str()),
                (milliseconds, canonical)
            );
        }
        assert_eq!(Duration::parse("90s"), Duration::parse("1m30s"));
    }

    #[test]
    fn what_docker_would_refuse_or_read_differently_is_refused() {
        for text in [
            "",
            "0",
            "0s",
            "0ms",
            "30",
            "s",
            "-1s",
            "+1s",
            "1.5s",
            "1d",
            "1us",
            "1s1m",
            "1s1s",
            "1ms1s",
            "30 s",
            "30S",
            "25h",
            "24h1ms",
            "99999999999999999999h",
            "1s\n",
            "\u{663}s",
        ] {
            assert!(Duration::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn no_time_at_all_is_read_where_it_is_asked_for() {
        for text in ["0s", "0ms", "0m0s"] {
            let none = Duration::parse_or_zero(text).unwrap();
            assert_eq!((none.as_millis(), none.as_str()), (0, "0s"));
        }
        assert_eq!(Duration::parse_or_zero("5s"), Duration::parse("5s"));
        for text in ["", "0", "-1s"] {
            assert!(Duration::parse_or_zero(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn bare_number_is_corrected_to_seconds() {
        for text in ["30", "30 s", "30S"] {
            assert_eq!(Duration::parse(text).unwrap_err().suggestion(), Some("30s"));
        }
    }
}
