//! A field that people may write short (a word or a list) or long (a mapping), without losing the
//! error's path as `untagged` does.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

/// A type with a shorter way to write it.
pub(crate) trait ShortForm {
    /// The short way: deserialized from a string or a sequence.
    type Short;

    /// What the short way stands for.
    fn from_short(short: Self::Short) -> Self;

    /// The schema of the short way.
    fn short_schema(generator: &mut SchemaGenerator) -> Schema
    where
        Self::Short: JsonSchema,
    {
        generator.subschema_for::<Self::Short>()
    }
}

/// A `T` in its short or its long form.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Flexible<T>(pub(crate) T);

impl<T> Deref for Flexible<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<'de, T> Deserialize<'de> for Flexible<T>
where
    T: ShortForm + Deserialize<'de>,
    T::Short: Deserialize<'de>,
{
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(FormVisitor(PhantomData))
            .map(Self)
    }
}

struct FormVisitor<T>(PhantomData<T>);

impl<'de, T> Visitor<'de> for FormVisitor<T>
where
    T: ShortForm + Deserialize<'de>,
    T::Short: Deserialize<'de>,
{
    type Value = T;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the short form or a mapping")
    }

    /// The reader of services.yaml gives what is no mapping as it is, so that the short form says
    /// what it wants.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, short: D) -> Result<T, D::Error> {
        T::Short::deserialize(short).map(T::from_short)
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        T::Short::deserialize(StrDeserializer::new(text)).map(T::from_short)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<T, A::Error> {
        T::Short::deserialize(SeqAccessDeserializer::new(items)).map(T::from_short)
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<T, A::Error> {
        T::deserialize(MapAccessDeserializer::new(entries))
    }
}

impl<T> JsonSchema for Flexible<T>
where
    T: ShortForm + JsonSchema,
    T::Short: JsonSchema,
{
    fn schema_name() -> Cow<'static, str> {
        format!("Flexible{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let short = T::short_schema(generator);
        let long = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [short, long] })
    }
}
