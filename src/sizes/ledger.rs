//! What is known of the sizes of images: the shape of sizes.json, which every format is printed
//! from. Sizes are in bytes. Version 1; fields are only ever added.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::error::Fault;
use super::manifest::read;

/// The largest number of bytes of an image, a layer or a package that is read: a sum of as many of
/// them as a sizes.json can have is still a number.
pub(super) const LARGEST: u64 = 1 << 40;
/// The same of a fleet, which is compared with another one and not added up.
const LARGEST_SUM: u64 = 1 << 62;
/// The most layers of an image; engines have bounds of 127 and a few hundred.
const LAYERS: u64 = 1_000;

/// The sizes of a fleet's images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ledger {
    /// The version of the shape.
    #[schemars(extend("const" = 1))]
    pub(crate) version: u8,
    /// `sizes`.
    #[schemars(extend("const" = "sizes"))]
    pub(crate) command: String,
    /// What the bytes of images and layers count.
    #[serde(default)]
    pub(crate) counted: Counted,
    /// What the images take together.
    pub(crate) total: Total,
    /// The bases that others of the images build on, by what they cost.
    pub(crate) bases: Vec<BaseCost>,
    /// The images, largest first.
    pub(crate) images: Vec<ImageSizes>,
    /// What became of the budgets.
    #[serde(default)]
    pub(crate) budgets: Vec<Judged>,
}

/// What the bytes of images and layers count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Counted {
    /// The bytes of files.
    #[default]
    Files,
    /// The bytes of compressed layers: nothing else is known of a registry's.
    Compressed,
}

/// What images take together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Total {
    /// The sum of the images' sizes.
    pub(crate) bytes: u64,
    /// The same with every layer once: what a machine with all of them stores.
    pub(crate) stored_once: u64,
    /// The bytes that a first push sends: compressed layers, each once. Absent where a layer was
    /// read uncompressed.
    pub(crate) first_push: Option<u64>,
    /// How many layers there are, each once.
    pub(crate) layers: usize,
    /// What is wasted, by kind, every file of a layer once.
    pub(crate) waste: Vec<Waste>,
}

/// What another version of a base costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct BaseCost {
    /// The base.
    pub(crate) base: String,
    /// The bytes of its own layers: what every machine with one of its images takes anew.
    pub(crate) own: u64,
    /// How many images build on it, one on another.
    pub(crate) dependents: usize,
    /// The bytes of the layers on top of it, each once: taken anew where their steps run again and
    /// write something else.
    pub(crate) on_top: u64,
}

/// The sizes of one image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ImageSizes {
    /// Its name: that of the fleet where it is one of the fleet's, else what it is called where it
    /// was read.
    pub(crate) name: String,
    /// What it is called where it was read.
    pub(crate) references: Vec<String>,
    /// The platform that it is for.
    pub(crate) platform: Option<String>,
    /// Whether it is one of the fleet's.
    pub(crate) is_declared: bool,
    /// The base of the fleet that it builds on.
    pub(crate) base: Option<String>,
    /// The bytes of the files in all its layers.
    pub(crate) bytes: u64,
    /// The bytes of layers that no other of the images has.
    pub(crate) unique: u64,
    /// The bytes of layers that another one has too.
    pub(crate) shared: u64,
    /// The bytes of its compressed layers, where they are.
    pub(crate) compressed: Option<u64>,
    /// Its layers, lowest first.
    pub(crate) layers: Vec<LayerSizes>,
    /// What is wasted, by kind.
    pub(crate) waste: Vec<Waste>,
    /// The Python distributions in it, largest first.
    pub(crate) python: Vec<Package>,
    /// The Debian packages in it, largest first.
    pub(crate) debian: Vec<Package>,
}

/// The size of one layer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct LayerSizes {
    /// Its digest, by which images share it.
    pub(crate) diff_id: String,
    /// The bytes of its files.
    pub(crate) bytes: u64,
    /// How many files it has.
    pub(crate) files: u64,
    /// Its bytes as they are compressed.
    pub(crate) compressed: Option<u64>,
    /// How many of the images have it.
    pub(crate) images: usize,
    /// The step that made it, as the builder recorded it.
    pub(crate) created_by: String,
    /// The image of the fleet whose Dockerfile has the step.
    pub(crate) image: Option<String>,
    /// The line of the step, such as `generated/svc-ocr/Dockerfile:9`.
    pub(crate) step: Option<String>,
    /// What was declared for it.
    pub(crate) declared: Vec<Declared>,
}

