//! What archives may cost: what is kept of them, and how often what is kept is gone through.

use super::error::Fault;

/// What may be kept of all archives together; it goes down as they are read.
#[derive(Debug)]
pub struct Budget {
    /// How many more entries of layers.
    pub entries: u64,
    /// How many more bytes of package lists.
    pub text_bytes: u64,
    /// How many more bytes of paths, and of the paths that links have.
    pub name_bytes: u64,
}

/// The most entries of one run; the largest of well-known images have 300,000.
const ENTRIES: u64 = 1_000_000;
/// The most bytes of package lists of one run: those of an image with everything take 10 MiB.
const TEXT_BYTES: u64 = 256 << 20;
/// The most bytes of paths of one run: paths of images have 80 bytes, but one can have a million.
const NAME_BYTES: u64 = 256 << 20;

impl Default for Budget {
    fn default() -> Self {
        Self {
            entries: ENTRIES,
            text_bytes: TEXT_BYTES,
            name_bytes: NAME_BYTES,
        }
    }
}

impl Budget {
    pub(super) fn take_entry(&mut self) -> Result<(), Fault> {
        take(&mut self.entries, 1, ENTRIES, "files")
    }

    pub(super) fn take_text(&mut self, bytes: u64) -> Result<(), Fault> {
        let unit = "bytes of package lists";
        take(&mut self.text_bytes, bytes, TEXT_BYTES, unit)
    }

    pub(super) fn take_names(&mut self, path: &[u8], target: &[u8]) -> Result<(), Fault> {
        let bytes = (path.len() + target.len()) as u64;
        take(&mut self.name_bytes, bytes, NAME_BYTES, "bytes of paths")
    }
}

/// The most descriptors that lists of manifests have, counted as often as they are named.
const DESCRIPTORS: u64 = 100_000;
/// The most bytes of manifests and configurations, counted as often as images name them.
const PARSED_BYTES: u64 = 256 << 20;
/// The most files that all images of an archive have, counted in each image.
const IMAGE_FILES: u64 = 100_000_000;
/// The most lists of packages that all images of an archive have, counted in each image.
const IMAGE_LISTS: u64 = 2_000_000;
/// The most bytes of them, counted in each image: each is gone through for each image.
const IMAGE_LIST_BYTES: u64 = 16 << 30;

/// What following the names in an archive may still cost. A few bytes can name the same blob
/// thousands of times, and lists of lists can name it exponentially often.
#[derive(Debug)]
pub(super) struct Work {
    descriptors: u64,
    parsed_bytes: u64,
    files: u64,
    lists: u64,
    list_bytes: u64,
}

impl Default for Work {
    fn default() -> Self {
        Self {
            descriptors: DESCRIPTORS,
            parsed_bytes: PARSED_BYTES,
            files: IMAGE_FILES,
            lists: IMAGE_LISTS,
            list_bytes: IMAGE_LIST_BYTES,
        }
    }
}

impl Work {
    pub(super) fn take_descriptor(&mut self) -> Result<(), Fault> {
        take(&mut self.descriptors, 1, DESCRIPTORS, "descriptors")
    }

    pub(super) fn take_json(&mut self, text: &[u8]) -> Result<(), Fault> {
        let unit = "bytes of manifests and configurations, counted as often as they are named";
        take(
            &mut self.parsed_bytes,
            text.len() as u64,
            PARSED_BYTES,
            unit,
        )
    }

    /// Takes a layer of an image, by how many entries and lists it has.
    pub(super) fn take_layer(&mut self, entries: usize, lists: Lists) -> Result<(), Fault> {
        let unit = "files, counted in each image";
        take(&mut self.files, entries as u64, IMAGE_FILES, unit)?;
        let unit = "lists of packages, counted in each image";
        take(&mut self.lists, lists.count, IMAGE_LISTS, unit)?;
        let unit = "bytes of package lists, counted in each image";
        take(&mut self.list_bytes, lists.bytes, IMAGE_LIST_BYTES, unit)
    }
}

/// The lists of packages that a layer has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Lists {
    pub(super) count: u64,
    pub(super) bytes: u64,
}

fn take(left: &mut u64, taken: u64, limit: u64, unit: &'static str) -> Result<(), Fault> {
    *left = left
        .checked_sub(taken)
        .ok_or(Fault::TooMany { limit, unit })?;
    Ok(())
}
