//! How large images are, and because of what.
//!
//! [`Archive`] reads images as a stream of bytes, [`measure()`] makes a [`Ledger`] of them, and
//! [`attribute()`] adds which line of services.yaml made each layer. Nothing here opens a file.

mod archive;
mod attribute;
mod compare;
mod error;
mod layer;
mod ledger;
mod manifest;
mod measure;
mod packages;
mod steps;
mod stream;
mod tree;
mod waste;

pub use archive::{Archive, Image, ImageLayer};
pub use attribute::{Places, attribute, image_named};
pub use compare::{Comparison, ImageChange, LayerChange, PackageChange, Sized, compare, grown};
pub use error::{Fault, SizesError};
pub use layer::{Budget, Entry, File, Kind, Layer, read_layer};
pub use ledger::{
    BaseCost, Declared, ImageSizes, LayerSizes, Ledger, Package, Total, Waste, WastedFile,
};
pub use measure::measure;
pub use stream::{Compression, Sha256Digest};
pub use waste::WasteKind;
