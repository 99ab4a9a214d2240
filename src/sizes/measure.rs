//! From images as they were read to their sizes.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::archive::{Image, ImageLayer};
use super::ledger::{Counted, ImageSizes, LayerSizes, Ledger, Package, Total, Waste, WastedFile};
use super::packages::{Installed, debian_packages, distributions};
use super::stream::{Compression, Sha256Digest};
use super::tree::Tree;
use super::waste::{WasteKind, wasted};

/// How many wasted files of a kind are named.
const LARGEST: usize = 10;

/// The sizes of images, as far as the images themselves tell.
#[must_use]
pub fn measure(images: &[Image]) -> Ledger {
    ledger_of(images, Counted::Files)
}

/// The same of images of which nothing was read but what a registry says of them.
#[must_use]
pub fn measure_remote(images: &[Image]) -> Ledger {
    ledger_of(images, Counted::Compressed)
}

fn ledger_of(images: &[Image], counted: Counted) -> Ledger {
    let mut known: BTreeMap<Sha256Digest, Known<'_>> = BTreeMap::new();
    for image in images {
        let mut own: Vec<Sha256Digest> = Vec::new();
        for layer in &image.layers {
            let diff_id = layer.layer.diff_id;
            let entry = known
                .entry(diff_id)
                .or_insert_with(|| Known::of(layer, counted));
            if !own.contains(&diff_id) {
                own.push(diff_id);
                entry.images += 1;
            }
        }
    }
    let mut all = BTreeSet::new();
    let mut measured = Vec::with_capacity(images.len());
    for image in images {
        let tree = Tree::of(&image.layers);
        let files = wasted_files(&tree, image);
        measured.push(image_sizes(image, &tree, &files, &known));
        all.extend(files);
    }
    measured.sort_by(|left, right| (right.bytes, &left.name).cmp(&(left.bytes, &right.name)));
    let mut pushed = known.values().map(|known| compressed(known.layer));
    Ledger {
        version: 1,
        command: "sizes".to_owned(),
        counted,
        total: Total {
            bytes: measured.iter().map(|image| image.bytes).sum(),
            stored_once: known.values().map(|known| known.bytes).sum(),
            first_push: pushed.try_fold(0, |sum, bytes| Some(sum + bytes?)),
            layers: known.len(),
            waste: waste(&all.into_iter().collect::<Vec<_>>()),
        },
        bases: Vec::new(),
        images: measured,
        budgets: Vec::new(),
    }
}

/// A layer that images have.
struct Known<'a> {
    layer: &'a ImageLayer,
    bytes: u64,
    /// How many have it.
    images: usize,
}

impl<'a> Known<'a> {
    fn of(layer: &'a ImageLayer, counted: Counted) -> Self {
        Self {
            layer,
            bytes: match counted {
                Counted::Files => layer.layer.file_bytes(),
                Counted::Compressed => layer.layer.stored_bytes,
            },
            images: 0,
        }
    }
}

/// The bytes of a layer as they are sent.
fn compressed(layer: &ImageLayer) -> Option<u64> {
    (layer.layer.compression != Compression::None).then_some(layer.layer.stored_bytes)
}

fn image_sizes(
    image: &Image,
    tree: &Tree<'_>,
    files: &[WastedFileOf<'_>],
    known: &BTreeMap<Sha256Digest, Known<'_>>,
) -> ImageSizes {
    let layers: Vec<LayerSizes> = image
        .layers
        .iter()
        .map(|layer| layer_sizes(layer, known))
        .collect();
    let sum = |shared: bool| {
        let layers = layers.iter().filter(|layer| (layer.images > 1) == shared);
        layers.map(|layer| layer.bytes).sum::<u64>()
    };
    let (unique, shared) = (sum(false), sum(true));
    let mut sent = layers.iter().map(|layer| layer.compressed);
    ImageSizes {
        name: image
            .names
            .first()
            .cloned()
            .unwrap_or_else(|| "without a name".to_owned()),
        references: image.names.clone(),
        platform: image.platform.clone(),
        bytes: unique + shared,
        unique,
        shared,
        compressed: sent.try_fold(0, |sum, bytes| Some(sum + bytes?)),
        waste: waste(files),
        python: distributions(tree).into_iter().map(package).collect(),
        debian: debian_packages(tree).into_iter().map(package).collect(),
        layers,
        ..ImageSizes::default()
    }
}

fn layer_sizes(layer: &ImageLayer, known: &BTreeMap<Sha256Digest, Known<'_>>) -> LayerSizes {
    let entries = layer.layer.entries.iter();
    let known = known
        .get(&layer.layer.diff_id)
        .expect("every layer of an image is known");
    LayerSizes {
        diff_id: name_of(layer.layer.diff_id),
        bytes: known.bytes,
        files: entries.filter(|entry| entry.is_file()).count() as u64,
        compressed: compressed(layer),
        images: known.images,
        created_by: layer.created_by.clone(),
        ..LayerSizes::default()
    }
}

/// A wasted file of a layer, largest first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct WastedFileOf<'a> {
    bytes: Reverse<u64>,
    path: &'a [u8],
    kind: WasteKind,
    diff_id: Sha256Digest,
}

fn wasted_files<'a>(tree: &Tree<'a>, image: &Image) -> Vec<WastedFileOf<'a>> {
    let files = wasted(tree).into_iter().map(|wasted| WastedFileOf {
        bytes: Reverse(wasted.bytes),
        path: wasted.path,
        kind: wasted.kind,
        diff_id: image.layers[wasted.layer].layer.diff_id,
    });
    files.collect()
}

/// Files that are the largest first, by kind.
fn waste(all: &[WastedFileOf<'_>]) -> Vec<Waste> {
    let kinds = WasteKind::ALL.iter().map(|kind| {
        let files: Vec<_> = all.iter().filter(|wasted| wasted.kind == *kind).collect();
        let largest = files.iter().take(LARGEST).map(|wasted| WastedFile {
            path: String::from_utf8_lossy(wasted.path).into_owned(),
            bytes: wasted.bytes.0,
            diff_id: name_of(wasted.diff_id),
        });
        Waste {
            kind: kind.id().to_owned(),
            bytes: files.iter().map(|wasted| wasted.bytes.0).sum(),
            files: files.len() as u64,
            largest: largest.collect(),
        }
    });
    kinds.filter(|waste| waste.files > 0).collect()
}

fn name_of(digest: Sha256Digest) -> String {
    format!("sha256:{}", digest.hexadecimal())
}

fn package(installed: Installed) -> Package {
    Package {
        name: installed.name,
        version: installed.version,
        bytes: installed.bytes,
        files: installed.files,
        layer: installed.layer,
        declared: Vec::new(),
    }
}
