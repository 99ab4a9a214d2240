//! Requirement files and wheels of the repository that a service installs.

use super::field::Findings;
use super::service::Layers;
use crate::diagnostic::code;
use crate::fleet::model::{Image, InstalledFile, Origin};
use crate::fleet::placeholder::Values;
use crate::values::RelPath;

/// How the names of files end that can be installed.
const ENDINGS: [&str; 3] = [".txt", ".in", ".whl"];

/// The files that a service names, or else those that it inherits.
pub(super) fn install(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    values: &Values<'_>,
) -> Vec<InstalledFile> {
    let Some((field, list)) = layers.pick("install", |decl| &decl.install) else {
        return Vec::new();
    };
    let is_single = list.single().is_some();
    let mut files: Vec<InstalledFile> = Vec::new();
    for (at, text) in list.iter().enumerate() {
        let origin = if is_single { field } else { field.item(at) };
        let read = file(findings, origin, text, values);
        let is_new = |read: &InstalledFile| {
            let mut known = files.iter();
            known.all(|known| known.path.value != read.path.value)
        };
        files.extend(read.filter(is_new));
    }
    files
}

fn file(
    findings: &mut Findings<'_>,
    origin: Origin,
    text: &str,
    values: &Values<'_>,
) -> Option<InstalledFile> {
    let path = findings.filled_path(origin, text, values)?;
    let path = findings.value(origin, &path, &code::INVALID_VALUE, RelPath::parse)?;
    let name = path.value.as_str();
    if !ENDINGS.iter().any(|ending| name.ends_with(ending)) {
        let message = format!(
            "`{name}` cannot be installed: only requirement files (*.txt, *.in) and wheels can"
        );
        let help = format!("export one, such as {}", exported(name));
        findings.at_value_with_help(&code::UNSUPPORTED_FILE, origin, message, help);
        return None;
    }
    Some(InstalledFile {
        reached: vec![name.to_owned()],
        path,
    })
}

/// The command that makes a requirement file of another one.
fn exported(name: &str) -> &'static str {
    match name.rsplit('/').next() {
        Some("uv.lock" | "pyproject.toml") => "`uv export --no-dev -o requirements.txt`",
        Some("poetry.lock") => "`poetry export -o requirements.txt`",
        _ => "services/api/requirements.txt",
    }
}

/// Says which images are locked and install files that no lock of ours covers.
pub(super) fn beside_locks(findings: &mut Findings<'_>, images: &[Image]) {
    for image in images.iter().filter(|image| image.locked.is_wanted()) {
        if let Some(file) = image.install.first() {
            let message = format!(
                "the lock of `{}` does not cover {}: an image installs from a lock or from files",
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
