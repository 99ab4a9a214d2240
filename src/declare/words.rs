//! Bare scalars that one reader of YAML takes for text and another for a boolean, a number, a date
//! or nothing: where text belongs, quotes say which is meant.
//!
//! YAML 1.1 has more such words than 1.2: `no`, `on`, `012`, `1_000`, `12:30`, `2024-01-01`. The
//! loader follows 1.2, so `locks: no` would be the folder named `no`.

use super::json_schema::TextPlaces;
use super::locate::SpanTree;
use crate::diagnostic::{DeclPath, Diagnostic, FINDINGS_LIMIT, Location, Spot, Step, code};

/// What a bare scalar is to some reader of YAML.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reading {
    Yes,
    No,
    Nothing,
    Number,
    Date,
}

impl Reading {
    /// How a reader of YAML 1.1 or 1.2 takes a bare scalar; `None` where all take it for text.
    fn of(scalar: &str) -> Option<Self> {
        if let Some(word) = word(scalar) {
            return Some(word);
        }
        let first = *scalar.as_bytes().first()?;
        if !first.is_ascii_digit() && !matches!(first, b'.' | b'+' | b'-') {
            return None;
        }
        if is_date(scalar) {
            return Some(Self::Date);
        }
        is_number(scalar).then_some(Self::Number)
    }

    fn noun(self) -> &'static str {
        match self {
            Self::Yes | Self::No => "a boolean",
            Self::Nothing => "no value at all",
            Self::Number => "a number",
            Self::Date => "a date",
        }
    }
}

