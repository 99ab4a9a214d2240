//! Dockerfiles that persons keep: read into the fleet, with what is wrong with them.

use camino::Utf8Path;

use super::error::Error;
use super::inputs::Inputs;
use super::sources::Sources;
use crate::diagnostic::{Diagnostic, code, did_you_mean};
use crate::dockerfile::{Instruction, Segment, named_images, segment};
use crate::fleet::kept::{IgnoreFile, KeptDockerfile};
use crate::fleet::model::{Parent, Variable};
use crate::fleet::{Fleet, Image, Origin};

/// The longest Dockerfile that is read, in bytes, as of generated ones.
const DOCKERFILE_LIMIT: u64 = 1024 * 1024;

/// Reads what the fleet's kept Dockerfiles and their ignore files say, and gives what is wrong.
///
/// # Errors
/// One of them cannot be read, or is over the limit.
pub(super) fn read_kept(
    inputs: &dyn Inputs,
    fleet: Option<&mut Fleet>,
    sources: &mut Sources,
) -> Result<Vec<Diagnostic>, Error> {
    let mut found = Vec::new();
    let Some(fleet) = fleet.filter(|fleet| fleet.kept().next().is_some()) else {
        return Ok(found);
    };
    let mut images = std::mem::take(&mut fleet.images);
    for image in &mut images {
        let Some(kept) = image.kept.as_deref_mut() else {
            continue;
        };
        let path = kept.path.value.as_str();
        let Some(bytes) = inputs.text(Utf8Path::new(path), DOCKERFILE_LIMIT)? else {
            let message = format!("{path} not found, the Dockerfile of `{}`", image.name);
            let at = fleet.value_at(kept.path.origin);
            found.push(Diagnostic::new(&code::MISSING_PATH, at, message));
            continue;
        };
        sources.add_withheld(path, &bytes);
        kept.text = String::from_utf8(bytes).ok();
        kept.ignore = ignore(inputs, kept)?;
        image.parent = Parent::Kept(last_from(kept));
        found.extend(unknown_arguments(fleet, image));
    }
    fleet.images = images;
    Ok(found)
}

/// The ignore file that wins, where there is one.
fn ignore(inputs: &dyn Inputs, kept: &KeptDockerfile) -> Result<Option<IgnoreFile>, Error> {
    for path in kept.ignore_paths() {
        if let Some(bytes) = inputs.text(Utf8Path::new(&path), DOCKERFILE_LIMIT)? {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            return Ok(Some(IgnoreFile { path, text }));
        }
    }
    Ok(None)
}

/// What the last FROM names.
fn last_from(kept: &KeptDockerfile) -> String {
    let segments = segment(kept.text.as_deref().unwrap_or_default());
    let instructions = segments.iter().filter_map(Segment::instruction);
    let mut instructions = instructions;
    let from = instructions.rfind(|one| one.keyword() == "FROM");
    let words = from.and_then(Instruction::values);
    let word = words.and_then(|words| words.into_iter().next());
    // A variable is filled in where the names of images are looked for.
    let named = named_images(&segments);
    match word {
        Some(word) if word.contains('$') => {
            named.last().map_or(word, |last| last.reference.clone())
        }
        word => word.unwrap_or_default(),
    }
}

/// Arguments that the Dockerfile does not declare: the builder would only warn of them.
fn unknown_arguments(fleet: &Fleet, image: &Image) -> Vec<Diagnostic> {
    let kept = image.kept.as_deref().filter(|_| !image.args.is_empty());
    let Some((kept, text)) = kept.and_then(|kept| Some((kept, kept.text.as_deref()?))) else {
        return Vec::new();
    };
    let segments = segment(text);
    let instructions = segments.iter().filter_map(Segment::instruction);
    let pairs = instructions
        .filter(|one| one.keyword() == "ARG")
        .filter_map(Instruction::key_values)
        .flatten();
    let known: Vec<String> = pairs.map(|pair| pair.name).collect();
    let unknown = image
        .args
        .iter()
        .filter(|(key, _)| !known.iter().any(|one| one == key.as_str()));
    unknown
        .map(|(key, value): &Variable| {
            unknown_argument(fleet, kept, (key.as_str(), value.origin), &known)
        })
        .collect()
}

fn unknown_argument(
    fleet: &Fleet,
    kept: &KeptDockerfile,
    (key, origin): (&str, Origin),
    known: &[String],
) -> Diagnostic {
    let message = format!(
        "`{key}` has no effect: {} has no `ARG {key}`",
        kept.path.value
    );
    let found = Diagnostic::new(&code::FIELD_WITHOUT_EFFECT, fleet.key_at(origin), message);
    match did_you_mean(key, known.iter().map(String::as_str)) {
        Some(meant) => found.with_help(format!("did you mean `{meant}`?")),
        None => found.with_help(format!("delete `{key}`")),
    }
}
