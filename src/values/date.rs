//! Days of the calendar.

use super::invalid::{Grammar, InvalidValue, Refusal, no_correction, text_traits};

/// A day such as `2026-12-31`, in the extended format of ISO 8601. Ordered as days are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(String);

const DATE: Grammar<()> = Grammar {
    what: "date",
    max_bytes: 10,
    read: |value| {
        let is_day =
            parts(value).is_some_and(|(year, month, day)| day >= 1 && day <= days_of(year, month));
        if is_day {
            Ok(())
        } else {
            Err(Refusal::new(
                "must be a day of the calendar, such as `2026-12-31`",
            ))
        }
    },
    correct: no_correction,
};

impl Date {
    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// [`InvalidValue`] for anything else, and for days that no calendar has.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        DATE.apply(value).map(|()| Self(value.to_owned()))
    }

    /// The day as it was written.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

text_traits!(Date);

fn parts(value: &str) -> Option<(u16, u16, u16)> {
    let mut numbers = value.split('-');
    let mut number = |digits: usize| {
        let text = numbers.next()?;
        let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_number { text.parse().ok() } else { None }
    };
    let parts = (number(4)?, number(2)?, number(2)?);
    numbers.next().is_none().then_some(parts)
}

fn days_of(year: u16, month: u16) -> u16 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if is_leap => 29,
        2 => 28,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_days_of_the_calendar_are_read_and_they_are_ordered() {
        for day in ["2026-12-31", "2024-02-29", "2000-02-29"] {
            assert!(Date::parse(day).is_ok(), "{day}");
        }
        for text in [
            "2026-02-29",
            "1900-02-29",
            "2026-13-01",
            "2026-00-10",
            "2026-1-1",
            "26-01-01",
            "2026-01-01x",
            "",
        ] {
            assert!(Date::parse(text).is_err(), "{text}");
        }
        assert!(Date::parse("2026-09-30").unwrap() < Date::parse("2026-10-01").unwrap());
    }
}
