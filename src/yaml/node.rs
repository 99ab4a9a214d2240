//! A node of a tree as serde reads it.

use serde::de::value::{
    BorrowedStrDeserializer, Error, MapDeserializer, SeqDeserializer, StrDeserializer,
};
use serde::de::{DeserializeSeed, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::pass::{Expected, Pass, Problem};
use super::plain::{Meaning, Mistaken, meaning, mistaken};
use super::tree::{Children, Entries, Id, Tree};

/// The name of a newtype that is a text and may be written as a bare date.
pub(crate) const DATE: &str = "yaml::Date";
/// The name of a newtype that is told where `null` is written.
pub(crate) const NULLABLE: &str = "yaml::Nullable";
/// The name of a newtype that is a list, or a single item without brackets.
pub(crate) const ONE_OR_MANY: &str = "yaml::OneOrMany";

/// The name of a newtype that is a text and may be written as a bare number.
pub(crate) const NUMBER: &str = "yaml::Number";

/// A node to read from.
#[derive(Clone, Copy)]
pub(super) struct At<'p, 't> {
    pass: &'p Pass<'t>,
    node: Id,
    /// Its key, where it is the value of an entry.
    key: Option<Id>,
    /// Whether the type can do without it.
    is_optional: bool,
    /// Whether a mapping would fit as well.
    or_mapping: bool,
    /// Whether a bare date fits as text.
    may_be_date: bool,
}

impl<'p, 't> At<'p, 't> {
    pub(super) fn root(pass: &'p Pass<'t>, node: Id) -> Self {
        Self {
            pass,
            node,
            key: None,
            is_optional: false,
            or_mapping: false,
            may_be_date: false,
        }
    }

    fn child(self, key: Option<Id>, node: Id) -> Self {
        Self {
            key,
            ..Self::root(self.pass, node)
        }
    }

    fn tree(self) -> &'t Tree {
        self.pass.tree
    }

    /// The value of a scalar without quotes.
    fn plain(self) -> Option<&'t str> {
        self.tree().plain(self.node)
    }

    fn is_scalar(self) -> bool {
        !self.tree().is_list(self.node) && !self.tree().is_mapping(self.node)
    }

    fn is_null(self) -> bool {
        self.plain()
            .is_some_and(|plain| meaning(plain) == Meaning::Null)
    }

    fn is_number(self) -> bool {
        self.plain()
            .is_some_and(|plain| meaning(plain) == Meaning::Number)
    }

    /// What is in the way of taking this node as text.
    fn not_text(self) -> Option<Problem> {
        if !self.is_scalar() {
            return Some(self.unlike(Expected::Text));
        }
        let mistaken = self.plain().and_then(mistaken)?;
        (mistaken != Mistaken::Date || !self.may_be_date).then_some(Problem::NotText(mistaken))
    }

    fn unlike(self, expected: Expected) -> Problem {
        Problem::Wrong {
            expected,
            or_mapping: self.or_mapping,
        }
    }

    /// Notes that the node does not fit. Null is an empty list or mapping, and an optional one is
    /// as good as not written.
    fn note(self, expected: Expected) {
        if !self.is_null() {
            return self.pass.note(self.node, self.unlike(expected));
        }
        if self.is_optional {
            return self.pass.leave_out(self.node);
        }
        if self.or_mapping || !matches!(expected, Expected::List | Expected::Mapping) {
            self.pass.note(self.node, self.unlike(expected));
        }
    }

    fn items(self) -> Items<'p, 't> {
        Items {
            children: self.tree().children(self.node),
            at: self,
        }
    }

    fn fields(self, has_fixed_names: bool) -> Fields<'p, 't> {
        Fields {
            entries: self.tree().entries(self.node),
            has_fixed_names,
            value: self,
        }
    }

    fn no_items<V: Visitor<'t>>(visitor: V) -> Result<V::Value, Error> {
        visitor.visit_seq(SeqDeserializer::<_, Error>::new(std::iter::empty::<()>()))
    }

    fn mapping<V: Visitor<'t>>(self, has_fixed_names: bool, visitor: V) -> Result<V::Value, Error> {
        self.pass.at.set(self.node);
        if self.tree().is_mapping(self.node) {
            return visitor.visit_map(self.fields(has_fixed_names));
        }
        self.note(Expected::Mapping);
        visitor.visit_map(MapDeserializer::<_, Error>::new(
            std::iter::empty::<((), ())>(),
        ))
    }
}

impl<'t> IntoDeserializer<'t, Error> for At<'_, 't> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'t> Deserializer<'t> for At<'_, 't> {
    type Error = Error;

