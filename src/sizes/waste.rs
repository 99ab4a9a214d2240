//! Bytes that an image carries and nobody needs, each counted in one place alone: the first that
//! fits, in the order of [`WasteKind::ALL`].

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Hidden, Node, Seen, Tree};

/// Why bytes are wasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum WasteKind {
    /// In a lower layer, under another file of a later one.
    Overwritten,
    /// In a lower layer, deleted by a later one.
    Deleted,
    /// In a folder of caches or temporary files.
    Cache,
    /// Byte code of a module that has byte code already, for another Python or optimization.
    Bytecode,
    /// Tests that an installed package or Python itself brings.
    Tests,
    /// A library that is only there to be linked into programs.
    StaticLibrary,
    /// The contents of a file that a lower layer has already.
    Duplicate,
}

impl WasteKind {
    /// All of them, in the order in which they are looked for.
    pub(crate) const ALL: [Self; 7] = [
        Self::Overwritten,
        Self::Deleted,
        Self::Cache,
        Self::Bytecode,
        Self::Tests,
        Self::StaticLibrary,
        Self::Duplicate,
    ];

    /// The name that programs read.
    #[must_use]
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Overwritten => "overwritten",
            Self::Deleted => "deleted",
            Self::Cache => "cache",
            Self::Bytecode => "bytecode",
            Self::Tests => "tests",
            Self::StaticLibrary => "static-library",
            Self::Duplicate => "duplicate",
        }
    }
}

/// A wasted file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wasted<'a> {
    pub(super) kind: WasteKind,
    pub(super) path: &'a [u8],
    pub(super) bytes: u64,
    /// The number of its layer.
    pub(super) layer: usize,
}

/// Every wasted file of an image, largest first. Empty files waste nothing.
pub(super) fn wasted<'a>(tree: &Tree<'a>) -> Vec<Wasted<'a>> {
    let waste = |kind, seen: &Seen<'a>| Wasted {
        kind,
        path: seen.path,
        bytes: seen.file.bytes,
        layer: seen.node.layer,
    };
    let mut wasted: Vec<Wasted<'a>> = tree
        .hidden()
        .iter()
        .map(|(seen, how)| {
            let kind = match how {
                Hidden::Overwritten => WasteKind::Overwritten,
                Hidden::Deleted => WasteKind::Deleted,
            };
            waste(kind, seen)
        })
        .collect();
    let seen = tree.seen();
    let spare = spare_bytecode(&seen);
    let mut needed = Vec::new();
    for file in &seen {
        match by_place(file.path, spare.contains(&file.node)) {
            Some(kind) => wasted.push(waste(kind, file)),
            None => needed.push(*file),
        }
    }
    wasted.extend(
        copies(needed)
            .iter()
            .map(|seen| waste(WasteKind::Duplicate, seen)),
    );
    wasted.retain(|wasted| wasted.bytes > 0);
    wasted.sort_by(|left, right| (right.bytes, left.path).cmp(&(left.bytes, right.path)));
    wasted
}

/// Why a file is waste, as far as its path tells.
fn by_place(path: &[u8], is_spare: bool) -> Option<WasteKind> {
    if is_cache(path) {
        Some(WasteKind::Cache)
    } else if is_spare {
        Some(WasteKind::Bytecode)
    } else if is_test(path) {
        Some(WasteKind::Tests)
    } else if path.ends_with(b".a") {
        Some(WasteKind::StaticLibrary)
    } else {
        None
    }
}

/// The folders of caches and temporary files: apt's, pip's and everybody's.
const CACHES: [&[u8]; 5] = [
    b"var/cache/",
    b"var/lib/apt/lists/",
    b"var/tmp/",
    b"tmp/",
    b"root/.cache/",
];

fn is_cache(path: &[u8]) -> bool {
    let of_home = || {
        let rest = path.strip_prefix(b"home/")?;
        let user = rest.iter().position(|byte| *byte == b'/')?;
        Some(rest[user..].starts_with(b"/.cache/"))
    };
    CACHES.iter().any(|folder| path.starts_with(folder)) || of_home().unwrap_or(false)
}

/// Whether a file is a test of an installed package, or of Python's own library.
fn is_test(path: &[u8]) -> bool {
    let mut names = path.split(|byte| *byte == b'/');
    let is_package_folder = |name: &[u8]| name == b"site-packages" || name == b"dist-packages";
    let is_library = |name: &[u8]| name.starts_with(b"python3.");
    let inside = names.find(|name| is_package_folder(name) || is_library(name));
    let mut folders: Vec<&[u8]> = names.collect();
    folders.pop();
    inside.is_some()
        && folders
            .iter()
            .any(|name| *name == b"tests" || *name == b"test")
}

/// The byte code of modules that have some already: all but the first by name.
fn spare_bytecode(seen: &[Seen<'_>]) -> BTreeSet<Node> {
    let mut known = BTreeSet::new();
    let mut spare = BTreeSet::new();
    for file in seen {
        let Some(module) = compiled_module(file.path) else {
            continue;
        };
        if !known.insert(module) {
            spare.insert(file.node);
        }
    }
    spare
}

/// The path of a compiled module without what names the Python and the optimization (PEP 3147):
/// `a/__pycache__/b` of `a/__pycache__/b.cpython-312.opt-1.pyc`.
fn compiled_module(path: &[u8]) -> Option<&[u8]> {
    let name = path.iter().rposition(|byte| *byte == b'/')? + 1;
    let is_bytecode = path[..name].ends_with(b"__pycache__/") && path.ends_with(b".pyc");
    let dot = path[name..].iter().position(|byte| *byte == b'.')?;
    is_bytecode.then_some(&path[..name + dot])
}

/// The files whose contents a lower layer has already.
fn copies(mut files: Vec<Seen<'_>>) -> Vec<Seen<'_>> {
    files.sort_by_key(|seen| (seen.node.layer, seen.path));
    let mut first: BTreeMap<(u128, u64), usize> = BTreeMap::new();
    files.retain(|seen| {
        let key = (seen.file.content, seen.file.bytes);
        let layer = *first.entry(key).or_insert(seen.node.layer);
        layer < seen.node.layer
    });
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_tell_what_is_waste() {
        for (path, kind) in [
            ("var/cache/apt/pkgcache.bin", Some(WasteKind::Cache)),
            ("home/a/.cache/pip/x", Some(WasteKind::Cache)),
            ("home/.cache/pip/x", None),
            (
                "opt/venv/lib/python3.12/site-packages/numpy/tests/test_a.py",
                Some(WasteKind::Tests),
            ),
            ("opt/venv/lib/python3.12/site-packages/tests.py", None),
            ("usr/lib/python3.12/test/a.py", Some(WasteKind::Tests)),
            ("app/tests/test_a.py", None),
            ("usr/lib/libc.a", Some(WasteKind::StaticLibrary)),
            ("usr/lib/libc.so", None),
        ] {
            assert_eq!(by_place(path.as_bytes(), false), kind, "{path}");
        }
        assert_eq!(
            compiled_module(b"a/__pycache__/b.cpython-312.opt-1.pyc"),
            Some(&b"a/__pycache__/b"[..])
        );
        assert_eq!(compiled_module(b"a/b.pyc"), None);
    }
}
