//! Why a declared value was refused, and the one way a value is admitted: a [`Grammar`].

use thiserror::Error;

/// A declared value that is outside the grammar of its type.
///
/// Its text is `not a valid service name: must not be empty`, the kind of value and the reason. It
/// never repeats the value, so it is safe to print even where the value holds terminal escapes or a
/// password.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("not a valid {what}: {reason}")]
pub struct InvalidValue {
    what: &'static str,
    reason: String,
    help: Option<Help>,
}

/// What a person can do about a refused value.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Help {
    /// A spelling that the same type accepts.
    Spelling(String),
    /// A sentence, for where no spelling can be right.
    Advice(&'static str),
}

impl InvalidValue {
    /// What the value was meant to be, such as `service name`.
    #[must_use]
    pub(crate) fn what(&self) -> &'static str {
        self.what
    }

    /// What is allowed, and what stood there instead, as a phrase that begins with a verb.
    #[must_use]
    pub(crate) fn reason(&self) -> &str {
        &self.reason
    }

    /// What to do about it, as an imperative sentence without a full stop.
    #[must_use]
    pub(crate) fn help(&self) -> Option<String> {
        self.help.as_ref().map(|help| match help {
            Help::Spelling(spelling) => format!("write `{spelling}`"),
            Help::Advice(advice) => (*advice).to_owned(),
        })
    }

    /// The corrected spelling alone, which the same type is known to accept.
    #[must_use]
    pub fn suggestion(&self) -> Option<&str> {
        match &self.help {
            Some(Help::Spelling(spelling)) => Some(spelling),
            _ => None,
        }
    }
}

/// A refusal before it is known what the value was meant to be.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    reason: String,
    advice: Option<&'static str>,
}

impl Refusal {
    /// A refusal for this reason, a phrase that begins with a verb.
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self {
            reason: reason.into(),
            advice: None,
        }
    }

    /// The same refusal with a sentence that says what to do.
    pub(crate) fn advise(self, advice: &'static str) -> Self {
        Self {
            advice: Some(advice),
            ..self
        }
    }
}

impl From<InvalidValue> for Refusal {
    /// The refusal of a whole for one of its parts.
    fn from(part: InvalidValue) -> Self {
        let advice = match part.help {
            Some(Help::Advice(advice)) => Some(advice),
            _ => None,
        };
        Self {
            reason: format!("its {} {}", part.what, part.reason),
            advice,
        }
    }
}

/// The rules of one kind of value, read into a `T`.
pub(crate) struct Grammar<T> {
    /// What a person calls such a value.
    pub(crate) what: &'static str,
    /// The longest value, in bytes of UTF-8.
    pub(crate) max_bytes: usize,
    /// The grammar itself, given a value that is neither empty nor too long.
    pub(crate) read: fn(&str) -> Result<T, Refusal>,
    /// The spelling a person may have meant, or the value itself where no other is likely. It is
    /// offered only where `read` accepts it.
    pub(crate) correct: fn(&str) -> String,
}

impl<T> Grammar<T> {
    /// The value as a `T`, or why it is refused.
    pub(crate) fn apply(&self, value: &str) -> Result<T, InvalidValue> {
        self.admit(value).map_err(|refusal| InvalidValue {
            what: self.what,
            help: refusal
                .advice
                .map(Help::Advice)
                .or_else(|| self.spelling(value)),
            reason: refusal.reason,
        })
    }

    fn admit(&self, value: &str) -> Result<T, Refusal> {
        if value.is_empty() {
            return Err(Refusal::new("must not be empty"));
        }
        if value.len() > self.max_bytes {
            let (max, is) = (self.max_bytes, value.len());
            return Err(Refusal::new(format!(
                "must be at most {max} bytes long, not {is}"
            )));
        }
        (self.read)(value)
    }

    fn spelling(&self, value: &str) -> Option<Help> {
        // A corrected spelling of a value many times too long is never what was meant, and costs
        // time to make.
        if value.len() > 2 * self.max_bytes {
            return None;
        }
        [(self.correct)(value), value.trim().to_owned()]
            .into_iter()
            .find(|text| text != value && self.admit(text).is_ok())
            .map(Help::Spelling)
    }
}

