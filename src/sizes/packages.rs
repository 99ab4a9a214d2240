//! How much each installed package takes: Python distributions by their RECORD (Python packaging
//! specification, "Recording installed projects"), Debian packages by dpkg's lists of files.

use std::collections::{BTreeMap, BTreeSet};

use super::tree::{Node, Seen, Tree};

/// Where dpkg keeps its lists.
const DPKG_LISTS: &[u8] = b"var/lib/dpkg/info/";
/// Where it keeps what is installed.
const DPKG_STATUS: &[u8] = b"var/lib/dpkg/status";

/// An installed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Installed {
    pub(super) name: String,
    pub(super) version: String,
    /// The bytes of its files, as the image has them.
    pub(super) bytes: u64,
    pub(super) files: u64,
    /// The number of the layer that has its list.
    pub(super) layer: usize,
}

/// The files of one package, each once.
#[derive(Default)]
struct Taken {
    nodes: BTreeSet<Node>,
    bytes: u64,
}

impl Taken {
    fn add(&mut self, tree: &Tree<'_>, path: &[u8]) {
        if let Some((node, file)) = tree.look_up(path)
            && self.nodes.insert(node)
        {
            self.bytes += file.bytes;
        }
    }

    fn of(self, name: &str, version: &str, layer: usize) -> Installed {
        Installed {
            name: name.to_owned(),
            version: version.to_owned(),
            bytes: self.bytes,
            files: self.nodes.len() as u64,
            layer,
        }
    }
}

/// The Python distributions of an image, largest first.
pub(super) fn distributions(tree: &Tree<'_>) -> Vec<Installed> {
    let seen = tree.seen();
    let found = seen.iter().filter_map(|seen| distribution(tree, seen));
    largest_first(found.collect())
}

fn distribution(tree: &Tree<'_>, seen: &Seen<'_>) -> Option<Installed> {
    let folder = seen.path.strip_suffix(b"/RECORD")?;
    let text = seen.file.text.as_deref()?;
    let slash = folder.iter().rposition(|byte| *byte == b'/')?;
    let root = &folder[..slash];
    let named = String::from_utf8_lossy(&folder[slash + 1..]);
    let (name, version) = named.strip_suffix(".dist-info")?.split_once('-')?;
    let mut taken = Taken::default();
    for line in text.split(|byte| *byte == b'\n') {
        if let Some(path) = recorded(root, line) {
            taken.add(tree, &path);
        }
    }
    Some(taken.of(name, version, seen.node.layer))
}

/// The path from the image's root on that a line of a RECORD names: its first field, in quotes
/// where it has a comma or a quote. It counts from the folder of the distribution.
fn recorded(root: &[u8], line: &[u8]) -> Option<Vec<u8>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let field = if let Some(quoted) = line.strip_prefix(b"\"") {
        let mut field = Vec::new();
        let mut bytes = quoted.iter().copied().peekable();
        while let Some(byte) = bytes.next() {
            if byte == b'"' && bytes.next_if_eq(&b'"').is_none() {
                break;
            }
            field.push(byte);
        }
        field
    } else {
        line.split(|byte| *byte == b',').next()?.to_vec()
    };
    if field.is_empty() {
        return None;
    }
    let is_absolute = field.starts_with(b"/");
    let mut names: Vec<&[u8]> = if is_absolute {
        Vec::new()
    } else {
        root.split(|byte| *byte == b'/').collect()
    };
    for name in field.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    Some(names.join(&b'/'))
}

/// The Debian packages of an image, largest first.
pub(super) fn debian_packages(tree: &Tree<'_>) -> Vec<Installed> {
    let seen = tree.seen();
    // An image without apt has lists at most, and then versions are not known.
    let status = seen.iter().find(|seen| seen.path == DPKG_STATUS);
    let status = status.and_then(|seen| seen.file.text.as_deref());
    let versions = status.map_or_else(BTreeMap::new, versions);
    let mut found = Vec::new();
    for seen in &seen {
        let list = seen.path.strip_prefix(DPKG_LISTS);
        let Some(name) = list.and_then(|name| name.strip_suffix(b".list")) else {
            continue;
        };
        let name = String::from_utf8_lossy(name);
        let name = name.split(':').next().expect("a split has a first part");
        let mut taken = Taken::default();
        // Another name of a file that is no list has no text, so its package has no files.
        let lines = seen.file.text.iter();
        for line in lines.flat_map(|text| text.split(|byte| *byte == b'\n')) {
            taken.add(tree, line.strip_prefix(b"/").unwrap_or(line));
        }
        let version = versions.get(name).map_or("", String::as_str);
        found.push(taken.of(name, version, seen.node.layer));
    }
    largest_first(found)
}

/// By package, its version in dpkg's status file.
fn versions(status: &[u8]) -> BTreeMap<String, String> {
    let mut versions = BTreeMap::new();
    let mut package = None;
    for line in String::from_utf8_lossy(status).lines() {
        if let Some(name) = line.strip_prefix("Package: ") {
            package = Some(name.to_owned());
        } else if let Some(version) = line.strip_prefix("Version: ")
            && let Some(package) = package.take()
        {
            versions.insert(package, version.to_owned());
        }
    }
    versions
}

fn largest_first(mut packages: Vec<Installed>) -> Vec<Installed> {
    packages.sort_by(|left, right| (right.bytes, &left.name).cmp(&(left.bytes, &right.name)));
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_names_paths_from_the_folder_of_its_distribution() {
        let path = |line: &str| {
            let found = recorded(b"opt/lib/site-packages", line.as_bytes())?;
            Some(String::from_utf8(found).unwrap())
        };
        let is = |line: &str, expected: &str| {
            assert_eq!(path(line).as_deref(), Some(expected), "{line}");
        };
        is("a/b.py,sha256=x,12", "opt/lib/site-packages/a/b.py");
        is("../../bin/tool,,", "opt/bin/tool");
        is("\"a,\"\"b\"\".py\",,", "opt/lib/site-packages/a,\"b\".py");
        is("/etc/x,,\r", "etc/x");
        assert_eq!(path(""), None);
        assert_eq!(path("../../../../x,,"), None);
    }
}
