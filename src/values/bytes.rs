//! Numbers of bytes as people write them, and how far one may be passed.

use super::invalid::{Grammar, InvalidValue, Refusal, text_traits};

/// A number of bytes such as `1.3 GB`: what it counts is told in the same units.
///
/// A number of at most nine digits, with at most three behind a point, and a unit: `B`, `kB`, `MB`,
/// `GB` and `TB` are powers of 1000, `KiB`, `MiB`, `GiB` and `TiB` of 1024. From 1 byte to 1000 TB.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ByteSize {
    bytes: u64,
    text: String,
}

/// The units, each with its bytes.
const UNITS: [(&str, u64); 9] = [
    ("kB", 1_000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("TB", 1_000_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
    ("B", 1),
];

const MAX_BYTES: u64 = 1_000_000_000_000_000;

const BYTE_SIZE: Grammar<u64> = Grammar {
    what: "size",
    max_bytes: 20,
    read: |value| {
        let bytes = read_bytes(value)
            .ok_or_else(|| Refusal::new("must be a number with its unit, such as `1.3 GB`"))?;
        if (1..=MAX_BYTES).contains(&bytes) {
            return Ok(bytes);
        }
        Err(Refusal::new("must be from 1 B to 1000 TB"))
    },
    correct: |value| {
        let compact = value.replace([' ', '_', ','], "");
        let end = compact.find(|c: char| !c.is_ascii_digit() && c != '.');
        let (number, unit) = compact.split_at(end.unwrap_or(compact.len()));
        let unit = unit.to_ascii_lowercase();
        let binary = unit.ends_with("ib");
        match unit.chars().next() {
            Some('k') if binary => format!("{number} KiB"),
            Some('k') => format!("{number} kB"),
            Some(letter @ ('m' | 'g' | 't')) => {
                let letter = letter.to_ascii_uppercase();
                format!("{number} {letter}{}", if binary { "iB" } else { "B" })
            }
            _ => value.to_owned(),
        }
    },
};

impl ByteSize {
    /// Reads such a number.
    ///
    /// # Errors
    /// [`InvalidValue`] for anything else, and for none at all.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        let bytes = BYTE_SIZE.apply(value)?;
        Ok(Self {
            bytes,
            text: value.to_owned(),
        })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many they are.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

text_traits!(ByteSize);

/// How far a budget may be passed: `5%` of it, or a number of bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tolerance {
    by: By,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum By {
    Percent(u64),
    Bytes(u64),
}

const TOLERANCE: Grammar<By> = Grammar {
    what: "tolerance",
    max_bytes: 20,
    read: |value| {
        let refused = || Refusal::new("must be a percentage, such as `5%`, or a size, `20 MB`");
        let Some(percent) = value.strip_suffix('%') else {
            let bytes = read_bytes(value).ok_or_else(refused)?;
            return (bytes <= MAX_BYTES)
                .then_some(By::Bytes(bytes))
                .ok_or_else(refused);
        };
        let is_number = percent.bytes().all(|byte| byte.is_ascii_digit());
        let percent = percent
            .parse()
            .ok()
            .filter(|_| is_number)
            .ok_or_else(refused)?;
        if percent <= 100 {
            return Ok(By::Percent(percent));
        }
        Err(Refusal::new("must be at most 100%"))
    },
    correct: |value| value.replace(" %", "%"),
};

impl Tolerance {
    /// Reads such a tolerance.
    ///
    /// # Errors
    /// [`InvalidValue`] for anything else.
    pub fn parse(value: &str) -> Result<Self, InvalidValue> {
        let by = TOLERANCE.apply(value)?;
        Ok(Self {
            by,
            text: value.to_owned(),
        })
    }

    /// As it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The most bytes that a budget of `bytes` lets pass.
    #[must_use]
    pub fn above(&self, bytes: u64) -> u64 {
        match self.by {
            By::Percent(percent) => bytes.saturating_add(bytes.saturating_mul(percent) / 100),
            By::Bytes(more) => bytes.saturating_add(more),
        }
    }
}

text_traits!(Tolerance);

fn read_bytes(value: &str) -> Option<u64> {
    let (unit, factor) = UNITS.iter().find(|(unit, _)| value.ends_with(unit))?;
    let number = value.strip_suffix(unit)?;
    let number = number.strip_suffix(' ').unwrap_or(number);
    let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |text: &str, most: usize| -> Option<u64> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
        (is_number && (1..=most).contains(&text.len())).then(|| text.parse().ok())?
    };
    let thousandths = digits(rest, 3)? * 10_u64.pow(3 - u32::try_from(rest.len()).ok()?);
    let whole = digits(whole, 9)?
        .checked_mul(1000)?
        .checked_add(thousandths)?;
    // Thousandths of bytes, rounded down.
    Some(u64::try_from(u128::from(whole) * u128::from(*factor) / 1000).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_numbers_with_a_unit() {
        for (written, bytes) in [
            ("1.3 GB", 1_300_000_000),
            ("1.3GB", 1_300_000_000),
            ("800 MB", 800_000_000),
            ("0.001 kB", 1),
            ("2 GiB", 2 << 30),
            ("1.5 KiB", 1536),
            ("512 B", 512),
            ("1000 TB", MAX_BYTES),
        ] {
            assert_eq!(
                ByteSize::parse(written).unwrap().bytes(),
                bytes,
                "{written}"
            );
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        for text in [
            "",
            "5",
            "GB",
            " GB",
            "1,5 GB",
            "1. GB",
            ".5 GB",
            "1.2345 GB",
            "-1 GB",
            "1  GB",
            "1 gb",
            "0 MB",
            "0.0001 kB",
            "1001 TB",
            "9999999999 GB",
            "\u{663} GB",
            "1 GB\n",
            "1e3 MB",
            "999999999 TiB",
        ] {
            assert!(ByteSize::parse(text).is_err(), "{text:?}");
        }
        for (text, meant) in [
            ("500M", "500 MB"),
            ("1.5gb", "1.5 GB"),
            ("2 gib", "2 GiB"),
            ("10 KB", "10 kB"),
            ("1,500 MB", "1500 MB"),
        ] {
            let refused = ByteSize::parse(text).unwrap_err();
            assert_eq!(refused.suggestion(), Some(meant), "{text}");
        }
    }

    #[test]
    fn a_tolerance_is_a_share_or_a_size() {
        for (written, of, most) in [
            ("5%", 1000, 1050),
            ("0%", 1000, 1000),
            ("100%", u64::MAX, u64::MAX),
            ("20 B", 1000, 1020),
            ("1 kB", 1000, 2000),
        ] {
            assert_eq!(
                Tolerance::parse(written).unwrap().above(of),
                most,
                "{written}"
            );
        }
        for text in [
            "", "%", "5", "101%", "-1%", "+1%", "1.5%", "5 MBs", "1001 TB",
        ] {
            assert!(Tolerance::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(
            Tolerance::parse("5 %").unwrap_err().suggestion(),
            Some("5%")
        );
    }
}
