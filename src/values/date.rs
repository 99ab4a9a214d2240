//! Days of the calendar.

use super::invalid::{Grammar, InvalidValue, Refusal, no_correction, text_traits};

/// A day such as `2026-12-31`, in the extended format of ISO 8601. Ordered as days are.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(String);

const DATE: Grammar<()> = Grammar {
    what: "date",
    max_bytes: 10,
    read: |value| {
        is_day(value)
            .ok_or_else(|| Refusal::new("must be a day of the calendar, such as `2026-12-31`"))
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

    /// A day of the calendar.
    #[must_use]
    pub(crate) fn of(day: time::Date) -> Self {
        Self(format!(
            "{:04}-{:02}-{:02}",
            day.year(),
            u8::from(day.month()),
            day.day()
        ))
    }

    /// The day as it was written.
    #[must_use]
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

text_traits!(Date);

fn is_day(value: &str) -> Option<()> {
    let mut numbers = value.split('-');
    let mut number = |digits: usize| {
        let text = numbers.next()?;
        let is_number = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then_some(text)
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let month = time::Month::try_from(month.parse::<u8>().ok()?).ok()?;
    let day = day.parse().ok()?;
    time::Date::from_calendar_date(year.parse().ok()?, month, day).ok()?;
    numbers.next().is_none().then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_calendar_is_written_as_it_is_read() {
        let day = time::Date::from_calendar_date(987, time::Month::March, 4).unwrap();
        assert_eq!(Date::of(day), Date::parse("0987-03-04").unwrap());
    }

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
