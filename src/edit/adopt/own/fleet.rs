//! A fleet of generated images, as a declaration has it.

use std::collections::{BTreeMap, BTreeSet};

use super::bake::Bake;
use super::layout::{of_set, pattern};
use super::locks::Locks;
use super::{Own, files};
use crate::dockerfile::meaning::Tree;
use crate::edit::adopt::find::Original;
use crate::edit::adopt::node::Node;

/// The patterns of `layout` unless it says others.
const LAYOUT: [(&str, &str); 3] = [
    ("services", "generated/{name}"),
    ("bases", "generated/{name}"),
    ("requirements", "generated/requirements/{set}.txt"),
];

/// The sets of requirements by name, as a declaration has them.
pub(crate) type Sets = Vec<(String, Node)>;

/// The generated images of a tree.
#[derive(Debug, Default)]
pub(crate) struct OwnFleet {
    pub(super) images: BTreeMap<String, Own>,
    /// The names of all images that are proposed.
    pub(super) names: BTreeSet<String>,
    layout: Vec<(String, Node)>,
    sets: Sets,
    pub(super) locks: Locks,
    bake: Option<Bake>,
    registry: Option<(String, String)>,
    /// What is known of external images, by their references.
    pub(super) below: BTreeMap<String, Below>,
}

/// What all images on an external one say of it.
#[derive(Debug, Default)]
pub(super) struct Below {
    /// Whether it has no shell.
    pub(super) is_shell_less: bool,
    /// Its user, where an image runs as that.
    pub(super) user: Option<String>,
}

