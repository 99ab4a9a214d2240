//! An image archive: an OCI layout or what `docker save` writes, as a tar stream or file by file.
//!
//! A stream cannot be asked for what comes next, so every file in it is read as it comes: layers
//! become lists of entries, JSON is kept, and what belongs together is found at the end. Of a
//! folder, [`Archive::wanted`] tells which files to read next.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::rc::Rc;

use tar::EntryType;

use super::bounds::{Budget, Work};
use super::error::{Fault, SizesError};
use super::layer::{Layer, clean, read_layer};
use super::manifest::{
    Config, Descriptor, Index, Manifest, Saved, Step, digest_of, is_sha256, read, sha256_of,
};
use super::stream::{Compression, Counted, Decompressed, Gate, HEADER_BYTES, Sha256Digest};

/// The most bytes of one JSON file, as registries have it for manifests times four.
const JSON_BYTES: u64 = 16 << 20;
/// The most bytes of all JSON files.
const ALL_JSON_BYTES: u64 = 256 << 20;
/// The most files of an archive.
const FILES: u64 = 100_000;
/// How many lists of manifests lie in each other at most.
const INDEX_DEPTH: usize = 4;

/// What an archive holds.
#[derive(Debug, Default)]
pub struct Archive {
    json: BTreeMap<String, Vec<u8>>,
    layers: BTreeMap<String, Rc<Layer>>,
    /// Files that stand for others: older archives have a layer once and links to it.
    links: BTreeMap<String, String>,
    json_bytes: u64,
}

/// An image as an archive has it.
#[derive(Debug)]
pub struct Image {
    /// Its names, each with a tag where the archive has one.
    pub(crate) names: Vec<String>,
    /// The platform that it is for.
    pub(crate) platform: Option<String>,
    /// Its layers, lowest first.
    pub(crate) layers: Vec<ImageLayer>,
}

/// A layer of an image.
#[derive(Debug)]
pub(crate) struct ImageLayer {
    /// What it changes.
    pub(crate) layer: Rc<Layer>,
    /// The step that made it, as the builder recorded it; empty where it did not.
    pub(crate) created_by: String,
}

impl Archive {
    /// Reads a tar archive, compressed or not, from a stream.
    ///
    /// # Errors
    /// What is wrong with it, and in which file.
    pub fn read_tar(
        input: &str,
        reader: &mut dyn Read,
        budget: &mut Budget,
    ) -> Result<Self, SizesError> {
        let mut archive = Self::default();
        let mut member = None;
        archive
            .read_stream(reader, budget, &mut member)
            .map_err(|fault| SizesError {
                input: input.to_owned(),
                member,
                fault,
            })?;
        Ok(archive)
    }

    fn read_stream(
        &mut self,
        mut reader: &mut dyn Read,
        budget: &mut Budget,
        member: &mut Option<String>,
    ) -> Result<(), Fault> {
        let start = read_start(&mut reader)?;
        let stored = Counted::new(start.chain(reader), false);
        let counter = stored.counter();
        let plain = Decompressed::new(stored, Compression::of(&start), counter);
        let room = Rc::new(Cell::new(HEADER_BYTES));
        let mut tar = tar::Archive::new(Gate::new(plain, Rc::clone(&room)));
        let mut files = 0;
        let mut entries = tar.entries().map_err(Fault::of_tar)?;
        loop {
            room.set(HEADER_BYTES);
            let Some(entry) = entries.next() else {
                return Ok(());
            };
            let mut entry = entry.map_err(Fault::of_tar)?;
            room.set(u64::MAX);
            files += 1;
            if files > FILES {
                let (limit, unit) = (FILES, "files");
                return Err(Fault::TooMany { limit, unit });
            }
            let path = clean(&entry.path_bytes())?;
            let target = entry.link_name_bytes().unwrap_or_default().into_owned();
            budget.take_names(&path, &target)?;
            let path = String::from_utf8_lossy(&path).into_owned();
            *member = Some(path.clone());
            match entry.header().entry_type() {
                EntryType::Regular | EntryType::Continuous => {
                    let bytes = entry.size();
                    self.read_file(&path, bytes, &mut entry, budget)?;
                }
                EntryType::Symlink | EntryType::Link => {
                    let is_symlink = entry.header().entry_type() == EntryType::Symlink;
                    self.links
                        .insert(path.clone(), linked(&path, &target, is_symlink)?);
                }
                _ => {}
            }
            io::copy(&mut entry, &mut io::sink()).map_err(Fault::of)?;
            *member = None;
        }
    }

