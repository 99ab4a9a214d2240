//! What a word without quotes means, here and to other YAML parsers.

/// What a plain scalar means in YAML 1.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    /// Nothing: empty, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number,
    /// Anything else.
    Text,
}

/// What a plain scalar means, as `serde_yaml` reads it: YAML 1.2, where `yes` is text, and binary
/// numbers.
#[must_use]
pub fn meaning(plain: &str) -> Meaning {
    match plain {
        "" | "~" | "null" | "Null" | "NULL" => Meaning::Null,
        "true" | "True" | "TRUE" => Meaning::Bool(true),
        "false" | "False" | "FALSE" => Meaning::Bool(false),
        _ if is_number(plain) => Meaning::Number,
        _ => Meaning::Text,
    }
}

/// What some reader of YAML takes a plain scalar for, if not for text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Mistaken {
    /// Nothing: empty, `~` or `null`.
    Null,
    /// `yes`, `off`, `true` and the like.
    Bool,
    /// `3.10`, `017`, `1_000`, `.inf`; and `12:30`, which is 750 in YAML 1.1.
    Number,
    /// `2026-01-31`, also with a time.
    Date,
    /// `=` and `<<`, which have a meaning of their own in YAML 1.1.
    Special,
}

impl Mistaken {
    /// With its article.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "a boolean",
            Self::Number => "a number",
            Self::Date => "a date",
            Self::Special => "a special key",
        }
    }
}

/// The words that YAML 1.1 takes for true or false; some readers ignore case.
const BOOLEANS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "y", "n"];

/// What some reader of YAML 1.1 or 1.2 takes a plain scalar for; `None` where it is text to all of
/// them.
#[must_use]
pub(crate) fn mistaken(plain: &str) -> Option<Mistaken> {
    if plain.is_empty() || plain == "~" || plain.eq_ignore_ascii_case("null") {
        return Some(Mistaken::Null);
    }
    if matches!(plain, "=" | "<<") {
        return Some(Mistaken::Special);
    }
    if plain.len() <= 5 && BOOLEANS.iter().any(|word| word.eq_ignore_ascii_case(plain)) {
        return Some(Mistaken::Bool);
    }
    // Nothing else begins with a letter.
    if !plain.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '+' | '-' | '.'))
    {
        return None;
    }
    if is_date(plain) {
        return Some(Mistaken::Date);
    }
    let digits = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    (is_number(plain) || is_grouped(digits) || is_sexagesimal(digits)).then_some(Mistaken::Number)
}

fn is_number(plain: &str) -> bool {
    let digits = plain.strip_prefix(['+', '-']).unwrap_or(plain);
    if let Some(is_number) = in_radix(digits) {
        return is_number;
    }
    let has_leading_zero = digits.len() > 1 && digits.starts_with('0') && is_digits(digits);
    let is_special =
        matches!(digits, ".inf" | ".Inf" | ".INF") || matches!(plain, ".nan" | ".NaN" | ".NAN");
    let begins = digits.starts_with(|first: char| first.is_ascii_digit() || first == '.');
    is_special || (begins && !has_leading_zero && digits.parse::<f64>().is_ok_and(f64::is_finite))
}

/// Whether the digits after `0x`, `0o` or `0b` fit; `None` without such a prefix.
fn in_radix(digits: &str) -> Option<bool> {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return Some(!rest.is_empty() && rest.chars().all(|digit| digit.is_digit(radix)));
        }
    }
    None
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// What YAML 1.1 reads as a number besides: `017`, `1_000`, Ruby also `1,000`, and numbers too
/// large for others.
fn is_grouped(digits: &str) -> bool {
    let plain: String = digits
        .chars()
        .filter(|character| !matches!(character, '_' | ','))
        .collect();
    let is_float =
        || plain.parse::<f64>().is_ok() && plain.starts_with(|first: char| first.is_ascii_digit());
    let has_digit = plain.bytes().any(|byte| byte.is_ascii_digit());
    let is_short_float = || has_digit && plain.starts_with('.') && plain.parse::<f64>().is_ok();
    let is_word = matches!(plain.to_ascii_lowercase().as_str(), ".inf" | ".nan");
    is_digits(&plain) || in_radix(&plain) == Some(true) || is_float() || is_short_float() || is_word
}

