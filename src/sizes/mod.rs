//! How large images are, and because of what.
//!
//! [`Archive`] reads images as a stream of bytes, [`measure()`] makes a [`Ledger`] of them, and
//! [`attribute()`] adds which line of services.yaml made each layer. Nothing here opens a file.

mod archive;
mod attribute;
mod bounds;
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
pub use bounds::Budget;
pub(crate) use budget::judge;
pub use compare::{Comparison, compare};
pub(crate) use compare::{ImageChange, LayerChange, PackageChange, grown};
pub(crate) use error::Fault;
pub use error::SizesError;
pub use layer::read_layer;
pub(crate) use ledger::{Cause, Counted, Declared, Judged, LayerSizes, Package, Waste};
pub use ledger::{ImageSizes, Ledger};
pub(crate) use manifest::digest_text;
pub use measure::{measure, measure_remote};
pub(crate) use remote::check_bytes;
pub use remote::{Remote, remote, remote_image};
pub(crate) use steps::step_words;
pub use stream::Compression;
pub(crate) use waste::WasteKind;
