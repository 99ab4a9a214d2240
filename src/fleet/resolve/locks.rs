//! Which images are locked, and where.

use std::collections::BTreeMap;

use super::field::Findings;
use crate::artifact::lies_in;
use crate::declare::FleetDecl;
use crate::diagnostic::code;
use crate::fleet::ImageId;
use crate::fleet::install::Form;
use crate::fleet::layout::Layout;
use crate::fleet::lock::Locked;
use crate::fleet::model::{Image, Origin, Section, Sourced};
use crate::values::RelPath;

/// The folder where none is named.
const FOLDER: &str = "locks";

/// Marks the images that are to have a lock: those named or all, with the bases below them, as far
/// as they install anything.
pub(super) fn resolve(
    findings: &mut Findings,
    decl: &FleetDecl,
    layout: &Layout,
    images: &mut [Image],
) -> Option<Sourced<RelPath>> {
    let locks = decl.locks.as_deref()?;
    let field = if locks.folder.is_some() && locks.images.is_none() {
        "locks"
    } else {
        "locks.folder"
    };
    let text = locks
        .folder
        .as_deref()
        .unwrap_or(FOLDER)
        .trim_end_matches('/');
    let folder = findings.value(
        Origin::field(Section::Fleet, field),
        text,
        &code::INVALID_VALUE,
        RelPath::parse,
    )?;
    findings.refuse_hidden(&folder, "locks", "locks: locks");
    check_folder(findings, layout, &folder);
    let mut wanted = named(findings, locks.images.as_deref(), images);
    for id in ImageId::all(images.len()).rev() {
        if wanted[id]
            && let Some(below) = images[id].base()
        {
            wanted[below] = true;
        }
    }
    for (image, wanted) in images.iter_mut().zip(wanted) {
        if wanted && installs(image) {
            image.locked = Locked::Missing;
        }
    }
    Some(folder)
}

/// Whether an image installs anything that a lock can hold.
fn installs(image: &Image) -> bool {
    let mut installed = image.install.iter();
    let has_files = installed.any(|file| file.form == Form::Requirements);
    !image.pip.is_empty() || !image.sets.is_empty() || has_files
}

/// By image, whether it is named; without a list every one is.
fn named(
    findings: &mut Findings,
    names: Option<&[crate::declare::Text]>,
    images: &[Image],
) -> Vec<bool> {
    let Some(names) = names else {
        return vec![true; images.len()];
    };
    let mut wanted = vec![false; images.len()];
    let ids: BTreeMap<&str, ImageId> = ImageId::all(images.len())
        .rev()
        .map(|id| (images[id].name.as_str(), id))
        .collect();
    for (item, name) in names.iter().enumerate() {
        if let Some(id) = ids.get(&**name) {
            wanted[*id] = true;
        } else {
            let origin = Origin::field(Section::Fleet, "locks.images").item(item);
            let known = images.iter().map(|image| image.name.as_str());
            findings.unknown(&code::UNKNOWN_LOCKED_IMAGE, origin, "image", name, known);
        }
    }
    wanted
}

/// Locks are inputs: a folder of generated files would be cleared of them, or take them for its
/// own.
fn check_folder(findings: &mut Findings, layout: &Layout, folder: &Sourced<RelPath>) {
    let path = folder.value.as_str();
    let taken = layout.output_folders().into_iter().find(|output| {
        let is_inside = lies_in(path, output) && layout.is_dedicated(output);
        is_inside || (!output.is_empty() && lies_in(output, path))
    });
    if let Some(output) = taken {
        let message = format!(
            "the folder {path} of locks and the folder {output} of generated files overlap"
        );
        let help = "use a separate folder for locks, such as `locks: locks`".to_owned();
        findings.at_value_with_help(&code::INVALID_LAYOUT, folder.origin, message, help);
    }
}
