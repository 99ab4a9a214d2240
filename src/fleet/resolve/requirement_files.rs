//! Requirement files and wheels of the repository that an image installs.

use super::field::Findings;
use super::service::Layers;
use crate::declare::{OneOrMany, Text};
use crate::diagnostic::code;
use crate::fleet::install::{InstalledFile, is_wheel};
use crate::fleet::model::{Image, Origin, Sourced};
use crate::fleet::placeholder::Values;
use crate::values::RelPath;

/// How the names of files end that can be installed.
const ENDINGS: [&str; 3] = [".txt", ".in", ".whl"];

/// The files that a service names, or else those that it inherits, after sets that are files.
pub(super) fn install(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
    of_sets: Vec<InstalledFile>,
) -> Vec<InstalledFile> {
    match layers.pick("install", |decl| &decl.install) {
        Some(named) => files(findings, named, values, of_sets),
        None => of_sets,
    }
}

/// The files of a list, after others; each once.
pub(super) fn files(
    findings: &mut Findings<'_>,
    (field, list): (Origin, &OneOrMany<Text>),
    values: &Values<'_>,
    mut files: Vec<InstalledFile>,
) -> Vec<InstalledFile> {
    let is_single = list.single().is_some();
    for (at, text) in list.iter().enumerate() {
        let origin = if is_single { field } else { field.item(at) };
        let path = findings.filled_path(origin, text, values);
        let Some(path) = path.and_then(|path| file(findings, origin, &path)) else {
            continue;
        };
        if files.iter().all(|known| known.path.value != path.value) {
            files.push(InstalledFile::new(path, None));
        }
    }
    files
}

/// The requirement file that a set is.
pub(super) fn requirement_file(
    findings: &mut Findings<'_>,
    origin: Origin,
    text: &str,
) -> Option<Sourced<RelPath>> {
    let path = file(findings, origin, text)?;
    if is_wheel(path.value.as_str()) {
        let message = format!("the wheel {} is not a requirement file", path.value);
        let help = "name it under `install` of the images that need it".to_owned();
        findings.at_value_with_help(&code::UNSUPPORTED_FILE, origin, message, help);
        return None;
    }
    Some(path)
}

fn file(findings: &mut Findings<'_>, origin: Origin, text: &str) -> Option<Sourced<RelPath>> {
    let path = findings.value(origin, text, &code::INVALID_VALUE, RelPath::parse)?;
    let name = path.value.as_str();
    if !ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        let message = format!(
            "`{name}` cannot be installed: only requirement files (*.txt, *.in) and wheels can"
        );
        let help = format!("export one, such as {}", exported(name));
        findings.at_value_with_help(&code::UNSUPPORTED_FILE, origin, message, help);
        return None;
    }
    Some(path)
}

/// The command that makes a requirement file of another one.
fn exported(name: &str) -> &'static str {
    match name.rsplit('/').next() {
        Some("uv.lock" | "pyproject.toml") => "`uv export --no-dev -o requirements.txt`",
        Some("poetry.lock") => "`poetry export -o requirements.txt`",
        _ => "services/api/requirements.txt",
    }
}

/// Says which images are locked and install wheels of the repository, which no lock of ours covers.
pub(super) fn beside_locks(findings: &mut Findings<'_>, images: &[Image]) {
    for image in images.iter().filter(|image| image.locked.is_wanted()) {
        if let Some(file) = image.install.iter().find(|file| file.is_wheel()) {
            let message = format!(
                "the lock of `{}` does not cover {}: a lock holds what an index has",
                image.name, file.path.value
            );
            let help = "leave the image out of `locks.images`, or name its packages with `pip`";
            findings.at_value_with_help(
                &code::UNSUPPORTED_FILE,
                file.path.origin,
                message,
                help.to_owned(),
            );
        }
    }
}
