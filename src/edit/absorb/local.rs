//! Whether an edit of a declaration reaches nothing but entries of services.

use std::collections::BTreeSet;

use crate::yaml::{Entry, Tree};

/// The services whose entries alone differ between two texts of a file; nothing where something
/// else does, or a name that is given in one entry is used outside of it.
pub(super) fn services_that_differ(before: &Tree, after: &Tree) -> Option<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    let entries =
        |tree: &Tree| -> Option<Vec<Entry>> { Some(tree.entries(tree.root()?).collect()) };
    for (one, other) in pairs((before, entries(before)?), (after, entries(after)?))? {
        if before.written(one.value) == after.written(other.value) {
            continue;
        }
        if before.value(one.key) != "services" || before.is_tied(one.value) {
            return None;
        }
        let services = (
            (before, before.entries(one.value).collect()),
            (after, after.entries(other.value).collect()),
        );
        for (one, other) in pairs(services.0, services.1)? {
            if before.written(one.value) != after.written(other.value) {
                if before.has_ties(one.value) || after.has_ties(other.value) {
                    return None;
                }
                names.insert(before.value(one.key).to_owned());
            }
        }
    }
    Some(names)
}

/// The entries of two mappings side by side; nothing where their keys are not the same.
fn pairs(
    (before, one): (&Tree, Vec<Entry>),
    (after, other): (&Tree, Vec<Entry>),
) -> Option<Vec<(Entry, Entry)>> {
    let is_same = |(one, other): &(Entry, Entry)| before.value(one.key) == after.value(other.key);
    let is_long = one.len() == other.len();
    let pairs: Vec<(Entry, Entry)> = one.into_iter().zip(other).collect();
    (is_long && pairs.iter().all(is_same)).then_some(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read;

    #[test]
    fn only_entries_of_services_are_named() {
        let text =
            "a: &x 1\nservices:\n  b: { port: 1 }\n  c: { port: 2 } # c\n  d: &y { e: *x }\n";
        for (from, to, names) in [
            ("port: 2", "port: 3", Some(vec!["c"])),
            ("# c", "# d", Some(vec![])),
            ("port", "ports", Some(vec!["b", "c"])),
            ("&x 1", "&x 2", None),
            ("  b:", "  e:", None),
            ("e: *x", "e: 1", None),
            ("a: ", "z: ", None),
        ] {
            let edited = text.replace(from, to);
            let [before, after] = [text, &edited].map(|text| read(text.as_bytes()).unwrap());
            let found = services_that_differ(&before, &after);
            let found: Option<Vec<&str>> = found
                .as_ref()
                .map(|names| names.iter().map(String::as_str).collect());
            assert_eq!(found, names, "{edited}");
        }
    }
}
