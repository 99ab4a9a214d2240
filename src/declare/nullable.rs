//! Values that can be taken back, and lists that need no brackets around a single item.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;
use std::ops::Deref;

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};

use super::text::Text;
use crate::yaml::{NULLABLE, ONE_OR_MANY};

/// A field that `null` takes back: what is inherited does not count then.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nullable<T> {
    value: T,
    is_null: bool,
}

/// Variables by name; `null` takes an inherited one back.
pub(crate) type Variables = IndexMap<String, Nullable<Text>>;

impl<T> Nullable<T> {
    /// Whether `null` is written.
    #[must_use]
    pub(crate) fn is_null(&self) -> bool {
        self.is_null
    }
}

impl<T: Default + PartialEq> Nullable<T> {
    /// Whether a value is written.
    #[must_use]
    pub(crate) fn is_said(&self) -> bool {
        self.value != T::default()
    }
}

impl<T> From<T> for Nullable<T> {
    fn from(value: T) -> Self {
        Self {
            value,
            is_null: false,
        }
    }
}

impl<T> Deref for Nullable<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<'de, T: Default + Deserialize<'de>> Deserialize<'de> for Nullable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(NULLABLE, NullVisitor(PhantomData))
    }
}

struct NullVisitor<T>(PhantomData<T>);

impl<'de, T: Default + Deserialize<'de>> Visitor<'de> for NullVisitor<T> {
    type Value = Nullable<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value or null")
    }

    fn visit_unit<E>(self) -> Result<Nullable<T>, E> {
        Ok(Nullable {
            value: T::default(),
            is_null: true,
        })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<Nullable<T>, D::Error> {
        T::deserialize(inner).map(Nullable::from)
    }
}

impl<T: JsonSchema> JsonSchema for Nullable<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Nullable{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        generator.subschema_for::<Option<T>>()
    }
}

/// A list; a single item may stand there without brackets.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OneOrMany<T> {
    items: Vec<T>,
    is_single: bool,
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            is_single: false,
        }
    }
}

impl<T> OneOrMany<T> {
    /// A list of one item, written without brackets.
    #[must_use]
    pub(crate) fn one(item: T) -> Self {
        Self {
            items: vec![item],
            is_single: true,
        }
    }

    /// The item that is written without brackets.
    #[must_use]
    pub(crate) fn single(&self) -> Option<&T> {
        self.items.first().filter(|_| self.is_single)
    }
}

impl<T> From<Vec<T>> for OneOrMany<T> {
    fn from(items: Vec<T>) -> Self {
        Self {
            items,
            is_single: false,
        }
    }
}

impl<T> Deref for OneOrMany<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.items
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(ONE_OR_MANY, ItemsVisitor(PhantomData))
    }
}

struct ItemsVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ItemsVisitor<T> {
    type Value = OneOrMany<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an item or a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<OneOrMany<T>, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, one: D) -> Result<OneOrMany<T>, D::Error> {
        Ok(OneOrMany {
            items: vec![T::deserialize(one)?],
            is_single: true,
        })
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        let many = generator.subschema_for::<Vec<T>>();
        json_schema!({ "anyOf": [one, many] })
    }
}

#[cfg(test)]
mod tests {
    use crate::declare::parse;

    #[test]
    fn null_is_told_from_nothing_and_from_a_value() {
        let text = "services:\n  a: { apt: null, pip: [], port: ~, env: { A: null, B: b } }\n  \
                    b: { cmd: serve now, port: 5 }\n  c: { cmd: [serve, now] }\n";
        let parsed = parse("f", text.as_bytes()).unwrap();
        assert!(parsed.diagnostics.is_empty(), "{:?}", parsed.diagnostics);
        let services = parsed.decl.services.unwrap();
        let (a, b) = (&services["a"], &services["b"]);
        assert!(a.apt.is_null() && !a.pip.is_null() && a.port.is_null() && !b.apt.is_null());
        assert!(a.env["A"].is_null() && &**a.env["B"] == "b" && *b.port == Some(5));
        let words = |name: &str| services[name].cmd.as_ref().unwrap().clone();
        assert_eq!(words("b").single().map(|text| &**text), Some("serve now"));
        assert_eq!((words("c").single(), words("c").len()), (None, 2));
    }
}
