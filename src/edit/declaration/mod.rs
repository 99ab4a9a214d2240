//! Edits of services.yaml, text to text: every byte outside of the edit stays.
//!
//! An edit is one or two splices at the bytes of the tree that the file is loaded from, so
//! comments, quotes, line ends and layout elsewhere cannot change: they are never parsed into
//! anything that is printed again.
//!
//! What a splice *means* is checked afterwards: the new text is loaded like any other, and must
//! give the declaration that the same change on values gives. Otherwise, as with values that an
//! anchor ties to another place, the text is not taken and the error says what to write by hand.

mod kept;
mod new_service;
mod pin;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

pub use crate::declare::running::RoleDecl;
use crate::declare::schema::FleetDecl;
use crate::declare::{Parsed, Text, parse};
use crate::yaml::{Id, NewValue, Splice, Tree, as_flow, insert, line_end, replace, spliced};
pub(crate) use kept::{KeptService, keep_dockerfile};
pub use new_service::NewService;
pub use pin::set_image_digest;

/// Why a text could not be edited. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text has errors of its own.
    #[error("it has errors; `dockwright check` shows them")]
    Unreadable,
    /// The place is missing, tied by an anchor or alias, or written in a way that an edit could get
    /// wrong.
    #[error("{place} is written in a way that cannot be edited safely; {by_hand}")]
    Unsafe {
        /// The place, by its keys.
        place: String,
        /// What to write by hand.
        by_hand: String,
    },
    /// The edited text would say something else than was asked for.
    #[error("an edit at {place} would change something else as well; {by_hand}")]
    Meaning {
        /// The place, by its keys.
        place: String,
        /// What to write by hand.
        by_hand: String,
    },
}

/// Sets the Python version of the fleet.
///
/// # Errors
/// [`EditError`], with the text unchanged.
pub fn set_python(text: &str, python: &str) -> Result<String, EditError> {
    set(text, &["python"], python, None, |decl| {
        decl.python = Some(Text(python.into()));
    })
}

/// Sets the version of a base.
///
/// # Errors
/// [`EditError`], with the text unchanged.
pub fn set_base_version(text: &str, base: &str, version: &str) -> Result<String, EditError> {
    set(text, &["bases", base, "version"], version, None, |decl| {
        if let Some(decl) = decl.bases.get_mut(base) {
            decl.version = Some(Text(version.into()));
        }
    })
}

/// What changes in a base.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct BaseEdit {
    /// Its new version.
    pub(crate) version: Option<String>,
    /// Its new fingerprint; a first one goes below its version.
    pub(crate) fingerprint: Option<String>,
}

/// Changes several bases, by name: the text is read once for all of them.
///
/// # Errors
/// [`EditError`], with the text unchanged.
pub(crate) fn set_bases(
    text: &str,
    edits: &BTreeMap<String, BaseEdit>,
) -> Result<String, EditError> {
    let refused = |base: &str| {
        let by_hand = "write `version` and `fingerprint` there by hand".to_owned();
        EditError::Unsafe {
            place: format!("bases.{base}"),
            by_hand,
        }
    };
    let Parsed { tree, decl, .. } = load(text).ok_or(EditError::Unreadable)?;
    let bases = field(&tree, &["bases"]).map(|bases| tree.entries(bases).collect::<Vec<_>>());
    let mut splices = Vec::new();
    let mut missing: BTreeSet<&str> = edits.keys().map(String::as_str).collect();
    for base in bases.unwrap_or_default() {
        let name = tree.value(base.key);
        let Some(edit) = edits.get(name) else {
            continue;
        };
        let fields = [
            ("version", &edit.version, None),
            ("fingerprint", &edit.fingerprint, Some("version")),
        ];
        for (field, value, after) in fields {
            let Some(value) = value else { continue };
            let value = NewValue::Text(value.clone());
            let found = splices_of(&tree, &["bases", name], (field, &value), after);
            splices.extend(found.ok_or_else(|| refused(name))?);
        }
        missing.remove(name);
    }
    if let Some(base) = missing.first() {
        return Err(refused(base));
    }
    splices.sort_by_key(|splice| splice.start);
    let after = spliced(text, &splices).ok_or(EditError::Unreadable)?;
    let place = format!("bases.{}", edits.keys().next().map_or("", String::as_str));
    drop(tree);
    verify(
        decl,
        &after,
        &place,
        "write the versions and fingerprints by hand".to_owned(),
        |decl| {
            for (base, edit) in edits {
                let Some(decl) = decl.bases.get_mut(base) else {
                    continue;
                };
                for (field, value) in [
                    (&mut decl.version, &edit.version),
                    (&mut decl.fingerprint, &edit.fingerprint),
                ] {
                    if let Some(value) = value {
                        *field = Some(Text(value.as_str().into()));
                    }
                }
            }
        },
    )?;
    Ok(after)
}

