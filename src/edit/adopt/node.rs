//! A value of a declaration that is being proposed, and how it is written.

use crate::yaml::scalar;

/// A value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Node {
    /// Takes back what is inherited.
    Null,
    /// A text.
    Text(String),
    /// `true`.
    Yes,
    /// `false`.
    No,
    /// A whole number.
    Number(u64),
    /// A list.
    List(Vec<Node>),
    /// A mapping, in order.
    Map(Vec<(String, Node)>),
}

impl Node {
    /// A text.
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A list of texts.
    pub(super) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// One item without brackets, or a list.
    pub(super) fn one_or_many(mut items: Vec<Self>) -> Self {
        match items.pop() {
            Some(only) if items.is_empty() && !matches!(only, Self::List(_)) => only,
            last => {
                items.extend(last);
                Self::List(items)
            }
        }
    }

    /// On one line.
    pub(super) fn flow(&self) -> String {
        let joined = |parts: Vec<String>| parts.join(", ");
        match self {
            Self::Null => "null".to_owned(),
            Self::Yes => "true".to_owned(),
            Self::No => "false".to_owned(),
            Self::Text(text) => scalar(text),
            Self::Number(number) => number.to_string(),
            Self::List(items) => format!("[{}]", joined(items.iter().map(Self::flow).collect())),
            Self::Map(entries) if entries.is_empty() => "{}".to_owned(),
            Self::Map(entries) => {
                let entry =
                    |(key, value): &(String, Self)| format!("{}: {}", scalar(key), value.flow());
                format!("{{ {} }}", joined(entries.iter().map(entry).collect()))
            }
        }
    }

    /// Whether a text in it is or holds this path.
    pub(super) fn names(&self, path: &str) -> bool {
        match self {
            Self::Text(text) => text == path || (text.contains('[') && text.starts_with(path)),
            Self::List(items) => items.iter().any(|item| item.names(path)),
            Self::Map(entries) => entries.iter().any(|(_, value)| value.names(path)),
            Self::Null | Self::Yes | Self::No | Self::Number(_) => false,
        }
    }

    /// Takes out the item at a position or the entry of a key, and tells it; nothing where there
    /// is none, or where nothing would be left.
    pub(super) fn without(&mut self, item: &str) -> Option<String> {
        let position = item.parse::<usize>().ok();
        match self {
            Self::List(items) if items.len() > 1 => {
                let at = position.filter(|at| *at < items.len())?;
                Some(items.remove(at).flow())
            }
            Self::Map(entries) if entries.len() > 1 => {
                let named = entries.iter().position(|(key, _)| key == item);
                let at = named.or(position).filter(|at| *at < entries.len())?;
                Some(entries.remove(at).0)
            }
            _ => None,
        }
    }

    /// The items of a list; itself where it is none.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(items) => items,
            other => std::slice::from_ref(other),
        }
    }
}
