//! Types from a [`Tree`] by serde: every wrong value and every unknown field of a text at once,
//! each with its node.
//!
//! Where a node is not what a type asks for, that is noted, the type gets a stand-in and goes on.
//! Then the wrong nodes are left out and the type is read once more, so that the result holds no
//! stand-ins.
//!
//! A type has to ask for what it wants, as `derive` does. `deserialize_any` means "the short form
//! or a mapping": a scalar or a list comes back through `visit_newtype_struct`, so that the short
//! form can ask in turn.

use std::cell::{Cell, RefCell};

use serde::de::DeserializeOwned;

use super::node::At;
use super::plain::Mistaken;
use super::tree::{Id, Tree};

/// How many findings are kept; all wrong nodes are left out nevertheless.
const FINDING_LIMIT: usize = 500;
/// How often a text is read again: only what a type itself refuses takes more than two passes.
const PASS_LIMIT: usize = 10;

/// What does not fit the type.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// The value, or the key of an unknown field.
    pub node: Id,
    /// What is wrong with it.
    pub problem: Problem,
}

/// What is wrong with a node.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// The type has no field of this name.
    UnknownField,
    /// A bare word is where text is expected, and some reader of YAML takes it for something else.
    NotText(Mistaken),
    /// A value of another type.
    Wrong {
        /// What is expected.
        expected: Expected,
        /// Whether a mapping would fit too.
        or_mapping: bool,
    },
    /// The type refused it, with this message.
    Refused(String),
}

/// What a type asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Expected {
    /// A text.
    Text,
    /// `true` or `false`.
    Bool,
    /// A whole number, 0 or more.
    Number,
    /// A list.
    List,
    /// A mapping.
    Mapping,
    /// One of several words.
    Word(&'static [&'static str]),
}

/// Reads a type from a tree: what could be read, and what could not.
#[must_use]
pub fn load<T: DeserializeOwned + Default>(tree: &Tree) -> (T, Vec<Finding>) {
    let Some(root) = tree.root() else {
        return (T::default(), Vec::new());
    };
    let mut found = Vec::new();
    let mut left_out: Vec<Id> = Vec::new();
    for _ in 0..PASS_LIMIT {
        let pass = Pass::new(tree, &left_out);
        let result = T::deserialize(At::root(&pass, root));
        if let Err(error) = &result {
            pass.note(pass.at.get(), Problem::Refused(error.to_string()));
        }
        let wrong = pass.wrong.into_inner();
        found.extend(pass.found.into_inner());
        found.extend(pass.unknown.into_inner());
        if let (Ok(value), true) = (result, wrong.is_empty()) {
            return (value, in_order(found));
        }
        left_out.extend(wrong);
        left_out.sort_unstable();
        left_out.dedup();
        if left_out.first() == Some(&root) {
            break;
        }
    }
    (T::default(), in_order(found))
}

/// In the order of the text, each once: an anchored node may have been read several times.
fn in_order(mut found: Vec<Finding>) -> Vec<Finding> {
    found.sort();
    found.dedup();
    found.truncate(2 * FINDING_LIMIT);
    found
}

/// One pass over a tree.
pub(super) struct Pass<'t> {
    pub(super) tree: &'t Tree,
    /// Values that are passed over as if they were not written, in order.
    left_out: &'t [Id],
    /// The nodes to leave out of the next pass.
    wrong: RefCell<Vec<Id>>,
    found: RefCell<Vec<Finding>>,
    unknown: RefCell<Vec<Finding>>,
    /// The key or value that was read last.
    pub(super) at: Cell<Id>,
}

impl<'t> Pass<'t> {
    fn new(tree: &'t Tree, left_out: &'t [Id]) -> Self {
        Self {
            tree,
            left_out,
            wrong: RefCell::default(),
            found: RefCell::default(),
            unknown: RefCell::default(),
            at: Cell::new(0),
        }
    }

    /// Leaves a node out of the next pass.
    pub(super) fn leave_out(&self, node: Id) {
        self.wrong.borrow_mut().push(node);
    }

    pub(super) fn note(&self, node: Id, problem: Problem) {
        self.leave_out(node);
        let mut found = self.found.borrow_mut();
        if found.len() < FINDING_LIMIT {
            found.push(Finding { node, problem });
        }
    }

    pub(super) fn note_unknown(&self, key: Id) {
        let mut unknown = self.unknown.borrow_mut();
        if unknown.len() < FINDING_LIMIT {
            unknown.push(Finding {
                node: key,
                problem: Problem::UnknownField,
            });
        }
    }