    /// The short form or a mapping.
    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.tree().is_mapping(self.node) {
            return self.mapping(true, visitor);
        }
        self.pass.at.set(self.node);
        visitor.visit_newtype_struct(Self {
            or_mapping: true,
            ..self
        })
    }

    fn deserialize_str<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        self.pass.at.set(self.node);
        if let Some(problem) = self.not_text() {
            self.pass.note(self.node, problem);
            return visitor.visit_borrowed_str("");
        }
        visitor.visit_borrowed_str(self.tree().value(self.node))
    }

    fn deserialize_bool<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        self.pass.at.set(self.node);
        if let Some(Meaning::Bool(value)) = self.plain().map(meaning) {
            return visitor.visit_bool(value);
        }
        self.note(Expected::Bool);
        visitor.visit_bool(false)
    }

    fn deserialize_u64<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        self.pass.at.set(self.node);
        let plain = self
            .plain()
            .filter(|plain| meaning(plain) == Meaning::Number);
        if let Some(Ok(number)) = plain.map(str::parse) {
            return visitor.visit_u64(number);
        }
        self.note(Expected::Number);
        visitor.visit_u64(0)
    }

    /// Where `null` or `~` is written, the type goes on: a text would have to be in quotes.
    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.plain() == Some("") {
            return visitor.visit_none();
        }
        visitor.visit_some(Self {
            is_optional: true,
            ..self
        })
    }

    fn deserialize_seq<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        self.pass.at.set(self.node);
        if self.tree().is_list(self.node) {
            return visitor.visit_seq(self.items());
        }
        self.note(Expected::List);
        Self::no_items(visitor)
    }

    fn deserialize_map<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        self.mapping(false, visitor)
    }

    fn deserialize_struct<V: Visitor<'t>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.mapping(true, visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'t>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        match name {
            NULLABLE if self.is_null() => visitor.visit_unit(),
            NUMBER if self.is_number() => visitor.visit_str(self.tree().value(self.node)),
            ONE_OR_MANY if self.is_null() => Self::no_items(visitor),
            ONE_OR_MANY if self.tree().is_list(self.node) => visitor.visit_seq(self.items()),
            _ => visitor.visit_newtype_struct(Self {
                may_be_date: name == DATE,
                ..self
            }),
        }
    }

    /// One of several words; no enum of a declaration holds anything.
    fn deserialize_enum<V: Visitor<'t>>(
        self,
        _: &'static str,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.pass.at.set(self.node);
        let written = if self.is_scalar() {
            self.tree().value(self.node)
        } else {
            ""
        };
        let word = words.iter().find(|word| **word == written);
        if word.is_none() {
            self.note(Expected::Word(words));
        }
        let word = *word.or(words.first()).expect("an enumeration has words");
        visitor.visit_enum(StrDeserializer::<Error>::new(word))
    }

    fn deserialize_string<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    /// Asked for where no field has the key.
    fn deserialize_ignored_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Error> {
        if let Some(key) = self.key {
            self.pass.note_unknown(key);
        }
        visitor.visit_unit()
    }

    serde::forward_to_deserialize_any! {
        <V: Visitor<'t>>
        i8 i16 i32 i64 i128 u8 u16 u32 u128 f32 f64 char bytes byte_buf unit unit_struct
        tuple tuple_struct identifier
    }
}

/// The items of a list.
struct Items<'p, 't> {
    children: Children<'t>,
    at: At<'p, 't>,
}

impl<'t> SeqAccess<'t> for Items<'_, 't> {
    type Error = Error;

    fn next_element_seed<S: DeserializeSeed<'t>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, Error> {
        let pass = self.at.pass;
        let Some(node) = self.children.find(|node| !pass.is_left_out(*node)) else {
            return Ok(None);
        };
        seed.deserialize(self.at.child(None, node)).map(Some)
    }
}

/// The entries of a mapping.
struct Fields<'p, 't> {
    entries: Entries<'t>,
    /// Whether a type says what the keys are called; else they are text of the user's own.
    has_fixed_names: bool,
    /// The value of the key that was read last.
    value: At<'p, 't>,
}

impl<'t> MapAccess<'t> for Fields<'_, 't> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'t>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let pass = self.value.pass;
        let is_read = |key: Id, value: Id| !pass.is_left_out(key) && !pass.is_left_out(value);
        let Some(entry) = self.entries.find(|entry| is_read(entry.key, entry.value)) else {
            return Ok(None);
        };
        self.value = self.value.child(Some(entry.key), entry.value);
        pass.at.set(entry.key);
        if !self.has_fixed_names
            && let Some(problem) = self.value.child(None, entry.key).not_text()
        {
            pass.note(entry.key, problem);
        }
        seed.deserialize(BorrowedStrDeserializer::new(pass.tree.value(entry.key)))
            .map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'t>>(&mut self, seed: S) -> Result<S::Value, Error> {
        seed.deserialize(self.value)
    }
}
