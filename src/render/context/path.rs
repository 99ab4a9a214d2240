//! Paths that templates print, with what decides them.

use std::borrow::Cow;

use serde::Serialize;

use crate::artifact::lies_in;
use crate::fleet::model::{Copy, Section, Service};
use crate::fleet::{Image, Origin, Role};
use crate::render::pen::{Pen, Printed};

pub(in crate::render) fn dockerfile_path(image: &Image) -> String {
    match &image.kept {
        Some(kept) => kept.path.value.to_string(),
        None => [&image.folder, "/Dockerfile"].concat(),
    }
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

/// One thing that an image copies.
#[derive(Debug, Serialize)]
pub(super) struct CopyContext<'a> {
    from: Printed<'a>,
    to: Printed<'a>,
    /// The mode of everything copied.
    mode: Printed<'a>,
    /// The image that it comes from; not there for the build context.
    #[serde(skip_serializing_if = "Option::is_none")]
    image: Option<Printed<'a>>,
}

/// The mode of sources: whatever the umask of a checkout was, the container's user can read them.
const SOURCE_MODE: &str = "0755";

/// What an image copies, in the order of how seldom it changes: from other images, shared folders,
/// its sources, and what is laid over them.
pub(super) fn copies<'a>(pen: &Pen, image: &'a Image) -> Vec<CopyContext<'a>> {
    let workdir = image.workdir.path();
    let declared = |copy: &'a Copy| CopyContext {
        from: pen.write(copy.from.as_str(), [copy.origin]),
        to: pen.write(copy.to.as_str(), [copy.origin]),
        mode: pen.write(copy.mode.as_str(), [copy.origin]),
        image: copy
            .image
            .as_deref()
            .map(|image| pen.write(image, [copy.origin])),
    };
    let split = image.copies.iter().take_while(|copy| copy.image.is_some());
    let (of_images, of_repository) = image.copies.split_at(split.count());
    let mut copies: Vec<CopyContext<'a>> = of_images.iter().map(declared).collect();
    let service = service(image);
    for shared in service.into_iter().flat_map(|service| &service.shared) {
        let path = shared.value.as_str();
        let to = landing(&["/app/", path].concat(), workdir, is_file(path));
        copies.push(CopyContext {
            from: pen.write(folder(path), [shared.origin]),
            to: pen.write(to, [shared.origin, image.workdir.origin]),
            mode: Printed::fixed(SOURCE_MODE),
            image: None,
        });
    }
    if let Some((service, source)) = service.and_then(|it| Some((it, it.source.as_ref()?))) {
        let to = landing(service.target.value.as_str(), workdir, false);
        let from = if source.value == "." {
            Cow::Borrowed(".")
        } else {
            Cow::Owned([&source.value, "/"].concat())
        };
        let origins = [source.origin, entry(image)];
        copies.push(CopyContext {
            from: pen.write(from, origins),
            to: pen.write(
                to,
                [service.target.origin, image.workdir.origin, entry(image)],
            ),
            mode: Printed::fixed(SOURCE_MODE),
            image: None,
        });
    }
    copies.extend(of_repository.iter().map(declared));
    copies
}

/// Whether a shared path is written as a file: its name has a suffix.
pub(super) fn is_file(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.trim_start_matches('.').contains('.')
}

fn folder(path: &str) -> Cow<'_, str> {
    if is_file(path) {
        Cow::Borrowed(path)
    } else {
        Cow::Owned([path, "/"].concat())
    }
}

/// A place in the image as a Dockerfile has it, short where it lies below the workdir.
fn landing(path: &str, workdir: Option<&str>, is_file: bool) -> String {
    let end = if is_file { "" } else { "/" };
    let below = workdir.and_then(|workdir| path.strip_prefix(workdir.trim_end_matches('/')));
    match below {
        Some("") => "./".to_owned(),
        Some(below) if below.starts_with('/') => [&below[1..], end].concat(),
        _ => [path.trim_end_matches('/'), end].concat(),
    }
}

/// What an image takes from the build context by name.
pub(super) fn taken<'a>(pen: &Pen, image: &'a Image) -> Vec<Printed<'a>> {
    let service = service(image);
    let shared = service.into_iter().flat_map(|service| &service.shared);
    let shared = shared.map(|shared| pen.write(shared.value.as_str(), [shared.origin]));
    let source = service.and_then(|service| service.source.as_ref());
    let source = source.map(|source| pen.write(source.value.as_str(), [source.origin]));
    let copies = image.copies.iter().filter(|copy| copy.image.is_none());
    let copies = copies.map(|copy| pen.write(copy.from.trim_end_matches('/'), [copy.origin]));
    let files = image.steps.iter();
    let files = files.flat_map(|step| step.files().map(|path| (path, step.origin)));
    let files = files.map(|(path, origin)| pen.write(path.as_str(), [origin]));
    let mut all: Vec<Printed<'a>> = shared.chain(source).chain(copies).collect();
    for file in files {
        // What is copied is there already.
        if all.iter().all(|known| !lies_in(file.text(), known.text())) {
            all.push(file);
        }
    }
    all
}

/// The service that an image is; nothing for a base.
pub(super) fn service(image: &Image) -> Option<&Service> {
    if let Role::Service(service) = &image.role {
        Some(service)
    } else {
        None
    }
}