    pub(super) fn is_left_out(&self, node: Id) -> bool {
        !self.left_out.is_empty() && self.left_out.binary_search(&node).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::yaml::read;

    #[derive(Debug, Default, PartialEq, Deserialize)]
    #[serde(default)]
    struct Shape {
        text: Option<String>,
        number: Option<u64>,
        yes: bool,
        list: Vec<String>,
        map: BTreeMap<String, String>,
        word: Option<Word>,
        #[serde(alias = "other")]
        inner: Option<Box<Shape>>,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Word {
        One,
        Two,
    }

    fn found(text: &str) -> (Shape, Vec<(String, Problem)>) {
        let tree = read(text.as_bytes()).unwrap();
        let (shape, findings) = load::<Shape>(&tree);
        (
            shape,
            findings
                .into_iter()
                .map(|found| (tree.written(found.node).to_owned(), found.problem))
                .collect(),
        )
    }

    fn wrong(expected: Expected) -> Problem {
        Problem::Wrong {
            expected,
            or_mapping: false,
        }
    }

    #[test]
    fn values_are_read_as_they_are_written() {
        let text = "text: \"3.10\"\nnumber: +8_0\nyes: True\nlist: [a, 'b', \"\\x41\"]\nmap: { k: \
         v, \"5\": '5' }\nword: two\n";
        let (shape, found) = found(&text.replace("8_0", "80"));
        assert_eq!(found, []);
        let map = BTreeMap::from([
            ("k".to_owned(), "v".to_owned()),
            ("5".to_owned(), "5".to_owned()),
        ]);
        let list = vec!["a".to_owned(), "b".to_owned(), "A".to_owned()];
        let expected = Shape {
            text: Some("3.10".to_owned()),
            number: Some(80),
            yes: true,
            list,
            map,
            word: Some(Word::Two),
            inner: None,
        };
        assert_eq!(shape, expected);
    }

    #[test]
    fn all_that_does_not_fit_is_found_at_once_and_left_out() {
        let text = "text: 3.10\nnumber: 0x1F\nyes: yes\nlist: [a, 5, [b], c]\nmap: { k: v, 5: w, \
         l: { x: y } }\nword: three\ninner: { txt: 1, list: x, inner: 1 }\nx: { y: z }\n";
        let (shape, found) = found(text);
        let expected = [
            ("3.10", Problem::NotText(Mistaken::Number)),
            ("0x1F", wrong(Expected::Number)),
            ("yes", wrong(Expected::Bool)),
            ("5", Problem::NotText(Mistaken::Number)),
            ("[b]", wrong(Expected::Text)),
            ("5", Problem::NotText(Mistaken::Number)),
            ("{ x: y }", wrong(Expected::Text)),
            ("three", wrong(Expected::Word(&["one", "two"]))),
            ("txt", Problem::UnknownField),
            ("x", wrong(Expected::List)),
            ("1", wrong(Expected::Mapping)),
            ("x", Problem::UnknownField),
        ];
        assert_eq!(
            found,
            expected.map(|(written, problem)| (written.to_owned(), problem))
        );
        let map = BTreeMap::from([("k".to_owned(), "v".to_owned())]);
        let list = vec!["a".to_owned(), "c".to_owned()];
        assert_eq!(
            shape,
            Shape {
                list,
                map,
                inner: Some(Box::default()),
                ..Shape::default()
            }
        );
    }

    #[test]
    fn what_a_type_refuses_is_found_with_the_rest() {
        let (shape, found) =
            found("number: x\ninner: { number: 1 }\nother: { number: 2 }\nyes: 1\n");
        let written: Vec<&str> = found.iter().map(|(written, _)| written.as_str()).collect();
        assert_eq!(written, ["x", "other", "1"]);
        assert!(
            matches!(&found[1].1, Problem::Refused(message) if message.contains("duplicate field")),
            "{found:?}"
        );
        assert_eq!(shape.inner.and_then(|inner| inner.number), Some(1));
    }

    #[test]
    fn an_anchored_value_is_found_once() {
        let (shape, found) =
            found("map: &m { k: 1, l: x }\ninner: { map: *m, text: &t [a] }\ntext: *t\n");
        let written: Vec<&str> = found.iter().map(|(written, _)| written.as_str()).collect();
        assert_eq!(written, ["1", "[a]", "*t"]);
        assert_eq!(
            (shape.map.len(), shape.inner.map(|inner| inner.map.len())),
            (1, Some(1))
        );
    }

    #[test]
    fn a_document_without_content_is_the_default() {
        for text in ["", "# nothing\n", "---\n", "~\n", "null\n", "{}\n"] {
            assert_eq!(found(text), (Shape::default(), Vec::new()), "{text}");
        }
    }

    #[test]
    fn thousands_of_findings_are_bounded_and_all_left_out() {
        let text = format!("list: [{}]\n", "5, ".repeat(20_000));
        let (shape, found) = found(&text);
        assert_eq!((shape.list.len(), found.len()), (0, FINDING_LIMIT));
    }
}
