//! How large images are, and because of what.
//!
//! [`Archive`] reads images as a stream of bytes, [`measure()`] makes a [`Ledger`] of them, and
//! [`attribute()`] adds which line of services.yaml made each layer. Nothing here opens a file.

mod archive;
mod attribute;
mod budget;
mod compare;
mod error;
mod layer;
mod ledger;
mod manifest;
mod measure;
mod packages;
mod remote;
mod steps;
mod stream;
mod tree;
mod waste;

pub use archive::Archive;
pub use archive::Image;
pub(crate) use attribute::{Places, attribute};
pub(crate) use budget::judge;
pub(crate) use compare::{Comparison, ImageChange, LayerChange, PackageChange, compare, grown};
pub(crate) use error::Fault;
pub use error::SizesError;
pub use layer::Budget;
pub use layer::read_layer;
pub(crate) use ledger::{Cause, Counted, Declared, Judged, LayerSizes, Package, Waste};
pub use ledger::{ImageSizes, Ledger};
pub(crate) use manifest::digest_text;
pub use measure::measure;
pub(crate) use measure::measure_remote;
pub(crate) use remote::{Remote, check_bytes, remote, remote_image};
pub(crate) use steps::step_words;
pub use stream::Compression;
pub(crate) use waste::WasteKind;
