//! What was read, taken into the fleet, and what is wrong with it.

use std::collections::BTreeSet;

use super::closure::Closure;
use super::files::{Files, Found};
use super::lock::{Fault, Reader};
use super::stale::stale;
use crate::diagnostic::{Diagnostic, Location, Spot, code};
use crate::fleet::install::{Form, InstalledFile, in_folder};
use crate::fleet::model::{Fleet, Image, Origin};

/// Finds the path beside one that is missing which was most likely meant.
pub(crate) type Near<'a> = dyn FnMut(&str) -> Option<String> + 'a;

/// Takes what the files say into the fleet, and says what is missing, out of date or cannot be
/// built. Where there is no `near`, no sources are in this tree, and nothing is missing.
pub(crate) fn attach(
    fleet: &mut Fleet,
    files: &Files,
    near: Option<&mut Near<'_>>,
) -> Vec<Diagnostic> {
    let mut reader = Reader::of(files);
    let mut faults: Vec<(Origin, Fault)> = Vec::new();
    for image in &mut fleet.images {
        for installed in &mut image.install {
            if let Err(fault) = reader.take(installed, &image.python.value) {
                faults.push((installed.path.origin, fault));
            }
        }
    }
    fleet.files = reader.read;
    let mut found = near.map_or_else(Vec::new, |near| missing_files(fleet, files, near));
    found.extend(unbuilt_lines(files));
    found.extend(broken(fleet, files));
    found.extend(faults.into_iter().map(|(origin, fault)| {
        let location = fleet.value_at(origin);
        Diagnostic::new(fault.code, location, fault.message).with_help(fault.help)
    }));
    found.extend(stale(fleet, files));
    found
}

/// What cannot be built of the lines of requirement files.
fn unbuilt_lines(files: &Files) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (path, _) in files.texts() {
        let Some((_, file)) = files.requirements(path) else {
            continue;
        };
        for fault in &file.faults {
            let location = Location {
                file: path.to_owned(),
                spot: Spot::Bytes {
                    start: fault.start,
                    end: fault.start,
                },
            };
            let help = "name the folder with `install`, or what it installs with `pip`";
            let said = Diagnostic::new(&code::UNSUPPORTED_FILE, location, &*fault.value);
            found.push(said.with_help(help));
        }
    }
    found
}

/// The files that could not be read, each where it is named first.
fn broken(fleet: &Fleet, files: &Files) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (path, reason) in files.broken() {
        let mut installed = fleet.images.iter().flat_map(|image| &image.install);
        let named = installed.find(|one| one.reached.iter().any(|reached| reached == path));
        if let Some(named) = named {
            let location = fleet.value_at(named.path.origin);
            let message = format!("{path} cannot be read: {reason}");
            found.push(Diagnostic::new(&code::UNSUPPORTED_FILE, location, message));
        }
    }
    found
}

/// What is not there, each once.
fn missing_files(fleet: &Fleet, files: &Files, near: &mut Near<'_>) -> Vec<Diagnostic> {
    if !files.lacks_any() {
        return Vec::new();
    }
    let (mut found, mut told) = (Vec::new(), BTreeSet::new());
    for image in &fleet.images {
        for installed in &image.install {
            for path in needed(installed, files) {
                if files.is_missing(&path) && told.insert(path.clone()) {
                    let help = near(&path).map_or_else(
                        || "write the path from the folder of services.yaml on".to_owned(),
                        |meant| format!("did you mean {meant}?"),
                    );
                    found.push(missing(fleet, image, installed, &path).with_help(help));
                }
            }
        }
    }
    found
}

/// Everything that an item needs.
fn needed(installed: &InstalledFile, files: &Files) -> Vec<String> {
    let path = installed.path.value.as_str();
    let mut needed: Vec<String> = match installed.form {
        Form::Requirements => Closure::of(path, files)
            .paths()
            .map(str::to_owned)
            .collect(),
        Form::Project => vec![path.to_owned()],
        _ => installed.reached.clone(),
    };
    let is_uv = matches!(files.get(path), Some(Found::Uv(_)));
    let folders = installed
        .projects
        .iter()
        .map(|project| project.folder.as_str());
    needed.extend(folders.filter(|folder| !folder.is_empty()).map(|folder| {
        if is_uv {
            in_folder(folder, "pyproject.toml")
        } else {
            folder.to_owned()
        }
    }));
    needed
}

fn missing(fleet: &Fleet, image: &Image, installed: &InstalledFile, path: &str) -> Diagnostic {
    let location = fleet.value_at(installed.path.origin);
    let named = installed.path.value.as_str();
    let of = installed.set.map_or_else(
        || "`install`".to_owned(),
        |set| format!("the set `{}`", fleet.set(set).name),
    );
    let message = if path == named {
        format!("{path} not found ({of}, for {})", image.name)
    } else {
        format!(
            "{path} not found: {named} needs it ({of}, for {})",
            image.name
        )
    };
    Diagnostic::new(&code::MISSING_PATH, location, message)
}