/// The readings of words, each as it is written in lower case, with a capital and in upper case.
fn word(scalar: &str) -> Option<Reading> {
    const WORDS: [(&str, Reading); 10] = [
        ("y", Reading::Yes),
        ("yes", Reading::Yes),
        ("on", Reading::Yes),
        ("true", Reading::Yes),
        ("n", Reading::No),
        ("no", Reading::No),
        ("off", Reading::No),
        ("false", Reading::No),
        ("null", Reading::Nothing),
        ("~", Reading::Nothing),
    ];
    let rest = scalar.get(1..).filter(|_| scalar.len() <= 5);
    let is_one_case = |rest: &str| {
        rest.bytes().all(|byte| byte.is_ascii_lowercase()) || scalar.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    if scalar != "~" && !rest.is_some_and(is_one_case) {
        return None;
    }
    WORDS.iter().find(|(word, _)| word.eq_ignore_ascii_case(scalar)).map(|(_, reading)| *reading)
}

fn unsigned(scalar: &str) -> &str {
    scalar.strip_prefix(['+', '-']).unwrap_or(scalar)
}

fn is_number(scalar: &str) -> bool {
    let number = unsigned(scalar);
    let infinite = [".inf", ".Inf", ".INF", ".nan", ".NaN", ".NAN"];
    infinite.contains(&number) || is_radix(number) || is_base_60(number) || is_decimal(number)
}

/// `0x1F`, `0o17`, `0b1_0`.
fn is_radix(number: &str) -> bool {
    let Some((prefix, digits)) = number.split_at_checked(2) else { return false };
    let radix = match prefix {
        "0x" => 16,
        "0o" => 8,
        "0b" => 2,
        _ => return false,
    };
    !digits.is_empty() && digits.chars().all(|digit| digit == '_' || digit.is_digit(radix))
}

/// `12:30`, `1:30:00.5`.
fn is_base_60(number: &str) -> bool {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let mut places = whole.split(':');
    let is_place = |place: &str| {
        let is_short = matches!(place.as_bytes(), [_] | [b'0'..=b'5', _]);
        is_short && place.bytes().all(|byte| byte.is_ascii_digit())
    };
    places.next().is_some_and(starts_with_digits) && whole.contains(':') && places.all(is_place) && is_digits(fraction)
}

/// `012`, `1_000.5`, `.5`, `1e3`.
fn is_decimal(number: &str) -> bool {
    let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let exponent = unsigned(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let has_digit = mantissa.bytes().any(|byte| byte.is_ascii_digit());
    (whole.is_empty() || starts_with_digits(whole))
        && has_digit
        && is_digits(fraction)
        && !exponent.is_empty()
        && exponent.bytes().all(|byte| byte.is_ascii_digit())
}

fn starts_with_digits(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_digit()) && is_digits(text)
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
}

/// `2024-01-01`, alone or with a time.
fn is_date(scalar: &str) -> bool {
    let end = scalar.find(['T', 't', ' ', '\t']).unwrap_or(scalar.len());
    let (date, time) = scalar.split_at(end);
    let is_length = |part: &str, position: usize| {
        if position == 0 { part.len() == 4 } else { (1..=2).contains(&part.len()) }
    };
    let parts: Vec<&str> = date.split('-').collect();
    let has_form =
        |(position, part): (usize, &&str)| is_length(part, position) && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3
        && parts.iter().enumerate().all(has_form)
        && (time.is_empty() || time.contains(':'))
        && time.bytes().all(|byte| byte.is_ascii_digit() || b"Tt \tZz:.+-".contains(&byte))
}

/// Whether a bare value could be read in two ways without the loader saying so where it belongs to a
/// text: what it takes for a number or a boolean itself, it refuses there.
pub(super) fn is_doubtful_value(scalar: &str, is_until: bool) -> bool {
    match Reading::of(scalar) {
        Some(Reading::Number) => !is_plain_number(scalar),
        Some(Reading::Date) => !is_until,
        Some(Reading::Yes) => !scalar.eq_ignore_ascii_case("true"),
        Some(Reading::No) => !scalar.eq_ignore_ascii_case("false"),
        reading => reading.is_some(),
    }
}

/// Whether a bare key could be read in two ways. The loader takes every key for text.
pub(super) fn is_doubtful_key(scalar: &str) -> bool {
    Reading::of(scalar).is_some()
}

/// Whether a number is one to every reader, such as `8000` or `3.10`.
fn is_plain_number(scalar: &str) -> bool {
    let number = unsigned(scalar);
    let has_leading_zero = number.starts_with('0') && number.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
    !has_leading_zero && number.parse::<f64>().is_ok_and(f64::is_finite)
}

/// What is wrong with doubtful scalars, given by the bytes at which they begin, in order: those in
/// the place of a text, and all keys.
pub(super) fn misread(file: &str, text: &str, starts: &[usize]) -> Vec<Diagnostic> {
    if starts.is_empty() {
        return Vec::new();
    }
    let (tree, places) = (SpanTree::of(text), TextPlaces::default());
    let doubtful = |spot: Spot| {
        let (start, end) = tree.range(&spot);
        misread_at(file, text.get(start..end)?.trim_end(), &spot, (&places, None))
    };
    tree.scalars_at(starts).into_iter().filter_map(doubtful).take(FINDINGS_LIMIT).collect()
}

/// What is wrong with a bare scalar at a place, which is read in a way; `None` where it can stand
/// there, or not even in quotes.
pub(super) fn misread_at(
    file: &str,
    written: &str,
    spot: &Spot,
    (places, read): (&TextPlaces, Option<&str>),
) -> Option<Diagnostic> {
    let reading = Reading::of(written)?;
    let (name, path, help) = match spot {
        Spot::Key(path) => ("the name ", path, quotes(written)),
        Spot::Value(path) if places.holds_text(path) => ("", path, help(path, written, reading, places)),
        _ => return None,
    };
    let otherwise = || format!("some readers of YAML take for {}", reading.noun());
    let read = read.map_or_else(otherwise, |read| format!("YAML reads as {read}"));
    let message = format!("{name}`{path}` is {written} without quotes, which {read}, but text is needed");
    let location = Location { file: file.to_owned(), spot: spot.clone() };
    Some(Diagnostic::new(&code::NOT_A_STRING, location, message).with_help(help))
}

fn quotes(written: &str) -> String {
    format!("put quotes around it: \"{written}\"")
}

/// What to write: the text in quotes, or what a person can have meant by a word in its place.
fn help(path: &DeclPath, written: &str, reading: Reading, places: &TextPlaces) -> String {
    let text = quotes(written);
    let Some(Step::Key(field)) = path.0.last() else { return text };
    match reading {
        Reading::Number if ["interval", "timeout", "start_period"].contains(&field.as_str()) => {
            format!("write it with its unit: {written}s")
        }
        Reading::No | Reading::Nothing if places.can_be_left_out(path) => {
            format!("{text}; or leave `{field}` out")
        }
        Reading::Yes if places.holds_mapping(path) => {
            format!("{text}; or write `{field}: {{}}` for its defaults")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_reader_could_mistake_is_known() {
        for (reading, scalars) in [
            (Reading::Yes, "y Y yes Yes YES on On ON true True TRUE"),
            (Reading::No, "n N no No NO off Off OFF false False FALSE"),
            (Reading::Nothing, "~ null Null NULL"),
            (
                Reading::Number,
                "0 8000 -1 +1 3.10 1e3 .5 1. 012 007 09 0o17 0x1F 0b101 1_000 1_0.5 08.5 12:30 1:30:00 0:5 1:30:00.5 \
                 .inf -.INF .NaN 1e400 +012 0b1_0 190:20:30",
            ),
            (Reading::Date, "2024-01-01 2024-1-1 2024-01-01T10:00:00Z 2001-12-14t21:59:43.10-05:00"),
        ] {
            for scalar in scalars.split(' ') {
                assert_eq!(Reading::of(scalar), Some(reading), "{scalar}");
            }
        }
        assert_eq!(Reading::of("2001-12-14 21:59:43.10 -5"), Some(Reading::Date));
    }

    #[test]
    fn what_every_reader_takes_for_text_is_left_alone() {
        let texts = "no-op yesterday none nan inf NaN nO oN yEs 1.0.1 v1 1.2.3 8080:80 12:60 1:2:x 0xg 0o8 1a 1e - + . .. \
                     _1 e3 1__ : 24-01-01 2024-01 2024-01-01-x 2024-01-01Tx svc-a 5s 3.12-slim =2 é ~/x ~1 +x --1 1-2 \
                     30s /healthz host:80 python:3.12 a.b";
        for text in texts.split(' ').filter(|text| *text != "1__") {
            assert_eq!(Reading::of(text), None, "{text}");
        }
        assert_eq!(Reading::of(""), None);
    }

    #[test]
    fn plain_numbers_are_left_to_the_loader() {
        for number in ["8000", "0", "3.10", "-1", "1e3", ".5"] {
            assert!(!is_doubtful_value(number, false) && is_doubtful_key(number), "{number}");
        }
        for number in ["012", "0o17", "1_000", "12:30", ".inf", "08.5", "1e400"] {
            assert!(is_doubtful_value(number, true), "{number}");
        }
        assert!(!is_doubtful_value("true", false) && is_doubtful_key("true"));
        assert!(is_doubtful_value("2024-01-01", false) && !is_doubtful_value("2024-01-01", true));
    }
}
