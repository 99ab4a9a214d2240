//! One more item of a list, or one less: every other byte stays.

use super::splice::{Splice, line_end};
use super::tree::{Id, Kind, Tree};

/// Puts an item, as it is written, at the end of a list.
#[must_use]
pub(crate) fn append_item(tree: &Tree, list: Id, written: &str) -> Option<Splice> {
    if tree.is_tied(list) {
        return None;
    }
    let text = tree.text();
    let items = tree.children(list);
    match (tree.kind(list), items.last()) {
        (Kind::Items { flow: true }, None) => {
            let (start, end) = tree.bytes(list);
            let text = format!("[{written}]");
            Some(Splice { start, end, text })
        }
        (Kind::Items { flow: true }, Some(item)) => {
            Some(Splice::at(tree.bytes(item).1, format!(", {written}")))
        }
        (Kind::Items { flow: false }, Some(item)) => {
            let (start, end) = tree.bytes(item);
            let dash = dash(text, start)?;
            let newline = line_end(text);
            let rest = text.get(end..)?;
            if text.get(..end)?.ends_with('\n') {
                return Some(Splice::at(end, format!("{dash}{written}{newline}")));
            }
            Some(match rest.find('\n') {
                Some(at) => Splice::at(end + at + 1, format!("{dash}{written}{newline}")),
                None => Splice::at(text.len(), format!("{newline}{dash}{written}")),
            })
        }
        _ => None,
    }
}

/// Takes an item out of a list. The only item of a list of lines stays: what would be left is not a
/// list.
#[must_use]
pub(crate) fn remove_item(tree: &Tree, list: Id, position: usize) -> Option<Splice> {
    if tree.is_tied(list) {
        return None;
    }
    let items: Vec<Id> = tree.children(list).collect();
    let (start, end) = tree.bytes(*items.get(position)?);
    let removed = |start, end| Splice {
        start,
        end,
        text: String::new(),
    };
    match tree.kind(list) {
        Kind::Items { flow: true } => {
            Some(match (position.checked_sub(1), items.get(position + 1)) {
                (_, Some(next)) => removed(start, tree.bytes(*next).0),
                (Some(before), None) => removed(tree.bytes(*items.get(before)?).1, end),
                (None, None) => removed(start, end),
            })
        }
        Kind::Items { flow: false } if items.len() > 1 => {
            let text = tree.text();
            let line = start - dash(text, start)?.len();
            let rest = text.get(end..)?;
            let end = rest.find('\n').map_or(text.len(), |at| end + at + 1);
            Some(removed(line, end))
        }
        _ => None,
    }
}

/// What stands before an item on its line: spaces and a dash.
fn dash(text: &str, item: usize) -> Option<&str> {
    let before = text.get(..item)?;
    let line = before.get(before.rfind('\n').map_or(0, |at| at + 1)..)?;
    (line.trim() == "-").then_some(line)
}

#[cfg(test)]
mod tests {
    use super::super::{read, spliced};
    use super::*;

    fn list(tree: &Tree) -> Id {
        tree.entry(tree.root().unwrap(), "l").unwrap().value
    }

    #[test]
    fn an_item_is_appended_in_the_style_of_the_list() {
        for (before, after) in [
            ("l: [a, b] # c\n", "l: [a, b, x] # c\n"),
            ("l: []\n", "l: [x]\n"),
            (
                "l:\n  - a # about a\nm: 1\n",
                "l:\n  - a # about a\n  - x\nm: 1\n",
            ),
            ("l:\n- a\n- b", "l:\n- a\n- b\n- x"),
            ("l:\r\n  - a\r\n", "l:\r\n  - a\r\n  - x\r\n"),
        ] {
            let tree = read(before.as_bytes()).unwrap();
            let splice = append_item(&tree, list(&tree), "x").unwrap();
            assert_eq!(spliced(before, &[splice]).unwrap(), after);
        }
    }

    #[test]
    fn an_item_is_removed_with_its_comma_or_its_line() {
        for (before, position, after) in [
            ("l: [a, b] # c\n", 0, "l: [b] # c\n"),
            ("l: [a, b] # c\n", 1, "l: [a] # c\n"),
            ("l: [a]\n", 0, "l: []\n"),
            ("l:\n  - a # a\n  - b\n", 0, "l:\n  - b\n"),
            ("l:\n  - a\n  - b", 1, "l:\n  - a\n"),
        ] {
            let tree = read(before.as_bytes()).unwrap();
            let splice = remove_item(&tree, list(&tree), position).unwrap();
            assert_eq!(spliced(before, &[splice]).unwrap(), after);
        }
        let tree = read(b"l:\n  - a\n").unwrap();
        assert_eq!(remove_item(&tree, list(&tree), 0), None);
    }
}