/// Sets the fingerprint of a base; a new one goes below its version.
///
/// # Errors
/// [`EditError`], with the text unchanged.
pub fn set_base_fingerprint(
    text: &str,
    base: &str,
    fingerprint: &str,
) -> Result<String, EditError> {
    set(
        text,
        &["bases", base, "fingerprint"],
        fingerprint,
        Some("version"),
        |decl| {
            if let Some(decl) = decl.bases.get_mut(base) {
                decl.fingerprint = Some(Text(fingerprint.into()));
            }
        },
    )
}

/// Declares a service, in the style of those that are there and at its place where they are in
/// order.
///
/// # Errors
/// [`EditError`], with the text unchanged; also where the name is taken.
pub fn add_service(text: &str, service: &NewService) -> Result<String, EditError> {
    let by_hand = format!("write `{}` below `services:` by hand", service.name);
    let refused = EditError::Unsafe {
        place: "`services`".to_owned(),
        by_hand: by_hand.clone(),
    };
    let before = load(text).ok_or(EditError::Unreadable)?;
    let prepared = with_services(text, &before.tree);
    let tree = load(&prepared).ok_or(EditError::Unreadable)?.tree;
    let services = field(&tree, &["services"]).ok_or_else(|| refused.clone())?;
    if tree.entry(services, &service.name).is_some() {
        return Err(refused);
    }
    let splices =
        insert(&tree, &["services"], &service.name, &service.fields(), None).ok_or(refused)?;
    let after = spliced(&prepared, &splices).ok_or(EditError::Unreadable)?;
    verify(
        before.decl,
        &after,
        &format!("services.{}", service.name),
        by_hand,
        |decl| {
            decl.services
                .get_or_insert_default()
                .insert(service.name.clone(), Box::new(service.decl()));
        },
    )?;
    Ok(after)
}

/// The text with a key `services` at its end, where it has none.
fn with_services<'t>(text: &'t str, tree: &Tree) -> Cow<'t, str> {
    if field(tree, &["services"]).is_some() {
        return Cow::Borrowed(text);
    }
    let line_end = line_end(text);
    let end = if text.is_empty() || text.ends_with('\n') {
        ""
    } else {
        line_end
    };
    Cow::Owned(format!("{text}{end}services:{line_end}"))
}

/// The node at a path.
fn field(tree: &Tree, path: &[&str]) -> Option<Id> {
    let mut node = tree.root()?;
    for key in path {
        node = tree.entry(node, key)?.value;
    }
    Some(node)
}

/// Sets a text: in place of the one that is there, in its quotes, or as a new entry after the
/// sibling `after`.
fn set(
    text: &str,
    path: &[&str],
    value: &str,
    after: Option<&str>,
    change: impl FnOnce(&mut FleetDecl),
) -> Result<String, EditError> {
    put(text, path, &NewValue::Text(value.to_owned()), after, change)
}

/// The same for any value; only a text can be put in place of one that is there.
fn put(
    text: &str,
    path: &[&str],
    value: &NewValue,
    after: Option<&str>,
    change: impl FnOnce(&mut FleetDecl),
) -> Result<String, EditError> {
    let place = path.join(".");
    let (name, above) = path.split_last().ok_or(EditError::Unreadable)?;
    let by_hand = format!("write `{}` there by hand", as_flow(name, value));
    let refused = || EditError::Unsafe {
        place: place.clone(),
        by_hand: by_hand.clone(),
    };
    let Parsed { tree, decl, .. } = load(text).ok_or(EditError::Unreadable)?;
    let owner = field(&tree, above).ok_or_else(refused)?;
    // Nothing but a field that belongs somewhere goes into the document itself.
    let is_lost = above.is_empty() && after.is_none() && tree.entry(owner, name).is_none();
    let splices = splices_of(&tree, above, (name, value), after)
        .filter(|_| !is_lost)
        .ok_or_else(refused)?;
    let after = spliced(text, &splices).ok_or(EditError::Unreadable)?;
    verify(decl, &after, &place, by_hand, change)?;
    Ok(after)
}

/// The splices that give a field of the mapping at a path a value.
fn splices_of(
    tree: &Tree,
    path: &[&str],
    (name, value): (&str, &NewValue),
    after: Option<&str>,
) -> Option<Vec<Splice>> {
    match (tree.entry(field(tree, path)?, name), value) {
        (Some(entry), NewValue::Text(value)) => Some(vec![replace(tree, entry.value, value)?]),
        (Some(_), _) => None,
        (None, value) => insert(tree, path, name, value, after),
    }
}