impl OwnFleet {
    /// Reads the images whose Dockerfiles were generated. Without those that are `left` for other
    /// reasons, and without those on a base that is not among them.
    pub(crate) fn read<'o>(
        tree: &dyn Tree,
        originals: impl Iterator<Item = &'o Original> + Clone,
        left: &BTreeSet<String>,
    ) -> Self {
        let names: BTreeSet<String> = originals.clone().map(|one| one.name.clone()).collect();
        let is_left = |original: &&Original| !left.contains(&original.name);
        let mut fleet = Self {
            names,
            ..Self::default()
        };
        for original in originals.filter(is_left) {
            if let Some(own) = Own::read(tree, original).filter(|own| own.name == original.name) {
                fleet.images.insert(own.name.clone(), own);
            }
        }
        fleet.keep_whole();
        if !fleet.images.is_empty() {
            fleet.place(tree);
            fleet.bake = Bake::read(tree).filter(|bake| !left.contains(&bake.path));
            fleet.registry = fleet.said_registry();
            for own in fleet.images.values() {
                let below = fleet.below.entry(own.below.clone()).or_default();
                below.is_shell_less |= own.stages.installs.shell_less;
                let user = || own.inherited().map(str::to_owned);
                below.user = below.user.take().or_else(user);
            }
        }
        fleet
    }

    /// Leaves out images on bases that are not there, and bases on each other in a circle.
    fn keep_whole(&mut self) {
        let mut above: BTreeMap<Option<&str>, Vec<&Own>> = BTreeMap::new();
        for own in self.images.values() {
            above.entry(own.base.as_deref()).or_default().push(own);
        }
        let mut whole: BTreeSet<String> = BTreeSet::new();
        let mut found = vec![None];
        while let Some(base) = found.pop() {
            for own in above.remove(&base).into_iter().flatten() {
                whole.insert(own.name.clone());
                found.extend(own.is_base().then_some(Some(own.name.as_str())));
            }
        }
        self.images.retain(|name, _| whole.contains(name));
    }

    /// Finds where files lie, and the sets.
    fn place(&mut self, tree: &dyn Tree) {
        let of = |is_base: bool| {
            let images = self.images.values();
            pattern(images.filter(move |own| own.is_base() == is_base))
        };
        let (services, bases) = (of(false), of(true));
        let mut locks = Locks::default();
        let mut sets: Sets = Vec::new();
        let mut known: BTreeSet<String> = BTreeSet::new();
        let mut of_sets: Option<Vec<String>> = None;
        let folders = self.images.values().map(|own| own.folder.as_str());
        let folders: BTreeSet<&str> = folders.collect();
        let is_of_image = |path: &str| {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            folders.contains(folder)
        };
        let texts = tree.paths().iter().filter(|path| is_text(path));
        for path in texts.filter(|path| !is_of_image(path)) {
            if let Some((folder, file)) = path.rsplit_once('/')
                && let Some(image) = file.strip_suffix(".txt")
                && self.images.contains_key(image)
            {
                locks.take(tree, (folder, image));
            }
            let Some((name, packages, is_dev)) = tree.text(path).as_deref().and_then(files::set)
            else {
                continue;
            };
            let of_set = of_set(path, &name);
            let patterns = of_sets.get_or_insert_with(|| of_set.clone());
            patterns.retain(|pattern| of_set.contains(pattern));
            if known.insert(name.clone()) {
                sets.push((name, set(packages, is_dev)));
            }
        }
        for (name, packages) in self.images.values().flat_map(|own| &own.asked.sets) {
            if known.insert(name.clone()) {
                sets.push((name.clone(), set(packages.clone(), false)));
            }
        }
        (self.sets, self.locks) = (sets, locks);
        let of_sets = of_sets.and_then(|patterns| patterns.into_iter().next());
        for ((field, usual), pattern) in LAYOUT.into_iter().zip([services, bases, of_sets]) {
            if let Some(pattern) = pattern.filter(|pattern| pattern != usual) {
                self.layout.push((field.to_owned(), Node::Text(pattern)));
            }
        }
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The names of the images.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.images.keys().map(String::as_str)
    }

    /// The folder of an image's generated files.
    pub(crate) fn folder(&self, name: &str) -> Option<&str> {
        Some(self.images.get(name)?.folder.as_str())
    }

    /// How many instructions of an image are steps, and how many are in hooks.
    pub(crate) fn counted(&self, name: &str) -> Option<(usize, usize)> {
        let stages = &self.images.get(name)?.stages;
        Some((stages.steps.len(), stages.hooked))
    }

    /// The path of the bake file, where there is one.
    pub(crate) fn bake(&self) -> Option<&str> {
        Some(self.bake.as_ref()?.path.as_str())
    }

    /// The names of images in the order of the bake file; none without one.
    pub(crate) fn order(&self) -> &[String] {
        self.bake.as_ref().map_or(&[], Bake::order)
    }

    /// The kind of a service, as the bake file groups them.
    pub(super) fn kind(&self, name: &str) -> Option<&str> {
        self.bake.as_ref()?.kind(name)
    }

    /// The fleet's version of Python: that of a base, which can have no other one, or that of most
    /// images.
    pub(crate) fn python(&self) -> Option<String> {
        let images = || self.images.values();
        let mut of_bases = images().filter(|own| own.is_base()).filter_map(Own::python);
        of_bases.next().or_else(|| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for version in images().filter_map(Own::python) {
                *counts.entry(version).or_default() += 1;
            }
            let most = counts.into_iter().max_by_key(|(_, count)| *count);
            most.map(|(version, _)| version)
        })
    }

    /// Where images are pushed, as Dockerfiles say it.
    pub(crate) fn registry(&self) -> Option<&(String, String)> {
        self.registry.as_ref()
    }

    fn said_registry(&self) -> Option<(String, String)> {
        let said = self.images.values().find_map(|own| own.registry.clone());
        let said = said.or_else(|| self.bake.as_ref()?.registry());
        said.or_else(|| {
            let copies = self.images.values().flat_map(|own| &own.stages.copies);
            let mut references = copies.filter_map(|copied| copied.image.as_deref());
            references.find_map(|reference| {
                let (place, last) = reference.rsplit_once('/')?;
                let name = last.split([':', '@']).next().unwrap_or(last);
                let (registry, owner) = place.split_once('/')?;
                let is_own = self.names.contains(name);
                is_own.then(|| (registry.to_owned(), owner.to_owned()))
            })
        })
    }

    /// The versions of tools, by name.
    pub(crate) fn tools(&self) -> Vec<(String, Node)> {
        let installs = || self.images.values().map(|own| &own.stages.installs);
        let uv = installs().find_map(|one| one.uv.clone());
        let poetry = installs().find_map(|one| one.poetry.clone());
        let tools = [("uv", uv), ("poetry", poetry)];
        let tools = tools.into_iter();
        tools
            .filter_map(|(name, version)| Some((name.to_owned(), Node::Text(version?))))
            .collect()
    }

    /// What is said once for all images.
    pub(crate) fn fields(&self) -> Vec<(&'static str, Node)> {
        let mut fields = Vec::new();
        if !self.layout.is_empty() {
            fields.push(("layout", Node::Map(self.layout.clone())));
        }
        fields.extend(Own::texts(self.ignored()).map(|node| ("ignore", node)));
        fields.extend(self.locks.fields(self.images.len()));
        let is_new = fields.iter().all(|(field, _)| *field != "platforms");
        if let Some(bake) = &self.bake {
            let platforms = bake.platforms().filter(|_| is_new);
            fields.extend(platforms.map(|node| ("platforms", node)));
            fields.push(("outputs", bake.output()));
        }
        let url = self.images.values().find_map(|own| own.source_url.as_ref());
        fields.extend(url.map(|url| ("source_url", Node::text(url))));
        fields
    }

    /// The sets of requirements.
    pub(crate) fn sets(&self) -> Sets {
        self.sets.clone()
    }

    /// What an image asks for, as sets and what they lack: a lock does not tell them apart.
    pub(super) fn asked(&self, own: &Own) -> (Vec<String>, Vec<String>) {
        let Some(mut pip) = self.locks.asked(&own.name) else {
            let sets = own.asked.sets.iter().map(|(name, _)| name.clone());
            return (sets.collect(), own.asked.pip.clone());
        };
        let mut sets = Vec::new();
        let asked: BTreeSet<Node> = pip.iter().map(Node::text).collect();
        let mut brought: BTreeSet<&Node> = BTreeSet::new();
        for (name, node) in &self.sets {
            let Node::List(packages) = node else { continue };
            if !packages.is_empty() && packages.iter().all(|one| asked.contains(one)) {
                sets.push(name.clone());
                brought.extend(packages);
            }
        }
        pip.retain(|one| !brought.contains(&Node::text(one)));
        (sets, pip)
    }

    /// The patterns that hold for all images: bases have no others.
    pub(super) fn ignored(&self) -> &[String] {
        let mut bases = self.images.values().filter(|own| own.is_base());
        let base = bases.find(|own| !own.ignore.is_empty());
        base.map_or(&[], |own| own.ignore.as_slice())
    }
}

fn set(packages: Vec<String>, is_development: bool) -> Node {
    let packages = Node::List(packages.into_iter().map(Node::Text).collect());
    if !is_development {
        return packages;
    }
    Node::Map(vec![
        ("packages".to_owned(), packages),
        ("development".to_owned(), Node::Yes),
    ])
}

fn is_text(path: &str) -> bool {
    camino::Utf8Path::new(path).extension() == Some("txt")
}
