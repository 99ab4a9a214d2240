//! One layer: a tar archive of what an instruction changed (OCI image specification, layer.md).

use std::cell::Cell;
use std::io::{self, Read};
use std::rc::Rc;

use sha2::{Digest as _, Sha256};
use tar::{Archive, EntryType};

use super::bounds::{Budget, Lists};
use super::error::Fault;
use super::stream::{Compression, Counted, Decompressed, Gate, HEADER_BYTES, Sha256Digest};

/// What marks a file as deleted by a layer.
const WHITEOUT: &[u8] = b".wh.";
/// The name of a file that hides everything that lower layers have in its folder.
const OPAQUE: &[u8] = b".wh..wh..opq";

/// A layer as it was read.
#[derive(Debug)]
pub struct Layer {
    /// The digest of the tar archive, by which images share it.
    pub diff_id: Sha256Digest,
    /// The digest of the bytes as they are stored.
    pub(crate) stored_digest: Sha256Digest,
    /// How they are stored.
    pub(crate) compression: Compression,
    /// How many bytes are stored.
    pub(crate) stored_bytes: u64,
    /// What it changes, by path, each path once.
    pub(crate) entries: Vec<Entry>,
    /// How many package lists are among them.
    pub(crate) lists: Lists,
}

/// One file, link or mark of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The path from the root of the image on, without a slash at either end; of a mark, the path
    /// that it deletes.
    pub(crate) path: Box<[u8]>,
    /// What it is.
    pub(crate) kind: Kind,
}

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A regular file.
    File(File),
    /// Another name of a file of the same layer.
    HardLink(Box<[u8]>),
    /// A symbolic link.
    Symlink(Box<[u8]>),
    /// A folder.
    Folder,
    /// A device, pipe or socket.
    Special,
    /// Deletes the path in lower layers.
    Deleted,
    /// Deletes what lower layers have in the folder of this path.
    Opaque,
}

/// The contents of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    /// Its length.
    pub(crate) bytes: u64,
    /// The first half of its SHA-256 digest: enough to tell contents apart, half the memory.
    pub(crate) content: u128,
    /// Its bytes, where they are kept: the lists of package managers.
    pub(crate) text: Option<Box<[u8]>>,
}

impl Layer {
    /// The bytes of its files, other names of a file aside.
    #[must_use]
    pub(crate) fn file_bytes(&self) -> u64 {
        self.entries.iter().map(Entry::file_bytes).sum()
    }
}

impl Entry {
    /// By what entries are sorted: a mark is another thing than an entry of its path.
    fn order(&self) -> (&[u8], u8) {
        let rank = match self.kind {
            Kind::Deleted => 1,
            Kind::Opaque => 2,
            _ => 0,
        };
        (&self.path, rank)
    }

    /// How it stands to what is no mark and has this path, in the order of a layer's entries.
    pub(super) fn compare(&self, path: &[u8]) -> std::cmp::Ordering {
        self.order().cmp(&(path, 0))
    }

    /// Whether it is a regular file.
    #[must_use]
    pub(crate) fn is_file(&self) -> bool {
        matches!(self.kind, Kind::File(_))
    }

    /// The bytes that it takes of its own.
    #[must_use]
    pub(crate) fn file_bytes(&self) -> u64 {
        match &self.kind {
            Kind::File(file) => file.bytes,
            _ => 0,
        }
    }
}

/// The most bytes of a file with holes: they are not stored, so nothing else bounds them.
const SPARSE_BYTES: u64 = 4 << 30;

/// Whether the contents of a file are kept: what pip and dpkg write about a package.
fn is_package_list(path: &[u8]) -> bool {
    path.ends_with(b".dist-info/RECORD")
        || (path.starts_with(b"var/lib/dpkg/info/") && path.ends_with(b".list"))
        || path == b"var/lib/dpkg/status"
}

fn lists_among(entries: &[Entry]) -> Lists {
    let mut lists = Lists::default();
    for entry in entries {
        if let Kind::File(File {
            text: Some(text), ..
        }) = &entry.kind
        {
            lists.count += 1;
            lists.bytes += text.len() as u64;
        }
    }
    lists
}

/// Reads a layer, of which `start` are the first bytes.
///
/// # Errors
/// What is wrong with it, or a bound.
pub fn read_layer(start: &[u8], rest: &mut dyn Read, budget: &mut Budget) -> Result<Layer, Fault> {
    let compression = Compression::of(start);
    let is_compressed = compression != Compression::None;
    // The digest of a tar archive that is stored as it is, is that of the layer.
    let stored = Counted::new(start.chain(rest), is_compressed);
    let counter = stored.counter();
    let expanded = Counted::new(Decompressed::new(stored, compression, counter), true);
    let room = Rc::new(Cell::new(HEADER_BYTES));
    let mut archive = Archive::new(Gate::new(expanded, Rc::clone(&room)));
    let mut entries = read_entries(&mut archive, &room, budget)?;
    room.set(u64::MAX);
    let mut expanded = archive.into_inner().into_inner();
    // The digest is one of all bytes, those behind the end of the archive included.
    io::copy(&mut expanded, &mut io::sink()).map_err(Fault::of)?;
    let (stored, _, diff_id) = expanded.finish();
    let diff_id = diff_id.expect("the expanded bytes are hashed");
    let (_, stored_bytes, stored_digest) = stored.drain().map_err(Fault::of)?.finish();
    sort_last_of_each_path(&mut entries);
    let lists = lists_among(&entries);
    Ok(Layer {
        diff_id,
        stored_digest: stored_digest.unwrap_or(diff_id),
        compression,
        stored_bytes,
        entries,
        lists,
    })
}