/// Loads the edited text and holds it against the declaration before, with the same change made on
/// values.
fn verify(
    mut expected: FleetDecl,
    after: &str,
    place: &str,
    by_hand: String,
    change: impl FnOnce(&mut FleetDecl),
) -> Result<(), EditError> {
    let wrong = || EditError::Meaning {
        place: place.to_owned(),
        by_hand,
    };
    let Some(Parsed { decl: edited, .. }) = load(after) else {
        return Err(wrong());
    };
    let order = entry_order(&expected);
    let known: BTreeSet<&(bool, String)> = order.iter().collect();
    change(&mut expected);
    // Maps compare without regard to order, but the order of entries is the order of images.
    let kept: Vec<_> = entry_order(&edited)
        .into_iter()
        .filter(|entry| known.contains(entry))
        .collect();
    if edited == expected && kept == order {
        Ok(())
    } else {
        Err(wrong())
    }
}

/// What a text without a fault declares.
fn load(text: &str) -> Option<Parsed> {
    parse("services.yaml", text.as_bytes())
        .ok()
        .filter(|parsed| parsed.diagnostics.is_empty())
}

fn entry_order(decl: &FleetDecl) -> Vec<(bool, String)> {
    let bases = decl.bases.keys().map(|name| (true, name.clone()));
    bases
        .chain(
            decl.services
                .iter()
                .flat_map(|services| services.keys())
                .map(|name| (false, name.clone())),
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "owner: a # o\npython: '3.12'\nbases:\n  b:\n    version: v1.0.0 # \
     tag\nservices:\n  s-a: { kind: k }\n  s-c: { kind: k }\n    # about s-c\n\n# end\n";

    fn service(name: &str) -> NewService {
        NewService {
            name: name.to_owned(),
            kind: Some("k".to_owned()),
            pip: vec!["x".to_owned()],
            ..NewService::default()
        }
    }

    #[test]
    fn a_value_keeps_its_quotes_and_its_comment() {
        assert_eq!(
            set_python(TEXT, "3.13").unwrap(),
            TEXT.replace("'3.12'", "'3.13'")
        );
        assert_eq!(
            set_base_version(TEXT, "b", "v1.0.1").unwrap(),
            TEXT.replace("v1.0.0", "v1.0.1")
        );
    }

    #[test]
    fn a_fingerprint_goes_below_the_version() {
        let expected = TEXT.replace("# tag\n", "# tag\n    fingerprint: v1@00\n");
        assert_eq!(set_base_fingerprint(TEXT, "b", "v1@00").unwrap(), expected);
    }

    #[test]
    fn a_service_goes_to_its_place_in_the_style_of_its_neighbour() {
        let expected = TEXT.replace("  s-c:", "  s-b: { kind: k, pip: [x] }\n  s-c:");
        assert_eq!(add_service(TEXT, &service("s-b")).unwrap(), expected);
        let expected = TEXT.replace("s-c\n\n", "s-c\n  s-d: { kind: k, pip: [x] }\n\n");
        assert_eq!(add_service(TEXT, &service("s-d")).unwrap(), expected);
    }

    #[test]
    fn the_first_service_goes_under_an_empty_key() {
        let written = add_service("services: # none yet\nowner: a\n", &service("s")).unwrap();
        assert_eq!(
            written,
            "services: # none yet\n  s:\n    kind: k\n    pip: [x]\nowner: a\n"
        );
        assert_eq!(
            add_service("services: {}", &service("s")).unwrap(),
            "services: { s: { kind: k, pip: [x] } }"
        );
    }

    #[test]
    fn what_is_tied_to_another_place_is_refused() {
        let text = "python: &p \"3.12\"\nowner: *p\n";
        let error = set_python(text, "3.13").unwrap_err();
        assert!(
            error
                .to_string()
                .contains("write `python: \"3.13\"` there by hand"),
            "{error}"
        );
        assert!(set_python("owner: x\n", "3.13").is_err());
        assert!(add_service(TEXT, &service("s-a")).is_err());
    }

    #[test]
    fn a_file_without_services_gets_them_at_its_end() {
        for (text, end) in [
            ("", ""),
            ("# ours\n", ""),
            ("requirements: { a: [x] }", "\n"),
            ("owner: a\n", ""),
        ] {
            let expected = format!("{text}{end}services:\n  s:\n    kind: k\n    pip: [x]\n");
            assert_eq!(add_service(text, &service("s")).unwrap(), expected);
        }
        assert!(add_service("{ requirements: { a: [x] } }\n", &service("s")).is_err());
    }
}
