//! Where values of these files are declared.

use crate::fleet::model::Section;
use crate::fleet::{Image, Origin};

/// The entry of an image.
pub(super) fn entry(image: &Image) -> Origin {
    Origin::field(image.section, "")
}

/// A field of `outputs`.
pub(super) fn output(field: &'static str) -> Origin {
    Origin::field(Section::Fleet, field)
}