/// A declared value that something in an image comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Declared {
    /// The field, such as `services.svc-ocr.apt[0]`.
    pub(crate) field: String,
    /// Its place, such as `services.yaml:101:11`.
    pub(crate) place: String,
    /// The value as it is written.
    #[serde(default)]
    pub(crate) value: String,
}

/// What is wasted for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Waste {
    /// The reason: `overwritten`, `deleted`, `cache`, `bytecode`, `tests`, `static-library`,
    /// `duplicate`.
    pub(crate) kind: String,
    /// How many bytes.
    pub(crate) bytes: u64,
    /// In how many files.
    pub(crate) files: u64,
    /// The largest of them.
    pub(crate) largest: Vec<WastedFile>,
}

/// A wasted file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct WastedFile {
    /// Its path.
    pub(crate) path: String,
    /// Its bytes.
    pub(crate) bytes: u64,
    /// The digest of its layer.
    pub(crate) diff_id: String,
}

/// An installed package.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub(crate) struct Package {
    /// Its name, as it is installed.
    pub(crate) name: String,
    /// Its version.
    pub(crate) version: String,
    /// The bytes of its files.
    pub(crate) bytes: u64,
    /// How many files.
    pub(crate) files: u64,
    /// The number of the layer that installs it, from 0.
    pub(crate) layer: usize,
    /// The entries that bring it.
    pub(crate) declared: Vec<Declared>,
}

/// What became of a budget.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Judged {
    /// The image; absent for that of the fleet.
    pub(crate) image: Option<String>,
    /// The platform of the image.
    pub(crate) platform: Option<String>,
    /// The bytes that count: those of the image, or of the fleet with every layer once.
    pub(crate) bytes: u64,
    /// The budget.
    pub(crate) budget: u64,
    /// The budget with its tolerance.
    pub(crate) most: u64,
    /// Whether they are more than that.
    pub(crate) is_over: bool,
    /// Of the fleet's budget, how many of its images were not measured.
    pub(crate) missing: usize,
    /// Why the budget is what it is.
    pub(crate) reason: Option<String>,
    /// Where the budget is declared.
    pub(crate) declared: Option<Declared>,
    /// Where it is exceeded, because of what: what grew, or what is largest.
    pub(crate) causes: Vec<Cause>,
}

/// Something that takes bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Cause {
    /// A package with its version, or the step of a layer.
    pub(crate) what: String,
    /// Its bytes; of something that grew, by how many.
    pub(crate) bytes: u64,
    /// Whether it grew by them.
    pub(crate) grew: bool,
    /// The entries that it comes from.
    pub(crate) declared: Vec<Declared>,
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
        ledger.check()?;
        Ok(ledger)
    }
}

impl Ledger {
    /// What later steps rely on: numbers whose sums are numbers, and layers that are there.
    ///
    /// # Errors
    /// What they are not.
    pub(crate) fn check(&self) -> Result<(), Fault> {
        let totals = [self.total.bytes, self.total.stored_once];
        let totals = totals.into_iter().chain(self.total.first_push);
        let bases = self.bases.iter().flat_map(|base| [base.own, base.on_top]);
        let wasted = self.total.waste.iter().map(|waste| waste.bytes);
        if totals.chain(bases).chain(wasted).max() > Some(LARGEST_SUM) {
            return Err(Fault::TooLong { limit: LARGEST_SUM });
        }
        self.images.iter().try_for_each(ImageSizes::check)
    }
}

impl ImageSizes {
    fn check(&self) -> Result<(), Fault> {
        if self.layers.len() as u64 > LAYERS {
            let (limit, unit) = (LAYERS, "layers of one image");
            return Err(Fault::TooMany { limit, unit });
        }
        let packages = || self.python.iter().chain(&self.debian);
        let layers = self.layers.iter();
        let layers = layers.flat_map(|layer| [Some(layer.bytes), layer.compressed]);
        let own = [self.bytes, self.unique, self.shared]
            .into_iter()
            .chain(self.compressed)
            .chain(layers.flatten())
            .chain(self.waste.iter().map(|waste| waste.bytes))
            .chain(packages().map(|package| package.bytes));
        if own.max() > Some(LARGEST) {
            return Err(Fault::TooLong { limit: LARGEST });
        }
        if packages().map(|package| package.layer).max() >= Some(self.layers.len()) {
            return Err(Fault::Missing(format!("a layer of {}", self.name)));
        }
        Ok(())
    }

    /// Whether a person can mean it by a name.
    #[must_use]
    pub(crate) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.references.iter().any(|reference| reference == name)
    }

    /// The sum of what is wasted.
    #[must_use]
    pub(crate) fn wasted(&self) -> u64 {
        self.waste.iter().map(|waste| waste.bytes).sum()
    }
}