fn read_entries(
    archive: &mut Archive<impl Read>,
    room: &Rc<Cell<u64>>,
    budget: &mut Budget,
) -> Result<Vec<Entry>, Fault> {
    let mut entries = Vec::new();
    let mut found = archive.entries().map_err(Fault::of_tar)?;
    let mut buffer = vec![0; 64 << 10];
    loop {
        // The contents of the file before were read to their end.
        room.set(HEADER_BYTES);
        let Some(entry) = found.next() else {
            return Ok(entries);
        };
        let mut entry = entry.map_err(Fault::of_tar)?;
        room.set(u64::MAX);
        budget.take_entry()?;
        let path = clean(&entry.path_bytes())?;
        entries.extend(read_entry(path, &mut entry, budget, &mut buffer)?);
        // What no kind of ours has contents for is read past.
        io::copy(&mut entry, &mut io::sink()).map_err(Fault::of)?;
    }
}

/// One entry; the root itself and what only tells of other entries is none.
fn read_entry(
    path: Box<[u8]>,
    entry: &mut tar::Entry<'_, impl Read>,
    budget: &mut Budget,
    buffer: &mut [u8],
) -> Result<Option<Entry>, Fault> {
    let target = entry.link_name_bytes().unwrap_or_default().into_owned();
    budget.take_names(&path, &target)?;
    if let Some(mark) = mark(&path) {
        return Ok(Some(mark));
    }
    let kind = match entry.header().entry_type() {
        EntryType::Regular | EntryType::Continuous | EntryType::GNUSparse => {
            Kind::File(read_file(&path, entry, budget, buffer)?)
        }
        EntryType::Link => Kind::HardLink(clean(&target)?),
        EntryType::Symlink => Kind::Symlink(target.into()),
        EntryType::Directory => Kind::Folder,
        EntryType::Char | EntryType::Block | EntryType::Fifo => Kind::Special,
        _ => return Ok(None),
    };
    Ok((!path.is_empty()).then_some(Entry { path, kind }))
}

fn read_file(
    path: &[u8],
    entry: &mut tar::Entry<'_, impl Read>,
    budget: &mut Budget,
    buffer: &mut [u8],
) -> Result<File, Fault> {
    let bytes = entry.size();
    if entry.header().entry_type() == EntryType::GNUSparse && bytes > SPARSE_BYTES {
        let limit = SPARSE_BYTES;
        return Err(Fault::TooLong { limit });
    }
    let mut text = None;
    if is_package_list(path) {
        budget.take_text(bytes)?;
        text = Some(Vec::new());
    }
    let mut hash = Sha256::new();
    let mut seen = 0;
    loop {
        let read = entry.read(buffer).map_err(Fault::of)?;
        if read == 0 {
            break;
        }
        let read = &buffer[..read];
        seen += read.len() as u64;
        hash.update(read);
        if let Some(text) = &mut text {
            text.extend_from_slice(read);
        }
    }
    if seen < bytes {
        return Err(Fault::Truncated);
    }
    let digest: [u8; 32] = hash.finalize().into();
    let (half, _) = digest.split_first_chunk().expect("a digest has 32 bytes");
    Ok(File {
        bytes,
        content: u128::from_be_bytes(*half),
        text: text.map(Vec::into_boxed_slice),
    })
}

/// What a name that begins with `.wh.` says of lower layers.
fn mark(path: &[u8]) -> Option<Entry> {
    let at = path
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |slash| slash + 1);
    let (folder, name) = path.split_at(at);
    if name == OPAQUE {
        let folder = folder.strip_suffix(b"/").unwrap_or(folder);
        return Some(Entry {
            path: folder.into(),
            kind: Kind::Opaque,
        });
    }
    let deleted = name
        .strip_prefix(WHITEOUT)
        .filter(|name| !name.is_empty())?;
    Some(Entry {
        path: [folder, deleted].concat().into(),
        kind: Kind::Deleted,
    })
}

/// A path without `.`, doubled slashes and slashes at its ends.
pub(super) fn clean(path: &[u8]) -> Result<Box<[u8]>, Fault> {
    let mut cleaned = Vec::with_capacity(path.len());
    for name in path.split(|byte| *byte == b'/') {
        match name {
            b"" | b"." => {}
            b".." => return Err(Fault::Path(String::from_utf8_lossy(path).into_owned())),
            name => {
                if !cleaned.is_empty() {
                    cleaned.push(b'/');
                }
                cleaned.extend_from_slice(name);
            }
        }
    }
    Ok(cleaned.into())
}

/// Puts entries in the order of their paths. Where a path comes twice, the later one counts, as it
/// would when the archive is unpacked.
fn sort_last_of_each_path(entries: &mut Vec<Entry>) {
    entries.reverse();
    entries.sort_by(|left, right| left.order().cmp(&right.order()));
    entries.dedup_by(|earlier, later| earlier.order() == later.order());
    entries.shrink_to_fit();
}
