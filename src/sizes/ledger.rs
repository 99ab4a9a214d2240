//! What is known of the sizes of images: the shape of sizes.json, which every format is printed
//! from. Sizes are in bytes. Version 1; fields are only ever added.

use serde::{Deserialize, Serialize};

use super::error::Fault;
use super::manifest::read;
use super::waste::WasteKind;

/// The sizes of a fleet's images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    /// The version of the shape.
    pub version: u8,
    /// `sizes`.
    pub command: String,
    /// What the images take together.
    pub total: Total,
    /// The bases that others of the images build on, by what they cost.
    pub bases: Vec<BaseCost>,
    /// The images, largest first.
    pub images: Vec<ImageSizes>,
}

/// What images take together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// The sum of the images' sizes.
    pub bytes: u64,
    /// The same with every layer once: what a machine with all of them stores.
    pub stored_once: u64,
    /// The bytes that a first push sends: compressed layers, each once. Absent where a layer was
    /// read uncompressed.
    pub first_push: Option<u64>,
    /// How many layers there are, each once.
    pub layers: usize,
    /// What is wasted, by kind, every file of a layer once.
    pub waste: Vec<Waste>,
}

/// What another version of a base costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseCost {
    /// The base.
    pub base: String,
    /// The bytes of its own layers: what every machine with one of its images takes anew.
    pub own: u64,
    /// How many images build on it, one on another.
    pub dependents: usize,
    /// The bytes of the layers on top of it, each once: taken anew where their steps run again and
    /// write something else.
    pub on_top: u64,
}

/// The sizes of one image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageSizes {
    /// Its name: that of the fleet where it is one of the fleet's, else what it is called where it
    /// was read.
    pub name: String,
    /// What it is called where it was read.
    pub references: Vec<String>,
    /// The platform that it is for.
    pub platform: Option<String>,
    /// Whether it is one of the fleet's.
    pub is_declared: bool,
    /// The base of the fleet that it builds on.
    pub base: Option<String>,
    /// The bytes of the files in all its layers.
    pub bytes: u64,
    /// The bytes of layers that no other of the images has.
    pub unique: u64,
    /// The bytes of layers that another one has too.
    pub shared: u64,
    /// The bytes of its compressed layers, where they are.
    pub compressed: Option<u64>,
    /// Its layers, lowest first.
    pub layers: Vec<LayerSizes>,
    /// What is wasted, by kind.
    pub waste: Vec<Waste>,
    /// The Python distributions in it, largest first.
    pub python: Vec<Package>,
    /// The Debian packages in it, largest first.
    pub debian: Vec<Package>,
}

/// The size of one layer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSizes {
    /// Its digest, by which images share it.
    pub diff_id: String,
    /// The bytes of its files.
    pub bytes: u64,
    /// How many files it has.
    pub files: u64,
    /// Its bytes as they are compressed.
    pub compressed: Option<u64>,
    /// How many of the images have it.
    pub images: usize,
    /// The step that made it, as the builder recorded it.
    pub created_by: String,
    /// The image of the fleet whose Dockerfile has the step.
    pub image: Option<String>,
    /// The line of the step, such as `generated/svc-ocr/Dockerfile:9`.
    pub step: Option<String>,
    /// What was declared for it.
    pub declared: Vec<Declared>,
}

/// A declared value that something in an image comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Declared {
    /// The field, such as `services.svc-ocr.apt[0]`.
    pub field: String,
    /// Its place, such as `services.yaml:101:11`.
    pub place: String,
    /// The value as it is written.
    #[serde(default)]
    pub value: String,
}

/// What is wasted for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waste {
    /// The reason: `overwritten`, `deleted`, `cache`, `bytecode`, `tests`, `static-library`,
    /// `duplicate`.
    pub kind: String,
    /// How many bytes.
    pub bytes: u64,
    /// In how many files.
    pub files: u64,
    /// The largest of them.
    pub largest: Vec<WastedFile>,
}

/// A wasted file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WastedFile {
    /// Its path.
    pub path: String,
    /// Its bytes.
    pub bytes: u64,
    /// The digest of its layer.
    pub diff_id: String,
}

/// An installed package.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Package {
    /// Its name, as it is installed.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The bytes of its files.
    pub bytes: u64,
    /// How many files.
    pub files: u64,
    /// The number of the layer that installs it, from 0.
    pub layer: usize,
    /// The entries that bring it.
    pub declared: Vec<Declared>,
}

impl Ledger {
    /// Reads a sizes.json.
    ///
    /// # Errors
    /// It is none, or one of another version.
    pub fn parse(bytes: &[u8]) -> Result<Self, Fault> {
        let ledger: Self = read(
            "sizes.json, as `dockwright sizes --format json` prints it",
            bytes,
        )?;
        if ledger.version != 1 || ledger.command != "sizes" {
            return Err(Fault::Unsupported(format!(
                "version {} of `{}`",
                ledger.version, ledger.command
            )));
        }
        Ok(ledger)
    }
}

impl ImageSizes {
    /// Whether a person can mean it by a name.
    #[must_use]
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.references.iter().any(|reference| reference == name)
    }

    /// The sum of what is wasted.
    #[must_use]
    pub fn wasted(&self) -> u64 {
        self.waste.iter().map(|waste| waste.bytes).sum()
    }

    /// What is wasted for one reason.
    #[must_use]
    pub fn waste_of(&self, kind: WasteKind) -> Option<&Waste> {
        self.waste.iter().find(|waste| waste.kind == kind.id())
    }
}
