//! What locks of dockwright were made from, as their headers say it.

use std::collections::BTreeMap;

use crate::dockerfile::meaning::Tree;
use crate::edit::adopt::node::Node;
use crate::fleet::lock::{Lock, parse_lock};

/// The platform of locks where none is declared.
const PLATFORM: &str = "linux/amd64";

/// The locks of a fleet.
#[derive(Debug, Default)]
pub(super) struct Locks {
    folder: String,
    by_image: BTreeMap<String, Lock>,
}

impl Locks {
    /// Takes a file that is the lock of this image.
    pub(super) fn take(&mut self, tree: &dyn Tree, (folder, image): (&str, &str)) {
        let text = tree.text(&format!("{folder}/{image}.txt"));
        let lock = text.and_then(|text| parse_lock(text.as_bytes()).ok());
        if let Some(lock) = lock {
            folder.clone_into(&mut self.folder);
            self.by_image.insert(image.to_owned(), lock);
        }
    }

    /// What an image asks for, where it is locked.
    pub(super) fn asked(&self, image: &str) -> Option<Vec<String>> {
        self.by_image
            .contains_key(image)
            .then(|| self.values(image, "requirement"))
    }

    fn values(&self, image: &str, key: &str) -> Vec<String> {
        let lock = self.by_image.get(image).into_iter();
        let values = lock.flat_map(|lock| lock.inputs.values(key));
        values.map(|input| input.value.clone()).collect()
    }

    /// The fields of the fleet, where `count` images were generated.
    pub(super) fn fields(&self, count: usize) -> Vec<(&'static str, Node)> {
        let Some(first) = self.by_image.keys().next() else {
            return Vec::new();
        };
        let mut fields = Vec::new();
        if self.by_image.len() == count {
            fields.push(("locks", Node::text(&self.folder)));
        } else {
            let images = Node::texts(self.by_image.keys().cloned());
            let entry = [("folder", Node::text(&self.folder)), ("images", images)];
            let entry = entry.map(|(key, value)| (key.to_owned(), value));
            fields.push(("locks", Node::Map(entry.to_vec())));
        }
        let platforms = self.values(first, "platform");
        if platforms != [PLATFORM] {
            fields.push(("platforms", Node::texts(platforms)));
        }
        fields
    }
}