/// Refuses the first character that is not `allowed`; `allowed_words` tells a person which ones
/// are.
pub(crate) fn only(
    value: &str,
    allowed: fn(char) -> bool,
    allowed_words: &str,
) -> Result<(), Refusal> {
    match value.chars().find(|&character| !allowed(character)) {
        Some(character) => Err(Refusal::new(format!(
            "may hold only {allowed_words}, not {}",
            shown(character)
        ))),
        None => Ok(()),
    }
}

/// A character as a message may show it: never a control, invisible or look-alike character as
/// itself.
pub(crate) fn shown(character: char) -> String {
    match character {
        ' ' => "a blank".to_owned(),
        '`' => "a backquote".to_owned(),
        graphic if graphic.is_ascii_graphic() => format!("`{graphic}`"),
        other => format!("U+{:04X}", u32::from(other)),
    }
}

/// For a grammar in which no wrong spelling points to a right one.
pub(crate) fn no_correction(value: &str) -> String {
    value.to_owned()
}

/// The traits that every validated text has, for a type with `parse` and `as_str`.
macro_rules! text_traits {
    ($name:ident) => {
        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::values::InvalidValue;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Self::parse(value)
            }
        }

        impl TryFrom<&str> for $name {
            type Error = $crate::values::InvalidValue;

            fn try_from(value: &str) -> Result<Self, Self::Error> {
                Self::parse(value)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl $crate::values::Validated for $name {
            fn text(&self) -> &str {
                self.as_str()
            }
        }
    };
}
pub(crate) use text_traits;

/// A newtype that is its text, admitted by a `Grammar<()>`.
macro_rules! validated {
    ($(#[$doc:meta])* $name:ident, $grammar:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Reads such a value.
            ///
            /// # Errors
            /// [`InvalidValue`]($crate::values::InvalidValue) where the value is outside the
            /// grammar above.
            pub fn parse(value: &str) -> Result<Self, $crate::values::InvalidValue> {
                const GRAMMAR: $crate::values::invalid::Grammar<()> = $grammar;
                GRAMMAR.apply(value).map(|()| Self(value.into()))
            }

            /// The value as it was declared.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        $crate::values::invalid::text_traits!($name);
    };
}
pub(crate) use validated;

#[cfg(test)]
mod tests {
    use super::*;

    const DIGITS: Grammar<()> = Grammar {
        what: "number",
        max_bytes: 4,
        read: |value| only(value, |character| character.is_ascii_digit(), "digits"),
        correct: |value| value.replace('o', "0"),
    };

    #[test]
    fn message_names_the_kind_of_value_and_the_first_character_refused() {
        let invalid = DIGITS.apply("1x").unwrap_err();
        assert_eq!(
            invalid.to_string(),
            "not a valid number: may hold only digits, not `x`"
        );
        assert_eq!((invalid.what(), invalid.help()), ("number", None));
    }

    #[test]
    fn hostile_characters_are_shown_by_number() {
        for (character, text) in [
            ('\u{1b}', "U+001B"),
            ('\u{202e}', "U+202E"),
            (' ', "a blank"),
            ('\u{1f600}', "U+1F600"),
        ] {
            assert_eq!(shown(character), text);
        }
    }

    #[test]
    fn suggestion_is_offered_only_where_it_would_be_accepted() {
        assert_eq!(DIGITS.apply("1o").unwrap_err().suggestion(), Some("10"));
        assert_eq!(
            DIGITS.apply(" 1").unwrap_err().help().as_deref(),
            Some("write `1`")
        );
        assert_eq!(DIGITS.apply("oooooo").unwrap_err().suggestion(), None);
    }

    #[test]
    fn too_long_and_empty_values_are_refused_before_the_grammar() {
        assert_eq!(
            DIGITS.apply("12345").unwrap_err().reason(),
            "must be at most 4 bytes long, not 5"
        );
        assert_eq!(DIGITS.apply("").unwrap_err().reason(), "must not be empty");
    }
}