    /// Reads one file, by what its first bytes say: a layer, JSON, or something else that is not
    /// kept.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read_file(
        &mut self,
        path: &str,
        bytes: u64,
        mut reader: &mut dyn Read,
        budget: &mut Budget,
    ) -> Result<(), Fault> {
        let start = read_start(&mut reader)?;
        if is_layer(&start) {
            // What ends too early is told from the end of an archive by the length.
            let mut rest = reader.take(bytes.saturating_sub(start.len() as u64));
            let layer = read_layer(&start, &mut rest, budget)?;
            if layer.stored_bytes < bytes {
                return Err(Fault::Truncated);
            }
            check_name(path, layer.stored_digest)?;
            self.layers.insert(path.to_owned(), Rc::new(layer));
            return Ok(());
        }
        if !matches!(start.trim_ascii_start().first(), Some(b'{' | b'[')) {
            return Ok(());
        }
        if bytes > JSON_BYTES {
            return Err(Fault::TooLong { limit: JSON_BYTES });
        }
        self.json_bytes += bytes;
        if self.json_bytes > ALL_JSON_BYTES {
            let (limit, unit) = (ALL_JSON_BYTES, "bytes of JSON");
            return Err(Fault::TooMany { limit, unit });
        }
        let mut text = Vec::new();
        let read = start
            .chain(reader)
            .take(bytes)
            .read_to_end(&mut text)
            .map_err(Fault::of)?;
        if (read as u64) < bytes {
            return Err(Fault::Truncated);
        }
        check_name(path, digest_of(&text))?;
        self.json.insert(path.to_owned(), text);
        Ok(())
    }

    /// The files that are named and were not read yet; nothing where all are there.
    ///
    /// # Errors
    /// A file that names others cannot be read.
    pub(crate) fn wanted(&self) -> Result<BTreeSet<String>, Fault> {
        let mut wanted = BTreeSet::new();
        for found in self.manifests(&mut Work::default())? {
            match found {
                Found::Missing(path) => {
                    wanted.insert(path);
                }
                Found::Image { config, layers, .. } => {
                    let named = layers.into_iter().map(|layer| layer.path).chain([config]);
                    wanted.extend(named.filter(|path| !self.holds(path)));
                }
            }
        }
        Ok(wanted)
    }

    /// Whether a file was read and is one that images are made of.
    #[must_use]
    pub(crate) fn holds(&self, path: &str) -> bool {
        let path = self.target(path);
        self.json.contains_key(path) || self.layers.contains_key(path)
    }

    /// What a path leads to, by links.
    fn target<'a>(&'a self, path: &'a str) -> &'a str {
        let mut at = path;
        for _ in 0..8 {
            match self.links.get(at) {
                Some(next) => at = next,
                None => break,
            }
        }
        at
    }

    /// The images, in the order of the archive.
    ///
    /// # Errors
    /// What does not belong together, or is not there.
    pub fn images(&self) -> Result<Vec<Image>, Fault> {
        let mut images: Vec<Image> = Vec::new();
        let mut work = Work::default();
        for found in self.manifests(&mut work)? {
            let Found::Image {
                names,
                config,
                layers,
            } = found
            else {
                continue;
            };
            images.push(self.image(names, &config, &layers, &mut work)?);
        }
        if images.is_empty() {
            return Err(Fault::Missing("an image".to_owned()));
        }
        Ok(images)
    }

    /// The manifests that the archive leads to, and the files that are on the way and not read.
    fn manifests(&self, work: &mut Work) -> Result<Vec<Found>, Fault> {
        // docker save writes both; its own file has all names of an image.
        if let Some(saved) = self.json.get("manifest.json") {
            let saved: Vec<Saved> = read("manifest.json", saved)?;
            return Ok(saved.into_iter().map(Found::saved).collect());
        }
        let index = self.json.get("index.json").ok_or(Fault::NotImages)?;
        let index: Index = read("image index", index)?;
        let mut found = Vec::new();
        for descriptor in &index.manifests {
            self.follow(descriptor, None, 0, &mut found, work)?;
        }
        Ok(found)
    }

    fn follow(
        &self,
        descriptor: &Descriptor,
        name: Option<&str>,
        depth: usize,
        found: &mut Vec<Found>,
        work: &mut Work,
    ) -> Result<(), Fault> {
        work.take_descriptor()?;
        if descriptor.is_attestation() {
            return Ok(());
        }
        let path = descriptor.path()?;
        let name = descriptor.name().or(name);
        let Some(text) = self.json.get(&path) else {
            found.push(Found::Missing(path));
            return Ok(());
        };
        work.take_json(text)?;
        if descriptor.is_index() {
            if depth == INDEX_DEPTH {
                let limit = INDEX_DEPTH as u64;
                let unit = "levels of image indexes";
                return Err(Fault::TooMany { limit, unit });
            }
            let index: Index = read("image index", text)?;
            let mut inner = index.manifests.iter();
            return inner.try_for_each(|inner| self.follow(inner, name, depth + 1, found, work));
        }
        let manifest: Manifest = read("image manifest", text)?;
        let layers = manifest.layers.iter().map(|layer| {
            let path = layer.path()?;
            Ok(Named { path })
        });
        found.push(Found::Image {
            names: name.map(str::to_owned).into_iter().collect(),
            config: manifest.config.path()?,
            layers: layers.collect::<Result<_, Fault>>()?,
        });
        Ok(())
    }

    fn image(
        &self,
        names: Vec<String>,
        config: &str,
        layers: &[Named],
        work: &mut Work,
    ) -> Result<Image, Fault> {
        let missing = |path: &str| Fault::Missing(path.to_owned());
        let text = self
            .json
            .get(self.target(config))
            .ok_or_else(|| missing(config))?;
        work.take_json(text)?;
        let config: Config = read("image configuration", text)?;
        let listed = config.rootfs.diff_ids.len();
        if listed != layers.len() {
            let found = layers.len();
            return Err(Fault::LayerCount { listed, found });
        }
        let steps = config.steps();
        let mut made = Vec::with_capacity(listed);
        for ((named, diff_id), step) in layers.iter().zip(&config.rootfs.diff_ids).zip(steps) {
            let layer = self.layers.get(self.target(&named.path));
            let layer = layer.ok_or_else(|| missing(&named.path))?;
            check_digest(sha256_of(diff_id)?, layer.diff_id)?;
            work.take_layer(layer.entries.len(), layer.lists)?;
            let Step { created_by, .. } = step;
            let layer = Rc::clone(layer);
            made.push(ImageLayer { layer, created_by });
        }
        Ok(Image {
            names,
            platform: config.platform(),
            layers: made,
        })
    }
}

