//! What registries have under a tag, asked through a program that is there.

use camino::Utf8Path;

use crate::images::digest::{Manifest, Tool, read_manifest};
use crate::values::Registry;
use crate::values::image_reference::ImageReference;
use crate::workspace::program::{Argv, capture, works};

/// Whether a program that can ask is there.
#[must_use]
pub(crate) fn is_there(tool: Tool) -> bool {
    argv(tool.probe()).is_some_and(|argv| works(&argv))
}

fn argv<'a, T: AsRef<str>>(words: &'a [T]) -> Option<Argv> {
    let (program, arguments) = words.split_first()?;
    Some(Argv::new(
        program.as_ref(),
        arguments
            .iter()
            .map(AsRef::as_ref)
            .collect::<Vec<&'a str>>(),
    ))
}

/// What the registry has under a tag.
///
/// # Errors
/// Why that is not known.
pub(crate) fn ask(
    tool: Tool,
    reference: &ImageReference,
    insecure: &[Registry],
) -> Result<Manifest, String> {
    let told = |reason: &dyn std::fmt::Display| format!("{reference}: {reason}");
    let words = tool
        .words(reference, insecure)
        .map_err(|error| told(&error))?;
    let argv = argv(&words).ok_or_else(String::new)?;
    let printed = capture(&argv, Utf8Path::new(""), "", &[]).map_err(|error| told(&error))?;
    read_manifest(&printed).map_err(|error| told(&error))
}
