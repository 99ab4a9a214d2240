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

use serde::de::DeserializeOwned;

use super::node::At;
use super::pass::{FINDING_LIMIT, Finding, Pass, Problem};
use super::tree::{Id, Tree};

/// How often a text is read again: only what a type itself refuses takes more than two passes.
const PASS_LIMIT: usize = 10;

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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Deserialize;

    use super::*;
    use crate::yaml::pass::Expected;
    use crate::yaml::plain::Mistaken;
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
