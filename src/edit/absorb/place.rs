//! Places of a declaration's text, and edits there. What an edit means is not judged here: the new
//! text is loaded and rendered.

use crate::diagnostic::{DeclPath, Step};
use crate::yaml::{
    Id, Kind, NewValue, Splice, Tree, append_item, insert, read, remove_item, replace, scalar,
    spliced,
};

/// What stands for an item in a list that is made, until its text takes the place.
const HOLDER: &str = "@item@";

/// A text of a declaration with the tree of its nodes.
pub(super) struct Text {
    pub(super) text: String,
    pub(super) tree: Tree,
}

impl Text {
    pub(super) fn read(text: &str) -> Option<Self> {
        let tree = read(text.as_bytes()).ok()?;
        Some(Self {
            text: text.to_owned(),
            tree,
        })
    }

    /// The node of a path; positions count items and entries.
    pub(super) fn node(&self, path: &DeclPath) -> Option<Id> {
        let mut node = self.tree.root()?;
        for step in &path.0 {
            node = match step {
                Step::Key(key) => self.tree.entry(node, key)?.value,
                Step::Index(at) if self.tree.is_mapping(node) => {
                    self.tree.entries(node).nth(*at)?.value
                }
                Step::Index(at) => self.tree.children(node).nth(*at)?,
            };
        }
        Some(node)
    }

    /// The text of a scalar.
    pub(super) fn value(&self, path: &DeclPath) -> Option<&str> {
        let node = self.node(path)?;
        matches!(self.tree.kind(node), Kind::Scalar(_)).then(|| self.tree.value(node))
    }

    /// The whole text with another scalar at a path.
    pub(super) fn replaced(&self, path: &DeclPath, value: &str) -> Option<String> {
        self.with(&[self.scalar(self.node(path)?, value)?])
    }

    /// Another scalar in place of one: a number stays one, a text gets the quotes that it has.
    fn scalar(&self, node: Id, value: &str) -> Option<Splice> {
        let splice = replace(&self.tree, node, value)?;
        let is_number = |text: &str| text.parse::<u64>().is_ok();
        let (start, end) = self.tree.bytes(node);
        let number = || Splice {
            start,
            end,
            text: value.to_owned(),
        };
        let was_number = self.tree.plain(node).is_some_and(is_number);
        Some(if was_number && is_number(value) {
            number()
        } else {
            splice
        })
    }

    /// The same with the field of an entry: replaced where it is a scalar, made where it is not
    /// there. Fields nest at dots.
    pub(super) fn with_field(&self, keys: &[&str], value: &NewValue) -> Option<String> {
        let path = DeclPath::of(keys);
        if let Some(node) = self.node(&path) {
            return match value {
                NewValue::Text(text) => self.with(&[self.scalar(node, text)?]),
                NewValue::Number(number) => self.with(&[self.scalar(node, &number.to_string())?]),
                // The rest of the line is the list's own.
                NewValue::List(items) if !self.tree.is_tied(node) => {
                    let items: Vec<String> = items.iter().map(|item| scalar(item)).collect();
                    let (start, end) = self.tree.bytes(node);
                    let text = format!("[{}]", items.join(", "));
                    let is_flow = matches!(
                        self.tree.kind(node),
                        Kind::Scalar(_) | Kind::Items { flow: true }
                    );
                    let splice = Splice { start, end, text };
                    self.with(&[splice]).filter(|_| is_flow)
                }
                _ => None,
            };
        }
        let (name, above) = keys.split_last()?;
        if self.node(&DeclPath::of(above)).is_none() {
            let fields = NewValue::Fields(vec![((*name).to_owned(), value.clone())]);
            return self.with_field(above, &fields).filter(|_| above.len() > 1);
        }
        self.with(&insert(&self.tree, above, name, value, None)?)
    }

    /// The same with another value of a field, as a flow has it; nothing where that has lines of
    /// its own.
    pub(super) fn with_written(&self, keys: &[&str], written: &str) -> Option<String> {
        let Some(node) = self.node(&DeclPath::of(keys)) else {
            let made = self.with_field(keys, &NewValue::Text(HOLDER.to_owned()))?;
            return Some(made.replacen(&scalar(HOLDER), written, 1));
        };
        let is_block = matches!(
            self.tree.kind(node),
            Kind::Items { flow: false } | Kind::Entries { flow: false }
        );
        let (start, end) = self.tree.bytes(node);
        let text = written.to_owned();
        let splice = Splice { start, end, text };
        let is_sure = !is_block && !self.tree.is_tied(node) && start < end;
        self.with(&[Some(splice).filter(|_| is_sure)?])
    }

    /// The same with one more item of a list, which is made where it is not there. `written` is the
    /// item as a list in brackets has it.
    pub(super) fn with_item(&self, keys: &[&str], written: &str) -> Option<String> {
        if let Some(node) = self.node(&DeclPath::of(keys)) {
            return self.with(&[append_item(&self.tree, node, written)?]);
        }
        let holder = NewValue::List(vec![HOLDER.to_owned()]);
        let made = self.with_field(keys, &holder)?;
        Some(made.replacen(&scalar(HOLDER), written, 1))
    }

    /// The same without an item of a list.
    pub(super) fn without_item(
        &self,
        keys: &[&str],
        is_it: &dyn Fn(&str) -> bool,
    ) -> Option<String> {
        let list = self.node(&DeclPath::of(keys))?;
        let is_item =
            |id: Id| matches!(self.tree.kind(id), Kind::Scalar(_)) && is_it(self.tree.value(id));
        let position = self.tree.children(list).position(is_item)?;
        let is_list = self.tree.is_list(list);
        self.with(&[remove_item(&self.tree, list, position).filter(|_| is_list)?])
    }

    fn with(&self, splices: &[Splice]) -> Option<String> {
        spliced(&self.text, splices)
    }
}