/// `12:30`, `1:30:00.5`: numbers to the base 60 in YAML 1.1.
fn is_sexagesimal(digits: &str) -> bool {
    let whole = match digits.split_once('.') {
        Some((whole, fraction))
            if fraction
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'_') =>
        {
            whole
        }
        Some(_) => return false,
        None => digits,
    };
    let mut groups = whole.split(':');
    let first = groups
        .next()
        .expect("a split has a first part")
        .replace('_', "");
    let is_group = |group: &str| {
        is_digits(group) && group.len() <= 2 && group.parse::<u8>().is_ok_and(|n| n < 60)
    };
    whole.contains(':') && is_digits(&first) && groups.all(is_group)
}

/// `2026-1-31`, with or without a time behind it.
fn is_date(plain: &str) -> bool {
    let end = plain.find(['T', 't', ' ', '\t']).unwrap_or(plain.len());
    let (day, time) = plain.split_at(end);
    let lengths: Vec<usize> = day.split('-').map(str::len).collect();
    let is_day = matches!(lengths[..], [4, 1 | 2, 1 | 2]) && day.split('-').all(is_digits);
    is_day
        && (time.is_empty()
            || time
                .trim_start()
                .starts_with(|first: char| first == 'T' || first == 't' || first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_readers_of_yaml_1_1_or_1_2_take_for_something_else_is_known() {
        let table = [
            (Mistaken::Null, "|~|null|Null|NULL"),
            (Mistaken::Bool, "yes|Yes|NO|on|Off|OFF|y|N|true|False|tRUE"),
            (
                Mistaken::Number,
                "0|-1|+5|017|08|-00|3.10|3.|.5|1e3|1E+3|1.5e-3|0o17|0x1F|0b1|0b_1|0x_f|1_000|1,000|1_0.5",
            ),
            (
                Mistaken::Number,
                "12:30|1:2:3|190:20:30.15|-1:30|+12:59|.inf|-.INF|.nan|+.Inf|12345678901234567890",
            ),
            (
                Mistaken::Date,
                "2026-01-31|2001-1-2|2001-12-14t21:59:43.10-05:00|2001-12-14 21:59:43",
            ),
            (Mistaken::Special, "<<|="),
        ];
        for (expected, words) in table {
            for word in words.split('|') {
                assert_eq!(mistaken(word), Some(expected), "{word}");
            }
        }
    }

    #[test]
    fn what_all_take_for_text_is_let_through() {
        let words = "1.0.1|v1|3.12-slim|8000:80|1:60|12:30:x|0xg|0b2|1e|e5|nulls|yess|.|..|./x|-|+|-x|1-2|2026-01|20260-01-01\
            |2026-01-311|a:1|0.0.0.0|127.0.0.1:80|1s|30s|5m|inf|nan|==|<<<|_1|,1|2026-01-01x|none|18.04-lts";
        for word in words.split('|') {
            assert_eq!(mistaken(word), None, "{word}");
        }
    }

    #[test]
    fn whatever_is_no_text_here_may_be_mistaken() {
        let letters = [
            "0", "1", "9", ".", "-", "+", "e", "E", "x", "o", "b", "_", ":", "inf", "NaN", "~",
            "null", "true", "f",
        ];
        for (one, two, three) in letters
            .iter()
            .flat_map(|a| letters.iter().map(move |b| (a, b)))
            .flat_map(|(a, b)| letters.iter().map(move |c| (a, b, c)))
        {
            let word = format!("{one}{two}{three}");
            assert!(
                meaning(&word) == Meaning::Text || mistaken(&word).is_some(),
                "{word}"
            );
        }
    }
}
