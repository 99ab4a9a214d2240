//! Paths that templates print, with what decides them.

use crate::fleet::model::{Section, Service};
use crate::fleet::{Fleet, Image, Origin, Role};
use crate::render::pen::{Pen, Printed};

pub(in crate::render) fn dockerfile_path(image: &Image) -> String {
    [&image.folder, "/Dockerfile"].concat()
}

pub(in crate::render) fn requirements_path(image: &Image) -> String {
    [&image.folder, "/requirements.txt"].concat()
}

pub(in crate::render) fn constraints_path(image: &Image) -> String {
    [&image.folder, "/constraints.txt"].concat()
}

/// The entry of an image: what its name decides was declared there.
pub(super) fn entry(image: &Image) -> Origin {
    Origin::field(image.section, "")
}

/// The path of a generated file, which the layout and the image's name decide.
pub(super) fn generated<'a>(pen: &Pen, image: &Image, path: String) -> Printed<'a> {
    let pattern = if image.version().is_some() {
        "layout.bases"
    } else {
        "layout.services"
    };
    pen.write(path, [Origin::field(Section::Fleet, pattern), entry(image)])
}

/// The folders that an image copies, shared ones first since they change less often than the
/// service's own.
pub(super) fn copies<'a>(
    pen: &Pen,
    fleet: &'a Fleet,
    image: &Image,
    service: &'a Service,
) -> Vec<Printed<'a>> {
    let shared = fleet
        .shared
        .iter()
        .map(|folder| pen.write(folder.value.as_str(), [folder.origin]));
    let own = pen.write(service.source.as_str(), [source_pattern(), entry(image)]);
    shared.chain(std::iter::once(own)).collect()
}

/// The pattern of the folders of sources.
fn source_pattern() -> Origin {
    Origin::field(Section::Fleet, "layout.source")
}

/// The service that an image is; nothing for a base.
pub(super) fn service(image: &Image) -> Option<&Service> {
    if let Role::Service(service) = &image.role {
        Some(service)
    } else {
        None
    }
}
