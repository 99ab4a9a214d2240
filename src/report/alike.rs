//! Changes that differ in nothing but the name of their image: one line of a template that prints
//! the name is one change.

use indexmap::IndexMap;

use crate::drift::{ChangeGroup, Lines, Place};
use crate::fleet::Fleet;
use crate::fleet::owners::Owners;

/// Shorter names are too likely to be part of something else.
const SHORTEST_NAME: usize = 3;
/// What takes the place of a name and of a module, which is nothing that a generated file holds.
const MARKS: [u8; 2] = [0, 1];

/// A change and all places of it, and of those like it.
pub(super) struct Alike<'a> {
    /// The change as it is at the first place.
    pub(super) first: &'a ChangeGroup,
    /// Everywhere that it is, with other names.
    pub(super) places: Vec<&'a Place>,
    /// Whether names differ.
    pub(super) has_names: bool,
}

/// Puts changes together that are alike, in the order of the first ones.
pub(super) fn alike<'a>(fleet: Option<&Fleet>, groups: &'a [ChangeGroup]) -> Vec<Alike<'a>> {
    let owners = fleet.map(Owners::new);
    let mut found: IndexMap<[Vec<u8>; 2], Alike<'a>> = IndexMap::new();
    for group in groups {
        let names = fleet
            .zip(owners.as_ref())
            .and_then(|(fleet, owners)| names(fleet, owners, group));
        let key = [&group.removed, &group.added].map(|lines| without(lines, names.as_ref()));
        if let Some(alike) = found.get_mut(&key) {
            alike.places.extend(&group.places);
            alike.has_names = true;
        } else {
            let places = group.places.iter().collect();
            found.insert(
                key,
                Alike {
                    first: group,
                    places,
                    has_names: false,
                },
            );
        }
    }
    found.into_values().collect()
}

/// The name and the module of the one image that a change is in.
fn names(fleet: &Fleet, owners: &Owners<'_>, group: &ChangeGroup) -> Option<[String; 2]> {
    let mut images = group
        .places
        .iter()
        .map(|place| owners.of(place.path.as_str()));
    let first = images.next()??;
    if !images.all(|image| image == Some(first)) {
        return None;
    }
    let name = &fleet.image(first).name;
    Some([name.to_string(), name.module()])
}

fn without(lines: &Lines, names: Option<&[String; 2]>) -> Vec<u8> {
    let text = lines.iter().collect::<Vec<_>>().concat();
    let Some(names) = names else { return text };
    names.iter().zip(MARKS).fold(text, |text, (name, mark)| {
        marked(&text, name.as_bytes(), mark)
    })
}

/// A text with a mark in place of a name, wherever that is a word of its own.
fn marked(text: &[u8], name: &[u8], mark: u8) -> Vec<u8> {
    if name.len() < SHORTEST_NAME {
        return text.to_vec();
    }
    let is_of_word = |byte: Option<&u8>| {
        byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte))
    };
    let mut marked = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let follows = rest
            .strip_prefix(name)
            .filter(|after| !is_of_word(after.first()) && !is_of_word(marked.last()));
        if let Some(after) = follows {
            marked.push(mark);
            rest = after;
        } else {
            marked.push(*first);
            rest = after;
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_names() {
        for (text, expected) in [
            ("x svc-a.", "x \0."),
            ("svc-a", "\0"),
            (
                "svc-ab svc-a-b asvc-a svc-a_",
                "svc-ab svc-a-b asvc-a svc-a_",
            ),
            ("/svc-a/svc-a:1", "/\0/\0:1"),
        ] {
            assert_eq!(
                marked(text.as_bytes(), b"svc-a", 0),
                expected.as_bytes(),
                "{text}"
            );
        }
        assert_eq!(marked(b"cp -a a", b"a", 0), b"cp -a a");
    }
}