/// A file that a manifest names.
struct Named {
    path: String,
}

/// What a list of manifests leads to.
enum Found {
    /// A file that was not read.
    Missing(String),
    Image {
        names: Vec<String>,
        config: String,
        layers: Vec<Named>,
    },
}

impl Found {
    fn saved(saved: Saved) -> Self {
        let layers = saved.layers.into_iter().map(|path| Named { path });
        Self::Image {
            names: saved.repo_tags.unwrap_or_default(),
            config: saved.config,
            layers: layers.collect(),
        }
    }
}

/// The first bytes of a file: as many as a header of a tar archive has, or all there are.
fn read_start(reader: &mut dyn Read) -> Result<Vec<u8>, Fault> {
    let mut start = Vec::with_capacity(512);
    reader
        .take(512)
        .read_to_end(&mut start)
        .map_err(Fault::of)?;
    Ok(start)
}

/// Whether a file that begins so is a layer: compressed, or a tar archive, which has a checksum in
/// its first block or is empty.
fn is_layer(start: &[u8]) -> bool {
    if Compression::of(start) != Compression::None {
        return true;
    }
    let Ok(block) = <&[u8; 512]>::try_from(start) else {
        return false;
    };
    if block.iter().all(|byte| *byte == 0) {
        return true;
    }
    let header = tar::Header::from_byte_slice(block);
    let sum: u32 = block[..148]
        .iter()
        .chain(&block[156..])
        .map(|byte| u32::from(*byte))
        .sum();
    header
        .cksum()
        .is_ok_and(|expected| expected == sum + 8 * u32::from(b' '))
}

/// Whether the name of a blob is its digest.
fn check_name(path: &str, digest: Sha256Digest) -> Result<(), Fault> {
    match path.strip_prefix("blobs/sha256/") {
        Some(name) if is_sha256(name) => check_digest(name, digest),
        _ => Ok(()),
    }
}

pub(super) fn check_digest(expected: &str, digest: Sha256Digest) -> Result<(), Fault> {
    let found = digest.hexadecimal();
    if found == expected {
        return Ok(());
    }
    Err(Fault::Digest {
        expected: expected.to_owned(),
        found,
    })
}

/// The path that a link leads to; a symbolic link counts from its own folder.
fn linked(path: &str, target: &[u8], is_symlink: bool) -> Result<String, Fault> {
    let target = String::from_utf8_lossy(target);
    let mut names: Vec<&str> = if is_symlink && !target.starts_with('/') {
        path.split('/').collect()
    } else {
        Vec::new()
    };
    names.pop();
    for name in target.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names
                    .pop()
                    .ok_or_else(|| Fault::Path(target.clone().into_owned()))?;
            }
            name => names.push(name),
        }
    }
    Ok(names.join("/"))
}
